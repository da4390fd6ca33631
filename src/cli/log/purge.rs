//! `log purge`: erases what is older than the settings or `--older-than` say.

use std::fmt;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::filter;
use crate::cli::Context;
use crate::cli::actor::actor;
use crate::cli::books;
use crate::cli::count::messages;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::clock::Clock;
use crate::ledger::{Action, Purged};

/// The arguments of `log purge`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Erase what settled longer ago than this, such as 90d; [ledger] keep_days unless given.
    #[arg(long, value_name = "SPAN")]
    older_than: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Done {
    deleted: u64,
    erased: u64,
}

pub(super) async fn run(
    arguments: &Arguments,
    context: &mut Context,
) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let age = match arguments.older_than.as_deref() {
        Some(text) => filter::span(text).ok_or_else(|| {
            CommandError::usage("The span of --older-than cannot be read.")
                .hint("Write it as 90d, 12w or 48h.")
        })?,
        None => SignedDuration::from_hours(i64::from(config.ledger.keep_days) * 24),
    };
    let now = Clock::System.now();
    let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let purged = if books::look(&config)?.is_none() {
        Purged::default()
    } else {
        let actor = actor();
        let desk = books::open(&config)?;
        let job = desk.call(move |ledger| {
            let purged = ledger.purge(before, now)?;
            let detail = Some("older than the span");
            ledger.record(&Action { actor: &actor, verb: "log purge", subject: None, detail })?;
            Ok(purged)
        });
        job.await?
    };
    context.ui.out(&Done { deleted: purged.deleted, erased: purged.erased })?;
    Ok(Exit::Done)
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Erased: {} whole, {} of visits still ahead to their key and state.",
            messages(self.deleted),
            messages(self.erased)
        )
    }
}
