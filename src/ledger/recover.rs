//! What dead runs left behind: orphans, and messages whose time has passed.

use jiff::Timestamp;

use super::{Error, Ledger};

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

/// What a recovery found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that died without a word.
    pub dead_runs: u64,
    /// Orphans young enough to be tried again under the same `client_msg_id`.
    pub requeued: u64,
    /// Messages whose outcome can no longer be known.
    pub unknown: u64,
    /// Messages whose visit began before they could be sent.
    pub expired: u64,
}

impl Ledger {
    /// Settles what dead runs of this run's account left, and what `now` (the clinic's, maybe pretended) is too late for.
    pub fn recover(&mut self, _now: Timestamp, _policy: Unknowns) -> Result<Recovered, Error> {
        Err(Error::NoRun)
    }
}
