//! Whom to telephone: visits ahead whose patient no message has reached, and patients reminded of a visit that the
//! source has called off or moved since. Nearest visit first.
//!
//! The ledger keeps neither names nor telephone numbers. Whoever reads the source shows its rows to a [`Book`], which
//! keeps those that may be about visits of the record; without a source an empty one does.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::appointment::{Appointment, Start};
use crate::domain::plan::Person;
use crate::domain::reason::Reason;
use crate::domain::status::Status;
use crate::ledger::{self, Entry, Ledger};

/// What the record says of visits ahead.
#[derive(Default)]
pub struct Ahead {
    unreached: Vec<Entry>,
    reminded: Vec<Entry>,
}

/// Somebody to telephone.
pub struct Call {
    /// The message, or the row that got none.
    pub entry: Entry,
    /// The patient's name, where the source was read and tells it. Personal.
    pub patient: Option<Box<str>>,
    /// The telephone number, likewise.
    pub phone: Option<Box<str>>,
    /// What has become of the visit since the patient was reminded of it; `None` for one whom no message has reached.
    pub since: Option<Since>,
    /// Whether the source, as far as it was read, does not know the visit.
    pub absent: bool,
}

/// What has become of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// It does not take place.
    Cancelled,
    /// It takes place then.
    Moved(Start),
}

impl Ahead {
    /// Reads it, for one account or for all. Nobody is telephoned about a visit that does not take place.
    pub fn read(
        ledger: &mut Ledger,
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, ledger::Error> {
        let (mut unreached, mut reminded) = (ledger.unreached(now)?, ledger.reminded(now)?);
        for entries in [&mut unreached, &mut reminded] {
            entries.retain(|entry| account.is_none_or(|account| entry.account == account));
        }
        unreached.retain(|entry| entry.reason.as_deref() != Some(Reason::NotTakingPlace.as_str()));
        Ok(Self { unreached, reminded })
    }

    /// How many visits no message has reached, whatever the source says of them.
    pub const fn unreached(&self) -> usize {
        self.unreached.len()
    }

    /// An empty book that waits for rows about these visits, and the day of the last of them; none where there is
    /// nothing to wait for.
    pub fn book(&self) -> (Book, Option<Date>) {
        let (mut book, mut last) = (Book::default(), None);
        for entry in self.unreached.iter().chain(&self.reminded) {
            if let (Some(id), Some(start)) = (&entry.appointment_id, &entry.start) {
                book.rows.entry(id.as_str().into()).or_default();
                last = last.max(Some(start.date));
            }
        }
        (book, last)
    }

    /// Whom to telephone, by what the source says now: not those unreached about whose visit there is nothing to be said
    /// any more, and not those reminded who know of the new time.
    pub fn calls(self, book: &Book) -> Vec<Call> {
        let mut calls = Vec::new();
        for entry in &self.unreached {
            match book.word(entry) {
                Word::Here(seen) => calls.push(Call::about(entry, Some(seen), None)),
                Word::Absent => calls.push(Call::about(entry, None, None)),
                Word::CalledOff(_) | Word::Moved(_) => {}
            }
        }
        for entry in &self.reminded {
            let (seen, since) = match book.word(entry) {
                Word::CalledOff(seen) => (seen, Since::Cancelled),
                Word::Moved(seen) if !tells(&self.reminded, entry, &seen.start) => {
                    (seen, Since::Moved(seen.start.clone()))
                }
                Word::Moved(_) | Word::Here(_) | Word::Absent => continue,
            };
            calls.push(Call::about(entry, Some(seen), Some(since)));
        }
        calls.sort_by(|a, b| {
            (a.by(), &a.entry.appointment_id).cmp(&(b.by(), &b.entry.appointment_id))
        });
        calls
    }
}

impl Call {
    /// By when to telephone: the patient of a moved visit would come at the old time, and should at the new one.
    fn by(&self) -> Option<&Start> {
        let moved = match &self.since {
            Some(Since::Moved(to)) => Some(to),
            Some(Since::Cancelled) | None => None,
        };
        self.entry.start.iter().chain(moved).min()
    }

    fn about(entry: &Entry, seen: Option<&Seen>, since: Option<Since>) -> Self {
        Self {
            entry: entry.clone(),
            patient: seen.and_then(|seen| seen.patient.clone()),
            phone: seen.and_then(|seen| seen.phone.clone()),
            since,
            absent: seen.is_none(),
        }
    }
}

/// Whether the same patient has a reminder for the new time.
fn tells(reminded: &[Entry], entry: &Entry, to: &Start) -> bool {
    let same = |other: &&Entry| {
        (&other.account, &other.appointment_id) == (&entry.account, &entry.appointment_id)
            && (other.patient_id == entry.patient_id || other.openid == entry.openid)
    };
    let at = |other: &Entry| other.start.as_ref().is_some_and(|at| at.identity() == to.identity());
    reminded.iter().filter(same).any(at)
}

/// The rows of a source that may be about visits of the record.
#[derive(Default)]
pub struct Book {
    /// By appointment id, which some systems use again.
    rows: HashMap<Box<str>, Vec<Seen>>,
}

/// A row: whose visit, when, and how the patient is reached.
struct Seen {
    person: Person,
    start: Start,
    status: Status,
    patient: Option<Box<str>>,
    phone: Option<Box<str>>,
}

/// What the source says of a visit.
enum Word<'a> {
    /// It is there.
    Here(&'a Seen),
    /// It is there, and does not take place.
    CalledOff(&'a Seen),
    /// It is not there, but the same patient's visit is there under its number at another time.
    Moved(&'a Seen),
    /// Nothing.
    Absent,
}

impl Book {
    /// Shows it a row of the source; it keeps what it waits for.
    pub fn show(&mut self, row: Appointment) {
        if let Some(rows) = self.rows.get_mut(&row.appointment_id) {
            rows.push(Seen {
                person: Person::of(&row),
                start: row.start,
                status: row.status,
                patient: row.patient,
                phone: row.phone,
            });
        }
    }

    fn word(&self, entry: &Entry) -> Word<'_> {
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
            Some(seen) => Word::Moved(seen),
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
