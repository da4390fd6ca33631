//! What a plan says of the rows: shared by the dry run, the question and the summary.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::contacts::ContactsReport;
use super::prepare::Prepared;
use crate::cli::count::count;
use crate::cli::reasons;
use crate::domain::plan::{NotSent, Plan};
use crate::domain::reason::{Reason, Refusal};
use crate::domain::window::Window;
use crate::intake::Understanding;

/// How many rejected rows are listed; the rest is counted.
pub const LISTED: usize = 1000;

/// The rows of a source, in numbers and reasons.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The source's name.
    pub source: String,
    /// How the source was read, and why so.
    pub understanding: Understanding,
    /// The clinic's day of the run.
    pub today: String,
    /// The stages: days ahead, first and last day covered.
    pub stages: Vec<StageDays>,
    /// Rows read.
    pub rows: u64,
    /// Rows with a day in the window.
    pub in_window: u64,
    /// Messages to send.
    pub due: u64,
    /// Visits reminded before, or being reminded by another run.
    pub already_reminded: u64,
    /// Visits whose reminder is under WeChat's review since an earlier run.
    pub held_before: u64,
    /// Visits whose reminder did not arrive, by WeChat's receipt.
    pub undelivered_before: u64,
    /// Visits whose reminder a person has called off.
    pub called_off_by_person: u64,
    /// Messages that failed before and are left, since nothing about them has changed.
    pub failed_before: u64,
    /// Messages whose outcome is unknown and that wait for a person.
    pub waiting_for_person: u64,
    /// Messages of earlier runs that this source calls off.
    pub called_off: u64,
    /// Messages of earlier runs that this source says nothing about.
    pub still_waiting: u64,
    /// Messages beyond --limit.
    pub beyond_limit: u64,
    /// Rows that repeat another.
    pub repeated: u64,
    /// Nearer visits that have had no reminder.
    pub nearer_without_reminder: u64,
    /// Rows left out by rule, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Rows with something wrong, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The first of the rejected rows.
    pub rejected_rows: Vec<RejectedRow>,
    /// How contacts were read, where they were needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<ContactsReport>,
    /// What a reader should know of how the source was read.
    pub notes: Vec<String>,
    #[serde(skip)]
    reasons: BTreeMap<Reason, u64>,
}

/// The days of a stage.
#[derive(Debug, Serialize)]
pub struct StageDays {
    /// The N of `--days N`.
    pub days: u16,
    /// The nearest day covered.
    pub from: String,
    /// The day the stage is about.
    pub to: String,
}

/// One rejected row.
#[derive(Debug, Serialize)]
pub struct RejectedRow {
    /// The line of the source.
    pub line: u64,
    /// The column, or the template field.
    pub column: Option<String>,
    /// Why.
    pub reason: &'static str,
    /// What was found and what was expected.
    pub detail: Option<String>,
    #[serde(skip)]
    told: String,
}

impl Report {
    /// The report of a prepared plan.
    pub fn of(prepared: &Prepared) -> Self {
        let Prepared { plan, window, source, understanding, contacts, .. } = prepared;
        let mut report = Self::of_plan(plan, window, understanding.clone());
        report.contacts = contacts.as_ref().map(ContactsReport::of);
        report.source.clone_from(source);
        if !understanding.has_status {
            report.notes.push("The source has no status column, so every row counts.".to_owned());
        }
        if understanding.id_is_derived {
            report.notes.push(
                "The source has no appointment id: it is made of patient, start, department and doctor.".to_owned(),
            );
        }
        report.notes.extend(other_tables(&prepared.other_tables));
        report
    }

    fn of_plan(plan: &Plan, window: &Window, understanding: Understanding) -> Self {
        let place = reasons::place(understanding.server.is_some());
        let stages = window.stages.iter().map(|stage| StageDays {
            days: stage.days,
            from: stage.from.to_string(),
            to: stage.due.to_string(),
        });
        Self {
            source: String::new(),
            understanding,
            today: window.today.to_string(),
            stages: stages.collect(),
            rows: plan.tally.rows,
            in_window: plan.tally.in_window,
            due: plan.items.len() as u64,
            already_reminded: plan.already,
            held_before: plan.held_before,
            undelivered_before: plan.undelivered,
            called_off_by_person: plan.called_off_by_person,
            failed_before: plan.failed_before,
            waiting_for_person: plan.waiting_for_person,
            called_off: plan.cancelled.len() as u64,
            still_waiting: plan.still_waiting,
            beyond_limit: plan.beyond_limit,
            repeated: plan.repeated,
            nearer_without_reminder: plan.nearer_without,
            skipped: counts(plan.skipped()),
            rejected: with(counts(plan.rejected()), &plan.unlisted),
            rejected_rows: plan
                .rejected()
                .take(LISTED)
                .map(|row| RejectedRow::of(&row.refusal, place))
                .collect(),
            contacts: None,
            notes: Vec::new(),
            reasons: reasons(plan),
        }
    }

