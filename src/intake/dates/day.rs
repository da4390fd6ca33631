//! Days: year first, compact, 年月日, years of the Republic, Excel's day numbers, and day, month and year by numbers
//! or with the month's English name.

use jiff::civil::{Date, Time, Weekday, date};
use jiff::{SignedDuration, ToSpan};

use super::scan::Scan;
use super::{Day, Rules};

/// The year before the Republic of China's first.
const ROC: i16 = 1911;
/// Excel's day numbers that can be visits: 2009 to 2064.
const SERIALS: std::ops::RangeInclusive<u32> = 40_000..=60_000;
/// Days between Excel's two calendars.
const TO_1904: u32 = 1462;

const MONTHS: [(&str, &str); 12] = [
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may", "may"),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
];

/// A day, and the time of day that the fraction of an Excel day number tells.
pub(super) fn read(scan: &mut Scan<'_>, rules: &Rules<'_>) -> Option<(Day, Option<Time>)> {
    if scan.eat_any(&["中華民國", "民國", "民国"]).is_some() {
        scan.spaces();
        let year = i16::try_from(scan.number(1, 3)?).ok()?;
        return Some((Day::Known(after_year(scan, year + ROC)?), None));
    }
    let day = match scan.digits_ahead() {
        0 => month_first(scan, rules)?,
        8 | 12 | 14 => compact(scan)?,
        7 => roc_compact(scan)?,
        5 => return serial(scan, rules),
        4 => {
            let year = scan.take_digits(4).filter(|year| (1800..2200).contains(year))?;
            Day::Known(after_year(scan, i16::try_from(year).ok()?)?)
        }
        3 => {
            let year = scan.take_digits(3).filter(|year| (1..200).contains(year))?;
            Day::Known(after_year(scan, i16::try_from(year).ok()? + ROC)?)
        }
        1 | 2 => day_first(scan, rules)?,
        _ => return None,
    };
    Some((day, None))
}

/// Month and day after a year: `-11-30`, `/11/30`, `.11.30`, `年11月30日`.
fn after_year(scan: &mut Scan<'_>, year: i16) -> Option<Date> {
    scan.spaces();
    let separator = scan.eat_any(&["-", "/", ".", "年"])?;
    scan.spaces();
    let month = scan.number(1, 2)?;
    scan.spaces();
    let second = scan.eat_any(&["-", "/", ".", "月"])?;
    let matching = if separator == "年" { "月" } else { separator };
    if second != matching {
        return None;
    }
    scan.spaces();
    let day = scan.number(1, 2)?;
    if separator == "年" {
        scan.spaces();
        scan.eat_any(&["日", "号", "號"]);
    }
    civil(year, month, day)
}

fn compact(scan: &mut Scan<'_>) -> Option<Day> {
    let year = scan.take_digits(4).filter(|year| (1900..2100).contains(year))?;
    let (month, day) = (scan.take_digits(2)?, scan.take_digits(2)?);
    Some(Day::Known(civil(i16::try_from(year).ok()?, month, day)?))
}

/// `1151130`, `0761015`: seven digits that begin with 0 or 1 are a year of the Republic, month and day.
fn roc_compact(scan: &mut Scan<'_>) -> Option<Day> {
    let year = scan.take_digits(3).filter(|year| (1..200).contains(year))?;
    let (month, day) = (scan.take_digits(2)?, scan.take_digits(2)?);
    Some(Day::Known(civil(i16::try_from(year).ok()? + ROC, month, day)?))
}

/// `46356` and `46356.354166667`.
fn serial(scan: &mut Scan<'_>, rules: &Rules<'_>) -> Option<(Day, Option<Time>)> {
    let number = scan.take_digits(5)?;
    let days = if rules.excel_1904 { number + TO_1904 } else { number };
    if !rules.births && !SERIALS.contains(&days) {
        return None;
    }
    let day = date(1899, 12, 30).checked_add(i32::try_from(days).ok()?.days()).ok()?;
    let time = if scan.rest().starts_with('.') { Some(fraction(scan)?) } else { None };
    Some((Day::Known(day), time))
}

