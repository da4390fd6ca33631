//! What others are told: one flat record for each change of a message, and one for each run that ended.
//!
//! Flat and scalars only, because a Power App's connector stumbles over nested values; a field without a value is left
//! out, so that a flow's schema needs no `null`. No name, telephone number or department is ever in it: the ledger,
//! where events are written, keeps none. [`EventFields`] names the two fields that must be asked for.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::appointment::Start;
use super::key::hex;
use super::message::Kind;
use super::state::State;

/// What an event tells. The list is closed: messages called off, too late or skipped are no events, since nothing was
/// sent and nothing will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// WeChat took a message.
    Accepted,
    /// WeChat refused a message.
    Failed,
    /// WeChat reviews a message.
    Held,
    /// A message's outcome cannot be known.
    Unknown,
    /// A receipt says that a message arrived.
    Delivered,
    /// A receipt says that a message did not arrive.
    Undelivered,
    /// A run ended.
    RunFinished,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Failed,
        Self::Held,
        Self::Unknown,
        Self::Delivered,
        Self::Undelivered,
        Self::RunFinished,
    ];

    /// The event that a message's new state is, if it is one.
    pub const fn of(state: State) -> Option<Self> {
        match state {
            State::Accepted => Some(Self::Accepted),
            State::Failed => Some(Self::Failed),
            State::Held => Some(Self::Held),
            State::Unknown => Some(Self::Unknown),
            State::Delivered => Some(Self::Delivered),
            State::Undelivered => Some(Self::Undelivered),
            State::Queued | State::Sending | State::Expired | State::Cancelled | State::Skipped => {
                None
            }
        }
    }

    /// The word in `type`, as the Standard Webhooks specification has them: groups divided by full stops.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "message.accepted",
            Self::Failed => "message.failed",
            Self::Held => "message.held",
            Self::Unknown => "message.unknown",
            Self::Delivered => "message.delivered",
            Self::Undelivered => "message.undelivered",
            Self::RunFinished => "run.finished",
        }
    }
}

/// A word that names nothing in this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such word")]
pub struct UnknownWord;

impl FromStr for EventType {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|one| one.as_str() == word).ok_or(UnknownWord)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The fields of an event that must be asked for (`[webhook] fields`), because they say more about a patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventFields {
    /// The hospital's number for the patient.
    pub patient_id: bool,
    /// The end of a prescription's reference, as `***0007`.
    pub reference: bool,
}

/// One event.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// Its identity, the same in every attempt to deliver it: receivers drop repetitions by it.
    pub event_id: Uuid,
    /// What it tells.
    pub event_type: EventType,
    /// Counts the events of a ledger from 1 in the order in which they were recorded, without gaps.
    pub sequence: i64,
    /// When the change was recorded, by the database's clock.
    pub time: Timestamp,
    /// The account's app id.
    pub account: String,
    /// The run that made the change; none when a person or a receipt did for a message of no run.
    pub run_id: Option<Uuid>,
    /// The message; none for a run.
    pub message_id: Option<Uuid>,
    /// What the message is for.
    pub kind: Option<Kind>,
    /// How many days ahead the reminder's stage is.
    pub stage: Option<u16>,
    /// The hospital's number for the visit.
    pub appointment_id: Option<String>,
    /// When the visit starts.
    pub start: Option<Start>,
    /// The message's new state.
    pub state: Option<State>,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// Why, in a few words.
    pub reason: Option<String>,
    /// WeChat's id of the message.
    pub msgid: Option<i64>,
    /// [`openid_hash`] of the recipient.
    pub openid_hash: Option<String>,
    /// The hospital's number for the patient, where [`EventFields`] asks for it.
    pub patient_id: Option<String>,
    /// The last characters of the prescription's reference, where [`EventFields`] asks for them.
    pub reference_tail: Option<String>,
    /// What the run came to.
    pub finished: Option<Finished>,
}

/// What a run came to: the numbers of its summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Finished {
    /// The exit code of the command.
    pub exit_code: u8,
    /// Messages that WeChat took.
    pub accepted: u64,
    /// Messages under WeChat's review.
    pub held: u64,
    /// Messages that WeChat refused.
    pub failed: u64,
    /// Messages whose outcome cannot be known.
    pub unknown: u64,
    /// Messages left queued.
    pub left_queued: u64,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

/// An event as it is written in JSON.
#[derive(Debug, Serialize)]
pub struct Flat {
    event_id: Uuid,
    #[serde(rename = "type")]
    event_type: EventType,
    sequence: i64,
    time: String,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errcode: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Text, because 64 bits are more than a JSON number safely holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    msgid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(flatten)]
    finished: Option<Finished>,
}

impl Event {
    /// The event for JSON, times in the clinic's `zone`; `meaning` says in a few words what a code of WeChat means, for
    /// events that carry no reason of their own.
    pub fn flat(&self, zone: &TimeZone, meaning: fn(i64) -> Option<String>) -> Flat {
        Flat {
            event_id: self.event_id,
            event_type: self.event_type,
            sequence: self.sequence,
            time: format!("{:.3}", self.time),
            account: self.account.clone(),
            run_id: self.run_id,
            message_id: self.message_id,
            kind: self.kind,
            stage: self.stage,
            appointment_id: self.appointment_id.clone(),
            start: self.start.as_ref().map(|start| start.for_programs(zone)),
            state: self.state,
            errcode: self.errcode,
            reason: self.reason.clone().or_else(|| self.errcode.and_then(meaning)),
            msgid: self.msgid.map(|id| id.to_string()),
            openid_hash: self.openid_hash.clone(),
            patient_id: self.patient_id.clone(),
            reference: self.reference_tail.as_ref().map(|tail| format!("***{tail}")),
            finished: self.finished,
        }
    }
}

