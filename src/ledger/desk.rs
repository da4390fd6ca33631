//! The thread that owns a ledger: jobs run on it in order, so that a caller who goes away leaves no transaction open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::{Error, Ledger, Settings};

type Job = Box<dyn FnOnce(&mut Ledger) + Send>;

/// A ledger on a thread of its own.
///
/// Dropping it lets the jobs already given finish, closes the ledger and waits for that; a job that is retrying a
/// database in trouble gives up at once.
pub struct Desk {
    jobs: Option<mpsc::Sender<Job>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Desk {
    /// Opens the ledger on a new thread; fails as [`Ledger::open`] does.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        Self::with(move || Ledger::open(&settings))
    }

    /// A desk around a ledger that `open` makes on the new thread.
    pub fn with(
        open: impl FnOnce() -> Result<Ledger, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let (opened, outcome) = mpsc::sync_channel(1);
        let closing = Arc::new(AtomicBool::new(false));
        let hurry = Arc::clone(&closing);
        let thread = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                let mut ledger = match open() {
                    Ok(ledger) => ledger,
                    Err(error) => {
                        // The opener waits for this answer, unless it is gone already.
                        let _ = opened.send(Err(error));
                        return;
                    }
                };
                ledger.hurry_when(hurry);
                if opened.send(Ok(())).is_err() {
                    return;
                }
                for job in waiting {
                    job(&mut ledger);
                }
            })
            .map_err(|_| Error::Closed)?;
        outcome.recv().map_err(|_| Error::Closed)??;
        Ok(Self { jobs: Some(jobs), closing, thread: Some(thread) })
    }

    /// Runs `job` on the ledger's thread, after those given before it. The job runs even if the future is dropped.
    pub async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Ledger) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.give(job)?.await.map_err(|_| Error::Closed)?
    }

    /// As [`Desk::call`], for callers outside a runtime; inside one it would block the runtime's thread.
    pub fn call_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Ledger) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, outcome) = mpsc::sync_channel(1);
        self.push(Box::new(move |ledger| {
            // The caller waits for this answer below.
            let _ = answer.send(job(ledger));
        }))?;
        outcome.recv().map_err(|_| Error::Closed)?
    }

    fn give<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Ledger) -> Result<T, Error> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, Error>>, Error> {
        let (answer, outcome) = oneshot::channel();
        self.push(Box::new(move |ledger| {
            // A caller who has gone away does not need the answer.
            let _ = answer.send(job(ledger));
        }))?;
        Ok(outcome)
    }

    fn push(&self, job: Job) -> Result<(), Error> {
        self.jobs.as_ref().ok_or(Error::Closed)?.send(job).map_err(|_| Error::Closed)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A job that panicked has been reported by the panic itself.
            let _ = thread.join();
        }
    }
}