/// `.354166667` of a day, to the second.
pub(super) fn fraction(scan: &mut Scan<'_>) -> Option<Time> {
    if !scan.eat('.') {
        return None;
    }
    let count = scan.digits_ahead();
    let digits = scan.rest().get(..count).filter(|digits| !digits.is_empty())?;
    let share: f64 = format!("0.{digits}").parse().ok()?;
    // Excel keeps fifteen digits and exports nine: half a second is more than is lost.
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 86400")]
    let seconds = (share * 86_400.0).round() as i64;
    for _ in 0..count {
        scan.take_digits(1);
    }
    if seconds >= 86_400 {
        return None;
    }
    Time::midnight().checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// `30/11/2026`, `30-Nov-26`, `30 November 2026`.
fn day_first(scan: &mut Scan<'_>, rules: &Rules<'_>) -> Option<Day> {
    let first = scan.number(1, 2)?;
    let spaced = scan.spaces();
    let separator = scan.eat_any(&["-", "/", "."]);
    scan.spaces();
    if let Some(month) = month(scan) {
        if separator.is_some() && scan.eat_any(&["-", "/", "."]) != separator {
            return None;
        }
        scan.eat(',');
        scan.spaces();
        let year = year(scan, rules)?;
        return Some(Day::Known(civil(year, month, first)?));
    }
    if spaced || separator.is_none() {
        return None;
    }
    let second = scan.number(1, 2)?;
    if scan.eat_any(&["-", "/", "."]) != separator {
        return None;
    }
    let year = scan.number(4, 4).filter(|year| (1800..2200).contains(year))?;
    Some(Day::Numbers {
        first: i8::try_from(first).ok()?,
        second: i8::try_from(second).ok()?,
        year: i16::try_from(year).ok()?,
    })
}

/// `Nov 30, 2026`.
fn month_first(scan: &mut Scan<'_>, rules: &Rules<'_>) -> Option<Day> {
    let month = month(scan)?;
    scan.spaces();
    let day = scan.number(1, 2)?;
    scan.eat(',');
    scan.spaces();
    Some(Day::Known(civil(year(scan, rules)?, month, day)?))
}

fn month(scan: &mut Scan<'_>) -> Option<u32> {
    (1..).zip(MONTHS).find_map(|(number, (long, short))| {
        scan.eat_any(&[long, short])?;
        scan.eat('.');
        Some(number)
    })
}

/// A year of four digits, or of two as Excel saves `30-Nov-26`: this century, and never for a birth.
fn year(scan: &mut Scan<'_>, rules: &Rules<'_>) -> Option<i16> {
    let short = scan.digits_ahead() == 2;
    let year = i16::try_from(scan.number(2, 4)?).ok()?;
    match (short, rules.births) {
        (true, true) => None,
        (true, false) => Some(2000 + year),
        (false, _) => (1800..2200).contains(&year).then_some(year),
    }
}

/// Whether a database or spreadsheet writes this day beside a time that has none: `1899-12-30 08:30`.
pub(super) fn is_none(day: Date) -> bool {
    matches!((day.year(), day.month(), day.day()), (1899, 12, 30 | 31) | (1900, 1, 1))
}

/// `Mon, ` before a day.
pub(super) fn weekday_before(scan: &mut Scan<'_>) -> Option<Weekday> {
    let mut ahead = scan.clone();
    let day = english_weekday(&mut ahead)?;
    ahead.eat('.');
    let divided = ahead.eat(',') | ahead.spaces();
    ahead.spaces();
    divided.then(|| *scan = ahead)?;
    Some(day)
}

/// `星期一`, `周一`, `(一)`, `Mon`, with or without parentheses.
pub(super) fn weekday(scan: &mut Scan<'_>) -> Option<Weekday> {
    let mut ahead = scan.clone();
    ahead.spaces();
    ahead.eat(',');
    ahead.spaces();
    let open = ahead.eat('(');
    let day = chinese_weekday(&mut ahead, open).or_else(|| english_weekday(&mut ahead))?;
    if open && !ahead.eat(')') {
        return None;
    }
    *scan = ahead;
    Some(day)
}

fn chinese_weekday(scan: &mut Scan<'_>, open: bool) -> Option<Weekday> {
    let prefix = scan.eat_any(&["星期", "礼拜", "禮拜", "周", "週"]);
    if prefix.is_none() && !open {
        return None;
    }
    let day = scan.eat_any(&["一", "二", "三", "四", "五", "六", "日", "天"])?;
    Some(match day {
        "一" => Weekday::Monday,
        "二" => Weekday::Tuesday,
        "三" => Weekday::Wednesday,
        "四" => Weekday::Thursday,
        "五" => Weekday::Friday,
        "六" => Weekday::Saturday,
        _ => Weekday::Sunday,
    })
}

fn english_weekday(scan: &mut Scan<'_>) -> Option<Weekday> {
    const DAYS: [(&[&str], Weekday); 7] = [
        (&["monday", "mon"], Weekday::Monday),
        (&["tuesday", "tues", "tue"], Weekday::Tuesday),
        (&["wednesday", "wed"], Weekday::Wednesday),
        (&["thursday", "thurs", "thu"], Weekday::Thursday),
        (&["friday", "fri"], Weekday::Friday),
        (&["saturday", "sat"], Weekday::Saturday),
        (&["sunday", "sun"], Weekday::Sunday),
    ];
    DAYS.iter().find_map(|(names, day)| scan.eat_any(names).map(|_| *day))
}

fn civil(year: i16, month: u32, day: u32) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
