//! What can go wrong with the ledger: what happened, where, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the ledger could not do what was asked. No variant carries a stored value or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file holds something else; it was not touched.
    #[error("{} is not a wxremind ledger and was left alone; name another file", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database has other tables; they were not touched.
    #[error(
        "{place} holds other tables and no wxremind ledger, and was left alone; give the ledger a database of its own, or a schema: ?options=-csearch_path%3Dwxremind"
    )]
    ForeignDatabase {
        /// Host and database.
        place: String,
    },
    /// A later version of the program has written the ledger.
    #[error(
        "{place} was written by a newer wxremind (its schema is {found}, this program knows {known}); update wxremind"
    )]
    Newer {
        /// The file, or host and database.
        place: String,
        /// The schema version found.
        found: i64,
        /// The newest schema version this program knows.
        known: i64,
    },
    /// The ledger's schema is older, and reading alone does not change it.
    #[error(
        "{place} has an older schema ({found} of {known}); `wxremind ledger migrate` or the next run that sends brings it up to date"
    )]
    Older {
        /// The file, or host and database.
        place: String,
        /// The schema version found.
        found: i64,
        /// The schema version this program needs.
        known: i64,
    },
    /// The end of the file is missing.
    #[error("{} is cut short ({size} bytes of {expected}); restore it from a backup", .path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The size in bytes that its header tells.
        expected: u64,
    },
    /// The file is damaged.
    #[error("{} is damaged ({detail}); restore it from a backup", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// The file or its folder cannot be created, opened or written.
    #[error("{} cannot be written ({source}); check the folder and its permissions", .path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("{} cannot be read ({source}); check its permissions", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another process held the ledger for longer than the busy timeout.
    #[error("{} was busy for too long; another program holds it", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("{} cannot grow: the disk is full", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// A run's lock file cannot be made or locked, so no other run could tell that this one lives.
    #[error("{} cannot be locked ({source}); keep the ledger on a local disk", .path.display())]
    Lock {
        /// The lock file or its folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// SQLite refused for another reason.
    #[error("{}: {source}", .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's reason; it names columns, never values.
        source: rusqlite::Error,
    },
    /// The address of a server cannot be used.
    #[error("its address cannot be read: {reason}; write it as postgres://user@host/database")]
    Address {
        /// What is wrong with it; never the address itself.
        reason: String,
    },
    /// The server does not answer, has ended the connection, or takes no writes just now.
    #[error(
        "{place} cannot be reached ({reason}); check that the server runs and that this machine may connect"
    )]
    Unreachable {
        /// Host and database.
        place: String,
        /// The system's or the server's reason.
        reason: String,
    },
    /// The server ended one of two transactions that stood in each other's way.
    #[error("{place} was too busy ({reason}); run the same command again")]
    Conflict {
        /// Host and database.
        place: String,
        /// The server's reason.
        reason: String,
    },
    /// Another session held what was wanted for too long.
    #[error("{place} was busy for too long ({reason}); another session holds what is wanted")]
    Contended {
        /// Host and database.
        place: String,
        /// The server's reason.
        reason: String,
    },
    /// The server does not let the user in, or not do what a ledger needs.
    #[error(
        "{place} refused: {reason}; check user, password, database and the user's rights (the ledger makes its own tables)"
    )]
    Refused {
        /// Host and database.
        place: String,
        /// The server's reason.
        reason: String,
    },
    /// The schema that the address names is not there.
    #[error(
        "{place} has no schema to keep the ledger in ({reason}); make it with CREATE SCHEMA, or name another in search_path"
    )]
    NoSchema {
        /// Host and database.
        place: String,
        /// The server's reason.
        reason: String,
    },
    /// The server's advisory locks do not tell which runs live, so a message could go twice.
    #[error(
        "{place} does not keep session locks ({reason}), so no run could tell that another one lives; connect to a PostgreSQL server itself, not to a pooler in transaction mode or to a cluster without advisory locks"
    )]
    NoLocks {
        /// Host and database.
        place: String,
        /// What was seen.
        reason: String,
    },
    /// The server refused for another reason.
    #[error("{place}: {reason}")]
    Server {
        /// Host and database.
        place: String,
        /// The server's words, which name columns, and its SQLSTATE.
        reason: String,
    },
    /// The run's row is gone: the database is not the one that the run began on, or lost its last changes.
    #[error(
        "this run is no longer in the ledger; was the database restored, or a standby put in its place?"
    )]
    RunGone,
    /// The ledger that is to be filled has something in it.
    #[error(
        "{place} has {messages} messages and {runs} runs already, and nothing was copied; copy into an empty database or schema"
    )]
    NotEmpty {
        /// Host and database.
        place: String,
        /// How many messages.
        messages: u64,
        /// How many runs.
        runs: u64,
    },
    /// Runs are under way on the ledger that is to be copied.
    #[error(
        "{runs} runs are under way on {place}, and nothing was copied; wait until they have ended"
    )]
    Running {
        /// The file.
        place: String,
        /// How many.
        runs: usize,
    },
    /// A copy does not hold what its source holds; it was undone.
    #[error(
        "{copied} of {expected} rows of table {table} arrived, and the copy was undone; try again"
    )]
    Miscounted {
        /// The table.
        table: String,
        /// Rows in the source.
        expected: u64,
        /// Rows in the copy.
        copied: u64,
    },
    /// A stored value is not what this program writes.
    #[error(
        "the ledger's column {column} holds something unreadable; restore the ledger from a backup"
    )]
    Stored {
        /// The column.
        column: &'static str,
    },
    /// The call belongs to a run, and none has begun (or it has ended).
    #[error("no run has begun on this ledger")]
    NoRun,
    /// The ledger's thread has ended.
    #[error("the ledger is closed")]
    Closed,
}

