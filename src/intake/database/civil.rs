//! Days, moments and numbers of databases as the texts that the grammar of files reads.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::TimeZone;

/// PostgreSQL counts from here.
pub(super) const EPOCH: Date = date(2000, 1, 1);

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A day, so many days after 2000-01-01.
pub(super) fn day(days: i32) -> Option<String> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(|day| day.to_string())
}

/// A moment without a zone, so many microseconds after 2000-01-01; fractions of a second are left out.
pub(super) fn wall(microseconds: i64) -> Option<String> {
    let days = i32::try_from(microseconds.div_euclid(DAY)).ok()?;
    let day = EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    let time = time(microseconds.rem_euclid(DAY))?;
    Some(format!("{day} {time}"))
}

/// An instant, so many microseconds after 2000-01-01 UTC, on the wall clock of `zone`.
pub(super) fn instant(microseconds: i64, zone: &TimeZone) -> Option<String> {
    let since_1970 = microseconds.checked_add(946_684_800 * SECOND)?;
    let at = Timestamp::from_microsecond(since_1970).ok()?.to_zoned_datetime(zone.clone());
    Some(written(at.datetime()))
}

/// A time of day in microseconds: `08:30:00`.
pub(super) fn time(microseconds: i64) -> Option<String> {
    let seconds = microseconds / SECOND;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    (0..=24).contains(&hours).then(|| format!("{hours:02}:{minutes:02}:{seconds:02}"))
}

/// A moment as it is written: `2026-11-30 08:30:00`.
pub(super) fn written(moment: DateTime) -> String {
    let (date, time) = (moment.date(), moment.time());
    format!("{date} {:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// The first instant of a day of the zone, in microseconds after 2000-01-01 UTC.
pub(super) fn start_of_day(day: Date, zone: &TimeZone) -> Option<i64> {
    let midnight = day.to_datetime(Time::midnight());
    let at = midnight.to_zoned_datetime(zone.clone()).ok()?.timestamp();
    at.as_microsecond().checked_sub(946_684_800 * SECOND)
}

/// How many days a day is after 2000-01-01.
pub(super) fn days_since_epoch(day: Date) -> Option<i32> {
    i32::try_from(day.duration_since(EPOCH).as_hours() / 24).ok()
}

/// A moment at the start of a day, in microseconds after 2000-01-01, without a zone.
pub(super) fn midnight(day: Date) -> Option<i64> {
    Some(i64::from(days_since_epoch(day)?) * DAY)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn counted_from_2000() {
        assert_eq!(day(9830).as_deref(), Some("2026-11-30"));
        assert_eq!(days_since_epoch(date(2026, 11, 30)), Some(9830));
        assert_eq!(wall(-1).as_deref(), Some("1999-12-31 23:59:59"));
        assert_eq!(time(30_600 * SECOND + 5).as_deref(), Some("08:30:00"));
        let night = start_of_day(date(2026, 11, 30), &shanghai()).unwrap();
        assert_eq!(night, midnight(date(2026, 11, 30)).unwrap() - 8 * 3600 * SECOND);
        assert_eq!(instant(night, &shanghai()).as_deref(), Some("2026-11-30 00:00:00"));
    }

    proptest! {
        #[test]
        fn no_count_makes_it_panic(count in any::<i64>(), days in any::<i32>()) {
            let _ = (day(days), wall(count), instant(count, &shanghai()), time(count));
        }

        #[test]
        fn a_day_and_its_count_are_one(days in -30_000..30_000) {
            let text = day(days).unwrap();
            prop_assert_eq!(days_since_epoch(text.parse().unwrap()), Some(days));
        }
    }
}
