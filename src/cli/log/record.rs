//! A message as `log` shows it, by the field names of the events; personal values masked unless asked otherwise.

use std::ops::Deref;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::words;
use crate::ledger::{Entry, Shown};
use crate::report::{self, Language};

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
        report::why(self.state, self.errcode, self.reason.as_deref(), Language::En)
    }

    /// Why it did not get through, in a few words.
    pub fn why(&self) -> String {
        match self.errcode.filter(|_| self.reason.is_none()) {
            Some(code) => format!("WeChat {code}"),
            None => report::why(self.state, None, self.reason.as_deref(), Language::En),
        }
    }
}
