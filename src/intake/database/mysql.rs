//! MySQL and MariaDB.

mod value;

use std::str::FromStr;

use csv::StringRecord;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use secrecy::{ExposeSecret, SecretString};
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{
    Arguments, AssertSqlSafe, Column as _, ConnectOptions, Executor, Row as _, SqlSafeStr,
    Statement as _, TypeInfo as _,
};

use self::value::{Known, known};
use super::engine::{Engine, Field, Kind, Sink, Task, quoted};
use super::fault::Fault;
use super::network::Place;
use super::query::Query;
use super::select::{Parameter, Select};

/// A session that can only read.
pub(super) struct MySql {
    place: Place,
    connection: MySqlConnection,
    server: String,
}

impl MySql {
    /// Connects; the session reads only, in the clinic's zone, and no statement may take longer than the limit.
    pub fn connect(url: &SecretString, query: &Query) -> Result<Self, Fault> {
        let place = Place::new(query.timeout)?;
        let mut connection = place.connect(options(url)?.connect())?;
        let version: String = place.wait(async {
            sqlx::raw_sql("SELECT VERSION()").fetch_one(&mut connection).await?.try_get_unchecked(0)
        })?;
        let is_mariadb = version.contains("MariaDB");
        let server = server(&version, is_mariadb);
        let mut mysql = Self { place, connection, server };
        let limit = mysql.place.limit();
        // MariaDB counts seconds, MySQL milliseconds.
        let limit = if is_mariadb {
            format!("SET SESSION max_statement_time = {}", limit.as_secs().max(1))
        } else {
            format!("SET SESSION max_execution_time = {}", limit.as_millis())
        };
        mysql.set(&limit)?;
        mysql.set_zone(query)?;
        mysql.set("SET SESSION TRANSACTION READ ONLY")?;
        mysql.set("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        // A second look sees the same rows.
        mysql.set("START TRANSACTION READ ONLY")?;
        Ok(mysql)
    }

    fn set(&mut self, sql: &str) -> Result<(), Fault> {
        self.place.wait(async {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection).await?;
            Ok(())
        })
    }

    /// The clinic's zone by its name, where the server has zones loaded, else by its offset, where that is one.
    fn set_zone(&mut self, query: &Query) -> Result<(), Fault> {
        let name = query.zone.iana_name().unwrap_or("UTC").replace('\'', "''");
        if self.set(&format!("SET time_zone = '{name}'")).is_ok() {
            return Ok(());
        }
        let offset = constant_offset(query).ok_or(Fault::Zone { zone: name })?;
        self.set(&format!("SET time_zone = '{}'", written(offset)))
    }
}

/// The zone's offset, if it is the same from today to the last day asked for, and a year on.
fn constant_offset(query: &Query) -> Option<Offset> {
    let begin = |day: jiff::civil::Date| -> Option<Timestamp> {
        Some(day.to_zoned_datetime(query.zone.clone()).ok()?.timestamp())
    };
    let first = begin(query.period.from.min(query.period.today))?;
    let last = begin(query.period.to.max(query.period.today))?;
    let offset = query.zone.to_offset(first);
    let year = jiff::SignedDuration::from_hours(24 * 366);
    let next = TimeZone::following(&query.zone, first).next();
    let stays = next.is_none_or(|change| change.timestamp() > last + year);
    stays.then_some(offset)
}

/// The clinic's offset as the server takes it, if the zone has one.
#[cfg(feature = "odbc")]
pub(super) fn offset(query: &Query) -> Option<String> {
    constant_offset(query).map(written)
}

/// `+08:00`.
fn written(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn options(url: &SecretString) -> Result<MySqlConnectOptions, Fault> {
    let options =
        MySqlConnectOptions::from_str(url.expose_secret()).map_err(|error| match error {
            sqlx::Error::Configuration(why) => {
                Fault::Address { why: super::fault::one_line(&why.to_string()) }
            }
            error => Fault::connect(&error),
        })?;
    // The hospital's SQL means what it means on the hospital's server.
    let options = options.timezone(None).pipes_as_concat(false).no_engine_substitution(false);
    Ok(options.charset("utf8mb4").disable_statement_logging())
}

/// `MariaDB 10.11.6` of `10.11.6-MariaDB-0+deb12u1`, `MySQL 8.4.2` of `8.4.2`.
fn server(version: &str, is_mariadb: bool) -> String {
    let number = version.split('-').next().unwrap_or(version);
    format!("{} {number}", if is_mariadb { "MariaDB" } else { "MySQL" })
}

impl Engine for MySql {
    fn server(&self) -> String {
        self.server.clone()
    }

    fn describe(&mut self, select: &Select) -> Result<Vec<Field>, Fault> {
        let sql = AssertSqlSafe(select.sql.clone()).into_sql_str();
        let statement = self.place.wait((&mut self.connection).prepare(sql))?;
        let field = |column: &sqlx::mysql::MySqlColumn| Field {
            name: column.name().to_owned(),
            kind: match known(column.type_info()) {
                Some(Known::Date | Known::Moment) => Kind::Moment,
                Some(Known::Time) => Kind::Time,
                Some(_) => Kind::Text,
                None => Kind::Unreadable(column.type_info().name().to_owned()),
            },
        };
        Ok(statement.columns().iter().map(field).collect())
    }

    fn read(&mut self, task: &Task, sink: Sink<'_>) -> Result<(), Fault> {
        let mut arguments = MySqlArguments::default();
        for parameter in &task.select.parameters {
            let day = task.period.day(*parameter);
            let text = match parameter {
                Parameter::From | Parameter::To => format!("{day} 00:00:00"),
                _ => day.to_string(),
            };
            arguments.add(text).map_err(|error| Fault::lost(&error))?;
        }
        let rows = sqlx::query_with(AssertSqlSafe(task.select.sql.as_str()), arguments)
            .fetch(&mut self.connection);
        self.place.each(rows, |row| Ok(sink(record(&row, &task.sources)?)))
    }

    fn quote(&self, name: &str) -> String {
        quoted(name, '`')
    }
}

fn record(row: &MySqlRow, sources: &[Option<usize>]) -> Result<StringRecord, Fault> {
    let mut record = StringRecord::new();
    for source in sources {
        match source {
            Some(column) => record.push_field(&value::text(row, *column)?),
            None => record.push_field(""),
        }
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::database::query::tests::query;

    #[test]
    fn a_zone_has_one_offset_or_needs_the_servers_tables() {
        let asia = query("mysql://h/d", None);
        assert_eq!(constant_offset(&asia).map(written).as_deref(), Some("+08:00"));
        let summer = Query { zone: TimeZone::get("Europe/Berlin").unwrap(), ..asia };
        assert_eq!(constant_offset(&summer), None);
        assert_eq!(written(jiff::tz::offset(-3)), "-03:00");
    }
}
