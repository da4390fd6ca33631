//! Into the queue and out of it: what a plan, a source or a person says.

use std::fmt;

use jiff::Timestamp;

use super::{Error, Ledger, Unknowns};
use crate::domain::appointment::Start;
use crate::domain::message::Message;
use crate::domain::reason::Reason;

/// What became of messages given to [`Ledger::enqueue`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enqueued {
    /// New in the ledger.
    pub inserted: u64,
    /// There already; left as they are.
    pub existing: u64,
}

/// A message found unchanged in the source and still allowed, with its text rendered anew.
#[derive(Clone)]
pub struct Confirmation {
    /// The message's row.
    pub message: i64,
    /// The request body as it will be posted.
    pub content: Box<str>,
    /// The mark of template and content.
    pub content_hash: [u8; 32],
    /// The local template's name.
    pub template: Box<str>,
    /// WeChat's id of the template.
    pub template_id: Box<str>,
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").field("message", &self.message).finish_non_exhaustive()
    }
}

/// Who calls a message off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelledBy {
    /// The source says that the visit will not take place; when it allows it again, so does the ledger.
    Source,
    /// A person; this stays, and is recorded.
    Person {
        /// Who.
        actor: String,
    },
}

/// A row in the window that gets no message, for the telephone list.
#[derive(Clone)]
pub struct SkippedRow {
    /// How many days ahead its stage is.
    pub stage: u16,
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The hospital's number for the patient, where known.
    pub patient_id: Option<Box<str>>,
    /// The recipient, where known.
    pub openid: Option<Box<str>>,
    /// When the visit starts.
    pub start: Start,
    /// The earliest instant the visit can begin.
    pub visit_at: Timestamp,
    /// Why it gets no message.
    pub reason: Reason,
}

impl fmt::Debug for SkippedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkippedRow").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Queues messages that this run planned. A message whose key is there already is left as it is.
    pub fn enqueue(&mut self, _messages: &[Message]) -> Result<Enqueued, Error> {
        Err(Error::NoRun)
    }

    /// Takes over messages that this run's source confirms: `queued` ones, `unknown` ones where the policy given to
    /// [`Ledger::recover`] allows it, and ones the source had called off. Returns how many.
    ///
    /// A queued message with an open intent keeps its old content, since a retry must be the same message.
    pub fn confirm(&mut self, _confirmations: &[Confirmation]) -> Result<u64, Error> {
        Err(Error::NoRun)
    }

    /// A person confirms (`--resume`) what is queued, and unknown where `resend_unknown` allows it, as far as its content is kept.
    pub fn confirm_all(&mut self, _resend_unknown: Unknowns) -> Result<u64, Error> {
        Err(Error::NoRun)
    }

    /// Calls messages off that are `queued` or `unknown`; others are left. Returns how many.
    pub fn cancel(&mut self, _messages: &[i64], _by: CancelledBy) -> Result<u64, Error> {
        Err(Error::NoRun)
    }

    /// Records rows that get no message; a row recorded before is left as it is.
    pub fn skip(&mut self, _rows: &[SkippedRow]) -> Result<(), Error> {
        Err(Error::NoRun)
    }
}
