//! The one exchange of delivery with the ledger: settle what is known, claim what is next, in one transaction.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::asked::{Reach, SERVICE};
use super::claim::{self, Scope};
use super::db::Db;
use super::doubt::InDoubt;
use super::pace::Pace;
use super::settle::Settling;
use super::{Error, Ledger, lock, receipt, recover, run, settle};
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pause {
    /// How much of the way to the next full minute of the database's clock no message starts: 1, less in rehearsals.
    pub to_next_minute: f64,
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
    pub unknown: InDoubt,
}

/// What an exchange changes in this process once it is committed.
struct After {
    answer: Exchanged,
    peers: BTreeSet<i64>,
    dead: Vec<Uuid>,
}

impl Ledger {
    /// Settles and claims. When this returns, everything in it is on disk.
    ///
    /// A database in trouble (busy, full, I/O, lost) is tried again on a new connection until `Settings::patience` ends.
    /// This is safe: a settlement touches only rows that this run has in flight, and what a lost attempt claimed was
    /// never handed out, so the next attempt finds it `sending` but in nobody's hand and puts it back first.
    pub fn exchange(&mut self, request: &Exchange) -> Result<Exchanged, Error> {
        let after = self.patiently(|ledger| {
            let outcome = ledger.try_exchange(request);
            if outcome.is_err()
                && let Some(run) = &mut ledger.run
            {
                run.in_doubt = true;
            }
            outcome
        })?;
        Ok(self.take_note(request, after))
    }

    /// Claims of this run leave messages of this template alone from now on; they stay queued.
    pub fn stop_template(&mut self, template: &str) {
        if let Some(run) = &mut self.run {
            run.stopped.insert(template.to_owned());
        }
    }

    fn try_exchange(&mut self, request: &Exchange) -> Result<After, Error> {
        let (run, db) = (self.current()?, &self.db);
        let (keep, outbox) = (self.settings.keep_content, self.outbox());
        let after = db.transaction(|| {
            let mut pace = Pace::hold(db, &run.account)?;
            if run.in_doubt {
                put_back_lost_claims(db, run.id, &run.in_hand)?;
            }
            let swept = run::sweep(db, &run.account, run.id)?;
            let peers = run::peers(db, &run.peers, &swept)?;
            let alone: BTreeSet<i64> = swept.alone.into_iter().collect();
            let (mut answer, now) = (Exchanged::default(), pace.now()?);
            answer.became.unknown = recover::orphans(db, outbox, &run.account, now)?.unknown;
            let settling = Settling { run: run.id, in_hand: &run.in_hand, keep, outbox, now };
            answer.lost = settle::settle(db, &settling, &request.settle)?;
            receipt::rematch(db, outbox, &run.account, keep, now)?;
            pace.pause(request.pause);
            let scope = Scope {
                run: run.id,
                account: &run.account,
                planners: planners(run.id, &peers, &alone, self.reach),
                stopped: &run.stopped,
                taken_over: &run.taken_over,
                visits_from: request.now,
                keep,
                outbox,
            };
            claim::claim(db, &scope, &mut pace, request.want, request.rate, &mut answer)?;
            pace.write(db, &run.account)?;
            Ok(After { answer, peers, dead: swept.dead })
        })?;
        #[cfg(test)]
        if std::mem::take(&mut self.lose_answer) {
            return Err(Error::Busy { path: "lost".into() });
        }
        Ok(after)
    }

    fn take_note(&mut self, request: &Exchange, after: After) -> Exchanged {
        lock::forget(&self.db, &after.dead);
        if let Some(run) = &mut self.run {
            run.in_doubt = false;
            run.peers = after.peers;
            request.settle.iter().for_each(|settled| {
                run.in_hand.remove(&settled.message);
                run.taken_over.remove(&settled.message);
            });
            run.in_hand.extend(after.answer.claimed.iter().map(|c| (c.message, c.retry)));
        }
        after.answer
    }
}

/// Whose planned rows this run may claim; 0 stands for a person.
fn planners(mine: i64, peers: &BTreeSet<i64>, alone: &BTreeSet<i64>, reach: Reach) -> Vec<i64> {
    let own = [mine].into_iter();
    match reach {
        Reach::Own => own.collect(),
        Reach::Orders => own.chain([SERVICE]).collect(),
        Reach::Others => own.chain(peers.difference(alone).copied()).chain([0]).collect(),
    }
}

/// Puts back what an earlier attempt claimed whose answer never arrived. None of it was handed out, so an intent that
/// such a claim itself opened is closed again; one that may be older stays open.
fn put_back_lost_claims(db: &Db, run: i64, in_hand: &HashMap<i64, bool>) -> Result<(), Error> {
    let flying = "SELECT id FROM message WHERE state = 'sending' AND run = $1";
    for mut row in db.query(flying, &[run.into()])? {
        let message = row.int("id")?;
        if !in_hand.contains_key(&message) {
            let sql = "UPDATE message SET state = 'queued', attempts = attempts - 1,
                  intent_at = CASE WHEN attempts > 1 THEN intent_at END
                WHERE id = $1 AND run = $2 AND state = 'sending'";
            db.execute(sql, &[message.into(), run.into()])?;
        }
    }
    Ok(())
}
