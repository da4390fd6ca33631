//! What time it is: the system's word, or a pretended instant for rehearsals and tests.

use std::time::Instant;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The hour a bare date stands for: when a clinic's cron job runs.
const START_OF_DAY: Time = Time::constant(8, 0, 0, 0);

/// Tells the time.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A pretended time that runs on from `at`, which was said at `since`.
    Pretended {
        /// The instant that was given.
        at: Timestamp,
        /// When, on the monotonic clock, it was given.
        since: Instant,
    },
}

/// A `--now` that is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time: write 2026-11-23, 2026-11-23 08:00 or 2026-11-23T08:00:00+08:00")]
pub struct NotATime;

impl Clock {
    /// A clock that says `at` now and runs on from there.
    pub fn pretended(at: Timestamp) -> Self {
        Self::Pretended { at, since: Instant::now() }
    }

    /// The present instant. A pretended clock stops at the calendar's end.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Pretended { at, since } => {
                let passed =
                    SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::ZERO);
                at.checked_add(passed).unwrap_or(*at)
            }
        }
    }

    /// Whether the time is pretended.
    pub const fn is_pretended(&self) -> bool {
        matches!(self, Self::Pretended { .. })
    }
}

/// Reads a time as people type it: a date (08:00 that day), a date and time in `zone`, or RFC 3339 with an offset.
pub fn parse(text: &str, zone: &TimeZone) -> Result<Timestamp, NotATime> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    // A bare date also parses as a date and time (at midnight), so it is asked for first. An offset or zone that the
    // instant above did not accept must not be dropped silently.
    let local = match text.parse::<Date>() {
        Ok(date) if text.len() <= "2026-11-23".len() => date.to_datetime(START_OF_DAY),
        _ if has_zone(text) => return Err(NotATime),
        _ => text.parse::<DateTime>().map_err(|_| NotATime)?,
    };
    local.to_zoned_datetime(zone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| NotATime)
}

/// Whether something after the date looks like an offset or a zone.
fn has_zone(text: &str) -> bool {
    text.get("2026-11-23".len()..).is_some_and(|rest| rest.contains(['+', '-', '[', 'Z', 'z']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn reads_every_documented_form_in_the_clinics_zone() {
        for (text, utc) in [
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23 09:30", "2026-11-23T01:30:00Z"),
            ("2026-11-23T09:30", "2026-11-23T01:30:00Z"),
            (" 2026-11-23T09:30:15 ", "2026-11-23T01:30:15Z"),
            ("2026-11-23T09:30:00+09:00", "2026-11-23T00:30:00Z"),
            ("2026-11-23T09:30:00Z", "2026-11-23T09:30:00Z"),
        ] {
            assert_eq!(
                parse(text, &shanghai()).map(|at| at.to_string()),
                Ok(utc.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "tomorrow",
            "2026-02-30",
            "23/11/2026",
            "2026-11-23 25:00",
            "2026-11-23 09:00+8",
            "1795392000",
        ] {
            assert_eq!(parse(text, &shanghai()), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn a_pretended_clock_runs_on() {
        let at: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let clock = Clock::pretended(at);
        let first = clock.now();
        assert!(first >= at && clock.now() >= first);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = parse(&text, &shanghai());
        }
    }
}
