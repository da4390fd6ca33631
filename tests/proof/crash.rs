//! A run that is killed, at any instant: the next one finishes it, nobody is forgotten and nobody gets two messages.

use std::process::Child;
use std::time::{Duration, Instant};

use wechat_simulator::{DuplicateAnswer, Fault, FaultKind, Moment, Settings, Which};

use super::clinic::{Clinic, MONDAY, wait};

const FAST: [&str; 4] = ["--rate", "0", "--concurrency", "32"];
const MESSAGES: usize = 2000;
/// So many times the queue is filled anew, and so often each is interrupted.
const MORNINGS: u64 = 3;
const KILLS: u64 = 18;

#[test]
#[expect(
    clippy::print_stderr,
    reason = "the seed and the numbers are what a failure is repeated with"
)]
fn killed_at_random_instants_every_message_arrives_once() {
    let seed = std::env::var("WXREMIND_TEST_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut chance = Chance(seed);
    let simulator = Settings { lean: true, ..Settings::default() };
    let clinic = Clinic::with_simulator(simulator, "[send]\nwait_scale = 0.01\n");
    clinic.visits(0..MESSAGES);
    let started = Instant::now();
    let (mut kills, mut doubles) = (0, 0);
    // On a fast machine some runs end before their kill: then there are more mornings.
    for _ in 0..3 * MORNINGS {
        if kills >= 50 {
            break;
        }
        clinic.simulator().reset();
        forget(&clinic);
        for _ in 0..KILLS {
            let mut child = clinic.reminding(MONDAY, &FAST).spawn();
            chance.instant(&clinic, &mut child);
            child.kill().unwrap();
            kills += usize::from(child.wait().unwrap().code().is_none());
        }
        let run = clinic.reminding(MONDAY, &FAST).run().expect(0);
        clinic.assert_once_each(0..MESSAGES);
        assert_eq!(clinic.states(), format!("accepted {MESSAGES}"), "{run}");
        doubles += clinic.simulator().requests().duplicates;
    }
    let took = started.elapsed();
    eprintln!(
        "seed {seed}: {kills} runs of {MESSAGES} messages killed in {took:.0?}; {doubles} requests were repeated and dropped by WeChat"
    );
    assert!(kills >= 50, "{kills} kills only; the others had ended by themselves");
}

/// A new ledger.
fn forget(clinic: &Clinic) {
    for name in std::fs::read_dir(clinic.path("")).unwrap() {
        let path = name.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("ledger.db") {
            std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir_all(&path)).unwrap();
        }
    }
}

/// Numbers that look random and come again with the same seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Lets some time pass: in one case of four a time alone, which mostly ends before the first request; else until
    /// some more messages have been accepted, and then a moment more.
    fn instant(&mut self, clinic: &Clinic, child: &mut Child) {
        let moment = Duration::from_micros(self.below(30_000));
        if self.below(4) == 0 {
            std::thread::sleep(moment * 20);
            return;
        }
        let simulator = clinic.simulator();
        let more = self.below(2 * MESSAGES as u64 / KILLS);
        let goal = simulator.requests().accepted + more;
        while simulator.requests().accepted < goal && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(moment);
    }
}

#[test]
fn killed_between_acceptance_and_settling_it_repeats_under_the_same_id() {
    // Were it taken for unknown instead of repeated, it would wait for a person here.
    let clinic = Clinic::with("[send]\nwait_scale = 0.01\n[remind]\non_unknown = \"wait\"\n");
    clinic.visits(0..40);
    let hold = clinic.simulator().hold_after(Moment::Answer, 5);
    let mut child = clinic.reminding(MONDAY, &FAST).spawn();
    wait(hold.waiting(32));
    kill(&mut child);
    let accepted = clinic.reached().len();
    assert!(accepted >= 5 + 32, "{accepted}");
    assert!(clinic.states().contains("sending"), "{}", clinic.states());
    hold.release();

    let _ = clinic.remind_with(&FAST).expect(0);
    clinic.assert_once_each(0..40);
    assert_eq!(clinic.states(), "accepted 40");
    assert!(clinic.simulator().requests().duplicates >= 32);
}

#[test]
fn killed_between_acceptance_and_settling_with_a_wechat_that_calls_a_repetition_a_duplicate() {
    let settings = Settings { duplicates: DuplicateAnswer::Errcode(40241), ..Settings::default() };
    let clinic = Clinic::with_simulator(settings, "[send]\nwait_scale = 0.01\n");
    clinic.visits(0..10);
    let hold = clinic.simulator().hold_after(Moment::Answer, 2);
    let mut child = clinic.reminding(MONDAY, &FAST).spawn();
    wait(hold.waiting(8));
    kill(&mut child);
    hold.release();

    let _ = clinic.remind_with(&FAST).expect(0);
    clinic.assert_once_each(0..10);
    assert_eq!(clinic.states(), "accepted 10");
}

