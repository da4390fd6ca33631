//! What a run of delivery came to: numbers, exit code, and what to do next.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::cli::count::messages;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::delivery::{Halt, Tally};
use crate::ledger::RunEnd;

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
}

impl Outcome {
    /// The outcome of a run that left `left` messages queued and `unknown` ones in doubt; `waits` says that an unknown
    /// outcome waits for a person.
    pub fn of(tally: Tally, left: u64, waits: bool) -> Self {
        let mut exit = Exit::Done;
        let trouble =
            !tally.failed.is_empty() || left > 0 || tally.unknown > 0 || tally.expired > 0;
        if trouble {
            exit = exit.merge(Exit::Partly);
        }
        if waits && tally.unknown > 0 {
            exit = exit.merge(Exit::Unknown);
        }
        let mut outcome = Self {
            accepted: tally.accepted,
            held: tally.held,
            failed: tally.failures(),
            unknown: tally.unknown,
            expired: tally.expired,
            left_queued: left,
            failed_by_code: tally.failed,
            exit,
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
            Some(Halt::QuietHours) if left > 0 => {
                outcome.end(Exit::Partly, "The quiet hours began, and the run stopped.", None);
            }
            None if left > 0 || outcome.unknown > 0 => {
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
            let left = format!(
                "{} {stay} queued; the next run sends what its source still has.",
                messages(self.left_queued)
            );
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
            ("still queued", self.left_queued, "the next run goes on with them"),
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
