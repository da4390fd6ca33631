//! What a run did, in numbers, and why it ended.

use std::collections::BTreeMap;

use crate::ledger::InDoubt;

/// Why a run ended before its messages did. The messages left stay queued.
#[derive(Debug)]
pub enum Halt {
    /// A person or the system asked it to stop.
    Interrupted,
    /// The hours have begun in which nothing is sent.
    QuietHours,
    /// The token endpoint refused, or a fresh token was refused.
    Credentials(Box<wechat::Error>),
    /// WeChat refused the account.
    Account(Box<wechat::Error>),
    /// The day's quota is spent.
    Quota(Box<wechat::Error>),
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Tally {
    /// Taken by WeChat.
    pub accepted: u64,
    /// Under review at WeChat (40252).
    pub held: u64,
    /// Refused by WeChat, by errcode.
    pub failed: BTreeMap<i64, u64>,
    /// Outcome unknown.
    pub unknown: InDoubt,
    /// Not sent: the visit had begun or the prescription had lapsed.
    pub expired: u64,
    /// Templates that were stopped, with what WeChat said.
    pub stopped_templates: BTreeMap<String, wechat::Error>,
    /// What stood in the way of the last message for which WeChat was busy or out of reach to the end.
    pub trouble: Option<wechat::Error>,
    /// Why the run ended early.
    pub halt: Option<Halt>,
}

impl Tally {
    /// Adds what a later turn of the same run did; why that one ended is why the run did.
    pub fn add(&mut self, later: Self) {
        self.accepted += later.accepted;
        self.held += later.held;
        for (errcode, count) in later.failed {
            *self.failed.entry(errcode).or_default() += count;
        }
        self.unknown += later.unknown;
        self.expired += later.expired;
        self.stopped_templates.extend(later.stopped_templates);
        self.trouble = later.trouble.or(self.trouble.take());
        self.halt = later.halt;
    }

    /// Whether nothing was sent, retired or met.
    pub fn is_empty(&self) -> bool {
        let settled =
            self.accepted + self.held + self.failures() + self.unknown.total() + self.expired;
        settled == 0 && self.stopped_templates.is_empty() && self.halt.is_none()
    }

    /// Messages that WeChat refused.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

/// How far a run is, for a progress bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages with an outcome.
    pub done: u64,
    /// Of those, the ones WeChat took or holds.
    pub sent: u64,
    /// Requests in flight.
    pub in_flight: usize,
    /// Whether it only waits, for messages put off or for the end of a pause.
    pub waiting: bool,
}