#[test]
fn killed_while_requests_are_on_their_way_nothing_is_lost() {
    let clinic = Clinic::of(40);
    let hold = clinic.simulator().hold_after(Moment::Arrival, 5);
    let mut child = clinic.reminding(MONDAY, &FAST).spawn();
    wait(hold.waiting(32));
    kill(&mut child);
    assert_eq!(clinic.reached().len(), 5);
    hold.release();

    let _ = clinic.remind_with(&FAST).expect(0);
    clinic.assert_once_each(0..40);
}

#[test]
fn killed_after_the_intent_and_before_the_request_nothing_is_lost() {
    let clinic = Clinic::of(10);
    let stall = FaultKind::Stall { milliseconds: 600_000, accepted: true };
    clinic.simulator().fault(Fault::new(stall).at(Which::Token));
    let mut child = clinic.reminding(MONDAY, &FAST).spawn();
    // The token is asked for by the first message in flight: its intent is on disk, its request is not written.
    until(|| clinic.simulator().requests().tokens == 1);
    kill(&mut child);
    assert!(clinic.states().contains("sending"), "{}", clinic.states());
    assert_eq!(clinic.simulator().requests().sends, 0);

    let _ = clinic.remind_with(&FAST).expect(0);
    clinic.assert_once_each(0..10);
}

#[test]
fn an_interrupted_message_older_than_wechats_memory_is_unknown_and_reminded_again() {
    let clinic = Clinic::of(3);
    interrupt_in_doubt(&clinic, 3);
    let run = clinic.remind_with(&["--json"]).expect(0);
    assert_eq!(clinic.states(), "accepted 3", "{run}");
    // A second copy is a nuisance, a missed visit a harm. WeChat remembers for ten minutes, so here it drops them.
    assert_eq!(clinic.simulator().requests().sends, 4);
}

#[test]
fn an_unknown_outcome_waits_for_a_person_where_the_settings_say_so() {
    let clinic = Clinic::with("[send]\nwait_scale = 0.01\n[remind]\non_unknown = \"wait\"\n");
    clinic.visits(0..3);
    interrupt_in_doubt(&clinic, 3);
    let run = clinic.remind().expect(8);
    assert_eq!(clinic.states(), "unknown 3", "{run}");
    let _ = clinic.remind().expect(8);
    assert_eq!(clinic.states(), "unknown 3", "{run}");
    assert_eq!(clinic.simulator().requests().sends, 1);
}

/// Kills a run whose messages were all accepted and not settled, and lets ten minutes pass in the ledger.
fn interrupt_in_doubt(clinic: &Clinic, messages: usize) {
    let hold = clinic.simulator().hold_answers();
    let mut child = clinic.reminding(MONDAY, &FAST).spawn();
    // The first goes alone: WeChat has it. The others are intended only, which the ledger cannot know.
    wait(hold.waiting(1));
    kill(&mut child);
    let long_ago =
        "UPDATE message SET intent_at = '2026-01-01T00:00:00.000Z' WHERE state = 'sending'";
    assert_eq!(clinic.meddle(long_ago), messages);
    hold.release();
}

#[test]
fn a_signal_lets_what_flies_land_and_leaves_the_rest_queued() {
    for signal in ["TERM", "INT"] {
        let clinic = Clinic::of(60);
        let hold = clinic.simulator().hold_after(Moment::Answer, 5);
        let child = clinic.reminding(MONDAY, &[]).spawn();
        wait(hold.waiting(5));
        send(&child, signal);
        hold.release();
        let run = child.wait_with_output().unwrap();
        assert_eq!(run.status.code(), Some(130), "{signal}");
        let reached = clinic.reached().len();
        assert!((10..60).contains(&reached), "{reached}");
        assert_eq!(clinic.states(), format!("accepted {reached}, queued {}", 60 - reached));

        let _ = clinic.remind_with(&FAST).expect(0);
        clinic.assert_once_each(0..60);
        assert_eq!(clinic.simulator().requests().duplicates, 0);
    }
}

#[test]
fn a_second_signal_leaves_at_once_and_the_ledger_still_tells_the_truth() {
    let clinic = Clinic::of(20);
    let hold = clinic.simulator().hold_after(Moment::Answer, 5);
    let mut child = clinic.reminding(MONDAY, &FAST).spawn();
    wait(hold.waiting(15));
    // Two that come at once count as one, so they are repeated until it has left; the answers are held all the while.
    let status = loop {
        send(&child, "TERM");
        std::thread::sleep(Duration::from_millis(20));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.code(), Some(130));
    hold.release();
    assert!(clinic.states().contains("sending"), "{}", clinic.states());

    let _ = clinic.remind_with(&FAST).expect(0);
    clinic.assert_once_each(0..20);
}

/// Kills a run that is alive.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "the run had ended by itself");
}

/// Sends a signal.
pub fn send(child: &Child, signal: &str) {
    let command = format!("kill -{signal} {}", child.id());
    // It may have left meanwhile.
    let _ = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
}

/// Looks until it is so. What is not so after minutes will never be: then the test fails instead of hanging.
#[track_caller]
pub fn until(mut done: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_mins(5);
    while !done() {
        assert!(Instant::now() < give_up, "it never came to be");
        std::thread::sleep(Duration::from_millis(2));
    }
}
