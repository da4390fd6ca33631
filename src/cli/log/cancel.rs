//! `log cancel`: calls off messages that are not sent yet.

use std::fmt;

use clap::{ArgGroup, Args};
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

use super::{filter, show};
use crate::cli::Context;
use crate::cli::actor::actor;
use crate::cli::books;
use crate::cli::count;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::values;
use crate::config::Config;
use crate::domain::state::State;
use crate::ledger::{CancelledBy, Filter, Found, Ledger};

/// The arguments of `log cancel`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("which").args(["ids", "run", "date"]).required(true).multiple(true)))]
pub struct Arguments {
    /// The messages' ids, or the beginnings of them.
    #[arg(value_name = "ID", conflicts_with_all = ["run", "date"])]
    ids: Vec<String>,
    /// All messages that this run handled and that are not sent.
    #[arg(long, value_name = "RUN", value_parser = values::run)]
    run: Option<Uuid>,
    /// All messages for visits on this day that are not sent.
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    date: Option<Date>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Serialize)]
struct Cancelled {
    cancelled: u64,
    /// Messages that were sent already, or called off before.
    left: u64,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let named = !arguments.ids.is_empty();
    let messages = match books::look(&config)? {
        None if named => return Err(show::none()),
        None => Vec::new(),
        Some(mut ledger) if named => by_id(&mut ledger, &arguments.ids)?,
        Some(mut ledger) => by_run_and_date(&mut ledger, &config, context, &arguments)?,
    };
    let count = messages.len() as u64;
    if !named && count > 0 && !arguments.yes && context.ui.can_ask() {
        let question = format!("Call off {} not sent yet?", count::messages(count));
        if !context.ui.confirm(&question)? {
            context.ui.note("Nothing was called off.");
            return Ok(Exit::Done);
        }
    }
    let cancelled = if messages.is_empty() {
        0
    } else {
        let by = CancelledBy::Person { actor: actor() };
        books::open(&config)?.call(move |ledger| ledger.cancel(&messages, by)).await?
    };
    let left = count.saturating_sub(cancelled);
    context.ui.out(&Cancelled { cancelled, left })?;
    Ok(if left > 0 { Exit::Partly } else { Exit::Done })
}

/// All must be found before any is called off.
fn by_id(ledger: &mut Ledger, ids: &[String]) -> Result<Vec<i64>, CommandError> {
    let find = |id: &String| match ledger.show(id)? {
        Found::One(entry) => Ok(entry.message),
        Found::None => Err(show::none()),
        Found::Several(entries) => Err(show::several(&entries)),
    };
    let mut messages = ids.iter().map(find).collect::<Result<Vec<_>, CommandError>>()?;
    messages.sort_unstable();
    messages.dedup();
    Ok(messages)
}

fn by_run_and_date(
    ledger: &mut Ledger,
    config: &Config,
    context: &Context,
    arguments: &Arguments,
) -> Result<Vec<i64>, CommandError> {
    let wanted = Filter {
        account: filter::account(config, context.globals.account.is_some())?,
        states: vec![State::Queued, State::Unknown],
        run: arguments.run,
        ..Filter::default()
    };
    let on_day = |date: Option<Date>| arguments.date.is_none_or(|wanted| date == Some(wanted));
    let entries = ledger.list(&wanted)?.into_iter();
    let wanted = entries.filter(|entry| on_day(entry.start.as_ref().map(|start| start.date)));
    Ok(wanted.map(|entry| entry.message).collect())
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Called off: {}.", self.cancelled)?;
        if self.left > 0 {
            write!(f, " Left as they are, because they are sent or settled: {}.", self.left)?;
        }
        Ok(())
    }
}
