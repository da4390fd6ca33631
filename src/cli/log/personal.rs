//! Personal data asked for: unmasked output, which the record remembers, and ids that keep out of the process list.

use std::io::{self, Read};

use crate::cli::actor::actor;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::config::Config;
use crate::ledger::Action;

/// No id is longer; what is read of standard input stops here.
const LONGEST: u64 = 4096;

/// Records who sees the record unmasked. Nothing is recorded where there is no ledger yet: there is nothing to see.
pub fn record_unmasked(config: &Config, verb: &str) -> Result<(), CommandError> {
    if books::look(config)?.is_none() {
        return Ok(());
    }
    let (actor, verb) = (actor(), verb.to_owned());
    let desk = books::open(config)?;
    Ok(desk.call_blocking(move |ledger| {
        let detail = Some("shown unmasked");
        ledger.record(&Action { actor: &actor, verb: &verb, subject: None, detail })
    })?)
}

/// An id as given, or the first line of standard input for `-`.
pub fn id(given: &str) -> Result<String, CommandError> {
    if given != "-" {
        return Ok(given.trim().to_owned());
    }
    let mut text = String::new();
    io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(|error| {
        CommandError::usage("Standard input could not be read as text.").caused_by(error)
    })?;
    match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
        Some(line) => Ok(line.to_owned()),
        None => Err(CommandError::usage("Standard input is empty, and - reads a value from it.")),
    }
}
