//! What ends the preparing of all prescriptions at hand; that one of them is refused is an answer in its place.

use crate::{intake, ledger};

/// Why nothing could be prepared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Contacts as a whole could not be read.
    #[error(transparent)]
    Contacts(#[from] intake::Error),
    /// The ledger could not be asked.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}
