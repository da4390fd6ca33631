//! The one error of this crate: opaque, and answering the questions a caller has.

use std::fmt;
use std::sync::Arc;

use crate::errcode::{Class, Endpoint, is_stale_token};
use crate::scrub;
use crate::wire::Call;

/// How much of the TLS library's words is kept, in bytes.
const CERTIFICATE: usize = 200;

/// What went wrong with a call. Cheap to clone; shows no token, secret, openid or URL.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

/// What is known about a send that failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// It certainly did not reach WeChat's queue: no connection, no token, or turned away on the road.
    NotSent,
    /// WeChat answered with an errcode.
    Refused,
    /// The request was written and no answer that can be read came back: it may have arrived.
    Open,
}

struct Inner {
    call: Option<&'static Call>,
    kind: Kind,
}

#[derive(Clone, Debug, thiserror::Error)]
enum Kind {
    /// The client could not be set up.
    #[error("{0}")]
    Settings(String),
    /// A call was asked for that WeChat would refuse.
    #[error("{0}")]
    Input(&'static str),
    /// WeChat answered with an errcode.
    #[error("WeChat answered {code}: {errmsg}{}", replay.note())]
    Answer { code: i64, errmsg: String, replay: Replay },
    /// No connection; nothing was written.
    #[error("no connection to WeChat; check the network, DNS, proxy and TLS")]
    Connect(#[source] Arc<reqwest::Error>),
    /// The other side's certificate is not to be trusted; nothing was written.
    #[error(
        "the certificate shown for WeChat is not accepted ({reason}); a proxy that opens TLS needs its authority in ca_file"
    )]
    Certificate {
        reason: String,
        #[source]
        cause: Arc<reqwest::Error>,
    },
    /// The connection failed after the request was, or may have been, written.
    #[error("{}", if .0.is_timeout() { "no answer from WeChat in time" } else { "the connection to WeChat broke" })]
    Broken(#[source] Arc<reqwest::Error>),
    /// A status other than 200 without an errcode.
    #[error("HTTP status {status} instead of an answer{}{}", hint(*status), quoted(start))]
    Status { status: u16, start: String },
    /// A body that is no answer of WeChat's.
    #[error("{what}: a proxy or sign-in page may stand between{}", quoted(start))]
    Malformed { what: &'static str, start: String },
}

/// What a token refusal looked like after the token was fetched again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Replay {
    /// There was no replay.
    None,
    /// The very same token came back and was refused again.
    SameToken,
    /// A different token was refused.
    OtherToken,
}

impl Replay {
    fn note(self) -> &'static str {
        match self {
            Self::None => "",
            Self::SameToken => {
                " (a fresh request gave the very same token: check that app id and base URL belong to this account)"
            }
            Self::OtherToken => " (a new token was refused too)",
        }
    }
}

impl Error {
    pub(crate) fn settings(text: String) -> Self {
        Self(Arc::new(Inner { call: None, kind: Kind::Settings(text) }))
    }

    pub(crate) fn input(call: &'static Call, text: &'static str) -> Self {
        Self::new(call, Kind::Input(text))
    }

    /// `errmsg` must have been scrubbed.
    pub(crate) fn answer(call: &'static Call, code: i64, errmsg: String) -> Self {
        Self::new(call, Kind::Answer { code, errmsg, replay: Replay::None })
    }

    /// The URL, and with it the token, is taken out of the cause.
    pub(crate) fn transport(call: &'static Call, cause: reqwest::Error) -> Self {
        let cause = Arc::new(cause.without_url());
        if let Some(reason) = certificate(&cause) {
            return Self::new(call, Kind::Certificate { reason, cause });
        }
        let before_writing = cause.is_connect() || cause.is_builder();
        Self::new(call, if before_writing { Kind::Connect(cause) } else { Kind::Broken(cause) })
    }

    /// `start` must have been scrubbed.
    pub(crate) fn status(call: &'static Call, status: u16, start: String) -> Self {
        Self::new(call, Kind::Status { status, start })
    }

    /// `start` must have been scrubbed.
    pub(crate) fn malformed(call: &'static Call, what: &'static str, start: String) -> Self {
        Self::new(call, Kind::Malformed { what, start })
    }

    fn new(call: &'static Call, kind: Kind) -> Self {
        Self(Arc::new(Inner { call: Some(call), kind }))
    }

    /// Whether a fresh token may help.
    pub(crate) fn wants_fresh_token(&self) -> bool {
        self.endpoint() != Some(Endpoint::Token) && self.errcode().is_some_and(is_stale_token)
    }

    /// The same refusal, after the token was fetched again and the request replayed.
    pub(crate) fn after_replay(self, same_token: bool) -> Self {
        match (&self.0.kind, self.0.call) {
            (Kind::Answer { code, errmsg, .. }, Some(call)) => {
                let replay = if same_token { Replay::SameToken } else { Replay::OtherToken };
                Self::new(call, Kind::Answer { code: *code, errmsg: errmsg.clone(), replay })
            }
            _ => self,
        }
    }

    /// What a caller does about it.
    ///
    /// Transport faults, 5xx and answers that are not WeChat's are [`Class::Backoff`]. A redirect, HTTP 412 (the
    /// request lost its Content-Length on the way) and other 4xx are [`Class::Account`]: they need a person.
    pub fn class(&self) -> Class {
        match &self.0.kind {
            Kind::Settings(_) | Kind::Answer { replay: Replay::SameToken, .. } => Class::Account,
            Kind::Input(_) => Class::Message,
            Kind::Answer { replay: Replay::OtherToken, .. } => Class::Backoff,
            Kind::Answer { code, .. } => {
                Class::of(*code, self.endpoint().unwrap_or(Endpoint::Other))
            }
            Kind::Status { status, .. } if turned_away(*status) && *status != 429 => Class::Account,
            Kind::Connect(_)
            | Kind::Certificate { .. }
            | Kind::Broken(_)
            | Kind::Status { .. }
            | Kind::Malformed { .. } => Class::Backoff,
        }
    }

