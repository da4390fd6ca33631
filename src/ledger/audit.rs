//! What people do to the record: resolving an unknown outcome, and the trail of who did what.

use super::record::Entry;
use super::{Error, Ledger};
use crate::domain::state::State;

/// What a person did, for the trail.
#[derive(Clone, Debug)]
pub struct Action<'a> {
    /// Who.
    pub actor: &'a str,
    /// The command: `log resolve`, `prescribe --reassign`.
    pub verb: &'a str,
    /// What it was done to: a message id, or something masked.
    pub subject: Option<&'a str>,
    /// The reason given, or what was asked for; nothing personal.
    pub detail: Option<&'a str>,
}

/// What came of resolving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// Recorded; the message as it is now.
    Done(Box<Entry>),
    /// No message has this id.
    NotFound,
    /// The prefix names several.
    Several(Vec<Entry>),
    /// The message's outcome is known, or still open.
    NotUnknown(State),
    /// Its content is no longer kept, so it cannot be sent again.
    Erased,
}

impl Ledger {
    /// A person says what became of a message of unknown outcome (an id or a prefix as for [`Ledger::show`]): it
    /// arrived, or it did not and the next run of the account sends it.
    pub fn resolve(&mut self, _id: &str, _sent: bool, _actor: &str) -> Result<Resolved, Error> {
        Err(Error::NoRun)
    }

    /// Adds to the trail.
    pub fn record(&mut self, _action: &Action<'_>) -> Result<(), Error> {
        Err(Error::NoRun)
    }
}
