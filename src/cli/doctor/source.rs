//! The source: whether it opens, how it is read, and who is due.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::finding::{Check, Detail, Findings};
use crate::cli::count::count;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::remind::{self, Bench, Past, Prepared, RemindArgs};
use crate::cli::templates::load;
use crate::cli::{inputs, reasons};
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::compose::Composer;
use crate::domain::plan::Known;
use crate::domain::reason::Reason;
use crate::intake::Understanding;
use crate::intake::database::Period;

const FILE: &str = "source.file";
const COLUMNS: &str = "source.columns";
const ROWS: &str = "source.rows";

/// What to do about an error that names nothing itself.
pub const UNREADABLE: &str =
    "See that the file is there and that this user may read it, or export it again.";

/// The plan of a run that knows of no other: what its source alone asks for.
pub struct Due(Prepared);

impl Due {
    /// How many messages it would send.
    pub fn visits(&self) -> u64 {
        self.0.plan.items.len() as u64
    }

    /// How many rows get no message for this reason.
    pub fn left_out(&self, reason: Reason) -> u64 {
        let rows = self.0.plan.not_sent.iter();
        rows.filter(|row| row.refusal.reason == reason).count() as u64
    }
}

/// Looks at the source that the settings or the command line name.
pub fn look(
    config: &Config,
    now: Timestamp,
    period: Period,
    offline: bool,
    with_contacts: bool,
) -> (Findings, Option<Due>) {
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
        Some(Origin::Stdin) => "it is standard input; name a file to have it looked at",
        Some(Origin::Database(_)) if offline => "--offline: it is a database",
        Some(_) => {
            let due = open(config, now, period, with_contacts, &mut findings);
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

/// A database's columns are an [`Understanding`] like a file's: whatever [`inputs::open`] opens is told here.
fn open(
    config: &Config,
    now: Timestamp,
    period: Period,
    with_contacts: bool,
    findings: &mut Findings,
) -> Option<Due> {
    let opened = inputs::source_settings(config)
        .and_then(|settings| inputs::open(config, &settings, period));
    let source = match opened {
        Ok(source) => source,
        Err(error) => {
            findings.add(Check::fail(FILE, Exit::Source, error).or_fix(UNREADABLE));
            for rest in [COLUMNS, ROWS] {
                findings.leave_out(rest, "the source cannot be read");
            }
            return None;
        }
    };
    let read = source.understanding();
    findings.add(Check::pass(FILE, how(source.name(), read)));
    findings.add(columns(read));
    if config.remind.days.is_empty() {
        findings.leave_out(ROWS, "no days are set; give --days, or set days under [remind]");
        return None;
    }
    let Ok(composer) = load::load_for_show(config, &config.remind.template) else {
        findings.leave_out(ROWS, "the template of reminders cannot be used");
        return None;
    };
    match plan(config, now, &composer, with_contacts) {
        Ok(due) => {
            findings.add(rows(&due));
            Some(due)
        }
        Err(error) => {
            findings.add(Check::fail(ROWS, Exit::Source, error).or_fix(UNREADABLE));
            None
        }
    }
}

/// What answers, or in which encoding it is written and where its header is.
fn how(name: &str, read: &Understanding) -> String {
    if let Some(server) = &read.server {
        return format!("{name} answers: {server}.");
    }
    // A standard's own form has no header.
    let header = match read.header_line {
        0 => String::new(),
        line => format!(", with the header on line {line}"),
    };
    format!("{name} is read as {} ({}){header}.", read.encoding, read.encoding_because)
}

/// Plans as a dry run does, but as if nothing had been sent before: what is in the ledger is another check's matter, and
/// so is whether contacts can be read.
fn plan(
    config: &Config,
    now: Timestamp,
    composer: &Composer,
    with_contacts: bool,
) -> Result<Due, CommandError> {
    let mut config = config.clone();
    if !with_contacts {
        (config.contacts.origin, config.contacts.query, config.contacts.table) = (None, None, None);
    }
    let app_id = config.account().map(|account| account.app_id).unwrap_or_default();
    let bench = Bench { config: &config, app_id: &app_id, now, composer };
    let known = |_, _| Ok(Known::default());
    Ok(Due(remind::prepare(&RemindArgs::default(), &bench, Past::default(), known)?))
}

/// Which column is which, and which could have been.
fn columns(read: &Understanding) -> Check {
    let place = |index: usize, header: &str| format!("column {index} “{header}”");
    let mapped = read.columns.iter().map(|mapped| {
        let how = match (mapped.configured, mapped.proven) {
            (true, _) => "by the settings",
            (false, true) => "its cells are times of visits",
            (false, false) => "",
        };
        Detail::new(mapped.column.as_str(), place(mapped.index, &mapped.header), how)
    });
    let passed = read.passed_over.iter().map(|passed| {
        let why = if passed.is_booking {
            "not used: it may say when the visit was booked"
        } else {
            "not used: another is better"
        };
        Detail::new(passed.column.as_str(), place(passed.index, &passed.header), why)
    });
    let mut sentences = vec![format!("{} columns are read.", read.columns.len())];
    let others = read.ignored + read.passed_over.len();
    if others > 0 {
        sentences.push(format!("Not read: {others}."));
    }
    if !read.has_status {
        sentences.push("There is no status column, so every row counts.".to_owned());
    }
    if read.id_is_derived {
        sentences.push(
            "There is no appointment id: it is made of patient, start, department and doctor."
                .to_owned(),
        );
    }
    Check::pass(COLUMNS, sentences.join(" ")).with(mapped.chain(passed))
}

fn rows(due: &Due) -> Check {
    let Prepared { plan, window, source, .. } = &due.0;
    let tally = &plan.tally;
    if tally.rows == 0 {
        let fix = "If there are visits, export them again.";
        return Check::warn(ROWS, format!("{source} has a header and no rows."), fix);
    }
    let (first, last) = window.days();
    let days =
        if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
    let message = format!(
        "{}, {} of them {days}: {} would be reminded, if nobody has been.",
        count(tally.rows, "row"),
        tally.in_window,
        due.visits()
    );
    let mut rejected: BTreeMap<Reason, u64> = BTreeMap::new();
    for row in plan.rejected() {
        *rejected.entry(row.refusal.reason).or_default() += 1;
    }
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
