//! Which messages: the filters that `log list` takes, and days and spans as people type them.

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use uuid::Uuid;

use super::personal;
use crate::cli::error::CommandError;
use crate::cli::values;
use crate::clock;
use crate::config::Config;
use crate::domain::message::Kind;
use crate::domain::prescription::reference_hash;
use crate::domain::state::State;
use crate::ledger;

/// The filters, each of which restricts.
#[derive(Args, Clone, Debug, Default)]
pub struct Filters {
    /// Changed on this clinic day or later: 2026-11-23, "2026-11-23 08:00", today, 7d, 12h.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Changed on this clinic day or earlier, or before this time.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// In one of these states, such as failed,unknown.
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    state: Vec<State>,
    /// Of one of these kinds: reminder, prescription, connector, test.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<Kind>,
    /// To this openid; - reads it from standard input.
    #[arg(long, value_name = "OPENID")]
    openid: Option<String>,
    /// About this appointment.
    #[arg(long, value_name = "ID")]
    appointment: Option<String>,
    /// With this prescription reference; - reads it from standard input.
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// Handled by this run.
    #[arg(long, value_name = "RUN", value_parser = values::run)]
    run: Option<Uuid>,
    /// At most so many.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = values::whole::<usize>)]
    pub limit: Option<usize>,
}

impl Filters {
    /// The ledger's filter; days are those of the clinic.
    pub fn read(
        &self,
        config: &Config,
        named: bool,
        now: Timestamp,
    ) -> Result<ledger::Filter, CommandError> {
        if self.openid.as_deref() == Some("-") && self.reference.as_deref() == Some("-") {
            return Err(CommandError::usage(
                "Only one of --openid and --ref can come from standard input.",
            ));
        }
        let zone = &config.zone;
        let hash = |given: &String| {
            let reference = personal::id(given)?;
            Ok::<_, CommandError>(reference_hash(&config.account()?.app_id, &reference))
        };
        let since = self.since.as_deref().map(|text| since(text, zone, now)).transpose()?;
        let until = self.until.as_deref().map(|text| until(text, zone, now)).transpose()?;
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            return Err(CommandError::usage("--until is not after --since: nothing lies between.")
                .hint("Give the earlier day to --since and the later one to --until."));
        }
        Ok(ledger::Filter {
            account: account(config, named)?,
            since,
            until,
            states: self.state.clone(),
            kinds: self.kind.clone(),
            openid: self.openid.as_deref().map(personal::id).transpose()?,
            appointment: self.appointment.clone(),
            reference_hash: self.reference.as_ref().map(hash).transpose()?,
            run: self.run,
            limit: self.limit,
            ..ledger::Filter::default()
        })
    }
}

/// The app id of the account that `--account` names; without it the record of every account is shown.
pub fn account(config: &Config, named: bool) -> Result<Option<String>, CommandError> {
    if named { Ok(Some(config.account()?.app_id)) } else { Ok(None) }
}

/// The beginning of what is meant.
pub fn since(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, CommandError> {
    match when(text, zone, now)? {
        When::Day(day) => midnight(day, zone),
        When::Instant(at) => Ok(at),
    }
}

/// The end of what is meant, itself not included: of a day the midnight after it.
pub fn until(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, CommandError> {
    match when(text, zone, now)? {
        When::Day(day) => midnight(day.saturating_add(1.day()), zone),
        When::Instant(at) => Ok(at),
    }
}

/// The first instant of a clinic day.
pub fn midnight(day: Date, zone: &TimeZone) -> Result<Timestamp, CommandError> {
    let midnight = day.to_zoned_datetime(zone.clone()).map(|at| at.timestamp());
    midnight.map_err(|_| not_a_time(&day.to_string()))
}

enum When {
    Day(Date),
    Instant(Timestamp),
}

fn when(text: &str, zone: &TimeZone, now: Timestamp) -> Result<When, CommandError> {
    let text = text.trim();
    let today = now.to_zoned_datetime(zone.clone()).date();
    match text {
        "today" => return Ok(When::Day(today)),
        "yesterday" => return Ok(When::Day(today.saturating_sub(1.day()))),
        _ => {}
    }
    if let Some(ago) = span(text) {
        return now.checked_sub(ago).map(When::Instant).map_err(|_| not_a_time(text));
    }
    match text.parse::<Date>() {
        Ok(day) if text.len() <= "2026-11-23".len() => Ok(When::Day(day)),
        _ => clock::parse(text, zone).map(When::Instant).map_err(|_| not_a_time(text)),
    }
}

/// `90d`, `12h` or `2w`, back from now.
pub fn span(text: &str) -> Option<SignedDuration> {
    let (number, hours) = [("h", 1), ("d", 24), ("w", 7 * 24)]
        .into_iter()
        .find_map(|(unit, hours)| Some((text.strip_suffix(unit)?, hours)))?;
    let number = number.trim().parse::<u32>().ok().filter(|number| *number <= 100_000)?;
    Some(SignedDuration::from_hours(i64::from(number) * hours))
}

fn not_a_time(text: &str) -> CommandError {
    CommandError::usage(format!("{text:?} is no day or time."))
        .hint("Write 2026-11-23, \"2026-11-23 08:00\", today, yesterday, or a span back from now such as 7d or 12h.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn days_are_the_clinics_and_the_last_one_counts_whole() {
        let now: Timestamp = "2026-11-23T20:00:00Z".parse().unwrap();
        for (text, begins, ends) in [
            ("2026-11-23", "2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"),
            ("today", "2026-11-23T16:00:00Z", "2026-11-24T16:00:00Z"),
            ("yesterday", "2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"),
            ("7d", "2026-11-16T20:00:00Z", "2026-11-16T20:00:00Z"),
            ("2026-11-23 08:00", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"),
        ] {
            assert_eq!(since(text, &shanghai(), now).unwrap().to_string(), begins, "{text}");
            assert_eq!(until(text, &shanghai(), now).unwrap().to_string(), ends, "{text}");
        }
        for text in ["", "d", "-7d", "soon", "2026-13-01", "99999999999d"] {
            assert!(since(text, &shanghai(), now).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,20}", second in -100_000_000_000i64..100_000_000_000) {
            let now = Timestamp::from_second(second).unwrap();
            let _ = (since(&text, &shanghai(), now), until(&text, &shanghai(), now));
        }
    }
}
