//! Counts of the record.

use jiff::Timestamp;

use super::record::CHANGED;
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

impl Ledger {
    /// Counts of messages that last changed from `since` on, and before `until`.
    pub fn stats(&mut self, since: Timestamp, until: Timestamp) -> Result<Vec<StatRow>, Error> {
        Ok(self.stats_between(&[since, until])?.pop().unwrap_or_default())
    }

    /// [`Ledger::stats`] of each stretch between two neighbours of `bounds` (ascending), such as a zone's midnights.
    pub fn stats_between(&mut self, bounds: &[Timestamp]) -> Result<Vec<Vec<StatRow>>, Error> {
        let (Some(&first), Some(&last)) = (bounds.first(), bounds.last()) else {
            return Ok(Vec::new());
        };
        // Counted by the minute in one pass: bounds, as zones have them, lie on minutes.
        let sql = format!(
            "SELECT substr({CHANGED}, 1, 16), m.kind, m.state, m.errcode, COUNT(*) FROM message AS m
             WHERE {CHANGED} >= $1 AND {CHANGED} < $2 AND m.kind <> 'test'
             GROUP BY substr({CHANGED}, 1, 16), m.kind, m.state, m.errcode ORDER BY m.kind, m.state, m.errcode"
        );
        let mut stretches = vec![Vec::<StatRow>::new(); bounds.len() - 1];
        for mut row in self.db.query(&sql, &[first.into(), last.into()])? {
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
