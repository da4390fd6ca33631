//! A run in the ledger, from its beginning to its end.

use std::cell::OnceCell;

use jiff::Timestamp;

use super::Outcome;
use super::deliver::{Course, deliver};
use crate::cli::announce::Announcer;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::config::messages::OnUnknown;
use crate::delivery::Halt;
use crate::domain::key::Key;
use crate::ledger::{self, CancelledBy, Desk, Ledger, Planned, RunId, Unknowns};

/// A run that has begun and not ended.
pub struct Begun {
    desk: Desk,
    id: RunId,
    /// Tells others, from the first message on.
    announcer: OnceCell<Option<Announcer>>,
}

/// What a run is to do.
#[derive(Default)]
pub struct Job {
    /// How many messages are to be sent, for the progress bar.
    pub messages: u64,
    /// The messages that it planned itself.
    pub planned: Planned,
    /// Whether an unknown outcome waits for a person.
    pub waits: bool,
    /// When the quiet hours begin.
    pub until: Option<Timestamp>,
    /// Whether what could not be sent is called off instead of left for the next run.
    pub now_or_never: bool,
}

impl Begun {
    /// Begins a run where there is a ledger already, and settles what dead runs left; a first run waits for its plan,
    /// so that one that is refused leaves not even a file.
    pub async fn on_existing(
        session: &Session,
        verb: &'static str,
    ) -> Result<Option<Self>, CommandError> {
        if books::look(&session.config)?.is_none() {
            return Ok(None);
        }
        Self::new(session, verb).await.map(Some)
    }

    /// Begins a run, on a new ledger where there is none.
    pub async fn new(session: &Session, verb: &'static str) -> Result<Self, CommandError> {
        let desk = books::open(&session.config)?;
        let id = books::begin(&desk, &session.account.app_id, verb).await?;
        let (now, policy) = (session.clock.now(), unknowns(&session.config));
        desk.call(move |ledger| ledger.recover(now, policy)).await?;
        Ok(Self { desk, id, announcer: OnceCell::new() })
    }

    /// The ledger.
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The run's id.
    pub fn id(&self) -> String {
        self.id.0.to_string()
    }

    /// Sends what the run may claim.
    pub async fn deliver(
        &self,
        ui: &Ui,
        session: &Session,
        client: &wechat::Client,
        job: Job,
    ) -> Result<Outcome, CommandError> {
        self.announcer.get_or_init(|| Announcer::start(session));
        let course = Course {
            desk: &self.desk,
            client,
            send: &session.config.send,
            clock: &session.clock,
            messages: job.messages,
            until: job.until,
        };
        let mut tally = deliver(ui, &course).await?;
        // An interrupted run is soon followed by another, which repeats them under the same client_msg_id.
        if !matches!(tally.halt, Some(Halt::Interrupted)) {
            let doubts = self.desk.call(Ledger::doubt).await?;
            tally.unknown += doubts.unknown;
            tally.accepted += doubts.resolved;
        }
        let planned = job.planned;
        if job.now_or_never {
            let keys: Vec<_> = planned.keys.iter().copied().collect();
            self.desk.call(move |ledger| call_off(ledger, &keys)).await?;
        }
        let left = self.desk.call(Ledger::left_queued).await?;
        let taken = self.desk.call(move |ledger| ledger.taken_by_others(&planned)).await?;
        let mut outcome = Outcome::of(tally, left, job.waits);
        outcome.sent_by_others = taken;
        Ok(outcome)
    }

    /// Ends the run, and gives what others are to be told a moment to get there.
    pub async fn end(
        self,
        ui: &mut Ui,
        session: &Session,
        outcome: &Outcome,
        exit: Exit,
    ) -> Result<(), CommandError> {
        let end = outcome.run_end(exit);
        self.desk.call(move |ledger| ledger.finish_run(&end)).await?;
        let announcer = self.announcer.into_inner();
        if let Some(announcer) = announcer.unwrap_or_else(|| Announcer::start(session)) {
            announcer.finish(ui).await;
        }
        Ok(())
    }
}

/// Ends a run that is refused before anything was queued, as if it had never begun. Its own error matters more than one
/// on the way out.
pub async fn abandon(run: Option<Begun>, error: CommandError) -> CommandError {
    if let Some(run) = run {
        let _ = run.desk.call(Ledger::abandon_run).await;
    }
    error
}

/// Calls off what of these messages without a visit is still queued.
fn call_off(ledger: &mut Ledger, keys: &[Key]) -> Result<(), ledger::Error> {
    let known = ledger.known_prescription(keys)?;
    let rows: Vec<i64> = known.values().map(|existing| existing.message).collect();
    ledger.cancel(&rows, CancelledBy::Source).map(drop)
}

/// What may be sent again without a person's word, by the settings.
pub fn unknowns(config: &Config) -> Unknowns {
    Unknowns {
        resend_reminders: config.remind.on_unknown == OnUnknown::Resend,
        resend_prescriptions: config.prescribe.on_unknown == OnUnknown::Resend,
    }
}
