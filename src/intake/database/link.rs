//! The thread that an engine lives on.
//!
//! The program plans on a runtime of one thread, and a database driver that is asynchronous cannot be waited for there.
//! So each connection has a thread of its own; rows come over a short channel, so that the reader never holds more
//! than a few hundred of them, however long the answer is and however slow the reader.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use csv::StringRecord;

use super::engine::{self, Engine, Field, Task};
use super::fault::Fault;
use super::query::{Query, Target};
use super::select::Select;

/// How many rows travel together.
const BATCH: usize = 128;
/// How many batches may wait.
const WAITING: usize = 2;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(20);
/// How much longer than the server's own limit an answer is waited for: a server that went away says nothing.
const GRACE: Duration = Duration::from_secs(10);

/// A job for the engine's thread.
enum Job {
    Describe(Select, SyncSender<Result<Vec<Field>, Fault>>),
    Read(Task, SyncSender<Result<Vec<StringRecord>, Fault>>),
}

/// A connection, seen from outside its thread. Dropping it ends the connection.
pub(super) struct Link {
    jobs: Sender<Job>,
    /// How long a statement may take.
    limit: Duration,
    /// What the engine says of itself.
    pub traits: Traits,
}

/// What is known of an engine once it is connected.
#[derive(Clone, Debug)]
pub(super) struct Traits {
    /// The server's name and version.
    pub server: String,
    /// Whether the date column's window can be left to the database.
    pub has_dates: bool,
    /// The quotation mark of names, doubled inside them.
    pub quote: char,
}

impl Link {
    /// Connects.
    pub fn connect(target: Target, query: Query) -> Result<Self, Fault> {
        let limit = query.timeout;
        let (jobs, inbox) = channel();
        let (answer, connected) = sync_channel(1);
        let start = move || {
            let engine = match engine::connect(&target, &query) {
                Ok(engine) => engine,
                // Nobody waits when the opener has gone.
                Err(fault) => return drop(answer.send(Err(fault))),
            };
            let quote = engine.quote("").chars().next().unwrap_or('"');
            let traits = Traits { server: engine.server(), has_dates: engine.has_dates(), quote };
            if answer.send(Ok(traits)).is_ok() {
                work(engine, &inbox);
            }
        };
        thread::Builder::new()
            .name("database".to_owned())
            .spawn(start)
            .map_err(|error| Fault::connect(&error))?;
        let traits = connected.recv_timeout(CONNECT).map_err(|ended| match ended {
            RecvTimeoutError::Timeout => {
                Fault::connect(&format!("no answer within {} s", CONNECT.as_secs()))
            }
            RecvTimeoutError::Disconnected => gone(),
        })??;
        Ok(Self { jobs, limit, traits })
    }

    /// The columns that a statement would give.
    pub fn describe(&self, select: Select) -> Result<Vec<Field>, Fault> {
        let (answer, described) = sync_channel(1);
        self.jobs.send(Job::Describe(select, answer)).map_err(|_| gone())?;
        wait(&described, self.limit)?
    }

    /// Begins to read a statement's rows.
    pub fn read(&self, task: Task) -> Result<Answer, Fault> {
        let (sender, batches) = sync_channel(WAITING);
        self.jobs.send(Job::Read(task, sender)).map_err(|_| gone())?;
        Ok(Answer {
            batches,
            batch: Vec::new().into_iter(),
            ended: false,
            limit: self.limit,
            left: self.limit + GRACE,
        })
    }
}

/// The rows of an answer, one after the other.
pub(super) struct Answer {
    batches: Receiver<Result<Vec<StringRecord>, Fault>>,
    batch: std::vec::IntoIter<StringRecord>,
    ended: bool,
    limit: Duration,
    /// How much longer it is waited for in all. A query can lift the server's own limit and answer without end; what the
    /// reader does between two rows is not the database's.
    left: Duration,
}

impl Answer {
    /// The next row; `None` only after the database has said that there are no more.
    pub fn next(&mut self) -> Result<Option<StringRecord>, Fault> {
        loop {
            if let Some(row) = self.batch.next() {
                return Ok(Some(row));
            }
            if self.ended {
                return Ok(None);
            }
            let since = Instant::now();
            let batch = wait_at_most(&self.batches, self.left, self.limit)??;
            self.left = self.left.saturating_sub(since.elapsed());
            self.ended = batch.is_empty();
            self.batch = batch.into_iter();
        }
    }
}

