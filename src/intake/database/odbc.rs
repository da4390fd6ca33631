//! Whatever has an ODBC driver: SQL Server, Oracle, DM, KingbaseES, openGauss, IRIS, and others.
//!
//! Wide characters throughout, so that no code page comes between the database and the patient's name.

use std::borrow::Cow;

use csv::StringRecord;
use jiff::civil::Date;
use odbc_api::handles::Record as DiagnosticRecord;
use odbc_api::parameter::{InputParameter, WithDataType};
use odbc_api::sys::{Date as OdbcDate, Timestamp};
use odbc_api::{
    ColumnDescription, Connection, ConnectionOptions, Cursor, CursorRow, DataType, IntoParameter,
    ResultSetMetadata, environment,
};
use secrecy::{ExposeSecret, SecretString};

use super::engine::{Engine, Field, Kind, Sink, Task, quoted, unreadable};
use super::fault::Fault;
use super::query::{Period, Query};
use super::scan::Dialect;
use super::select::{Parameter, Select};

/// How long a login may take, in seconds.
const LOGIN: u32 = 15;

/// A connection by a driver.
pub(super) struct Odbc {
    connection: Connection<'static>,
    server: String,
    quote: char,
    seconds: usize,
    limit: std::time::Duration,
}

impl Odbc {
    /// Connects. Where the server is one whose words are known, the session reads only and has the clinic's zone; the
    /// statement itself holds no word that writes.
    pub fn connect(string: &SecretString, query: &Query) -> Result<Self, Fault> {
        let limit = query.timeout;
        let failed = |error| connecting(&error);
        let options = ConnectionOptions { login_timeout_sec: Some(LOGIN), packet_size: None };
        let connection = environment()
            .map_err(failed)?
            .connect_with_connection_string(string.expose_secret(), options)
            .map_err(failed)?;
        let name = connection.database_management_system_name().map_err(failed)?;
        let quote = connection.identifier_quote_char().ok().flatten();
        let seconds = usize::try_from(limit.as_secs().max(1)).unwrap_or(usize::MAX);
        let odbc = Self {
            connection,
            server: format!("{name} by ODBC"),
            quote: quote.filter(|mark| !mark.is_whitespace()).unwrap_or('"'),
            seconds,
            limit,
        };
        for statement in session(&name, query) {
            odbc.connection
                .execute(&statement, (), Some(seconds))
                .map_err(|error| odbc.fault(&error))?;
        }
        Ok(odbc)
    }

    fn fault(&self, error: &odbc_api::Error) -> Fault {
        match error {
            odbc_api::Error::Diagnostics { record, .. } => {
                let (state, message) = (record.state.as_str().to_owned(), words(record));
                match state.get(..2) {
                    // Timeout expired, and what PostgreSQL says when it cancels a statement.
                    _ if matches!(state.as_str(), "HYT00" | "HYT01" | "57014") => {
                        Fault::TimedOut(self.limit)
                    }
                    Some("08") => Fault::lost(&message),
                    _ => Fault::server(Some(&state), &message),
                }
            }
            error => Fault::lost(error),
        }
    }
}

/// What makes the session read only, and gives it the clinic's zone.
fn session(server: &str, query: &Query) -> Vec<String> {
    let server = server.to_lowercase();
    let zone = query.zone.iana_name().unwrap_or("UTC").replace('\'', "''");
    let is = |names: &[&str]| names.iter().any(|name| server.contains(name));
    if is(&["postgres", "kingbase", "gauss"]) {
        vec!["SET default_transaction_read_only = on".to_owned(), format!("SET TIME ZONE '{zone}'")]
    } else if is(&["mysql", "mariadb"]) {
        let offset = super::mysql::offset(query).unwrap_or(zone);
        vec!["SET SESSION TRANSACTION READ ONLY".to_owned(), format!("SET time_zone = '{offset}'")]
    } else if is(&["sqlite"]) {
        vec!["PRAGMA query_only = 1".to_owned()]
    } else {
        Vec::new()
    }
}

/// What the driver says while a connection is made. It may repeat the connection string in pieces, never the password.
fn connecting(error: &odbc_api::Error) -> Fault {
    match error {
        odbc_api::Error::Diagnostics { record, .. } => match record.state.as_str() {
            "IM002" | "IM003" | "01000" => {
                Fault::Driver { why: super::fault::one_line(&words(record)) }
            }
            state if state.starts_with("28") => Fault::server(Some(state), &words(record)),
            _ => Fault::connect(&words(record)),
        },
        error => Fault::connect(error),
    }
}

/// The driver's message without the `[vendor][driver]` in front.
fn words(record: &DiagnosticRecord) -> String {
    let text = record.to_string();
    let message = text.split_once("Message: ").map_or(text.as_str(), |(_, message)| message);
    let mut rest = message;
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        rest = after.trim_start();
    }
    rest.to_owned()
}

