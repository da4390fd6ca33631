//! Faults: what may go wrong, where, how often; and the queue of rules a simulator holds.

use serde::{Deserialize, Serialize};

/// A rule that makes matching calls go wrong. In JSON, everything but `kind` may be left out:
/// `{"kind": "busy", "at": "send", "after": 0, "times": 1, "every": null, "openid": null}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Which calls it befalls; sends unless set.
    #[serde(default)]
    pub at: Which,
    /// How many matching calls pass before the first fault.
    #[serde(default)]
    pub after: u64,
    /// How often it strikes; once unless set.
    #[serde(default)]
    pub times: Times,
    /// `Some(n)`: of the calls that match, only every n-th is struck, the first of each n.
    #[serde(default)]
    pub every: Option<u64>,
    /// Only sends to this openid match.
    #[serde(default)]
    pub openid: Option<String>,
}

impl Fault {
    /// Strikes the next send, once.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, at: Which::Send, after: 0, times: Times::Count(1), every: None, openid: None }
    }

    /// Befalls these calls instead of sends.
    #[must_use]
    pub fn at(self, at: Which) -> Self {
        Self { at, ..self }
    }

    /// Lets this many matching calls pass first.
    #[must_use]
    pub fn after(self, after: u64) -> Self {
        Self { after, ..self }
    }

    /// Strikes this many times.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Times::Count(times), ..self }
    }

    /// Strikes until the faults are cleared.
    #[must_use]
    pub fn forever(self) -> Self {
        Self { times: Times::Forever, ..self }
    }

    /// Strikes only one of this many matching calls.
    #[must_use]
    pub fn every(self, every: u64) -> Self {
        Self { every: Some(every), ..self }
    }

    /// Strikes only sends to this openid.
    #[must_use]
    pub fn openid(self, openid: impl Into<String>) -> Self {
        Self { openid: Some(openid.into()), ..self }
    }
}

/// What goes wrong. In JSON the names are in snake case: `"busy"`, `{"errcode": 43004}`,
/// `{"stall": {"milliseconds": 5000, "accepted": true}}`.
///
/// "Accepted" means that the message reaches the phone (at the token endpoint: that a token is
/// issued). A call that is refused on its own merits is refused whatever the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// -1, nothing accepted.
    Busy,
    /// 45009, nothing accepted.
    DailyQuota,
    /// 45011, nothing accepted.
    MinuteQuota,
    /// 40252: kept for review; on the phone only after a release. At other calls plain 40252.
    Held,
    /// 40241, nothing accepted.
    Duplicate60s,
    /// 43117, nothing accepted.
    TooFrequent,
    /// This errcode with its usual text, nothing accepted.
    Errcode(i64),
    /// HTTP 502 with an HTML page, nothing accepted.
    BadGateway,
    /// HTTP 200 with an HTML page, as a captive portal answers; nothing accepted.
    HtmlOk,
    /// The right answer, but as `text/plain`. Not an error: it is accepted.
    TextPlain,
    /// The answer comes late: the right one if `accepted`, else -1.
    Stall {
        /// How late, in milliseconds.
        milliseconds: u64,
        /// Whether it is accepted, before the wait.
        accepted: bool,
    },
    /// Accepted, then the connection is closed without a byte of an answer.
    CloseAfterAccept,
    /// The connection is closed without a byte of an answer, nothing accepted.
    CloseBefore,
    /// The token of the call has just expired: 42001, and a new one is needed.
    ExpireToken,
    /// The token of the call has just been revoked: 40001, and a new one is needed.
    RevokeToken,
    /// HTTP 302 to another host (a closed port of loopback), nothing accepted.
    Redirect,
}

impl FaultKind {
    /// The errcode answered, where the fault is nothing more than that.
    pub(crate) fn errcode(self) -> Option<i64> {
        match self {
            Self::Busy => Some(-1),
            Self::DailyQuota => Some(45009),
            Self::MinuteQuota => Some(45011),
            Self::Held => Some(40252),
            Self::Duplicate60s => Some(40241),
            Self::TooFrequent => Some(43117),
            Self::Errcode(code) => Some(code),
            _ => None,
        }
    }
}

/// Which calls a fault befalls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// `/cgi-bin/token` and `/cgi-bin/stable_token`.
    Token,
    /// `/cgi-bin/message/template/send`.
    #[default]
    Send,
    /// Every call of the WeChat side.
    Any,
    /// The calls of one path, such as `/cgi-bin/user/info`.
    Path(String),
}

/// How often a fault strikes. In JSON a number or `"forever"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TimesText", into = "TimesText")]
pub enum Times {
    /// This many times.
    Count(u64),
    /// Until the faults are cleared.
    Forever,
}

