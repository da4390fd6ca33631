//! What the ledger knows that a plan must weigh.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::appointment::Start;
use crate::domain::key::{Key, mark};
use crate::domain::state::State;

/// A message of an earlier run that still waits: its visit is looked for in the source, wherever it lies.
#[derive(Clone)]
pub struct Pending {
    /// The ledger's number of the message.
    pub message: i64,
    /// Its key.
    pub key: Key,
    /// `queued` or `unknown`.
    pub state: State,
    /// Its stage.
    pub stage: u16,
    /// Which copy it is.
    pub copy: u32,
    /// Its recipient.
    pub openid: Box<str>,
    /// The visit's number.
    pub appointment_id: Box<str>,
    /// The visit's start as it was planned.
    pub start: Start,
}

/// A message already in the ledger.
#[derive(Clone, Debug)]
pub struct Existing {
    /// The ledger's number of the message.
    pub message: i64,
    /// Where it stands.
    pub state: State,
    /// The mark of its template and content.
    pub content_hash: [u8; 32],
    /// Whether it was the source that called it off, not a person.
    pub cancelled_by_source: bool,
}

/// The reminders that the ledger has for the days of a plan.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By key.
    pub messages: HashMap<Key, Existing>,
    /// The visits that have had any reminder, of whatever stage: [`Known::visit`] marks.
    pub reminded: HashSet<[u8; 32]>,
}

impl Known {
    /// The mark of a visit, whoever is reminded of it.
    pub fn visit(appointment_id: &str, begins: Option<Timestamp>) -> [u8; 32] {
        let begins = begins.map_or_else(String::new, |at| at.as_second().to_string());
        mark("visit", &[appointment_id, &begins])
    }
}
