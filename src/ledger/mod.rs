//! The record of each message's life, which is also the queue.

mod audit;
mod desk;
mod error;
mod exchange;
mod plan;
mod queue;
mod record;
mod recover;
mod retention;
mod run;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use audit::{Action, Resolved};
pub use desk::Desk;
pub use error::Error;
pub use exchange::{Became, Claimed, Exchange, Exchanged, Pause, Settled, Settlement};
pub use plan::{Existing, Known, Pending, ReferenceUse, visit_mark};
pub use queue::{CancelledBy, Confirmation, Enqueued, SkippedRow};
pub use record::{Entry, Filter, Found, StatRow};
pub use recover::{Recovered, Unknowns};
pub use retention::{Forgotten, Identity, Purged, Who};
pub use run::{NewRun, RunEnd, RunId};

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
pub struct Ledger {
    _hurry: Arc<AtomicBool>,
}

impl Ledger {
    /// Opens the ledger, creating it (file 0600, new folders 0700) or bringing its schema up to date.
    pub fn open(_settings: &Settings) -> Result<Self, Error> {
        Err(Error::Closed)
    }

    /// Opens the ledger for reading; `None` when there is no file. Creates and changes nothing.
    pub fn open_reading(_settings: &Settings) -> Result<Option<Self>, Error> {
        Err(Error::Closed)
    }

    fn hurry_when(&mut self, hurry: Arc<AtomicBool>) {
        self._hurry = hurry;
    }
}
