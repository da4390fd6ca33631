//! The events in hand: handed out, in flight, landed; and the rounds with the ledger.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;

use super::health::Health;
use super::post::{Answer, post};
use super::pump::Pump;
use super::schedule;
use crate::clock::Clock;
use crate::domain::event::EventType;
use crate::ledger::{self, Attempt, Desk, Handed, Outcome, Pick, Round};

/// How long an outcome may wait for others to be written with it.
const GATHER: Duration = Duration::from_millis(100);
/// How often the ledger is asked for events when it had none.
const LOOK: Duration = Duration::from_millis(500);

/// A request and its event.
type Flight = Pin<Box<dyn Future<Output = (Handed, Answer)> + Send>>;

/// What a pump has in hand.
pub(super) struct Course<'a> {
    pump: &'a Pump,
    desk: &'a Desk,
    pick: Pick,
    waiting: VecDeque<Handed>,
    flights: FuturesUnordered<Flight>,
    /// What is to be told of each event in flight if it is not waited for.
    untried: Vec<(i64, Attempt)>,
    /// Whether a run's end is in flight, which goes alone.
    alone: bool,
    results: Vec<Attempt>,
    oldest_result: Option<Instant>,
    ask_at: Instant,
    /// Whether the ledger had nothing when it was asked last.
    dry: bool,
    /// When events put off in this course are due.
    due: Vec<Instant>,
    health: Health,
    /// Whether nothing more is begun.
    closing: bool,
    delivered: u64,
    died: u64,
}

/// What came of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that the receiver took.
    pub delivered: u64,
    /// Events given up.
    pub died: u64,
    /// Why events were left: what the receiver said last when it did not take one, or that time ran out.
    pub trouble: Option<String>,
}

impl<'a> Course<'a> {
    pub fn new(pump: &'a Pump, desk: &'a Desk, pick: Pick) -> Self {
        Self {
            pump,
            desk,
            pick,
            waiting: VecDeque::new(),
            flights: FuturesUnordered::new(),
            untried: Vec::new(),
            alone: false,
            results: Vec::new(),
            oldest_result: None,
            ask_at: Instant::now(),
            dry: false,
            due: Vec::new(),
            health: Health::default(),
            closing: false,
            delivered: 0,
            died: 0,
        }
    }

    /// One step: sends what may fly, and exchanges with the ledger where there is something to tell or to ask.
    pub async fn step(&mut self) -> Result<(), ledger::Error> {
        let now = Instant::now();
        self.launch(now);
        let room = self.health.room(now);
        if room == 0 {
            self.put_back();
        }
        let gathered = self.oldest_result.is_some_and(|since| now >= since + GATHER);
        let tell = !self.results.is_empty() && (gathered || self.flights.is_empty());
        // Twice what flies: the next ones are here when the first land.
        let want = (2 * room).saturating_sub(self.flights.len() + self.waiting.len());
        let ask = want > 0 && self.asks_at(now).is_some_and(|at| at <= now);
        if !tell && !ask {
            return Ok(());
        }
        let handed = self.exchange(if ask { want } else { 0 }).await?;
        if ask {
            self.dry = handed.is_empty();
            self.ask_at = if self.dry { Instant::now() + LOOK } else { Instant::now() };
        }
        if let (Pick::After(last), Some(newest)) = (&mut self.pick, handed.last()) {
            *last = newest.event.sequence;
        }
        self.waiting.extend(handed);
        self.launch(Instant::now());
        Ok(())
    }

    /// Waits until a request lands or it is time for another step, at the latest until `end`.
    pub async fn wait(&mut self, end: Option<Instant>) {
        let gathered = self.oldest_result.map(|since| since + GATHER);
        let now = Instant::now();
        let look = self.health.until(now).or_else(|| self.asks_at(now));
        let until = [gathered, look, end].into_iter().flatten().min().unwrap_or(now + LOOK);
        tokio::select! {
            biased;
            Some((handed, answer)) = self.flights.next(), if !self.flights.is_empty() => {
                self.land(&handed, answer);
                while let Some(Some((handed, answer))) = self.flights.next().now_or_never() {
                    self.land(&handed, answer);
                }
            }
            () = tokio::time::sleep_until(until) => {}
        }
    }

    /// When the ledger is asked for more; never, while enough is in hand: each question is a commit.
    fn asks_at(&self, now: Instant) -> Option<Instant> {
        let enough = self.closing || 2 * self.waiting.len() >= self.health.room(now);
        (!enough).then_some(self.ask_at)
    }

