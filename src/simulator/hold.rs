//! A barrier for tests: sends wait until the test lets them go, and the test can wait for them.

use std::sync::Arc;

use tokio::sync::watch;

/// Where a held send waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before anything of it is looked at: WeChat does not have the message.
    Arrival,
    /// When only the answer is missing: WeChat has the message.
    Answer,
}

/// Sends wait while this lives; see [`Simulator::hold`](crate::Simulator::hold).
#[must_use = "the hold ends when this is dropped"]
pub struct Hold {
    gate: Gate,
}

impl Hold {
    /// Returns once at least `count` sends are waiting.
    pub async fn waiting(&self, count: usize) {
        // The sender lives in `self.gate`, so the channel cannot close.
        let _ = self.gate.0.subscribe().wait_for(|bar| bar.waiting >= count).await;
    }

    /// Lets the sends go; dropping does the same.
    pub fn release(self) {}
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.gate.open();
    }
}

/// The barrier itself, shared by the handle and the requests.
#[derive(Clone)]
pub(crate) struct Gate(Arc<watch::Sender<Bar>>);

/// Shut at one moment after so many sends, and how many wait.
#[derive(Default)]
struct Bar {
    shut: Option<(Moment, u64)>,
    waiting: usize,
}

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Bar::default())))
    }
}

impl Gate {
    pub(crate) fn shut(&self, moment: Moment, after: u64) -> Hold {
        self.0.send_modify(|bar| bar.shut = Some((moment, after)));
        Hold { gate: self.clone() }
    }

    pub(crate) fn open(&self) {
        self.0.send_modify(|bar| bar.shut = None);
    }

    pub(crate) fn waiting(&self) -> usize {
        self.0.borrow().waiting
    }

    /// Waits here while the gate is shut at this moment and its free passes are used up.
    pub(crate) async fn pass(&self, moment: Moment) {
        let mut bar = self.0.subscribe();
        let mut wait = false;
        self.0.send_if_modified(|bar| {
            wait = bar.stop(moment);
            wait
        });
        if wait {
            let _place = Place(self);
            let _ = bar.wait_for(|bar| bar.shut.is_none_or(|(shut, _)| shut != moment)).await;
        }
    }
}

impl Bar {
    /// Whether one who comes at this moment waits; counted either as waiting or as let through.
    fn stop(&mut self, moment: Moment) -> bool {
        match &mut self.shut {
            Some((shut, free)) if *shut == moment && *free > 0 => {
                *free -= 1;
                false
            }
            Some((shut, _)) if *shut == moment => {
                self.waiting += 1;
                true
            }
            _ => false,
        }
    }
}

/// One place in the queue, given up even when the client goes away.
struct Place<'a>(&'a Gate);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|bar| bar.waiting -= 1);
    }
}
