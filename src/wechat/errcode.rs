//! The class of a return code: what a caller does about it.
//!
//! The classes are read from the dictionary, so that what `explain` says and what a run does cannot differ.

use serde::Serialize;

use crate::dictionary;

/// What a caller does about a fault.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Class {
    /// The token is stale. The client has already handled it: an [`Error`](crate::Error) never has this class.
    Refresh,
    /// Wait, then repeat the same request with the same `client_msg_id`.
    Backoff,
    /// Permanent for this recipient.
    Recipient,
    /// This message is wrong; others may be fine.
    Message,
    /// Permanent for this template.
    Template,
    /// The account, its configuration or the network between: nothing else will work until somebody mends it.
    Account,
    /// The day's quota is spent; go on tomorrow.
    Quota,
    /// Under review (40252): WeChat delivers it by itself later. Never send it again.
    Held,
    /// Try this recipient again later (43117).
    Defer,
    /// WeChat sees a repetition (40241): on a retry the first attempt arrived, otherwise wait 61 s.
    Duplicate,
    /// A code that means nothing definite for this call.
    Unknown,
}

/// The kind of call that was answered: a few codes mean different things at different ones.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/cgi-bin/stable_token`
    Token,
    /// `/cgi-bin/message/template/send`
    Send,
    /// Every other call.
    Other,
}

impl Class {
    /// The class of `code` when it is the answer to a call of this kind; [`Class::Unknown`] for a code without an entry,
    /// except at the token endpoint, where whatever is refused is refused to the account.
    pub fn of(code: i64, endpoint: Endpoint) -> Self {
        match dictionary::explain(code) {
            Some(entry) => entry.class_at(endpoint),
            None if endpoint == Endpoint::Token => Self::Account,
            None => Self::Unknown,
        }
    }
}

/// The codes that say "this token is not (or no longer) valid". Only these drop a token.
///
/// 41001 (no token in the request) is not among them: a fresh token would be lost on the same way.
pub(crate) fn is_stale_token(code: i64) -> bool {
    matches!(code, 40001 | 40014 | 42001)
}
