//! What the ledger knows that a plan must weigh.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::Timestamp;

use crate::domain::appointment::Start;
use crate::domain::key::{Key, mark};
use crate::domain::state::State;

/// A reminder that an earlier run left `queued` or `unknown`: its visit is looked for in the source, wherever it lies.
#[derive(Clone)]
pub struct Pending {
    /// The message's row in the ledger.
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
    /// The hospital's number for the patient, where it was known.
    pub patient_id: Option<Box<str>>,
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The earliest instant the visit can begin.
    pub visit_at: Timestamp,
    /// When the visit starts, as it was planned.
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
    /// The message's row in the ledger.
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

impl Known {
    /// The highest copy of any reminder: beyond it none needs to be looked for.
    pub(super) fn highest_copy(&self) -> u32 {
        self.reminders.values().map(|existing| existing.copy).max().unwrap_or(0)
    }
}

/// The mark under which [`Known::reminded`] holds an appointment id.
pub fn visit_mark(appointment_id: &str) -> [u8; 32] {
    mark("visit", &[appointment_id])
}
