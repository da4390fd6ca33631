//! A message as `log` shows it, by the field names of the events; personal values masked unless asked otherwise.

use std::ops::Deref;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::words;
use crate::cli::reasons;
use crate::domain::reason::Reason;
use crate::domain::state::State;
use crate::ledger::{Entry, Shown};

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// What programs get.
    #[serde(flatten)]
    shown: Shown,
    /// For people: the start and the last change on the clinic's clock.
    #[serde(skip)]
    pub local: Local,
}

impl Deref for Record {
    type Target = Shown;

    fn deref(&self) -> &Shown {
        &self.shown
    }
}

/// Times for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// `2026-11-30 09:00`, `2026-11-30 上午`.
    pub start: String,
    /// When it last changed.
    pub changed: String,
}

impl Record {
    /// What is shown of an entry.
    pub fn of(entry: &Entry, zone: &TimeZone, unmasked: bool) -> Self {
        let start = entry.start.as_ref();
        let changed =
            entry.receipt_at.or(entry.settled_at).or(entry.sent_at).unwrap_or(entry.queued_at);
        Self {
            shown: Shown::of(entry, zone, unmasked),
            local: Local {
                start: start.map(ToString::to_string).unwrap_or_default(),
                changed: words::local(changed, zone),
            },
        }
    }

    /// The visit or the reference that it is about.
    pub fn subject(&self) -> &str {
        self.appointment_id.as_deref().or(self.reference.as_deref()).unwrap_or("-")
    }

    /// Why it did not get through, with what WeChat's code means.
    pub fn why_in_full(&self) -> String {
        let meaning = self.errcode.filter(|_| self.reason.is_none()).and_then(wechat::explain);
        match meaning {
            Some(known) => {
                // The first clause; `log show` has the rest.
                let clause = known.meaning_en.split([';', '.']).next().unwrap_or_default();
                format!("{}: {clause}", self.why())
            }
            None => self.why(),
        }
    }

    /// What a state says that has neither a reason nor a code.
    fn state_in_words(&self) -> &'static str {
        match self.state {
            State::Unknown => "nobody knows whether it arrived",
            State::Expired => "its time passed before it could be sent",
            State::Held => "under review at WeChat",
            _ => "",
        }
    }

    /// Why it did not get through, in a few words.
    pub fn why(&self) -> String {
        let reason = self.reason.as_deref().map(|word| match word {
            "source" => "called off by the source".to_owned(),
            "person" => "called off by a person".to_owned(),
            "user_block" => "the patient blocks the account's messages".to_owned(),
            "system_failed" => "WeChat could not deliver it".to_owned(),
            "freq_limit" => "WeChat had too many messages for the patient".to_owned(),
            word => {
                let known = Reason::ALL.into_iter().find(|reason| reason.as_str() == word);
                known.map_or_else(|| word.to_owned(), |reason| reasons::told(reason).to_owned())
            }
        });
        let code = self.errcode.map(|code| format!("WeChat {code}"));
        reason.or(code).unwrap_or_else(|| self.state_in_words().to_owned())
    }
}
