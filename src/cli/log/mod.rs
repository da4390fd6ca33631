//! `log`: what was sent, to whom it did not get through, and what people do to the record.
//!
//! | file | what it does |
//! |---|---|
//! | `filter` | which messages: days, states, ids |
//! | `days` | which days are counted |
//! | `format` | table, JSON or CSV |
//! | `record` | a message as it is shown: masked unless asked otherwise |
//! | `words` | times and ids as people and programs read them |
//! | `personal` | `--show-personal-data`, which the record remembers, and ids from standard input |
//! | `book` | what a source says now of visits in the record |
//! | `list`, `show`, `stats`, `report`, `unreached`, `resolve`, `cancel`, `receipts`, `events`, `purge`, `forget` | the sub-verbs |

mod book;
mod cancel;
mod days;
mod events;
mod filter;
mod forget;
mod format;
mod list;
pub mod personal;
mod purge;
mod receipts;
mod record;
mod report;
mod resolve;
mod show;
mod stats;
mod unreached;
mod words;

pub use book::read as book;
use clap::{Args, Subcommand};

use super::Context;
use super::error::CommandError;
use super::exit::Exit;

/// The record of what was sent and when.
///
/// Without a sub-command the messages are listed, newest first.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LogArgs {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: list::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List messages, newest first.
    List(list::Arguments),
    /// Show everything that is kept of one message, and what its error code means.
    Show(show::Arguments),
    /// Count messages by kind, state and error code, and by day.
    ///
    /// The last seven days are counted unless --since and --until name others.
    Stats(stats::Arguments),
    /// List whom to telephone: visits ahead whose patient no message has reached.
    Unreached(unreached::Arguments),
    /// Write the figures as one HTML file with charts, for a browser.
    ///
    /// Messages by day and outcome, what did not get through, appointments ahead by department, doctor and day, and how
    /// long messages took; no patient is named. The last 30 days are shown unless --since and --until name others.
    Report(report::Arguments),
    /// Say what became of a message whose outcome is unknown.
    Resolve(resolve::Arguments),
    /// Call off messages that are not sent yet.
    Cancel(cancel::Arguments),
    /// Take in receipts of WeChat that somebody passes on.
    Receipts(receipts::Arguments),
    /// List what the webhook was told or is to be told; deliver it, or deliver it again.
    ///
    /// Where a webhook is set, an event is written with each change of a message and each end of a run. The run delivers
    /// them; --flush delivers what is left, and ends with 0 when nothing remains and with 1 when something does.
    Events(events::Arguments),
    /// Erase old messages from the record.
    Purge(purge::Arguments),
    /// Erase a patient from the record, and send that patient nothing more.
    Forget(forget::Arguments),
}

/// Hands over to the sub-verb's own file.
pub async fn run(arguments: LogArgs, context: &mut Context) -> Result<Exit, CommandError> {
    match arguments.command {
        None => list::run(arguments.list, context),
        Some(Command::List(arguments)) => list::run(arguments, context),
        Some(Command::Show(arguments)) => show::run(&arguments, context),
        Some(Command::Stats(arguments)) => stats::run(&arguments, context),
        Some(Command::Unreached(arguments)) => unreached::run(&arguments, context),
        Some(Command::Report(arguments)) => report::run(&arguments, context),
        Some(Command::Resolve(arguments)) => resolve::run(arguments, context).await,
        Some(Command::Cancel(arguments)) => cancel::run(arguments, context).await,
        Some(Command::Receipts(arguments)) => receipts::run(&arguments, context).await,
        Some(Command::Events(arguments)) => events::run(&arguments, context).await,
        Some(Command::Purge(arguments)) => purge::run(&arguments, context).await,
        Some(Command::Forget(arguments)) => forget::run(arguments, context).await,
    }
}
