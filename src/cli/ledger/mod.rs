//! `wxremind ledger`: the record's house, not what is in it.

mod copy;
mod migrate;

use clap::Subcommand;

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;

/// Where the record is kept: bring it up to date, move it to a server.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the ledger's tables up to date, or make them, and say their version.
    Migrate,
    /// Copy the SQLite ledger of the settings into an empty one on PostgreSQL.
    Copy(copy::Arguments),
}

/// Hands over to the verb's own file.
pub fn run(command: Command, context: &mut Context) -> Result<Exit, CommandError> {
    match command {
        Command::Migrate => migrate::run(context),
        Command::Copy(arguments) => copy::run(&arguments, context),
    }
}
