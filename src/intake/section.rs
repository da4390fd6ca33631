//! Which table of a file a row belongs to: ours, the next one of appointments, or one of something else.
//!
//! A table of something else is known by its header: by three known names that are not enough for appointments, or, when
//! none of its names are known, by a row of words alone whose next row is no appointment either. Its rows are passed over
//! until a header of appointments returns, and the summary tells their lines.

use csv::StringRecord;
use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};

use super::cell::clean;
use super::dates::{Rules, When};
use super::error::Error;
use super::layout::{Score, has_figures};
use super::mapping::{Head, Mapping};
use super::margin;
use super::row::Outcome;
use super::settings::Settings;
use super::spool::Spool;
use super::table::NEEDS;

/// With this many known names, a row is the header of a table.
const HEADER: usize = 3;

/// How many tables of something else are told by their lines.
const TOLD: usize = 100;

/// Whose the current rows are.
enum Place {
    /// Rows of appointments.
    Ours,
    /// Rows of something else, since a line. Where no name of their header is known, they are only so as long as none
    /// of them is an appointment.
    Other { since: u64, proven: bool },
}

/// Rows at fault that may be the titles and the header of a table of something else.
#[derive(Default)]
struct Held {
    rows: Vec<Outcome>,
    since: u64,
    /// Whether a row that is held has a figure, as patients' rows have.
    figures: bool,
    /// The cells of the header; none before it came.
    width: Option<usize>,
    /// Whether something stood between the header and the rows before: a blank line, a title, a total.
    apart: bool,
}

/// How many titles may stand above a header.
const TITLES: usize = 5;

/// The tables of a file, one below the other.
pub(super) struct Sections {
    /// How the rows of the current table of appointments are read.
    pub mapping: Mapping,
    /// The first and last lines of tables of something else.
    pub passed: Vec<(u64, u64)>,
    today: Option<Date>,
    place: Place,
    held: Held,
    last_line: u64,
    /// The line on which the next row stands if nothing stands between.
    next_line: u64,
    gap: bool,
}

/// Whether a row that is no appointment is the header of the next table: true when it is one of appointments.
pub(super) fn next_header(record: &StringRecord, settings: &Settings) -> Option<bool> {
    let score = Score::of(record, &settings.columns, NEEDS);
    (score.named >= HEADER && !has_figures(record)).then_some(score.complete)
}

impl Sections {
    /// The first table.
    pub fn new(mapping: Mapping, today: Option<Date>) -> Self {
        Self {
            mapping,
            passed: Vec::new(),
            today,
            place: Place::Ours,
            held: Held::default(),
            last_line: 0,
            next_line: 0,
            gap: false,
        }
    }

    /// Whether a row may be an appointment.
    pub fn may_be_ours(&self) -> bool {
        !matches!(self.place, Place::Other { proven: true, .. })
    }

    /// A table with a header of known names begins.
    pub fn begin(
        &mut self,
        complete: bool,
        record: &StringRecord,
        line: u64,
        settings: &Settings,
        spool: &Spool,
    ) -> Result<(), Error> {
        if complete {
            let head = Head { line, header: record.clone(), samples: Vec::new() };
            self.mapping = Mapping::new(&head, &settings.columns, spool.name())?;
            self.return_to_ours();
        } else {
            let since = if let Place::Other { since, .. } = self.place { since } else { line };
            self.place = Place::Other { since, proven: true };
        }
        Ok(())
    }

    /// What of a row, and of rows held back before it, counts.
    pub fn sort(&mut self, outcome: Outcome, record: &StringRecord, line: u64) -> Vec<Outcome> {
        let gap = std::mem::take(&mut self.gap) || (self.next_line > 0 && line > self.next_line);
        let inside = record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.next_line = line + inside + 1;
        if matches!(outcome, Outcome::Blank | Outcome::Margin) {
            self.gap = true;
        }
        let mut counted = Vec::new();
        if matches!(outcome, Outcome::Header) {
            counted = self.end_titles();
        }
        match self.place {
            Place::Ours => self.among_ours(outcome, record, line, gap, &mut counted),
            Place::Other { proven, .. } => counted.push(self.among_others(outcome, record, proven)),
        }
        self.last_line = line;
        counted
    }

