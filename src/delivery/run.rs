//! The loop of a run.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;
use wechat::{Class, Client};

use super::attempt::{Done, Lesson, attempt};
use super::gate::Gate;
use super::ready::Ready;
use super::settings::Settings;
use super::stop::{Stop, Why};
use super::tally::{Halt, Progress, Tally};
use super::verdict::requeued;
use crate::ledger::{self, Desk, Exchange, Exchanged, Pause, Settled, Settlement};

/// How many outcomes are written together at the most, and how many messages are claimed when the rate is unlimited.
const GROUP: usize = 256;

/// How long before its last claimed message may leave a run claims more: a paced run holds few messages, so that a
/// crash leaves few in doubt.
const CLAIM_AHEAD: Duration = Duration::from_millis(200);

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger is not to be had. What was claimed and not sent stays in it; nothing else was sent.
    #[error("the ledger failed while messages were being sent")]
    Ledger {
        /// What the ledger said.
        #[source]
        source: ledger::Error,
        /// What the run had done until then.
        tally: Box<Tally>,
    },
}

type Flight = FuturesUnordered<Pin<Box<dyn Future<Output = Done>>>>;
type Answer = Result<Exchanged, ledger::Error>;
type Exchanging<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// Sends what the run on `desk` may claim until nothing is left, a halt, or a stop.
///
/// `now` is the clinic's time, which may be pretended; `seen` hears how far the run is.
///
/// # Errors
/// [`Error::Ledger`] when the ledger is lost. Everything else that can go wrong is in the [`Tally`].
pub async fn run(
    desk: &Desk,
    client: &Client,
    settings: &Settings,
    now: &dyn Fn() -> Timestamp,
    stop: Stop,
    seen: watch::Sender<Progress>,
) -> Result<Tally, Error> {
    let engine = Engine {
        desk,
        client,
        settings,
        now,
        stop,
        seen,
        ready: Ready::default(),
        flight: Flight::new(),
        gate: Gate::default(),
        tally: Tally::default(),
        unwritten: Vec::new(),
        oldest_unwritten: None,
        leaving: Vec::new(),
        asked: false,
        reopen: false,
        pause: None,
        source: Source::Open,
        patience: None,
        troubled: None,
        worn_out: false,
    };
    engine.run().await
}

/// What the ledger still has for this run.
#[derive(Clone, Copy)]
enum Source {
    /// It may have more now.
    Open,
    /// It may have more at this instant.
    Later(Instant),
    /// Only outcomes of messages in flight here can free more.
    AfterFlight,
    /// It has nothing more.
    Dry,
}

struct Engine<'a> {
    desk: &'a Desk,
    client: &'a Client,
    settings: &'a Settings,
    now: &'a dyn Fn() -> Timestamp,
    stop: Stop,
    seen: watch::Sender<Progress>,
    ready: Ready,
    flight: Flight,
    gate: Gate,
    tally: Tally,
    unwritten: Vec<Settlement>,
    oldest_unwritten: Option<Instant>,
    /// Templates that were stopped: the next exchange tells the ledger to hand out no more of them.
    leaving: Vec<Box<str>>,
    /// Whether the exchange under way asked for more.
    asked: bool,
    /// Whether a message went back into the queue, or came into it, since the exchange under way was begun.
    reopen: bool,
    pause: Option<Pause>,
    source: Source,
    /// Until when the run waits for messages put off; set when nothing else is left, lifted by progress.
    patience: Option<Instant>,
    /// Until when WeChat may stay out of reach; set by the first message put off for that, lifted by progress.
    troubled: Option<Instant>,
    /// Whether WeChat stayed out of reach for longer: then what has not left stays queued. Otherwise a queue of more
    /// messages than can be tried within a put-off would keep the run going for as long as the trouble lasts.
    worn_out: bool,
}

impl<'a> Engine<'a> {
    async fn run(mut self) -> Result<Tally, Error> {
        let mut exchanging: Option<Exchanging<'a>> = None;
        loop {
            // The stop may have been asked for while something else was awaited.
            if let Some(why) = self.stop.asked() {
                self.halt_for_stop(why);
            }
            self.launch();
            self.take_back();
            if exchanging.is_none() {
                match self.next_exchange() {
                    Some(request) => exchanging = Some(self.exchange(request)),
                    None if self.is_over() => break,
                    None => {}
                }
            }
            self.show();
            let timer = self.timer(exchanging.is_some());
            tokio::select! {
                biased;
                answer = pending_or(&mut exchanging) => {
                    exchanging = None;
                    if let Err(source) = self.take(answer) {
                        return Err(self.lose(source).await);
                    }
                }
                Some(done) = self.flight.next(), if !self.flight.is_empty() => self.land(done),
                () = self.stop.wait(), if !self.stopping() => {}
                () = self.settings.bell.notified(), if !self.stopping() => {
                    self.source = Source::Open;
                    self.reopen = true;
                }
                () = tokio::time::sleep_until(timer.unwrap_or_else(Instant::now)), if timer.is_some() => {}
            }
        }
        Ok(self.finish())
    }

