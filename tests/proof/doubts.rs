//! What may have arrived and nobody knows: it is never called unsent, a person hears of it, and a second run sends once.

use wechat_simulator::{Fault, FaultKind, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::clinic::{Clinic, MONDAY, appointment, openid, wait};
use super::crash::{send, until};
use crate::support::{Program, Run};

/// A clinic that reminds and prescribes, with these settings of `[send]`.
fn pharmacy(send: &str) -> Clinic {
    let clinic = Clinic::new();
    clinic.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n[send]\n{send}\n"
    ));
    clinic
}

fn prescribing<'a>(clinic: &'a Clinic, more: &'a [&'a str]) -> Program<'a> {
    let usual = ["prescribe", "--yes", "--now", MONDAY, "--json"];
    clinic.program(usual.into_iter().chain(more.iter().copied()))
}

fn table(clinic: &Clinic, patients: std::ops::Range<usize>) {
    let rows: Vec<String> = patients.map(|one| format!("{},RX-{one}\n", openid(one))).collect();
    clinic.file("table.csv", format!("openid,reference\n{}", rows.concat()));
}

/// A prescription whose run was killed while WeChat had it, longer ago than WeChat remembers.
fn left_in_doubt() -> Clinic {
    let clinic = pharmacy("wait_scale = 0.01");
    let hold = clinic.simulator().hold_answers();
    table(&clinic, 1..2);
    let mut child = prescribing(&clinic, &["--from", "table.csv"]).spawn();
    wait(hold.waiting(1));
    child.kill().unwrap();
    child.wait().unwrap();
    hold.release();
    let long_ago =
        "UPDATE message SET intent_at = '2026-01-01T00:00:00.000Z' WHERE state = 'sending'";
    assert_eq!(clinic.meddle(long_ago), 1);
    clinic
}

#[test]
fn a_prescription_that_a_dead_run_left_in_doubt_reaches_the_summary_of_the_next_run_and_a_person() {
    let clinic = left_in_doubt();
    clinic.visits(5..6);
    let run = clinic.remind_with(&["--json"]).expect(8);
    let said = run.json();
    assert_eq!((&said["found_in_doubt"], &said["accepted"]), (&1.into(), &1.into()), "{run}");
    assert_eq!(clinic.states(), "accepted 1, unknown 1");
    let _ = clinic.remind().expect(0);

    // Nothing is due: it is said all the same.
    let clinic = left_in_doubt();
    clinic.visits([]);
    let run = clinic.remind().expect(8);
    assert!(
        run.stderr.contains(
            "left in doubt            1   by an earlier run; `wxremind log list --state unknown`"
        ),
        "{run}"
    );

    let clinic = left_in_doubt();
    table(&clinic, 2..3);
    let run = prescribing(&clinic, &["--from", "table.csv"]).run().expect(8);
    assert_eq!(run.json()["found_in_doubt"], 1, "{run}");

    let clinic = left_in_doubt();
    let _ = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(8);

    // A run that is refused is the only one that finds it, so it says so too.
    let clinic = left_in_doubt();
    clinic.file("appointments.csv", "");
    let run = clinic.remind().expect(3);
    assert!(
        run.stderr.contains("nobody knows whether 1 message of an earlier run arrived"),
        "{run}"
    );
}

#[test]
fn what_the_quota_stopped_goes_when_the_same_command_is_run_again_or_resumed_and_once() {
    for resumed in [false, true] {
        let clinic = pharmacy("wait_scale = 0.01");
        table(&clinic, 1..4);
        clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).after(1).forever());
        let run = prescribing(&clinic, &["--from", "table.csv"]).run().expect(6);
        let advice = "2 messages stay queued; run the same command again, and each is sent once.";
        assert!(run.stdout.contains(advice), "{run}");
        clinic.simulator().clear_faults();
        let run = if resumed {
            clinic.run(["remind", "--resume", "--now", MONDAY, "--json"]).expect(0)
        } else {
            prescribing(&clinic, &["--from", "table.csv"]).run()
        };
        assert_eq!(run.json()["accepted"], 2, "{run}");
        clinic.assert_once_each(1..4);
        let _ = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(0);
        clinic.assert_once_each(1..4);
    }
}

