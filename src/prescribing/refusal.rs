//! Why a prescription is not sent. Never a whole reference, name, openid or telephone number.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::prescription::ReferenceError;
use crate::domain::reason;
use crate::domain::state::State;
use crate::domain::template::Misfit;

/// A prescription that is not sent, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its row of a table cannot be read.
    #[error("its row cannot be read")]
    Row(reason::Refusal),
    /// The reference is none.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A time that cannot be read: which one.
    #[error("the time of {0} cannot be read")]
    Moment(&'static str),
    /// It can no longer be collected: until when it could.
    #[error("it could be collected until {0}")]
    Lapsed(String),
    /// It is issued later than it is sent: when.
    #[error("it would be issued on {0}, which is more than a day ahead")]
    IssuedLater(String),
    /// It lapses before it is issued.
    #[error("it can be collected only until before it is issued")]
    LapsesFirst,
    /// The recipient's openid is none: how many characters it has.
    #[error("the openid cannot be one (it has {0} characters)")]
    NoOpenid(usize),
    /// A spreadsheet program has destroyed the reference: how.
    #[error("the reference is destroyed ({0})")]
    Destroyed(&'static str),
    /// No recipient is named.
    #[error("no recipient is named")]
    Nobody,
    /// There are no contacts to look the patient up in.
    #[error("there are no contacts to look the patient up in")]
    NoContacts,
    /// Contacts do not know the patient.
    #[error("contacts have no openid for this patient")]
    NotInContacts,
    /// Contacts give several openids: how many.
    #[error("contacts give {0} openids for this patient")]
    SeveralOpenids(usize),
    /// The patient's own line of contacts cannot be read: its number.
    #[error("line {0} of contacts, which is about this patient, cannot be read")]
    DamagedContact(u64),
    /// What was typed is not what contacts hold.
    #[error("the {0} in contacts is another one than was typed")]
    Differs(Identifier),
    /// Contacts hold a second identifier, and none was given to compare.
    #[error("contacts hold the patient's {0}, and none was given to compare")]
    SecondIdentifier(Identifier),
    /// The reference went to somebody else.
    #[error("this reference went to another patient")]
    WentElsewhere {
        /// The other recipient; mask it.
        openid: Box<str>,
        /// When.
        at: At,
    },
    /// The reference went to this patient already.
    #[error("it was sent to this patient ({state})")]
    WentAlready {
        /// What became of it.
        state: State,
        /// When, where that is known.
        at: Option<Timestamp>,
        /// The earlier message's id, where that is known.
        message: Option<Uuid>,
    },
    /// The patient asked for no messages.
    #[error("the patient asked for no messages")]
    OptedOut,
    /// The patient has left the account.
    #[error("the patient no longer follows the account, so WeChat would refuse the message")]
    Unsubscribed,
    /// The message cannot be made.
    #[error("it does not fit the template ({0})")]
    Misfit(#[from] Misfit),
}

/// When a reference went to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// At this instant.
    Instant(Timestamp),
    /// On another line of the same table.
    SameTable,
    /// While this one was being prepared.
    JustNow,
}

/// What a patient is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// The hospital's number.
    PatientId,
    /// The name.
    Name,
    /// The day of birth.
    BirthDate,
    /// The openid.
    Openid,
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PatientId => "patient id",
            Self::Name => "name",
            Self::BirthDate => "day of birth",
            Self::Openid => "openid",
        })
    }
}
