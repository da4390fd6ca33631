//! A table of appointments: rows under a header, in a delimited text.

use std::io::Read;

use csv::StringRecord;
use encoding_rs::Encoding;

use super::column::Column;
use super::encoding;
use super::error::Error;
use super::layout::{Layout, Needs, Search};
use super::mapping::Mapping;
use super::order;
use super::records::Records;
use super::row::{Outcome, RowReader};
use super::settings::{DayOrder, Settings};
use super::source::{Reading, Row};
use super::spool::Spool;
use super::understanding::Understanding;

/// What a source of appointments must tell: when, and whom.
const NEEDS: &Needs = &[&[Column::Start], &[Column::Openid, Column::PatientId, Column::Phone]];

/// From this many rows with bytes that are no text, and one in twenty, the encoding itself is in doubt.
const UNREADABLE_ROWS: u64 = 10;

/// A table whose header is known.
pub(super) struct Table {
    encoding: &'static Encoding,
    because: String,
    marks_user_defined: bool,
    layout: Layout,
    mapping: Mapping,
}

impl Table {
    /// Decides how to read the table.
    pub fn open(spool: &Spool, prefix: &[u8], settings: &Settings) -> Result<Self, Error> {
        let search = Search { spool, prefix, configured: &settings.columns, needs: NEEDS };
        let choice = encoding::choose(&search, settings.encoding.as_deref(), &settings.zone)?;
        let layout = search.settle(choice.layout)?;
        let mapping = Mapping::new(&layout.head, &settings.columns, spool.name())?;
        let (encoding, because) = (choice.encoding, choice.because);
        Ok(Self {
            encoding,
            because,
            marks_user_defined: choice.marks_user_defined,
            layout,
            mapping,
        })
    }

    /// How the table is read, for people.
    pub fn understanding(&self, settings: &Settings) -> Understanding {
        let mapping = &self.mapping;
        let (columns, passed_over) = (mapping.mapped(), mapping.passed());
        let named = mapping.headers().iter().filter(|header| !header.is_empty()).count();
        Understanding {
            encoding: self.encoding.name(),
            encoding_because: self.because.clone(),
            delimiter: self.layout.delimiter(),
            header_line: self.layout.head.line,
            ignored: named.saturating_sub(columns.len() + passed_over.len()),
            has_status: mapping.has(Column::Status)
                || settings.defaults.contains_key(&Column::Status),
            id_is_derived: !mapping.has(Column::AppointmentId),
            columns,
            passed_over,
        }
    }

    /// Reads every row and hands on each appointment of the wanted days and each row at fault.
    pub fn rows(
        &self,
        spool: &Spool,
        settings: &Settings,
        each: &mut dyn FnMut(Row),
    ) -> Result<Reading, Error> {
        let mut reading = Reading::default();
        let mut reader = RowReader {
            settings,
            mapping: &self.mapping,
            source: spool.name(),
            titles: &self.layout.titles,
            order: settings.day_order,
        };
        let mut records = self.records(spool, spool.bytes()?.fingerprinted());
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
                reader.order = Some(self.proven_order(spool, line)?);
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
        self.is_text(spool, &reading, unreadable)?;
        Ok(reading)
    }

    /// A few rows with bad bytes are rejected by themselves; many mean that the encoding is another.
    fn is_text(
        &self,
        spool: &Spool,
        reading: &Reading,
        unreadable: (u64, Option<u64>),
    ) -> Result<(), Error> {
        let (rows, Some(line)) = unreadable else { return Ok(()) };
        if rows < UNREADABLE_ROWS || rows * 20 < reading.rows {
            return Ok(());
        }
        Err(Error::NotText {
            name: spool.name().to_owned(),
            line,
            rows,
            encoding: self.encoding.name(),
        })
    }

    fn records<'s, R: Read>(&self, spool: &'s Spool, bytes: R) -> Records<'s, R> {
        Records::new(spool, bytes, self.encoding, self.layout.delimiter)
            .marking_user_defined(self.marks_user_defined)
    }

    /// Looks through the whole source for a date that only one order allows.
    fn proven_order(&self, spool: &Spool, asked_on: u64) -> Result<DayOrder, Error> {
        let mut records = self.records(spool, spool.bytes()?);
        let places = self.mapping.places(Column::Start);
        order::prove(&mut records, self.layout.head.line, places, asked_on, spool.name())
    }
}
