//! Where a ledger is, shown without a password.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::Error;

/// Where a ledger is.
#[derive(Clone, Debug)]
pub enum Address {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(Server),
}

/// A PostgreSQL server, a database on it, and how to enter. A password that the address lacks is taken from
/// `$PGPASSWORD` or the user's `.pgpass`.
#[derive(Clone)]
pub struct Server {
    options: Box<PgConnectOptions>,
    shown: Box<str>,
}

/// What an address may ask for after its `?`; anything else is refused by name, since it could be a misspelt password
/// (https://docs.rs/sqlx/0.9.0/sqlx/postgres/struct.PgConnectOptions.html).
const KNOWN: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

impl Address {
    /// Reads `postgres://user@host/database`, with `?options=-csearch_path%3Dname` for a schema of its own.
    pub fn postgres(url: &str) -> Result<Self, Error> {
        Server::parse(url).map(Self::Postgres)
    }

    /// The file, when it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl<P: Into<PathBuf>> From<P> for Address {
    fn from(path: P) -> Self {
        Self::Sqlite(path.into())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(server) => f.write_str(&server.shown),
        }
    }
}

impl Server {
    fn parse(url: &str) -> Result<Self, Error> {
        if has_bare_marks(url) {
            let reason = "its password holds @, :, / or #: write them as %40, %3A, %2F, %23";
            return Err(Error::Address { reason: reason.to_owned() });
        }
        let query = url.split_once('?').map_or("", |(_, query)| query);
        for key in query.split('&').filter_map(|pair| pair.split('=').next()) {
            let known = KNOWN.contains(&key) || key.starts_with("options") || key.is_empty();
            if !known {
                return Err(Error::Address { reason: format!("it asks for an unknown {key}") });
            }
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| Error::Address {
            reason: match error {
                // What it found where a part should be; never the address.
                sqlx::Error::Configuration(reason) => reason.to_string(),
                _ => "its parts cannot be read".to_owned(),
            },
        })?;
        // Poolers refuse a setting that they do not know; the ledger has no fractions.
        let options = options.extra_float_digits(None).disable_statement_logging();
        let named = options.get_application_name().is_some();
        let options = if named { options } else { options.application_name("wxremind") };
        let shown = shown(&options).into();
        Ok(Self { options: Box::new(options), shown })
    }

    /// Scheme, host and database; no user, no password.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// How to connect.
    pub(super) const fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Whether an `@` stands behind what ends the part for user and host: then that end is in the password, and the rest of
/// the password would be taken, and shown, for a host or a database.
fn has_bare_marks(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest[host..].contains('@') || rest[..host].matches('@').count() > 1
}

fn shown(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let port = options.get_port();
    let port = if port == 5432 { String::new() } else { format!(":{port}") };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("postgres://{host}{port}/{database}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_without_user_password_and_settings() {
        for (url, shown) in [
            ("postgres://clinic:hunter2@db.example/wx?sslmode=require", "postgres://db.example/wx"),
            ("postgresql://db.example:6432/wx?password=hunter2", "postgres://db.example:6432/wx"),
            ("postgres://u@%2Frun%2Fpostgresql/wx", "postgres:///run/postgresql/wx"),
            ("postgres://u@h/wx?options=-csearch_path%3Dledger", "postgres://h/wx"),
            ("postgres://u@h/wx?options[search_path]=ledger", "postgres://h/wx"),
        ] {
            let address = Address::postgres(url).unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_not_shown() {
        for url in [
            "postgres://u:hunter2@h:hunter2/wx",
            "postgres://h/wx?pasword=hunter2",
            "postgres://u:p@hunter2@h/wx",
            "postgres://u:p@hunter2/w@h/wx",
            "postgres://u:p#hunter2@h/wx",
            "postgres://u:p?hunter2@h/wx",
        ] {
            let error = Address::postgres(url).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
