//! From the settings to what the intake is told: where rows come from, and how they are read.

use crate::cli::error::CommandError;
use crate::config::Config;
use crate::config::source::{ColumnRef, ContactKey, DayOrder, Origin};
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

/// Standard input can be read once: it is not both contacts and something else.
pub fn one_reader_of_stdin(
    config: &Config,
    taken: bool,
    by: &'static str,
) -> Result<(), CommandError> {
    if taken && config.contacts.origin.as_ref().is_some_and(Origin::is_stdin) {
        return Err(CommandError::usage(format!(
            "{by} and contacts cannot both come from standard input."
        ))
        .hint("Name a file for one of them."));
    }
    Ok(())
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
