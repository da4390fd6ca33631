//! The schema's versions: what a file has, what this program knows, and the way from one to the other.

use std::path::Path;

use super::Error;
use super::db::{Access, Db};
use super::file;

/// Every migration, in order; append-only. The version is the position, from 1.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_ledger", include_str!("migrations/0001_ledger.sql")),
    ("0003_receipts", include_str!("migrations/0003_receipts.sql")),
];

/// Holds a row for each migration done; its name tells that a database is a ledger.
const VERSIONS: &str = "wxremind_schema";

/// Opens the file for writing, made and migrated as needed. A foreign or newer file is refused untouched.
pub(super) fn open(path: &Path) -> Result<Db, Error> {
    file::make_or_check(path)?;
    let db = Db::open_sqlite(path, Access::Write)?;
    // Looked at before `set_up`, which would turn a foreign file's journal into a log.
    version(&db, path)?;
    db.set_up()?;
    migrate(&db, path)?;
    Ok(db)
}

/// Opens the file for reading; `None` when there is none, or nothing in it yet.
pub(super) fn open_reading(path: &Path) -> Result<Option<Db>, Error> {
    match path.try_exists() {
        Ok(true) => file::check(path)?,
        Ok(false) => return Ok(None),
        Err(source) => return Err(Error::Unreadable { path: path.to_owned(), source }),
    }
    let db = Db::open_sqlite(path, Access::Read)?;
    match version(&db, path)? {
        0 => Ok(None),
        found if found < known() => {
            Err(Error::Older { path: path.to_owned(), found, known: known() })
        }
        _ => Ok(Some(db)),
    }
}

/// The newest version this program knows.
fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version of the schema in the database: 0 for an empty one.
fn version(db: &Db, path: &Path) -> Result<i64, Error> {
    if !db.has_table(VERSIONS)? {
        return if db.is_empty()? { Ok(0) } else { Err(Error::Foreign { path: path.to_owned() }) };
    }
    let rows = db.query(&format!("SELECT COALESCE(MAX(version), 0) FROM {VERSIONS}"), &[])?;
    let found = rows.into_iter().next().map_or(Ok(0), |mut row| row.int("version"))?;
    if found > known() {
        return Err(Error::Newer { path: path.to_owned(), found, known: known() });
    }
    Ok(found)
}

fn migrate(db: &Db, path: &Path) -> Result<(), Error> {
    if version(db, path)? == known() {
        return Ok(());
    }
    // The transaction is the lock: whoever comes second finds the work done.
    db.transaction(|| {
        db.batch(&format!(
            "CREATE TABLE IF NOT EXISTS {VERSIONS} (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
        ))?;
        let found = version(db, path)?;
        for (number, (name, sql)) in (1i64..).zip(MIGRATIONS) {
            if number > found {
                db.batch(sql)?;
                let insert =
                    format!("INSERT INTO {VERSIONS} (version, name, applied_at) VALUES ($1, $2, $3)");
                db.execute(&insert, &[number.into(), (*name).into(), db.now()?.into()])?;
            }
        }
        Ok(())
    })
}
