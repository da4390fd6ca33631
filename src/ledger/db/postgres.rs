//! PostgreSQL, by sqlx: one connection, no pool, each statement blocked on.
//!
//! The same connection claims, settles and holds the run's lock, so that whoever has lost the lock cannot write either.
//! The server is told to look after a silent client (keep-alives, a limit for an open transaction), since it holds the
//! dead client's lock until it notices; the client looks after a silent server by a deadline for each answer.

use std::cell::{Cell as Flag, RefCell};
use std::future::Future;
use std::time::Duration;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{
    Arguments, AssertSqlSafe, Column, Connection, Decode, Encode, Executor, PgConnection,
    Postgres as Driver, Row as _, Type, TypeInfo, ValueRef,
};
use tokio::runtime::{Builder, Handle, Runtime};

use super::{Access, Param};
use crate::ledger::Error;
use crate::ledger::address::Server;
use crate::ledger::row::{Cell, Row};

/// Milliseconds since 1970 by this database's clock, as it is at the statement and not at the transaction's beginning.
pub(super) const CLOCK: &str =
    "CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)";

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take before the server is taken for lost.
const ANSWER: Duration = Duration::from_mins(1);
/// The same for what works through the whole ledger.
const LONG_ANSWER: Duration = Duration::from_hours(1);

/// What the session asks of the server, where it knows the setting. A machine that lost its power holds its run's lock
/// until the server has noticed: after half a minute. Waiting for a lock, or in an open transaction, ends sooner than
/// the run's patience. A commit is on disk when it is answered, whatever the server's usual.
const SESSION: &str = "SELECT set_config(s.name, v.setting, false) FROM (VALUES
      ('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
      ('tcp_user_timeout', '30000'), ('lock_timeout', '20000'), ('idle_in_transaction_session_timeout', '30000'),
      ('statement_timeout', '0')
    ) AS v (name, setting) JOIN pg_catalog.pg_settings AS s ON s.name = v.name
    UNION ALL SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
    UNION ALL SELECT set_config('application_name', 'wxremind', false) WHERE current_setting('application_name') = ''";
/// What a session that reads asks too.
const READING: &str = "SET default_transaction_read_only = on";

/// An open connection.
pub struct Postgres {
    connection: RefCell<PgConnection>,
    wait: Wait,
    server: Server,
    answer: Flag<Duration>,
    /// It owes an answer, so nothing more can be asked.
    silent: Flag<bool>,
}

impl Postgres {
    /// Connects.
    pub fn open(server: &Server, access: Access) -> Result<Self, Error> {
        let wait = Wait::new().map_err(|error| unreachable(server, error.to_string()))?;
        let connection = wait
            .at_most(CONNECT, PgConnection::connect_with(server.options()))
            .ok_or_else(|| silence(server, CONNECT))?
            .map_err(|source| Error::from_postgres(server.shown(), source))?;
        let postgres = Self {
            connection: RefCell::new(connection),
            wait,
            server: server.clone(),
            answer: Flag::new(ANSWER),
            silent: Flag::new(false),
        };
        postgres.ask(SESSION)?;
        if access == Access::Read {
            postgres.batch(READING)?;
        }
        Ok(postgres)
    }

    /// The server, for a second connection.
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// Gives what `work` asks an hour for each answer.
    pub fn slowly<T>(&self, work: impl FnOnce() -> T) -> T {
        let usual = self.answer.replace(LONG_ANSWER);
        let outcome = work();
        self.answer.set(usual);
        outcome
    }

