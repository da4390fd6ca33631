//! One thing that was looked at, and what is to be done about it.

use serde::Serialize;

use crate::cli::error::CommandError;
use crate::cli::exit::Exit;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In order.
    Pass,
    /// A run would work, but somebody should know.
    Warn,
    /// A run would not work.
    Fail,
}

impl Status {
    /// The word at the beginning of its line and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// A line beneath a check: a column and what it is, a state and how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// What it is about.
    pub name: String,
    /// What is so.
    pub value: String,
    /// What else there is to say; often nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Detail {
    /// A line beneath a check.
    pub fn new(name: impl Into<String>, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), note: note.into() }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `group.thing`: stable, for programs.
    #[serde(rename = "check")]
    pub name: String,
    /// How it came out.
    pub status: Status,
    /// What is so, as whole sentences.
    pub message: String,
    /// What to do, as whole sentences; `None` when nothing is to be done.
    pub fix: Option<String>,
    /// The lines beneath.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// Which code a failure stands for.
    #[serde(skip)]
    pub exit: Exit,
}

impl Check {
    /// In order.
    pub fn pass(name: impl Into<String>, message: impl Into<String>) -> Self {
        let (name, message) = (name.into(), message.into());
        let (status, exit) = (Status::Pass, Exit::Done);
        Self { name, status, message, fix: None, details: Vec::new(), exit }
    }

    /// A run would work, but somebody should know.
    pub fn warn(
        name: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { status: Status::Warn, fix: Some(fix.into()), ..Self::pass(name, message) }
    }

    /// A run would not work, and would end with this code or a like one.
    pub fn fail(name: impl Into<String>, exit: Exit, error: CommandError) -> Self {
        let fix = (!error.hints.is_empty()).then(|| error.hints.join(" "));
        // An error that has no code of its own here, such as a broken connection, counts as its group's.
        let exit = if KINDS.contains(&error.exit) { error.exit } else { exit };
        Self { status: Status::Fail, fix, exit, ..Self::pass(name, error.message) }
    }

    /// The same, with this to do when the error itself names nothing.
    #[must_use]
    pub fn or_fix(mut self, fix: impl Into<String>) -> Self {
        if self.status != Status::Pass {
            self.fix.get_or_insert(fix.into());
        }
        self
    }

    /// The same with lines beneath.
    #[must_use]
    pub fn with(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        self.details.extend(details);
        self
    }

    /// The same, but no failure: of something that need not work yet.
    #[must_use]
    pub fn no_worse_than_warn(mut self) -> Self {
        if self.status == Status::Fail {
            (self.status, self.exit) = (Status::Warn, Exit::Done);
        }
        self
    }
}

/// The codes that a failure can stand for; the first that holds is the program's.
pub const KINDS: [Exit; 5] =
    [Exit::Configuration, Exit::Credentials, Exit::Refused, Exit::Ledger, Exit::Source];

/// What was not looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotChecked {
    /// The check's name.
    pub check: String,
    /// Why, as the end of a sentence.
    pub because: String,
}

/// What looking at one group of things, or at all, came to.
#[derive(Debug, Default)]
pub struct Findings {
    /// The checks, in the order in which things are mended.
    pub checks: Vec<Check>,
    /// What was left out.
    pub not_checked: Vec<NotChecked>,
}

impl Findings {
    /// Adds a check.
    pub fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// Says that a check was not made.
    pub fn leave_out(&mut self, check: impl Into<String>, because: impl Into<String>) {
        self.not_checked.push(NotChecked { check: check.into(), because: because.into() });
    }

    /// Adds another group behind this one.
    pub fn append(&mut self, group: Self) {
        self.checks.extend(group.checks);
        self.not_checked.extend(group.not_checked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_a_kind_of_its_own_counts_as_its_groups() {
        let failed = |exit| {
            Check::fail("ledger.place", Exit::Ledger, CommandError::new(exit, "No.").hint("A."))
        };
        assert_eq!(failed(Exit::Partly).exit, Exit::Ledger);
        assert_eq!(failed(Exit::Configuration).exit, Exit::Configuration);
        let eased = failed(Exit::Partly).no_worse_than_warn();
        assert_eq!((eased.status, eased.exit), (Status::Warn, Exit::Done));
        assert_eq!(eased.fix.as_deref(), Some("A."));
    }
}
