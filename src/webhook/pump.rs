//! The pump: delivers events until it is stopped, beside a run or for as long as a server runs; or once through, when a
//! person asks.

use std::future::Future;
use std::time::Duration;

use reqwest::{Client, Url};
use tokio::time::Instant;

use super::course::Course;
pub use super::course::Report;
use super::settings::{Error, Settings};
use crate::ledger::{self, Desk, Pick};

/// How long a pump that was asked once waits for a receiver that asks for time.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the last requests may take after the patience has ended: one that is given up may have been taken, and is
/// then delivered twice.
const GRACE: Duration = Duration::from_secs(2);
/// How long a pump in the background leaves a ledger in trouble alone.
const REST: Duration = Duration::from_secs(5);

/// Delivers the events of some accounts to one receiver.
pub struct Pump {
    pub(super) settings: Settings,
    pub(super) client: Client,
    pub(super) address: Url,
}

impl Pump {
    /// A pump. No request is made yet.
    ///
    /// # Errors
    /// An address, a proxy or a file of certificates that cannot be used.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let address = settings.address()?;
        let client = settings.client(&address)?;
        Ok(Self { settings, client, address })
    }

    /// Delivers what is due, as it comes, until `stop` is done; then what is left, for at most `patience`, and two
    /// seconds more for answers.
    ///
    /// `desk` should be one of its own, so that it holds up nobody.
    ///
    /// # Errors
    /// The ledger's, when it is lost for good. What was delivered and not recorded is delivered again.
    pub async fn run(
        &self,
        desk: &Desk,
        stop: impl Future<Output = ()>,
        patience: Duration,
    ) -> Result<Report, ledger::Error> {
        let mut course = Course::new(self, desk, Pick::Due);
        tokio::pin!(stop);
        let mut end: Option<Instant> = None;
        loop {
            match course.step().await {
                Ok(()) => {}
                Err(error) if error.is_transient() && end.is_none() => {
                    tracing::debug!(%error, "the ledger gives no events; trying again");
                    let rest = tokio::time::sleep(REST);
                    tokio::select! {
                        () = &mut stop => end = Some(Instant::now() + patience),
                        () = rest => {}
                    }
                }
                Err(error) => return Err(error),
            }
            if let Some(end) = end {
                let now = Instant::now();
                if course.is_over(end) || now >= end + GRACE {
                    return course.end().await;
                }
                if now >= end {
                    course.close();
                }
            }
            let limit = end.map(|end| if Instant::now() < end { end } else { end + GRACE });
            tokio::select! {
                biased;
                () = &mut stop, if end.is_none() => {
                    end = Some(Instant::now() + patience);
                    // What was recorded last is due now.
                    course.look_again();
                }
                () = course.wait(limit) => {}
            }
        }
    }

    /// Tries every pending event once, oldest first, whenever its turn is; ends early when the receiver is down.
    ///
    /// # Errors
    /// The ledger's. What was delivered and not recorded is delivered again.
    pub async fn flush(&self, desk: &Desk) -> Result<Report, ledger::Error> {
        let mut course = Course::new(self, desk, Pick::After(0));
        loop {
            course.step().await?;
            let now = Instant::now();
            if course.is_over(now + PATIENCE) {
                return course.end().await;
            }
            course.wait(None).await;
        }
    }
}
