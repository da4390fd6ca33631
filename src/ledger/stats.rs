//! Counts of the record.

use jiff::Timestamp;

use super::db::Param;
use super::record::{CHANGED, STATE};
use super::{Error, Ledger};
use crate::domain::message::Kind;
use crate::domain::state::State;

/// A count of messages; tests are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatRow {
    /// What they are for.
    pub kind: Kind,
    /// Where they stand.
    pub state: State,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// How many.
    pub count: u64,
}

/// A count of messages that did not get through, all for the same cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where they stand.
    pub state: State,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// As in [`super::Entry::reason`].
    pub reason: Option<String>,
    /// How many.
    pub count: u64,
}

/// A count of accepted messages that took equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelayRow {
    /// Seconds from the queue to WeChat's answer.
    pub to_answer: i64,
    /// Seconds from WeChat's answer to its receipt, where there was one.
    pub to_receipt: Option<i64>,
    /// How many.
    pub count: u64,
}

/// What the ledger holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The version of its schema.
    pub schema: i64,
    /// How many messages stand where; states without any are left out, tests too.
    pub states: Vec<(State, u64)>,
}

impl Standing {
    /// How many messages there are in all.
    pub fn messages(&self) -> u64 {
        self.states.iter().map(|(_, count)| count).sum()
    }

    /// How many messages are in this state.
    pub fn count(&self, state: State) -> u64 {
        let found = self.states.iter().find(|(known, _)| *known == state);
        found.map_or(0, |(_, count)| *count)
    }
}

impl Ledger {
    /// What the ledger holds, for all accounts.
    pub fn standing(&mut self) -> Result<Standing, Error> {
        let sql = format!(
            "SELECT {STATE} AS stands, COUNT(*) FROM message AS m WHERE m.kind <> 'test' GROUP BY stands ORDER BY stands"
        );
        let states = self.db.query(&sql, &[])?;
        let states =
            states.into_iter().map(|mut row| Ok((row.word("state")?, row.count("count")?)));
        Ok(Standing { schema: self.schema()?, states: states.collect::<Result<_, Error>>()? })
    }

    /// Counts of messages that last changed from `since` on, and before `until`.
    pub fn stats(&mut self, since: Timestamp, until: Timestamp) -> Result<Vec<StatRow>, Error> {
        Ok(self.stats_between(None, &[since, until])?.pop().unwrap_or_default())
    }

    /// [`Ledger::stats`] of each stretch between two neighbours of `bounds` (ascending), such as a zone's midnights; of
    /// one account, or of all.
    pub fn stats_between(
        &mut self,
        account: Option<&str>,
        bounds: &[Timestamp],
    ) -> Result<Vec<Vec<StatRow>>, Error> {
        let (Some(&first), Some(&last)) = (bounds.first(), bounds.last()) else {
            return Ok(Vec::new());
        };
        // Counted by the minute in one pass: bounds, as zones have them, lie on minutes.
        let sql = format!(
            "SELECT substr({CHANGED}, 1, 16) AS minute, m.kind, {STATE} AS stands, m.errcode, COUNT(*) FROM message AS m
             WHERE {CHANGED} >= $1 AND {CHANGED} < $2 AND m.kind <> 'test' {}
             GROUP BY minute, m.kind, stands, m.errcode ORDER BY m.kind, stands, m.errcode",
            of(account)
        );
        let mut stretches = vec![Vec::<StatRow>::new(); bounds.len() - 1];
        for mut row in self.db.query(&sql, &values(account, first, last))? {
            let minute = format!("{}:00Z", row.text("minute")?);
            let at: Timestamp =
                minute.parse().map_err(|_| Error::Stored { column: "settled_at" })?;
            let counted = StatRow {
                kind: row.word("kind")?,
                state: row.word("state")?,
                errcode: row.opt_int("errcode")?,
                count: row.count("count")?,
            };
            // The minute that holds a bound counts with the stretch that begins in it.
            let index = bounds.partition_point(|&bound| bound <= at).saturating_sub(1);
            if let Some(stretch) = stretches.get_mut(index) {
                add(stretch, counted);
            }
        }
        Ok(stretches)
    }

    /// What did not get through among the messages that last changed from `since` on, and before `until`: why, and how
    /// many; the most frequent first.
    pub fn troubles(
        &mut self,
        account: Option<&str>,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Trouble>, Error> {
        let sql = format!(
            "SELECT m.state, m.errcode, m.reason, COUNT(*) AS messages FROM message AS m
             WHERE {CHANGED} >= $1 AND {CHANGED} < $2 AND m.kind <> 'test' {}
               AND m.state IN ('failed', 'undelivered', 'unknown', 'expired', 'skipped')
             GROUP BY m.state, m.errcode, m.reason ORDER BY messages DESC, m.state, m.errcode, m.reason",
            of(account)
        );
        let rows = self.db.query(&sql, &values(account, since, until))?;
        let read = rows.into_iter().map(|mut row| {
            Ok(Trouble {
                state: row.word("state")?,
                errcode: row.opt_int("errcode")?,
                reason: row.opt_text("reason")?,
                count: row.count("count")?,
            })
        });
        read.collect()
    }

    /// How long messages took that WeChat accepted and that last changed from `since` on, and before `until`; those that
    /// agree to the second are counted together.
    pub fn delays(
        &mut self,
        account: Option<&str>,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<DelayRow>, Error> {
        let sql = format!(
            "SELECT substr(m.queued_at, 1, 19), substr(m.settled_at, 1, 19), substr(m.receipt_at, 1, 19), COUNT(*)
             FROM message AS m
             WHERE {CHANGED} >= $1 AND {CHANGED} < $2 AND m.kind <> 'test' {}
               AND m.state IN ('accepted', 'delivered', 'undelivered') AND m.settled_at IS NOT NULL
             GROUP BY substr(m.queued_at, 1, 19), substr(m.settled_at, 1, 19), substr(m.receipt_at, 1, 19)",
            of(account)
        );
        let rows = self.db.query(&sql, &values(account, since, until))?;
        let read = rows.into_iter().map(|mut row| {
            let at = |text: String| {
                format!("{text}Z").parse().map_err(|_| Error::Stored { column: "settled_at" })
            };
            let queued: Timestamp = at(row.text("queued_at")?)?;
            let settled = at(row.text("settled_at")?)?;
            let receipt = row.opt_text("receipt_at")?.map(at).transpose()?;
            Ok(DelayRow {
                to_answer: settled.duration_since(queued).as_secs(),
                to_receipt: receipt.map(|at| at.duration_since(settled).as_secs()),
                count: row.count("count")?,
            })
        });
        read.collect()
    }
}

/// The condition that names an account, as the third parameter.
const fn of(account: Option<&str>) -> &'static str {
    if account.is_some() { "AND m.account = $3" } else { "" }
}

fn values(account: Option<&str>, since: Timestamp, until: Timestamp) -> Vec<Param<'_>> {
    let mut values = vec![since.into(), until.into()];
    values.extend(account.map(Param::from));
    values
}

fn add(stretch: &mut Vec<StatRow>, counted: StatRow) {
    let same = |row: &&mut StatRow| {
        (row.kind, row.state, row.errcode) == (counted.kind, counted.state, counted.errcode)
    };
    match stretch.iter_mut().find(same) {
        Some(row) => row.count += counted.count,
        None => stretch.push(counted),
    }
}
