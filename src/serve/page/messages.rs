//! `GET /`: the record, newest first, filtered and paged.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::record::{Record, Showing};
use super::view::Broken;
use super::visitor::Visitor;
use super::words::Words;
use crate::domain::message::Kind;
use crate::domain::state::State;
use crate::ledger::{Entry, Filter};
use crate::report;
use crate::serve::keys::Scope;

/// Messages on a page.
const PAGE: usize = 50;

/// What the state filter offers beside each state: words of the page for several at once.
const GROUPS: [(&str, &[State]); 3] = [
    ("problem", &[State::Failed, State::Undelivered, State::Unknown, State::Expired, State::Held]),
    ("waiting", &[State::Queued, State::Sending]),
    ("through", &[State::Accepted, State::Delivered]),
];

/// What is asked for; an empty field does not restrict.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    since: String,
    until: String,
    state: String,
    kind: String,
    appointment: String,
    patient: String,
    /// Older than the message of this row.
    before: String,
}

#[derive(Serialize)]
struct Messages {
    asked: Asked,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    records: Vec<Record>,
    /// The query of the next page; empty on the last.
    older: String,
    /// The query of the first page; empty on it.
    newest: String,
    /// Whether anything restricts.
    filtered: bool,
    /// Which field could not be read; empty when all could.
    unreadable: &'static str,
}

/// One of what a filter offers.
#[derive(Serialize)]
struct Choice {
    value: &'static str,
    word: String,
    chosen: bool,
}

/// The list.
pub(super) async fn show(
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    if let Err(refused) = visitor.need(Scope::Read) {
        return refused;
    }
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let zone = visitor.shared.settings.zone.clone();
    let (filter, unreadable) = match asked.filter(&zone, &visitor.shared.settings.account) {
        Ok(filter) => (filter, ""),
        Err(field) => (Filter { limit: Some(0), ..Filter::default() }, field),
    };
    let found = visitor.shared.desks.reader.call(move |ledger| ledger.list(&filter)).await;
    let Ok(mut entries) = found else { return broken(&visitor) };
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let last = entries.last().filter(|_| more).map(|entry| entry.message);
    let whole = visitor.may(Scope::Contact);
    let showing = Showing { words: visitor.words, zone: &zone, whole };
    let page = Messages {
        states: states(visitor.words, &asked.state),
        kinds: kinds(visitor.words, &asked.kind),
        records: entries.iter().map(|entry: &Entry| showing.record(entry)).collect(),
        older: last.map(|last| asked.with(&last.to_string())).unwrap_or_default(),
        newest: if asked.before.is_empty() { String::new() } else { asked.with("") },
        filtered: asked.restricts(),
        unreadable,
        asked,
    };
    visitor.show("messages.html", &page)
}

/// The page that says that the record cannot be read now.
pub(super) fn broken(visitor: &Visitor) -> Response {
    let page = Broken { detail: "" };
    let mut answer = visitor.show_as(StatusCode::SERVICE_UNAVAILABLE, "trouble.html", &page);
    let again = axum::http::HeaderValue::from_static("5");
    answer.headers_mut().insert(axum::http::header::RETRY_AFTER, again);
    answer.into_response()
}

impl Asked {
    fn restricts(&self) -> bool {
        let fields =
            [&self.since, &self.until, &self.state, &self.kind, &self.appointment, &self.patient];
        fields.iter().any(|field| !field.trim().is_empty())
    }

    /// The ledger's filter, or the name of the field that cannot be read.
    fn filter(&self, zone: &TimeZone, account: &str) -> Result<Filter, &'static str> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let midnight = |day: Date| day.to_zoned_datetime(zone.clone()).map(|at| at.timestamp());
        let day = |text: &str| given(text).map(|text| text.parse::<Date>()).transpose();
        let since = day(&self.since).map_err(|_| "since")?.map(midnight);
        let until = day(&self.until).map_err(|_| "until")?;
        let until = until.map(|day| midnight(day.saturating_add(1.day())));
        let kinds = given(&self.kind).map(|word| word.parse::<Kind>()).transpose();
        Ok(Filter {
            account: Some(account.to_owned()),
            since: since.transpose().map_err(|_| "since")?,
            until: until.transpose().map_err(|_| "until")?,
            states: self.states()?,
            kinds: kinds.map_err(|_| "kind")?.into_iter().collect(),
            appointment: given(&self.appointment),
            patient: given(&self.patient),
            before: given(&self.before).map(|row| row.parse()).transpose().map_err(|_| "before")?,
            limit: Some(PAGE + 1),
            ..Filter::default()
        })
    }

    fn states(&self) -> Result<Vec<State>, &'static str> {
        let word = self.state.trim();
        if word.is_empty() {
            return Ok(Vec::new());
        }
        match GROUPS.iter().find(|(name, _)| *name == word) {
            Some((_, states)) => Ok(states.to_vec()),
            None => Ok(vec![word.parse().map_err(|_| "state")?]),
        }
    }

    /// The same question about what is older than this row.
    fn with(&self, before: &str) -> String {
        let pairs = [
            ("since", self.since.as_str()),
            ("until", &self.until),
            ("state", &self.state),
            ("kind", &self.kind),
            ("appointment", &self.appointment),
            ("patient", &self.patient),
            ("before", before),
        ];
        query(&pairs)
    }
}

/// `/?a=b&c=d` of what is not empty.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = String::from("?");
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        if text.len() > 1 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                text.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut text, format_args!("%{byte:02X}"));
            }
        }
    }
    text
}

fn states(words: &Words, chosen: &str) -> Vec<Choice> {
    let choice = |value: &'static str, word: &str| Choice {
        value,
        word: word.to_owned(),
        chosen: value == chosen.trim(),
    };
    let groups = GROUPS.iter().map(|(name, _)| choice(name, words.say("group", name)));
    let state = |state: State| choice(state.as_str(), report::state(state, words.language));
    groups.chain(State::ALL.into_iter().map(state)).collect()
}

fn kinds(words: &Words, chosen: &str) -> Vec<Choice> {
    let choice = |kind: &Kind| Choice {
        value: kind.as_str(),
        word: words.say("kind", kind.as_str()).to_owned(),
        chosen: kind.as_str() == chosen.trim(),
    };
    Kind::ALL.iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_in_clinic_days_and_says_which_field_it_could_not_read() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let asked = |asked: Asked| asked.filter(&zone, "wx1");
        let day = "2026-11-23".to_owned();
        let filter = asked(Asked { since: day.clone(), until: day, ..Asked::default() }).unwrap();
        assert_eq!(filter.since.unwrap().to_string(), "2026-11-22T16:00:00Z");
        assert_eq!(filter.until.unwrap().to_string(), "2026-11-23T16:00:00Z");
        let state = |state: &str| asked(Asked { state: state.to_owned(), ..Asked::default() });
        assert_eq!(state("waiting").unwrap().states, [State::Queued, State::Sending]);
        assert_eq!(state("failed").unwrap().states, [State::Failed]);
        assert_eq!(state("lost").err(), Some("state"));
        let since = Asked { since: "soon".to_owned(), ..Asked::default() };
        assert_eq!(asked(since).err(), Some("since"));
    }

    #[test]
    fn a_query_holds_what_is_not_empty_and_nothing_that_ends_it_early() {
        assert_eq!(query(&[("a", ""), ("b", "x&y=\"预\"")]), "?b=x%26y%3D%22%E9%A2%84%22");
    }
}
