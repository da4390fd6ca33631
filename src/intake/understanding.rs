//! What was understood of a source before its rows are read: for the summary, and for `--dry-run` to show.

use std::ops::Not;

use serde::Serialize;

use super::column::Column;

/// How a source is read, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Understanding {
    /// What holds the rows: `table`, `FHIR` or `HL7 v2`.
    pub form: &'static str,
    /// The database server's name and version, where the source is one; its rows have numbers and no lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The encoding's name: `UTF-8`, `gb18030`, `Big5`.
    pub encoding: &'static str,
    /// How the encoding was found: `byte order mark`, `valid UTF-8`, `set`.
    pub encoding_because: String,
    /// What divides the cells.
    pub delimiter: char,
    /// The line of the header, from 1; 0 where there is none.
    pub header_line: u64,
    /// Which column of the source is which, in the order of [`Column::ALL`].
    pub columns: Vec<Mapped>,
    /// Columns that could have been meant, and are not used because a better one is there.
    pub passed_over: Vec<Passed>,
    /// How many further columns the source has; they are not read.
    pub ignored: usize,
    /// Whether the source says if a visit will take place; if not, every row counts.
    pub has_status: bool,
    /// Whether the appointment id is a hash of patient, start, department and doctor, since no column has one.
    pub id_is_derived: bool,
}

impl Understanding {
    /// The form and encoding, and how they were found, on one line.
    pub fn told(&self) -> String {
        let Self { form, encoding, encoding_because: because, .. } = self;
        if let Some(server) = &self.server {
            server.clone()
        } else if *form == "table" {
            format!("{encoding} ({because})")
        } else {
            format!("{form} in {encoding} ({because})")
        }
    }

    /// Whether the source has a column of this meaning.
    pub fn has(&self, column: Column) -> bool {
        self.columns.iter().any(|mapped| mapped.column == column)
    }

    /// The source's own name for a column.
    pub fn header(&self, column: Column) -> Option<&str> {
        self.columns
            .iter()
            .find(|mapped| mapped.column == column)
            .map(|mapped| mapped.header.as_str())
    }
}

/// One column that is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mapped {
    /// What it means.
    pub column: Column,
    /// Its header in the source.
    pub header: String,
    /// Its place, from 1.
    pub index: usize,
    /// Whether the settings say so, rather than the header.
    pub configured: bool,
    /// Whether its header may name the time of the booking, and its cells prove that they are times of visits.
    #[serde(skip_serializing_if = "Not::not")]
    pub proven: bool,
}

/// One column that is not read although its name is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// What it could have meant.
    pub column: Column,
    /// Its header in the source.
    pub header: String,
    /// Its place, from 1.
    pub index: usize,
    /// Whether it may say when the visit was booked, rather than when it is.
    #[serde(skip_serializing_if = "Not::not")]
    pub is_booking: bool,
}
