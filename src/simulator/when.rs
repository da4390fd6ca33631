//! The times and dates that a template takes: `2026年12月1日 15:01`, `8:00`, `1月20日 8:00~10:00`,
//! `2018-01-01`, `2018/01/01`, `2018.01.01`, `2018-01`, `01-01`. Epoch numbers are none.

/// A clock time, after a date or not; or two of them with an ASCII `~` between.
pub(crate) fn is_time(text: &str) -> bool {
    range(text, |point| split(point).1.is_some_and(is_clock) && split(point).0.is_none_or(is_day))
}

/// A date, before a clock time or not; or a range of them.
pub(crate) fn is_date(text: &str) -> bool {
    range(text, |point| {
        is_day(point)
            || (split(point).0.is_some_and(is_day) && split(point).1.is_some_and(is_clock))
    })
}

fn range(text: &str, is_point: impl Fn(&str) -> bool) -> bool {
    match text.split_once('~') {
        // The second point may lack the first one's date.
        Some((from, to)) => {
            is_point(from.trim_end()) && (is_point(to.trim_start()) || is_clock(to.trim_start()))
        }
        None => is_point(text),
    }
}

/// Date and clock of a point: the clock is what follows the only blank, or everything.
fn split(point: &str) -> (Option<&str>, Option<&str>) {
    match point.split_once(' ') {
        Some((date, clock)) => (Some(date), Some(clock)),
        None => (None, Some(point)),
    }
}

fn is_clock(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [hour, minute] => number(hour, 23) && exact(minute, 59),
        [hour, minute, second] => number(hour, 23) && exact(minute, 59) && exact(second, 59),
        _ => false,
    }
}

fn is_day(text: &str) -> bool {
    is_chinese_day(text) || ['-', '/', '.'].into_iter().any(|mark| is_marked_day(text, mark))
}

fn is_chinese_day(text: &str) -> bool {
    let (year, rest) =
        text.split_once('年').map_or((None, text), |(year, rest)| (Some(year), rest));
    let Some((month, day)) = rest.split_once('月') else { return false };
    let day = if day.is_empty() {
        year.is_some()
    } else {
        day.strip_suffix('日').is_some_and(is_day_number)
    };
    year.is_none_or(is_year) && is_month(month) && day
}

fn is_marked_day(text: &str, mark: char) -> bool {
    let parts: Vec<&str> = text.split(mark).collect();
    match parts.as_slice() {
        [year, month, day] => is_year(year) && is_month(month) && is_day_number(day),
        [first, second] => {
            (is_year(first) && is_month(second)) || (is_month(first) && is_day_number(second))
        }
        _ => false,
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && number(text, 9999)
}

fn is_month(text: &str) -> bool {
    number(text, 12) && !text.bytes().all(|byte| byte == b'0')
}

fn is_day_number(text: &str) -> bool {
    number(text, 31) && !text.bytes().all(|byte| byte == b'0')
}

/// Two digits up to `most`.
fn exact(text: &str, most: u16) -> bool {
    text.len() == 2 && number(text, most)
}

/// Digits alone, as many as `most` has or fewer, no larger than it.
fn number(text: &str, most: u16) -> bool {
    let short = !text.is_empty() && text.len() <= most.to_string().len();
    short
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u16>().is_ok_and(|n| n <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_times_pass_and_near_misses_do_not() {
        for good in [
            "15:01",
            "8:00",
            "15:01:30",
            "2019年10月1日 15:01",
            "1月20日 8:00~10:00",
            "2026-11-30 09:00",
            "2026年11月30日 08:30~2026年11月30日 09:00",
        ] {
            assert!(is_time(good), "{good}");
        }
        for bad in [
            "",
            "24:00",
            "9:60",
            "9:5",
            "2026年13月1日 15:01",
            "2026年12月0日 15:01",
            "2026年12月1日",
            "8:00～10:00",
            "8:00-10:00",
            "1764572460000",
            "上午",
            "2026年12月1日  15:01",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }

    #[test]
    fn the_documented_dates_pass_and_near_misses_do_not() {
        for good in [
            "2019年10月1日",
            "2019年10月",
            "10月1日",
            "2018-01-01",
            "2018/01/01",
            "2018.01.01",
            "2018-01",
            "01-01",
            "2019年10月1日 15:01",
            "2018-01-01~2018-01-03",
        ] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2018",
            "10月",
            "2018-32-01",
            "18-01-01",
            "2018-01/01",
            "明天",
            "15:01",
            "2018-01-01T09:00",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in "[0-9年月日:~./ -]{0,24}|\\PC*") {
            let _ = (is_time(&text), is_date(&text));
        }

        #[test]
        fn every_minute_of_every_day_is_a_time(
            year in 1000u16..=9999, month in 1u16..=12, day in 1u16..=31, hour in 0u16..24, minute in 0u16..60,
        ) {
            let text = format!("{year}年{month}月{day}日 {hour:02}:{minute:02}");
            proptest::prop_assert!(is_time(&text));
        }
    }
}
