//! The source: whether it opens, how it is read, and who is due.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::DoctorArgs;
use super::finding::{Check, Detail, Findings};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{inputs, reasons, remind};
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::plan::{Due as DueRow, Gathered, Guards};
use crate::domain::window::Window;
use crate::intake::{Source, Understanding};

const FILE: &str = "source.file";
const COLUMNS: &str = "source.columns";
const ROWS: &str = "source.rows";

/// Who is due, as far as the source tells.
pub struct Due {
    window: Window,
    gathered: Gathered,
}

impl Due {
    /// The rows that ask for a reminder.
    pub fn rows(&self) -> impl Iterator<Item = &DueRow> {
        self.gathered.due.iter().filter(|due| {
            let stage = self.window.stage_of(due.visit.start.date);
            due.visit.status.allows()
                && stage.is_some_and(|stage| !self.window.too_late(&due.visit.start, stage))
        })
    }

    /// How many they are.
    pub fn visits(&self) -> u64 {
        self.rows().count() as u64
    }

    /// What was gathered.
    pub const fn gathered(&self) -> &Gathered {
        &self.gathered
    }
}

/// Looks at the source that the settings or the command line name.
pub fn look(config: &Config, now: Timestamp, args: &DoctorArgs) -> (Findings, Option<Due>) {
    let mut findings = Findings::default();
    let because = match &config.source.origin {
        None => {
            findings.add(Check::warn(
                FILE,
                "No source is set: each command must name one.",
                "Give it to doctor as cron's line does, `wxremind doctor SOURCE`, or set url under [source].",
            ));
            "no source is named"
        }
        Some(Origin::Stdin) if args.source.is_none() => {
            "it is standard input; name a file to have it looked at"
        }
        Some(Origin::Database(_)) if args.offline => "--offline: it is a database",
        Some(_) => {
            let due = open(config, now, &mut findings);
            return (findings, due);
        }
    };
    if config.source.origin.is_some() {
        findings.leave_out(FILE, because);
    }
    for rest in [COLUMNS, ROWS] {
        findings.leave_out(rest, because);
    }
    (findings, None)
}

/// A database's columns are an [`Understanding`] like a file's: whatever [`Source::open`] opens is told here.
fn open(config: &Config, now: Timestamp, findings: &mut Findings) -> Option<Due> {
    let opened = inputs::source(config)
        .and_then(|origin| Ok(Source::open(&origin, &inputs::source_settings(config))?));
    let mut source = match opened {
        Ok(source) => source,
        Err(error) => {
            findings.add(Check::fail(FILE, Exit::Source, error));
            for rest in [COLUMNS, ROWS] {
                findings.leave_out(rest, "the source cannot be read");
            }
            return None;
        }
    };
    let read = source.understanding();
    // A standard's own form has no header.
    let header = match read.header_line {
        0 => String::new(),
        line => format!(", with the header on line {line}"),
    };
    let (name, encoding, because) = (source.name(), read.encoding, &read.encoding_because);
    findings.add(Check::pass(FILE, format!("{name} is read as {encoding} ({because}){header}.")));
    findings.add(columns(read));
    if config.remind.days.is_empty() {
        findings.leave_out(ROWS, "no days are set; give --days, or set days under [remind]");
        return None;
    }
    let gathered = remind::window(config, now, None)
        .and_then(|window| Ok((remind::gather(&mut source, &window, Vec::new())?, window)));
    match gathered {
        Ok((gathered, window)) => {
            let due = Due { window, gathered };
            findings.add(rows(&due, source.name()));
            Some(due)
        }
        Err(error) => {
            findings.add(Check::fail(ROWS, Exit::Source, error));
            None
        }
    }
}

/// Which column is which, and which could have been.
fn columns(read: &Understanding) -> Check {
    let place = |index: usize, header: &str| format!("column {index} “{header}”");
    let mapped = read.columns.iter().map(|mapped| {
        let how = if mapped.configured { "by the settings" } else { "" };
        Detail::new(mapped.column.as_str(), place(mapped.index, &mapped.header), how)
    });
    let passed = read.passed_over.iter().map(|passed| {
        Detail::new(
            passed.column.as_str(),
            place(passed.index, &passed.header),
            "not used: another is better",
        )
    });
    let mut message = format!("{} columns are read.", read.columns.len());
    let others = read.ignored + read.passed_over.len();
    if others > 0 {
        message += &format!(" Not read: {others}.");
    }
    if !read.has_status {
        message += " There is no status column, so every row counts.";
    }
    if read.id_is_derived {
        message +=
            " There is no appointment id: it is made of patient, start, department and doctor.";
    }
    Check::pass(COLUMNS, message).with(mapped.chain(passed))
}

fn rows(due: &Due, source: &str) -> Check {
    let tally = &due.gathered.tally;
    if let Err(refusal) = Guards::default().check_rows(tally) {
        return Check::fail(ROWS, Exit::Source, remind::refused(&refusal, source));
    }
    let (first, last) = due.window.days();
    let days =
        if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
    let message = format!(
        "{} rows, {} of them {days}: {} are due.",
        tally.rows,
        tally.in_window,
        due.visits()
    );
    if tally.rows == 0 {
        let error = CommandError::new(Exit::Source, format!("{source} has a header and no rows."))
            .hint("If there are visits, export them again.");
        return Check::fail(ROWS, Exit::Source, error).no_worse_than_warn();
    }
    let rejected = rejected(due);
    if rejected.is_empty() {
        return Check::pass(ROWS, message);
    }
    let count: u64 = rejected.values().sum();
    let details = rejected.into_iter().map(|(reason, count)| {
        Detail::new(count.to_string(), reasons::told(reason), reasons::fix(reason))
    });
    Check::warn(
        ROWS,
        format!("{message} {count} would be rejected."),
        "`wxremind remind --dry-run` lists them with their lines.",
    )
    .with(details)
}

/// The rows that could not be read or whose status nobody knows, by reason. What a template makes of them, only a dry
/// run tells.
fn rejected(due: &Due) -> BTreeMap<crate::domain::reason::Reason, u64> {
    use crate::domain::reason::Reason;

    let mut counts = BTreeMap::new();
    for refused in &due.gathered.refused {
        *counts.entry(refused.refusal.reason).or_default() += 1;
    }
    let unknown: u64 = due.gathered.tally.unknown_statuses.values().sum();
    if unknown > 0 {
        *counts.entry(Reason::UnknownStatus).or_default() += unknown;
    }
    counts
}
