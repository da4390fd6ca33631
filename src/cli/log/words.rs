//! Times as people and programs read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::appointment::Start;

/// A visit's start for programs: RFC 3339 in the clinic's zone, or the day alone where no time is known.
pub fn start_for_programs(start: &Start, zone: &TimeZone) -> String {
    match (start.time, start.instant(zone)) {
        (Some(_), Some(at)) => at.display_with_offset(zone.to_offset(at)).to_string(),
        _ => start.date.to_string(),
    }
}

/// An instant on the clinic's clock: `2026-11-23 08:00`.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn a_start_has_the_clinics_offset_and_no_invented_time() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = Start::at(date(2026, 11, 30), time(9, 0, 0, 0));
        assert_eq!(start_for_programs(&at, &zone), "2026-11-30T09:00:00+08:00");
        let session = Start::on(date(2026, 11, 30), Some("上午"));
        assert_eq!(start_for_programs(&session, &zone), "2026-11-30");
        assert_eq!(local("2026-11-23T00:00:00Z".parse().unwrap(), &zone), "2026-11-23 08:00");
    }
}