impl Default for Times {
    fn default() -> Self {
        Self::Count(1)
    }
}

/// The JSON shape of [`Times`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum TimesText {
    Count(u64),
    Word(Forever),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Forever {
    Forever,
}

impl From<TimesText> for Times {
    fn from(text: TimesText) -> Self {
        match text {
            TimesText::Count(count) => Self::Count(count),
            TimesText::Word(Forever::Forever) => Self::Forever,
        }
    }
}

impl From<Times> for TimesText {
    fn from(times: Times) -> Self {
        match times {
            Times::Count(count) => Self::Count(count),
            Times::Forever => Self::Word(Forever::Forever),
        }
    }
}

/// The rules in force, oldest first; the first that strikes wins.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

struct Rule {
    fault: Fault,
    matched: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push(Rule { fault, matched: 0, struck: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that befalls this call, if any. Rules that are used up are forgotten.
    pub(crate) fn strike(&mut self, path: &str, openid: Option<&str>) -> Option<FaultKind> {
        let kind = self.rules.iter_mut().find_map(|rule| rule.strike(path, openid))?;
        self.rules.retain(|rule| !rule.used_up());
        Some(kind)
    }
}

impl Rule {
    fn strike(&mut self, path: &str, openid: Option<&str>) -> Option<FaultKind> {
        if self.used_up() || !self.matches(path, openid) {
            return None;
        }
        self.matched += 1;
        let turn = self.matched.checked_sub(self.fault.after)?.checked_sub(1)?;
        if !turn.is_multiple_of(self.fault.every.unwrap_or(1).max(1)) {
            return None;
        }
        self.struck += 1;
        Some(self.fault.kind)
    }

    fn matches(&self, path: &str, openid: Option<&str>) -> bool {
        let call = match &self.fault.at {
            Which::Token => path == crate::wire::TOKEN || path == crate::wire::STABLE_TOKEN,
            Which::Send => path == crate::wire::SEND,
            Which::Any => true,
            Which::Path(wanted) => path == wanted,
        };
        call && (self.fault.openid.is_none() || self.fault.openid.as_deref() == openid)
    }

    fn used_up(&self) -> bool {
        matches!(self.fault.times, Times::Count(times) if self.struck >= times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{SEND, TOKEN};

    fn strikes(fault: Fault, calls: usize) -> String {
        let mut faults = Faults::default();
        faults.add(fault);
        (0..calls)
            .map(|_| if faults.strike(SEND, Some("o1")).is_some() { 'x' } else { '.' })
            .collect()
    }

    #[test]
    fn a_rule_counts_what_passes_what_it_strikes_and_its_turns() {
        let busy = Fault::new(FaultKind::Busy);
        assert_eq!(strikes(busy.clone(), 4), "x...");
        assert_eq!(strikes(busy.clone().after(2), 4), "..x.");
        assert_eq!(strikes(busy.clone().times(2).every(3), 9), "x..x.....");
        assert_eq!(strikes(busy.clone().forever().after(1).every(2), 6), ".x.x.x");
        assert_eq!(strikes(busy.clone().at(Which::Token), 3), "...");
        assert_eq!(strikes(busy.clone().at(Which::Path(SEND.to_owned())), 2), "x.");
        assert_eq!(strikes(busy.clone().openid("o2"), 2), "..");
        assert_eq!(strikes(busy.after(u64::MAX), 2), "..");
    }

    #[test]
    fn the_first_rule_that_strikes_wins_and_the_next_follows() {
        let mut faults = Faults::default();
        faults.add(Fault::new(FaultKind::Busy).at(Which::Any));
        faults.add(Fault::new(FaultKind::Redirect));
        assert_eq!(faults.strike(TOKEN, None), Some(FaultKind::Busy));
        assert_eq!(faults.strike(SEND, None), Some(FaultKind::Redirect));
        assert_eq!(faults.strike(SEND, None), None);
    }

    #[test]
    fn a_fault_reads_from_short_json_and_back() {
        let short: Fault = serde_json::from_str(r#"{"kind":"busy"}"#).unwrap();
        assert_eq!(short, Fault::new(FaultKind::Busy));
        let long = Fault::new(FaultKind::Stall { milliseconds: 5, accepted: true })
            .at(Which::Any)
            .forever()
            .every(3)
            .openid("o");
        let text = serde_json::to_string(&long).unwrap();
        assert!(text.contains(r#""times":"forever""#), "{text}");
        assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), long);
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"busy","tiems":2}"#).is_err());
    }
}
