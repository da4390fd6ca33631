//! The database under the ledger: execute, query, batch, a transaction and a clock.
//!
//! All SQL outside this folder is written once, with `$1` parameters, for SQLite and PostgreSQL alike. What the two do
//! differently is here: their words, their locks, their clocks.

mod param;
mod postgres;
mod sqlite;

use jiff::Timestamp;
pub(super) use param::{Param, padded, placeholders, rows, size_class, text};
pub(super) use postgres::Postgres;
pub(super) use sqlite::Sqlite;

use super::Error;
use super::address::Address;
use super::row::Row;

/// An open database.
pub(super) struct Db {
    engine: Engine,
    /// How far a test has moved the clock.
    #[cfg(test)]
    pub skew: std::cell::Cell<jiff::SignedDuration>,
}

/// The databases that can hold a ledger.
pub(super) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Whether a connection may write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Write,
    Read,
}

/// How often a transaction is begun anew that the database has ended for another one's sake.
const CONFLICTS: usize = 8;

impl Db {
    /// Opens the file, which must exist, or connects to the server.
    pub fn open(address: &Address, access: Access) -> Result<Self, Error> {
        let engine = match address {
            Address::Sqlite(path) => Engine::Sqlite(Sqlite::open(path, access)?),
            Address::Postgres(server) => Engine::Postgres(Postgres::open(server, access)?),
        };
        Ok(Self {
            engine,
            #[cfg(test)]
            skew: std::cell::Cell::default(),
        })
    }

    /// The database itself, for what the two do differently.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The settings of a connection that writes to what is known to be a ledger.
    pub fn set_up(&self) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.set_up(),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Runs one statement; returns how many rows it changed.
    pub fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.execute(sql, params),
            Engine::Postgres(postgres) => postgres.execute(sql, params),
        }
    }

    /// Runs one statement and returns its rows.
    pub fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.query(sql, params),
            Engine::Postgres(postgres) => postgres.query(sql, params),
        }
    }

    /// The number that a statement returns as its only value.
    pub fn count(&self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        self.query(sql, params)?.pop().map_or(Ok(0), |mut row| row.count("count"))
    }

    /// Runs several statements without parameters.
    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.batch(sql),
            Engine::Postgres(postgres) => postgres.batch(sql),
        }
    }

    /// Runs statements that define tables, as a migration writes them.
    pub fn define(&self, sql: &str) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.batch(&Sqlite::definition(sql)),
            Engine::Postgres(postgres) => postgres.batch(&Postgres::definition(sql)),
        }
    }

    /// Runs `work` in one transaction that writes: committed to disk when this returns `Ok`, undone otherwise.
    ///
    /// On SQLite nobody else writes meanwhile. On PostgreSQL others do: each statement sees what they have committed, a
    /// transaction that the server ends as a deadlock is begun anew, and whoever changes several messages of an account
    /// holds its row first, so that the claims of the account are one after the other.
    pub fn transaction<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut conflicts = 0;
        loop {
            match self.try_transaction(&work) {
                Err(error) if error.is_conflict() && conflicts < CONFLICTS => conflicts += 1,
                outcome => return outcome,
            }
        }
    }

    fn try_transaction<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        self.batch(match self.engine {
            Engine::Sqlite(_) => "BEGIN IMMEDIATE",
            Engine::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        })?;
        let outcome = work().and_then(|value| self.batch("COMMIT").map(|()| value));
        if outcome.is_err() {
            // Some errors have ended the transaction already; then there is nothing to undo.
            let _ = self.batch("ROLLBACK");
        }
        outcome
    }

    /// The database's clock, to the millisecond. The one that decides the age of an intent and the pace.
    pub fn now(&self) -> Result<Timestamp, Error> {
        let row = self.query(&format!("SELECT {}", self.clock()), &[])?.pop();
        row.ok_or(Error::Stored { column: "clock" }).and_then(|mut row| self.read_clock(&mut row))
    }

    /// The expression that gives [`Db::now`] within a statement.
    pub const fn clock(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => sqlite::CLOCK,
            Engine::Postgres(_) => postgres::CLOCK,
        }
    }

    /// Reads what [`Db::clock`] gave.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "a test moves its clock"))]
    pub fn read_clock(&self, row: &mut Row) -> Result<Timestamp, Error> {
        let ms = row.int("clock")?;
        let now = Timestamp::from_millisecond(ms).map_err(|_| Error::Stored { column: "clock" })?;
        #[cfg(test)]
        let now = now + self.skew.get();
        Ok(now)
    }

    /// Whether the database (on PostgreSQL: its current schema) has a table of this name.
    pub fn has_table(&self, name: &str) -> Result<bool, Error> {
        let sql = match self.engine {
            Engine::Sqlite(_) => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
            Engine::Postgres(_) => {
                "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1"
            }
        };
        Ok(!self.query(sql, &[name.into()])?.is_empty())
    }

    /// Whether the database (on PostgreSQL: its current schema) has no table at all.
    pub fn is_empty(&self) -> Result<bool, Error> {
        let sql = match self.engine {
            Engine::Sqlite(_) => "SELECT 1 FROM sqlite_master LIMIT 1",
            Engine::Postgres(_) => {
                "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() LIMIT 1"
            }
        };
        Ok(self.query(sql, &[])?.is_empty())
    }

    /// A transaction that erases. In a SQLite file what it deletes is overwritten, and no copy stays in the log beside
    /// it, as far as readers allow. PostgreSQL frees the place at its next vacuum, and keeps its own log and archive.
    pub fn erase<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        if let Engine::Postgres(postgres) = &self.engine {
            return postgres.slowly(|| self.transaction(work));
        }
        // FAST, as `set_up` has it, leaves alone the pages that become free as a whole.
        self.batch("PRAGMA secure_delete = ON")?;
        let outcome = self.transaction(work);
        self.batch("PRAGMA secure_delete = FAST")?;
        if let Err(error) = self.query("PRAGMA wal_checkpoint(TRUNCATE)", &[]) {
            tracing::debug!(%error, "the ledger's log was not truncated");
        }
        outcome
    }
}
