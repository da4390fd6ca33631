//! What is asked of a database: where it is, what to read, and of which days.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use super::fault::{Fault, one_line};
use super::scan::Dialect;
use super::select::Parameter;

/// The days of which appointments are asked for, on the clinic's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day: `:from`.
    pub from: Date,
    /// The day after the last: `:to`.
    pub to: Date,
    /// The clinic's day: `:today`.
    pub today: Date,
}

impl Period {
    /// All days from the first to the last of these; of none, today.
    pub fn covering(days: impl IntoIterator<Item = Date>, today: Date) -> Self {
        let span = days.into_iter().fold(None, |span, day| {
            let (first, last) = span.unwrap_or((day, day));
            Some((day.min(first), day.max(last)))
        });
        let (from, last) = span.unwrap_or((today, today));
        Self { from, to: last.tomorrow().unwrap_or(last), today }
    }

    /// The day that stands for a placeholder.
    pub(super) const fn day(&self, parameter: Parameter) -> Date {
        match parameter {
            Parameter::From | Parameter::FromText => self.from,
            Parameter::To | Parameter::ToText => self.to,
            Parameter::Today => self.today,
        }
    }
}

/// A question to a database. `Debug` shows its name only.
#[derive(Clone)]
pub struct Query {
    /// The address: `postgres://…`, `mysql://…`, `sqlite:…` or `odbc:…`, with the password if it has one.
    pub url: SecretString,
    /// The address for people, without secrets.
    pub name: String,
    /// The SELECT to run.
    pub select: Option<String>,
    /// The view or table to read instead; a `?table=` of the address counts too.
    pub table: Option<String>,
    /// The days.
    pub period: Period,
    /// The clinic's zone, which the session gets.
    pub zone: TimeZone,
    /// How long the statement may take, and how long the next row may be waited for.
    pub timeout: Duration,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.name).finish()
    }
}

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// A statement.
    Select(String),
    /// A view or table, by the name the database has for it; `schema.table` has its parts divided.
    Table(Vec<String>),
}

/// A database, and how to reach it.
#[derive(Clone)]
pub(super) enum Target {
    /// PostgreSQL, by a URL that sqlx reads.
    Postgres(SecretString),
    /// MySQL or MariaDB, by a URL that sqlx reads.
    MySql(SecretString),
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A connection string for the driver manager.
    #[cfg_attr(not(feature = "odbc"), allow(dead_code, reason = "read with the feature only"))]
    Odbc(SecretString),
}

impl Target {
    /// Whose SQL it speaks.
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Odbc(_) => Dialect::Odbc,
        }
    }
}

/// Parameters of a PostgreSQL address that sqlx knows; another would be passed over in silence.
const POSTGRES: (&str, &[&str]) = (
    "sslmode, sslrootcert, sslcert, sslkey, host, hostaddr, port, dbname, user, password, application_name, options and table",
    &[
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
        "options",
    ],
);

/// The same of a MySQL address.
const MYSQL: (&str, &[&str]) = (
    "ssl-mode, ssl-ca, ssl-cert, ssl-key, socket and table",
    &[
        "sslmode", "ssl-mode", "sslca", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key",
        "socket",
    ],
);

impl Query {
    /// Where the database is, and what is to be read of it.
    pub(super) fn resolve(&self) -> Result<(Target, Question), Fault> {
        let url = self.url.expose_secret();
        let (scheme, rest) = url.split_once(':').ok_or_else(|| address("it has no scheme"))?;
        let network = |scheme: &str, (known, names)| {
            let rest = rest.strip_prefix("//").ok_or_else(|| address("// is missing"))?;
            let (rest, table) = without_table(rest, known, names)?;
            Ok((SecretString::from(format!("{scheme}://{rest}")), table))
        };
        let (target, table) = match scheme {
            "postgres" | "postgresql" => {
                let (url, table) = network("postgres", POSTGRES)?;
                (Target::Postgres(url), table)
            }
            "mysql" | "mariadb" => {
                let (url, table) = network("mysql", MYSQL)?;
                (Target::MySql(url), table)
            }
            "sqlite" => {
                let (path, table) = without_table(rest, "table", &[])?;
                let path = path.strip_prefix("//").unwrap_or(&path);
                if path.is_empty() {
                    return Err(address("the file is missing"));
                }
                (Target::Sqlite(path.into()), table)
            }
            "odbc" => (Target::Odbc(SecretString::from(rest.to_owned())), None),
            _ => return Err(address("the scheme is not known")),
        };
        Ok((target, self.question(table)?))
    }

