//! The grammar of days and times: what it reads it reads again the same, written plainly.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use wxremind::intake::DayOrder;
use wxremind::intake::dates::{Clock, Rules, When};

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let rules = Rules {
        zone: &TimeZone::UTC,
        order: match choice % 3 {
            0 => None,
            1 => Some(DayOrder::Dmy),
            _ => Some(DayOrder::Mdy),
        },
        instants_are_local: choice & 4 != 0,
        excel_1904: choice & 8 != 0,
        births: choice & 16 != 0,
    };
    if let Some(clock) = Clock::read(text)
        && let Some(time) = clock.time
    {
        let plain = Clock::read(&time.strftime("%H:%M:%S").to_string()).expect("a plain time");
        assert_eq!(plain.time, Some(time));
    }
    let Ok(when) = When::read(text, &rules) else { return };
    let plain = When::read(&when.date.to_string(), &rules).expect("a plain date");
    assert_eq!((plain.date, plain.clock), (when.date, None));
    let start = when.clone().into_start();
    assert!(start.time.is_none_or(|time| time.second() == 0));
    let beside = when.clone().with_time("", &rules).expect("an empty cell says nothing");
    assert_eq!(beside, start);
    let _ = when.with_time(text, &rules);
});
