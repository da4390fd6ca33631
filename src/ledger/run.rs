//! A run's life in the ledger: its row, and the lock that says it lives.

use uuid::Uuid;

use super::{Error, Ledger};

/// Who begins a run, and for which account.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// The app id of the account the run sends for.
    pub account: &'a str,
    /// The command: `remind`, `prescribe`, `templates preview`.
    pub verb: &'a str,
    /// Who acts: the operating-system user or the name of an API key.
    pub actor: &'a str,
    /// The machine's name, where known.
    pub host: Option<&'a str>,
}

/// A run, by the id that people and JSON see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RunId(pub Uuid);

/// How a run ended, for its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// The exit code of the command.
    pub exit_code: u8,
    /// Messages that WeChat took.
    pub accepted: u64,
    /// Messages under WeChat's review.
    pub held: u64,
    /// Messages that WeChat refused.
    pub failed: u64,
    /// Messages whose outcome cannot be known.
    pub unknown: u64,
    /// Messages left queued.
    pub left: u64,
}

impl Ledger {
    /// Begins a run: takes its lock, writes its row, and takes note of the runs alive beside it.
    pub fn begin_run(&mut self, _run: &NewRun<'_>) -> Result<RunId, Error> {
        Err(Error::NoRun)
    }

    /// Ends the run: closes its row and releases its lock. What it left `sending` is an orphan from now on.
    pub fn finish_run(&mut self, _ended: &RunEnd) -> Result<(), Error> {
        Err(Error::NoRun)
    }

    /// Whether claims also take what runs alive at the same time have planned, and what a person released
    /// (`true` unless set). A nurse's `prescribe` sets `false`: it sends its own message and is done.
    pub fn share_work(&mut self, _share: bool) {}
}