    fn question(&self, table: Option<String>) -> Result<Question, Fault> {
        match (&self.select, self.table.clone().or(table)) {
            (Some(_), Some(_)) => Err(Fault::TwoQuestions),
            (Some(select), None) => Ok(Question::Select(select.clone())),
            (None, Some(table)) => {
                let parts: Vec<String> =
                    table.split('.').map(|part| part.trim().to_owned()).collect();
                let whole = parts.iter().all(|part| !part.is_empty() && !part.contains('\0'));
                if whole { Ok(Question::Table(parts)) } else { Err(Fault::NoQuestion) }
            }
            (None, None) => Err(Fault::NoQuestion),
        }
    }
}

fn address(why: &str) -> Fault {
    Fault::Address { why: one_line(why) }
}

/// Takes `table=` out of the parameters; every other must be one that the driver knows.
fn without_table(
    rest: &str,
    known: &'static str,
    names: &[&str],
) -> Result<(String, Option<String>), Fault> {
    let Some((path, parameters)) = rest.split_once('?') else { return Ok((rest.to_owned(), None)) };
    let (mut kept, mut table) = (Vec::new(), None);
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name == "table" {
            table = Some(decoded(value).ok_or_else(|| address("table holds a bad % code"))?);
        } else if names.contains(&name) {
            kept.push(parameter);
        } else {
            return Err(Fault::AddressParameter { name: one_line(name), known });
        }
    }
    let joined =
        if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    Ok((joined, table))
}

/// Percent codes decoded; `None` where they are none, or no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let code = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A question to the database at this address.
    pub fn query(url: &str, select: Option<&str>) -> Query {
        let day = jiff::civil::date(2026, 11, 30);
        Query {
            url: SecretString::from(url.to_owned()),
            name: "the database".to_owned(),
            select: select.map(str::to_owned),
            table: None,
            period: Period::covering([day], jiff::civil::date(2026, 11, 23)),
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            timeout: Duration::from_mins(1),
        }
    }

    fn resolved(url: &str) -> Result<(String, Question), Fault> {
        let (target, question) = query(url, None).resolve()?;
        let shown = match target {
            Target::Postgres(url) | Target::MySql(url) | Target::Odbc(url) => {
                url.expose_secret().to_owned()
            }
            Target::Sqlite(path) => path.display().to_string(),
        };
        Ok((shown, question))
    }

    #[test]
    fn the_table_of_an_address_is_taken_out_of_it() {
        for (url, shown, table) in [
            (
                "postgresql://u:p@h/d?sslmode=require&table=v",
                "postgres://u:p@h/d?sslmode=require",
                "v",
            ),
            ("mariadb://u@h/d?table=%E9%A2%84%E7%BA%A6", "mysql://u@h/d", "预约"),
            ("sqlite:his.db?table=v", "his.db", "v"),
            ("sqlite:///var/his.db?table=v", "/var/his.db", "v"),
        ] {
            let wanted = (shown.to_owned(), Question::Table(vec![table.to_owned()]));
            assert_eq!(resolved(url), Ok(wanted), "{url}");
        }
        let parts = Question::Table(vec!["dbo".to_owned(), "v".to_owned()]);
        assert_eq!(resolved("postgres://h/d?table=dbo.v").unwrap().1, parts);
    }

    #[test]
    fn what_an_address_cannot_say_is_refused() {
        assert!(matches!(resolved("postgres://h/d"), Err(Fault::NoQuestion)));
        for url in ["his.db", "oracle://h/d?table=v", "postgres:h/d?table=v", "sqlite:?table=v"] {
            assert!(matches!(resolved(url), Err(Fault::Address { .. })), "{url}");
        }
        let Err(Fault::AddressParameter { name, .. }) =
            resolved("mysql://h/d?passwd=secret&table=v")
        else {
            panic!("taken")
        };
        assert_eq!(name, "passwd");
        let both = Query { table: Some("v".to_owned()), ..query("sqlite:x", Some("SELECT 1")) };
        assert!(matches!(both.resolve(), Err(Fault::TwoQuestions)));
    }

    #[test]
    fn a_period_covers_its_days_and_ends_with_the_day_after_the_last() {
        let day = |day| jiff::civil::date(2026, 11, day);
        let period = Period::covering([day(28), day(26), day(27)], day(23));
        assert_eq!((period.from, period.to, period.today), (day(26), day(29), day(23)));
        assert_eq!(Period::covering([], day(23)).to, day(24));
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic_or_shows_itself(url in "(postgres|mysql|sqlite|odbc|x)?:?/?/?\\PC{0,20}") {
            let _ = resolved(&url);
            let query = query(&url, None);
            prop_assert_eq!(format!("{query:?}"), "Query(\"the database\")");
        }
    }
}
