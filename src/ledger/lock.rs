//! How one run sees that another lives: by a lock that the system, or the database, releases however the process ends.
//!
//! So there are no leases and no clocks. A run takes its lock before it writes its row; a row whose lock is free is a
//! dead run's. Looking never takes a lock away, and nobody looks at their own.

mod file;
mod session;

use file::LockFile;
pub(super) use session::{hold_schema, prove};
use uuid::Uuid;

use super::Error;
use super::db::{Db, Engine};

/// The lock of a run that lives in this process.
pub(super) enum Lock {
    /// On a file beside a SQLite ledger.
    File(LockFile),
    /// Of the session on a PostgreSQL server.
    Session,
}

impl Lock {
    /// Takes the lock of a new run.
    pub fn take(db: &Db, run: Uuid) -> Result<Self, Error> {
        match db.engine() {
            Engine::Sqlite(sqlite) => LockFile::take(&sqlite.path, run).map(Self::File),
            Engine::Postgres(postgres) => session::take(postgres, run).map(|()| Self::Session),
        }
    }

    /// Takes it again on a new connection; it is one's own, so nobody else can have it.
    pub fn take_again(db: &Db, run: Uuid) -> Result<(), Error> {
        match db.engine() {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(postgres) => session::take(postgres, run),
        }
    }

    /// Whether a new connection lacks the lock.
    pub const fn goes_with_the_connection(&self) -> bool {
        matches!(self, Self::Session)
    }

    /// Releases the lock and leaves no file.
    pub fn release(self, db: &Db) {
        match (self, db.engine()) {
            (Self::File(lock), _) => lock.release(),
            (Self::Session, Engine::Postgres(postgres)) => session::release(postgres),
            (Self::Session, Engine::Sqlite(_)) => {}
        }
    }
}

/// Of each of these runs, whether its process lives. Not for one's own run.
pub(super) fn alive(db: &Db, runs: &[Uuid]) -> Result<Vec<bool>, Error> {
    match db.engine() {
        Engine::Sqlite(sqlite) => runs.iter().map(|run| file::alive(&sqlite.path, *run)).collect(),
        Engine::Postgres(postgres) => session::alive(postgres, runs),
    }
}

/// Removes what is left of the locks of runs whose rows say that they have ended.
pub(super) fn forget(db: &Db, runs: &[Uuid]) {
    if let Engine::Sqlite(sqlite) = db.engine() {
        for run in runs {
            file::forget(&sqlite.path, *run);
        }
    }
}

/// Removes what is left of runs that died between taking their lock and writing their row.
pub(super) fn sweep_strays(db: &Db) {
    if let Engine::Sqlite(sqlite) = db.engine() {
        file::sweep_strays(&sqlite.path);
    }
}
