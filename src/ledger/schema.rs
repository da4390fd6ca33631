//! The schema's versions: what a database has, what this program knows, and the way from one to the other.

use super::address::Address;
use super::db::{Access, Db, Engine};
use super::{Error, file, lock};

/// Every migration, in order; append-only. The version is the position, from 1.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_ledger", include_str!("migrations/0001_ledger.sql")),
    ("0002_events", include_str!("migrations/0002_events.sql")),
    ("0003_receipts", include_str!("migrations/0003_receipts.sql")),
    ("0004_asked", include_str!("migrations/0004_asked.sql")),
    ("0005_insight", include_str!("migrations/0005_insight.sql")),
];

/// Holds a row for each migration done; its name tells that a database is a ledger.
const VERSIONS: &str = "wxremind_schema";

/// Opens the ledger for writing, made and migrated as needed. A foreign or newer one is refused untouched, and so is a
/// server whose locks do not tell which runs live.
pub(super) fn open(address: &Address) -> Result<Db, Error> {
    if let Address::Sqlite(path) = address {
        file::make_or_check(path)?;
    }
    let db = Db::open(address, Access::Write)?;
    if let Engine::Postgres(postgres) = db.engine() {
        lock::prove(postgres)?;
    }
    // Looked at before `set_up`, which would turn a foreign file's journal into a log.
    let found = version(&db, address)?;
    db.set_up()?;
    if found != known() {
        migrate(&db, address)?;
    }
    Ok(db)
}

/// Opens the ledger for reading; `None` when there is none, or nothing in it yet.
pub(super) fn open_reading(address: &Address) -> Result<Option<Db>, Error> {
    if let Address::Sqlite(path) = address {
        match path.try_exists() {
            Ok(true) => file::check(path)?,
            Ok(false) => return Ok(None),
            Err(source) => return Err(Error::Unreadable { path: path.clone(), source }),
        }
    }
    let db = Db::open(address, Access::Read)?;
    match version(&db, address)? {
        0 => Ok(None),
        found if found < known() => {
            Err(Error::Older { place: address.to_string(), found, known: known() })
        }
        _ => Ok(Some(db)),
    }
}

/// The version of the schema of the ledger at this address, before anything changes it: 0 where there is none.
pub(super) fn look(address: &Address) -> Result<i64, Error> {
    if let Address::Sqlite(path) = address {
        match path.try_exists() {
            Ok(true) => file::check(path)?,
            _ => return Ok(0),
        }
    }
    version(&Db::open(address, Access::Read)?, address)
}

/// The newest version this program knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version of the schema in the database: 0 for an empty one.
pub(super) fn version(db: &Db, address: &Address) -> Result<i64, Error> {
    if !db.has_table(VERSIONS)? {
        return if db.is_empty()? { Ok(0) } else { Err(foreign(address)) };
    }
    let rows = db.query(&format!("SELECT COALESCE(MAX(version), 0) FROM {VERSIONS}"), &[])?;
    let found = rows.into_iter().next().map_or(Ok(0), |mut row| row.int("version"))?;
    if found > known() {
        return Err(Error::Newer { place: address.to_string(), found, known: known() });
    }
    Ok(found)
}

fn foreign(address: &Address) -> Error {
    match address {
        Address::Sqlite(path) => Error::Foreign { path: path.clone() },
        Address::Postgres(server) => Error::ForeignDatabase { place: server.shown().to_owned() },
    }
}

fn migrate(db: &Db, address: &Address) -> Result<(), Error> {
    // The transaction is the lock, or holds it: whoever comes second finds the work done.
    db.transaction(|| {
        if let Engine::Postgres(postgres) = db.engine() {
            lock::hold_schema(postgres)?;
        }
        db.define(&format!(
            "CREATE TABLE IF NOT EXISTS {VERSIONS} (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
        ))?;
        let found = version(db, address)?;
        for (number, (name, sql)) in (1i64..).zip(MIGRATIONS) {
            if number > found {
                db.define(sql)?;
                let insert =
                    format!("INSERT INTO {VERSIONS} (version, name, applied_at) VALUES ($1, $2, $3)");
                db.execute(&insert, &[number.into(), (*name).into(), db.now()?.into()])?;
            }
        }
        Ok(())
    })
}
