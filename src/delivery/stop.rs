//! Asking a run to stop: it claims no more, finishes what flies, settles, and ends.

use tokio::sync::watch;

/// The asking side.
#[derive(Clone)]
pub struct Stopper(watch::Sender<bool>);

/// The side that is asked.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A pair of both.
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks the run to stop. Asking twice is asking once.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the run has been asked to stop.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when the run is asked to stop; never, when nobody is left who could ask.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
