//! What a caller asks to see.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use crate::ledger::Filter;
use crate::serve::error::Invalid;

/// How many messages a page has unless asked otherwise.
const USUAL: usize = 50;
/// And at the most.
const MOST: usize = 200;

/// The parameters of the address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct Query {
    state: Option<String>,
    kind: Option<String>,
    since: Option<String>,
    until: Option<String>,
    openid: Option<String>,
    appointment_id: Option<String>,
    client_msg_id: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
    unmasked: Option<String>,
}

/// The same, understood.
pub(in crate::serve) struct Wanted {
    pub filter: Filter,
    /// How many messages the page has.
    pub limit: usize,
    /// Whether openids are asked for.
    pub unmasked: bool,
}

impl Query {
    /// What the parameters mean for this account; days are those of `zone`.
    pub fn read(self, account: &str, zone: &TimeZone) -> Result<Wanted, Invalid> {
        let limit = match given(self.limit) {
            None => USUAL,
            Some(text) => number(&text, MOST).ok_or_else(|| {
                Invalid::of("limit", format!("must be a number from 1 to {MOST}"))
            })?,
        };
        let cursor = given(self.cursor);
        let before = cursor.map(|text| {
            let row = text.parse::<i64>().ok().filter(|row| *row > 0);
            row.ok_or_else(|| Invalid::of("cursor", "must be the next_cursor of an earlier answer"))
        });
        let unmasked = given(self.unmasked).map(|text| text.to_ascii_lowercase());
        let unmasked = match unmasked.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Invalid::of("unmasked", "must be true or false")),
        };
        let filter = Filter {
            account: Some(account.to_owned()),
            since: given(self.since).map(|text| since("since", &text, zone)).transpose()?,
            until: given(self.until).map(|text| until("until", &text, zone)).transpose()?,
            states: words("state", given(self.state))?,
            kinds: words("kind", given(self.kind))?,
            openid: given(self.openid),
            appointment: given(self.appointment_id),
            client_msg_id: given(self.client_msg_id),
            before: before.transpose()?,
            // One more than the page has, to know whether there is another page.
            limit: Some(limit + 1),
            ..Filter::default()
        };
        Ok(Wanted { filter, limit, unmasked })
    }
}

/// Forms send an empty text where nothing was filled in.
fn given(value: Option<String>) -> Option<String> {
    value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(text: &str, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| (1..=most).contains(number))
}

fn words<T: FromStr>(field: &str, text: Option<String>) -> Result<Vec<T>, Invalid>
where
    T::Err: std::fmt::Display,
{
    let text = text.unwrap_or_default();
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            word.parse().map_err(|error: T::Err| {
                Invalid::of(field, format!("has a word that is none: {error}"))
            })
        })
        .collect()
}

/// The beginning of what is meant: a day's, or an instant.
fn since(field: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Invalid> {
    match text.parse::<Date>() {
        Ok(day) if is_day(text) => midnight(field, day, zone),
        _ => instant(field, text),
    }
}

/// The end of what is meant, itself not included: of a day the midnight after it.
fn until(field: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Invalid> {
    match text.parse::<Date>() {
        Ok(day) if is_day(text) => midnight(field, day.saturating_add(1.day()), zone),
        _ => instant(field, text),
    }
}

const fn is_day(text: &str) -> bool {
    text.len() == "2026-11-23".len()
}

fn instant(field: &str, text: &str) -> Result<Timestamp, Invalid> {
    text.parse().map_err(|_| no_time(field))
}

fn midnight(field: &str, day: Date, zone: &TimeZone) -> Result<Timestamp, Invalid> {
    day.to_zoned_datetime(zone.clone()).map(|at| at.timestamp()).map_err(|_| no_time(field))
}

fn no_time(field: &str) -> Invalid {
    Invalid::of(field, "must be a day such as 2026-11-23 or a time such as 2026-11-23T08:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Result<Wanted, Invalid> {
        let map: serde_json::Map<_, _> =
            parameters.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
        let query: Query = serde_json::from_value(map.into()).unwrap();
        query.read("wx1", &TimeZone::get("Asia/Shanghai").unwrap())
    }

    #[test]
    fn what_is_asked_is_a_filter() {
        let wanted = read(&[
            ("state", "failed, unknown"),
            ("kind", "connector"),
            ("since", "2026-11-23"),
            ("until", "2026-11-23"),
            ("limit", "7"),
            ("cursor", "12"),
            ("openid", ""),
        ])
        .ok()
        .unwrap();
        let filter = wanted.filter;
        assert_eq!((filter.states.len(), filter.kinds.len(), filter.openid), (2, 1, None));
        assert_eq!(filter.since.unwrap().to_string(), "2026-11-22T16:00:00Z");
        assert_eq!(filter.until.unwrap().to_string(), "2026-11-23T16:00:00Z");
        assert_eq!((filter.before, filter.limit, wanted.limit), (Some(12), Some(8), 7));
        assert!(!wanted.unmasked);
        assert_eq!(read(&[]).ok().unwrap().limit, USUAL);
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (name, text) in [
            ("state", "sent"),
            ("kind", "sms"),
            ("since", "soon"),
            ("until", "2026-13-01"),
            ("limit", "0"),
            ("limit", "201"),
            ("cursor", "x"),
            ("unmasked", "yes"),
        ] {
            assert_eq!(read(&[(name, text)]).err().unwrap().field.as_deref(), Some(name));
        }
    }
}
