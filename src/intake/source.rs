//! A source of appointments: opened, understood, then read row by row.

use std::io::{self, Read};
use std::path::PathBuf;

use csv::StringRecord;
use encoding_rs::Encoding;
use jiff::civil::Date;

use super::binary;
use super::column::Column;
use super::encoding;
use super::error::Error;
use super::layout::{Layout, Needs, Search};
use super::mapping::Mapping;
use super::order;
use super::records::Records;
use super::row::{Outcome, RowReader};
use super::settings::{DayOrder, Settings};
use super::spool::Spool;
use super::understanding::Understanding;
use crate::domain::appointment::Appointment;
use crate::domain::reason::Refused;

/// Where a source's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, or anything with a path that can be read like one.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Origin {
    /// The name for people: the file's own name without its folders, or `standard input`.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }

    pub(super) fn spool(&self) -> Result<Spool, Error> {
        match self {
            Self::File(path) => Spool::open(path, &self.name()),
            Self::Stdin => Spool::copy(io::stdin().lock(), &self.name()),
        }
    }
}

/// What a source of appointments must tell: when, and whom.
const NEEDS: &Needs = &[&[Column::Start], &[Column::Openid, Column::PatientId, Column::Phone]];

/// From this many rows with bytes that are no text, and one in twenty, the encoding itself is in doubt.
const UNREADABLE_ROWS: u64 = 10;

/// One row of a source, read and understood or refused.
#[derive(Debug)]
pub enum Row {
    /// An appointment.
    Visit(Box<Appointment>),
    /// A row with a fault.
    Refused(Box<Refused>),
}

/// What a reading came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Rows that were meant to be appointments: handed on, refused, or of another day.
    pub rows: u64,
    /// Of these, rows of days that were not wanted.
    pub elsewhere: u64,
    /// Rows with nothing in any cell.
    pub blank: u64,
    /// Headers repeated further down.
    pub repeated_headers: u64,
    /// Totals, signatures and titles.
    pub margins: u64,
    /// The first day of any visit.
    pub first_day: Option<Date>,
    /// The last day of any visit; an old export ends before today.
    pub last_day: Option<Date>,
    /// The order of day and month that the file itself proved, where one was needed.
    pub day_order: Option<DayOrder>,
    /// SHA-256 of the bytes.
    pub fingerprint: [u8; 32],
}

impl Reading {
    fn saw(&mut self, date: Date) {
        self.first_day = Some(self.first_day.map_or(date, |first| first.min(date)));
        self.last_day = Some(self.last_day.map_or(date, |last| last.max(date)));
    }
}

/// An opened source; nothing of it is held in memory but its header.
pub struct Source {
    spool: Spool,
    settings: Settings,
    encoding: &'static Encoding,
    marks_user_defined: bool,
    layout: Layout,
    mapping: Mapping,
    understanding: Understanding,
}

impl Source {
    /// Opens a source and decides how to read it.
    ///
    /// A pipe is copied to an unnamed temporary file first, so that it can be read more than once. Errors name what is
    /// wrong with the source as a whole; faults of single rows come from [`rows`](Self::rows).
    pub fn open(origin: &Origin, settings: &Settings) -> Result<Self, Error> {
        Self::understand(origin.spool()?, settings)
    }

    /// Opens what `reader` gives, under a name for errors.
    pub fn from_reader(reader: impl Read, name: &str, settings: &Settings) -> Result<Self, Error> {
        Self::understand(Spool::copy(reader, name)?, settings)
    }

