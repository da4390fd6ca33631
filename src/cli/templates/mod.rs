//! `templates`: the local message templates, and the account's own held against them.
//!
//! | file | what it does |
//! |---|---|
//! | `load` | where local templates come from; `remind` and `prescribe` load theirs through it |
//! | `account` | asks WeChat for the account's own |
//! | `sample` | an invented visit and prescription to fill a template with |
//! | `trial` | sends one message with sample values, to see it on a phone |
//! | `compare` | a local template against the account's |
//! | `label`, `draft` | from an account's template to a local one |
//! | `list`, `show`, `preview`, `check`, `pull` | the sub-verbs |

pub mod check;
pub mod load;

mod account;
mod compare;
mod draft;
mod label;
mod list;
mod preview;
mod pull;
pub mod rehearse;
mod sample;
mod show;
mod trial;

use clap::Subcommand;

use super::Context;
use super::error::CommandError;
use super::exit::Exit;

/// The message templates: local ones, and the account's own.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the local templates and the account's own.
    List(list::Arguments),
    /// Show what fills the fields of a local template, and the variables there are.
    Show(show::Arguments),
    /// Show a local template as a patient would see it, with sample values.
    Preview(preview::Arguments),
    /// Hold local templates against the account's.
    Check(check::Arguments),
    /// Write a local template from a template of the account.
    Pull(pull::Arguments),
}

/// Hands over to the sub-verb's own file.
pub async fn run(command: Command, context: &mut Context) -> Result<Exit, CommandError> {
    match command {
        Command::List(arguments) => list::run(arguments, context).await,
        Command::Show(arguments) => show::run(&arguments, context),
        Command::Preview(arguments) => preview::run(arguments, context).await,
        Command::Check(arguments) => check::run(arguments, context).await,
        Command::Pull(arguments) => pull::run(arguments, context).await,
    }
}
