//! `[defaults]`, `[source]` and `[contacts]`: where appointments and openids come from, and how they are read.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Time;

use super::address::SecretUrl;
use super::document::{Section, Value, beside, nearest};
use super::error::Error;
use super::messages::duration;

/// The columns that a source may have, by the names that settings use.
pub const COLUMNS: [&str; 13] = [
    "appointment_id",
    "openid",
    "patient_id",
    "patient",
    "phone",
    "start",
    "time",
    "department",
    "doctor",
    "hospital",
    "campus",
    "location",
    "status",
];

/// Columns that may hold numbers, of which a spreadsheet makes `12345.0`. Of a telephone number it is always known.
const NUMBERS: [&str; 2] = ["appointment_id", "patient_id"];

/// What contacts may have beyond [`COLUMNS`].
const CONTACT_COLUMNS: [&str; 6] =
    ["openid", "patient_id", "patient", "phone", "birth_date", "bound_at"];

/// Where something is read from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file; a relative path of the settings is already made whole.
    File(std::path::PathBuf),
    /// Standard input, written `-`.
    Stdin,
    /// A database: `sqlite:`, `postgres:`, `mysql:` or `odbc:`.
    Database(SecretUrl),
}

impl Origin {
    /// Whether it is standard input, which can be read once.
    pub const fn is_stdin(&self) -> bool {
        matches!(self, Self::Stdin)
    }
}

/// A column of the source, by its title or its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRef {
    /// The title in the header.
    Title(String),
    /// Which column, from 1.
    Number(usize),
}

/// The order of day and month in dates such as 03/04/2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    /// The day first.
    DayFirst,
    /// The month first.
    MonthFirst,
}

/// `[source]`.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// `url`: where appointments are, unless the command line says.
    pub origin: Option<Origin>,
    /// The SQL that selects them, with `:from` and `:to`.
    pub query: Option<String>,
    /// A table or view to read instead of a query.
    pub table: Option<String>,
    /// How long the query may take.
    pub timeout: Option<Duration>,
    /// The encoding of the text, by its WHATWG label; `None` detects it.
    pub encoding: Option<String>,
    /// `day_order`; `None` finds out or refuses.
    pub day_order: Option<DayOrder>,
    /// `lookup`: a table that turns codes into names.
    pub lookup: Option<std::path::PathBuf>,
    /// `sheet`: which sheet of a workbook.
    pub sheet: Option<String>,
    /// `numeric`: columns of whole numbers, so that a `.0` at their end is dropped.
    pub numeric: Vec<&'static str>,
    /// `instants_are_local`: `2026-11-30T09:00:00Z` means nine o'clock in the clinic.
    pub instants_are_local: bool,
    /// `excel_1904`: day numbers count from 1904.
    pub excel_1904: bool,
    /// `[source.columns]`: canonical column to the source's own.
    pub columns: BTreeMap<&'static str, Vec<ColumnRef>>,
    /// `[source.status] remind`: the statuses that allow a reminder, instead of the built-in list.
    pub remind: Option<Vec<String>>,
    /// `[source.status] also`: statuses that allow one as well.
    pub also: Vec<String>,
    /// `[source.status] hold`: statuses of visits that are not firm yet, beside the built-in list.
    pub hold: Vec<String>,
    /// `[source.status] never`: statuses that forbid one, beside the built-in list.
    pub never: Vec<String>,
    /// `[source.sessions]`: the clock time of a session such as 上午.
    pub sessions: BTreeMap<String, Time>,
}

/// `[contacts]`.
#[derive(Clone, Debug)]
pub struct Contacts {
    /// `url`, if it is set.
    pub origin: Option<Origin>,
    /// The SQL that selects them.
    pub query: Option<String>,
    /// A table or view to read instead of a query.
    pub table: Option<String>,
    /// How long the query may take.
    pub timeout: Option<Duration>,
    /// The column that the source's rows are matched by.
    pub key: ContactKey,
    /// `country`: the calling code of telephone numbers that have none, such as `65`.
    pub country: Option<String>,
    /// `encoding` of the text; `None` detects it.
    pub encoding: Option<String>,
    /// `[contacts.columns]`.
    pub columns: BTreeMap<&'static str, Vec<ColumnRef>>,
}

/// `[contacts] key`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContactKey {
    /// By the patient's id.
    #[default]
    PatientId,
    /// By telephone number.
    Phone,
}

impl Origin {
    /// What [`Origin::parse`] takes.
    const FORM: &str =
        "a file, \"-\", or a database address that begins with sqlite:, postgres:, mysql: or odbc:";

    /// Reads it; a relative file starts in the folder of `file`.
    pub fn parse(text: &str, file: &std::path::Path) -> Option<Self> {
        if text == "-" {
            return Some(Self::Stdin);
        }
        match text.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Some(Self::Database(SecretUrl::new(beside_in_url(file, text)))),
            Some("postgres" | "postgresql" | "mysql" | "mariadb" | "odbc") => {
                Some(Self::Database(SecretUrl::new(text)))
            }
            // A scheme that no reader knows, and not a file with a colon in its name.
            Some(_) if text.contains("://") => None,
            _ => Some(Self::File(beside(file, text))),
        }
    }
}

