//! Two runs that do anything in any order, and die: no message twice, none lost.

use std::collections::{HashMap, HashSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

/// What one of two runs does next.
#[derive(Clone, Debug)]
enum Step {
    /// A process starts, begins a run and recovers.
    Start(usize),
    /// Killed.
    Crash(usize),
    Finish(usize),
    Enqueue(usize, Vec<u8>),
    ConfirmPending(usize),
    /// Asks for so many; maybe the first answer is lost after its commit.
    Claim(usize, usize, bool),
    /// The outcome of something in hand.
    Settle(usize, usize, Outcome),
    /// So many minutes pass.
    Wait(i64),
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Accepted,
    Held,
    Failed,
    Unknown,
    Unsent,
    Unsure,
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = proptest::sample::select(vec![
        Outcome::Accepted,
        Outcome::Held,
        Outcome::Failed,
        Outcome::Unknown,
        Outcome::Unsent,
        Outcome::Unsure,
    ]);
    prop_oneof![
        2 => (0..2usize).prop_map(Step::Start),
        1 => (0..2usize).prop_map(Step::Crash),
        1 => (0..2usize).prop_map(Step::Finish),
        2 => (0..2usize, vec(0..12u8, 1..6)).prop_map(|(r, m)| Step::Enqueue(r, m)),
        2 => (0..2usize).prop_map(Step::ConfirmPending),
        5 => (0..2usize, 1..4usize, proptest::bool::weighted(0.2)).prop_map(|(r, n, l)| Step::Claim(r, n, l)),
        5 => (0..2usize, 0..4usize, outcome).prop_map(|(r, n, o)| Step::Settle(r, n, o)),
        1 => (1..6i64).prop_map(Step::Wait),
    ]
}

/// What truly happened, as far as the ledger's callers know.
struct World<'a> {
    place: &'a Place,
    /// Who looks on.
    watch: Ledger,
    runs: [Option<Ledger>; 2],
    /// What each run holds.
    hands: [Vec<Claimed>; 2],
    minutes: i64,
    queued: HashSet<u8>,
    /// Messages that may be at WeChat though nobody knows, and since which minute.
    open: HashMap<i64, i64>,
    /// Messages that WeChat has answered for good.
    done: HashSet<i64>,
}

/// Writes down every change of a message's state.
const SQLITE_NOTES: &str = "CREATE TABLE moves (was TEXT, became TEXT, intent TEXT);
    CREATE TRIGGER moved AFTER UPDATE OF state ON message WHEN OLD.state <> NEW.state
    BEGIN INSERT INTO moves VALUES (OLD.state, NEW.state, OLD.intent_at); END";
const POSTGRES_NOTES: &str = "CREATE TABLE moves (was TEXT, became TEXT, intent TEXT);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO moves VALUES (OLD.state, NEW.state, OLD.intent_at); RETURN NULL; END';
    CREATE TRIGGER moved AFTER UPDATE OF state ON message FOR EACH ROW WHEN (OLD.state <> NEW.state)
      EXECUTE FUNCTION note()";

impl<'a> World<'a> {
    fn new(place: &'a Place) -> Self {
        let watch = place.open();
        watch.db.batch(either(&watch.db, SQLITE_NOTES, POSTGRES_NOTES)).unwrap();
        Self {
            place,
            watch,
            runs: [None, None],
            hands: [Vec::new(), Vec::new()],
            minutes: 0,
            queued: HashSet::new(),
            open: HashMap::new(),
            done: HashSet::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Start(r) if self.runs[r].is_none() => {
                let mut ledger = self.place.open();
                tick(&ledger, self.minutes);
                begin(&mut ledger);
                ledger.recover(now(), POLICY).unwrap();
                self.runs[r] = Some(ledger);
            }
            Step::Crash(r) => {
                if let Some(ledger) = self.runs[r].take() {
                    kill(ledger);
                }
                self.hands[r].clear();
            }
            Step::Finish(r) => {
                if let Some(mut ledger) = self.runs[r].take() {
                    ledger.finish_run(&RunEnd::default()).unwrap();
                    self.hands[r].clear();
                }
            }
            Step::Enqueue(r, numbers) => {
                if let Some(ledger) = &mut self.runs[r] {
                    let message =
                        |n: &u8| reminder(&format!("o{}", n % 4), (n / 4).try_into().unwrap());
                    ledger.enqueue(&numbers.iter().map(message).collect::<Vec<_>>()).unwrap();
                    self.queued.extend(numbers);
                }
            }
            Step::ConfirmPending(r) => self.confirm(r),
            Step::Claim(r, want, lose) => self.claim(r, want, lose),
            Step::Settle(r, n, outcome) => self.settle(r, n, outcome),
            Step::Wait(minutes) => {
                self.minutes += minutes;
                self.runs.iter().flatten().for_each(|ledger| tick(ledger, minutes));
            }
            Step::Start(_) => {}
        }
        self.check();
    }

