//! From the settings to what the intake is told: where rows come from, and how they are read.

use std::path::Path;
use std::sync::Arc;

use crate::cli::error::CommandError;
use crate::config::Config;
use crate::config::source::{ColumnRef, ContactKey, DayOrder, Origin};
use crate::domain::appointment::Appointment;
use crate::domain::status::{Change, Vocabulary};
use crate::intake::{self, Lookup};

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

/// How the source is read; a file that says what its codes stand for is read here.
pub fn source_settings(config: &Config) -> Result<intake::Settings, CommandError> {
    let told = &config.source;
    let lookup = told.lookup.as_ref().map(|path| lookup(path)).transpose()?;
    Ok(intake::Settings {
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
        vocabulary: Vocabulary::with(&Change {
            remind: told.remind.as_deref(),
            also: &told.also,
            hold: &told.hold,
            never: &told.never,
        }),
        zone: config.zone.clone(),
        encoding: told.encoding.clone(),
        day_order: told.day_order.map(day_order),
        instants_are_local: told.instants_are_local,
        excel_1904: told.excel_1904,
        numeric: told.numeric.iter().filter_map(|name| name.parse().ok()).collect(),
        lookup,
        sheet: told.sheet.clone(),
        ..intake::Settings::default()
    })
}

fn lookup(path: &Path) -> Result<Arc<Lookup>, CommandError> {
    Ok(Arc::new(Lookup::read(&intake::Origin::File(path.to_owned()), None)?))
}

/// The key under which contacts have a patient: the number, or the telephone number in its international form.
pub fn contact_key(config: &Config) -> impl Fn(&Appointment) -> Option<Box<str>> {
    let by_phone = config.contacts.key == ContactKey::Phone;
    let country = country(config);
    move |visit| {
        if by_phone {
            phone_key(visit.phone.as_deref(), country.as_deref())
        } else {
            visit.patient_id.clone()
        }
    }
}

/// A telephone number in its international form.
pub fn phone_key(phone: Option<&str>, country: Option<&str>) -> Option<Box<str>> {
    intake::e164(phone?, country).map(Into::into)
}

/// The calling code of numbers that have none: the setting's, else that of the clinic's own city where eight digits
/// alone are a number.
pub fn country(config: &Config) -> Option<String> {
    let own = match config.zone.iana_name() {
        Some("Asia/Hong_Kong") => Some("852"),
        Some("Asia/Macau" | "Asia/Macao") => Some("853"),
        Some("Asia/Singapore") => Some("65"),
        Some("Asia/Kuala_Lumpur" | "Asia/Kuching") => Some("60"),
        Some("Asia/Taipei") => Some("886"),
        Some("Asia/Shanghai") => Some("86"),
        _ => None,
    };
    config.contacts.country.clone().or_else(|| own.map(str::to_owned))
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
        encoding: told.encoding.clone(),
        zone: config.zone.clone(),
        day_order: config.source.day_order.map(day_order),
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
