//! What a source says now of visits in the record: whose they are, and whether they still take place.

use jiff::{Timestamp, ToSpan};

use crate::cli::error::CommandError;
use crate::cli::inputs;
use crate::config::Config;
use crate::intake::Row;
use crate::intake::database::Period;
use crate::report::telephone::{Ahead, Book};

/// Visits are looked for so far beyond the last one of the record, since they may have been moved.
const MOVED_BY: i64 = 366;

/// Reads of the source of the settings what is about visits of the record, and nothing else.
pub fn read(config: &Config, now: Timestamp, ahead: &Ahead) -> Result<Book, CommandError> {
    let (mut book, last) = ahead.book();
    let Some(last) = last else { return Ok(book) };
    let mut settings = inputs::source_settings(config)?;
    let today = now.to_zoned_datetime(config.zone.clone()).date();
    let until = last.saturating_add(MOVED_BY.days());
    settings.wanted_days = Some(today..=until);
    let mut source = inputs::open(config, &settings, Period::covering([today, until], today))?;
    source.rows(|row| {
        if let Row::Visit(visit) = row {
            book.show(*visit);
        }
    })?;
    Ok(book)
}
