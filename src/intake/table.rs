//! A table of appointments: rows under a header, in a delimited text.

use csv::StringRecord;

use super::column::Column;
use super::error::Error;
use super::form::{Form, Wish};
use super::layout::{Layout, Needs, is_date};
use super::mapping::Mapping;
use super::order;
use super::records::{Rows, opens_on};
use super::row::{Outcome, RowReader};
use super::section::{Sections, next_header};
use super::settings::{DayOrder, Settings};
use super::source::{Reading, Row};
use super::spool::Spool;
use super::tables::Tables;
use super::understanding::Understanding;

/// What a source of appointments must tell: when, and whom.
pub(super) const NEEDS: &Needs =
    &[&[Column::Start], &[Column::Openid, Column::PatientId, Column::Phone]];

/// From this many rows with bytes that are no text, and one in twenty, the encoding itself is in doubt.
const UNREADABLE_ROWS: u64 = 10;

/// A table whose header is known.
pub(super) struct Table {
    form: Form,
    layout: Layout,
    mapping: Mapping,
}

impl Table {
    /// Decides how to read the table.
    pub fn open(spool: &Spool, prefix: &[u8], settings: &Settings) -> Result<Self, Error> {
        let wish = Wish {
            columns: &settings.columns,
            needs: NEEDS,
            encoding: settings.encoding.as_deref(),
            zone: &settings.zone,
            sheet: settings.sheet.as_deref(),
        };
        let (form, layout) = Form::open(spool, prefix, &wish)?;
        let mapping = Mapping::new(&layout.head, &settings.columns, spool.name())?;
        Ok(Self { form, layout, mapping })
    }

    /// How the table is read, for people.
    pub fn understanding(&self, settings: &Settings) -> Understanding {
        let mapping = &self.mapping;
        let (columns, passed_over) = (mapping.mapped(), mapping.passed());
        let named = mapping.headers().iter().filter(|header| !header.is_empty()).count();
        Understanding {
            form: "table",
            server: None,
            encoding: self.form.name(),
            encoding_because: self.form.because(),
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
        let (mut reading, fingerprint) =
            self.form.read(spool, |rows| self.read(spool, settings, rows, each))?;
        reading.fingerprint = fingerprint;
        Ok(reading)
    }

    fn read(
        &self,
        spool: &Spool,
        settings: &Settings,
        rows: &mut dyn Rows,
        each: &mut dyn FnMut(Row),
    ) -> Result<Reading, Error> {
        let mut reading = Reading::default();
        let mut sections = Sections::new(self.mapping.clone(), settings.today);
        let mut tables = Tables::since(settings.today);
        tables.begin(self.layout.head.line, &self.mapping);
        let mut order = settings.day_order;
        let mut record = StringRecord::new();
        let mut unreadable = (0u64, None);
        while let Some(line) = rows.next(&mut record)? {
            if line <= self.layout.head.line {
                continue;
            }
            self.no_rows_inside(&record, &sections.mapping, line, spool)?;
            if record.as_slice().contains('\u{fffd}') {
                unreadable.0 += 1;
                unreadable.1.get_or_insert(line);
            }
            let read = |mapping: &Mapping, order| {
                let source = spool.name();
                RowReader { settings, mapping, source, titles: &self.layout.titles, order }
                    .read(&record, line)
            };
            let mut outcome = read(&sections.mapping, order)?;
            if matches!(outcome, Outcome::NeedsOrder) && sections.may_be_ours() {
                order = Some(self.proven_order(spool, &sections.mapping, line)?);
                reading.day_order = order;
                outcome = read(&sections.mapping, order)?;
            }
            if matches!(outcome, Outcome::Refused(_))
                && let Some(complete) = next_header(&record, settings)
            {
                outcome = Outcome::Header;
                sections.begin(complete, &record, line, settings, spool)?;
                if complete {
                    tables.begin(line, &sections.mapping);
                }
            }
            for outcome in sections.sort(outcome, &record, line) {
                tables.see(outcome.day());
                reading.count(outcome, each);
            }
        }
        for outcome in sections.finish() {
            reading.count(outcome, each);
        }
        reading.other_tables = sections.passed;
        self.is_text(spool, &reading, unreadable)?;
        tables.agree(spool.name())?;
        Ok(reading)
    }

    /// A quotation mark that is closed in a later row makes one cell of the rows between. Text with line ends in it is
    /// common; a line in it with a date at the date's place is not.
    fn no_rows_inside(
        &self,
        record: &StringRecord,
        mapping: &Mapping,
        line: u64,
        spool: &Spool,
    ) -> Result<(), Error> {
        if !record.as_slice().contains('\n') {
            return Ok(());
        }
        let delimiter = char::from(self.layout.delimiter);
        let start = mapping.places(Column::Start).first();
        let is_row = |text: &str| {
            let cells: Vec<&str> = text.split(delimiter).collect();
            let date = start.and_then(|place| cells.get(*place));
            cells.len() >= mapping.width && date.is_some_and(|cell| is_date(cell.trim_matches('"')))
        };
        let swallows = |cell: &str| cell.contains('\n') && cell.lines().skip(1).any(is_row);
        match record.iter().position(swallows) {
            Some(place) => {
                let line = opens_on(record, place, line);
                Err(Error::Unclosed { name: spool.name().to_owned(), line })
            }
            None => Ok(()),
        }
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
            encoding: self.form.name(),
        })
    }

    /// Looks through the whole source for a date that only one order allows.
    fn proven_order(
        &self,
        spool: &Spool,
        mapping: &Mapping,
        asked_on: u64,
    ) -> Result<DayOrder, Error> {
        let places = mapping.places(Column::Start);
        let header = self.layout.head.line;
        let prove =
            |rows: &mut dyn Rows| order::prove(rows, header, places, asked_on, spool.name());
        self.form.read(spool, prove).map(|(order, _)| order)
    }
}

impl Reading {
    /// Counts what a row turned out to be, and hands it on.
    pub(super) fn count(&mut self, outcome: Outcome, each: &mut dyn FnMut(Row)) {
        self.rows += 1;
        match outcome {
            Outcome::Visit(visit) => {
                self.saw(visit.start.date);
                each(Row::Visit(visit));
            }
            Outcome::Refused(refused) => {
                if let Some(start) = &refused.start {
                    self.saw(start.date);
                }
                each(Row::Refused(refused));
            }
            Outcome::Elsewhere(date) => {
                self.elsewhere += 1;
                self.saw(date);
            }
            no_row => {
                self.rows -= 1;
                match no_row {
                    Outcome::Header => self.repeated_headers += 1,
                    Outcome::Margin => self.margins += 1,
                    _ => self.blank += 1,
                }
            }
        }
    }
}
