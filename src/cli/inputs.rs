//! From the settings to what the intake is told: where rows come from, and how they are read.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::error::CommandError;
use crate::config::Config;
use crate::config::address::SecretUrl;
use crate::config::source::{ColumnRef, ContactKey, DayOrder, Origin};
use crate::domain::appointment::Appointment;
use crate::domain::status::{Change, Vocabulary};
use crate::intake::database::{Period, Query};
use crate::intake::{self, Contact, ContactsReading, Lookup, Source};

/// How long a query may take unless the settings say otherwise.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Opens the source of appointments; a database is asked for those of this period.
pub fn open(
    config: &Config,
    settings: &intake::Settings,
    period: Period,
) -> Result<Source, CommandError> {
    Ok(match &config.source.origin {
        Some(Origin::File(path)) => Source::open(&intake::Origin::File(path.clone()), settings)?,
        Some(Origin::Stdin) => Source::open(&intake::Origin::Stdin, settings)?,
        Some(Origin::Database(url)) => Source::query(&source_query(config, url, period), settings)?,
        None => {
            return Err(CommandError::usage("Where the appointments are is not said.").hint(
                "Name a file, or - for standard input; or set url under [source] in wxremind.toml.",
            ));
        }
    })
}

/// Whether the queries of the settings can be sent to the databases of the settings; no server is asked.
pub fn check(config: &Config, period: Period) -> Result<(), CommandError> {
    if let Some(Origin::Database(url)) = &config.source.origin {
        intake::database::check(&source_query(config, url, period))?;
    }
    if let Some(Origin::Database(url)) = contacts_origin(config) {
        intake::database::check(&contacts_query(config, url, period))?;
    }
    Ok(())
}

/// The question to a database of appointments.
pub fn source_query(config: &Config, url: &SecretUrl, period: Period) -> Query {
    let told = &config.source;
    query(config, url, [&told.query, &told.table], told.timeout, period)
}

/// Reads the contacts, where there are any: `None` where there are none.
pub fn contacts(
    config: &Config,
    settings: &intake::ContactSettings,
    period: Period,
    each: &mut dyn FnMut(&Contact<'_>),
) -> Result<Option<ContactsReading>, CommandError> {
    let reading = match contacts_origin(config) {
        None => return Ok(None),
        Some(Origin::File(path)) => {
            intake::contacts(&intake::Origin::File(path.clone()), settings, each)?
        }
        Some(Origin::Stdin) => intake::contacts(&intake::Origin::Stdin, settings, each)?,
        Some(Origin::Database(url)) => {
            intake::contacts_of_database(&contacts_query(config, url, period), settings, each)?
        }
    };
    Ok(Some(reading))
}

/// Where contacts are: a query or table without a url is one of the source's own database.
pub fn contacts_origin(config: &Config) -> Option<&Origin> {
    let told = &config.contacts;
    let asked = told.query.is_some() || told.table.is_some();
    told.origin.as_ref().or_else(|| config.source.origin.as_ref().filter(|_| asked))
}

/// The question to a database of contacts.
pub fn contacts_query(config: &Config, url: &SecretUrl, period: Period) -> Query {
    let told = &config.contacts;
    query(config, url, [&told.query, &told.table], told.timeout, period)
}

fn query(
    config: &Config,
    url: &SecretUrl,
    [select, table]: [&Option<String>; 2],
    timeout: Option<Duration>,
    period: Period,
) -> Query {
    Query {
        url: url.expose().to_owned().into(),
        name: url.to_string(),
        select: select.clone(),
        table: table.clone(),
        period,
        zone: config.zone.clone(),
        timeout: timeout.unwrap_or(TIMEOUT),
    }
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

/// A source named on the command line. A password there would be in every list of processes.
pub fn origin(text: &str, place: &str, instead: &str) -> Result<Origin, CommandError> {
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