impl Engine for Odbc {
    fn server(&self) -> String {
        self.server.clone()
    }

    fn describe(&mut self, select: &Select) -> Result<Vec<Field>, Fault> {
        let mut statement =
            self.connection.prepare(&select.sql).map_err(|error| self.fault(&error))?;
        let count = statement.num_result_cols().map_err(|error| self.fault(&error))?;
        (1..=count.cast_unsigned())
            .map(|column| field(&mut statement, column).map_err(|error| self.fault(&error)))
            .collect()
    }

    fn read(&mut self, task: &Task, sink: Sink<'_>) -> Result<(), Fault> {
        let failed = |error| self.fault(&error);
        let bound: Vec<Box<dyn InputParameter>> = task
            .select
            .parameters
            .iter()
            .map(|parameter| value(*parameter, &task.period))
            .collect();
        let mut statement = self.connection.prepare(&task.select.sql).map_err(failed)?;
        // Some drivers have no time limit; the read then takes as long as it takes.
        let _ = statement.set_query_timeout_sec(self.seconds);
        let Some(mut cursor) = statement.execute(bound.as_slice()).map_err(failed)? else {
            return Err(Fault::NotSelect);
        };
        let count = cursor.num_result_cols().map_err(failed)?.cast_unsigned();
        let fields: Vec<Field> = (1..=count)
            .map(|column| field(&mut cursor, column))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        let mut units = Vec::new();
        while let Some(mut row) = cursor.next_row().map_err(failed)? {
            if !sink(self.record(&mut row, task, &fields, &mut units)?) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn quote(&self, name: &str) -> String {
        quoted(name, self.quote)
    }

    /// A driver for SQLite calls a text what the table's author called a date.
    fn has_dates(&self) -> bool {
        !self.server.to_lowercase().contains("sqlite")
    }
}

impl Odbc {
    fn record(
        &self,
        row: &mut CursorRow<'_>,
        task: &Task,
        fields: &[Field],
        units: &mut Vec<u16>,
    ) -> Result<StringRecord, Fault> {
        let mut record = StringRecord::new();
        for source in &task.sources {
            let Some((column, field)) =
                source.and_then(|column| Some((column, fields.get(column)?)))
            else {
                record.push_field("");
                continue;
            };
            if let Kind::Unreadable(kind) = &field.kind {
                return Err(unreadable(&field.name, kind, Dialect::Odbc));
            }
            let number = u16::try_from(column + 1).unwrap_or(u16::MAX);
            let filled = row.get_wide_text(number, units).map_err(|error| self.fault(&error))?;
            let text = if filled { String::from_utf16_lossy(units) } else { String::new() };
            record.push_field(&without_fraction(&text, &field.kind));
        }
        Ok(record)
    }
}

/// `2026-11-30 08:30:00.0000000` without the fraction, which says nothing.
fn without_fraction<'a>(text: &'a str, kind: &Kind) -> Cow<'a, str> {
    match kind {
        Kind::Moment | Kind::Time => Cow::Borrowed(text.split('.').next().unwrap_or(text)),
        _ => Cow::Borrowed(text),
    }
}

fn field(described: &mut impl ResultSetMetadata, column: u16) -> Result<Field, odbc_api::Error> {
    let mut description = ColumnDescription::default();
    described.describe_col(column, &mut description)?;
    let name = description.name_to_string().unwrap_or_else(|_| format!("column {column}"));
    let kind = match description.data_type {
        DataType::Date | DataType::Timestamp { .. } => Kind::Moment,
        DataType::Time { .. } => Kind::Time,
        DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::LongVarbinary { .. } => {
            Kind::Unreadable("binary".to_owned())
        }
        _ => Kind::Text,
    };
    Ok(Field { name, kind })
}

fn value(parameter: Parameter, period: &Period) -> Box<dyn InputParameter> {
    let day = period.day(parameter);
    match parameter {
        Parameter::FromText | Parameter::ToText => Box::new(day.to_string().into_parameter()),
        Parameter::Today => Box::new(WithDataType::new(date(day), DataType::Date)),
        Parameter::From | Parameter::To => {
            let date = date(day);
            let at = Timestamp {
                year: date.year,
                month: date.month,
                day: date.day,
                hour: 0,
                minute: 0,
                second: 0,
                fraction: 0,
            };
            Box::new(WithDataType::new(at, DataType::Timestamp { precision: 0 }))
        }
    }
}

fn date(day: Date) -> OdbcDate {
    OdbcDate {
        year: day.year(),
        month: day.month().cast_unsigned().into(),
        day: day.day().cast_unsigned().into(),
    }
}
