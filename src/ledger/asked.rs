//! Messages that others ask for while a service runs: programs through the connector, clerks through its page.
//!
//! They are planned by nobody's run: whoever serves the account may claim them, now or after a restart, on this machine
//! or another. So nothing that was promised hangs on the life of a run, and the runs of the command line, which have
//! their own sources to answer for, leave them alone.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::db::{Db, Param};
use super::pace::Pace;
use super::queue::insert_asked;
use super::record::{self, Entry};
use super::{Error, Identity, Ledger, Unknowns, Who};
use crate::domain::key::Key;
use crate::domain::message::Message;
use crate::domain::receipt::follower_mark;

/// In the place of the run that planned a message: those who serve the account.
pub(super) const SERVICE: i64 = -1;

/// Who plans what is queued.
pub(super) struct Planner<'a> {
    /// A run's row, or [`SERVICE`].
    pub id: i64,
    pub account: &'a str,
    pub policy: Unknowns,
}

/// A message that somebody asks for.
#[derive(Clone)]
pub struct Asked {
    /// The message, without a visit.
    pub message: Message,
    /// The id by which whoever asks knows it.
    pub client_msg_id: Box<str>,
    /// Who asks: the name of an API key.
    pub asked_by: Box<str>,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("message", &self.message).finish_non_exhaustive()
    }
}

/// What the ledger says of a message that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is new, and queued on disk.
    Queued(Box<Entry>),
    /// It was asked for before; nothing changed.
    Known {
        /// The message as it stands.
        entry: Box<Entry>,
        /// Whether it says the same.
        same: bool,
    },
}

/// Why nothing is sent to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// On the do-not-send list.
    OptedOut,
    /// Ceased to follow the account, as WeChat told.
    Unsubscribed,
}

/// What waits for those who serve an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing.
    Nothing,
    /// Something is to be sent, or is in flight of a run that may be dead.
    Now,
    /// Something is put off for so long.
    Later(Duration),
}

impl Ledger {
    /// From now on this ledger, as long as it has no run, queues for those who serve this account.
    pub fn take_orders(&mut self, account: &str) -> Result<(), Error> {
        self.serves = Some(account.to_owned());
        Pace::open(&self.db, account)
    }

    /// Who plans what is queued now: the run, else those who serve.
    pub(super) fn planner(&self) -> Result<Planner<'_>, Error> {
        if let Some(run) = &self.run {
            return Ok(Planner { id: run.id, account: &run.account, policy: run.policy });
        }
        let account = self.serves.as_deref().ok_or(Error::NoRun)?;
        // Nothing of unknown outcome is sent again without a person's word.
        let policy = Unknowns { resend_reminders: false, resend_prescriptions: false };
        Ok(Planner { id: SERVICE, account, policy })
    }

    /// Queues a message that somebody asks for, unless its key is there already. When this returns, it is on disk.
    pub fn ask(&mut self, asked: &Asked) -> Result<Answer, Error> {
        self.patiently(|ledger| {
            let (planner, db) = (ledger.planner()?, &ledger.db);
            db.transaction(|| {
                let new = insert_asked(db, &planner, asked, db.now()?)? > 0;
                match known(db, asked)?.ok_or(Error::Stored { column: "key" })? {
                    Answer::Known { entry, .. } if new => Ok(Answer::Queued(entry)),
                    known => Ok(known),
                }
            })
        })
    }

    /// Whether this person wants no messages, or cannot get any.
    pub fn turned_away(
        &mut self,
        account: &str,
        openid: &str,
    ) -> Result<Option<TurnedAway>, Error> {
        let who = Who { account: account.into(), identity: Identity::Openid(openid.into()) };
        let (opted_out, follower) = (who.opt_out_mark(), follower_mark(account, openid));
        self.patiently(|ledger| {
            let has = |sql, mark| Ok::<_, Error>(ledger.db.count(sql, &[Param::from(mark)])? > 0);
            if has("SELECT COUNT(*) FROM opt_out WHERE mark = $1", &opted_out)? {
                return Ok(Some(TurnedAway::OptedOut));
            }
            let gone =
                has("SELECT COUNT(*) FROM follow WHERE follows = 0 AND mark = $1", &follower)?;
            Ok(gone.then_some(TurnedAway::Unsubscribed))
        })
    }

    /// The message that was asked for under this key, and whether it says the same.
    pub fn asked_before(&mut self, asked: &Asked) -> Result<Option<Answer>, Error> {
        self.patiently(|ledger| known(&ledger.db, asked))
    }

    /// What waits for those who serve the account.
    pub fn waiting_for_service(&mut self, account: &str) -> Result<Waiting, Error> {
        self.patiently(|ledger| {
            let (db, now) = (&ledger.db, ledger.db.now()?);
            let flying = "SELECT COUNT(*) FROM message WHERE state = 'sending' AND account = $1 AND planned_run = $2";
            let values = [account.into(), SERVICE.into()];
            if db.count(flying, &values)? > 0 {
                return Ok(Waiting::Now);
            }
            let queued = "SELECT COUNT(*), COUNT(not_before), MIN(not_before) FROM message
                WHERE state = 'queued' AND account = $1 AND planned_run = $2";
            let Some(mut row) = db.query(queued, &values)?.pop() else { return Ok(Waiting::Nothing) };
            let (all, put_off) = (row.count("count")?, row.count("put off")?);
            Ok(waiting(all, put_off, row.opt_time("not_before")?, now))
        })
    }

    /// Claims of this run take, beside its own, what others asked of those who serve, and nothing of other runs.
    pub fn claim_orders(&mut self) {
        self.reach = Reach::Orders;
    }
}

/// What a run may claim beside what it planned itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// What runs alive at the same time planned, and what a person released.
    Others,
    /// Nothing.
    Own,
    /// What others asked of those who serve.
    Orders,
}

fn waiting(all: u64, put_off: u64, earliest: Option<Timestamp>, now: Timestamp) -> Waiting {
    let wait = earliest.and_then(|at| Duration::try_from(at.duration_since(now)).ok());
    match wait.filter(|wait| !wait.is_zero()) {
        _ if all == 0 => Waiting::Nothing,
        Some(wait) if all == put_off => Waiting::Later(wait),
        _ => Waiting::Now,
    }
}

fn known(db: &Db, asked: &Asked) -> Result<Option<Answer>, Error> {
    let key = &asked.message.key;
    let Some(entry) = record::with_key(db, key)? else { return Ok(None) };
    let same = content_hash(db, key)? == Some(asked.message.content_hash);
    Ok(Some(Answer::Known { entry: Box::new(entry), same }))
}

fn content_hash(db: &Db, key: &Key) -> Result<Option<[u8; 32]>, Error> {
    let sql = "SELECT content_hash FROM message WHERE visit_at = '' AND key = $1";
    let row = db.query(sql, &[Param::from(key.as_bytes())])?.pop();
    row.map_or(Ok(None), |mut row| row.opt_bytes("content_hash"))
}
