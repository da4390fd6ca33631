//! Values of the command line that the parser's own library would refuse in its own words.

use std::str::FromStr;

use jiff::civil::Date;
use uuid::Uuid;

/// A whole number of a type, without a sign.
pub fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(number),
        _ if digits => Err("the number is too large".to_owned()),
        _ => Err("write a whole number, such as 7".to_owned()),
    }
}

/// How many days ahead.
pub fn days(text: &str) -> Result<u16, String> {
    let number = whole::<u16>(text).ok().filter(|days| *days <= 365);
    number.ok_or_else(|| {
        "write whole numbers of days from 0 to 365, such as 7, or 7,1 for two stages".to_owned()
    })
}

/// A number of messages a second.
pub fn rate(text: &str) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
    number.ok_or_else(|| "write a number of messages a second, such as 20".to_owned())
}

/// A day.
pub fn date(text: &str) -> Result<Date, String> {
    let text = text.trim();
    let is_day = text.len() <= "2026-11-30".len();
    let day = text.parse().ok().filter(|_| is_day);
    day.ok_or_else(|| "there is no such day; write it as 2026-11-30".to_owned())
}

/// A code of WeChat's.
pub fn code(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| "write a number, such as 40001 or -1".to_owned())
}

/// A run's id.
pub fn run(text: &str) -> Result<Uuid, String> {
    text.trim().parse().map_err(|_| {
        "write a run's id whole, as `wxremind log show` and the JSON of a run show it".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_such_value_is_refused_in_words() {
        for text in ["x", "-1", "+7", "7.5", "", "365000", "99999999999999999999"] {
            assert!(days(text).unwrap_err().starts_with("write whole numbers of days"), "{text}");
        }
        assert_eq!((days("7"), days(" 0 "), days("365")), (Ok(7), Ok(0), Ok(365)));
        assert_eq!(whole::<u16>("70000").unwrap_err(), "the number is too large");
        for text in ["2026-02-31", "soon", "2026-11-30 09:00", ""] {
            assert!(date(text).is_err(), "{text}");
        }
        assert!(date("2026-11-30").is_ok());
        for text in ["-1", "NaN", "inf", "fast"] {
            assert!(rate(text).is_err(), "{text}");
        }
        assert_eq!((rate("0"), code("-1")), (Ok(0.0), Ok(-1)));
        assert!(code("x").is_err() && run("x").is_err());
    }
}