    fn finish(mut self) -> Tally {
        self.tally.stopped_templates = std::mem::take(&mut self.gate.stopped);
        self.tally.halt = self.gate.halt.take();
        self.tally
    }

    /// Sends as many as may fly.
    fn launch(&mut self) {
        while self.flight.len() < self.settings.concurrency && !self.closing() {
            let Some(claimed) = self.ready.pop(&mut self.gate) else { break };
            let (client, waits, stop) =
                (self.client.clone(), self.settings.waits.clone(), self.stop.clone());
            self.flight.push(Box::pin(attempt(client, claimed, waits, stop)));
        }
    }

    /// Claimed messages that will not leave go back into the queue.
    fn take_back(&mut self) {
        let stopping = self.closing() || self.pause.is_some();
        for claimed in self.ready.refused(&self.gate, stopping) {
            let outcome = requeued(None, None, !claimed.retry);
            self.write(claimed.message, outcome);
        }
    }

    /// A message is back.
    fn land(&mut self, mut done: Done) {
        self.ready.release(&done.claimed.openid);
        if done.lesson == Lesson::Pause {
            let to_next_minute = self.settings.waits.pause_scale;
            self.pause = Some(Pause { to_next_minute, slower: true });
        }
        self.wear(&done);
        let stopped = self.gate.stopped.len();
        self.gate.learn(&mut done);
        if self.gate.stopped.len() > stopped {
            self.leaving.push(done.claimed.template.clone());
        }
        if matches!(done.settled, Settled::Requeued { .. }) {
            // It is in the queue again, whatever the ledger said before.
            self.source = Source::Open;
            self.reopen = true;
        }
        self.count(&done);
        self.write(done.claimed.message, done.settled);
    }

    fn count(&mut self, done: &Done) {
        match &done.settled {
            Settled::Accepted { .. } => self.tally.accepted += 1,
            Settled::Held { .. } => self.tally.held += 1,
            Settled::Failed { errcode, .. } => *self.tally.failed.entry(*errcode).or_default() += 1,
            Settled::Unknown { .. } => self.tally.unknown.add(done.claimed.kind),
            Settled::Requeued { .. } => return,
        }
        (self.patience, self.troubled) = (None, None);
    }

    /// Takes note of a message for which every try found WeChat busy or out of reach.
    fn wear(&mut self, done: &Done) {
        let trouble = done.error.as_ref().filter(|error| error.class() == Class::Backoff);
        let Some(trouble) = trouble else { return };
        match done.settled {
            Settled::Requeued { not_before: Some(_), .. } => {
                let (now, patience) = (Instant::now(), self.settings.waits.patience);
                self.worn_out |= now > *self.troubled.get_or_insert(now + patience);
            }
            Settled::Unknown { .. } => {}
            _ => return,
        }
        self.tally.trouble = Some(trouble.clone());
    }

    fn write(&mut self, message: i64, outcome: Settled) {
        self.oldest_unwritten.get_or_insert_with(Instant::now);
        self.unwritten.push(Settlement { message, outcome });
    }

    /// What the ledger is to be told and asked now, if anything.
    fn next_exchange(&mut self) -> Option<Exchange> {
        let want = self.want();
        let idle = self.flight.is_empty() && self.ready.is_empty();
        let due = self
            .oldest_unwritten
            .is_some_and(|since| since.elapsed() >= self.settings.waits.settle);
        let settle = !self.unwritten.is_empty()
            && (idle || due || want > 0 || self.unwritten.len() >= GROUP);
        if want == 0 && !settle && self.pause.is_none() {
            return None;
        }
        self.oldest_unwritten = None;
        let rest = self.unwritten.split_off(self.unwritten.len().min(GROUP));
        let settle = std::mem::replace(&mut self.unwritten, rest);
        if !self.unwritten.is_empty() {
            self.oldest_unwritten = Some(Instant::now());
        }
        self.asked = want > 0;
        self.reopen = false;
        let (rate, now) = (self.settings.rate, (self.now)());
        Some(Exchange { settle, want, rate, now, pause: self.pause.take() })
    }

