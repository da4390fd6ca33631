//! The fault matrix: every knob of the simulator in every state of a run. Expected of each are the phones, the ledger's
//! states, the exit code and what the operator reads; and that the next morning, with the fault mended, brings each
//! patient exactly one message.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wechat_simulator::{DuplicateAnswer, Fault, FaultKind, Settings, Which};

use super::knobs::{End, KNOBS, Knob};
use crate::proof::clinic::{Clinic, openid};
use crate::support::Run;

const PATIENTS: usize = 6;
/// Every phone with one message.
const EACH: [usize; PATIENTS] = [0, 1, 2, 3, 4, 5];
/// Cases at once: most of their time they wait.
const TOGETHER: usize = 8;

/// Which patient's message is struck, and how many requests are in flight with it.
const SENDS: [(&str, usize, &str); 3] = [("first", 0, "1"), ("middle", 2, "4"), ("last", 5, "1")];

/// A clinic of six whose waits are short; its patience with a stalled answer is too.
fn clinic(kind: FaultKind, simulator: Settings) -> Clinic {
    let stalls = matches!(kind, FaultKind::Stall { .. });
    let timeout = if stalls { "timeout = \"3s\"\n" } else { "" };
    let clinic =
        Clinic::with_simulator(simulator, &format!("[send]\nwait_scale = 0.01\n{timeout}"));
    clinic.visits(0..PATIENTS);
    clinic
}

/// What came of a case, in one line, to be held against what was expected.
fn told(clinic: &Clinic, run: &Run, end: &End, struck: &str, kind: FaultKind) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut hold = |what: &str, is: String, should: String| {
        if is != should {
            wrong.push(format!("{what} is {is}, should be {should}"));
        }
    };
    let (phones, states) = (clinic.reached(), counted(clinic));
    hold("exit", format!("{:?}", run.code), format!("{:?}", Some(end.exit)));
    if end.stops {
        let accepted = *states.get("accepted").unwrap_or(&0);
        hold(
            "what is left queued",
            format!("{:?}", states.get("queued")),
            format!("{:?}", Some(&(PATIENTS - accepted))),
        );
        hold("phones", phones.len().to_string(), accepted.to_string());
        let most = match struck {
            "first" | "token" => 0,
            "middle" | "last" => 5,
            _ => 2,
        };
        let least = if struck == "middle" { 0 } else { most };
        if !(least..=most).contains(&accepted) {
            hold("accepted", accepted.to_string(), format!("{least} to {most}"));
        }
    } else if struck == "middle" && end.state == "queued" && renews(kind) {
        // A patient whose every send ends the token may take along some of those in flight beside it.
        let accepted = *states.get("accepted").unwrap_or(&0);
        let sum = accepted + states.get("queued").unwrap_or(&0);
        if sum != PATIENTS || !(2..PATIENTS).contains(&accepted) {
            hold("states", format!("{states:?}"), "some accepted and the rest queued".to_owned());
        }
    } else {
        let others = PATIENTS - 1 + usize::from(end.state == "accepted");
        let mut should = BTreeMap::from([("accepted", others)]);
        should.insert(end.state, if end.state == "accepted" { PATIENTS } else { 1 });
        hold("states", format!("{states:?}"), format!("{should:?}"));
    }
    let said = format!("{}{}", run.stdout, run.stderr);
    if end.says.is_empty() {
        hold("said", said.clone(), String::new());
    } else if !said.contains(end.says) {
        hold("said", said.clone(), format!("… {} …", end.says));
    }
    if said.contains("panicked") || said.contains("access_token=") || said.contains(&openid(0)) {
        hold("said", said, "no panic, no token and no openid".to_owned());
    }
    wrong
}

/// Whether the token is fetched again for it.
const fn renews(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::ExpireToken | FaultKind::RevokeToken | FaultKind::Errcode(40001))
}

/// Whose phones have a message, each as often as it has one.
fn phones(clinic: &Clinic) -> Vec<usize> {
    let mut phones = clinic.reached();
    phones.sort_unstable();
    phones
}

fn counted(clinic: &Clinic) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for entry in clinic.entries() {
        *counts.entry(entry.state.as_str()).or_insert(0) += 1;
    }
    counts
}

