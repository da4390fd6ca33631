//! Times as people and programs read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// An instant on the clinic's clock: `2026-11-23 08:00`.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_on_the_clinics_clock() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(local("2026-11-23T00:00:00Z".parse().unwrap(), &zone), "2026-11-23 08:00");
    }
}
