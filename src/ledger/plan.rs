//! What a plan asks before it decides: what is pending, and what has been sent already.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, Ledger};
use crate::domain::appointment::Start;
use crate::domain::key::Key;
use crate::domain::state::State;

/// A reminder that an earlier run left `queued` or `unknown`.
#[derive(Clone)]
pub struct Pending {
    /// The message's row.
    pub message: i64,
    /// Its key.
    pub key: Key,
    /// `Queued` or `Unknown`.
    pub state: State,
    /// How many days ahead its stage is.
    pub stage: u16,
    /// Which copy it is.
    pub copy: u32,
    /// The recipient.
    pub openid: Box<str>,
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The earliest instant the visit can begin.
    pub visit_at: Timestamp,
    /// When the visit starts, as stored.
    pub start: Start,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("key", &self.key)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What the ledger knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// The message's row.
    pub message: i64,
    /// Where it stands.
    pub state: State,
    /// Which copy it is.
    pub copy: u32,
    /// The mark of its template and content; none once it was erased.
    pub content_hash: Option<[u8; 32]>,
    /// When it settled, by the database's clock.
    pub settled_at: Option<Timestamp>,
    /// Whether the source called it off (and may allow it again), not a person.
    pub cancelled_by_source: bool,
}

/// What the ledger knows of a stretch of visits.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Every reminder, by key.
    pub reminders: HashMap<Key, Existing>,
    /// The visits that have a reminder on its way or sent: [`visit_mark`] of the appointment id, and `visit_at`.
    pub reminded: HashSet<([u8; 32], Timestamp)>,
}

/// One use of a prescription reference.
#[derive(Clone)]
pub struct ReferenceUse {
    /// The message that carried it.
    pub message_id: Uuid,
    /// Whom it went to.
    pub openid: Box<str>,
    /// Where the message stands.
    pub state: State,
    /// When it was first tried, else when it was queued, by the database's clock.
    pub at: Timestamp,
    /// Which copy it is.
    pub copy: u32,
}

impl fmt::Debug for ReferenceUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReferenceUse")
            .field("message_id", &self.message_id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The mark under which [`Known::reminded`] holds an appointment id.
pub fn visit_mark(appointment_id: &str) -> [u8; 32] {
    crate::domain::key::mark("visit", &[appointment_id])
}

impl Ledger {
    /// The account's reminders still `queued` or `unknown`, nearest visit first; past visits too.
    pub fn pending(&mut self) -> Result<Vec<Pending>, Error> {
        Err(Error::NoRun)
    }

    /// What is known of the account's reminders for visits from `from` on, and before `to`.
    pub fn known(&mut self, _from: Timestamp, _to: Timestamp) -> Result<Known, Error> {
        Err(Error::NoRun)
    }

    /// What is known of these prescription keys; keys never seen are absent.
    pub fn known_prescription(&mut self, _keys: &[Key]) -> Result<HashMap<Key, Existing>, Error> {
        Err(Error::NoRun)
    }

    /// Every use of a prescription reference, newest first, by the hash that [`crate::domain::message::ReferenceMark`] holds.
    pub fn reference_uses(&mut self, _hash: &[u8; 32]) -> Result<Vec<ReferenceUse>, Error> {
        Err(Error::NoRun)
    }
}
