//! `ledger migrate`: brings the ledger's tables up to date.
//!
//! A run that sends does the same by itself; this is for an operator who wants it done before, or by a user of the
//! database who may make tables while the others may not.

use std::fmt;

use serde::Serialize;

use crate::cli::books;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::ledger;

#[derive(Debug, Serialize)]
struct Done {
    ledger: String,
    version_before: i64,
    version: i64,
}

pub(super) fn run(context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let settings = books::settings(&config)?;
    let done = ledger::migrate(&settings.address)?;
    let ledger = books::place(&config);
    context.ui.out(&Done { ledger, version_before: done.from, version: done.to })?;
    Ok(Exit::Done)
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ledger, version_before: before, version } = self;
        match before {
            0 => write!(f, "Made the ledger {ledger}: its tables are of version {version}."),
            _ if before == version => {
                write!(f, "The ledger {ledger} is up to date: version {version}.")
            }
            _ => write!(f, "Brought the ledger {ledger} from version {before} to {version}."),
        }
    }
}