    fn understand(spool: Spool, settings: &Settings) -> Result<Self, Error> {
        let prefix = spool.prefix()?;
        binary::refuse(&prefix, spool.name())?;
        let search =
            Search { spool: &spool, prefix: &prefix, configured: &settings.columns, needs: NEEDS };
        let choice = encoding::choose(&search, settings.encoding.as_deref(), &settings.zone)?;
        let layout = search.settle(choice.layout)?;
        let mapping = Mapping::new(&layout.head, &settings.columns, spool.name())?;
        let columns = mapping.mapped();
        let passed_over = mapping.passed();
        let named = mapping.headers().iter().filter(|header| !header.is_empty()).count();
        let understanding = Understanding {
            encoding: choice.encoding.name(),
            encoding_because: choice.because,
            delimiter: layout.delimiter(),
            header_line: layout.head.line,
            ignored: named.saturating_sub(columns.len() + passed_over.len()),
            has_status: mapping.has(Column::Status)
                || settings.defaults.contains_key(&Column::Status),
            id_is_derived: !mapping.has(Column::AppointmentId),
            columns,
            passed_over,
        };
        let (encoding, settings) = (choice.encoding, settings.clone());
        let marks_user_defined = choice.marks_user_defined;
        Ok(Self { spool, settings, encoding, marks_user_defined, layout, mapping, understanding })
    }

    /// The name for people: the file's, or `standard input`.
    pub fn name(&self) -> &str {
        self.spool.name()
    }

    /// How the source is read, and why.
    pub fn understanding(&self) -> &Understanding {
        &self.understanding
    }

    /// Reads every row and hands on each appointment of the wanted days and each row at fault.
    ///
    /// An error ends the reading, and what was handed on until then must not be acted on.
    pub fn rows(&mut self, mut each: impl FnMut(Row)) -> Result<Reading, Error> {
        let mut reading = Reading::default();
        let mut reader = RowReader {
            settings: &self.settings,
            mapping: &self.mapping,
            source: self.spool.name(),
            titles: &self.layout.titles,
            order: self.settings.day_order,
        };
        let mut records = self.records(self.spool.bytes()?.fingerprinted());
        let mut record = StringRecord::new();
        let mut unreadable = (0u64, None);
        while let Some(line) = records.next(&mut record)? {
            if line <= self.layout.head.line {
                continue;
            }
            if record.as_slice().contains('\u{fffd}') {
                unreadable.0 += 1;
                unreadable.1.get_or_insert(line);
            }
            let mut outcome = reader.read(&record, line)?;
            if matches!(outcome, Outcome::NeedsOrder) {
                reader.order = Some(self.proven_order(line)?);
                reading.day_order = reader.order;
                outcome = reader.read(&record, line)?;
            }
            reading.rows += 1;
            match outcome {
                Outcome::Visit(visit) => {
                    reading.saw(visit.start.date);
                    each(Row::Visit(visit));
                }
                Outcome::Refused(refused) => {
                    refused.start.iter().for_each(|start| reading.saw(start.date));
                    each(Row::Refused(refused));
                }
                Outcome::Elsewhere(date) => {
                    reading.elsewhere += 1;
                    reading.saw(date);
                }
                no_row => {
                    reading.rows -= 1;
                    match no_row {
                        Outcome::Header => reading.repeated_headers += 1,
                        Outcome::Margin => reading.margins += 1,
                        _ => reading.blank += 1,
                    }
                }
            }
        }
        reading.fingerprint = records.fingerprint();
        self.spool.unchanged()?;
        self.is_text(&reading, unreadable)?;
        Ok(reading)
    }

    /// A few rows with bad bytes are rejected by themselves; many mean that the encoding is another.
    fn is_text(&self, reading: &Reading, unreadable: (u64, Option<u64>)) -> Result<(), Error> {
        let (rows, Some(line)) = unreadable else { return Ok(()) };
        if rows < UNREADABLE_ROWS || rows * 20 < reading.rows {
            return Ok(());
        }
        Err(Error::NotText {
            name: self.name().to_owned(),
            line,
            rows,
            encoding: self.encoding.name(),
        })
    }

    fn records<R: Read>(&self, bytes: R) -> Records<'_, R> {
        Records::new(&self.spool, bytes, self.encoding, self.layout.delimiter)
            .marking_user_defined(self.marks_user_defined)
    }

    /// Looks through the whole source for a date that only one order allows.
    fn proven_order(&self, asked_on: u64) -> Result<DayOrder, Error> {
        let mut records = self.records(self.spool.bytes()?);
        let places = self.mapping.places(Column::Start);
        order::prove(&mut records, self.layout.head.line, places, asked_on, self.spool.name())
    }
}

#[cfg(test)]
mod tests;