    /// How many more messages are wanted: claim ahead while requests fly, nothing after a stop.
    fn want(&mut self) -> usize {
        if self.closing() || self.pause.is_some() {
            return 0;
        }
        let patient = match self.source {
            Source::Later(at) => self.may_wait_until(at),
            _ => true,
        };
        match self.source {
            Source::Later(at) if Instant::now() >= at && patient => self.source = Source::Open,
            Source::AfterFlight if !self.unwritten.is_empty() => self.source = Source::Open,
            _ => {}
        }
        let low = self.ready.len() < self.settings.concurrency.max(GROUP / 4)
            && self.ready.last_moment().is_none_or(|last| last <= Instant::now() + CLAIM_AHEAD);
        if matches!(self.source, Source::Open) && low { GROUP } else { 0 }
    }

    fn exchange(&mut self, request: Exchange) -> Exchanging<'a> {
        let leaving = std::mem::take(&mut self.leaving);
        Box::pin(self.desk.call(move |ledger| {
            for template in &leaving {
                ledger.stop_template(template);
            }
            ledger.exchange(&request)
        }))
    }

    fn take(&mut self, answer: Answer) -> Result<(), ledger::Error> {
        let answer = answer?;
        self.tally.expired += answer.became.expired;
        self.tally.unknown += answer.became.unknown;
        if !self.asked {
            return Ok(());
        }
        let got = !answer.claimed.is_empty();
        self.source = match answer.next_due {
            // A message came into the queue after this question was asked: it must be asked again.
            _ if got || self.reopen => Source::Open,
            Some(wait) => Source::Later(Instant::now() + wait.max(Duration::from_millis(5))),
            None if answer.waiting > 0 => Source::AfterFlight,
            None => Source::Dry,
        };
        self.ready.extend(answer.claimed, answer.start_after, answer.interval);
        Ok(())
    }

    /// Whether nothing flies, waits or is unwritten, and the ledger has nothing more within the run's patience.
    fn is_over(&mut self) -> bool {
        if !(self.flight.is_empty() && self.ready.is_empty() && self.unwritten.is_empty()) {
            return false;
        }
        match self.source {
            _ if self.closing() => true,
            Source::Dry | Source::AfterFlight => true,
            Source::Open => false,
            Source::Later(at) => !self.may_wait_until(at),
        }
    }

    /// Whether a wait until then is within the run's patience, which begins with the first idle moment.
    fn may_wait_until(&mut self, at: Instant) -> bool {
        if !(self.flight.is_empty() && self.ready.is_empty()) {
            return true;
        }
        let patience = self.settings.waits.patience;
        at <= *self.patience.get_or_insert_with(|| Instant::now() + patience)
    }

    /// When the loop must look again although nothing has come back.
    ///
    /// What only an exchange can answer is no reason to wake while one is under way: it may take minutes to end.
    fn timer(&mut self, exchanging: bool) -> Option<Instant> {
        let settle = self.oldest_unwritten.map(|since| since + self.settings.waits.settle);
        let settle = settle.filter(|_| !exchanging);
        let later = match self.source {
            Source::Later(at) if !exchanging => Some(at),
            _ => None,
        };
        let ahead = self.ready.last_moment().and_then(|last| last.checked_sub(CLAIM_AHEAD));
        let ahead = ahead.filter(|at| matches!(self.source, Source::Open) && *at > Instant::now());
        let moment = if self.flight.len() < self.settings.concurrency {
            self.ready.next_moment()
        } else {
            None
        };
        [settle, later, moment, ahead].into_iter().flatten().min()
    }

    fn stopping(&self) -> bool {
        self.gate.halt.is_some() || self.stop.asked().is_some()
    }

    /// Whether nothing more is to leave.
    fn closing(&self) -> bool {
        self.worn_out || self.stopping()
    }

    fn halt_for_stop(&mut self, why: Why) {
        self.gate.halt.get_or_insert(match why {
            Why::Interrupted => Halt::Interrupted,
            Why::QuietHours => Halt::QuietHours,
        });
    }

    fn show(&self) {
        let sent = self.tally.accepted + self.tally.held;
        let idle = self.flight.is_empty() && self.ready.is_empty();
        let waiting = idle && matches!(self.source, Source::Later(_));
        let done = sent + self.tally.failures() + self.tally.unknown.total() + self.tally.expired;
        let progress = Progress { done, sent, in_flight: self.flight.len(), waiting };
        self.seen.send_if_modified(|shown| {
            let changed = *shown != progress;
            *shown = progress;
            changed
        });
    }

    /// The ledger is lost: what flies is let land, so that no request is cut off, and nothing more is sent.
    async fn lose(mut self, source: ledger::Error) -> Error {
        while let Some(done) = self.flight.next().await {
            self.count(&done);
        }
        Error::Ledger { source, tally: Box::new(self.tally) }
    }
}

/// The exchange under way, or never.
async fn pending_or(exchanging: &mut Option<Exchanging<'_>>) -> Answer {
    match exchanging {
        Some(exchange) => exchange.as_mut().await,
        None => std::future::pending().await,
    }
}
