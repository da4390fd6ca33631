//! Which days are due: the stages of `--days`, and how far each reaches back for what was missed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::appointment::Start;

/// The notice that a reminder must give, unless set otherwise.
pub const MIN_NOTICE: SignedDuration = SignedDuration::from_hours(2);

/// The days that one stage covers in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// How many days ahead the stage is: the N of `--days N`. Part of the message's key.
    pub days: u16,
    /// The nearest day covered; before `due` only when the run catches up.
    pub from: Date,
    /// The day the stage is about: today + N, or `--date`.
    pub due: Date,
}

/// What a run looks for, and from when.
#[derive(Clone, Debug)]
pub struct Window {
    /// The instant of the run.
    pub now: Timestamp,
    /// The clinic's zone.
    pub zone: TimeZone,
    /// The clinic's day of the run.
    pub today: Date,
    /// The stages, nearest first; their days do not overlap.
    pub stages: Vec<Stage>,
    /// A visit caught up must be at least this far ahead.
    pub min_notice: SignedDuration,
}

/// A window that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// `--days` is empty.
    #[error("no number of days is given")]
    NoDays,
    /// `--date` was given with more than one stage.
    #[error("a date stands for one stage, but several numbers of days are given")]
    DateWithSeveralStages,
    /// The date has passed.
    #[error("the date {0} has passed (today is {1})")]
    Past(Date, Date),
    /// The days reach past the calendar's end.
    #[error("{0} days ahead is past the end of the calendar")]
    OutOfCalendar(u16),
}

impl Window {
    /// The stages `days` (any order), each reaching back `catch_up` days but never into a smaller stage or the past.
    ///
    /// `date` replaces today + N and keeps the stage.
    pub fn new(
        now: Timestamp,
        zone: TimeZone,
        days: &[u16],
        catch_up: u16,
        date: Option<Date>,
    ) -> Result<Self, WindowError> {
        let today = now.to_zoned_datetime(zone.clone()).date();
        let mut days = days.to_vec();
        days.sort_unstable();
        days.dedup();
        if date.is_some() && days.len() > 1 {
            return Err(WindowError::DateWithSeveralStages);
        }
        let mut stages: Vec<Stage> = Vec::with_capacity(days.len());
        for days in days {
            let due = due_day(today, days, date)?;
            let reach = due.checked_sub(i32::from(catch_up).days()).unwrap_or(today);
            let floor = stages.last().map_or(today, |nearer| nearer.due.tomorrow().unwrap_or(due));
            stages.push(Stage { days, from: reach.max(floor).min(due), due });
        }
        if stages.is_empty() {
            return Err(WindowError::NoDays);
        }
        Ok(Self { now, zone, today, stages, min_notice: MIN_NOTICE })
    }

    /// The stage whose days hold `date`.
    pub fn stage_of(&self, date: Date) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.from <= date && date <= stage.due)
    }

    /// Whether it is too late to remind of a visit: it has begun (or may have, where no time is known), or a visit
    /// caught up is nearer than the notice.
    pub fn too_late(&self, start: &Start, stage: &Stage) -> bool {
        let Some(begins) = start.instant(&self.zone) else { return true };
        let notice = if start.date < stage.due { self.min_notice } else { SignedDuration::ZERO };
        begins - self.now < notice || begins <= self.now
    }

    /// Whether a visit has begun, or may have where no time is known.
    pub fn has_begun(&self, start: &Start) -> bool {
        start.instant(&self.zone).is_none_or(|begins| begins <= self.now)
    }

    /// The nearest and the furthest day of all stages.
    pub fn days(&self) -> (Date, Date) {
        let from = self.stages.iter().map(|stage| stage.from).min().unwrap_or(self.today);
        let to = self.stages.iter().map(|stage| stage.due).max().unwrap_or(self.today);
        (from, to)
    }
}

fn due_day(today: Date, days: u16, date: Option<Date>) -> Result<Date, WindowError> {
    match date {
        Some(date) if date < today => Err(WindowError::Past(date, today)),
        Some(date) => Ok(date),
        None => {
            today.checked_add(i32::from(days).days()).map_err(|_| WindowError::OutOfCalendar(days))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(8))
    }

    fn window(days: &[u16], catch_up: u16) -> Window {
        Window::new("2026-11-23T00:30:00Z".parse().unwrap(), shanghai(), days, catch_up, None)
            .unwrap()
    }

    #[test]
    fn the_day_is_the_clinics_day_whatever_the_server_thinks() {
        let late = Window::new("2026-11-22T23:00:00Z".parse().unwrap(), shanghai(), &[7], 0, None)
            .unwrap();
        assert_eq!(late.today, date(2026, 11, 23));
        assert_eq!(late.stages[0].due, date(2026, 11, 30));
    }

    #[test]
    fn catching_up_ends_above_the_next_smaller_stage() {
        let window = window(&[7, 3], 9);
        assert_eq!(window.stages[0].from, date(2026, 11, 23));
        assert_eq!(window.stages[1].from, date(2026, 11, 27));
        assert_eq!(window.stage_of(date(2026, 11, 26)).unwrap().days, 3);
    }

    #[test]
    fn a_visit_caught_up_needs_notice_and_a_due_one_must_not_have_begun() {
        let window = window(&[1], 1);
        let stage = &window.stages[0];
        assert!(window.too_late(&Start::at(date(2026, 11, 23), time(9, 30, 0, 0)), stage));
        assert!(!window.too_late(&Start::at(date(2026, 11, 23), time(10, 30, 0, 0)), stage));
        let today = Window::new(window.now, shanghai(), &[0], 0, None).unwrap();
        assert!(
            !today.too_late(&Start::at(date(2026, 11, 23), time(9, 30, 0, 0)), &today.stages[0])
        );
        assert!(
            today.too_late(&Start::at(date(2026, 11, 23), time(8, 30, 0, 0)), &today.stages[0])
        );
    }

    #[test]
    fn february_29_is_a_day_like_others() {
        let leap = Window::new("2028-02-22T00:00:00Z".parse().unwrap(), shanghai(), &[7], 0, None)
            .unwrap();
        assert_eq!(leap.stages[0].due, date(2028, 2, 29));
    }

    proptest! {
        #[test]
        fn no_day_belongs_to_two_stages_and_none_is_past(days in proptest::collection::vec(0u16..40, 1..5), catch_up in 0u16..50) {
            let window = window(&days, catch_up);
            for ahead in -3i64..60 {
                let day = window.today.checked_add(ahead.days()).unwrap();
                let covering = window.stages.iter().filter(|s| s.from <= day && day <= s.due).count();
                prop_assert!(covering <= usize::from(ahead >= 0));
            }
            for n in days {
                prop_assert!(window.stages.iter().any(|stage| stage.days == n));
            }
        }
    }
}
