//! The lock of a run on a PostgreSQL ledger: an advisory lock of the session that claims and settles.
//!
//! The server releases it when the session ends. Looking takes a shared lock until the transaction's end, so that two who
//! look do not take each other for the run. What a run does after its session was lost is in `patience`.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::ledger::Error;
use crate::ledger::db::{Access, Param, Postgres, placeholders};

/// The lock under which a ledger's tables are made and changed. Run keys are random; this one is not.
const SCHEMA: i64 = 0x7778_7265_6d69_6e64;
/// How long a server may take to notice that a session was closed in order.
const CLOSING: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

const TRY: &str = "pg_try_advisory_lock";

/// Takes the run's lock.
pub fn take(postgres: &Postgres, run: Uuid) -> Result<(), Error> {
    if is_true(postgres, TRY, key(run))? {
        return Ok(());
    }
    // Only one's own lost session can have it, until the server notices; or somebody who looks at this instant.
    Err(Error::Contended {
        place: postgres.server().shown().to_owned(),
        reason: "the run's lost session is still open".to_owned(),
    })
}

/// Releases whatever this session holds. A session that is lost has released it already.
pub fn release(postgres: &Postgres) {
    if let Err(error) = postgres.ask("SELECT pg_advisory_unlock_all()") {
        tracing::debug!(%error, "the run's lock goes with its session");
    }
}

/// Of each of these runs, whether a session holds its lock.
pub fn alive(postgres: &Postgres, runs: &[Uuid]) -> Result<Vec<bool>, Error> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Param<'_>> = runs.iter().map(|run| key(*run).into()).collect();
    let places = placeholders(1, keys.len()).replace(", ", "), (");
    let sql =
        format!("SELECT pg_try_advisory_xact_lock_shared(key) FROM (VALUES ({places})) AS v (key)");
    let free = postgres.query(&sql, &keys)?;
    free.into_iter().map(|mut row| Ok(row.int("lock")? == 0)).collect()
}

/// Holds the schema until the transaction ends: whoever comes second waits and finds the work done.
pub fn hold_schema(postgres: &Postgres) -> Result<(), Error> {
    postgres.query("SELECT pg_advisory_xact_lock($1)", &[SCHEMA.into()]).map(drop)
}

/// Proves on two sessions that advisory locks exclude each other and end with their session, since all promises about
/// runs rest on it: some clusters answer yes to everything, and a pooler that changes sessions between transactions does
/// not keep them.
pub fn prove(postgres: &Postgres) -> Result<(), Error> {
    let refused = |reason: &str| Error::NoLocks {
        place: postgres.server().shown().to_owned(),
        reason: reason.to_owned(),
    };
    let own_reason = |error| match error {
        Error::Server { reason, .. } => refused(&reason),
        other => other,
    };
    let key = key(Uuid::now_v7());
    let other = Postgres::open(postgres.server(), Access::Write)?;
    if !is_true(&other, TRY, key).map_err(own_reason)? {
        return Err(refused("a lock that nobody holds was not given"));
    }
    if is_true(postgres, TRY, key).map_err(own_reason)? {
        return Err(refused("two sessions were given the same lock"));
    }
    drop(other);
    let until = Instant::now() + CLOSING;
    while !is_true(postgres, TRY, key)? {
        if Instant::now() > until {
            return Err(refused("a lock outlived its session"));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    if !is_true(postgres, "pg_advisory_unlock", key)? {
        return Err(refused("a lock was lost between two transactions"));
    }
    Ok(())
}

/// The random half of a run's id.
fn key(run: Uuid) -> i64 {
    let (_, random) = run.as_u64_pair();
    random.cast_signed()
}

/// What a function of the server says of a key.
fn is_true(postgres: &Postgres, function: &str, key: i64) -> Result<bool, Error> {
    let row = postgres.ask(&format!("SELECT {function}(CAST({key} AS BIGINT))"))?.pop();
    Ok(row.ok_or(Error::Stored { column: "lock" })?.int("lock")? != 0)
}
