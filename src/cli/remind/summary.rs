//! What a run came to: the rows and the outcomes together.

use std::fmt;

use serde::Serialize;

use super::report::Report;
use crate::cli::exit::Exit;
use crate::cli::sending::Outcome;
use crate::domain::reason::Reason;

/// Nobody is telephoned about a visit that does not take place.
const CALLED_OFF: &str = Reason::NotTakingPlace.as_str();

/// The summary of a run.
#[derive(Serialize)]
pub struct Summary {
    /// The run's id in the ledger, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// What was read and planned; none for `--resume`.
    #[serde(flatten)]
    pub report: Option<Report>,
    /// What was sent.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The exit code.
    pub exit_code: u8,
    /// Whether the record outlives the run, so that it can be asked.
    #[serde(skip)]
    pub is_kept: bool,
}

impl Summary {
    /// The summary of this report and this outcome.
    pub fn new(run_id: Option<String>, report: Option<Report>, outcome: Outcome) -> Self {
        let mut summary = Self { run_id, report, outcome, exit_code: 0, is_kept: true };
        summary.exit_code = summary.exit().code();
        summary
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        let rejected = self.report.as_ref().is_some_and(Report::needs_mending);
        let waits = self.report.as_ref().is_some_and(|report| report.waiting_for_person > 0);
        let rows = if rejected { Exit::Partly } else { Exit::Done };
        let doubts = if waits { Exit::Unknown } else { Exit::Done };
        self.outcome.exit().merge(rows).merge(doubts)
    }

    /// What somebody must know even when nobody asked: shown from cron, where a run that needs nobody is silent.
    pub fn needs_somebody(&self) -> bool {
        self.exit() != Exit::Done
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(report) = &self.report {
            report.write_head(f)?;
            writeln!(f, "  to be sent          {:>6}", report.due)?;
        }
        self.outcome.fmt(f)?;
        let Some(report) = &self.report else { return Ok(()) };
        report.write_rest(f)?;
        let not_sent = report.skipped.keys().any(|reason| *reason != CALLED_OFF)
            || !report.rejected.is_empty()
            || self.outcome.failed + self.outcome.unknown > 0;
        if self.is_kept && not_sent {
            writeln!(f, "  `wxremind log unreached` lists whom to telephone.")?;
        }
        Ok(())
    }
}
