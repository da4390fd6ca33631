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
        Resolved::NotUnknown(state) => Err(CommandError::usage(format!(
            "The message is {state}, not unknown; nothing was changed."
        ))),
        Resolved::Erased => Err(CommandError::new(
            Exit::Partly,
            "The message's text is no longer kept, so it cannot be sent again; nothing was changed.",
        )
        .hint("Telephone the patient, or run `wxremind remind` or `wxremind prescribe --again` anew.")),
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sent {
            write!(f, "Recorded as sent: {}.", self.record.message_id)
        } else {
            write!(
                f,
                "Queued again: {}. The next run of the account sends it.",
                self.record.message_id
            )
        }
    }
}
