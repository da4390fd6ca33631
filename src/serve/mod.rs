//! What others call: WeChat with its receipts, and whoever passes receipts on.
//!
//! A receipt is acknowledged when it is on disk, and not before. Storing takes milliseconds, since all that have come
//! meanwhile are stored together, and WeChat waits five seconds; so nothing that was acknowledged can be lost, however
//! the program ends, and what could not be stored in time is answered 503 and comes again (WeChat repeats a push three
//! times). A receipt that comes twice changes nothing.
//!
//! | file | job |
//! |---|---|
//! | `router` | which path is whose, and what holds for all: limits of size and time |
//! | `callback` | WeChat's check of the URL, and its pushes |
//! | `receipts` | receipts that somebody passes on |
//! | `health` | whether the record can be written |
//! | `keys` | who may call |
//! | `recorder` | the queue between the network and the ledger |
//! | `news` | from WeChat's event to the domain's word |
//! | `error` | what a caller is told who did something wrong |
//! | `throttle` | a log that a flood does not flood |

mod callback;
mod error;
mod health;
mod keys;
mod news;
mod receipts;
mod recorder;
mod router;
mod throttle;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use wechat::callback::Callback;

pub use keys::{Key, Keys, Scope};
pub use news::news;
use recorder::Recorder;

use crate::ledger::Desk;

/// How long requests that are under way may take to end once the server is to stop.
const LAST_MOMENT: Duration = Duration::from_secs(10);

/// What the server knows.
pub struct Settings {
    /// The account's app id.
    pub account: String,
    /// WeChat's callback; `None` when no token is set, and then its path does not exist.
    pub callback: Option<Callback>,
    /// Who may call.
    pub keys: Keys,
}

/// Serves until `until` is done, then ends what is under way; nothing acknowledged is lost.
///
/// # Errors
/// The listener's.
pub async fn run(
    listener: TcpListener,
    desk: Arc<Desk>,
    settings: Settings,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (recorder, recording) = Recorder::start(Arc::clone(&desk), settings.account.clone());
    let router = router::router(settings, recorder, desk);
    let (stopped, stopping) = tokio::sync::oneshot::channel::<()>();
    let stop = async move {
        until.await;
        drop(stopped);
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(stop);
    let out_of_time = async {
        // Ends when the server begins to stop.
        let _ = stopping.await;
        tokio::time::sleep(LAST_MOMENT).await;
    };
    let ended = tokio::select! {
        ended = async { served.await } => ended,
        () = out_of_time => Ok(()),
    };
    // With the router its queue ends, unless a caller still hangs on; what is in it is stored before this returns.
    let _ = tokio::time::timeout(LAST_MOMENT, recording.finish()).await;
    ended
}
