//! `ledger copy`: from a SQLite ledger to one on PostgreSQL.

use std::fmt;

use clap::Args;
use serde::Serialize;

use crate::cli::books;
use crate::cli::context::Context;
use crate::cli::count;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::log::personal;
use crate::config::address::{LedgerAddress, SecretUrl};
use crate::ledger;

/// The arguments of `ledger copy`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The new ledger, as postgres://user@host/database; - reads it from standard input.
    ///
    /// No password may stand in the argument: $PGPASSWORD, ~/.pgpass or standard input give it.
    #[arg(long, value_name = "URL")]
    to: String,
}

#[derive(Debug, Serialize)]
struct Done {
    from: String,
    to: String,
    messages: u64,
    runs: u64,
    rows: u64,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let from = books::settings(&config)?.address;
    if from.file().is_none() {
        return Err(CommandError::configuration(format!(
            "The ledger of the settings is on a server already: {from}."
        ))
        .hint("`wxremind ledger copy` copies a SQLite ledger: name it in WXREMIND_LEDGER, as sqlite:///path/ledger.db."));
    }
    let target = books::address(&LedgerAddress::Postgres(target(arguments)?))?;
    let copied = ledger::copy(&from, &target)?;
    let Some(copied) = copied else {
        return Err(CommandError::new(Exit::Ledger, format!("There is no ledger at {from}."))
            .hint("Nothing needs to be copied: set the new ledger in wxremind.toml."));
    };
    let of = |name: &str| copied.0.iter().find(|(table, _)| table == name).map_or(0, |(_, n)| *n);
    context.ui.out(&Done {
        from: from.to_string(),
        to: target.to_string(),
        messages: of("message"),
        runs: of("run"),
        rows: copied.0.iter().map(|(_, rows)| rows).sum(),
    })?;
    Ok(Exit::Done)
}

/// The address given, which every user of the machine could read if it stood in the argument.
fn target(arguments: &Arguments) -> Result<SecretUrl, CommandError> {
    let url = SecretUrl::new(personal::id(&arguments.to)?);
    if arguments.to != "-" && url.has_password() {
        return Err(CommandError::usage("The address of --to holds a password, which others on this machine could read.")
            .hint("Leave the password out and give it in $PGPASSWORD or ~/.pgpass; or pipe the address in: --to -"));
    }
    let scheme = url.expose().split("://").next().unwrap_or_default().to_owned();
    if !["postgres", "postgresql"].contains(&scheme.as_str()) {
        return Err(CommandError::usage("The address of --to is no PostgreSQL database.")
            .hint("Write it as postgres://user@host/database."));
    }
    Ok(url)
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, messages, runs, rows } = self;
        writeln!(
            f,
            "Copied {from} to {to}: {}, {}, {} in all, counted on both sides.",
            count::messages(*messages),
            count::count(*runs, "run"),
            count::count(*rows, "row")
        )?;
        writeln!(f, "The old ledger is as it was. What to do next:")?;
        writeln!(
            f,
            "  1. On every machine set ledger = \"postgres://user@host/database\" in wxremind.toml, or WXREMIND_LEDGER."
        )?;
        writeln!(f, "  2. Compare `wxremind log stats` with what it said before.")?;
        write!(
            f,
            "  3. Move {from} away, so that no run finds it: a message sent from there would be sent again."
        )
    }
}
