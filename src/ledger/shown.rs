//! A message as programs see it: the field names of the events, personal values masked unless asked otherwise.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Entry;
use crate::domain::mask;
use crate::domain::message::Kind;
use crate::domain::state::State;

/// A message for programs, by the field names of the events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The id that `log show` takes.
    pub message_id: String,
    /// What it is for.
    pub kind: Kind,
    /// How many days ahead.
    pub stage: Option<u16>,
    /// The hospital's number for the visit.
    pub appointment_id: Option<String>,
    /// RFC 3339 in the clinic's zone, or the day alone.
    pub start: Option<String>,
    /// The source's own words for the time.
    pub slot: Option<String>,
    /// Where it stands.
    pub state: State,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// WeChat's words.
    pub errmsg: Option<String>,
    /// Why it was skipped, who called it off, or why it did not arrive.
    pub reason: Option<String>,
    /// WeChat's id of the message: a 64-bit number, as text.
    pub msgid: Option<String>,
    /// WeChat's id of the request.
    pub rid: Option<String>,
    /// The recipient, masked unless asked otherwise.
    pub openid: Option<String>,
    /// The hospital's number for the patient, masked likewise.
    pub patient_id: Option<String>,
    /// The end of the prescription reference.
    pub reference: Option<String>,
    /// The local template's name.
    pub template: Option<String>,
    /// The account's app id.
    pub account: String,
    /// What WeChat drops copies by.
    pub client_msg_id: String,
    /// Which copy it is.
    pub copy: u32,
    /// How often it was tried.
    pub attempts: u32,
    /// The name of the API key that asked for it.
    pub asked_by: Option<String>,
    /// The run that handled it last.
    pub run_id: Option<String>,
    /// When it entered the ledger.
    pub queued_at: String,
    /// When it was sent, or may have been.
    pub sent_at: Option<String>,
    /// When its outcome was recorded.
    pub settled_at: Option<String>,
    /// When WeChat's receipt was recorded.
    pub receipt_at: Option<String>,
}

impl Shown {
    /// What is shown of an entry.
    pub fn of(entry: &Entry, zone: &TimeZone, unmasked: bool) -> Self {
        let masked = |value: &Option<String>, mask: fn(&str) -> String| {
            value.as_deref().map(|value| if unmasked { value.to_owned() } else { mask(value) })
        };
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let start = entry.start.as_ref();
        Self {
            message_id: entry.message_id.to_string(),
            kind: entry.kind,
            stage: entry.stage,
            appointment_id: entry.appointment_id.clone(),
            start: start.map(|start| start.for_programs(zone)),
            slot: start.and_then(|start| start.slot.as_deref()).map(str::to_owned),
            state: entry.state,
            errcode: entry.errcode,
            errmsg: entry.errmsg.clone(),
            reason: entry.reason.clone(),
            msgid: entry.msgid.map(|id| id.to_string()),
            rid: entry.rid.clone(),
            openid: masked(&entry.openid, mask::openid),
            patient_id: masked(&entry.patient_id, mask::id),
            reference: entry.reference_tail.as_ref().map(|tail| format!("***{tail}")),
            template: Some(entry.template.clone()).filter(|name| !name.is_empty()),
            account: entry.account.clone(),
            client_msg_id: entry.client_msg_id.clone(),
            copy: entry.copy,
            attempts: entry.attempts,
            asked_by: entry.asked_by.clone(),
            run_id: entry.run_id.map(|run| run.to_string()),
            queued_at: entry.queued_at.to_string(),
            sent_at: time(entry.sent_at),
            settled_at: time(entry.settled_at),
            receipt_at: time(entry.receipt_at),
        }
    }
}
