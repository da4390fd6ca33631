//! What `doctor` shows: a line for each check, its fix beneath it, and what it comes to.

use std::fmt;

use serde::Serialize;

use super::finding::{Check, Detail, Findings, KINDS, NotChecked, Status};
use super::flow;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};

/// Narrower terminals get lines that they break themselves.
const NARROWEST: usize = 60;

/// All checks.
#[derive(Debug, Serialize)]
pub struct Report {
    overall: Status,
    exit_code: u8,
    checks: Vec<Check>,
    not_checked: Vec<NotChecked>,
    /// How wide the terminal is; `None` breaks no lines.
    #[serde(skip)]
    width: Option<usize>,
    #[serde(skip)]
    exit: Exit,
}

impl Report {
    /// The report of all that was found.
    pub fn of(findings: Findings, width: Option<usize>) -> Self {
        let Findings { checks, not_checked } = findings;
        let has = |status| checks.iter().any(|check| check.status == status);
        let overall = [Status::Fail, Status::Warn].into_iter().find(|status| has(*status));
        let exit = exit(&checks);
        Self {
            overall: overall.unwrap_or(Status::Pass),
            exit_code: exit.code(),
            checks,
            not_checked,
            width: width.filter(|width| *width >= NARROWEST),
            exit,
        }
    }

    /// The program's code.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    fn count(&self, status: Status) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }

    fn write_check(&self, f: &mut fmt::Formatter<'_>, check: &Check, names: usize) -> fmt::Result {
        let indent = "pass  ".len() + names + 2;
        let message = flow::flow(&check.message, indent, self.width);
        writeln!(f, "{}  {:<names$}  {message}", check.status.as_str(), check.name)?;
        write_details(f, &check.details, indent)?;
        match &check.fix {
            Some(fix) => {
                let fix = flow::flow(&format!("Fix: {fix}"), indent, self.width);
                writeln!(f, "{:indent$}{fix}", "")
            }
            None => Ok(()),
        }
    }

    fn write_not_checked(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.not_checked.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nNot checked:")?;
        // What has one reason shares a line.
        for alike in self.not_checked.chunk_by(|one, next| one.because == next.because) {
            let names: Vec<&str> = alike.iter().map(|one| one.check.as_str()).collect();
            writeln!(f, "  {}: {}", names.join(", "), alike[0].because)?;
        }
        Ok(())
    }
}

/// The first kind of failure that there is.
fn exit(checks: &[Check]) -> Exit {
    let failed = |kind: &Exit| {
        checks.iter().any(|check| check.status == Status::Fail && check.exit == *kind)
    };
    KINDS.into_iter().find(failed).unwrap_or_default()
}

/// In columns, of which the titles of a hospital's file may be one.
fn write_details(f: &mut fmt::Formatter<'_>, details: &[Detail], indent: usize) -> fmt::Result {
    if details.is_empty() {
        return Ok(());
    }
    let mut shown = table(&["", "", ""]);
    for detail in details {
        shown.add_row(row([&detail.name, &detail.value, &detail.note]));
    }
    let lines = shown.trim_fmt();
    // The first line is that of the titles, of which there are none.
    lines.lines().skip(1).try_for_each(|line| writeln!(f, "{:indent$}  {line}", ""))
}

fn widest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = widest(self.checks.iter().map(|check| check.name.as_str()));
        let mut group = None;
        for check in &self.checks {
            let its = check.name.split('.').next();
            if group.is_some_and(|group| group != its) {
                writeln!(f)?;
            }
            group = Some(its);
            self.write_check(f, check, names)?;
        }
        self.write_not_checked(f)?;
        writeln!(
            f,
            "\n{} passed, {} to look at, {} failed: exit code {}.",
            self.count(Status::Pass),
            self.count(Status::Warn),
            self.count(Status::Fail),
            self.exit_code
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::error::CommandError;

    #[test]
    fn the_first_kind_of_failure_decides_and_warnings_do_not() {
        let fail = |exit| Check::fail("a.b", exit, CommandError::new(exit, "No."));
        let code = |checks: Vec<Check>| {
            Report::of(Findings { checks, not_checked: Vec::new() }, None).exit().code()
        };
        assert_eq!(code(vec![]), 0);
        assert_eq!(code(vec![Check::warn("a.b", "Hm.", "Do.")]), 0);
        assert_eq!(code(vec![fail(Exit::Source), fail(Exit::Refused), fail(Exit::Ledger)]), 6);
        assert_eq!(code(vec![fail(Exit::Credentials), fail(Exit::Configuration)]), 4);
        assert_eq!(code(vec![fail(Exit::Refused), fail(Exit::Credentials)]), 5);
        assert_eq!(code(vec![fail(Exit::Source), fail(Exit::Ledger)]), 7);
        assert_eq!(code(vec![fail(Exit::Source)]), 3);
    }

    #[test]
    fn chinese_details_line_up_and_long_lines_hang_at_a_terminal() {
        let details = [
            Detail::new("start", "column 2 “就诊日期”", "by the settings"),
            Detail::new("appointment_id", "column 10 “ID”", "by its title"),
        ];
        let mut findings = Findings::default();
        findings.add(Check::pass("source.columns", "Two columns are read.").with(details));
        findings.add(Check::warn(
            "source.rows",
            "One row of two cannot be read, and so its patient is not reminded.",
            "See it with `wxremind remind --dry-run appointments.csv`.",
        ));
        findings.leave_out("quota.left", "WeChat was not asked");
        insta::assert_snapshot!(Report::of(findings, Some(70)).to_string(), @"
        pass  source.columns  Two columns are read.
                                start           column 2 “就诊日期”  by the settings
                                appointment_id  column 10 “ID”       by its title
        warn  source.rows     One row of two cannot be read, and so its
                              patient is not reminded.
                              Fix: See it with
                              `wxremind remind --dry-run appointments.csv`.

        Not checked:
          quota.left: WeChat was not asked

        1 passed, 1 to look at, 0 failed: exit code 0.
        ");
    }
}
