//! The one exchange of delivery with the ledger: settle what is known, claim what is next, in one transaction.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, Ledger};
use crate::domain::key::Key;
use crate::domain::message::Kind;

/// What delivery tells and asks.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Outcomes since the last exchange, of messages that this run claimed.
    pub settle: Vec<Settlement>,
    /// How many more messages are wanted; 0 claims nothing.
    pub want: usize,
    /// The account's rate in messages a second; `None` is unlimited.
    pub rate: Option<f64>,
    /// The clinic's time (maybe pretended): decides which visits have begun.
    pub now: Timestamp,
    /// What WeChat's 45011 asks of every run of the account.
    pub pause: Option<Pause>,
}

/// The outcome of one message.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The message's row.
    pub message: i64,
    /// What became of it.
    pub outcome: Settled,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// WeChat took it.
    Accepted {
        /// WeChat's id of the message; none when only an errcode tells that it arrived.
        msgid: Option<i64>,
    },
    /// WeChat reviews it (errcode 40252).
    Held {
        /// WeChat's id of the request.
        rid: Option<String>,
    },
    /// WeChat refused it.
    Failed {
        /// WeChat's code.
        errcode: i64,
        /// WeChat's words.
        errmsg: String,
        /// WeChat's id of the request.
        rid: Option<String>,
    },
    /// It cannot be known.
    Unknown {
        /// WeChat's code, if it answered.
        errcode: Option<i64>,
        /// WeChat's words, or the transport's.
        errmsg: Option<String>,
    },
    /// Put back.
    Requeued {
        /// Not to be tried for this long, from the database's now.
        not_before: Option<Duration>,
        /// It was certainly not sent; otherwise the intent stays open and the next attempt is a retry.
        sure: bool,
        /// WeChat's code, if it answered.
        errcode: Option<i64>,
        /// WeChat's words, or the transport's.
        errmsg: Option<String>,
    },
}

/// What 45011 (too many calls a minute) asks of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    /// No message starts before the next full minute of the database's clock.
    pub until_next_minute: bool,
    /// The rate is halved for ten minutes.
    pub slower: bool,
}

/// A message to send now. Its intent is on disk.
#[derive(Clone)]
pub struct Claimed {
    /// The message's row.
    pub message: i64,
    /// The id that people, JSON and events see.
    pub message_id: Uuid,
    /// Its key, and so its `client_msg_id`.
    pub key: Key,
    /// What it is for.
    pub kind: Kind,
    /// The recipient.
    pub openid: Box<str>,
    /// The local template's name.
    pub template: Box<str>,
    /// The request body.
    pub content: String,
    /// An earlier attempt may have reached WeChat under the same `client_msg_id`.
    pub retry: bool,
    /// How long ago the first such attempt was committed; zero when there was none.
    pub intent_age: Duration,
    /// Attempts so far, this one included.
    pub attempts: u32,
    /// How many days ahead its stage is.
    pub stage: Option<u16>,
    /// The hospital's number for the visit.
    pub appointment_id: Option<Box<str>>,
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed")
            .field("message_id", &self.message_id)
            .field("kind", &self.kind)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// What the ledger answers.
#[derive(Clone, Debug, Default)]
pub struct Exchanged {
    /// Messages to send, nearest visit first, no openid twice.
    pub claimed: Vec<Claimed>,
    /// The first of them starts after this time.
    pub start_after: Duration,
    /// Each further one starts this much later.
    pub interval: Duration,
    /// When asking again may give more: the earliest time that a row is put off to, the end of a pause, or a look at
    /// what other runs hold. `None` when only this run's own outcomes can free a row, or nothing is left.
    pub next_due: Option<Duration>,
    /// Rows that this run may claim but not now. Exact when fewer were claimed than wanted; else at least 1 when there are more.
    pub waiting: u64,
    /// Rows that this run planned and other living runs have in flight.
    pub elsewhere: u64,
    /// What this exchange itself retired.
    pub became: Became,
    /// Outcomes that met no row of this run in flight: they were not recorded, the row says something else.
    pub lost: u64,
}

/// Rows that an exchange retired instead of claiming them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Became {
    /// The visit had begun.
    pub expired: u64,
    /// An open intent was too old to be repeated.
    pub unknown: u64,
}

impl Ledger {
    /// Settles and claims. When this returns, everything in it is on disk.
    ///
    /// A database in trouble (busy, full, I/O) is tried again on a new connection until `Settings::patience` ends.
    pub fn exchange(&mut self, _request: &Exchange) -> Result<Exchanged, Error> {
        Err(Error::NoRun)
    }

    /// Claims of this run leave messages of this template alone from now on; they stay queued.
    pub fn stop_template(&mut self, _template: &str) {}
}
