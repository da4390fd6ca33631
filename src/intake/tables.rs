//! Several tables in one file: which of them are the same, and which cannot both be appointments.
//!
//! A file of charges below the appointments has patients and dates as well. What tells them apart is whether a table
//! says which visit a row is and whether it takes place. Where tables differ in that, only past days are believed.

use jiff::civil::Date;

use super::column::Column;
use super::error::Error;
use super::mapping::Mapping;

/// The tables of a file so far, one of each sort.
pub(super) struct Tables {
    since: Option<Date>,
    sorts: Vec<Sort>,
    current: usize,
}

/// Tables that tell the same of a visit.
struct Sort {
    /// Whether they have an appointment id, and a status.
    tells: [bool; 2],
    line: u64,
    header: Vec<String>,
    /// Whether one of their rows is of a day to come.
    to_come: bool,
}

impl Tables {
    /// No table yet; visits up to `since` do no harm wherever they stand.
    pub fn since(since: Option<Date>) -> Self {
        Self { since, sorts: Vec::new(), current: 0 }
    }

    /// A table begins.
    pub fn begin(&mut self, line: u64, mapping: &Mapping) {
        let tells = [Column::AppointmentId, Column::Status].map(|column| mapping.has(column));
        let known = self.sorts.iter().position(|sort| sort.tells == tells);
        self.current = known.unwrap_or(self.sorts.len());
        if known.is_none() {
            let named = mapping.headers().iter().filter(|header| !header.is_empty());
            let header = named.cloned().collect();
            self.sorts.push(Sort { tells, line, header, to_come: false });
        }
    }

    /// A row of the current table is of this day.
    pub fn see(&mut self, day: Option<Date>) {
        let Some(day) = day else { return };
        if self.since.is_none_or(|since| day > since)
            && let Some(sort) = self.sorts.get_mut(self.current)
        {
            sort.to_come = true;
        }
    }

    /// An error when rows of days to come stand in a table that tells less than another one of the file.
    pub fn agree(&self, source: &str) -> Result<(), Error> {
        for doubtful in self.sorts.iter().filter(|sort| sort.to_come) {
            let told = |sort: &Sort| sort.tells.iter().filter(|tells| **tells).count();
            let better = |other: &&Sort| {
                other.tells != doubtful.tells
                    && (told(other) > told(doubtful)
                        || (told(other) == told(doubtful) && other.to_come))
            };
            let Some(other) = self.sorts.iter().find(better) else { continue };
            let (first, second) =
                if other.line < doubtful.line { (other, doubtful) } else { (doubtful, other) };
            return Err(Error::TwoTables {
                name: source.to_owned(),
                first: first.line,
                first_header: first.header.clone(),
                second: second.line,
                second_header: second.header.clone(),
            });
        }
        Ok(())
    }
}
