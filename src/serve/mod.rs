//! What others call: WeChat with its receipts, whoever passes receipts on, and programs that send or ask what was sent.
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
//! | `dispatch` | sends what was asked for |
//! | `receipts` | receipts that somebody passes on |
//! | `health` | whether the record can be written |
//! | `messages` | the connector |
//! | `page` | what staff see in a browser |
//! | `caller`, `keys`, `pace` | who may call, and how often |
//! | `recorder` | the queue between the network and the ledger |
//! | `news` | from WeChat's event to the domain's word |
//! | `error` | what a caller is told who did something wrong |
//! | `throttle` | a log that a flood does not flood |

mod callback;
mod caller;
mod dispatch;
mod error;
mod health;
mod keys;
mod messages;
mod news;
mod pace;
pub mod page;
mod receipts;
mod recorder;
mod router;
mod throttle;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use wechat::callback::Callback;

pub use dispatch::Sending;
use dispatch::{Orders, dispatch};
use jiff::Timestamp;
use jiff::tz::TimeZone;
pub use keys::{Key, Keys, Scope, UnknownScope};
pub use messages::Layout;
pub use news::news;
use page::Page;
use recorder::Recorder;

use crate::delivery::{self, Stop, Why};
use crate::ledger::{self, Desk};

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
    /// How many calls of the connector a key may make a minute.
    pub calls_per_minute: u32,
    /// The account's templates, as far as they are known here.
    pub layouts: Vec<Layout>,
    /// The clinic's zone.
    pub zone: TimeZone,
    /// The time.
    pub now: fn() -> Timestamp,
    /// What the page asks of the settings.
    pub office: Arc<dyn page::Office>,
    /// Whether browsers reach it by https, whatever a request says.
    pub https: bool,
}

/// Where the server reads and writes.
pub struct Desks {
    /// Receipts and what is asked for: short writes.
    pub writer: Arc<Desk>,
    /// Lists, which may take long.
    pub reader: Arc<Desk>,
}

/// Why the server ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The listener's fault.
    #[error("the server stopped")]
    Listener(#[from] io::Error),
    /// The system gives no random numbers, so no session could be signed.
    #[error("the system gives no random numbers")]
    Random,
    /// The ledger takes no orders.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

/// Serves until `until` is done, then ends what is under way; nothing acknowledged is lost. `sending` sends what is asked
/// for; without it nothing can be asked for.
///
/// # Errors
/// The listener's, and the ledger's before anything is answered.
pub async fn run(
    listener: TcpListener,
    desks: Desks,
    settings: Settings,
    sending: Option<Sending>,
    until: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let account = settings.account.clone();
    let page = Page::new(&settings).map_err(|_| Error::Random)?;
    let orders = match &sending {
        Some(sending) => Some(Orders::open(&desks.writer, &account, &sending.pace.bell).await?),
        None => None,
    };
    let (stopper, stop) = delivery::stopper();
    let stopping = stopper.clone();
    tokio::spawn(async move {
        until.await;
        stopping.stop(Why::Interrupted);
    });
    let answering = async {
        let ended = answer(listener, desks, settings, page, orders, &stop).await;
        // Whatever ended it: nothing is sent that nobody can ask about.
        stopper.stop(Why::Interrupted);
        ended
    };
    let sending = async {
        if let Some(sending) = sending {
            dispatch(sending, account, stop.clone()).await;
        }
    };
    let (ended, ()) = tokio::join!(answering, sending);
    Ok(ended?)
}

/// Answers until the stop, then ends what is under way.
async fn answer(
    listener: TcpListener,
    desks: Desks,
    settings: Settings,
    page: Page,
    orders: Option<Orders>,
    stop: &Stop,
) -> io::Result<()> {
    let writer = Arc::clone(&desks.writer);
    let (recorder, recording) = Recorder::start(writer, settings.account.clone());
    let router = router::router(settings, page, recorder, desks, orders);
    let (at_stop, until) = (stop.clone(), stop.clone());
    let served =
        axum::serve(listener, router).with_graceful_shutdown(async move { at_stop.wait().await });
    let out_of_time = async {
        until.wait().await;
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
