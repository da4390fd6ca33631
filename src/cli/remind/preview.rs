//! What `--dry-run` shows: how the source was read, the messages, and the rows without one.

use std::fmt;

use serde::Serialize;

use super::prepare::Prepared;
use super::report::Report;
use crate::cli::exit::Exit;
use crate::cli::reasons;
use crate::cli::table::{row, table};
use crate::domain::mask;
use crate::domain::plan::{Action, Item};

/// How many messages are shown; JSON has them all.
const SHOWN: usize = 50;

/// A plan that is only shown.
#[derive(Serialize)]
pub struct Preview {
    #[serde(flatten)]
    report: Report,
    /// The messages, nearest visit first.
    messages: Vec<Planned>,
    exit_code: u8,
}

/// One planned message; who gets it is masked.
#[derive(Serialize)]
struct Planned {
    line: u64,
    appointment_id: String,
    start: String,
    stage: u16,
    openid: String,
    /// Whether an earlier run queued it.
    queued_before: bool,
}

impl Preview {
    /// The preview of a prepared plan.
    pub fn of(prepared: &Prepared) -> Self {
        let mut preview = Self {
            report: Report::of(prepared),
            messages: prepared.plan.items.iter().map(Planned::of).collect(),
            exit_code: 0,
        };
        preview.exit_code = preview.exit().code();
        preview
    }

    /// The same with what would stand in the way of sending them.
    #[must_use]
    pub fn noting(mut self, note: Option<String>) -> Self {
        self.report.notes.extend(note);
        self
    }

    /// What it says of the rows.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The exit code: 1 when rows were rejected.
    pub fn exit(&self) -> Exit {
        if self.report.needs_mending() { Exit::Partly } else { Exit::Done }
    }

    fn write_understanding(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = &self.report.understanding;
        match (&read.server, read.form, read.header_line) {
            (Some(_), ..) => writeln!(f, "The columns of its answer:")?,
            (None, "table", 0) => writeln!(f, "The columns, without a header:")?,
            (None, "table", line) => writeln!(f, "The columns, by the header on line {line}:")?,
            _ => {}
        }
        for mapped in &read.columns {
            let how = match (mapped.configured, mapped.proven) {
                (true, _) => ", by the settings",
                (false, true) => ", since its cells are times of visits",
                (false, false) => "",
            };
            writeln!(
                f,
                "  {:<16} = column {} “{}”{how}",
                mapped.column.as_str(),
                mapped.index,
                mapped.header
            )?;
        }
        for passed in &read.passed_over {
            let why = if passed.is_booking { "; it may say when the visit was booked" } else { "" };
            writeln!(
                f,
                "  {:<16} : column {} “{}” is not used{why}",
                passed.column.as_str(),
                passed.index,
                passed.header
            )?;
        }
        Ok(())
    }
}

impl Planned {
    fn of(item: &Item) -> Self {
        Self {
            line: item.visit.line,
            appointment_id: item.visit.appointment_id.to_string(),
            start: item.visit.start.to_string(),
            stage: item.stage,
            openid: mask::openid(&item.openid),
            queued_before: matches!(item.action, Action::Confirm { .. }),
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_understanding(f)?;
        self.report.fmt(f)?;
        if self.messages.is_empty() {
            return Ok(());
        }
        let place = reasons::place(self.report.understanding.server.is_some());
        let mut shown = table(&[place, "appointment", "start", "days", "openid"]);
        for planned in self.messages.iter().take(SHOWN) {
            let (line, stage) = (planned.line.to_string(), planned.stage.to_string());
            shown.add_row(row([
                &line,
                &planned.appointment_id,
                &planned.start,
                &stage,
                &planned.openid,
            ]));
        }
        writeln!(f, "{}", shown.trim_fmt())?;
        let more = self.messages.len().saturating_sub(SHOWN);
        if more > 0 {
            writeln!(f, "and {more} more; --json has them all")?;
        }
        writeln!(f, "Nothing was sent: this was a dry run.")
    }
}
