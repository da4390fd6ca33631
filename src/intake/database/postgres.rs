//! PostgreSQL, and what speaks its protocol.

mod value;

use std::str::FromStr;
use std::time::Duration;

use csv::StringRecord;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgConnectOptions, PgConnection, PgRow, PgSslMode, PgTypeInfo,
};
use sqlx::{
    Arguments, AssertSqlSafe, Column as _, ConnectOptions, Either, Executor, Postgres as Driver,
    Row as _, SqlSafeStr, Statement as _, Type, TypeInfo as _,
};

use self::value::{Known, known};
use super::civil;
use super::engine::{Engine, Field, Kind, Sink, Task};
use super::fault::Fault;
use super::network::Place;
use super::query::{Period, Query};
use super::select::{Parameter, Select};

/// A session that can only read.
pub(super) struct Postgres {
    place: Place,
    connection: PgConnection,
    server: String,
    zone: TimeZone,
}

impl Postgres {
    /// Connects; the session reads only, in the clinic's zone, and no statement may take longer than the limit.
    pub fn connect(url: &SecretString, query: &Query) -> Result<Self, Fault> {
        let place = Place::new(query.timeout)?;
        let options = options(url)?;
        let mut connection = place.connect(options.connect())?;
        let (zone, limit) = (query.zone.clone(), place.limit());
        place.wait(async {
            sqlx::raw_sql(AssertSqlSafe(setup(&zone, limit))).execute(&mut connection).await?;
            Ok(())
        })?;
        let version: String = place.wait(async {
            sqlx::raw_sql("SELECT version()").fetch_one(&mut connection).await?.try_get(0)
        })?;
        Ok(Self { place, connection, server: short(&version), zone })
    }

    fn prepare(&mut self, select: &Select) -> Result<sqlx::postgres::PgStatement, Fault> {
        let sql = AssertSqlSafe(select.sql.clone()).into_sql_str();
        self.place.wait((&mut self.connection).prepare(sql))
    }
}

fn options(url: &SecretString) -> Result<PgConnectOptions, Fault> {
    let url = url.expose_secret();
    let options = PgConnectOptions::from_str(url).map_err(|error| match error {
        sqlx::Error::Configuration(why) => {
            Fault::Address { why: super::fault::one_line(&why.to_string()) }
        }
        error => Fault::connect(&error),
    })?;
    let names_root = ["sslrootcert=", "ssl-root-cert=", "ssl-ca="];
    let with_root = names_root.iter().any(|name| url.contains(name));
    // As in libpq: who names a root certificate wants the server's held against it.
    let options = match options.get_ssl_mode() {
        PgSslMode::Require if with_root => options.ssl_mode(PgSslMode::VerifyCa),
        _ => options,
    };
    let options = options.application_name("wxremind").extra_float_digits(None);
    Ok(options.disable_statement_logging())
}

/// One transaction holds everything, so that a second look sees the same rows, and a pooler keeps the session's settings.
fn setup(zone: &TimeZone, limit: Duration) -> String {
    let zone = zone.iana_name().unwrap_or("UTC").replace('\'', "''");
    format!(
        "SET default_transaction_read_only = on; SET statement_timeout = {limit}; SET TIME ZONE '{zone}'; \
         BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        limit = limit.as_millis()
    )
}

/// `PostgreSQL 15.14 (Debian …) on x86_64…` without what nobody asks for.
fn short(version: &str) -> String {
    let name = version.split(" on ").next().unwrap_or(version);
    let name = if name.starts_with('(') { name } else { name.split(" (").next().unwrap_or(name) };
    name.chars().take(60).collect()
}

impl Engine for Postgres {
    fn server(&self) -> String {
        self.server.clone()
    }

    fn describe(&mut self, select: &Select) -> Result<Vec<Field>, Fault> {
        let statement = self.prepare(select)?;
        // What cannot be bound is said before anything is read.
        arguments(&statement, select, None, &self.zone)?;
        let field = |column: &sqlx::postgres::PgColumn| Field {
            name: column.name().to_owned(),
            kind: match known(column.type_info()) {
                Some(Known::Date | Known::Timestamp | Known::Timestamptz) => Kind::Moment,
                Some(Known::Time) => Kind::Time,
                Some(_) => Kind::Text,
                None => Kind::Unreadable(column.type_info().name().to_owned()),
            },
        };
        Ok(statement.columns().iter().map(field).collect())
    }

    fn read(&mut self, task: &Task, sink: Sink<'_>) -> Result<(), Fault> {
        let statement = self.prepare(&task.select)?;
        let arguments = arguments(&statement, &task.select, Some(&task.period), &self.zone)?;
        let rows = statement.query_with(arguments).fetch(&mut self.connection);
        let zone = &self.zone;
        self.place.each(rows, |row| Ok(sink(record(&row, &task.sources, zone)?)))
    }
}

fn record(row: &PgRow, sources: &[Option<usize>], zone: &TimeZone) -> Result<StringRecord, Fault> {
    let mut record = StringRecord::new();
    for source in sources {
        match source {
            Some(column) => record.push_field(&value::text(row, *column, zone)?),
            None => record.push_field(""),
        }
    }
    Ok(record)
}

/// What is bound to the statement: each placeholder as the type that the server found for it.
fn arguments(
    statement: &sqlx::postgres::PgStatement,
    select: &Select,
    period: Option<&Period>,
    zone: &TimeZone,
) -> Result<PgArguments, Fault> {
    let types = match statement.parameters() {
        Some(Either::Left(types)) => types,
        _ => &[],
    };
    let mut arguments = PgArguments::default();
    for (parameter, asked) in select.parameters.iter().zip(types) {
        let period = period.copied().unwrap_or_else(|| Period::covering([], civil::EPOCH));
        let bytes = bytes(*parameter, &period, asked, zone)?;
        arguments
            .add(Bound { asked: asked.clone(), bytes })
            .map_err(|error| Fault::lost(&error))?;
    }
    Ok(arguments)
}

fn bytes(
    parameter: Parameter,
    period: &Period,
    asked: &PgTypeInfo,
    zone: &TimeZone,
) -> Result<Vec<u8>, Fault> {
    let day = period.day(parameter);
    let out_of_range = || Fault::lost(&"the day is out of the database's range");
    match known(asked) {
        Some(Known::Date) => {
            Ok(civil::days_since_epoch(day).ok_or_else(out_of_range)?.to_be_bytes().to_vec())
        }
        Some(Known::Timestamp) => {
            Ok(civil::midnight(day).ok_or_else(out_of_range)?.to_be_bytes().to_vec())
        }
        Some(Known::Timestamptz) => {
            Ok(civil::start_of_day(day, zone).ok_or_else(out_of_range)?.to_be_bytes().to_vec())
        }
        Some(Known::Text) if parameter.is_text() => Ok(day.to_string().into_bytes()),
        Some(Known::Text) => Err(Fault::Comparand {
            placeholder: parameter.placeholder(),
            kind: asked.name().to_owned(),
            fix: "for a column of texts such as 2026-11-30 write :from_text and :to_text, else CAST the column AS date",
        }),
        _ => Err(Fault::Comparand {
            placeholder: parameter.placeholder(),
            kind: asked.name().to_owned(),
            fix: "CAST it AS date, or AS timestamp",
        }),
    }
}

/// A value in the server's own binary form.
struct Bound {
    asked: PgTypeInfo,
    bytes: Vec<u8>,
}

impl Type<Driver> for Bound {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(25))
    }
}

impl Encode<'_, Driver> for Bound {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.asked.clone())
    }
}
