//! How people and cron talk to the program: arguments, output, exit codes, one file for each verb.
//!
//! A verb is one file with three parts: its arguments (whose doc comments are the help), a function
//! `run(arguments, &mut Context) -> Result<Exit, CommandError>`, and what it shows (`Display + Serialize`). To add
//! one: write the file, add a line to `Command` and one to its `run`. Sentences for people are whole and stand in
//! the verb's own file, so that they can be translated.

pub mod actor;
pub mod error;
pub mod exit;
pub mod log;
pub mod sanitise;
pub mod session;
pub mod signal;
pub mod table;
pub mod templates;
pub mod ui;

mod announce;
mod auth;
mod bar;
mod books;
mod card;
mod completions;
mod context;
mod count;
mod diagnostics;
mod doctor;
mod explain;
pub mod inputs;
mod ledger;
mod prescribe;
mod reasons;
mod remind;
mod sending;
mod serve;
mod simulator;
mod values;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, ColorChoice, CommandFactory, Parser, Subcommand};

pub use context::{Context, Rehearsal};
use error::CommandError;
use exit::Exit;
use ui::{Manner, Ui};

/// Appointment reminders and e-prescription references over WeChat, from a hospital's own files.
#[derive(Debug, Parser)]
#[command(name = "wxremind", version, max_term_width = 100, propagate_version = false)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = false
)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes, before or after the verb.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// Read the settings from FILE.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use the account of section [accounts.NAME].
    #[arg(long, global = true, value_name = "NAME")]
    pub account: Option<String>,
    /// Write JSON to standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Show results, warnings and errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice for the log of every request.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Colour the messages.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

/// The verbs.
#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Auth(auth::Command),
    Remind(Box<remind::RemindArgs>),
    Prescribe(Box<prescribe::PrescribeArgs>),
    Log(Box<log::LogArgs>),
    #[command(subcommand)]
    Ledger(ledger::Command),
    #[command(subcommand)]
    Templates(templates::Command),
    Serve(serve::ServeArgs),
    Doctor(Box<doctor::DoctorArgs>),
    Simulator(simulator::Args),
    Explain(explain::Args),
    Completions(completions::CompletionArgs),
    Man(completions::ManArgs),
}

impl Command {
    /// Hands over to the verb's own file.
    async fn run(self, context: &mut Context) -> Result<Exit, CommandError> {
        match self {
            Self::Auth(command) => auth::run(command, context).await,
            Self::Remind(arguments) => remind::run(*arguments, context).await,
            Self::Prescribe(arguments) => prescribe::run(*arguments, context).await,
            Self::Serve(arguments) => serve::run(arguments, context).await,
            Self::Doctor(arguments) => doctor::run(*arguments, context).await,
            Self::Simulator(arguments) => simulator::run(&arguments, context).await,
            Self::Explain(arguments) => explain::run(&arguments, context),
            Self::Completions(arguments) => completions::completions(&arguments, context),
            Self::Man(arguments) => completions::man(&arguments, context),
            Self::Templates(command) => templates::run(command, context).await,
            Self::Log(arguments) => log::run(*arguments, context).await,
            Self::Ledger(command) => ledger::run(command, context),
        }
    }
}

/// Reads the command line, does it, and answers with the exit code.
pub fn main() -> ExitCode {
    let Cli { globals, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let manner = Manner {
        json: globals.json,
        quiet: globals.quiet,
        verbose: globals.verbose,
        color: globals.color,
    };
    let mut context = Context::new(Ui::new(manner), globals);
    let is_service = matches!(command, Command::Serve(_));
    diagnostics::start(manner.verbose, is_service, context.ui.color());
    let ended = runtime().and_then(|runtime| runtime.block_on(command.run(&mut context)));
    ended
        .unwrap_or_else(|error| {
            // A no to a question is no error.
            match error.exit {
                Exit::Done => context.ui.note(&error.message),
                _ => context.ui.error(&error),
            }
            error.exit
        })
        .into()
}

/// The command line's definition, for completions and the manual.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Help and version go to standard output and are no error; the rest is 2. A reader that went away is no matter.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}

/// One thread: sending waits for the network, not for the processor.
fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        CommandError::new(Exit::Partly, "The program could not start its runtime.").caused_by(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        definition().debug_assert();
    }
}
