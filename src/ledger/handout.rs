//! Handing events out to be delivered, and recording what came of it.
//!
//! An event is handed out with a lease by the database's clock, so that two processes do not deliver it at the same
//! time. One that dies with an event in hand loses nothing: the lease ends and the event is handed out again. So an
//! event may be delivered twice, and receivers drop repetitions by its id.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::db::{Db, Param};
use super::events::{EVENT, event, of_accounts};
use super::row::Row;
use super::{Error, Ledger};
use crate::domain::event::Event;

/// What a deliverer tells and asks.
#[derive(Clone, Debug)]
pub struct Round {
    /// The app ids whose events it delivers.
    pub accounts: Vec<String>,
    /// What came of events handed out to it before.
    pub results: Vec<Attempt>,
    /// How many more it wants.
    pub want: usize,
    /// Which ones.
    pub pick: Pick,
    /// For how long nobody else gets them.
    pub lease: Duration,
}

/// Which events are handed out, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Those whose time has come.
    Due,
    /// All that are pending and come after this one, whenever their time is: a person asks.
    After(i64),
}

/// An event handed out.
#[derive(Clone)]
pub struct Handed {
    /// The event.
    pub event: Event,
    /// Attempts that failed in their turn.
    pub attempts: u32,
    /// Whether its turn has come; otherwise a failure changes nothing.
    pub due: bool,
    /// What shows whose lease it is.
    lease: String,
}

/// What came of an event handed out.
#[derive(Clone, Debug)]
pub struct Attempt {
    sequence: i64,
    lease: String,
    outcome: Outcome,
}

/// What an attempt to deliver an event came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver took it.
    Delivered,
    /// It did not, for this reason; the next attempt is so much later.
    PutOff(String, Duration),
    /// It did not, for this reason, and there is no further attempt.
    Dead(String),
    /// It did not, for this reason, in an attempt before its turn.
    Early(String),
    /// It was not tried after all.
    Untried,
}

impl Handed {
    /// What is to be told to the ledger of this event.
    pub fn came_to(&self, outcome: Outcome) -> Attempt {
        Attempt { sequence: self.event.sequence, lease: self.lease.clone(), outcome }
    }
}

impl fmt::Debug for Handed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handed").field("event", &self.event).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Records what came of events handed out before, and hands out more, oldest first. When this returns, it is on disk.
    ///
    /// A round with nothing to tell and nothing to hand out only reads.
    pub fn deliver_events(&mut self, round: &Round) -> Result<Vec<Handed>, Error> {
        let db = &self.db;
        if round.results.is_empty() && (round.want == 0 || !any(db, round)?) {
            return Ok(Vec::new());
        }
        db.transaction(|| {
            round.results.iter().try_for_each(|attempt| note(db, attempt))?;
            if round.want == 0 { Ok(Vec::new()) } else { hand_out(db, round) }
        })
    }
}

/// What may be handed out: the conditions, whose first parameter is the time, and their values.
fn open(round: &Round, now: Timestamp) -> (String, Vec<Param<'_>>) {
    let mut values: Vec<Param<'_>> = vec![now.into()];
    values.extend(round.accounts.iter().map(|account| Param::from(account.as_str())));
    let turn = match round.pick {
        Pick::Due => "next_attempt_at <= $1".to_owned(),
        Pick::After(sequence) => {
            values.push(sequence.into());
            format!("sequence > ${}", values.len())
        }
    };
    let of = of_accounts(round.accounts.len(), 2);
    let free = "(lease_until IS NULL OR lease_until <= $1)";
    (format!("delivery = 'pending' AND {of} AND {turn} AND {free}"), values)
}

fn any(db: &Db, round: &Round) -> Result<bool, Error> {
    let (open, values) = open(round, db.now()?);
    Ok(!db.query(&format!("SELECT 1 FROM event WHERE {open} LIMIT 1"), &values)?.is_empty())
}

fn hand_out(db: &Db, round: &Round) -> Result<Vec<Handed>, Error> {
    let now = db.now()?;
    // A lease past the calendar's end is as good as its end.
    let until = now.checked_add(round.lease).unwrap_or(Timestamp::MAX);
    let (open, mut values) = open(round, now);
    values.extend([until.into(), (round.want as u64).into()]);
    let (until, want) = (values.len() - 1, values.len());
    // The conditions stand twice: whoever waited here for another's hand-out looks again at what it changed.
    let sql = format!(
        "UPDATE event SET lease_until = ${until} WHERE {open} AND sequence IN
           (SELECT sequence FROM event WHERE {open} ORDER BY sequence LIMIT ${want})
         RETURNING {EVENT}, attempts, next_attempt_at, lease_until"
    );
    let handed = |mut row: Row| {
        let event = event(&mut row)?;
        let attempts = row.small("attempts")?;
        let due = row.word::<Timestamp>("next_attempt_at")? <= now;
        Ok(Handed { event, attempts, due, lease: row.text("lease_until")? })
    };
    let mut all: Vec<Handed> =
        db.query(&sql, &values)?.into_iter().map(handed).collect::<Result<_, Error>>()?;
    all.sort_by_key(|handed| handed.event.sequence);
    Ok(all)
}

/// Records what an attempt came to. One whose lease has gone to somebody else only counts when it was a success.
fn note(db: &Db, attempt: &Attempt) -> Result<(), Error> {
    let (sequence, lease) = (attempt.sequence, attempt.lease.as_str());
    let mine = "sequence = $1 AND lease_until = $2 AND delivery = 'pending'";
    let now = db.now()?;
    match &attempt.outcome {
        Outcome::Delivered => {
            let sql = "UPDATE event SET delivery = 'delivered', delivered_at = $2, lease_until = NULL, error = NULL
                WHERE sequence = $1 AND delivery <> 'delivered'";
            db.execute(sql, &[sequence.into(), now.into()])?;
        }
        Outcome::PutOff(why, wait) => {
            let sql = format!(
                "UPDATE event SET attempts = attempts + 1, next_attempt_at = $3, lease_until = NULL, error = $4
                 WHERE {mine}"
            );
            let next = now.checked_add(*wait).unwrap_or(Timestamp::MAX);
            db.execute(&sql, &[sequence.into(), lease.into(), next.into(), why.as_str().into()])?;
        }
        Outcome::Dead(why) => {
            let sql = format!(
                "UPDATE event SET delivery = 'dead', attempts = attempts + 1, lease_until = NULL, error = $3
                 WHERE {mine}"
            );
            db.execute(&sql, &[sequence.into(), lease.into(), why.as_str().into()])?;
        }
        Outcome::Early(why) => {
            let sql = format!("UPDATE event SET lease_until = NULL, error = $3 WHERE {mine}");
            db.execute(&sql, &[sequence.into(), lease.into(), why.as_str().into()])?;
        }
        Outcome::Untried => {
            let sql = format!("UPDATE event SET lease_until = NULL WHERE {mine}");
            db.execute(&sql, &[sequence.into(), lease.into()])?;
        }
    }
    Ok(())
}
