//! What WeChat tells later: what became of a message, and who follows the account.

use std::fmt;

use jiff::Timestamp;

use super::key;
use super::state::State;

/// One thing that WeChat told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// What became of a message.
    Receipt(Receipt),
    /// Somebody follows the account, or no longer does.
    Follow(Follow),
}

/// WeChat's word on a message that it took.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The recipient.
    pub openid: Box<str>,
    /// WeChat's id of the message, where the receipt tells it.
    pub msgid: Option<i64>,
    /// When WeChat made the receipt, to the second.
    pub made: Timestamp,
    /// What became of the message.
    pub fate: Fate,
}

/// What became of a message that WeChat took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Delivered,
    /// It did not arrive.
    Undelivered(Cause),
}

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The recipient takes no messages from the account.
    UserBlock,
    /// WeChat's own fault.
    SystemFailed,
    /// Too many messages to this recipient.
    FreqLimit,
    /// WeChat's words, where they are none of the known ones.
    Other(Box<str>),
}

/// Somebody began or ceased to follow the account.
#[derive(Clone, PartialEq, Eq)]
pub struct Follow {
    /// Who.
    pub openid: Box<str>,
    /// When, to the second.
    pub made: Timestamp,
    /// Whether the account is followed since.
    pub follows: bool,
}

impl Cause {
    /// The causes with a word of their own.
    pub const KNOWN: [Self; 3] = [Self::UserBlock, Self::SystemFailed, Self::FreqLimit];

    /// The word in the ledger, in JSON and in events.
    pub fn as_str(&self) -> &str {
        match self {
            Self::UserBlock => "user_block",
            Self::SystemFailed => "system_failed",
            Self::FreqLimit => "freq_limit",
            Self::Other(words) => words,
        }
    }
}

impl Fate {
    /// The state of the message from now on.
    pub const fn state(&self) -> State {
        match self {
            Self::Delivered => State::Delivered,
            Self::Undelivered(_) => State::Undelivered,
        }
    }

    /// Why it did not arrive.
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Delivered => None,
            Self::Undelivered(cause) => Some(cause),
        }
    }
}

/// The mark under which the ledger remembers who ceased to follow the account: nobody can turn it back.
pub fn follower_mark(app_id: &str, openid: &str) -> [u8; 32] {
    key::mark("follower", &[app_id, openid])
}

impl fmt::Debug for Receipt {
    /// Without the openid.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("msgid", &self.msgid)
            .field("fate", &self.fate)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Follow {
    /// Without the openid.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow").field("follows", &self.follows).finish_non_exhaustive()
    }
}
