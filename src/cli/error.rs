//! What went wrong, as people are told it: one sentence, what to do next, and the exit code.
//!
//! Every typed error of the other rooms becomes a [`CommandError`] here and nowhere else: one `From` (or, where the
//! sentence needs to know more than the error does, one function) for each.

use std::error::Error;
use std::fmt;

use super::exit::Exit;

/// A command that could not do its work.
#[derive(Debug)]
pub struct CommandError {
    /// The code the program ends with.
    pub exit: Exit,
    /// One whole sentence: what happened, and where.
    pub message: String,
    /// What to do next, one sentence each.
    pub hints: Vec<String>,
    /// What lies beneath, shown with `-v`.
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CommandError {
    /// An error of this code that says `message`.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hints: Vec::new(), source: None }
    }

    /// A command line that cannot be followed.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Settings that cannot be used.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, message)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Keeps what lies beneath, for `-v`.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The causes, nearest first.
    pub fn causes(&self) -> impl Iterator<Item = String> + '_ {
        std::iter::successors(self.source(), |cause| (*cause).source()).map(ToString::to_string)
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