fn wait<T>(answer: &Receiver<T>, limit: Duration) -> Result<T, Fault> {
    wait_at_most(answer, limit + GRACE, limit)
}

fn wait_at_most<T>(answer: &Receiver<T>, most: Duration, limit: Duration) -> Result<T, Fault> {
    answer.recv_timeout(most).map_err(|ended| match ended {
        RecvTimeoutError::Timeout => Fault::TimedOut(limit),
        RecvTimeoutError::Disconnected => gone(),
    })
}

/// Does jobs until nobody is left who could send any.
fn work(mut engine: Box<dyn Engine>, inbox: &Receiver<Job>) {
    while let Ok(job) = inbox.recv() {
        match job {
            Job::Describe(select, answer) => drop(answer.send(engine.describe(&select))),
            Job::Read(task, answer) => read(engine.as_mut(), &task, &answer),
        }
    }
}

/// Sends rows in batches, and an empty batch at the end: an answer that merely stops was cut off.
fn read(
    engine: &mut dyn Engine,
    task: &Task,
    answer: &SyncSender<Result<Vec<StringRecord>, Fault>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let read = engine.read(task, &mut |row| {
        batch.push(row);
        batch.len() < BATCH
            || answer.send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))).is_ok()
    });
    // A reader that has gone needs nothing more.
    if !batch.is_empty() && answer.send(Ok(batch)).is_err() {
        return;
    }
    drop(answer.send(read.map(|()| Vec::new())));
}

fn gone() -> Fault {
    Fault::Lost { why: "the reader ended".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::engine::Sink;
    use super::super::query::Period;
    use super::*;

    /// An engine of many rows, which counts what it gave.
    struct Many {
        rows: usize,
        given: Arc<AtomicUsize>,
        end: Result<(), Fault>,
    }

    impl Engine for Many {
        fn server(&self) -> String {
            String::new()
        }

        fn describe(&mut self, _: &Select) -> Result<Vec<Field>, Fault> {
            Ok(Vec::new())
        }

        fn read(&mut self, _: &Task, sink: Sink<'_>) -> Result<(), Fault> {
            for _ in 0..self.rows {
                self.given.fetch_add(1, Ordering::SeqCst);
                if !sink(StringRecord::new()) {
                    return Ok(());
                }
            }
            self.end.clone()
        }
    }

    fn answer(rows: usize, end: Result<(), Fault>) -> (Answer, Arc<AtomicUsize>) {
        let given = Arc::new(AtomicUsize::new(0));
        let mut engine = Many { rows, given: given.clone(), end };
        let (sender, batches) = sync_channel(WAITING);
        let today = jiff::civil::date(2026, 11, 23);
        let select = Select::plain(String::new());
        let task = Task { select, sources: Vec::new(), period: Period::covering([], today) };
        thread::spawn(move || read(&mut engine, &task, &sender));
        let limit = Duration::from_mins(1);
        let (batch, left) = (Vec::new().into_iter(), limit);
        (Answer { batches, batch, ended: false, limit, left }, given)
    }

    #[test]
    fn an_answer_that_trickles_without_end_is_ended() {
        let (sender, batches) = sync_channel(WAITING);
        thread::spawn(move || {
            while sender.send(Ok(vec![StringRecord::new()])).is_ok() {
                thread::sleep(Duration::from_millis(5));
            }
        });
        let (limit, left) = (Duration::from_secs(7), Duration::from_millis(100));
        let batch = Vec::new().into_iter();
        let mut answer = Answer { batches, batch, ended: false, limit, left };
        let ended = (0..10_000).find_map(|_| answer.next().err());
        assert_eq!(ended, Some(Fault::TimedOut(limit)));
    }

    #[test]
    fn never_more_than_a_few_batches_are_held() {
        let (mut answer, given) = answer(10_000, Ok(()));
        let mut taken = 0;
        while answer.next().unwrap().is_some() {
            taken += 1;
            // One batch is read, two wait, one waits to be sent, one is being filled.
            assert!(given.load(Ordering::SeqCst) <= taken + (WAITING + 3) * BATCH);
        }
        assert_eq!(taken, 10_000);
    }

    #[test]
    fn rows_before_an_error_are_given_and_then_the_error() {
        for rows in [0, BATCH, BATCH + 1] {
            let (mut answer, _) = answer(rows, Err(gone()));
            for _ in 0..rows {
                assert!(answer.next().unwrap().is_some());
            }
            assert_eq!(answer.next().map(|row| row.is_some()), Err(gone()));
        }
    }
}
