//! What a server's user may do to a ledger: asked before a run has to find out. Changes nothing.

use super::address::{Address, Server};
use super::db::{Access, Db};
use super::{Error, Settings};

/// The tables of a ledger, by the names that its migrations give them.
const TABLES: &str = "'account', 'audit', 'event', 'follow', 'message', 'opt_out', 'outbox', 'receipt', 'run', 'wxremind_schema'";

/// Proves that a run may make, or use, a ledger at this address. A file's rights are the system's to tell.
///
/// # Errors
/// [`Error::NoSchema`] where `search_path` names none that is there, [`Error::Refused`] where the user may not make the
/// tables, or not write those there are.
pub fn prove_rights(settings: &Settings) -> Result<(), Error> {
    let Address::Postgres(server) = &settings.address else { return Ok(()) };
    let db = Db::open(&settings.address, Access::Read)?;
    let place = || server.shown().to_owned();
    let sql = "SELECT current_schema()::text,
        CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 1::bigint ELSE 0::bigint END";
    let mut row = db.query(sql, &[])?.pop().ok_or(Error::Stored { column: "schema" })?;
    let Some(schema) = row.opt_text("schema")? else {
        let reason = "search_path names none that is there".to_owned();
        return Err(Error::NoSchema { place: place(), reason });
    };
    let may_make = row.opt_int("create")? == Some(1);
    if !db.has_table("wxremind_schema")? && !may_make {
        let reason = format!("the user may not make tables in the schema {schema}");
        return Err(Error::Refused { place: place(), reason });
    }
    prove_tables(&db, server)
}

fn prove_tables(db: &Db, server: &Server) -> Result<(), Error> {
    let sql = format!(
        "SELECT c.relname::text FROM pg_catalog.pg_class AS c
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname IN ({TABLES})
           AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
             AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
         ORDER BY c.relname"
    );
    let mut closed = Vec::new();
    for mut row in db.query(&sql, &[])? {
        closed.push(row.text("table")?);
    }
    if closed.is_empty() {
        return Ok(());
    }
    let reason = format!("the user may not read and write the tables {}", closed.join(", "));
    Err(Error::Refused { place: server.shown().to_owned(), reason })
}