    /// Whether nothing is in hand, and nothing more is to be had before `end`.
    pub fn is_over(&self, end: Instant) -> bool {
        if !(self.flights.is_empty() && self.results.is_empty() && self.waiting.is_empty()) {
            return false;
        }
        let now = Instant::now();
        let comes_back =
            self.pick == Pick::Due && self.due.iter().any(|due| now < *due + LOOK && *due < end);
        self.closing
            || self.health.is_down()
            || self.health.until(now).is_some_and(|until| until > end)
            || (self.dry && !comes_back)
    }

    /// Begins nothing more; only what is in flight is waited for.
    pub fn close(&mut self) {
        self.closing = true;
        self.put_back();
    }

    /// Asks the ledger again at once.
    pub fn look_again(&mut self) {
        (self.ask_at, self.dry) = (Instant::now(), false);
    }

    /// Gives back what is still in hand.
    pub async fn end(mut self) -> Result<Report, ledger::Error> {
        let late = !self.flights.is_empty();
        self.flights.clear();
        let untried = std::mem::take(&mut self.untried);
        self.results.extend(untried.into_iter().map(|(_, attempt)| attempt));
        self.put_back();
        if !self.results.is_empty() {
            self.exchange(0).await?;
        }
        let cut = match (late, self.closing) {
            (true, _) => Some("no answer yet".to_owned()),
            (false, true) => Some("there was no time for more at the run's end".to_owned()),
            (false, false) => None,
        };
        Ok(Report {
            delivered: self.delivered,
            died: self.died,
            trouble: cut.or_else(|| self.health.why()),
        })
    }

    fn launch(&mut self, now: Instant) {
        while self.flights.len() < self.health.room(now) && !self.alone && !self.closing {
            let Some(next) = self.waiting.front() else { break };
            // A run's end is told after everything before it.
            let alone = next.event.event_type == EventType::RunFinished;
            if alone && !self.flights.is_empty() {
                break;
            }
            let Some(handed) = self.waiting.pop_front() else { break };
            self.alone = alone;
            self.untried.push((handed.event.sequence, handed.came_to(Outcome::Untried)));
            self.flights.push(self.pump.flight(handed));
        }
    }

    fn land(&mut self, handed: &Handed, answer: Answer) {
        let now = Instant::now();
        self.alone = false;
        self.untried.retain(|(sequence, _)| *sequence != handed.event.sequence);
        self.health.note(&answer, now);
        let outcome = match answer {
            Answer::Taken => {
                self.delivered += 1;
                Outcome::Delivered
            }
            Answer::Refused { why, .. } if !handed.due => Outcome::Early(why),
            Answer::Refused { why, wait, .. } => {
                if let Some(planned) = schedule::wait(handed.event.event_id, handed.attempts) {
                    let wait = planned.max(wait.unwrap_or_default());
                    self.due.retain(|due| *due + LOOK > now);
                    self.due.push(now + wait);
                    Outcome::PutOff(why, wait)
                } else {
                    self.died += 1;
                    Outcome::Dead(why)
                }
            }
        };
        tracing::debug!(event = %handed.event.event_id, ?outcome, "an event came back");
        self.results.push(handed.came_to(outcome));
        self.oldest_result.get_or_insert(now);
    }

    /// Events that are not tried now go back, for others or for later.
    fn put_back(&mut self) {
        let Some(first) = self.waiting.front() else { return };
        if let Pick::After(last) = &mut self.pick {
            *last = first.event.sequence - 1;
        }
        self.look_again();
        let back = self.waiting.drain(..).map(|handed| handed.came_to(Outcome::Untried));
        self.results.extend(back);
        self.oldest_result.get_or_insert_with(Instant::now);
    }

    async fn exchange(&mut self, want: usize) -> Result<Vec<Handed>, ledger::Error> {
        let settings = &self.pump.settings;
        let round = Round {
            accounts: settings.accounts.clone(),
            results: self.results.clone(),
            want,
            pick: self.pick,
            // An event may wait for one request before its own begins.
            lease: 3 * settings.timeout,
        };
        let handed = self.desk.call(move |ledger| ledger.deliver_events(&round)).await?;
        self.results.clear();
        self.oldest_result = None;
        Ok(handed)
    }
}

impl Pump {
    fn flight(&self, handed: Handed) -> Flight {
        let settings = &self.settings;
        let event = &handed.event;
        let told = event.flat(&settings.zone, settings.meaning);
        // Numbers and texts always make JSON.
        let body = serde_json::to_string(&told).unwrap_or_default();
        let (client, address, keys) =
            (self.client.clone(), self.address.clone(), settings.keys.clone());
        let (id, at) = (event.event_id.to_string(), Clock::System.now());
        Box::pin(async move { (handed, post(client, address, keys, id, at, body).await) })
    }
}
