//! The record, as `log` reads it.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, Ledger};
use crate::domain::appointment::Start;
use crate::domain::message::Kind;
use crate::domain::state::State;

/// Which messages to list; what is empty does not restrict.
#[derive(Clone, Default)]
pub struct Filter {
    /// The account's app id.
    pub account: Option<String>,
    /// Changed at or after.
    pub since: Option<Timestamp>,
    /// Changed before.
    pub until: Option<Timestamp>,
    /// In one of these states.
    pub states: Vec<State>,
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// To this openid.
    pub openid: Option<String>,
    /// About this appointment.
    pub appointment: Option<String>,
    /// Carrying this reference.
    pub reference_hash: Option<[u8; 32]>,
    /// Handled last, or else planned, by this run.
    pub run: Option<Uuid>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A message as the record shows it: everything stored but its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The message's row.
    pub message: i64,
    /// The id that people, JSON and events see.
    pub message_id: Uuid,
    /// The `client_msg_id` that WeChat sees.
    pub client_msg_id: String,
    /// The account's app id.
    pub account: String,
    /// What it is for.
    pub kind: Kind,
    /// How many days ahead its stage is.
    pub stage: Option<u16>,
    /// Which copy it is.
    pub copy: u32,
    /// The hospital's number for the visit.
    pub appointment_id: Option<String>,
    /// The hospital's number for the patient.
    pub patient_id: Option<String>,
    /// When the visit starts.
    pub start: Option<Start>,
    /// The earliest instant the visit can begin.
    pub visit_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// WeChat's words.
    pub errmsg: Option<String>,
    /// Why it was skipped ([`crate::domain::reason::Reason`]), or who called it off (`source`, `person`).
    pub reason: Option<String>,
    /// WeChat's id of the request.
    pub rid: Option<String>,
    /// WeChat's id of the message.
    pub msgid: Option<i64>,
    /// The recipient; none for a row that got no message or was erased.
    pub openid: Option<String>,
    /// The local template's name; empty where there is none.
    pub template: String,
    /// The last characters of the prescription reference.
    pub reference_tail: Option<String>,
    /// When it entered the ledger.
    pub queued_at: Timestamp,
    /// When the attempt was committed that reached, or may have reached, WeChat: the first one.
    pub sent_at: Option<Timestamp>,
    /// When its outcome was recorded.
    pub settled_at: Option<Timestamp>,
    /// The run that handled it last, else the one that planned it.
    pub run_id: Option<Uuid>,
    /// How often it was tried.
    pub attempts: u32,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("message_id", &self.message_id)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What an id or a prefix of one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One message.
    One(Box<Entry>),
    /// No message, or a prefix of fewer than six characters.
    None,
    /// Several, of which the first ten are here.
    Several(Vec<Entry>),
}

/// A count of messages; tests are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatRow {
    /// What they are for.
    pub kind: Kind,
    /// Where they stand.
    pub state: State,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// How many.
    pub count: u64,
}

impl Ledger {
    /// The messages that pass the filter, newest first.
    pub fn list(&mut self, _filter: &Filter) -> Result<Vec<Entry>, Error> {
        Err(Error::NoRun)
    }

    /// The message with this id, a prefix of it of at least six characters, or this `client_msg_id`.
    pub fn show(&mut self, _id_or_prefix: &str) -> Result<Found, Error> {
        Err(Error::NoRun)
    }

    /// Counts of messages that last changed from `since` on, and before `until`.
    pub fn stats(&mut self, _since: Timestamp, _until: Timestamp) -> Result<Vec<StatRow>, Error> {
        Err(Error::NoRun)
    }

    /// [`Ledger::stats`] of each stretch between two neighbours of `bounds` (ascending), such as a zone's midnights.
    pub fn stats_between(&mut self, _bounds: &[Timestamp]) -> Result<Vec<Vec<StatRow>>, Error> {
        Err(Error::NoRun)
    }

    /// Whom to telephone: visits still ahead whose message failed, was not delivered, is unknown, expired or skipped,
    /// has been held for a day, or was put off after an error; unless another message for the same visit got through.
    /// Nearest first, one entry a visit.
    pub fn unreached(&mut self, _now: Timestamp) -> Result<Vec<Entry>, Error> {
        Err(Error::NoRun)
    }
}