    /// What is known about the message, when the call was a send. No token means that it was not sent.
    pub fn outcome(&self) -> Outcome {
        match &self.0.kind {
            _ if self.endpoint() == Some(Endpoint::Token) => Outcome::NotSent,
            Kind::Settings(_) | Kind::Input(_) | Kind::Connect(_) | Kind::Certificate { .. } => {
                Outcome::NotSent
            }
            Kind::Answer { .. } => Outcome::Refused,
            Kind::Status { status, .. } if turned_away(*status) => Outcome::NotSent,
            Kind::Status { .. } | Kind::Broken(_) | Kind::Malformed { .. } => Outcome::Open,
        }
    }

    /// WeChat's return code, when it answered with one.
    pub fn errcode(&self) -> Option<i64> {
        if let Kind::Answer { code, .. } = &self.0.kind { Some(*code) } else { None }
    }

    /// WeChat's own words, on one line and without anything that looks like a token or an openid. May be Chinese.
    pub fn errmsg(&self) -> Option<&str> {
        if let Kind::Answer { errmsg, .. } = &self.0.kind { Some(errmsg) } else { None }
    }

    /// The request id that Tencent's support asks for, such as `65936d46-64a9ab26-63986c01`; valid for 7 days.
    pub fn rid(&self) -> Option<&str> {
        self.errmsg().and_then(rid_in)
    }

    /// The address that WeChat saw and that is not on the account's whitelist (40164).
    pub fn whitelist_ip(&self) -> Option<&str> {
        let said = if self.errcode() == Some(40164) { self.errmsg()? } else { return None };
        let from = said.split_once("invalid ip ")?.1;
        from.split([' ', ',']).next().filter(|ip| !ip.is_empty())
    }

    /// The key whose value WeChat did not take (47003), such as `thing1`.
    pub fn field(&self) -> Option<&str> {
        let said = if self.errcode() == Some(47003) { self.errmsg()? } else { return None };
        let named = |part: &'static str, word: &&str| word.ends_with(part);
        let value =
            said.split([' ', ',']).find(|word| word.starts_with("data.") && named(".value", word));
        let legacy = said.split([' ', ',']).find(|word| named(".DATA", word));
        value
            .map(|word| &word["data.".len()..word.len() - ".value".len()])
            .or_else(|| legacy.map(|word| &word[..word.len() - ".DATA".len()]))
    }

    /// Whether the token endpoint itself answered with a refusal of the account: the secret, the app id, the
    /// whitelist (40164, 8950x) or a frozen account. A network fault or a spent quota there is not meant.
    pub fn at_token_endpoint(&self) -> bool {
        self.endpoint() == Some(Endpoint::Token)
            && self.errcode().is_some()
            && self.class() == Class::Account
    }

    /// Whether the very same token came back and was refused again: no number of retries will help.
    pub fn token_refused(&self) -> bool {
        matches!(self.0.kind, Kind::Answer { replay: Replay::SameToken, .. })
    }

    /// Whether the other side showed a certificate that this machine does not trust.
    pub fn is_untrusted(&self) -> bool {
        matches!(self.0.kind, Kind::Certificate { .. })
    }

    /// The official path of the call, such as `/cgi-bin/message/template/send`.
    pub fn path(&self) -> Option<&'static str> {
        self.0.call.map(|call| call.path)
    }

    /// The kind of call that failed; none when the client could not be set up.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.0.call.map(|call| call.endpoint)
    }
}

/// What the TLS library says of the other side's certificate, where that is what is wrong. Its own type is hidden
/// beneath, so its words are looked for.
fn certificate(cause: &reqwest::Error) -> Option<String> {
    let causes = std::iter::successors(std::error::Error::source(cause), |cause| cause.source());
    let told = causes.map(ToString::to_string).find(|told| told.contains("certificate"))?;
    Some(scrub::text(&told, CERTIFICATE, &[]))
}

/// Statuses by which a server says that it did not act on the request. 408 is not one: it may have been cut off late.
fn turned_away(status: u16) -> bool {
    matches!(status, 300..=499) && status != 408
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => {
            "; a proxy or sign-in portal redirects, and redirects are not followed: let this machine through to WeChat"
        }
        407 => "; the proxy wants a user name and password",
        412 => {
            "; a proxy re-sent the request in chunks or the client did not give its length: take the proxy out of the way"
        }
        404 | 405 => "; check the base URL",
        400..=499 => "; a proxy or firewall turned the request away",
        _ => "",
    }
}

fn quoted(start: &str) -> String {
    if start.is_empty() { String::new() } else { format!("; it began: {start}") }
}

/// Three groups of eight hex digits after `rid:`.
fn rid_in(errmsg: &str) -> Option<&str> {
    let from = errmsg.rsplit_once("rid:")?.1.trim_start();
    let rid = from.get(..26)?;
    let shape = rid.bytes().enumerate().all(|(at, byte)| {
        if at == 8 || at == 17 { byte == b'-' } else { byte.is_ascii_hexdigit() }
    });
    shape.then_some(rid)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind)?;
        self.path().map_or(Ok(()), |path| write!(f, " ({path})"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("path", &self.path()).field("kind", &self.0.kind).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0.kind)
    }
}
