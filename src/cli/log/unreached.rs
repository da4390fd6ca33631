//! `log unreached`: whom to telephone.
//!
//! The ledger keeps neither names nor telephone numbers; with a source they are taken from it, by appointment.

use std::collections::HashMap;
use std::fmt;

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::format::{self, Format, Rows};
use super::record::Record;
use super::{filter, personal};
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::{Context, Rehearsal, inputs};
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::reason::Reason;
use crate::domain::{mask, privacy};
use crate::intake::Row;
use crate::intake::database::Period;
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
}

/// Name and telephone number of a patient, from the source.
#[derive(Clone, Default)]
struct Contact {
    patient: Option<Box<str>>,
    phone: Option<Box<str>>,
}

/// Who has which appointment on which day: an appointment id alone may be used again.
type Book = HashMap<(Box<str>, Date), Contact>;

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let mut config = context.config()?;
    let rehearsal = Rehearsal { simulate: false, now: arguments.now.clone() };
    let now = context.clock(&config, &rehearsal, true)?.now();
    let account = filter::account(&config, context.globals.account.is_some())?;
    let mut entries = match books::look(&config)? {
        Some(mut ledger) => ledger.unreached(now)?,
        None => Vec::new(),
    };
    entries.retain(|entry| account.as_ref().is_none_or(|account| entry.account == *account));
    // Nobody is telephoned about a visit that does not take place.
    entries.retain(|entry| entry.reason.as_deref() != Some(Reason::NotTakingPlace.as_str()));
    if let Some(source) = &arguments.source {
        config.source.origin = Some(inputs::origin(source, "SOURCE", "WXREMIND_SOURCE")?);
    }
    let today = now.to_zoned_datetime(config.zone.clone()).date();
    let asked = arguments.source.is_some();
    let book = match &config.source.origin {
        Some(Origin::Database(_)) if !asked => {
            // The list itself does not need the hospital's database.
            book(&config, &entries, today).unwrap_or_else(|error| {
                context.ui.warn(format!("Names and numbers are missing: {}", error.message));
                Book::new()
            })
        }
        Some(_) if asked => book(&config, &entries, today)?,
        _ => Book::new(),
    };
    if arguments.show_personal_data {
        personal::record_unmasked(&config, "log unreached")?;
    }
    let person = |entry: &Entry| Person::of(entry, &config, &book, arguments.show_personal_data);
    let people: Vec<Person> = entries.iter().map(person).collect();
    if asked {
        let strangers =
            people.iter().filter(|one| one.patient.is_none() && one.phone.is_none()).count();
        if strangers > 0 {
            context.ui.warn(format!("{strangers} of these visits are not in the source."));
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

/// Reads names and numbers of the wanted visits, and of no others.
fn book(config: &Config, entries: &[Entry], today: Date) -> Result<Book, CommandError> {
    let mut book = Book::new();
    for entry in entries {
        if let (Some(id), Some(start)) = (&entry.appointment_id, &entry.start) {
            book.insert((id.as_str().into(), start.date), Contact::default());
        }
    }
    let days = book.keys().map(|(_, day)| *day);
    let Some((first, last)) = days.clone().min().zip(days.max()) else { return Ok(book) };
    let mut settings = inputs::source_settings(config)?;
    settings.wanted_days = Some(first..=last);
    let period = Period::covering([first, last], today);
    let mut source = inputs::open(config, &settings, period)?;
    source.rows(|row| {
        if let Row::Visit(visit) = row
            && let Some(contact) = book.get_mut(&(visit.appointment_id, visit.start.date))
        {
            *contact = Contact { patient: visit.patient, phone: visit.phone };
        }
    })?;
    Ok(book)
}

impl Person {
    fn of(entry: &Entry, config: &Config, book: &Book, unmasked: bool) -> Self {
        let record = Record::of(entry, &config.zone, unmasked);
        let key = entry.appointment_id.as_deref().zip(entry.start.as_ref());
        let contact = key.and_then(|(id, start)| book.get(&(id.into(), start.date)));
        let Contact { patient, phone } = contact.cloned().unwrap_or_default();
        let shown = |value: Option<Box<str>>, mask: fn(&str) -> String| {
            value.map(|value| if unmasked { value.into() } else { mask(&value) })
        };
        Self {
            record,
            patient: shown(patient, privacy::mask_name),
            phone: shown(phone, mask::phone),
        }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut shown = table(&["visit", "appointment", "patient", "phone", "state", "why"]);
        for Person { record, patient, phone } in &self.0 {
            let patient = patient.as_deref().or(record.patient_id.as_deref());
            shown.add_row(row([
                record.local.start.as_str(),
                record.subject(),
                patient.unwrap_or("-"),
                phone.as_deref().unwrap_or("-"),
                record.state.as_str(),
                &record.why_in_full(),
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
        let row = |Person { record, patient, phone }: &Person| {
            vec![
                text(&record.start),
                text(&record.slot),
                text(&record.appointment_id),
                text(&record.patient_id),
                text(patient),
                text(phone),
                record.state.to_string(),
                record.errcode.map(|code| code.to_string()).unwrap_or_default(),
                record.why_in_full(),
                record.message_id.clone(),
            ]
        };
        self.0.iter().map(row).collect()
    }
}
