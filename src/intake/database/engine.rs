//! What every engine does: connect, describe a statement's columns, read its rows as text.

use csv::StringRecord;

use super::fault::Fault;
use super::query::{Period, Query, Target};
use super::scan::Dialect;
use super::select::Select;

/// A column of a statement's answer, before any row is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A day, or a moment: what `:from` and `:to` can be compared with by the database.
    Moment,
    /// A time of day.
    Time,
    /// Whatever else becomes text.
    Text,
    /// What cannot be read: the database's own name of the type.
    Unreadable(String),
}

/// A statement, and which of its columns are read.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// The statement.
    pub select: Select,
    /// For each cell of a row the column of the answer that fills it, from 0; a cell without one stays empty.
    pub sources: Vec<Option<usize>>,
    /// What is bound.
    pub period: Period,
}

/// Takes the rows of an answer; `false` when no more are wanted.
pub(super) type Sink<'a> = &'a mut dyn FnMut(StringRecord) -> bool;

/// A connected engine. It stays on one thread and blocks it.
pub(super) trait Engine {
    /// The server's name and version.
    fn server(&self) -> String;

    /// The columns that a statement would give; no row is read.
    fn describe(&mut self, select: &Select) -> Result<Vec<Field>, Fault>;

    /// Reads every row.
    fn read(&mut self, task: &Task, sink: Sink<'_>) -> Result<(), Fault>;

    /// A name in the quotation marks of this engine.
    fn quote(&self, name: &str) -> String {
        quoted(name, '"')
    }

    /// Whether the database compares a column of days with `:from` by their meaning, not by their text.
    fn has_dates(&self) -> bool {
        true
    }
}

/// A name between marks, of which one inside is doubled.
pub(super) fn quoted(name: &str, mark: char) -> String {
    let doubled = name.replace(mark, &format!("{mark}{mark}"));
    format!("{mark}{doubled}{mark}")
}

/// Connects. Called on the thread that keeps the engine.
pub(super) fn connect(target: &Target, query: &Query) -> Result<Box<dyn Engine>, Fault> {
    Ok(match target {
        Target::Postgres(url) => Box::new(super::postgres::Postgres::connect(url, query)?),
        Target::MySql(url) => Box::new(super::mysql::MySql::connect(url, query)?),
        Target::Sqlite(path) => Box::new(super::sqlite::Sqlite::open(path, query)?),
        #[cfg(feature = "odbc")]
        Target::Odbc(string) => Box::new(super::odbc::Odbc::connect(string, query)?),
        #[cfg(not(feature = "odbc"))]
        Target::Odbc(_) => return Err(Fault::NoOdbc),
    })
}

/// What to write instead of a column of a type that cannot be read.
pub(super) fn unreadable(column: &str, kind: &str, dialect: Dialect) -> Fault {
    let cast = match dialect {
        Dialect::Postgres | Dialect::Sqlite => format!("CAST({column} AS text) AS {column}"),
        Dialect::MySql => format!("CONVERT({column} USING utf8mb4) AS {column}"),
        Dialect::Odbc => format!("CAST({column} AS nvarchar(100)) AS {column}"),
    };
    Fault::Type { column: column.to_owned(), kind: kind.to_owned(), cast }
}