    fn confirm(&mut self, r: usize) {
        let Some(ledger) = &mut self.runs[r] else { return };
        let pending = ledger.pending(ACCOUNT).unwrap();
        ledger.confirm(&pending.iter().map(|p| anew(p.message)).collect::<Vec<_>>()).unwrap();
        // The policy resends reminders of unknown outcome: a second copy is allowed from here on.
        for unknown in pending.iter().filter(|p| p.state == State::Unknown) {
            self.open.remove(&unknown.message);
        }
    }

    fn claim(&mut self, r: usize, want: usize, lose: bool) {
        let Some(ledger) = &mut self.runs[r] else { return };
        ledger.lose_answer = lose;
        let claimed = ledger.exchange(&ask(want)).unwrap().claimed;
        assert!(claimed.len() <= want);
        for message in claimed {
            let mut held = self.hands.iter().flatten();
            assert!(held.all(|h| h.openid != message.openid), "two in flight for one openid");
            assert!(!self.done.contains(&message.message), "sent after WeChat's answer");
            if let Some(since) = self.open.get(&message.message) {
                assert!(message.retry, "a second first attempt");
                assert!(self.minutes - since < 8, "repeated too late");
            }
            self.open.entry(message.message).or_insert(self.minutes);
            self.hands[r].push(message);
        }
    }

    fn settle(&mut self, r: usize, n: usize, outcome: Outcome) {
        let (Some(ledger), true) = (&mut self.runs[r], n < self.hands[r].len()) else { return };
        let held = self.hands[r].remove(n);
        let put_back =
            |sure| Settled::Requeued { not_before: None, sure, errcode: None, errmsg: None };
        let settled = match outcome {
            Outcome::Accepted => accepted(),
            Outcome::Held => Settled::Held { rid: None },
            Outcome::Failed => Settled::Failed { errcode: 43004, errmsg: String::new(), rid: None },
            Outcome::Unknown => Settled::Unknown { errcode: None, errmsg: None },
            Outcome::Unsent => put_back(true),
            Outcome::Unsure => put_back(false),
        };
        assert_eq!(ledger.exchange(&tell(held.message, settled)).unwrap().lost, 0);
        match outcome {
            Outcome::Accepted | Outcome::Held | Outcome::Failed => {
                self.done.insert(held.message);
            }
            Outcome::Unsent if !held.retry => {
                self.open.remove(&held.message);
            }
            Outcome::Unsent | Outcome::Unknown | Outcome::Unsure => {}
        }
    }

    fn check(&self) {
        let rows = count(&self.watch, "SELECT COUNT(*) FROM message");
        assert_eq!(rows, self.queued.len() as u64, "a message was lost");
        let twice = "SELECT COUNT(*) FROM (SELECT openid FROM message WHERE state = 'sending'
            GROUP BY openid HAVING COUNT(*) > 1) AS t";
        assert_eq!(count(&self.watch, twice), 0, "two in flight for one openid");
    }

    /// Both processes die, time passes, and one last run sends what is left.
    fn end(mut self) {
        for step in [Step::Crash(0), Step::Crash(1), Step::Wait(9), Step::Start(0)] {
            self.take(step);
        }
        self.confirm(0);
        for _ in 0..12 {
            self.claim(0, 99, false);
            while !self.hands[0].is_empty() {
                self.settle(0, 0, Outcome::Accepted);
            }
        }
        assert_eq!(self.done.len(), self.queued.len(), "a message was never sent");
        for mut row in self.watch.db.query("SELECT was, became, intent FROM moves", &[]).unwrap() {
            let (was, became) = (row.word::<State>("was").unwrap(), row.word("became").unwrap());
            // A queued row with an open intent is, in truth, still on its way.
            let on_its_way = was == State::Queued && row.opt_text("intent").unwrap().is_some();
            let from = if on_its_way && became == State::Unknown { State::Sending } else { was };
            assert!(from.may_become(became), "{was} became {became}");
        }
    }
}

/// Plays any stories of the two runs, so many of them.
fn play(place: &Place, cases: u32) {
    let settings = ProptestConfig {
        cases,
        max_shrink_iters: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new(settings);
    let outcome = runner.run(&vec(step(), 20..60), |steps| {
        place.empty();
        let mut world = World::new(place);
        for first in [Step::Start(0), Step::Enqueue(0, vec![0, 1, 2, 4]), Step::Start(1)] {
            world.take(first);
        }
        for step in steps {
            world.take(step);
        }
        world.end();
        Ok(())
    });
    outcome.unwrap();
}

fn whatever_two_runs_do_no_message_goes_twice_and_none_is_lost(place: &Place) {
    play(place, if place.file().is_some() { 32 } else { 8 });
}

contract![whatever_two_runs_do_no_message_goes_twice_and_none_is_lost];
