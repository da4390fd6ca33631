//! `log unreached`: whom to telephone.
//!
//! The ledger keeps neither names nor telephone numbers; with a source they are taken from it, and so is what has become
//! of the visits since.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::book::{Book, Seen, Word};
use super::format::{self, Format, Rows};
use super::record::Record;
use super::{filter, personal};
use crate::cli::books;
use crate::cli::count::count;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::{Context, Rehearsal, inputs};
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::appointment::Start;
use crate::domain::reason::Reason;
use crate::domain::{mask, privacy};
use crate::ledger::Entry;

/// The arguments of `log unreached`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The appointments, for names and telephone numbers: a file, - for standard input, or a database address without a
    /// password. Default: the database of the settings, where [source] url is one.
    source: Option<String>,
    /// How the list is written; CSV is for spreadsheet programs.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Show names, telephone numbers and ids whole; the record remembers who did.
    #[arg(long)]
    show_personal_data: bool,
    /// Pretend that it is TIME.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Unreached(Vec<Person>);

#[derive(Debug, Serialize)]
struct Person {
    #[serde(flatten)]
    record: Record,
    patient: Option<String>,
    phone: Option<String>,
    /// What the source says now of a visit that was reminded: `cancelled`, `moved to 2026-12-03 10:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// Whether the source does not know the visit.
    #[serde(skip)]
    absent: bool,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let mut config = context.config()?;
    let rehearsal = Rehearsal { simulate: false, now: arguments.now.clone() };
    let now = context.clock(&config, &rehearsal, true)?.now();
    let account = filter::account(&config, context.globals.account.is_some())?;
    let (mut unreached, mut reminded) = match books::look(&config)? {
        Some(mut ledger) => (ledger.unreached(now)?, ledger.reminded(now)?),
        None => (Vec::new(), Vec::new()),
    };
    for entries in [&mut unreached, &mut reminded] {
        entries.retain(|entry| account.as_ref().is_none_or(|account| entry.account == *account));
    }
    // Nobody is telephoned about a visit that does not take place.
    unreached.retain(|entry| entry.reason.as_deref() != Some(Reason::NotTakingPlace.as_str()));
    let asked = arguments.source.is_some();
    if let Some(source) = &arguments.source {
        config.source.origin = Some(inputs::origin(source, "SOURCE", "WXREMIND_SOURCE")?);
    }
    let read = || Book::read(&config, now, unreached.iter().chain(&reminded));
    let book = match &config.source.origin {
        // The list itself does not need the hospital's database.
        Some(Origin::Database(_)) if !asked => read().unwrap_or_else(|error| {
            context.ui.warn(format!("Names and numbers are missing: {}", error.message));
            Book::default()
        }),
        Some(_) if asked => read()?,
        _ => Book::default(),
    };
    if arguments.show_personal_data {
        personal::record_unmasked(&config, "log unreached")?;
    }
    let list = List { config: &config, book: &book, unmasked: arguments.show_personal_data };
    let people = list.people(&unreached, &reminded);
    let moot = unreached.len() - people.iter().filter(|one| one.since.is_none()).count();
    if moot > 0 {
        context
            .ui
            .note(format!("Left out, since cancelled or moved: {}.", count(moot as u64, "visit")));
    }
    if asked {
        let strangers = people.iter().filter(|one| one.absent).count() as u64;
        if strangers > 0 {
            context.ui.warn(format!("Not in the source, of these: {}.", count(strangers, "visit")));
        }
    }
    if people.iter().any(|one| one.phone.is_some()) && !arguments.show_personal_data {
        context.ui.note(
            "Names and numbers are masked; --show-personal-data shows them whole, and is recorded.",
        );
    }
    if people.is_empty() {
        context.ui.note("Nobody needs to be telephoned.");
    }
    format::show(&mut context.ui, arguments.format, &Unreached(people))?;
    Ok(Exit::Done)
}

/// What the list is made with.
struct List<'a> {
    config: &'a Config,
    book: &'a Book,
    unmasked: bool,
}

impl List<'_> {
    /// Whom to telephone: the unreached, unless the source says that there is nothing to be said any more, and those
    /// who were reminded of a visit that the source has called off or moved since. Nearest visit first.
    fn people(&self, unreached: &[Entry], reminded: &[Entry]) -> Vec<Person> {
        let mut people = Vec::new();
        for entry in unreached {
            match self.book.word(entry) {
                Word::Here(seen) => people.push((entry, self.person(entry, Some(seen), None))),
                Word::Absent => people.push((entry, self.person(entry, None, None))),
                Word::CalledOff(_) | Word::Moved(..) => {}
            }
        }
        for entry in reminded {
            let (seen, since) = match self.book.word(entry) {
                Word::CalledOff(seen) => (seen, "cancelled".to_owned()),
                // Whoever was reminded of the new time too knows.
                Word::Moved(seen, to) if !tells(reminded, entry, to) => {
                    (seen, format!("moved to {to}"))
                }
                Word::Moved(..) | Word::Here(_) | Word::Absent => continue,
            };
            people.push((entry, self.person(entry, Some(seen), Some(since))));
        }
        people.sort_by(|(a, _), (b, _)| {
            (a.visit_at, &a.appointment_id).cmp(&(b.visit_at, &b.appointment_id))
        });
        people.into_iter().map(|(_, person)| person).collect()
    }

    fn person(&self, entry: &Entry, seen: Option<&Seen>, since: Option<String>) -> Person {
        let shown = |value: Option<&str>, mask: fn(&str) -> String| {
            value.map(|value| if self.unmasked { value.to_owned() } else { mask(value) })
        };
        Person {
            record: Record::of(entry, &self.config.zone, self.unmasked),
            patient: shown(seen.and_then(|seen| seen.patient.as_deref()), privacy::mask_name),
            phone: shown(seen.and_then(|seen| seen.phone.as_deref()), mask::phone),
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

impl Person {
    /// Why to telephone.
    fn why(&self) -> String {
        match &self.since {
            Some(since) => format!("reminded, but {since} since"),
            None => self.record.why_in_full(),
        }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut shown = table(&["visit", "appointment", "patient", "phone", "state", "why"]);
        for person in &self.0 {
            let Person { record, patient, phone, .. } = person;
            let patient = patient.as_deref().or(record.patient_id.as_deref());
            shown.add_row(row([
                record.local.start.as_str(),
                record.subject(),
                patient.unwrap_or("-"),
                phone.as_deref().unwrap_or("-"),
                record.state.as_str(),
                &person.why(),
            ]));
        }
        write!(f, "{}", shown.trim_fmt())
    }
}

impl Rows for Unreached {
    fn header(&self) -> Vec<&'static str> {
        vec![
            "start",
            "slot",
            "appointment_id",
            "patient_id",
            "patient",
            "phone",
            "state",
            "errcode",
            "why",
            "message_id",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let row = |person: &Person| {
            let Person { record, patient, phone, .. } = person;
            vec![
                text(&record.start),
                text(&record.slot),
                text(&record.appointment_id),
                text(&record.patient_id),
                text(patient),
                text(phone),
                record.state.to_string(),
                record.errcode.map(|code| code.to_string()).unwrap_or_default(),
                person.why(),
                record.message_id.clone(),
            ]
        };
        self.0.iter().map(row).collect()
    }
}
