//! A message as the ledger keeps it: who, why, and the text until it settles.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::appointment::Start;
use super::key::Key;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A visit is ahead.
    Reminder,
    /// A prescription reference to show at the pharmacy.
    Prescription,
    /// Whatever another program has to say, through the connector.
    Connector,
    /// A sample sent by `templates preview --send`; outside statistics.
    Test,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Reminder, Self::Prescription, Self::Connector, Self::Test];

    /// The word for the kind in the ledger, in JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::Prescription => "prescription",
            Self::Connector => "connector",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such kind; the kinds are reminder, prescription, connector and test")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownKind)
    }
}

/// A message that a plan releases: everything the ledger stores of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Unique in the ledger together with `visit_at`; its first half is WeChat's `client_msg_id`.
    pub key: Key,
    /// What it is for.
    pub kind: Kind,
    /// For a reminder, how many days ahead its stage is.
    pub stage: Option<u16>,
    /// 0, and one more each time the same message is sent on purpose again.
    pub copy: u32,
    /// The recipient.
    pub openid: Box<str>,
    /// The hospital's number for the patient, where known.
    pub patient_id: Option<Box<str>>,
    /// The hospital's number for the visit; none for a prescription.
    pub appointment_id: Option<Box<str>>,
    /// When the visit starts; none for a prescription.
    pub start: Option<Start>,
    /// The earliest instant the visit can begin; the ledger orders and finds a day's rows by it.
    pub visit_at: Option<Timestamp>,
    /// After this instant it is not sent: the visit began, or the prescription lapsed.
    pub not_after: Option<Timestamp>,
    /// The local template's name.
    pub template: Box<str>,
    /// WeChat's id of the template.
    pub template_id: Box<str>,
    /// The request body as it will be posted (a `wechat::TemplateMessage` as JSON).
    pub content: Box<str>,
    /// A one-way mark of template and content, kept after the content is erased.
    pub content_hash: [u8; 32],
    /// For a prescription, what is kept of its reference.
    pub reference: Option<ReferenceMark>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What the ledger keeps of a prescription reference: enough to find it again, not enough to use it.
#[derive(Clone, PartialEq, Eq)]
pub struct ReferenceMark {
    /// A one-way mark of account and reference.
    pub hash: [u8; 32],
    /// The last characters, as shown to people: at most four, and never more than half.
    pub tail: Box<str>,
}
