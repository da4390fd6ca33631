//! A storm: a twentieth of all requests each meets a busy WeChat, a broken gateway, a stall, a lost answer and an expired
//! token, in one run. Everybody has one message in the end, and no token is asked for twice.

use wechat_simulator::{Fault, FaultKind, Settings};

use crate::proof::clinic::Clinic;

const MESSAGES: usize = 5000;
const ONE_IN: u64 = 20;

#[test]
#[expect(clippy::print_stderr, reason = "the numbers are what the proof is repeated for")]
fn every_message_of_a_storm_arrives_once_and_each_revocation_costs_at_most_one_token() {
    let kinds = [
        FaultKind::Busy,
        FaultKind::BadGateway,
        FaultKind::Stall { milliseconds: 1500, accepted: true },
        FaultKind::CloseAfterAccept,
        FaultKind::ExpireToken,
    ];
    let simulator = Settings { lean: true, ..Settings::default() };
    let clinic = Clinic::with_simulator(simulator, "[send]\nwait_scale = 0.01\ntimeout = \"1s\"\n");
    clinic.visits(0..MESSAGES);
    for (kind, after) in kinds.into_iter().zip((0..).step_by(4)) {
        clinic.simulator().fault(Fault::new(kind).after(after).every(ONE_IN).forever());
    }
    let mut run = clinic.remind_with(&["--rate", "0", "--concurrency", "64"]);
    // A message that met trouble five times in a row is put off to the next run, and is there.
    let mut runs = 1;
    while run.code == Some(1) && runs < 5 {
        clinic.meddle("UPDATE message SET not_before = NULL WHERE state = 'queued'");
        run = clinic.remind_with(&["--rate", "0", "--concurrency", "64"]);
        runs += 1;
    }
    let _ = run.expect(0);
    clinic.assert_once_each(0..MESSAGES);
    assert_eq!(clinic.states(), format!("accepted {MESSAGES}"));
    let requests = clinic.simulator().requests();
    assert!(requests.tokens <= runs + requests.ended, "{requests:?}, {runs} runs");
    assert!(requests.ended > 100 && requests.duplicates > 100, "no storm: {requests:?}");
    eprintln!(
        "{MESSAGES} messages, {} requests, {} tokens ended, {} asked for, {} repetitions dropped by WeChat, {runs} runs",
        requests.sends, requests.ended, requests.tokens, requests.duplicates
    );
}
