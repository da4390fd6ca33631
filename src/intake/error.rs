//! Why a source as a whole cannot be read: what, where, and what to do about it.

use std::io;

use super::column::Column;
use super::database::Fault;

/// A cell that reads differently in each encoding, as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlike {
    /// Its line, from 1.
    pub line: u64,
    /// The header of its column.
    pub header: String,
    /// Each encoding's name, and the cell as it reads in it.
    pub readings: Vec<(&'static str, String)>,
}

/// A source that is refused before anything is sent.
///
/// No variant carries a patient's data; header texts are shown only where the row looks like a header.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source cannot be opened.
    #[error("{name} cannot be opened ({source})")]
    Open {
        /// The source.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// The source is a folder or another thing that holds no rows.
    #[error("{name} is a folder, not a file of appointments")]
    Folder {
        /// The source.
        name: String,
    },
    /// Reading failed part of the way.
    #[error("{name} cannot be read")]
    Read {
        /// The source.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// The copy of a pipe, which is needed to look twice, cannot be made.
    #[error("{name} cannot be copied to a temporary file")]
    Spool {
        /// The source.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// The source has no bytes, or only blank lines: most often an export that failed.
    #[error("{name} is empty: the export may have failed; run it again")]
    Empty {
        /// The source.
        name: String,
    },
    /// The source is no text.
    #[error("{name} is {what}; save it as CSV text or as an Excel workbook (.xlsx) and try again")]
    Binary {
        /// The source.
        name: String,
        /// What it looks like: `a PDF document`, `binary data`.
        what: &'static str,
    },
    /// The settings name an encoding that does not exist.
    #[error(
        "no such encoding: {label}; try utf-8, gb18030 (also for GBK and GB2312), big5, utf-16le or utf-16be"
    )]
    UnknownEncoding {
        /// The name as given.
        label: String,
    },
    /// Too many rows hold bytes that are no text in the encoding.
    #[error(
        "{name}: {rows} rows hold bytes that are not {encoding} text, the first on line {line}; say which encoding it is with --encoding"
    )]
    NotText {
        /// The source.
        name: String,
        /// The first such line, from 1.
        line: u64,
        /// How many rows.
        rows: u64,
        /// The encoding that was tried.
        encoding: &'static str,
    },
    /// The bytes are text in more than one encoding, and nothing tells which is meant.
    #[error("{name} could be in more than one encoding: {}; say which it is with --encoding", list_readings(.readings, .unlike.as_ref()))]
    AmbiguousEncoding {
        /// The source.
        name: String,
        /// Each encoding's name, and the header as it reads in it.
        readings: Vec<(&'static str, Vec<String>)>,
        /// Where the header is the same in all, a cell that is not.
        unlike: Option<Unlike>,
    },
    /// No row is a header with the columns that are needed.
    #[error("{name} has no column for {}; {}", list_missing(.missing), list_found(.found, *.line, .missing.iter().flatten().next().copied()))]
    MissingColumns {
        /// The source.
        name: String,
        /// The line of the row that is most like a header, from 1.
        line: u64,
        /// What is needed and not there; the entries of one list stand for each other.
        missing: Vec<Vec<Column>>,
        /// The texts of that row; empty when it looks like data rather than a header.
        found: Vec<String>,
    },
    /// Two columns have the same header, and a guess would be needed.
    #[error(
        "{name}, line {line}: two columns are called \u{201c}{header}\u{201d} (columns {first} and {second}); say which one is {column} by its number in the settings: [source.columns] {column} = {first}"
    )]
    Doubled {
        /// The source.
        name: String,
        /// The header's line, from 1.
        line: u64,
        /// What both would be.
        column: Column,
        /// The text of both.
        header: String,
        /// The place of the first, from 1.
        first: usize,
        /// The place of the second, from 1.
        second: usize,
    },
    /// The settings name a column that the source does not have.
    #[error(
        "{name} has no column {wanted}, which the settings give for {column}; {}", list_found(.found, *.line, Some(*.column))
    )]
    NoSuchColumn {
        /// The source.
        name: String,
        /// The header's line, from 1.
        line: u64,
        /// What it would have been.
        column: Column,
        /// The header or number in the settings.
        wanted: String,
        /// The header's texts.
        found: Vec<String>,
    },
    /// Two columns mean the same and do not say the same.
    #[error(
        "{name}, line {line}: \u{201c}{first}\u{201d} and \u{201c}{second}\u{201d} both look like {column} but differ; say which one to use in the settings: [source.columns] {column} = \"{first}\""
    )]
    Contradiction {
        /// The source.
        name: String,
        /// The line on which they differ, from 1.
        line: u64,
        /// What both would be.
        column: Column,
        /// The header of one.
        first: String,
        /// The header of the other.
        second: String,
    },
    /// The file that says what codes stand for cannot be used.
    #[error("{name}, line {line}: {what}")]
    Lookup {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// What begins like a workbook cannot be read as one.
    #[error(
        "{name} begins like an Excel workbook but cannot be read as one; open it in Excel and save it again"
    )]
    Workbook {
        /// The source.
        name: String,
    },
    /// The source is of a kind that cannot be streamed, and too large to be held in memory.
    #[error(
        "{name}: {what} is {} MiB, and at most {} MiB of it can be read; save the sheet as CSV UTF-8",
        .size.div_ceil(1024 * 1024), .limit / 1024 / 1024
    )]
    TooLarge {
        /// The source.
        name: String,
        /// What is too large.
        what: &'static str,
        /// Its size in bytes.
        size: u64,
        /// The largest size that is read, in bytes.
        limit: u64,
    },
    /// What begins like FHIR is no JSON further on.
    #[error("{name}, line {line}, column {column}: not valid JSON; run the export again")]
    NotJson {
        /// The source.
        name: String,
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
    },
    /// Messages or resources of other kinds, and no appointment among them.
    #[error("{name} holds no appointments, only {}; {needed} are needed", .found.join(", "))]
    NoAppointments {
        /// The source.
        name: String,
        /// How many of which kind there are: `3 Patient`.
        found: Vec<String>,
        /// What would be an appointment.
        needed: &'static str,
    },
    /// Dates such as `03/04/2026`, and nothing that says which is the month.
    #[error(
        "{name}, line {line}: the date may be day/month or month/day, and no other date in the file proves which; set [source] day_order to \"day-first\" or \"month-first\""
    )]
    UnknownDayOrder {
        /// The source.
        name: String,
        /// The line of the first such date, from 1.
        line: u64,
    },
    /// Dates of both orders in one file.
    #[error(
        "{name}: the date on line {dmy} can only be day/month and the one on line {mdy} only month/day; correct the export, or set [source] day_order so that the others are rejected"
    )]
    MixedDayOrder {
        /// The source.
        name: String,
        /// The line of a date that is day/month, from 1.
        dmy: u64,
        /// The line of a date that is month/day, from 1.
        mdy: u64,
    },
    /// A row is longer than any row of appointments.
    #[error(
        "{name}: the row that begins on line {line} is longer than {} KiB; a quotation mark there may never be closed",
        .limit / 1024
    )]
    TooLong {
        /// The source.
        name: String,
        /// The line on which the row begins, from 1.
        line: u64,
        /// The most that is read of one row, in bytes.
        limit: u64,
    },
    /// A quotation mark is never closed, or closed only in another row: the rows between are one cell.
    #[error(
        "{name}, line {line}: a quotation mark opens a cell and is not closed before the rows that follow; correct that line, or export again with cells quoted"
    )]
    Unclosed {
        /// The source.
        name: String,
        /// The line of the row with the mark, from 1.
        line: u64,
    },
    /// Two tables below each other, both of dates and patients, and not of the same columns.
    #[error(
        "{name} holds two different tables of patients and dates, on line {first} ({}) and line {second} ({}); keep the appointments only, or make two files of them",
        .first_header.join(", "), .second_header.join(", ")
    )]
    TwoTables {
        /// The source.
        name: String,
        /// The line of the one header, from 1.
        first: u64,
        /// Its texts.
        first_header: Vec<String>,
        /// The line of the other header, from 1.
        second: u64,
        /// Its texts.
        second_header: Vec<String>,
    },
    /// Several sheets of a workbook hold appointments.
    #[error(
        "{name} has appointments on several sheets ({}); say which one to read with [source] sheet, or put them on one",
        .sheets.join(", ")
    )]
    SeveralSheets {
        /// The source.
        name: String,
        /// The sheets' names.
        sheets: Vec<String>,
    },
    /// The settings name a sheet that the workbook does not have.
    #[error("{name} has no sheet \u{201c}{wanted}\u{201d}; its sheets are {}", .sheets.join(", "))]
    NoSuchSheet {
        /// The source.
        name: String,
        /// The sheet that the settings name.
        wanted: String,
        /// The sheets' names.
        sheets: Vec<String>,
    },
    /// A database gave no rows, or not all.
    #[error("{name}: {fault}")]
    Database {
        /// The address, without secrets.
        name: String,
        /// What is wrong.
        fault: Box<Fault>,
    },
    /// Someone is still writing the file.
    #[error("{name} changed while it was read; wait until the export has finished, and run again")]
    Changed {
        /// The source.
        name: String,
    },
}

