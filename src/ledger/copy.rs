//! Moving house: everything in a SQLite ledger into an empty one on PostgreSQL.
//!
//! Tables and columns are asked of the source, so that no migration can be forgotten here. The copy is one transaction:
//! it is there whole and counted, or not at all. The source is only read, and nobody can write to it meanwhile.

use super::address::Address;
use super::db::{Access, Db, Engine, Param, Postgres, rows};
use super::row::Cell;
use super::{Error, GROUP, lock, schema};

/// What a migration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The schema's version before; 0 where there was no ledger.
    pub from: i64,
    /// The version now.
    pub to: i64,
}

/// Brings the ledger at this address up to date, or makes one.
pub fn migrate(address: &Address) -> Result<Migrated, Error> {
    let from = schema::look(address)?;
    schema::open(address)?;
    Ok(Migrated { from, to: schema::known() })
}

/// How many rows of each table were copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied(pub Vec<(String, u64)>);

/// Copies the whole SQLite ledger at `from` to the server at `to`, whose ledger must be empty; it is made where there is
/// none. `None` when there is no ledger at `from`.
pub fn copy(from: &Address, to: &Address) -> Result<Option<Copied>, Error> {
    if schema::open_reading(from)?.is_none() {
        return Ok(None);
    }
    // Nothing is written, but whoever would write waits until the copy is done.
    let source = Db::open(from, Access::Write)?;
    source.batch("BEGIN IMMEDIATE")?;
    refuse_living_runs(&source, from)?;
    let target = schema::open(to)?;
    let Engine::Postgres(postgres) = target.engine() else {
        return Err(Error::Address { reason: "it names no server".to_owned() });
    };
    let tables = tables(&source)?;
    let copied = postgres.slowly(|| {
        target.transaction(|| {
            // Held against runs that begin there meanwhile.
            target.batch("LOCK TABLE account, run, message IN ACCESS EXCLUSIVE MODE")?;
            refuse_messages(&target, to)?;
            let counts = tables.iter().map(|table| {
                copy_table(&source, &target, table)?;
                count_on(postgres, table).map(|()| (table.name.clone(), table.rows))
            });
            counts.collect::<Result<Vec<_>, Error>>()
        })
    })?;
    Ok(Some(Copied(copied)))
}

/// A table of the source.
struct Table {
    name: String,
    columns: Vec<String>,
    /// The columns' types, where a NULL must be told one.
    types: Vec<Option<&'static str>>,
    rows: u64,
}

fn refuse_living_runs(source: &Db, from: &Address) -> Result<(), Error> {
    let open = source.query("SELECT run_id FROM run WHERE ended_at IS NULL", &[])?;
    let open = open.into_iter().map(|mut row| row.word("run_id")).collect::<Result<Vec<_>, _>>()?;
    let runs = lock::alive(source, &open)?.into_iter().filter(|alive| *alive).count();
    if runs > 0 {
        return Err(Error::Running { place: from.to_string(), runs });
    }
    Ok(())
}

fn refuse_messages(target: &Db, to: &Address) -> Result<(), Error> {
    let messages = target.count("SELECT COUNT(*) FROM message", &[])?;
    let runs = target.count("SELECT COUNT(*) FROM run", &[])?;
    if messages + runs > 0 {
        return Err(Error::NotEmpty { place: to.to_string(), messages, runs });
    }
    Ok(())
}

/// The source's tables but that of the versions, which the target has of its own.
fn tables(source: &Db) -> Result<Vec<Table>, Error> {
    let sql = "SELECT name FROM sqlite_master
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'wxremind_schema' ORDER BY name";
    let named = source.query(sql, &[])?.into_iter().map(|mut row| row.text("name"));
    named.map(|name| table(source, name?)).collect()
}

fn table(source: &Db, name: String) -> Result<Table, Error> {
    let sql = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
    let (mut columns, mut types) = (Vec::new(), Vec::new());
    for mut row in source.query(sql, &[name.as_str().into()])? {
        columns.push(row.text("name")?);
        types.push(match row.text("type")?.as_str() {
            "TEXT" => Some("TEXT"),
            "BYTEA" => None,
            _ => Some("BIGINT"),
        });
    }
    let rows = source.count(&format!("SELECT COUNT(*) FROM {name}"), &[])?;
    Ok(Table { name, columns, types, rows })
}

fn copy_table(source: &Db, target: &Db, table: &Table) -> Result<(), Error> {
    let (name, columns) = (&table.name, table.columns.join(", "));
    // A migration may have put rows into a new ledger.
    target.execute(&format!("DELETE FROM {name}"), &[])?;
    let page = format!(
        "SELECT rowid, {columns} FROM {name} WHERE rowid > $1 ORDER BY rowid LIMIT {GROUP}"
    );
    let mut last = i64::MIN;
    loop {
        let found = source.query(&page, &[last.into()])?;
        if found.is_empty() {
            return Ok(());
        }
        let mut cells = Vec::with_capacity(found.len() * table.columns.len());
        let count = found.len();
        for mut row in found {
            last = row.int("rowid")?;
            cells.extend(row.rest());
        }
        let insert =
            format!("INSERT INTO {name} ({columns}) VALUES {}", rows(1, count, &table.types));
        let values = cells.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        target.execute(&insert, &values)?;
    }
}

fn value(cell: &Cell) -> Result<Param<'_>, Error> {
    Ok(match cell {
        Cell::Null => Param::Null,
        Cell::Int(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Blob(bytes) => Param::Blob(bytes),
        Cell::Foreign => return Err(Error::Stored { column: "copied" }),
    })
}

/// Counts what arrived, and lets new ids begin after the copied ones.
fn count_on(target: &Postgres, table: &Table) -> Result<(), Error> {
    let name = &table.name;
    let counted = target.query(&format!("SELECT COUNT(*) FROM {name}"), &[])?.pop();
    let copied = counted.map_or(Ok(0), |mut row| row.count("count"))?;
    if copied != table.rows {
        let expected = table.rows;
        return Err(Error::Miscounted { table: name.clone(), expected, copied });
    }
    let sql = "SELECT column_name::text FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES'";
    for mut row in target.query(sql, &[name.as_str().into()])? {
        let column = row.text("column")?;
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{name}', '{column}'), MAX({column})) FROM {name}
             HAVING MAX({column}) IS NOT NULL"
        );
        target.query(&next, &[])?;
    }
    Ok(())
}
