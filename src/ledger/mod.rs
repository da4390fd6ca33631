//! The record of each message's life, which is also the queue.
//!
//! A run begins ([`Ledger::begin_run`]), recovers what dead runs left ([`Ledger::recover`]), asks what is pending and
//! known, queues and confirms, and then exchanges ([`Ledger::exchange`]) until nothing is left: outcomes in, claimed
//! messages out, one transaction on disk each time. `log` reads the record and lets people correct it.
//!
//! Two clocks, never mixed: the database's decides how old an intent is, how fast the account sends and when a row was
//! written; the caller's `now` (which may be pretended) decides only which visits have begun.
//!
//! | file | job |
//! |---|---|
//! | `address`, `db`, `row`, `schema`, `file` | where the database is, the database, its values, its versions, its file |
//! | `lock`, `run`, `recover`, `patience` | which runs live, what the dead left, what a lost connection costs |
//! | `plan`, `queue`, `asked` | what a plan asks and what it releases; what others ask of a service |
//! | `exchange`, `settle`, `claim`, `pace` | the exchange with delivery |
//! | `receipt` | what WeChat tells later, matched with what was sent |
//! | `outbox`, `handout`, `events` | what others are told: written, handed out, listed |
//! | `record`, `shown`, `stats`, `audit`, `retention` | what `log` shows, corrects and erases |
//! | `insight` | how many visits of which department and doctor, without whose |
//! | `copy` | from SQLite to PostgreSQL |
//! | `desk` | the thread that owns a ledger |
//!
//! All SQL is written once, for SQLite and PostgreSQL; `db` holds what they do differently. On PostgreSQL several
//! transactions write at once, so one rule more holds: whoever changes several messages of an account updates the
//! account's row first (`pace`), and what a statement changed counts, not what an earlier one found.

mod address;
mod asked;
mod audit;
mod claim;
mod copy;
mod db;
mod desk;
mod doubt;
mod error;
mod events;
mod exchange;
mod file;
mod handout;
mod insight;
mod lock;
mod outbox;
mod pace;
mod patience;
mod plan;
mod queue;
mod receipt;
mod record;
mod recover;
mod retention;
mod rights;
mod row;
mod run;
mod schema;
mod settle;
mod shown;
mod stats;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use address::{Address, Server};
use asked::Reach;
pub use asked::{Answer, Asked, TurnedAway, Waiting};
pub use audit::{Action, Resolved};
pub use copy::{Copied, Migrated, copy, migrate};
use db::Db;
pub use desk::Desk;
pub use doubt::InDoubt;
pub use error::Error;
pub use events::{Delivery, EventFilter, Listed, Undelivered};
pub use exchange::{Became, Claimed, Exchange, Exchanged, Pause, Settled, Settlement};
pub use handout::{Attempt, Handed, Outcome, Pick, Round};
pub use insight::{Cell, End, Seat};
use outbox::Outbox;
pub use plan::{Planned, ReferenceUse};
pub use queue::{CancelledBy, Confirmation, Enqueued, SkippedRow};
pub use receipt::Noted;
pub use record::{Entry, Filter, Found};
pub use recover::{Recovered, Unknowns};
pub use retention::{Forgotten, Identity, Purged, Who};
pub use rights::prove_rights;
use run::Current;
pub use run::{Doubts, Left, NewRun, RunEnd, RunId};
pub use shown::Shown;
pub use stats::{DelayRow, Standing, StatRow, Trouble};

use crate::domain::event::EventFields;

/// Rows written in one transaction, and in one statement, so that others who share the ledger get their turn.
const GROUP: usize = 256;

/// Where the ledger is and how it keeps.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file or the server.
    pub address: Address,
    /// Whether a message's content is kept after it settles.
    pub keep_content: bool,
    /// Which events are written for a webhook; `None` when there is none.
    pub events: Option<EventFields>,
    /// How long an exchange tries a database in trouble before its error goes out; two minutes unless set.
    pub patience: Duration,
}

impl Settings {
    /// A ledger in this file, or at this address, that keeps no content.
    pub fn new(address: impl Into<Address>) -> Self {
        Self {
            address: address.into(),
            keep_content: false,
            events: None,
            patience: Duration::from_mins(2),
        }
    }
}

/// An open ledger. It blocks; [`Desk`] gives it a thread of its own.
///
/// Dropping it in the middle of a run is what a killed process does: the lock is free, and the next run recovers.
pub struct Ledger {
    db: Db,
    settings: Settings,
    run: Option<Current>,
    reach: Reach,
    /// The account whose service this ledger queues for when it has no run.
    serves: Option<String>,
    hurry: Arc<AtomicBool>,
    /// Makes a test's next exchange lose its answer after the commit.
    #[cfg(test)]
    lose_answer: bool,
}

impl Ledger {
    /// Opens the ledger, creating it (file 0600, new folders 0700) or bringing its schema up to date.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        Ok(Self::on(schema::open(&settings.address)?, settings))
    }

    /// Opens the ledger for reading; `None` when there is none yet. Creates and changes nothing.
    pub fn open_reading(settings: &Settings) -> Result<Option<Self>, Error> {
        let db = schema::open_reading(&settings.address)?;
        Ok(db.map(|db| Self::on(db, settings)))
    }

    /// Proves that one run can tell that another lives. A file's locks show at a run's beginning; a server's here, as at
    /// its opening for writing. Changes nothing.
    pub fn prove_locks(&self) -> Result<(), Error> {
        match self.db.engine() {
            db::Engine::Postgres(postgres) => lock::prove(postgres),
            db::Engine::Sqlite(_) => Ok(()),
        }
    }

    /// The version of the schema in the database.
    fn schema(&self) -> Result<i64, Error> {
        schema::version(&self.db, &self.settings.address)
    }

    fn on(db: Db, settings: &Settings) -> Self {
        Self {
            db,
            settings: settings.clone(),
            run: None,
            reach: Reach::Others,
            serves: None,
            hurry: Arc::default(),
            #[cfg(test)]
            lose_answer: false,
        }
    }

    /// Gives up retrying as soon as the flag is set.
    fn hurry_when(&mut self, hurry: Arc<AtomicBool>) {
        self.hurry = hurry;
    }

    /// Where changes are announced.
    fn outbox(&self) -> Outbox {
        Outbox::new(self.settings.events)
    }

    /// The run under way.
    fn current(&self) -> Result<&Current, Error> {
        self.run.as_ref().ok_or(Error::NoRun)
    }
}
