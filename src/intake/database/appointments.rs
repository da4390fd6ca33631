//! The rows of a database become appointments, by the same rules as the rows of a file.

use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::opened::{Opened, Wish};
use super::query::Query;
use crate::intake::column::Column;
use crate::intake::error::Error;
use crate::intake::row::{Outcome, RowReader};
use crate::intake::settings::Settings;
use crate::intake::source::{Reading, Row};
use crate::intake::table::NEEDS;
use crate::intake::understanding::Understanding;

/// A database of appointments whose columns are known.
pub(in crate::intake) struct Appointments {
    opened: Opened,
}

impl Appointments {
    /// Connects, and finds out which column is which.
    pub fn open(query: &Query, settings: &Settings) -> Result<Self, Error> {
        let wish = Wish { columns: &settings.columns, needs: NEEDS, section: "[source.columns]" };
        Ok(Self { opened: Opened::open(query, &wish)? })
    }

    /// The address for people.
    pub fn name(&self) -> &str {
        self.opened.name()
    }

    /// How the database is read, for people.
    pub fn understanding(&self, settings: &Settings) -> Understanding {
        let mapping = &self.opened.mapping;
        let (columns, passed_over) = (mapping.mapped(), mapping.passed());
        Understanding {
            form: "table",
            server: Some(self.opened.server().to_owned()),
            encoding: "UTF-8",
            encoding_because: "from the database".to_owned(),
            delimiter: ',',
            header_line: 0,
            ignored: mapping.headers().len().saturating_sub(columns.len() + passed_over.len()),
            has_status: mapping.has(Column::Status)
                || settings.defaults.contains_key(&Column::Status),
            id_is_derived: !mapping.has(Column::AppointmentId),
            columns,
            passed_over,
        }
    }

    /// Reads every row and hands on each appointment of the wanted days and each row at fault.
    pub fn rows(&self, settings: &Settings, each: &mut dyn FnMut(Row)) -> Result<Reading, Error> {
        let mut reading = Reading::default();
        let mut hash = Sha256::new();
        let reader = RowReader {
            settings,
            mapping: &self.opened.mapping,
            source: self.name(),
            titles: &[],
            order: settings.day_order,
        };
        let mut rows = self.opened.rows()?;
        while let Some((row, record)) = rows.next()? {
            hash.update(record.as_slice());
            let outcome = reader.read(&record, row).map_err(|error| self.told(error))?;
            if matches!(outcome, Outcome::NeedsOrder) {
                return Err(Fault::UnknownDayOrder { row }.at(self.name()));
            }
            reading.count(outcome, each);
        }
        reading.fingerprint = hash.finalize().into();
        Ok(reading)
    }

    /// A database has rows, and no lines.
    fn told(&self, error: Error) -> Error {
        match error {
            Error::Contradiction { line: row, column, first, second, .. } => {
                Fault::Contradiction { row, column, first, second }.at(self.name())
            }
            error => error,
        }
    }
}
