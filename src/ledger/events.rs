//! Events as `log events` lists and replays them.

use std::str::FromStr;

use jiff::Timestamp;

use super::db::{Param, placeholders};
use super::row::Row;
use super::{Error, Ledger, audit};
use crate::domain::event::{Event, EventType, Finished, UnknownWord};

/// How far the delivery of an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It waits for its first or its next attempt.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Every attempt has failed.
    Dead,
}

impl Delivery {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The word in the ledger, in JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

impl FromStr for Delivery {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|one| one.as_str() == word).ok_or(UnknownWord)
    }
}

/// An event as `log events` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The event.
    pub event: Event,
    /// How far it is.
    pub delivery: Delivery,
    /// Attempts that failed in their turn.
    pub attempts: u32,
    /// When the next attempt is due, while it is pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When the receiver took it.
    pub delivered_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

/// Which events to list or to replay; what is empty does not restrict.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The account's app id.
    pub account: Option<String>,
    /// Recorded at or after.
    pub since: Option<Timestamp>,
    /// How far they are.
    pub delivery: Vec<Delivery>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// How many events are not delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undelivered {
    /// They wait.
    pub pending: u64,
    /// They are given up.
    pub dead: u64,
    /// Why the newest attempt of a waiting one failed.
    pub error: Option<String>,
}

/// The columns of an [`Event`], in the order that [`event`] reads.
pub(super) const EVENT: &str = "sequence, event_id, type, at, account, run_id, message_id, kind, stage, appointment_id, start, NULL,
    state, errcode, reason, msgid, openid_hash, patient_id, reference_tail, exit_code, accepted, held, failed, unknown,
    left_queued";

impl Ledger {
    /// How many events of these accounts are not delivered.
    pub fn undelivered_events(&mut self, accounts: &[String]) -> Result<Undelivered, Error> {
        let of = of_accounts(accounts.len(), 1);
        let values = || accounts.iter().map(|account| account.as_str().into()).collect::<Vec<_>>();
        let sql = format!(
            "SELECT delivery, COUNT(*) FROM event WHERE {of} AND delivery <> 'delivered' GROUP BY delivery"
        );
        let mut all = Undelivered::default();
        for mut row in self.db.query(&sql, &values())? {
            match row.word("delivery")? {
                Delivery::Dead => all.dead = row.count("count")?,
                _ => all.pending = row.count("count")?,
            }
        }
        let sql = format!(
            "SELECT error FROM event WHERE {of} AND delivery = 'pending' AND error IS NOT NULL
             ORDER BY sequence DESC LIMIT 1"
        );
        let newest = self.db.query(&sql, &values())?.pop();
        all.error = newest.map_or(Ok(None), |mut row| row.opt_text("error"))?;
        Ok(all)
    }

    /// The events that pass the filter, newest first.
    pub fn list_events(&mut self, filter: &EventFilter) -> Result<Vec<Listed>, Error> {
        let (conditions, values) = filter.sql(1);
        let limit = filter.limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default();
        let sql = format!(
            "SELECT {EVENT}, delivery, attempts, next_attempt_at, delivered_at, error FROM event
             WHERE {conditions} ORDER BY sequence DESC {limit}"
        );
        self.db.query(&sql, &values)?.into_iter().map(listed).collect()
    }

    /// Makes events that were delivered, or given up, pending again, under the same ids, and notes who asked. Returns
    /// how many.
    pub fn replay_events(&mut self, filter: &EventFilter, actor: &str) -> Result<u64, Error> {
        let db = &self.db;
        db.transaction(|| {
            let (conditions, mut values) = filter.sql(2);
            values.insert(0, db.now()?.into());
            let sql = format!(
                "UPDATE event SET delivery = 'pending', attempts = 0, next_attempt_at = $1, lease_until = NULL,
                   delivered_at = NULL, error = NULL
                 WHERE delivery <> 'pending' AND {conditions}"
            );
            let replayed = db.execute(&sql, &values)?;
            audit::write(db, actor, "log events --replay", None, Some(&replayed.to_string()))?;
            Ok(replayed)
        })
    }
}

impl EventFilter {
    /// Conditions whose parameters begin with this number, and their values.
    fn sql(&self, first: usize) -> (String, Vec<Param<'_>>) {
        let (mut conditions, mut values) = (vec!["1 = 1".to_owned()], Vec::new());
        if let Some(account) = &self.account {
            conditions.push(format!("account = ${}", first + values.len()));
            values.push(account.as_str().into());
        }
        if let Some(since) = self.since {
            conditions.push(format!("at >= ${}", first + values.len()));
            values.push(since.into());
        }
        if !self.delivery.is_empty() {
            let places = placeholders(first + values.len(), self.delivery.len());
            conditions.push(format!("delivery IN ({places})"));
            values.extend(self.delivery.iter().map(|one| Param::from(one.as_str())));
        }
        (conditions.join(" AND "), values)
    }
}

/// A condition on the account, with parameters from this number on.
pub(super) fn of_accounts(count: usize, first: usize) -> String {
    format!("account IN ({})", placeholders(first, count))
}

fn listed(mut row: Row) -> Result<Listed, Error> {
    let event = event(&mut row)?;
    let delivery = row.word("delivery")?;
    Ok(Listed {
        event,
        delivery,
        attempts: row.small("attempts")?,
        next_attempt_at: row.opt_time("next_attempt_at")?.filter(|_| delivery == Delivery::Pending),
        delivered_at: row.opt_time("delivered_at")?,
        error: row.opt_text("error")?,
    })
}

/// Reads the columns [`EVENT`].
pub(super) fn event(row: &mut Row) -> Result<Event, Error> {
    let (sequence, event_id) = (row.int("sequence")?, row.word("event_id")?);
    let event_type: EventType = row.word("type")?;
    Ok(Event {
        event_id,
        event_type,
        sequence,
        time: row.word("at")?,
        account: row.text("account")?,
        run_id: row.opt_word("run_id")?,
        message_id: row.opt_word("message_id")?,
        kind: row.opt_word("kind")?,
        stage: row.opt_small("stage")?,
        appointment_id: row.opt_text("appointment_id")?,
        start: row.opt_start()?,
        state: row.opt_word("state")?,
        errcode: row.opt_int("errcode")?,
        reason: row.opt_text("reason")?,
        msgid: row.opt_int("msgid")?,
        openid_hash: row.opt_text("openid_hash")?,
        patient_id: row.opt_text("patient_id")?,
        reference_tail: row.opt_text("reference_tail")?,
        finished: finished(row, event_type)?,
    })
}

fn finished(row: &mut Row, event_type: EventType) -> Result<Option<Finished>, Error> {
    let mut number = |column| row.opt_small::<u64>(column).map(Option::unwrap_or_default);
    let [exit_code, accepted, held, failed, unknown, left_queued] =
        ["exit_code", "accepted", "held", "failed", "unknown", "left_queued"].map(&mut number);
    let finished = Finished {
        exit_code: u8::try_from(exit_code?).map_err(|_| Error::Stored { column: "exit_code" })?,
        accepted: accepted?,
        held: held?,
        failed: failed?,
        unknown: unknown?,
        left_queued: left_queued?,
    };
    Ok((event_type == EventType::RunFinished).then_some(finished))
}