#[test]
fn a_reference_given_to_somebody_else_never_reaches_who_still_waits_for_it() {
    let clinic = pharmacy("wait_scale = 0.01");
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota));
    let to = |patient| vec!["--openid".to_owned(), openid(patient), "--ref".into(), "RX-1".into()];
    let run = |words: Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        prescribing(&clinic, &words).run()
    };
    let _ = run(to(1)).expect(6);
    let _ = run(to(2)).expect(3);
    let _ = run([to(2), vec!["--reassign".into(), "wrong person".into()]].concat()).expect(0);
    assert_eq!(clinic.states(), "accepted 1, cancelled 1");
    let _ = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(0);
    assert_eq!(clinic.reached(), [2]);
}

/// The states as the ledger's file has them.
fn stored(clinic: &Clinic) -> String {
    let ledger = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    let sql = "SELECT group_concat(state, ' ') FROM (SELECT state FROM message ORDER BY state)";
    ledger.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Interrupts a run while it waits to repeat a message that WeChat has and has not answered for; answers with what it said.
fn interrupted(clinic: &Clinic) -> Run {
    clinic.simulator().fault(Fault::new(FaultKind::CloseAfterAccept));
    let program = clinic.reminding(MONDAY, &["--json"]);
    let child = program.spawn();
    until(|| clinic.simulator().requests().sends == 1);
    // It is the wait before the repetition that is interrupted, or the request itself: both leave the outcome open.
    send(&child, "TERM");
    Run::of(clinic, child)
}

#[test]
fn an_interrupted_run_leaves_what_may_have_arrived_as_sending_and_the_next_one_repeats_it() {
    let clinic = pharmacy("wait_scale = 1.0");
    clinic.visits(0..3);
    let run = interrupted(&clinic).expect(130);
    let said = run.json();
    assert_eq!((&said["left_open"], &said["left_queued"]), (&1.into(), &2.into()), "{run}");
    assert_eq!(
        (stored(&clinic).as_str(), clinic.states().as_str()),
        ("queued queued sending", "queued 2, sending 1")
    );
    let shown = clinic.run(["log", "list", "--state", "sending", "--json"]).expect(0).json();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    // It is not unsent, so nobody can call it off; and it may have to be telephoned.
    let id = shown[0]["message_id"].as_str().unwrap().to_owned();
    let _ = clinic.run(["log", "cancel", &id]).expect(1);
    let unreached = clinic.run(["log", "unreached", "--json", "--now", MONDAY]);
    assert!(unreached.stdout.contains(&appointment(0)), "{unreached}");

    // A run that is refused puts it back as it was.
    clinic.file("other.csv", "");
    let _ = clinic.run(["remind", "--days", "7", "--now", MONDAY, "other.csv"]).expect(3);
    assert_eq!(stored(&clinic), "queued queued sending");

    let run = clinic.remind().expect(0);
    assert_eq!(clinic.states(), "accepted 3", "{run}");
    clinic.assert_once_each(0..3);
    assert_eq!(clinic.simulator().requests().duplicates, 1);
}

#[test]
fn the_next_run_after_wechats_memory_says_that_nobody_knows() {
    let clinic = pharmacy("wait_scale = 1.0\n[remind]\non_unknown = \"wait\"");
    clinic.visits(0..3);
    let _ = interrupted(&clinic).expect(130);
    let _ = clinic.meddle(
        "UPDATE message SET intent_at = '2026-01-01T00:00:00.000Z' WHERE state = 'sending'",
    );
    let run = clinic.remind().expect(8);
    assert_eq!(clinic.states(), "accepted 2, unknown 1", "{run}");
}

#[test]
fn a_summary_tells_apart_who_was_reminded_who_is_under_review_and_whom_a_person_called_off() {
    let clinic = Clinic::of(3);
    let simulator = clinic.simulator();
    simulator.fault(Fault::new(FaultKind::Held).openid(openid(1)));
    simulator.fault(Fault::new(FaultKind::DailyQuota).openid(openid(2)).forever());
    let _ = clinic.remind().expect(6);
    simulator.clear_faults();
    assert_eq!(clinic.states(), "accepted 1, held 1, queued 1");
    let waiting = clinic.entries().into_iter().find(|one| one.state.as_str() == "queued").unwrap();
    let _ = clinic.run(["log", "cancel", &waiting.message_id.to_string()]).expect(0);

    let run = clinic.remind_with(&["-v"]).expect(0);
    let lines: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| ["reminded", "held", "cancelled"].iter().any(|word| line.contains(word)))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
      reminded before          1
      held before              1   under review; WeChat delivers them by itself
      cancelled by hand        1   `wxremind log list --state cancelled` shows them
    ");
    assert_eq!(clinic.reached(), [0]);
}
