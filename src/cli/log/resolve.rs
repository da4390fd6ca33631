//! `log resolve`: a person says what became of a message whose outcome is unknown.

use std::fmt;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::record::Record;
use super::show;
use crate::cli::Context;
use crate::cli::actor::actor;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::state::State;
use crate::ledger::Resolved;

/// The arguments of `log resolve`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The message's id, or the beginning of it.
    id: String,
    /// What became of it: the patient has it, or has not and it is to be sent.
    #[arg(long = "as", value_name = "OUTCOME")]
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Outcome {
    /// It arrived.
    Sent,
    /// It did not arrive; the next run sends it.
    NotSent,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Done {
    record: Record,
    #[serde(skip)]
    sent: bool,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    if books::look(&config)?.is_none() {
        return Err(show::none());
    }
    let sent = arguments.outcome == Outcome::Sent;
    let (id, actor) = (arguments.id, actor());
    let resolved =
        books::open(&config)?.call(move |ledger| ledger.resolve(&id, sent, &actor)).await?;
    match resolved {
        Resolved::Done(entry) => {
            let record = Record::of(&entry, &config.zone, false);
            context.ui.out(&Done { record, sent })?;
            Ok(Exit::Done)
        }
        Resolved::NotFound => Err(show::none()),
        Resolved::Several(entries) => Err(show::several(&entries)),
        Resolved::NotUnknown(state) => Err(not_unknown(state)),
        Resolved::Erased => Err(CommandError::new(
            Exit::Partly,
            "The message's text is no longer kept, so it cannot be sent again; nothing was changed.",
        )
        .hint("Telephone the patient, or run `wxremind remind` or `wxremind prescribe --again` anew.")),
    }
}

/// Only an outcome that nobody knows is a person's to say.
fn not_unknown(state: State) -> CommandError {
    let told =
        CommandError::usage(format!("The message is {state}, not unknown; nothing was changed."));
    match state {
        State::Queued => told.hint("It was not sent; `wxremind remind --resume` sends it, `wxremind log cancel` calls it off."),
        State::Sending => told.hint("A run has it in hand; one that was interrupted is settled by the next run."),
        State::Failed | State::Undelivered => told.hint("It did not arrive: telephone the patient, or send anew with --retry-failed or --again."),
        _ => told.hint("`wxremind log show` says what is known of it; only unknown messages wait for a person's word."),
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sent {
            write!(f, "Recorded as sent: {}.", self.record.message_id)
        } else {
            write!(
                f,
                "Queued again: {}. `wxremind remind --resume` sends it now; else the next reminders take it along.",
                self.record.message_id
            )
        }
    }
}
