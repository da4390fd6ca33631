//! A source of appointments: opened, understood, then read row by row.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::PathBuf;

use encoding_rs::Encoding;
use jiff::civil::Date;

use super::database::{self, Appointments};
use super::error::Error;
use super::settings::{DayOrder, Settings};
use super::spool::Spool;
use super::standard::{self, Standard};
use super::table::Table;
use super::understanding::Understanding;
use super::{fhir, hl7};
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
    /// Totals, signatures and titles, and rows of tables of something else.
    pub margins: u64,
    /// The first and last lines of tables of something else, which are not read; the first hundred of them.
    pub other_tables: Vec<(u64, u64)>,
    /// The first day of any visit.
    pub first_day: Option<Date>,
    /// The last day of any visit; an old export ends before today.
    pub last_day: Option<Date>,
    /// Numbers of visits that were called off without saying when they would have been (HL7).
    pub ended: BTreeSet<Box<str>>,
    /// The order of day and month that the file itself proved, where one was needed.
    pub day_order: Option<DayOrder>,
    /// SHA-256 of the bytes.
    pub fingerprint: [u8; 32],
}

impl Reading {
    pub(super) fn saw(&mut self, date: Date) {
        self.first_day = Some(self.first_day.map_or(date, |first| first.min(date)));
        self.last_day = Some(self.last_day.map_or(date, |last| last.max(date)));
    }
}

/// An opened source; nothing of it is held in memory but its header.
pub struct Source {
    settings: Settings,
    body: Body,
    understanding: Understanding,
}

/// What a source turned out to be.
enum Body {
    /// Rows and columns of a file.
    Table(Spool, Box<Table>),
    /// A standard's own form, in an encoding.
    Standard(Spool, Standard, &'static Encoding),
    /// The rows of a database.
    Database(Box<Appointments>),
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

    /// Connects to a database, and asks which columns there are; no row is read before [`rows`](Self::rows).
    pub fn query(query: &database::Query, settings: &Settings) -> Result<Self, Error> {
        let appointments = Appointments::open(query, settings)?;
        let understanding = appointments.understanding(settings);
        let body = Body::Database(Box::new(appointments));
        Ok(Self { settings: settings.clone(), body, understanding })
    }

    fn understand(spool: Spool, settings: &Settings) -> Result<Self, Error> {
        let prefix = spool.prefix()?;
        let (body, understanding) = if let Some(standard) = standard::recognise(&prefix) {
            let encoding = standard.encoding(&spool, &prefix, settings)?;
            let understanding = standard.understanding(&encoding, settings);
            (Body::Standard(spool, standard, encoding.encoding), understanding)
        } else {
            let table = Table::open(&spool, &prefix, settings)?;
            let understanding = table.understanding(settings);
            (Body::Table(spool, Box::new(table)), understanding)
        };
        Ok(Self { settings: settings.clone(), body, understanding })
    }

    /// The name for people: the file's, `standard input`, or a database's address without secrets.
    pub fn name(&self) -> &str {
        match &self.body {
            Body::Table(spool, _) | Body::Standard(spool, ..) => spool.name(),
            Body::Database(appointments) => appointments.name(),
        }
    }

    /// How the source is read, and why.
    pub fn understanding(&self) -> &Understanding {
        &self.understanding
    }

    /// Reads every row and hands on each appointment of the wanted days and each row at fault.
    ///
    /// An error ends the reading, and what was handed on until then must not be acted on.
    pub fn rows(&mut self, mut each: impl FnMut(Row)) -> Result<Reading, Error> {
        let settings = &self.settings;
        let (spool, reading) = match &self.body {
            Body::Database(appointments) => return appointments.rows(settings, &mut each),
            Body::Table(spool, table) => (spool, table.rows(spool, settings, &mut each)?),
            Body::Standard(spool, Standard::Fhir, encoding) => {
                (spool, fhir::rows(spool, encoding, settings, &mut each)?)
            }
            Body::Standard(spool, Standard::Hl7, encoding) => {
                (spool, hl7::rows(spool, encoding, settings, &mut each)?)
            }
        };
        spool.unchanged()?;
        Ok(reading)
    }
}

#[cfg(test)]
mod kinds;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tests;