    pub fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        let statement = sqlx::query_with(AssertSqlSafe(sql), self.arguments(params)?);
        let mut connection = self.connection.borrow_mut();
        self.wait(statement.execute(&mut *connection)).map(|done| done.rows_affected())
    }

    pub fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let statement = sqlx::query_with(AssertSqlSafe(sql), self.arguments(params)?);
        let mut connection = self.connection.borrow_mut();
        let rows = self.wait(statement.fetch_all(&mut *connection))?;
        Ok(rows.iter().map(read).collect())
    }

    /// Runs one statement without parameters and without preparing it, as a pooler lets it through, and returns its rows.
    pub fn ask(&self, sql: &str) -> Result<Vec<Row>, Error> {
        let mut connection = self.connection.borrow_mut();
        let rows = self.wait(connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))))?;
        Ok(rows.iter().map(read).collect())
    }

    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        let mut connection = self.connection.borrow_mut();
        self.wait(connection.execute(sqlx::raw_sql(AssertSqlSafe(sql)))).map(drop)
    }

    /// A migration's text in PostgreSQL's words: texts compare byte by byte, as in SQLite, whatever the database's language.
    pub fn definition(sql: &str) -> String {
        sql.replace(" TEXT", " TEXT COLLATE \"C\"")
    }

    fn arguments(&self, params: &[Param<'_>]) -> Result<PgArguments, Error> {
        let mut arguments = PgArguments::default();
        let added = params.iter().try_for_each(|param| match param {
            Param::Null => arguments.add(Untyped),
            Param::Int(number) => arguments.add(*number),
            Param::Text(text) => arguments.add(storable(text)),
            Param::Owned(text) => arguments.add(storable(text)),
            Param::Blob(bytes) => arguments.add(*bytes),
        });
        match added {
            Ok(()) => Ok(arguments),
            Err(error) => {
                Err(Error::from_postgres(self.server.shown(), sqlx::Error::Encode(error)))
            }
        }
    }

    fn wait<T: Send>(
        &self,
        statement: impl Future<Output = Result<T, sqlx::Error>> + Send,
    ) -> Result<T, Error> {
        let most = self.answer.get();
        if !self.silent.get()
            && let Some(answer) = self.wait.at_most(most, statement)
        {
            return answer.map_err(|source| Error::from_postgres(self.server.shown(), source));
        }
        self.silent.set(true);
        Err(silence(&self.server, most))
    }
}

/// Waits for what is done elsewhere, wherever we are: the thread of another runtime must not wait itself, but for a
/// thread beside it it may.
struct Wait {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Wait {
    fn new() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// What the future gives; `None` when it takes longer.
    fn at_most<F: Future<Output: Send> + Send>(
        &self,
        most: Duration,
        future: F,
    ) -> Option<F::Output> {
        let runtime = self.runtime.as_ref()?;
        let wait = || runtime.block_on(async { tokio::time::timeout(most, future).await }).ok();
        if Handle::try_current().is_err() {
            return wait();
        }
        let ended = std::thread::scope(|scope| scope.spawn(wait).join());
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it could be forbidden where we are; nothing runs on it any more.
            runtime.shutdown_background();
        }
    }
}

fn unreachable(server: &Server, reason: String) -> Error {
    Error::Unreachable { place: server.shown().to_owned(), reason }
}

fn silence(server: &Server, time: Duration) -> Error {
    unreachable(server, format!("no answer for {} s", time.as_secs()))
}

/// PostgreSQL's texts hold every character but this one.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A NULL whose type the statement tells.
struct Untyped;

impl Type<Driver> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Driver> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn read(row: &PgRow) -> Row {
    Row::new((0..row.len()).map(|column| cell(row, column)).collect())
}

fn cell(row: &PgRow, column: usize) -> Cell {
    let Ok(value) = row.try_get_raw(column) else { return Cell::Foreign };
    if value.is_null() {
        return Cell::Null;
    }
    let decoded = match row.column(column).type_info().name() {
        "INT8" => decode(value).map(Cell::Int),
        "INT4" => decode(value).map(|number: i32| Cell::Int(number.into())),
        "BOOL" => decode(value).map(|yes: bool| Cell::Int(yes.into())),
        "TEXT" | "VARCHAR" | "NAME" => decode(value).map(Cell::Text),
        "BYTEA" => decode(value).map(Cell::Blob),
        _ => Ok(Cell::Foreign),
    };
    decoded.unwrap_or(Cell::Foreign)
}

fn decode<'r, T: Decode<'r, Driver>>(value: PgValueRef<'r>) -> Result<T, BoxDynError> {
    T::decode(value)
}
