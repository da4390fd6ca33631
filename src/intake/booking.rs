//! Whether a column called 预约时间 says when the visit is, or when it was booked: what its own cells prove.
//!
//! Visits begin at round minutes, bookings are made at any. A slot or a session is never the time of a booking.

use jiff::civil::Time;

use super::dates::Clock;

/// The cells prove visits when bookings would look like them less often than once in so many files.
const ENOUGH: u32 = 100;

/// Visits are not before this hour; bookings on the internet are.
const OPENS: i8 = 5;

/// Whether the cells, those that are filled, are times of visits beyond doubt.
pub(super) fn are_visits<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let mut odds = 1u32;
    for cell in cells {
        let Some(clock) = Clock::read(cell) else { return false };
        if clock.slot.is_some() {
            odds = ENOUGH;
            continue;
        }
        let Some(share) = clock.time.and_then(share) else { return false };
        odds = odds.saturating_mul(share);
    }
    odds >= ENOUGH
}

/// Of how many booking times one looks like this one; none where no visit begins like this.
fn share(time: Time) -> Option<u32> {
    match (time.minute(), time.second()) {
        _ if time.hour() < OPENS => None,
        (0 | 30, 0) => Some(30),
        (minute, 0) if minute % 5 == 0 => Some(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(cells: &[&str]) -> bool {
        are_visits(cells.iter().copied())
    }

    #[test]
    fn slots_sessions_and_round_times_are_visits() {
        for cells in [
            &["08:30-09:00"][..],
            &["上午", "09:00"],
            &["第一时段"],
            &["09:00", "14:30"],
            &["09:10:00", "09:25:00", "15:40:00"],
            &["0900", "1030"],
        ] {
            assert!(proven(cells), "{cells:?}");
        }
    }

    #[test]
    fn seconds_odd_minutes_the_night_and_too_few_cells_are_not() {
        for cells in [
            &["16:42:07", "09:00:00", "10:30:00"][..],
            &["10:22", "09:00", "09:30"],
            &["09:00"],
            &["09:10", "09:25"],
            &["00:30", "09:00", "09:30"],
            &["2026-11-01 09:00", "09:00", "09:30"],
            &["08:30-09:00", "16:42:07"],
            &[],
        ] {
            assert!(!proven(cells), "{cells:?}");
        }
    }
}
