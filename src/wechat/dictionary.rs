//! The dictionary of return codes: cause, remedy and class of each, in English and simplified Chinese.
//!
//! Texts and classes stand together in tables by call family, so that what is explained and what is done agree.
//! Codes and `errmsg` are those of WeChat's return-code page and of the pages of the calls.

mod account;
mod callback;
mod diagnostics;
mod recipient;
mod template;
mod token;

use serde::Serialize;

use crate::{Class, Endpoint};

/// What is known about one return code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The code.
    pub code: i64,
    /// What a caller does about it when it answers a send; [`class_at`](Self::class_at) for other calls.
    pub class: Class,
    /// Whether the message may be sent again.
    pub again: Again,
    /// WeChat's own words, without the request id; empty where none are published.
    pub errmsg: &'static str,
    /// The cause, in English.
    pub meaning_en: &'static str,
    /// The cause, in simplified Chinese.
    pub meaning_zh: &'static str,
    /// Who mends it and how, in English; empty for a code that sends and tokens never answer.
    pub advice_en: &'static str,
    /// Who mends it and how, in simplified Chinese; empty likewise.
    pub advice_zh: &'static str,
    /// Where the code means that something is wrong with the account instead.
    #[serde(skip)]
    account_at: &'static [Endpoint],
}

/// Whether a message may be sent again after an answer with this code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Again {
    /// At once: the client does so by itself.
    Now,
    /// After a wait, with the same `client_msg_id`.
    Later,
    /// On a retry it has arrived; a first attempt may be repeated after a wait.
    Depends,
    /// Once the cause is mended; nothing was sent.
    Mended,
    /// To no purpose: this recipient cannot get it.
    No,
    /// Never: it has arrived, or WeChat delivers it by itself later.
    Never,
    /// The code does not answer a send.
    Unrelated,
}

impl Again {
    /// The same as a sentence.
    pub fn en(self) -> &'static str {
        match self {
            Self::Now => {
                "Nothing was sent. It is safe to send again at once; this is done automatically, one time."
            }
            Self::Later => {
                "It was not accepted. It is safe to send again after a wait, with the same client_msg_id."
            }
            Self::Mended => "Nothing was sent. It is safe to send again once the cause is mended.",
            Self::Depends => {
                "After a retry, do not send it again; after a first attempt, it is safe to send again after a wait."
            }
            Self::No => {
                "Nothing was sent. Sending it again unchanged is harmless but will not help."
            }
            Self::Never => "Do not send it again.",
            Self::Unrelated => "This code does not answer a send, so no message is affected.",
        }
    }

    /// The same as a sentence in simplified Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Now => "消息未发出，可立即重发；程序会自动重发一次。",
            Self::Later => "消息未被接受，稍后可用相同的 client_msg_id 安全地重发。",
            Self::Mended => "消息未发出，问题解决后可以安全地重发。",
            Self::Depends => "若为重试所得，请勿重发；若为首次发送，稍后可以安全地重发。",
            Self::No => "消息未发出；原样重发无害，但无济于事。",
            Self::Never => "请勿重发。",
            Self::Unrelated => "该返回码与消息发送无关，不影响任何消息。",
        }
    }
}

impl Explanation {
    /// The class of the code when it answers a call of this kind.
    pub fn class_at(&self, endpoint: Endpoint) -> Class {
        // No message and no patient is known at the token endpoint: what is neither trouble of WeChat's nor its quota is
        // about the account, whatever the code says of a message elsewhere.
        let of_a_message =
            endpoint == Endpoint::Token && !matches!(self.class, Class::Backoff | Class::Quota);
        if of_a_message || self.account_at.contains(&endpoint) {
            Class::Account
        } else {
            self.class
        }
    }

    /// Whether the advice is given too: so for every code that a token, send, user or callback call can return.
    pub fn is_full(&self) -> bool {
        !self.advice_en.is_empty()
    }

    /// The same entry, meaning [`Class::Account`] at these calls.
    const fn account_at(mut self, endpoints: &'static [Endpoint]) -> Self {
        self.account_at = endpoints;
        self
    }
}

/// Cause and remedy in one language.
type Text = (&'static str, &'static str);

const fn full(
    code: i64,
    class: Class,
    again: Again,
    errmsg: &'static str,
    en: Text,
    zh: Text,
) -> Explanation {
    Explanation {
        code,
        class,
        again,
        errmsg,
        meaning_en: en.0,
        meaning_zh: zh.0,
        advice_en: en.1,
        advice_zh: zh.1,
        account_at: &[],
    }
}

const fn brief(
    code: i64,
    class: Class,
    again: Again,
    errmsg: &'static str,
    en: &'static str,
    zh: &'static str,
) -> Explanation {
    full(code, class, again, errmsg, (en, ""), (zh, ""))
}

/// The tables, by call family.
const TABLES: [&[Explanation]; 6] = [
    token::TABLE,
    recipient::TABLE,
    template::TABLE,
    account::TABLE,
    callback::TABLE,
    diagnostics::TABLE,
];

/// What is known about a return code.
pub fn explain(code: i64) -> Option<&'static Explanation> {
    explanations().find(|entry| entry.code == code)
}

/// All entries, by call family.
pub fn explanations() -> impl Iterator<Item = &'static Explanation> {
    TABLES.into_iter().flatten()
}

#[cfg(test)]
mod tests;
