//! When a visit starts, from the texts that hospital systems write: one grammar for days, clock times and sessions.
//!
//! What cannot be told for sure is refused: six digits (a year of the Republic or a century left out), `03/04/2026`
//! where neither the settings nor the file say which is the month, a weekday that is not the day's, a clock time that
//! contradicts its 上午. No time known means no time invented: midnight is how databases write "no time".

mod clock;
mod day;
mod numbered;
mod scan;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

pub use clock::Clock;

use self::scan::{Scan, fold};
use super::settings::DayOrder;
use crate::domain::appointment::Start;

/// What the grammar must be told.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// The clinic's zone, into whose wall clock an instant with an offset is turned.
    pub zone: &'a TimeZone,
    /// The order of day and month where both could be either.
    pub order: Option<DayOrder>,
    /// Whether an offset is to be ignored, since the exporter writes local time as if it were UTC.
    pub instants_are_local: bool,
    /// Whether Excel's day numbers count from 1904.
    pub excel_1904: bool,
    /// Whether the dates are days of birth: long past, and never with a year of two digits.
    pub births: bool,
}

/// Why a text is not taken for a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is no date.
    Date,
    /// The date is one, but what stands beside it or in the time's own column is no time.
    Time,
    /// The weekday beside the date is another day's.
    Weekday,
    /// Date column and time column give different times or days.
    Disagree,
    /// Day and month cannot be told apart without an order; `Some` where the date itself proves one.
    NeedsOrder(Option<DayOrder>),
}

/// A day, and what its cell says of the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The day on the clinic's calendar.
    pub date: Date,
    /// The time beside it, if any; never midnight.
    pub clock: Option<Clock>,
}

/// A day as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Known(Date),
    Numbers { first: i8, second: i8, year: i16 },
}

impl When {
    /// Reads a cell of a date column: a day, with or without weekday, time, session and offset.
    pub fn read(cell: &str, rules: &Rules<'_>) -> Result<Self, Trouble> {
        let text = fold(cell);
        let mut scan = Scan::new(&text);
        // `Mon, 30 Nov 2026`: only Latin weekdays stand before the day.
        let before = day::weekday_before(&mut scan);
        let (day, fraction) = day::read(&mut scan, rules).ok_or(Trouble::Date)?;
        let weekday = before.or_else(|| day::weekday(&mut scan));
        let iso = scan.eat_any(&["T", "t"]).is_some();
        if !iso {
            scan.spaces();
        }
        let time = fraction.map(|time| (Clock::at(time), None));
        let time = match time {
            Some(_) if !scan.is_done() => return Err(Trouble::Date),
            None if !scan.is_done() => {
                Some(clock::with_offset(&mut scan, iso).ok_or(Trouble::Time)?)
            }
            time => time,
        };
        let date = ordered(day, rules.order)?;
        if weekday.is_some_and(|weekday: Weekday| weekday != date.weekday()) {
            return Err(Trouble::Weekday);
        }
        Self::placed(date, time, rules)
    }

    /// Turns an instant into the clinic's wall clock.
    fn placed(
        date: Date,
        clock: Option<(Clock, Option<jiff::tz::Offset>)>,
        rules: &Rules<'_>,
    ) -> Result<Self, Trouble> {
        let Some((clock, offset)) = clock else { return Ok(Self { date, clock: None }) };
        let (Some(offset), Some(time)) = (offset, clock.time) else {
            return Ok(Self { date, clock: clock.unless_midnight() });
        };
        if rules.instants_are_local {
            return Ok(Self { date, clock: clock.unless_midnight() });
        }
        let instant = offset.to_timestamp(date.to_datetime(time)).map_err(|_| Trouble::Date)?;
        let local = instant.to_zoned_datetime(rules.zone.clone()).datetime();
        Ok(Self { date: local.date(), clock: Clock::at(local.time()).unless_midnight() })
    }

    /// The start of a visit, with what the time's own column says; an empty cell says nothing.
    pub fn with_time(self, cell: &str, rules: &Rules<'_>) -> Result<Start, Trouble> {
        if cell.is_empty() {
            return Ok(self.into_start());
        }
        let own = match Clock::read(cell) {
            Some(clock) => Some(clock),
            // Some systems repeat the whole moment in the column for the time.
            None => match Self::read(cell, rules) {
                Ok(when) if when.date == self.date || day::is_none(when.date) => when.clock,
                Ok(_) => return Err(Trouble::Disagree),
                Err(_) => return Err(Trouble::Time),
            },
        };
        let own = own.and_then(Clock::unless_midnight);
        let beside = self.clock.as_ref().and_then(|clock| clock.time);
        match (own, beside) {
            (None, _) => Ok(self.into_start()),
            (Some(own), Some(beside)) if own.time.is_none() => {
                Ok(Self { clock: Some(Clock::at(beside)), ..self }.into_start())
            }
            (Some(own), Some(beside)) if own.time != Some(beside) => Err(Trouble::Disagree),
            (Some(own), _) => Ok(Self { clock: Some(own), ..self }.into_start()),
        }
    }

    /// The start of a visit, as far as the cell tells it.
    pub fn into_start(self) -> Start {
        let (time, slot) = self.clock.map_or((None, None), |clock| (clock.time, clock.slot));
        Start { date: self.date, time: time.map(to_the_minute), slot }
    }
}

fn ordered(day: Day, order: Option<DayOrder>) -> Result<Date, Trouble> {
    let (first, second, year) = match day {
        Day::Known(date) => return Ok(date),
        Day::Numbers { first, second, year } => (first, second, year),
    };
    let dmy = Date::new(year, second, first).ok();
    let mdy = Date::new(year, first, second).ok();
    match (order, dmy, mdy) {
        (_, None, None) => Err(Trouble::Date),
        (Some(DayOrder::Dmy), dmy, _) => dmy.ok_or(Trouble::Date),
        (Some(DayOrder::Mdy), _, mdy) => mdy.ok_or(Trouble::Date),
        (None, Some(one), Some(other)) if one == other => Ok(one),
        (None, Some(_), Some(_)) => Err(Trouble::NeedsOrder(None)),
        (None, Some(_), None) => Err(Trouble::NeedsOrder(Some(DayOrder::Dmy))),
        (None, None, Some(_)) => Err(Trouble::NeedsOrder(Some(DayOrder::Mdy))),
    }
}

fn to_the_minute(time: Time) -> Time {
    Time::new(time.hour(), time.minute(), 0, 0).unwrap_or(time)
}

#[cfg(test)]
mod tests;