/// The next morning, with the fault mended, the waits over and the review done: each patient has one message.
fn mended(clinic: &Clinic) -> Vec<String> {
    clinic.simulator().clear_faults();
    clinic.meddle("UPDATE message SET not_before = NULL WHERE state = 'queued'");
    let run = clinic.remind_with(&["--retry-failed"]);
    let _ = clinic.simulator().release_held();
    let mut wrong = Vec::new();
    if phones(clinic) != EACH {
        wrong.push(format!("after the next morning the phones are {:?}", phones(clinic)));
    }
    if run.code != Some(0) {
        wrong.push(format!("the next morning: {run}"));
    }
    wrong
}

/// One case: its name, and how it is tried.
type Case<'a> = (String, Box<dyn Fn() -> Vec<String> + Send + Sync + 'a>);

/// Tries all cases, several at a time, and fails with everything that was not as expected.
fn try_all(cases: &[Case<'_>]) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(|| {
                while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = case();
                    wrong.lock().unwrap().extend(found.iter().map(|one| format!("{name}: {one}")));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "of {} cases not as expected:\n{}", cases.len(), wrong.join("\n"));
}

fn send_case(
    knob: &'static Knob,
    patient: usize,
    flying: &'static str,
    at: &str,
    once: bool,
) -> Vec<String> {
    let clinic = clinic(knob.kind, Settings::default());
    let fault = Fault::new(knob.kind).openid(openid(patient));
    clinic.simulator().fault(if once { fault } else { fault.forever() });
    let run = clinic.remind_with(&["--rate", "0", "--concurrency", flying]);
    let end = if once { &knob.once } else { &knob.always };
    let mut wrong = told(&clinic, &run, end, at, knob.kind);
    let requests = clinic.simulator().requests();
    let token = renews(knob.kind);
    let (least, others) = (PATIENTS as u64 + end.more, if token { 3 } else { 0 });
    if once && !end.stops && !(least..=least + others).contains(&requests.sends) {
        wrong.push(format!("{} sends, should be {least}", requests.sends));
    }
    if once && end.state == "accepted" && requests.tokens != 1 + u64::from(token) {
        wrong.push(format!("{} token requests", requests.tokens));
    }
    if end.state != "accepted" {
        wrong.extend(mended(&clinic));
    } else if phones(&clinic) != EACH {
        wrong.push(format!("the phones are {:?}", phones(&clinic)));
    }
    wrong
}

/// Once and for good; for good alone where the first strike decides.
fn times(same: bool) -> impl Iterator<Item = bool> {
    [true, false].into_iter().filter(move |once| !(same && *once))
}

const fn often(once: bool) -> &'static str {
    if once { "once" } else { "for good" }
}

#[test]
fn every_knob_at_the_first_the_middle_and_the_last_message() {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for knob in &KNOBS {
        for (at, patient, flying) in SENDS {
            for once in times(knob.once == knob.always) {
                let name = format!("{}, {at}, {}", knob.name, often(once));
                cases.push((name, Box::new(move || send_case(knob, patient, flying, at, once))));
            }
        }
    }
    try_all(&cases);
}

/// The token at the start, or the one after a revocation at the third message.
fn token_case(knob: &'static Knob, renewal: bool, once: bool) -> Vec<String> {
    let clinic = clinic(knob.kind, Settings::default());
    let fault = Fault::new(knob.kind).at(Which::Token).after(u64::from(renewal));
    clinic.simulator().fault(if once { fault } else { fault.forever() });
    if renewal {
        clinic.simulator().fault(Fault::new(FaultKind::RevokeToken).after(2));
    }
    let run = clinic.remind_with(&["--rate", "0", "--concurrency", "1"]);
    let end = if once { &knob.token_once } else { &knob.token_always };
    let at = if renewal { "renewal" } else { "token" };
    let mut wrong = told(&clinic, &run, end, at, knob.kind);
    if end.state != "accepted" {
        wrong.extend(mended(&clinic));
    }
    wrong
}

#[test]
fn every_knob_at_the_token_and_at_its_renewal() {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for knob in &KNOBS {
        for renewal in [false, true] {
            for once in times(knob.token_once == knob.token_always) {
                let at = if renewal { "renewal" } else { "token" };
                let name = format!("{}, {at}, {}", knob.name, often(once));
                cases.push((name, Box::new(move || token_case(knob, renewal, once))));
            }
        }
    }
    try_all(&cases);
}

