//! Why a row got no message.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::appointment::Start;

/// Why a row was rejected (something is wrong with it) or skipped (a rule says so).
///
/// The word is what the ledger and JSON carry; the sentence for people is made in `cli`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The row has more or fewer cells than the header.
    Ragged,
    /// The entry of a standard's file is not in the standard's form.
    Malformed,
    /// A needed cell is empty.
    Empty,
    /// The date cannot be read.
    UnreadableDate,
    /// The time cannot be read.
    UnreadableTime,
    /// Bytes that are not text in the file's encoding.
    UnreadableText,
    /// A value that a spreadsheet program destroyed (`1.38E+10`, `####`).
    Destroyed,
    /// A status word that is on no list.
    UnknownStatus,
    /// One appointment id at one start for two patients.
    TwoPatients,
    /// Contacts give several openids and do not say which is newest.
    SeveralOpenids,
    /// The patient's row in contacts is at fault.
    DamagedContact,
    /// A text does not fit its template field, and no shorter one was given.
    DoesNotFit,
    /// A field of the template needs a value that the row does not have.
    MissingValue,
    /// A field needs a clock time and the row has only a session such as 上午.
    NoClockTime,
    /// The openid cannot be one.
    MalformedOpenid,
    /// Neither the source nor contacts know an openid.
    NoOpenid,
    /// The status says that the visit is not firm yet.
    OnHold,
    /// The status says that the visit will not take place, or has taken place.
    NotTakingPlace,
    /// The visit has begun, or is less than the notice ahead.
    TooLate,
    /// The patient asked for no messages.
    OptedOut,
    /// The patient no longer follows the account, and WeChat would refuse the message.
    Unsubscribed,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 21] = [
        Self::Ragged,
        Self::Malformed,
        Self::Empty,
        Self::UnreadableDate,
        Self::UnreadableTime,
        Self::UnreadableText,
        Self::Destroyed,
        Self::UnknownStatus,
        Self::TwoPatients,
        Self::SeveralOpenids,
        Self::DamagedContact,
        Self::DoesNotFit,
        Self::MissingValue,
        Self::NoClockTime,
        Self::MalformedOpenid,
        Self::NoOpenid,
        Self::OnHold,
        Self::NotTakingPlace,
        Self::TooLate,
        Self::OptedOut,
        Self::Unsubscribed,
    ];

    /// The word for the reason in the ledger and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ragged => "ragged",
            Self::Malformed => "malformed",
            Self::Empty => "empty",
            Self::UnreadableDate => "unreadable_date",
            Self::UnreadableTime => "unreadable_time",
            Self::UnreadableText => "unreadable_text",
            Self::Destroyed => "destroyed",
            Self::UnknownStatus => "unknown_status",
            Self::TwoPatients => "two_patients",
            Self::SeveralOpenids => "several_openids",
            Self::DamagedContact => "damaged_contact",
            Self::DoesNotFit => "does_not_fit",
            Self::MissingValue => "missing_value",
            Self::NoClockTime => "no_clock_time",
            Self::MalformedOpenid => "malformed_openid",
            Self::NoOpenid => "no_openid",
            Self::OnHold => "on_hold",
            Self::NotTakingPlace => "not_taking_place",
            Self::TooLate => "too_late",
            Self::OptedOut => "opted_out",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    /// Whether something is wrong with the row, so that the run's exit code is 1; a row skipped by rule is in order.
    pub const fn is_rejection(self) -> bool {
        !matches!(
            self,
            Self::NoOpenid
                | Self::OnHold
                | Self::NotTakingPlace
                | Self::TooLate
                | Self::OptedOut
                | Self::Unsubscribed
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A row that got no message, and why: what is shown and what the ledger keeps for the telephone list.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line of the source on which the row begins, from 1.
    pub line: u64,
    /// The column at fault, by the source's own name for it, or the template field.
    pub column: Option<Box<str>>,
    /// Why.
    pub reason: Reason,
    /// The value at fault, already masked where it is personal, and what was expected; ready to be shown.
    pub detail: Option<Box<str>>,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("line", &self.line)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// A row that could not become an appointment, with what could still be read of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong and where.
    pub refusal: Refusal,
    /// The visit's number, where readable.
    pub appointment_id: Option<Box<str>>,
    /// The patient's number, where readable.
    pub patient_id: Option<Box<str>>,
    /// When the visit starts, where readable: only such a row can be known to lie in the window.
    pub start: Option<Start>,
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}
