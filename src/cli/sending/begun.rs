//! A run in the ledger, from its beginning to its end.

use std::cell::OnceCell;

use jiff::Timestamp;

use super::deliver::{Course, deliver};
use super::{Outcome, Rest};
use crate::cli::announce::Announcer;
use crate::cli::books;
use crate::cli::count::messages;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::config::messages::OnUnknown;
use crate::delivery::Halt;
use crate::domain::key::Key;
use crate::ledger::{self, CancelledBy, Desk, Ledger, Planned, Recovered, RunId, Unknowns};

/// A run that has begun and not ended.
pub struct Begun {
    desk: Desk,
    id: RunId,
    /// What dead runs had left.
    recovered: Recovered,
    policy: Unknowns,
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
    /// How what stays queued gets on its way.
    pub rest: Rest,
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
        let recovered = desk.call(move |ledger| ledger.recover(now, policy)).await?;
        Ok(Self { desk, id, recovered, policy, announcer: OnceCell::new() })
    }

    /// The ledger.
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The run's id.
    pub fn id(&self) -> String {
        self.id.0.to_string()
    }

    /// How many messages of earlier runs turned out to wait for a person as this run began.
    pub const fn waiting(&self) -> u64 {
        self.recovered.unknown.waiting(self.policy)
    }

    /// What the run has come to before it has sent anything.
    pub fn so_far(&self) -> Outcome {
        Outcome::default().found(self.waiting())
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
        let left = self.desk.call(Ledger::left).await?;
        let taken = self.desk.call(move |ledger| ledger.taken_by_others(&planned)).await?;
        let outcome = Outcome::of(tally, left, self.policy, job.rest);
        let mut outcome = outcome.found(self.waiting());
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
/// on the way out; what it found waiting for a person is said, since no later run finds it again.
pub async fn abandon(run: Option<Begun>, error: CommandError) -> CommandError {
    let Some(run) = run else { return error };
    let _ = run.desk.call(Ledger::abandon_run).await;
    match run.waiting() {
        0 => error,
        left => error.hint(format!(
            "Besides, nobody knows whether {} of an earlier run arrived: see `wxremind log list --state unknown`.",
            messages(left)
        )),
    }
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