fn list_missing(columns: &[Vec<Column>]) -> String {
    let each: Vec<String> = columns
        .iter()
        .map(|either| either.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(" or "))
        .collect();
    each.join(" and none for ")
}

fn list_found(headers: &[String], line: u64, column: Option<Column>) -> String {
    if headers.is_empty() {
        return "its first rows look like data: a row of column names is needed above them"
            .to_owned();
    }
    let example = column.map_or_else(String::new, |column| format!(": {column} = \"\u{2026}\""));
    format!(
        "right now it has columns called {} (line {line}); map them in the settings under [source.columns]{example}",
        headers.join(", ")
    )
}

fn list_readings(readings: &[(&'static str, Vec<String>)], unlike: Option<&Unlike>) -> String {
    if let Some(Unlike { line, header, readings }) = unlike {
        let each =
            readings.iter().map(|(encoding, cell)| format!("\u{201c}{cell}\u{201d} in {encoding}"));
        return format!("line {line}, {header}: {}", each.collect::<Vec<_>>().join(", "));
    }
    let each = readings.iter().map(|(encoding, header)| {
        if header.is_empty() {
            (*encoding).to_owned()
        } else {
            format!("in {encoding} its columns are called {}", header.join(", "))
        }
    });
    each.collect::<Vec<_>>().join("; ")
}
