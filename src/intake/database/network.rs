//! What the two engines of sqlx have in common: a runtime of their own, time limits, and errors.

use std::future::Future;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::fault::{Fault, one_line};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(15);
/// How much longer than the server's own limit an answer is waited for: a server that went away says nothing.
const GRACE: Duration = Duration::from_secs(10);

/// Where an engine of sqlx runs: on the thread that it lives on.
pub(super) struct Place {
    runtime: Runtime,
    limit: Duration,
}

impl Place {
    /// A place where statements may take so long.
    pub fn new(limit: Duration) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::connect(&error))?;
        Ok(Self { runtime, limit })
    }

    /// How long a statement may take.
    pub const fn limit(&self) -> Duration {
        self.limit
    }

    /// Waits for a connection.
    pub fn connect<T>(
        &self,
        connecting: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Fault> {
        let ended = self.runtime.block_on(async { timeout(CONNECT, connecting).await });
        match ended {
            Ok(connected) => connected.map_err(|error| self.fault(&error, Moment::Connecting)),
            Err(_) => Err(Fault::connect(&format!("no answer within {} s", CONNECT.as_secs()))),
        }
    }

    /// Waits for one answer.
    pub fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Fault> {
        let ended = self.runtime.block_on(async { timeout(self.limit + GRACE, answer).await });
        match ended {
            Ok(answer) => answer.map_err(|error| self.fault(&error, Moment::Reading)),
            Err(_) => Err(Fault::TimedOut(self.limit)),
        }
    }

    /// Waits for each item in turn; `each` says whether more are wanted.
    pub fn each<T>(
        &self,
        mut items: impl Stream<Item = Result<T, sqlx::Error>> + Unpin,
        mut each: impl FnMut(T) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        self.runtime.block_on(async {
            loop {
                let next = timeout(self.limit + GRACE, items.next()).await;
                match next {
                    Err(_) => return Err(Fault::TimedOut(self.limit)),
                    Ok(None) => return Ok(()),
                    Ok(Some(item)) => {
                        if !each(item.map_err(|error| self.fault(&error, Moment::Reading))?)? {
                            return Ok(());
                        }
                    }
                }
            }
        })
    }

    fn fault(&self, error: &sqlx::Error, moment: Moment) -> Fault {
        match error {
            sqlx::Error::Database(said) => {
                let state = said.code();
                // PostgreSQL, MySQL and MariaDB say with these that a statement took too long.
                if state.as_deref() == Some("57014")
                    || matches!(error_number(said.as_ref()), Some(3024 | 1969))
                {
                    return Fault::TimedOut(self.limit);
                }
                // The administrator ended the session, or the server goes down.
                if matches!(state.as_deref(), Some("57P01" | "57P02"))
                    || error_number(said.as_ref()) == Some(1927)
                {
                    return Fault::lost(&said.message());
                }
                Fault::server(state.as_deref(), said.message())
            }
            sqlx::Error::Configuration(why) => Fault::Address { why: one_line(&why.to_string()) },
            sqlx::Error::Tls(why) => Fault::Tls { why: one_line(&why.to_string()) },
            // The handshake's refusal comes as an error of the stream.
            sqlx::Error::Io(why) if why.to_string().contains("certificate") => {
                Fault::Tls { why: one_line(&why.to_string()) }
            }
            error if moment == Moment::Connecting => Fault::connect(&reason(error)),
            error => Fault::lost(&reason(error)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Connecting,
    Reading,
}

/// The cause without sqlx's preamble.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// MySQL's own number of an error.
fn error_number(error: &dyn sqlx::error::DatabaseError) -> Option<u16> {
    error
        .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        .map(sqlx::mysql::MySqlDatabaseError::number)
}
