//! Dates and times as WeChat takes them: `2026年11月30日 09:00`, `09:00`, `2026-11-30 08:30~09:00`.
//!
//! The page gives examples, not a grammar; what is accepted here are those examples with every number checked.
//! Two points are joined by the ASCII `~`: the fullwidth `～` and `-` were answered by 47003.

/// The form of a `time`, in words.
pub(super) const TIME: &str =
    "a time such as 2026年11月30日 09:00, 09:00 or 2026年11月30日 08:30~09:00 (24 hours, ASCII ~)";
/// The form of a `date`, in words.
pub(super) const DATE: &str = "a date such as 2026年11月30日 or 2026-11-30, with or without 09:00, or two joined by an ASCII ~";

/// A time with or without a date before it, or two.
pub(super) fn is_time(value: &str) -> bool {
    one_or_two(value, |point| is_clock(point) || is_date_and_clock(point), is_clock)
}

/// A date with or without a time, or two.
pub(super) fn is_date(value: &str) -> bool {
    one_or_two(
        value,
        |point| is_day(point) || is_date_and_clock(point),
        |point| is_clock(point) && value.contains(' '),
    )
}

/// One point, or two of which the second may be shorter.
fn one_or_two(value: &str, point: impl Fn(&str) -> bool, shorter: impl Fn(&str) -> bool) -> bool {
    value
        .split_once('~')
        .map_or_else(|| point(value), |(from, to)| point(from) && (point(to) || shorter(to)))
}

fn is_date_and_clock(point: &str) -> bool {
    point.split_once(' ').is_some_and(|(day, clock)| is_day(day) && is_clock(clock))
}

/// `8:00`, `08:00` or `08:00:00`.
fn is_clock(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    match parts[..] {
        [hour, minute] => number(hour, 1, 2, 23) && number(minute, 2, 2, 59),
        [hour, minute, second] => {
            number(hour, 1, 2, 23) && number(minute, 2, 2, 59) && number(second, 2, 2, 59)
        }
        _ => false,
    }
}

fn number(text: &str, least: usize, most: usize, largest: u32) -> bool {
    digits(text, least, most).is_some_and(|number| number <= largest)
}

fn digits(text: &str, least: usize, most: usize) -> Option<u32> {
    let fits =
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// A year, month and day, or two of the three that are neighbours.
fn is_day(text: &str) -> bool {
    if text.ends_with(['年', '月', '日']) {
        return is_chinese_day(text);
    }
    ['-', '/', '.'].into_iter().any(|separator| is_separated_day(text, separator))
}

fn is_chinese_day(text: &str) -> bool {
    let (year, rest) =
        text.split_once('年').map_or((None, text), |(year, rest)| (Some(year), rest));
    match (year, rest.strip_suffix('日')) {
        (year, Some(rest)) => {
            rest.split_once('月').is_some_and(|(month, day)| exists(year, month, Some(day)))
        }
        (Some(year), None) => {
            rest.strip_suffix('月').is_some_and(|month| exists(Some(year), month, None))
        }
        (None, None) => false,
    }
}

fn is_separated_day(text: &str, separator: char) -> bool {
    let parts: Vec<_> = text.split(separator).collect();
    match parts[..] {
        [year, month, day] => exists(Some(year), month, Some(day)),
        [year, month] if year.len() == 4 => exists(Some(year), month, None),
        [month, day] => exists(None, month, Some(day)),
        _ => false,
    }
}

/// Whether there is such a day; without a year, whether any year has it.
fn exists(year: Option<&str>, month: &str, day: Option<&str>) -> bool {
    let leap = |year: u32| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let leap = match year.map(|year| digits(year, 4, 4)) {
        None => true,
        Some(None) => return false,
        Some(Some(year)) => leap(year),
    };
    let length = match digits(month, 1, 2) {
        Some(1 | 3 | 5 | 7 | 8 | 10 | 12) => 31,
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) => 28 + u32::from(leap),
        _ => return false,
    };
    day.is_none_or(|day| digits(day, 1, 2).is_some_and(|day| (1..=length).contains(&day)))
}
