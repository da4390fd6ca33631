//! What a source says now of visits in the record: whose they are, and whether they still take place.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::cli::error::CommandError;
use crate::cli::inputs;
use crate::config::Config;
use crate::domain::appointment::{Appointment, Start};
use crate::domain::plan::Person;
use crate::domain::status::Status;
use crate::intake::Row;
use crate::intake::database::Period;
use crate::ledger::Entry;

/// Visits are looked for so far beyond the last one of the record, since they may have been moved.
const MOVED_BY: i64 = 366;

/// The rows of a source that may be about visits of the record.
#[derive(Default)]
pub struct Book {
    /// By appointment id, which some systems use again.
    rows: HashMap<Box<str>, Vec<Seen>>,
}

/// A row: whose visit, when, and how the patient is reached.
pub struct Seen {
    person: Person,
    start: Start,
    status: Status,
    /// The patient's name.
    pub patient: Option<Box<str>>,
    /// The patient's telephone number.
    pub phone: Option<Box<str>>,
}

/// What the source says of a visit.
pub enum Word<'a> {
    /// It is there.
    Here(&'a Seen),
    /// It is there, and does not take place.
    CalledOff(&'a Seen),
    /// It is not there, but the same patient's visit is there under its number at another time.
    Moved(&'a Seen, &'a Start),
    /// Nothing.
    Absent,
}

impl Book {
    /// Reads of the source of the settings what is about visits of these entries, and nothing else.
    pub fn read<'a>(
        config: &Config,
        now: Timestamp,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Result<Self, CommandError> {
        let mut book = Self::default();
        let mut last: Option<Date> = None;
        for entry in entries {
            if let (Some(id), Some(start)) = (&entry.appointment_id, &entry.start) {
                book.rows.entry(id.as_str().into()).or_default();
                last = last.max(Some(start.date));
            }
        }
        let Some(last) = last else { return Ok(book) };
        let mut settings = inputs::source_settings(config)?;
        let today = now.to_zoned_datetime(config.zone.clone()).date();
        let until = last.saturating_add(MOVED_BY.days());
        settings.wanted_days = Some(today..=until);
        let mut source = inputs::open(config, &settings, Period::covering([today, until], today))?;
        source.rows(|row| {
            if let Row::Visit(visit) = row
                && let Some(rows) = book.rows.get_mut(&visit.appointment_id)
            {
                rows.push(Seen::of(*visit));
            }
        })?;
        Ok(book)
    }

    /// What the source says of this entry's visit.
    pub fn word(&self, entry: &Entry) -> Word<'_> {
        let id = entry.appointment_id.as_deref();
        let (Some(rows), Some(start)) = (id.and_then(|id| self.rows.get(id)), &entry.start) else {
            return Word::Absent;
        };
        let patient = Person::known_by(entry.patient_id.as_deref(), entry.openid.as_deref());
        let (here, elsewhere): (Vec<&Seen>, Vec<&Seen>) =
            rows.iter().partition(|seen| seen.start.identity() == start.identity());
        if let Some(seen) = the_one(&patient, &here) {
            return if seen.status == Status::Never {
                Word::CalledOff(seen)
            } else {
                Word::Here(seen)
            };
        }
        // A number that is also another patient's is given out anew, and says nothing of this visit.
        let reused = elsewhere.iter().any(|seen| patient.differs(&seen.person));
        let same = elsewhere.into_iter().find(|seen| patient.is(&seen.person) == Some(true));
        match same.filter(|_| !reused && here.is_empty()) {
            Some(seen) if seen.status == Status::Never => Word::CalledOff(seen),
            Some(seen) => Word::Moved(seen, &seen.start),
            None => Word::Absent,
        }
    }
}

/// The row of this patient among those of one visit; of several that have nothing to compare by, none.
fn the_one<'a>(patient: &Person, rows: &[&'a Seen]) -> Option<&'a Seen> {
    if let Some(seen) = rows.iter().find(|seen| patient.is(&seen.person) == Some(true)) {
        return Some(seen);
    }
    match rows.iter().filter(|seen| !patient.differs(&seen.person)).collect::<Vec<_>>()[..] {
        [seen] => Some(seen),
        _ => None,
    }
}

impl Seen {
    fn of(visit: Appointment) -> Self {
        Self {
            person: Person::of(&visit),
            start: visit.start,
            status: visit.status,
            patient: visit.patient,
            phone: visit.phone,
        }
    }
}
