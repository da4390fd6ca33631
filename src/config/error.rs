//! What can be wrong with the settings.

use std::io;
use std::path::PathBuf;

/// Settings that cannot be used. Nothing here shows a value: it may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file that was named is not there.
    #[error("there is no settings file {}", .0.display())]
    Missing(PathBuf),
    /// The file is there but cannot be read.
    #[error("cannot read the settings file {}: {source}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in the file is wrong.
    #[error("{}:{line}:{column}: {problem}", file.display())]
    Place {
        /// Which file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// What is wrong.
        problem: Box<Problem>,
    },
    /// A variable of the environment is wrong.
    #[error("${variable} {what}")]
    Environment {
        /// Its name.
        variable: &'static str,
        /// What is wrong, as `must be …`.
        what: String,
    },
    /// `--account` names no section.
    #[error("no section [accounts.{name}] in the settings")]
    UnknownAccount {
        /// The name given.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// Several accounts, and none was chosen.
    #[error("the settings have several accounts and none was chosen")]
    NoAccountChosen {
        /// The names there are.
        known: Vec<String>,
    },
    /// No app id anywhere.
    #[error("no app id is set")]
    NoAppId {
        /// The settings file, when there is one.
        file: Option<PathBuf>,
    },
    /// No place for the ledger: neither set nor a home folder.
    #[error("no ledger is set, and this user has no home folder for the usual one")]
    NoLedger,
}

/// What is wrong at a place of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not TOML.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// A key that means nothing.
    #[error("unknown key {key}{}", if section.is_empty() { String::new() } else { format!(" in [{section}]") })]
    UnknownKey {
        /// The key.
        key: String,
        /// The section's name, empty at the top.
        section: String,
        /// The known key most like it.
        nearest: Option<String>,
        /// All keys of the section.
        known: Vec<String>,
    },
    /// A value that cannot be; it is not shown.
    #[error("{key} {what}")]
    Value {
        /// The key with its section.
        key: String,
        /// What is wrong, as `must be …`.
        what: String,
    },
}