/// Another program holds the ledger when the outcome of the third message is to be written, until the run gives up.
fn settle_case(knob: &'static Knob) -> Vec<String> {
    let clinic = clinic(knob.kind, Settings::default());
    clinic.simulator().fault(Fault::new(knob.kind).openid(openid(2)));
    let hold = clinic.simulator().hold_after(wechat_simulator::Moment::Arrival, 2);
    let child = clinic
        .reminding(crate::proof::clinic::MONDAY, &["--rate", "0", "--concurrency", "1"])
        .spawn();
    crate::proof::clinic::wait(hold.waiting(1));
    let holder = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    // What was settled before is on disk once the third is on its way.
    holder.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    hold.release();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    holder.execute_batch("ROLLBACK").unwrap();
    let mut wrong = Vec::new();
    if ended.status.code() != Some(7) || !said.contains("busy for too long") {
        wrong.push(format!("exit {:?}: {said}", ended.status.code()));
    }
    let states = counted(&clinic);
    if !states.contains_key("sending") {
        wrong.push(format!("the intent is not in the ledger: {states:?}"));
    }
    wrong.extend(mended(&clinic));
    wrong
}

#[test]
fn every_knob_while_the_outcome_cannot_be_written() {
    let cases: Vec<Case<'_>> = KNOBS
        .iter()
        .map(|knob| -> Case<'_> {
            (format!("{}, settle", knob.name), Box::new(move || settle_case(knob)))
        })
        .collect();
    try_all(&cases);
}

#[test]
fn every_answer_to_a_repetition_and_every_lifetime_of_a_token() {
    let answers = [
        DuplicateAnswer::SameMsgid,
        DuplicateAnswer::NewMsgid,
        DuplicateAnswer::ZeroMsgid,
        DuplicateAnswer::NoMsgid,
        DuplicateAnswer::Errcode(40241),
        DuplicateAnswer::Errcode(-1),
        DuplicateAnswer::Errcode(99_999),
    ];
    let mut cases: Vec<Case<'_>> = Vec::new();
    for duplicates in answers {
        for (at, patient, flying) in SENDS {
            let case = move || {
                let clinic =
                    clinic(FaultKind::Busy, Settings { duplicates, ..Settings::default() });
                clinic
                    .simulator()
                    .fault(Fault::new(FaultKind::CloseAfterAccept).openid(openid(patient)));
                let run = clinic.remind_with(&["--rate", "0", "--concurrency", flying]);
                // It is on the phone, and only an answer that WeChat documents says so.
                let is_said = match duplicates {
                    DuplicateAnswer::Errcode(code) => code == 40241,
                    _ => true,
                };
                let mut wrong = Vec::new();
                let states = counted(&clinic);
                let should = if is_said { PATIENTS } else { PATIENTS - 1 };
                let reached = phones(&clinic);
                if reached != EACH || states.get("accepted") != Some(&should) {
                    wrong.push(format!("phones {reached:?}, states {states:?}\n{run}"));
                }
                wrong
            };
            cases.push((format!("{duplicates:?}, {at}"), Box::new(case)));
        }
    }
    for seconds in [1, 299, 301, 7200] {
        let lifetime = std::time::Duration::from_secs(seconds);
        let case = move || {
            let clinic = clinic(
                FaultKind::Busy,
                Settings { token_lifetime: lifetime, ..Settings::default() },
            );
            let run = clinic.remind_with(&["--rate", "0"]);
            told(&clinic, &run, &KNOBS[9].once, "first", FaultKind::TextPlain)
        };
        cases.push((format!("a token of {seconds} s"), Box::new(case)));
    }
    try_all(&cases);
}

/// A knob that is added to the simulator and not to the table would not be tried.
#[test]
fn the_table_has_every_knob() {
    let source = include_str!("../../../src/simulator/fault.rs");
    let body = source.split("pub enum FaultKind {").nth(1).unwrap();
    let body = body.split("\n}").next().unwrap();
    let names: Vec<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap())
        .collect();
    assert!(names.len() >= 16, "{names:?}");
    for name in names {
        assert!(KNOBS.iter().any(|knob| knob.name.starts_with(name)), "{name} is not in the table");
    }
}