    /// What is still held back at the end.
    pub fn finish(&mut self) -> Vec<Outcome> {
        self.return_to_ours();
        self.release()
    }

    fn among_ours(
        &mut self,
        outcome: Outcome,
        record: &StringRecord,
        line: u64,
        gap: bool,
        counted: &mut Vec<Outcome>,
    ) {
        let is_fault = matches!(outcome, Outcome::Refused(_)) && outcome.day().is_none();
        if !is_fault {
            if !matches!(outcome, Outcome::Blank | Outcome::Margin) {
                counted.extend(self.release());
            }
            counted.push(outcome);
            return;
        }
        if let Some(width) = self.held.width {
            let belongs = self.held.apart || record.len() == width;
            if belongs && !self.is_to_come(record) {
                self.place = Place::Other { since: self.held.since, proven: false };
                counted.extend(self.release().iter().map(|_| Outcome::Margin));
                counted.push(Outcome::Margin);
                return;
            }
            counted.extend(self.release());
        }
        if is_header(record) {
            self.held.apart = gap || !self.held.rows.is_empty();
            self.held.width = Some(record.len());
            self.hold(outcome, record, line);
        } else if filled(record) == 1 && self.held.rows.len() < TITLES {
            self.hold(outcome, record, line);
        } else {
            counted.extend(self.release());
            counted.push(outcome);
        }
    }

    fn among_others(&mut self, outcome: Outcome, record: &StringRecord, proven: bool) -> Outcome {
        match outcome {
            Outcome::Header => {
                if margin::is_header(&self.mapping, record) {
                    self.return_to_ours();
                }
                outcome
            }
            outcome if !proven && outcome.day().is_some() => {
                self.return_to_ours();
                outcome
            }
            Outcome::Refused(_) if !proven && self.is_to_come(record) => outcome,
            _ => Outcome::Margin,
        }
    }

    /// Titles of words above a header are no rows.
    fn end_titles(&mut self) -> Vec<Outcome> {
        let words = self.held.width.is_none() && !self.held.figures;
        let held = self.release();
        if words { held.iter().map(|_| Outcome::Margin).collect() } else { held }
    }

    fn return_to_ours(&mut self) {
        if let Place::Other { since, .. } = self.place {
            if self.passed.len() < TOLD {
                self.passed.push((since, self.last_line.max(since)));
            }
            self.place = Place::Ours;
        }
    }

    fn hold(&mut self, outcome: Outcome, record: &StringRecord, line: u64) {
        if self.held.rows.is_empty() {
            self.held.since = line;
        }
        self.held.figures |= record.as_slice().contains(char::is_numeric);
        self.held.rows.push(outcome);
    }

    fn release(&mut self) -> Vec<Outcome> {
        std::mem::take(&mut self.held).rows
    }

    /// Whether a row has a day within a year from today: it may be an appointment, and is never passed over.
    fn is_to_come(&self, record: &StringRecord) -> bool {
        let Some(today) = self.today else { return false };
        let rules = Rules {
            zone: &TimeZone::UTC,
            order: None,
            instants_are_local: true,
            excel_1904: false,
            births: false,
        };
        let year = today.checked_add(366.days()).unwrap_or(today);
        let mut days = record.iter().filter_map(|cell| When::read(clean(cell), &rules).ok());
        days.any(|when| today < when.date && when.date <= year)
    }
}

fn filled(record: &StringRecord) -> usize {
    record.iter().filter(|cell| !clean(cell).is_empty()).count()
}

/// Whether a row has the look of a header: words side by side, each once, and no figure among them.
fn is_header(record: &StringRecord) -> bool {
    let mut cells: Vec<&str> = record.iter().map(clean).collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    let words = |cell: &&str| !cell.is_empty() && !cell.contains(char::is_numeric);
    let once = |(nth, cell): (usize, &&str)| !cells[..nth].contains(cell);
    cells.len() >= 2 && cells.iter().all(words) && cells.iter().enumerate().all(once)
}
