//! The figures of a report, read of the ledger in one go.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Delays;
use crate::domain::message::Kind;
use crate::domain::state::State;
use crate::ledger::{self, Cell, Ledger, StatRow, Trouble};

/// Days of visits ahead that are looked at, today included.
const AHEAD: i64 = 366;
/// More days than any ledger keeps.
const MOST_DAYS: usize = 3_700;

/// What a report is about.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The account's app id; every account's when there is none.
    pub account: Option<&'a str>,
    /// The first day of messages, in the clinic.
    pub since: Date,
    /// The last one, included.
    pub until: Date,
    /// The instant of the report: visits are ahead from its day on.
    pub now: Timestamp,
    /// The clinic's zone.
    pub zone: &'a TimeZone,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger's trouble.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The last day is before the first, or more than ten years after it.
    #[error("the days end before they begin, or are more than ten years")]
    Days,
}

/// The messages that last changed on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day in the clinic.
    pub date: Date,
    /// As [`Ledger::stats_between`] counts them.
    pub counts: Vec<StatRow>,
}

impl Day {
    /// How many are in this state.
    pub fn count(&self, state: State) -> u64 {
        self.counts.iter().filter(|row| row.state == state).map(|row| row.count).sum()
    }
}

/// Messages that did not get through for one cause.
pub type Failure = Trouble;

/// Everything that is drawn and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The first day of messages.
    pub since: Date,
    /// The last one.
    pub until: Date,
    /// The clinic's today.
    pub today: Date,
    /// Every day from the first to the last, also those without a message.
    pub days: Vec<Day>,
    /// What did not get through, the most frequent cause first.
    pub failures: Vec<Failure>,
    /// Visits from today on, by department, doctor and what became of their reminders.
    pub ahead: Vec<Cell>,
    /// How long messages took.
    pub delays: Delays,
}

/// Reads the figures.
///
/// # Errors
/// [`Error::Days`], and the ledger's.
pub fn figures(ledger: &mut Ledger, asked: &Asked<'_>) -> Result<Figures, Error> {
    let mut figures = Figures::none(asked)?;
    let dates = dates(asked.since, asked.until)?;
    let bounds = dates.iter().map(|date| midnight(*date, asked.zone));
    let bounds = bounds.collect::<Result<Vec<_>, _>>()?;
    let counted = ledger.stats_between(asked.account, &bounds)?;
    for (day, counts) in figures.days.iter_mut().zip(counted) {
        day.counts = counts;
    }
    for stretch in bounds.windows(2) {
        // A day at a time: what is in memory is one day's.
        let took = ledger.delays(asked.account, stretch[0], stretch[1])?;
        for row in &took {
            figures.delays.add(row);
        }
    }
    if let (Some(&first), Some(&last)) = (bounds.first(), bounds.last()) {
        figures.failures = ledger.troubles(asked.account, first, last)?;
    }
    let last = figures.today.saturating_add(AHEAD.days());
    figures.ahead = ledger.insight(asked.account, figures.today, last)?;
    Ok(figures)
}

impl Figures {
    /// The figures of a record without a message.
    ///
    /// # Errors
    /// [`Error::Days`].
    pub fn none(asked: &Asked<'_>) -> Result<Self, Error> {
        let mut dates = dates(asked.since, asked.until)?;
        dates.pop();
        Ok(Self {
            since: asked.since,
            until: asked.until,
            today: asked.now.to_zoned_datetime(asked.zone.clone()).date(),
            days: dates.into_iter().map(|date| Day { date, counts: Vec::new() }).collect(),
            failures: Vec::new(),
            ahead: Vec::new(),
            delays: Delays::default(),
        })
    }

    /// The states that occur, in the order people read them, with how many messages are in each.
    pub fn states(&self) -> Vec<(State, u64)> {
        let count = |state| self.days.iter().map(|day| day.count(state)).sum::<u64>();
        let all = State::ALL.into_iter().map(|state| (state, count(state)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// How many messages of this kind there are.
    pub fn messages(&self, kind: Kind) -> u64 {
        let rows = self.days.iter().flat_map(|day| &day.counts);
        rows.filter(|row| row.kind == kind).map(|row| row.count).sum()
    }
}

/// The days from the first to the last, and the one after.
fn dates(since: Date, until: Date) -> Result<Vec<Date>, Error> {
    let past = until.saturating_add(1.day());
    let dates: Vec<Date> =
        since.series(1.day()).take_while(|date| *date <= past).take(MOST_DAYS).collect();
    if dates.len() < 2 || dates.last() != Some(&past) { Err(Error::Days) } else { Ok(dates) }
}

fn midnight(day: Date, zone: &TimeZone) -> Result<Timestamp, Error> {
    day.to_zoned_datetime(zone.clone()).map(|at| at.timestamp()).map_err(|_| Error::Days)
}