    /// How many rows were rejected.
    pub fn rejections(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Whether rows were rejected that somebody must mend: rows of the source, or rows of contacts among which a patient
    /// without an openid may be.
    pub fn needs_mending(&self) -> bool {
        let hidden = self.contacts.as_ref().is_some_and(ContactsReport::hides_somebody);
        self.rejections() > 0 || hidden && self.lacks_openids()
    }

    fn lacks_openids(&self) -> bool {
        self.skipped.contains_key(Reason::NoOpenid.as_str())
    }

    /// The lines for the rejected rows, one class at a time, each class counted in its headline with its fix.
    pub fn write_rejections(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rejected = self.reasons.iter().filter(|(reason, _)| reason.is_rejection());
        let rejected = rejected.map(|(reason, count)| (*reason, *count)).collect();
        write_rejected(f, "", &rejected, &self.rejected_rows)?;
        let somebody = self.lacks_openids();
        self.contacts.as_ref().map_or(Ok(()), |contacts| contacts.write(somebody, f))
    }

    /// The headline: source, days, rows.
    pub fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stage in &self.stages {
            let days = if stage.from == stage.to {
                stage.to.clone()
            } else {
                format!("{} to {}", stage.from, stage.to)
            };
            writeln!(
                f,
                "{}: visits on {days} ({} days ahead of {})",
                self.source, stage.days, self.today
            )?;
        }
        writeln!(f, "  read as                  {}", self.understanding.told())?;
        writeln!(f, "  rows read           {:>6}", self.rows)?;
        writeln!(f, "  in these days       {:>6}", self.in_window)
    }

    /// The rows that get no message by rule, and what else should be known.
    pub fn write_rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [
            ("reminded before", self.already_reminded, ""),
            ("held before", self.held_before, "under review; WeChat delivers them by itself"),
            (
                "not delivered",
                self.undelivered_before,
                "`wxremind log unreached` lists whom to telephone",
            ),
            (
                "cancelled by hand",
                self.called_off_by_person,
                "`wxremind log list --state cancelled` shows them",
            ),
            ("repeated rows", self.repeated, ""),
            (
                "refused before",
                self.failed_before,
                "nothing about them has changed; --retry-failed sends them again",
            ),
            (
                "in doubt",
                self.waiting_for_person,
                "`wxremind log list --state unknown`, then `wxremind log resolve`",
            ),
            ("called off", self.called_off, "queued earlier, cancelled or moved since"),
            (
                "waiting elsewhere",
                self.still_waiting,
                "queued earlier and not in this source; --resume sends them",
            ),
            ("beyond the limit", self.beyond_limit, ""),
        ];
        for (what, count, note) in lines.into_iter().filter(|(_, count, _)| *count > 0) {
            writeln!(f, "{}", format!("  {what:<18}  {count:>6}   {note}").trim_end())?;
        }
        for (reason, count) in self.reasons.iter().filter(|(reason, _)| !reason.is_rejection()) {
            writeln!(f, "  left out            {count:>6}   {}", reasons::told(*reason))?;
        }
        self.write_rejections(f)?;
        if self.nearer_without_reminder > 0 {
            let number = self.nearer_without_reminder;
            writeln!(
                f,
                "  {} nearer than that had no reminder; --catch-up reaches them",
                count(number, "visit")
            )?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_head(f)?;
        writeln!(f, "  to be sent          {:>6}", self.due)?;
        self.write_rest(f)
    }
}

impl RejectedRow {
    /// The row of this refusal.
    pub fn of(refusal: &Refusal, place: &str) -> Self {
        Self {
            line: refusal.line,
            column: refusal.column.as_deref().map(str::to_owned),
            reason: refusal.reason.as_str(),
            detail: refusal.detail.as_deref().map(str::to_owned),
            told: reasons::line(refusal, place),
        }
    }
}

/// Rejected rows, one class at a time, each class counted in its headline with its fix.
pub fn write_rejected(
    f: &mut fmt::Formatter<'_>,
    of: &str,
    classes: &BTreeMap<Reason, u64>,
    listed: &[RejectedRow],
) -> fmt::Result {
    for (reason, number) in classes {
        let (told, fix) = (reasons::told(*reason), reasons::fix(*reason));
        writeln!(f, "  {}{of} rejected: {told}; {fix}", count(*number, "row"))?;
        for row in listed.iter().filter(|row| row.reason == reason.as_str()) {
            writeln!(f, "    {}", row.told)?;
        }
    }
    if classes.values().sum::<u64>() > listed.len() as u64 {
        writeln!(f, "    only the first {LISTED} rows are listed")?;
    }
    Ok(())
}

/// Which lines were not read since they are a table of something else.
fn other_tables(tables: &[(u64, u64)]) -> Option<String> {
    let lines = |(first, last): &(u64, u64)| {
        if first == last { format!("line {first}") } else { format!("lines {first} to {last}") }
    };
    let told: Vec<String> = tables.iter().map(lines).collect();
    let table = if told.len() == 1 { "another table" } else { "other tables" };
    (!told.is_empty()).then(|| format!("Not read, since they are {table}: {}.", told.join(", ")))
}

fn counts<'a>(rows: impl Iterator<Item = &'a NotSent>) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.refusal.reason.as_str()).or_default() += 1;
    }
    counts
}

fn reasons(plan: &Plan) -> BTreeMap<Reason, u64> {
    let mut counts = BTreeMap::new();
    for row in &plan.not_sent {
        *counts.entry(row.refusal.reason).or_default() += 1;
    }
    for (reason, count) in &plan.unlisted {
        *counts.entry(*reason).or_default() += count;
    }
    counts
}

fn with(
    mut counts: BTreeMap<&'static str, u64>,
    more: &BTreeMap<Reason, u64>,
) -> BTreeMap<&'static str, u64> {
    for (reason, count) in more {
        *counts.entry(reason.as_str()).or_default() += count;
    }
    counts
}