impl Source {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let day_order = [("day-first", DayOrder::DayFirst), ("month-first", DayOrder::MonthFirst)];
        let mut status = section.section("status")?;
        let source = Self {
            origin: origin(&mut section)?,
            query: text(&mut section, "query")?,
            table: text(&mut section, "table")?,
            timeout: duration(&mut section, "timeout")?,
            encoding: section.take("encoding").map(|value| encoding(&value)).transpose()?,
            day_order: section.take("day_order").map(|value| value.word(&day_order)).transpose()?,
            lookup: section.take("lookup").map(|value| value.path()).transpose()?,
            sheet: text(&mut section, "sheet")?,
            numeric: section
                .take("numeric")
                .map(|value| numeric(&value))
                .transpose()?
                .unwrap_or_default(),
            instants_are_local: switch(&mut section, "instants_are_local")?,
            excel_1904: switch(&mut section, "excel_1904")?,
            columns: columns(section.section("columns")?, &COLUMNS)?,
            remind: status.take("remind").map(|value| value.texts()).transpose()?,
            also: words(&mut status, "also")?,
            hold: words(&mut status, "hold")?,
            never: words(&mut status, "never")?,
            sessions: sessions(section.section("sessions")?)?,
        };
        status.finish()?;
        section.finish()?;
        Ok(source)
    }
}

impl Contacts {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let keys = [("patient_id", ContactKey::PatientId), ("phone", ContactKey::Phone)];
        let contacts = Self {
            origin: origin(&mut section)?,
            query: text(&mut section, "query")?,
            table: text(&mut section, "table")?,
            timeout: duration(&mut section, "timeout")?,
            key: section
                .take("key")
                .map(|value| value.word(&keys))
                .transpose()?
                .unwrap_or_default(),
            country: section
                .take("country")
                .map(|value| value.parsed(COUNTRY, country))
                .transpose()?,
            encoding: section.take("encoding").map(|value| encoding(&value)).transpose()?,
            columns: columns(section.section("columns")?, &CONTACT_COLUMNS)?,
        };
        section.finish()?;
        Ok(contacts)
    }
}

/// A SQLite address whose relative path starts in the folder of the settings file.
fn beside_in_url(file: &std::path::Path, text: &str) -> String {
    let rest = text.strip_prefix("sqlite:").unwrap_or(text);
    let (path, parameters) = match rest.split_once('?') {
        Some((path, parameters)) => (path, format!("?{parameters}")),
        None => (rest, String::new()),
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() {
        return text.to_owned();
    }
    format!("sqlite:{}{parameters}", beside(file, path).display())
}

/// `[defaults]`: a value for any canonical column that the source does not give.
pub(super) fn defaults(section: Section<'_>) -> Result<BTreeMap<&'static str, String>, Error> {
    let entries = section.known_entries(&COLUMNS)?;
    entries.into_iter().map(|(column, value)| Ok((column, value.text()?.to_owned()))).collect()
}

fn text(section: &mut Section<'_>, key: &'static str) -> Result<Option<String>, Error> {
    section.take(key).map(|value| value.text().map(str::to_owned)).transpose()
}

fn words(section: &mut Section<'_>, key: &'static str) -> Result<Vec<String>, Error> {
    Ok(section.take(key).map(|value| value.texts()).transpose()?.unwrap_or_default())
}

fn switch(section: &mut Section<'_>, key: &'static str) -> Result<bool, Error> {
    Ok(section.take(key).map(|value| value.boolean()).transpose()?.unwrap_or(false))
}

const COUNTRY: &str = "a calling code such as \"86\", \"852\" or \"65\"";

/// `65` from that or from `+65`.
fn country(text: &str) -> Option<String> {
    let code = text.strip_prefix('+').unwrap_or(text);
    let fits = (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| code.to_owned())
}

fn numeric(value: &Value<'_>) -> Result<Vec<&'static str>, Error> {
    let form = format!("one of {}", NUMBERS.join(", "));
    let column = |text: &str| NUMBERS.into_iter().find(|column| *column == text);
    value.items().iter().map(|item| item.parsed(&form, column)).collect()
}

fn origin(section: &mut Section<'_>) -> Result<Option<Origin>, Error> {
    section
        .take("url")
        .map(|value| value.parsed(Origin::FORM, |text| Origin::parse(text, value.file())))
        .transpose()
}

fn columns(
    section: Section<'_>,
    known: &[&'static str],
) -> Result<BTreeMap<&'static str, Vec<ColumnRef>>, Error> {
    let entries = section.known_entries(known)?;
    entries
        .into_iter()
        .map(|(column, value)| {
            let references = value.items().iter().map(column_ref).collect::<Result<Vec<_>, _>>()?;
            if references.is_empty() {
                Err(value.error("must not be empty"))
            } else {
                Ok((column, references))
            }
        })
        .collect()
}

fn column_ref(value: &Value<'_>) -> Result<ColumnRef, Error> {
    if value.is_text() {
        return Ok(ColumnRef::Title(value.text()?.to_owned()));
    }
    value.whole(1, 10_000).map(ColumnRef::Number).map_err(|_| {
        value.error("must be a column's title, its number from 1, or a list of these, as [\"就诊日期\", \"时段\"]")
    })
}

fn encoding(value: &Value<'_>) -> Result<String, Error> {
    const USUAL: [&str; 6] = ["utf-8", "gb18030", "gbk", "big5", "utf-16le", "utf-16be"];
    let text = value.text()?;
    if encoding_rs::Encoding::for_label(text.as_bytes()).is_some() {
        return Ok(text.to_owned());
    }
    let meant =
        nearest(text, &USUAL).map_or_else(String::new, |near| format!("; the nearest is {near}"));
    Err(value.error(format!("must be an encoding such as {}{meant}", USUAL.join(", "))))
}

fn sessions(section: Section<'_>) -> Result<BTreeMap<String, Time>, Error> {
    let time = |text: &str| text.parse::<Time>().ok();
    section
        .entries()
        .map(|(name, value)| Ok((name.to_owned(), value.parsed("a time such as \"08:00\"", time)?)))
        .collect()
}
