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
//! | `db`, `row`, `schema`, `file` | the database, its values, its versions, its file |
//! | `lock`, `run`, `recover` | which runs live, and what the dead left |
//! | `plan`, `queue` | what a plan asks and what it releases |
//! | `exchange`, `settle`, `claim`, `pace` | the exchange with delivery |
//! | `receipt` | what WeChat tells later, matched with what was sent |
//! | `record`, `stats`, `audit`, `retention` | what `log` shows, corrects and erases |
//! | `desk` | the thread that owns a ledger |

mod audit;
mod claim;
mod db;
mod desk;
mod error;
mod exchange;
mod file;
mod lock;
mod pace;
mod plan;
mod queue;
mod receipt;
mod record;
mod recover;
mod retention;
mod row;
mod run;
mod schema;
mod settle;
mod stats;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use audit::{Action, Resolved};
use db::Db;
pub use desk::Desk;
pub use error::Error;
pub use exchange::{Became, Claimed, Exchange, Exchanged, Pause, Settled, Settlement};
pub use plan::ReferenceUse;
pub use queue::{CancelledBy, Confirmation, Enqueued, SkippedRow};
pub use receipt::Noted;
pub use record::{Entry, Filter, Found};
pub use recover::{Recovered, Unknowns};
pub use retention::{Forgotten, Identity, Purged, Who};
use run::Current;
pub use run::{Doubts, NewRun, RunEnd, RunId};
pub use stats::StatRow;

/// Where the ledger is and how it keeps.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The SQLite file.
    pub path: PathBuf,
    /// Whether a message's content is kept after it settles.
    pub keep_content: bool,
    /// How long an exchange tries a database in trouble before its error goes out; two minutes unless set.
    pub patience: Duration,
}

impl Settings {
    /// A ledger in this file that keeps no content.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), keep_content: false, patience: Duration::from_mins(2) }
    }
}

/// An open ledger. It blocks; [`Desk`] gives it a thread of its own.
///
/// Dropping it in the middle of a run is what a killed process does: the lock is free, and the next run recovers.
pub struct Ledger {
    db: Db,
    settings: Settings,
    run: Option<Current>,
    share: bool,
    hurry: Arc<AtomicBool>,
    /// Makes a test's next exchange lose its answer after the commit.
    #[cfg(test)]
    lose_answer: bool,
}

impl Ledger {
    /// Opens the ledger, creating it (file 0600, new folders 0700) or bringing its schema up to date.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        Ok(Self::on(schema::open(&settings.path)?, settings))
    }

    /// Opens the ledger for reading; `None` when there is no file. Creates and changes nothing.
    pub fn open_reading(settings: &Settings) -> Result<Option<Self>, Error> {
        let db = schema::open_reading(&settings.path)?;
        Ok(db.map(|db| Self::on(db, settings)))
    }

    fn on(db: Db, settings: &Settings) -> Self {
        Self {
            db,
            settings: settings.clone(),
            run: None,
            share: true,
            hurry: Arc::default(),
            #[cfg(test)]
            lose_answer: false,
        }
    }

    /// Gives up retrying as soon as the flag is set.
    fn hurry_when(&mut self, hurry: Arc<AtomicBool>) {
        self.hurry = hurry;
    }

    /// The run under way.
    fn current(&self) -> Result<&Current, Error> {
        self.run.as_ref().ok_or(Error::NoRun)
    }
}
