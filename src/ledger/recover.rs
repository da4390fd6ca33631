//! What dead runs left behind: orphans, and messages whose time has passed.

use jiff::{SignedDuration, Timestamp};

use super::db::Db;
use super::doubt::InDoubt;
use super::outbox::Outbox;
use super::pace::Pace;
use super::{Error, Ledger, lock, receipt, run};
use crate::domain::message::Kind;

/// How long after its first committed intent a message is repeated under the same `client_msg_id`. WeChat recognises a
/// repetition for ten minutes (`/cgi-bin/message/template/send`); two are left for slow answers.
pub(super) const REPEAT: SignedDuration = SignedDuration::from_mins(8);

/// Which messages of unknown outcome may be sent again without a person's word (design: a second reminder is a
/// nuisance and a missed visit a harm, so reminders are; prescriptions wait).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknowns {
    /// Reminders are sent again.
    pub resend_reminders: bool,
    /// Prescriptions are sent again.
    pub resend_prescriptions: bool,
}

impl Default for Unknowns {
    fn default() -> Self {
        Self { resend_reminders: true, resend_prescriptions: false }
    }
}

impl Unknowns {
    /// Whether a message of this kind may be sent again. A test never is, nor what another program asked for.
    pub const fn allows(self, kind: Kind) -> bool {
        match kind {
            Kind::Reminder => self.resend_reminders,
            Kind::Prescription => self.resend_prescriptions,
            // Whoever asked for it looks at what became of it and decides.
            Kind::Connector | Kind::Test => false,
        }
    }
}

/// What a recovery found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that died without a word.
    pub dead_runs: u64,
    /// Orphans young enough to be tried again under the same `client_msg_id`.
    pub requeued: u64,
    /// Messages whose outcome can no longer be known.
    pub unknown: InDoubt,
    /// Messages whose visit began before they could be sent.
    pub expired: u64,
}

impl Ledger {
    /// Settles what dead runs of this run's account left, and what `now` (the clinic's, maybe pretended) is too late for.
    ///
    /// `policy` holds for the run: [`Ledger::confirm`] sends nothing of unknown outcome again that it does not allow.
    pub fn recover(&mut self, now: Timestamp, policy: Unknowns) -> Result<Recovered, Error> {
        let (mine, keep, outbox) = (self.current()?, self.settings.keep_content, self.outbox());
        let (db, account) = (&self.db, mine.account.as_str());
        let (swept, mut found) = db.transaction(|| {
            let clock = Pace::hold(db, account)?.now()?;
            let swept = run::sweep(db, account, mine.id)?;
            let mut found = orphans(db, outbox, account, clock)?;
            let retired = retire(db, outbox, account, now, clock, keep)?;
            found.unknown += retired.unknown;
            found.expired += retired.expired;
            receipt::rematch(db, outbox, account, keep, clock)?;
            Ok((swept, found))
        })?;
        let peers = run::peers(db, &mine.peers, &swept)?;
        found.dead_runs = mine.found_dead + swept.dead.len() as u64;
        lock::forget(db, &swept.dead);
        if let Some(mine) = &mut self.run {
            mine.peers = peers;
            mine.policy = policy;
            mine.found_dead = 0;
        }
        Ok(found)
    }
}

/// Puts back what runs that have ended left in flight, if it may still be repeated at `clock`, which is the database's;
/// else its outcome cannot be known.
pub(super) fn orphans(
    db: &Db,
    outbox: Outbox,
    account: &str,
    clock: Timestamp,
) -> Result<Recovered, Error> {
    let of_ended = "state = 'sending' AND account = $1 AND run IN (SELECT id FROM run WHERE ended_at IS NOT NULL)";
    let back = format!(
        "UPDATE message SET state = 'queued', not_before = NULL
         WHERE {of_ended} AND intent_at > $2 AND intent_at <= $3"
    );
    let requeued = db.execute(&back, &[account.into(), (clock - REPEAT).into(), clock.into()])?;
    let lost = format!("UPDATE message SET state = 'unknown', settled_at = $2 WHERE {of_ended}");
    let unknown = outbox.doubt(db, &lost, &[account.into(), clock.into()])?;
    Ok(Recovered { requeued, unknown, ..Recovered::default() })
}

/// Takes out of the queue what is too late to be sent, or to be repeated.
fn retire(
    db: &Db,
    outbox: Outbox,
    account: &str,
    now: Timestamp,
    clock: Timestamp,
    keep: bool,
) -> Result<Recovered, Error> {
    let sql = "UPDATE message SET state = 'unknown', settled_at = $4
        WHERE state = 'queued' AND account = $1 AND intent_at IS NOT NULL
          AND (intent_at <= $2 OR intent_at > $4 OR not_after <= $3)";
    let oldest = clock - REPEAT;
    let unknown =
        outbox.doubt(db, sql, &[account.into(), oldest.into(), now.into(), clock.into()])?;
    let sql = "UPDATE message SET state = 'expired', settled_at = $3, not_before = NULL,
          content = CASE WHEN $4 = 1 THEN content END
        WHERE state = 'queued' AND account = $1 AND intent_at IS NULL AND not_after <= $2";
    let expired = db.execute(sql, &[account.into(), now.into(), clock.into(), keep.into()])?;
    Ok(Recovered { unknown, expired, ..Recovered::default() })
}

/// Whether an intent of this age may be repeated. A negative age means that a clock was moved: then nothing is sure.
pub(super) fn may_repeat(age: SignedDuration) -> bool {
    age >= SignedDuration::ZERO && age < REPEAT
}
