//! The plan as a value: what a run will do, row by row, and what it will not.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::gather::Tally;
use super::known::Pending;
use crate::domain::appointment::{Appointment, Start};
use crate::domain::key::Key;
use crate::domain::reason::{Reason, Refusal};

/// What a run has been told to do where there is a choice.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// A reminder whose outcome is unknown is sent again; otherwise it waits for a person.
    pub resend_unknown: bool,
    /// A message that WeChat refused is sent again even if nothing about it has changed.
    pub retry_failed: bool,
    /// At most so many messages, nearest visit first.
    pub limit: Option<usize>,
}

/// What is to be done about a planned message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put it into the ledger.
    Enqueue,
    /// The ledger has it, unsent: this source says that it still holds.
    Confirm {
        /// The ledger's number of the message.
        message: i64,
    },
}

/// One planned message: a row, and which message it makes. Its text is made from the row when it is needed.
#[derive(Clone)]
pub struct Item {
    /// The row, its openid found.
    pub visit: Appointment,
    /// The recipient.
    pub openid: Box<str>,
    /// How many days ahead its stage is.
    pub stage: u16,
    /// Which copy.
    pub copy: u32,
    /// Its key.
    pub key: Key,
    /// When the visit can begin at the earliest.
    pub begins: Timestamp,
    /// The mark of its template and content.
    pub content_hash: [u8; 32],
    /// New or confirmed.
    pub action: Action,
}

/// A row in the window that gets no message.
#[derive(Clone)]
pub struct NotSent {
    /// Why, and where.
    pub refusal: Refusal,
    /// The stage it would have been for.
    pub stage: u16,
    /// The visit's number, where readable.
    pub appointment_id: Option<Box<str>>,
    /// The patient's number, where readable.
    pub patient_id: Option<Box<str>>,
    /// The recipient, where known.
    pub openid: Option<Box<str>>,
    /// When, where readable.
    pub start: Option<Start>,
    /// The department, where readable.
    pub department: Option<Box<str>>,
    /// The doctor, where readable.
    pub doctor: Option<Box<str>>,
}

/// What a run will do, and what it will not.
#[derive(Default)]
pub struct Plan {
    /// The messages, nearest visit first.
    pub items: Vec<Item>,
    /// Rows without a message, in the order of the source.
    pub not_sent: Vec<NotSent>,
    /// Rejected rows beyond those in `not_sent`, by reason.
    pub unlisted: BTreeMap<Reason, u64>,
    /// Messages of earlier runs that the source has called off or moved, by the ledger's number.
    pub cancelled: Vec<i64>,
    /// Rows whose reminder has been sent, or is on its way in another run.
    pub already: u64,
    /// Rows whose reminder is under WeChat's review since an earlier run.
    pub held_before: u64,
    /// Rows whose reminder did not arrive, by WeChat's receipt.
    pub undelivered: u64,
    /// Rows whose reminder a person has called off.
    pub called_off_by_person: u64,
    /// Rows that repeat another row.
    pub repeated: u64,
    /// Reminders whose outcome is unknown and that wait for a person.
    pub waiting_for_person: u64,
    /// Failed before with the very same text, and left so.
    pub failed_before: u64,
    /// Messages beyond `limit`.
    pub beyond_limit: u64,
    /// Nearer visits that have had no reminder at all.
    pub nearer_without: u64,
    /// Messages of earlier runs that the source said nothing about; they stay queued.
    pub still_waiting: u64,
    /// The numbers of the reading.
    pub tally: Tally,
}

impl Item {
    pub(super) const fn confirms(&self) -> Option<i64> {
        match self.action {
            Action::Confirm { message } => Some(message),
            Action::Enqueue => None,
        }
    }
}

impl Plan {
    /// Whether nothing is to be sent and nothing to be written.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.not_sent.is_empty() && self.cancelled.is_empty()
    }

    /// Rows with something wrong with them.
    pub fn rejected(&self) -> impl Iterator<Item = &NotSent> {
        self.not_sent.iter().filter(|row| row.refusal.reason.is_rejection())
    }

    /// Rows that a rule leaves out.
    pub fn skipped(&self) -> impl Iterator<Item = &NotSent> {
        self.not_sent.iter().filter(|row| !row.refusal.reason.is_rejection())
    }

    /// The patient is at another openid now: what still waits for the old one is called off.
    pub(super) fn cancel_superseded(&mut self, pending: &[Pending]) {
        let openids: HashMap<(&str, String, u16), &str> = self
            .items
            .iter()
            .map(|item| {
                (
                    (&*item.visit.appointment_id, item.visit.start.identity(), item.stage),
                    &*item.openid,
                )
            })
            .collect();
        let superseded = pending.iter().filter(|message| {
            let visit = (&*message.appointment_id, message.start.identity(), message.stage);
            openids.get(&visit).is_some_and(|openid| **openid != *message.openid)
        });
        let superseded: Vec<i64> = superseded.map(|message| message.message).collect();
        self.cancelled.extend(superseded);
    }

    pub(super) fn order(&mut self, limit: Option<usize>) {
        self.items.sort_by_key(|item| (item.begins, item.visit.line));
        if let Some(limit) = limit {
            self.beyond_limit = self.items.len().saturating_sub(limit) as u64;
            self.items.truncate(limit);
        }
        self.not_sent.sort_by_key(|row| row.refusal.line);
    }
}
