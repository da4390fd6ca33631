//! What a push says: a receipt, someone who follows or no longer does, or something else.

use std::fmt;

use super::CallbackError;
use super::fields::Fields;

/// A push, understood.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// Whom it is about: `FromUserName`.
    pub openid: String,
    /// When WeChat made it, in seconds since 1970: `CreateTime`.
    pub create_time: i64,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `TEMPLATESENDJOBFINISH`: what became of a template message.
    Receipt {
        /// WeChat's id of the message; none where the push says 0 (reported for messages with a `client_msg_id`).
        msgid: Option<i64>,
        /// What became of it.
        status: Status,
    },
    /// `subscribe`: follows the account.
    Subscribe,
    /// `unsubscribe`: follows it no more.
    Unsubscribe,
    /// Anything else, which nobody here needs.
    Other,
}

/// What became of a template message. The first three failures are known; `freq limit` is on no official page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It arrived.
    Success,
    /// The recipient takes no messages from the account: `failed:user block`.
    UserBlock,
    /// `failed: system failed`.
    SystemFailed,
    /// Too many messages to this recipient: `failed:freq limit`.
    FreqLimit,
    /// Something else; WeChat's words, 64 characters at most.
    Other(String),
}

/// WeChat's words are kept up to this many characters.
const LONGEST_STATUS: usize = 64;
/// An openid has 28 characters; no documentation promises it.
const LONGEST_OPENID: usize = 64;

impl fmt::Debug for Event {
    /// Without the openid, which belongs in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("create_time", &self.create_time)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

impl Status {
    /// Reads the word of a push.
    fn read(text: &str) -> Self {
        if text.eq_ignore_ascii_case("success") {
            return Self::Success;
        }
        let cause = match text.split_at_checked(7) {
            Some((start, cause)) if start.eq_ignore_ascii_case("failed:") => cause.trim(),
            _ => text,
        };
        match cause.to_ascii_lowercase().as_str() {
            "user block" => Self::UserBlock,
            "system failed" => Self::SystemFailed,
            "freq limit" => Self::FreqLimit,
            _ => Self::Other(
                cause.chars().filter(|c| !c.is_control()).take(LONGEST_STATUS).collect(),
            ),
        }
    }
}

impl Event {
    pub(super) fn of(fields: &Fields) -> Result<Self, CallbackError> {
        let openid =
            fields.get("FromUserName").ok_or(CallbackError::Malformed("it has no FromUserName"))?;
        if openid.len() > LONGEST_OPENID || openid.chars().any(char::is_control) {
            return Err(CallbackError::Malformed("its FromUserName cannot be an openid"));
        }
        let create_time = fields
            .get("CreateTime")
            .and_then(|text| text.parse::<i64>().ok())
            .filter(|seconds| *seconds >= 0)
            .ok_or(CallbackError::Malformed("its CreateTime is no number of seconds"))?;
        let is_event = fields.get("MsgType").is_some_and(|kind| kind.eq_ignore_ascii_case("event"));
        let event = fields.get("Event").filter(|_| is_event).unwrap_or_default();
        let what = match event.to_ascii_lowercase().as_str() {
            "templatesendjobfinish" => What::Receipt {
                msgid: msgid(fields),
                status: fields
                    .get("Status")
                    .map(Status::read)
                    .ok_or(CallbackError::Malformed("it has no Status"))?,
            },
            "subscribe" => What::Subscribe,
            "unsubscribe" => What::Unsubscribe,
            _ => What::Other,
        };
        Ok(Self { openid: openid.to_owned(), create_time, what })
    }
}

/// `MsgID` in receipts, `MsgId` in other pushes and in some that are forwarded; a number or text. One that is no 64-bit
/// number, such as 3.7e18 after a detour through floating point, is as good as none.
fn msgid(fields: &Fields) -> Option<i64> {
    let text = ["MsgID", "MsgId", "msgid"].iter().find_map(|name| fields.get(name))?;
    text.parse().ok().filter(|id| *id > 0)
}
