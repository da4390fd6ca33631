//! What can go wrong with the ledger: what happened, in which file, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the ledger could not do what was asked. No variant carries a stored value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file holds something else; it was not touched.
    #[error("{} is not a wxremind ledger and was left alone; name another file", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version of the program has written the file.
    #[error("{} was written by a newer wxremind (its schema is {found}, this program knows {known}); update wxremind", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema version in the file.
        found: i64,
        /// The newest schema version this program knows.
        known: i64,
    },
    /// The file's schema is older, and reading alone does not change it.
    #[error("{} has an older schema ({found} of {known}); the next run that sends brings it up to date", .path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The schema version in the file.
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
    /// The database refused for another reason.
    #[error("{}: {source}", .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's reason; it names columns, never values.
        source: rusqlite::Error,
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
            Self::Busy { .. } | Self::Full { .. } | Self::Unwritable { .. } => true,
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
}
