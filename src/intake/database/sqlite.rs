//! SQLite files, opened to be read.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use csv::StringRecord;
use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, OpenFlags, Row, Statement};

use super::engine::{Engine, Field, Kind, Sink, Task, unreadable};
use super::fault::{Fault, one_line};
use super::query::Query;
use super::scan::Dialect;
use super::select::Select;

/// How long a file that somebody is writing is waited for.
const BUSY: Duration = Duration::from_secs(10);

/// An opened file.
pub(super) struct Sqlite {
    connection: Connection,
    limit: Duration,
}

impl Sqlite {
    /// Opens the file; it must exist, and nothing in it can be changed.
    pub fn open(path: &Path, query: &Query) -> Result<Self, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // SQLite says only that it cannot open; the system says why.
        std::fs::File::open(path)
            .map_err(|error| Fault::File { why: one_line(&error.to_string()) })?;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| fault(&error))?;
        let sqlite = Self { connection, limit: query.timeout };
        sqlite.connection.busy_timeout(BUSY).map_err(|error| fault(&error))?;
        sqlite.connection.pragma_update(None, "query_only", true).map_err(|error| fault(&error))?;
        // One transaction holds everything, so that a second look sees the same rows.
        sqlite.connection.execute_batch("BEGIN").map_err(|error| fault(&error))?;
        Ok(sqlite)
    }

    fn prepare(&self, select: &Select) -> Result<Statement<'_>, Fault> {
        let statement = self.connection.prepare(&select.sql).map_err(|error| fault(&error))?;
        if !statement.readonly() {
            return Err(Fault::server(None, "the statement writes, and the session reads only"));
        }
        if statement.parameter_count() != select.parameters.len() {
            return Err(Fault::BareParameter);
        }
        Ok(statement)
    }
}

impl Engine for Sqlite {
    fn server(&self) -> String {
        format!("SQLite {}", rusqlite::version())
    }

    fn describe(&mut self, select: &Select) -> Result<Vec<Field>, Fault> {
        let statement = self.prepare(select)?;
        // A column's type is a wish; what a cell holds is known when it is read.
        let field = |name: &str| Field { name: name.to_owned(), kind: Kind::Text };
        Ok(statement.column_names().map(field).collect())
    }

    fn read(&mut self, task: &Task, sink: Sink<'_>) -> Result<(), Fault> {
        let _alarm = Alarm::set(&self.connection, self.limit);
        let mut statement = self.prepare(&task.select)?;
        // As text that any of SQLite's own forms compares with: 2026-11-30 is less than 2026-11-30 08:30.
        let days: Vec<String> = task
            .select
            .parameters
            .iter()
            .map(|parameter| task.period.day(*parameter).to_string())
            .collect();
        let bound: Vec<&dyn ToSql> = days.iter().map(|day| day as &dyn ToSql).collect();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query(bound.as_slice()).map_err(|error| self.fault(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.fault(&error))? {
            if !sink(record(row, &task.sources, &names)?) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn has_dates(&self) -> bool {
        false
    }
}

impl Sqlite {
    fn fault(&self, error: &rusqlite::Error) -> Fault {
        let interrupted =
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted);
        if interrupted { Fault::TimedOut(self.limit) } else { fault(error) }
    }
}

fn record(
    row: &Row<'_>,
    sources: &[Option<usize>],
    names: &[String],
) -> Result<StringRecord, Fault> {
    let mut record = StringRecord::new();
    for source in sources {
        let Some(column) = source else {
            record.push_field("");
            continue;
        };
        match row.get_ref(*column).map_err(|error| fault(&error))? {
            ValueRef::Null => record.push_field(""),
            ValueRef::Integer(number) => record.push_field(&number.to_string()),
            ValueRef::Real(number) => record.push_field(&number.to_string()),
            // Bytes that are no UTF-8 become replacement characters, and the row says so.
            ValueRef::Text(text) => record.push_field(&String::from_utf8_lossy(text)),
            ValueRef::Blob(_) => {
                let name = names.get(*column).map_or("?", String::as_str);
                return Err(unreadable(name, "BLOB", Dialect::Sqlite));
            }
        }
    }
    Ok(record)
}

fn fault(error: &rusqlite::Error) -> Fault {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => Fault::server(None, message),
        rusqlite::Error::SqlInputError { msg, .. } => Fault::server(None, msg),
        error => Fault::server(None, &error.to_string()),
    }
}

/// Interrupts a statement that takes too long, unless it is dropped before.
struct Alarm {
    /// Dropped with the alarm, which the thread notices.
    _off: Sender<()>,
}

impl Alarm {
    fn set(connection: &Connection, limit: Duration) -> Self {
        let (off, dropped) = channel::<()>();
        let handle = connection.get_interrupt_handle();
        thread::spawn(move || {
            if dropped.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
            }
        });
        Self { _off: off }
    }
}
