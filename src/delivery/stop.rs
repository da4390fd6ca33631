//! Asking a run to stop, and why: it claims no more, finishes what flies, settles, and ends.

use tokio::sync::watch;

/// Why a run is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A person or the system says so.
    Interrupted,
    /// The hours have begun in which nothing is sent.
    QuietHours,
}

/// The asking side.
#[derive(Clone)]
pub struct Stopper(watch::Sender<Option<Why>>);

/// The side that is asked.
#[derive(Clone)]
pub struct Stop(watch::Receiver<Option<Why>>);

/// A pair of both.
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(None);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks the run to stop. A second reason does not replace the first.
    pub fn stop(&self, why: Why) {
        self.0.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert(why);
            first
        });
    }
}

impl Stop {
    /// Why the run has been asked to stop, if it has.
    pub fn asked(&self) -> Option<Why> {
        *self.0.borrow()
    }

    /// Ends when the run is asked to stop; never, when nobody is left who could ask.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
