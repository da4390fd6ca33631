//! Forgetting: after a while, and on request.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;

use super::{Error, Ledger};
use crate::domain::key;

/// What a purge did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Messages of past visits (and prescriptions), gone whole.
    pub deleted: u64,
    /// Messages of visits ahead, of which key and state stay.
    pub erased: u64,
}

/// Whom to forget.
#[derive(Clone)]
pub struct Who {
    /// The account's app id.
    pub account: Box<str>,
    /// By which id.
    pub identity: Identity,
}

/// An id of a patient.
#[derive(Clone)]
pub enum Identity {
    /// The id on the Official Account.
    Openid(Box<str>),
    /// The hospital's own number.
    Patient(Box<str>),
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Who").finish_non_exhaustive()
    }
}

impl Who {
    /// The mark under which the do-not-send list holds this id.
    pub fn opt_out_mark(&self) -> [u8; 32] {
        let (label, value) = match &self.identity {
            Identity::Openid(value) => ("openid", value),
            Identity::Patient(value) => ("patient", value),
        };
        key::mark("opt-out", &[&self.account, label, value])
    }
}

/// What forgetting a patient did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Messages gone whole.
    pub deleted: u64,
    /// Messages of visits ahead, of which key and state stay.
    pub erased: u64,
    /// Messages in flight, which could not be touched: forget again when the run has ended.
    pub in_flight: u64,
}

impl Ledger {
    /// Erases what settled before `before`: of visits past at `now` (and of prescriptions) everything, of visits ahead all but key and state.
    pub fn purge(&mut self, _before: Timestamp, _now: Timestamp) -> Result<Purged, Error> {
        Err(Error::NoRun)
    }

    /// Erases a patient's messages, calls off those still queued, and puts the patient on the do-not-send list as a hash.
    pub fn forget(&mut self, _who: &Who, _actor: &str) -> Result<Forgotten, Error> {
        Err(Error::NoRun)
    }

    /// The do-not-send list: [`Who::opt_out_mark`] of everyone on it.
    pub fn opted_out(&mut self) -> Result<HashSet<[u8; 32]>, Error> {
        Err(Error::NoRun)
    }
}
