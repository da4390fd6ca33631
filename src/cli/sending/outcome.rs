//! What a run of delivery came to: numbers, exit code, and what to do next.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::cli::count::messages;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::delivery::{Halt, Tally};
use crate::ledger::{Left, RunEnd, Unknowns};

/// What is said before the reason why some messages did not get through.
const NOT_ALL: &str = "Not all got through.";

/// The numbers of a run, ready to be shown.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// Messages that WeChat took.
    pub accepted: u64,
    /// Messages under WeChat's review; it delivers them by itself.
    pub held: u64,
    /// Messages that WeChat refused.
    pub failed: u64,
    /// The refused ones by errcode.
    pub failed_by_code: BTreeMap<i64, u64>,
    /// Messages whose outcome cannot be known.
    pub unknown: u64,
    /// Messages whose visit began, or whose prescription lapsed, before they could be sent.
    pub expired: u64,
    /// Messages that stay queued for the next run.
    pub left_queued: u64,
    /// Messages that may have arrived when the run was interrupted: the next run repeats them under the same id, so that
    /// they arrive once, or says that nobody knows.
    pub left_open: u64,
    /// Messages of earlier runs of which this run found that nobody knows whether they arrived, and a person must say.
    pub found_in_doubt: u64,
    /// Messages of this plan that other runs alive at the same time took over; they count what became of them.
    pub sent_by_others: u64,
    /// Why the run ended before its messages did, or what kept some of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<String>,
    #[serde(skip)]
    exit: Exit,
    #[serde(skip)]
    rest: Rest,
}

/// How what stays queued gets on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// A later run sends what its source still has.
    #[default]
    Source,
    /// The same command, run again, sends it.
    Command,
    /// The service sends it as soon as it can.
    Service,
}

impl Rest {
    const fn note(self) -> &'static str {
        match self {
            Self::Source => "the next run goes on with them",
            Self::Command => "the same command sends them, each once",
            Self::Service => "the service tries them again",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Source => "the next run sends what its source still has.",
            Self::Command => "run the same command again, and each is sent once.",
            Self::Service => "the service tries again.",
        }
    }
}

impl Outcome {
    /// The outcome of a run that left these messages; `policy` says of which an unknown outcome waits for a person.
    pub fn of(tally: Tally, left: Left, policy: Unknowns, rest: Rest) -> Self {
        let mut exit = Exit::Done;
        let unknown = tally.unknown.total();
        let undone = left.queued + left.open + unknown + tally.expired;
        let trouble = !tally.failed.is_empty() || undone > 0;
        if trouble {
            exit = exit.merge(Exit::Partly);
        }
        if tally.unknown.waiting(policy) > 0 {
            exit = exit.merge(Exit::Unknown);
        }
        let mut outcome = Self {
            accepted: tally.accepted,
            held: tally.held,
            failed: tally.failures(),
            unknown,
            expired: tally.expired,
            left_queued: left.queued,
            left_open: left.open,
            failed_by_code: tally.failed,
            exit,
            rest,
            ..Self::default()
        };
        for (template, error) in tally.stopped_templates {
            outcome.end(Exit::Refused, &format!("Template {template} was stopped."), Some(error));
        }
        match tally.halt {
            Some(Halt::Interrupted) => {
                outcome.end(Exit::Interrupted, "The run was interrupted.", None);
            }
            // Nothing is wrong: the next run goes on, in daylight.
            Some(Halt::QuietHours) if left.queued > 0 => {
                outcome.end(Exit::Partly, "The quiet hours began, and the run stopped.", None);
            }
            None if left.queued + left.open > 0 || outcome.unknown > 0 => {
                if let Some(error) = tally.trouble {
                    outcome.end(Exit::Partly, NOT_ALL, Some(error));
                }
            }
            Some(Halt::QuietHours) | None => {}
            Some(Halt::Credentials(error)) => outcome.end(Exit::Credentials, "", Some(*error)),
            Some(Halt::Account(error) | Halt::Quota(error)) => {
                outcome.end(Exit::Refused, "", Some(*error));
            }
        }
        outcome
    }

    /// The same, where so many messages of earlier runs turned out to wait for a person.
    #[must_use]
    pub fn found(self, in_doubt: u64) -> Self {
        let waits = if in_doubt > 0 { Exit::Unknown } else { Exit::Done };
        Self { found_in_doubt: in_doubt, exit: self.exit.merge(waits), ..self }
    }

    /// The exit code.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// What the ledger keeps of the run's end.
    pub const fn run_end(&self, exit: Exit) -> RunEnd {
        RunEnd {
            exit_code: exit.code(),
            accepted: self.accepted,
            held: self.held,
            failed: self.failed,
            unknown: self.unknown,
            left: self.left_queued,
        }
    }

    fn end(&mut self, exit: Exit, what: &str, error: Option<wechat::Error>) {
        self.exit = self.exit.merge(exit);
        let told = error.map(CommandError::from);
        let mut sentence = what.to_owned();
        if let Some(told) = told {
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(&told.message);
            self.advice.extend(told.hints);
        }
        if self.left_queued > 0 {
            let stay = if self.left_queued == 1 { "stays" } else { "stay" };
            let left =
                format!("{} {stay} queued; {}", messages(self.left_queued), self.rest.advice());
            if !self.advice.contains(&left) {
                self.advice.push(left);
            }
        }
        match &mut self.stopped {
            Some(stopped) => *stopped = format!("{stopped} {sentence}"),
            None => self.stopped = Some(sentence),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  accepted by WeChat  {:>6}", self.accepted)?;
        let lines = [
            ("held for review", self.held, "WeChat delivers them by itself"),
            ("refused by WeChat", self.failed, ""),
            ("outcome unknown", self.unknown, "`wxremind log list --state unknown` shows them"),
            ("too late to send", self.expired, "the visit began"),
            ("still queued", self.left_queued, self.rest.note()),
            (
                "outcome open",
                self.left_open,
                "the next run within minutes repeats them, so that they arrive once",
            ),
            (
                "left in doubt",
                self.found_in_doubt,
                "by an earlier run; `wxremind log list --state unknown`, then `wxremind log resolve`",
            ),
            ("sent by other runs", self.sent_by_others, "they say what became of them"),
        ];
        for (what, count, note) in lines.into_iter().filter(|(_, count, _)| *count > 0) {
            writeln!(f, "{}", format!("  {what:<18}  {count:>6}   {note}").trim_end())?;
        }
        for (code, count) in &self.failed_by_code {
            let meaning = wechat::explain(*code).map_or("", |known| known.meaning_en);
            writeln!(f, "{}", format!("    {code:<16}  {count:>6}   {meaning}").trim_end())?;
        }
        if let Some(stopped) = &self.stopped {
            writeln!(f, "{stopped}")?;
        }
        for advice in &self.advice {
            writeln!(f, "hint: {advice}")?;
        }
        Ok(())
    }
}
