//! From the settings to what the intake is told: where rows come from, and how they are read.

use std::collections::HashMap;
use std::path::Path;

use crate::cli::error::CommandError;
use crate::config::Config;
use crate::config::source::{ColumnRef, ContactKey, DayOrder, Origin};
use crate::domain::plan::{Contacts, Found, Wanted};
use crate::domain::status::Vocabulary;
use crate::intake;

/// The source of appointments.
pub fn source(config: &Config) -> Result<intake::Origin, CommandError> {
    match &config.source.origin {
        Some(origin) => reachable(origin),
        None => Err(CommandError::usage("Where the appointments are is not said.").hint(
            "Name a file, or - for standard input; or set url under [source] in wxremind.toml.",
        )),
    }
}

/// The contacts, where there are any.
pub fn contacts(config: &Config) -> Result<Option<intake::Origin>, CommandError> {
    config.contacts.origin.as_ref().map(reachable).transpose()
}

fn reachable(origin: &Origin) -> Result<intake::Origin, CommandError> {
    match origin {
        Origin::File(path) => Ok(intake::Origin::File(path.clone())),
        Origin::Stdin => Ok(intake::Origin::Stdin),
        Origin::Database(_) => {
            Err(CommandError::configuration("Reading from a database is not supported yet.")
                .hint("Export the appointments to a CSV file, and name that."))
        }
    }
}

/// A source named on the command line. A password there would be in every list of processes.
pub fn named(text: &str, place: &str, instead: &str) -> Result<Origin, CommandError> {
    let origin = Origin::parse(text, Path::new("")).ok_or_else(|| {
        CommandError::usage(format!("{place} must be a file, - or a database address."))
    })?;
    match origin {
        Origin::Database(url) if url.has_password() => Err(CommandError::usage(
            "A password on the command line can be read by everybody on this machine.",
        )
        .hint(format!("Give the address by {instead}."))),
        origin => Ok(origin),
    }
}

/// How the source is read.
pub fn source_settings(config: &Config) -> intake::Settings {
    let told = &config.source;
    intake::Settings {
        columns: told
            .columns
            .iter()
            .filter_map(|(name, refs)| Some((name.parse().ok()?, columns(refs))))
            .collect(),
        defaults: config
            .defaults
            .iter()
            .filter_map(|(name, value)| Some((name.parse().ok()?, value.clone())))
            .collect(),
        vocabulary: Vocabulary::with(told.remind.as_deref(), &told.never),
        zone: config.zone.clone(),
        encoding: told.encoding.clone(),
        day_order: told.day_order.map(day_order),
        ..intake::Settings::default()
    }
}

/// How contacts are read.
pub fn contact_settings(config: &Config) -> intake::ContactSettings {
    let told = &config.contacts;
    intake::ContactSettings {
        columns: told
            .columns
            .iter()
            .filter_map(|(name, refs)| Some((name.parse().ok()?, columns(refs))))
            .collect(),
        key: match told.key {
            ContactKey::PatientId => intake::Column::PatientId,
            ContactKey::Phone => intake::Column::Phone,
        },
        zone: config.zone.clone(),
        day_order: config.source.day_order.map(day_order),
        ..intake::ContactSettings::default()
    }
}

/// Reads contacts: the openids of the wanted patients, and what the reading came to.
pub fn openids(
    config: &Config,
    origin: &intake::Origin,
    wanted: &Wanted,
) -> Result<(Contacts, intake::ContactsReading), CommandError> {
    let mut candidates: HashMap<Box<str>, intake::Candidates> = HashMap::new();
    let reading = intake::contacts(origin, &contact_settings(config), &mut |contact| {
        if let Some(patient) = contact.patient_id.filter(|patient| wanted.contains(*patient)) {
            candidates.entry(patient.into()).or_default().add(contact.openid, contact.bound_at);
        }
    })?;
    let found = |candidates: &intake::Candidates| match candidates.choose() {
        Ok(openid) => openid.map(|openid| Found::One(openid.into())),
        Err(_) => Some(Found::Several),
    };
    let found = candidates
        .into_iter()
        .filter_map(|(patient, candidates)| Some((patient, found(&candidates)?)))
        .collect();
    Ok((found, reading))
}

fn columns(refs: &[ColumnRef]) -> Vec<intake::ColumnRef> {
    let column = |one: &ColumnRef| match one {
        ColumnRef::Title(title) => intake::ColumnRef::Header(title.clone()),
        ColumnRef::Number(number) => intake::ColumnRef::Index(*number),
    };
    refs.iter().map(column).collect()
}

const fn day_order(order: DayOrder) -> intake::DayOrder {
    match order {
        DayOrder::DayFirst => intake::DayOrder::Dmy,
        DayOrder::MonthFirst => intake::DayOrder::Mdy,
    }
}
