//! Which clinic days a count is about.

use clap::Args;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::filter;
use crate::cli::error::CommandError;
use crate::config::Config;

/// The days of a count, both included.
#[derive(Args, Debug)]
pub struct Days {
    /// From this clinic day on: 2026-11-23, today, 30d.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Up to this clinic day; today unless given.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

impl Days {
    /// The first and the last day; so many up to today where none are named.
    pub fn span(
        &self,
        config: &Config,
        now: Timestamp,
        usual: i32,
    ) -> Result<(Date, Date), CommandError> {
        let day_of = |at: Timestamp| at.to_zoned_datetime(config.zone.clone()).date();
        let since = match self.since.as_deref() {
            Some(text) => day_of(filter::since(text, &config.zone, now)?),
            None => day_of(now).saturating_sub((usual - 1).days()),
        };
        let until = match self.until.as_deref() {
            // The end of a day is the midnight after it, and an instant counts with its whole day.
            Some(text) => {
                let end = filter::until(text, &config.zone, now)?;
                day_of(end.saturating_sub(1.nanosecond()).unwrap_or(end))
            }
            None => day_of(now),
        };
        Ok((since, until))
    }
}

/// The days cannot be counted.
pub fn impossible() -> CommandError {
    CommandError::usage("--until must be a day after --since, and at most ten years later.")
}
