//! What the two engines of sqlx have in common: a runtime of their own, and errors.

use std::future::Future;
use std::io::ErrorKind;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::runtime::{Builder, Runtime};

use super::fault::{Fault, one_line};

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
        self.runtime.block_on(connecting).map_err(|error| self.fault(&error, Moment::Connecting))
    }

    /// Waits for one answer.
    pub fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Fault> {
        self.runtime.block_on(answer).map_err(|error| self.fault(&error, Moment::Reading))
    }

    /// Waits for each item in turn; `each` says whether more are wanted.
    pub fn each<T>(
        &self,
        mut items: impl Stream<Item = Result<T, sqlx::Error>> + Unpin,
        mut each: impl FnMut(T) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        self.runtime.block_on(async {
            while let Some(item) = items.next().await {
                if !each(item.map_err(|error| self.fault(&error, Moment::Reading))?)? {
                    break;
                }
            }
            Ok(())
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
        // The library says what it missed, and where it explains that; what happened is this.
        sqlx::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            "the server closed the connection".to_owned()
        }
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
