//! `log unreached`: whom to telephone.
//!
//! The ledger keeps neither names nor telephone numbers; with a source they are taken from it, and so is what has become
//! of the visits since.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::format::{self, Format, Rows};
use super::record::Record;
use super::{book, filter, personal};
use crate::cli::books;
use crate::cli::count::count;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::{Context, Rehearsal, inputs};
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::{mask, privacy};
use crate::report::telephone::{Ahead, Book, Call, Since};

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
    let ahead = match books::look(&config)? {
        Some(mut ledger) => Ahead::read(&mut ledger, account.as_deref(), now)?,
        None => Ahead::default(),
    };
    let asked = arguments.source.is_some();
    if let Some(source) = &arguments.source {
        config.source.origin = Some(inputs::origin(source, "SOURCE", "WXREMIND_SOURCE")?);
    }
    let read = || book::read(&config, now, &ahead);
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
    let unreached = ahead.unreached();
    let calls = ahead.calls(&book);
    let person = |call: &Call| Person::of(call, &config, arguments.show_personal_data);
    let people: Vec<Person> = calls.iter().map(person).collect();
    let moot = unreached - people.iter().filter(|one| one.since.is_none()).count();
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

impl Person {
    fn of(call: &Call, config: &Config, unmasked: bool) -> Self {
        let shown = |value: Option<&str>, mask: fn(&str) -> String| {
            value.map(|value| if unmasked { value.to_owned() } else { mask(value) })
        };
        Self {
            record: Record::of(&call.entry, &config.zone, unmasked),
            patient: shown(call.patient.as_deref(), privacy::mask_name),
            phone: shown(call.phone.as_deref(), mask::phone),
            since: call.since.as_ref().map(|since| match since {
                Since::Cancelled => "cancelled".to_owned(),
                Since::Moved(to) => format!("moved to {to}"),
            }),
            absent: call.absent,
        }
    }

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
