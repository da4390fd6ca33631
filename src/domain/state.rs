//! The life of a message, as the ledger records it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a message stands. The arrows are [`State::may_become`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Planned and released; certainly not sent.
    Queued,
    /// The intent to send is committed; the outcome is open.
    Sending,
    /// WeChat took it. That is not delivery.
    Accepted,
    /// WeChat reviews it and will deliver it by itself (errcode 40252); never resent.
    Held,
    /// WeChat refused this message, so it did not arrive.
    Failed,
    /// The outcome cannot be known.
    Unknown,
    /// WeChat's receipt says it arrived.
    Delivered,
    /// WeChat's receipt says it did not arrive.
    Undelivered,
    /// The visit began, or the prescription lapsed, before it could be sent.
    Expired,
    /// The source or a person called it off before it was sent.
    Cancelled,
    /// A row in the window that got no message, kept for the telephone list.
    Skipped,
}

impl State {
    /// Every state, in the order people read them.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::Held,
        Self::Failed,
        Self::Unknown,
        Self::Delivered,
        Self::Undelivered,
        Self::Expired,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// The word for the state in the ledger, in JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// Whether a message in this state may move to `next`.
    ///
    /// `Queued → Unknown` is for a message whose earlier attempt may have arrived and that is not tried again.
    /// `Cancelled → Queued` is the one way back from an ending: a visit that the source called off and then allows
    /// again is reminded, since nothing was sent. A call-off by a person stays.
    pub const fn may_become(self, next: Self) -> bool {
        use State::{
            Accepted, Cancelled, Delivered, Expired, Failed, Held, Queued, Sending, Skipped,
            Undelivered, Unknown,
        };
        match self {
            Queued => matches!(next, Sending | Expired | Cancelled | Unknown),
            Sending => matches!(next, Queued | Accepted | Held | Failed | Unknown),
            Accepted | Held => matches!(next, Delivered | Undelivered),
            Unknown => {
                matches!(next, Queued | Accepted | Delivered | Undelivered | Expired | Cancelled)
            }
            Cancelled => matches!(next, Queued),
            Failed | Delivered | Undelivered | Expired | Skipped => false,
        }
    }

    /// Whether WeChat has, or may have, the message: a second one would be a second copy.
    pub const fn may_have_reached(self) -> bool {
        matches!(
            self,
            Self::Sending | Self::Accepted | Self::Held | Self::Unknown | Self::Delivered
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no such state; the states are queued, sending, accepted, held, failed, unknown, delivered, undelivered, expired, cancelled and skipped"
)]
pub struct UnknownState;

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(UnknownState)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_state() -> impl Strategy<Value = State> {
        proptest::sample::select(State::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn a_word_and_its_state_are_one(state in any_state()) {
            prop_assert_eq!(state.as_str().parse::<State>(), Ok(state));
        }

        #[test]
        fn what_may_have_reached_a_phone_is_never_called_off_or_failed_later(from in any_state(), to in any_state()) {
            let settled = matches!(from, State::Accepted | State::Held | State::Delivered);
            if settled && from.may_become(to) {
                prop_assert!(matches!(to, State::Delivered | State::Undelivered));
            }
        }

        #[test]
        fn a_message_passes_through_sending_or_doubt_before_it_is_accepted(from in any_state()) {
            if from.may_become(State::Accepted) {
                prop_assert!(matches!(from, State::Sending | State::Unknown));
            }
        }
    }
}