/// What an event says of the recipient: SHA-256 of `APPID:OPENID` in hex, so that whoever holds the list of openids can
/// match it and nobody else can turn it back (an openid has some 160 bits that nobody can guess). The same on every
/// machine and for ever, and another one on every account. It needs no key: one would have to be the same on all
/// machines and could never be changed.
pub fn openid_hash(app_id: &str, openid: &str) -> String {
    hex(&Sha256::digest(format!("{app_id}:{openid}")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn sample() -> Event {
        Event {
            event_id: Uuid::from_u128(1),
            event_type: EventType::Failed,
            sequence: 42,
            time: "2026-11-23T00:15:01.5Z".parse().unwrap(),
            account: "wx0123456789abcdef".to_owned(),
            run_id: Some(Uuid::from_u128(2)),
            message_id: Some(Uuid::from_u128(3)),
            kind: Some(Kind::Reminder),
            stage: Some(7),
            appointment_id: Some("YY20261130001".to_owned()),
            start: Some(Start::at(date(2026, 11, 30), time(8, 30, 0, 0))),
            state: Some(State::Failed),
            errcode: Some(43004),
            reason: None,
            msgid: Some(i64::MAX),
            openid_hash: Some(openid_hash("wx0123456789abcdef", "oSampleOpenidOfAPatient00001")),
            patient_id: None,
            reference_tail: None,
            finished: None,
        }
    }

    fn json(event: &Event) -> String {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let meaning = |code| (code == 43004).then(|| "not a follower".to_owned());
        serde_json::to_string_pretty(&event.flat(&zone, meaning)).unwrap()
    }

    #[test]
    fn a_message_is_told_flat_with_its_big_number_as_text() {
        insta::assert_snapshot!(json(&sample()), @r#"
        {
          "event_id": "00000000-0000-0000-0000-000000000001",
          "type": "message.failed",
          "sequence": 42,
          "time": "2026-11-23T00:15:01.500Z",
          "account": "wx0123456789abcdef",
          "run_id": "00000000-0000-0000-0000-000000000002",
          "message_id": "00000000-0000-0000-0000-000000000003",
          "kind": "reminder",
          "stage": 7,
          "appointment_id": "YY20261130001",
          "start": "2026-11-30T08:30:00+08:00",
          "state": "failed",
          "errcode": 43004,
          "reason": "not a follower",
          "msgid": "9223372036854775807",
          "openid_hash": "de39ace4f0de1c49c33b88e89edc1ccbae76131efd84c6032eb8573a8eaa9d05"
        }
        "#);
    }

    #[test]
    fn a_run_is_told_by_its_numbers_and_nothing_is_null() {
        let event = Event {
            event_type: EventType::RunFinished,
            message_id: None,
            kind: None,
            stage: None,
            appointment_id: None,
            start: None,
            state: None,
            errcode: None,
            msgid: None,
            openid_hash: None,
            finished: Some(Finished { accepted: 3, exit_code: 1, ..Finished::default() }),
            ..sample()
        };
        insta::assert_snapshot!(json(&event), @r#"
        {
          "event_id": "00000000-0000-0000-0000-000000000001",
          "type": "run.finished",
          "sequence": 42,
          "time": "2026-11-23T00:15:01.500Z",
          "account": "wx0123456789abcdef",
          "run_id": "00000000-0000-0000-0000-000000000002",
          "exit_code": 1,
          "accepted": 3,
          "held": 0,
          "failed": 0,
          "unknown": 0,
          "left_queued": 0
        }
        "#);
    }

    #[test]
    fn a_session_has_no_invented_time_and_what_was_asked_for_is_told() {
        let event = Event {
            start: Some(Start::on(date(2026, 12, 1), Some("上午"))),
            patient_id: Some("P1".to_owned()),
            reference_tail: Some("0007".to_owned()),
            reason: Some("its own".to_owned()),
            ..sample()
        };
        let told: serde_json::Value = serde_json::from_str(&json(&event)).unwrap();
        assert_eq!(told["start"], "2026-12-01");
        assert_eq!((&told["patient_id"], &told["reference"]), (&"P1".into(), &"***0007".into()));
        assert_eq!(told["reason"], "its own");
        assert!(told.as_object().unwrap().values().all(|value| !value.is_object()));
    }

    #[test]
    fn every_word_is_read_back_and_only_settled_states_are_events() {
        for one in EventType::ALL {
            assert_eq!(one.as_str().parse(), Ok(one));
        }
        let told = State::ALL.into_iter().filter(|state| EventType::of(*state).is_some()).count();
        assert_eq!(told, EventType::ALL.len() - 1);
    }

    #[test]
    fn the_hash_can_be_made_with_any_tool_and_differs_by_account() {
        // printf '%s' 'wx0123456789abcdef:oSampleOpenidOfAPatient00001' | sha256sum
        let hash = openid_hash("wx0123456789abcdef", "oSampleOpenidOfAPatient00001");
        assert_eq!(hash, "de39ace4f0de1c49c33b88e89edc1ccbae76131efd84c6032eb8573a8eaa9d05");
        assert_ne!(hash, openid_hash("wxfedcba9876543210", "oSampleOpenidOfAPatient00001"));
    }
}
