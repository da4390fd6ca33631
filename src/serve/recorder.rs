//! The queue between the network and the ledger: what has come meanwhile is stored together, and each sender hears when
//! its own is on disk.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::throttle::Throttle;
use crate::domain::receipt::News;
use crate::ledger::{self, Desk};

/// How many calls may wait; beyond it they are turned away, so that memory stays bounded.
const MOST_WAITING: usize = 4096;
/// How many are stored in one transaction.
const TOGETHER: usize = 256;
/// WeChat waits five seconds; so long a call waits for the disk.
const PATIENCE: Duration = Duration::from_secs(4);

/// It is not on disk, or not yet; it should be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not stored")]
pub(super) struct NotStored;

/// The side of the handlers.
#[derive(Clone)]
pub(super) struct Recorder(mpsc::Sender<Parcel>);

/// The side that stores.
pub(super) struct Recording(JoinHandle<()>);

struct Parcel {
    news: Vec<News>,
    stored: oneshot::Sender<()>,
}

impl Recorder {
    /// Starts to store what will come.
    pub fn start(desk: Arc<Desk>, account: String) -> (Self, Recording) {
        let (sender, waiting) = mpsc::channel(MOST_WAITING);
        (Self(sender), Recording(tokio::spawn(record(desk, account, waiting))))
    }

    /// Stores the news; `Ok` when they are on disk. What could not wait any longer is stored all the same, if it can be.
    pub async fn store(&self, news: Vec<News>) -> Result<(), NotStored> {
        let (stored, outcome) = oneshot::channel();
        self.0.try_send(Parcel { news, stored }).map_err(|_| NotStored)?;
        match tokio::time::timeout(PATIENCE, outcome).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(NotStored),
        }
    }
}

impl Recording {
    /// Waits until everything that came is stored, or cannot be. For when every [`Recorder`] is gone.
    pub async fn finish(self) {
        // Its panic has been reported by itself.
        let _ = self.0.await;
    }
}

async fn record(desk: Arc<Desk>, account: String, mut waiting: mpsc::Receiver<Parcel>) {
    let trouble = Throttle::new("receipts could not be stored");
    let mut parcels = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut parcels, TOGETHER).await > 0 {
        let (news, senders): (Vec<_>, Vec<_>) =
            parcels.drain(..).map(|parcel| (parcel.news, parcel.stored)).unzip();
        match store(&desk, &account, news.into_iter().flatten().collect()).await {
            Ok(()) => senders.into_iter().for_each(|sender| {
                // Who no longer waits sends it again, which changes nothing.
                let _ = sender.send(());
            }),
            // Unanswered, so each hears that it should be sent again.
            Err(error) => trouble.warn(&error),
        }
    }
}

async fn store(desk: &Desk, account: &str, news: Vec<News>) -> Result<(), ledger::Error> {
    let account = account.to_owned();
    let noted = desk.call(move |ledger| ledger.note(&account, &news)).await?;
    tracing::debug!(?noted, "stored");
    Ok(())
}