impl Error {
    /// Whether the same call may succeed a moment later on a new connection.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Full { .. }
            | Self::Unwritable { .. }
            | Self::Unreachable { .. }
            | Self::Conflict { .. }
            | Self::Contended { .. } => true,
            Self::Database { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(
                    ErrorCode::SystemIoFailure
                        | ErrorCode::CannotOpen
                        | ErrorCode::FileLockingProtocolFailed
                        | ErrorCode::OutOfMemory
                        | ErrorCode::ReadOnly
                )
            ),
            _ => false,
        }
    }

    /// Whether the database has ended the transaction for another one's sake: the same one may succeed at once.
    pub(super) const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether the connection is still good, so that a new one would help nobody.
    pub(super) const fn keeps_connection(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Contended { .. })
    }

    /// The error for what SQLite said about the file at `path`.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt { path, detail: source.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Database { path, source },
        }
    }

    /// The error for what the server at `place` said, or for its silence
    /// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    pub(super) fn from_postgres(place: &str, source: sqlx::Error) -> Self {
        let place = place.to_owned();
        let Some(told) = source.as_database_error() else {
            return match source {
                sqlx::Error::Configuration(reason) => Self::Address { reason: reason.to_string() },
                sqlx::Error::Encode(_) | sqlx::Error::Decode(_) => {
                    Self::Server { place, reason: "a value could not be exchanged".to_owned() }
                }
                // The connection broke, or what came over it was no answer.
                other => Self::Unreachable { place, reason: bare(&other) },
            };
        };
        let code = told.code().unwrap_or_default();
        // The message alone: a detail could hold a stored value.
        let reason = format!("{} ({code})", told.message());
        match &*code {
            "40001" | "40P01" => Self::Conflict { place, reason },
            "55P03" | "57014" => Self::Contended { place, reason },
            "28000" | "28P01" | "3D000" | "42501" => Self::Refused { place, reason },
            // A pooler that changes sessions loses what was prepared on another, and the locks with it.
            "42P05" | "26000" => Self::NoLocks { place, reason },
            "3F000" => Self::NoSchema { place, reason },
            // Connection, resources, an operator's hand, a limit of the session; a standby, which may be promoted soon.
            code if ["08", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default())
                || matches!(code, "25006" | "25P03" | "25P04") =>
            {
                Self::Unreachable { place, reason }
            }
            _ => Self::Server { place, reason },
        }
    }
}

/// What went wrong with a connection, without the library's own words around it.
fn bare(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(reason) => reason.to_string(),
        sqlx::Error::Tls(reason) => format!("TLS: {reason}"),
        sqlx::Error::Protocol(reason) => reason.clone(),
        other => other.to_string(),
    }
}
