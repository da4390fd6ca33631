//! Several runs at once on one ledger.

use wechat_simulator::{TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::clinic::{Clinic, MONDAY, number, openid, reached};
use super::crash::{send, until};

#[test]
fn two_runs_at_once_on_one_ledger_send_each_message_once() {
    let clinic = Clinic::of(200);
    let hold = clinic.simulator().hold();
    let runs = [(), ()].map(|()| clinic.reminding(MONDAY, &["--rate", "0", "--json"]).spawn());
    until(|| clinic.simulator().requests().waiting > 0);
    hold.release();
    let said = runs.map(|run| {
        let ended = run.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0));
        serde_json::from_slice::<serde_json::Value>(&ended.stdout).unwrap()
    });
    clinic.assert_once_each(0..200);
    assert_eq!(clinic.states(), "accepted 200");
    for said in &said {
        let sum = number_of(said, "accepted") + number_of(said, "sent_by_others");
        assert_eq!(number_of(said, "due"), sum, "{said}");
    }
    let accepted: u64 = said.iter().map(|said| number_of(said, "accepted")).sum();
    assert_eq!(accepted, 200, "each message is counted by the run that settled it");
    let asked = clinic.simulator().requests();
    assert_eq!((asked.sends, asked.duplicates), (200, 0));
}

fn number_of(said: &serde_json::Value, what: &str) -> u64 {
    said[what].as_u64().unwrap()
}

#[test]
fn when_one_of_two_runs_is_killed_the_other_finishes_its_part() {
    let clinic = Clinic::of(60);
    let hold = clinic.simulator().hold_answers();
    let mut first = clinic.reminding(MONDAY, &["--rate", "0"]).spawn();
    super::clinic::wait(hold.waiting(1));
    let second = clinic.reminding(MONDAY, &["--rate", "0"]).spawn();
    // The second has begun its run once the ledger says so.
    until(|| clinic.runs_begun() == 2);
    first.kill().unwrap();
    let _ = first.wait().unwrap();
    hold.release();
    let ended = second.wait_with_output().unwrap();
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..60);
    assert_eq!(ended.status.code(), Some(0));
}

#[test]
fn a_nurses_prescription_does_not_wait_for_the_mornings_run() {
    let clinic = Clinic::of(60);
    clinic.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n"
    ));
    // A message every half second: half a minute of work.
    let mut morning = clinic.reminding(MONDAY, &["--rate", "2"]).spawn();
    until(|| !reached(clinic.simulator()).is_empty());
    let patient = openid(500);
    let nurse =
        ["prescribe", "--openid", &patient, "--ref", "RX20261123001", "--yes", "--now", MONDAY];
    let run = clinic.run(nurse).expect(0);
    assert!(morning.try_wait().unwrap().is_none(), "the morning's run was already over\n{run}");
    send(&morning, "TERM");
    assert_eq!(morning.wait_with_output().unwrap().status.code(), Some(130));
    let to_her = clinic.simulator().messages().iter().filter(|m| number(&m.openid) == 500).count();
    assert_eq!(to_her, 1);
}
