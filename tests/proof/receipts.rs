//! The whole circle with the real binary: appointments, phones, receipts, the record.

use wechat_simulator::{Fault, FaultKind, PushMode, Receipts, Settings};

use super::clinic::{Clinic, MONDAY, appointment, openid, visit, wait};
use super::crash::until;
use super::shared::Shared;
use crate::support::receiver::Receiver;
use crate::support::serving::{Serving, receipt};

/// Patients whose receipts are special.
pub const BLOCKED: &str = "oSim_receipt_user_block_____";
const FAILED: &str = "oSim_receipt_system_failed__";

/// A clinic of `count` patients with a server beside it, to which receipts go in this mode.
pub fn served(count: usize, mode: PushMode) -> (Clinic, Serving) {
    let clinic = Clinic::of(count);
    let serving = Serving::start(&clinic, mode);
    clinic.simulator().receipts(Some(serving.receipts(mode)));
    (clinic, serving)
}

/// Waits until every push has been acknowledged or given up.
fn until_told(clinic: &Clinic) {
    until(|| clinic.simulator().pushes().waiting == 0);
}

/// The morning's run at full speed.
pub fn remind(clinic: &Clinic) {
    let _ = clinic.remind_with(&["--rate", "0"]).expect(0);
}

pub fn now() -> i64 {
    wxremind::clock::Clock::System.now().as_second()
}

#[test]
fn the_record_says_what_reached_the_phones_in_all_three_modes() {
    for mode in [PushMode::Plain, PushMode::Compatible, PushMode::Safe] {
        let (clinic, serving) = served(0, mode);
        let row = |patient: usize, instead: &str| visit(patient).replace(&openid(patient), instead);
        clinic.source(&[visit(1), row(2, BLOCKED), row(3, FAILED), visit(4)]);
        remind(&clinic);
        until_told(&clinic);
        assert_eq!(clinic.states(), "delivered 2, undelivered 2", "{mode:?}");
        let list = clinic.run(["log", "list", "--json"]).expect(0).json();
        let why = |patient: usize| {
            let id = appointment(patient);
            let all = list.as_array().unwrap();
            let one = all.iter().find(|one| one["appointment_id"] == *id).unwrap();
            (one["state"].as_str().unwrap().to_owned(), one["reason"].as_str().map(str::to_owned))
        };
        assert_eq!(why(1), ("delivered".into(), None));
        assert_eq!(why(2), ("undelivered".into(), Some("user_block".into())));
        assert_eq!(why(3), ("undelivered".into(), Some("system_failed".into())));
        // Whom no message reached is to be telephoned.
        let unreached = clinic.run(["log", "unreached", "--now", MONDAY]).expect(0);
        assert!(
            unreached.stdout.contains("the patient blocks the account's messages"),
            "{unreached}"
        );
        assert!(!unreached.stdout.contains(&appointment(1)), "{unreached}");
        assert_eq!(clinic.simulator().pushes().repeated, 0);
        // A stop by the system is no failure.
        let (code, said) = serving.stop();
        assert_eq!((code, said.as_str()), (Some(0), ""));
    }
}

#[test]
fn receipts_that_come_before_the_answer_or_without_an_id_find_their_messages() {
    for (early, without_id) in [(true, false), (false, true), (true, true)] {
        let (clinic, serving) = served(20, PushMode::Safe);
        let receipts = serving.receipts(PushMode::Safe);
        clinic.simulator().receipts(Some(Receipts { early, without_id, ..receipts }));
        remind(&clinic);
        until_told(&clinic);
        assert_eq!(clinic.states(), "delivered 20", "early {early}, without an id {without_id}");
    }
}

#[test]
fn the_webhook_hears_of_receipts_from_the_server_itself() {
    let receiver = Receiver::start();
    let url = receiver.url();
    let clinic = Clinic::with(&format!(
        "[send]\nwait_scale = 0.01\n[webhook]\nurl = \"{url}\"\npatience = \"30s\"\n"
    ));
    clinic.source(&[visit(1), visit(2).replace(&openid(2), BLOCKED)]);
    let serving = Serving::start(&clinic, PushMode::Safe);
    clinic.simulator().receipts(Some(serving.receipts(PushMode::Safe)));
    remind(&clinic);
    until_told(&clinic);
    let told = |kind: &str| {
        let events = receiver.events();
        events.iter().find(|event| event["type"] == kind).map(|event| event["reason"].clone())
    };
    until(|| told("message.delivered").is_some() && told("message.undelivered").is_some());
    assert_eq!(told("message.undelivered").unwrap(), "user_block");
    assert_eq!(serving.stop().0, Some(0));
}

#[test]
fn the_circle_is_the_same_with_the_record_on_a_server() {
    let Some(shared) = Shared::new() else { return };
    let clinic = Clinic::of(30);
    let url = shared.url();
    let serving = Serving::with(&clinic, PushMode::Safe, &[("WXREMIND_LEDGER", &url)]);
    let receipts = serving.receipts(PushMode::Safe);
    for (early, without_id, patients) in [(true, false, 0..30), (false, true, 30..60)] {
        clinic.visits(patients);
        clinic.simulator().receipts(Some(Receipts { early, without_id, ..receipts.clone() }));
        let run = clinic.reminding(MONDAY, &["--rate", "0"]).env("WXREMIND_LEDGER", &url).run();
        let _ = run.expect(0);
        until_told(&clinic);
    }
    assert_eq!(shared.states(), "delivered 60");
}

#[test]
fn a_held_message_is_delivered_when_its_review_is_over() {
    let (clinic, _serving) = served(2, PushMode::Safe);
    clinic.simulator().fault(Fault::new(FaultKind::Held));
    remind(&clinic);
    until_told(&clinic);
    assert_eq!(clinic.states(), "delivered 1, held 1");
    clinic.simulator().release_held();
    until_told(&clinic);
    assert_eq!(clinic.states(), "delivered 2");
}

#[test]
fn repetitions_change_nothing() {
    let (clinic, serving) = served(5, PushMode::Plain);
    remind(&clinic);
    until_told(&clinic);
    let messages = clinic.simulator().messages();
    for again in messages.iter().chain(&messages) {
        let success = receipt(&again.openid, again.msgid, now(), "success");
        assert_eq!(wait(serving.push(&success)).0, 200);
    }
    assert_eq!(clinic.states(), "delivered 5");
    let blocked = receipt(&messages[0].openid, messages[0].msgid, now(), "failed:user block");
    assert_eq!(wait(serving.push(&blocked)).0, 200);
    assert_eq!(clinic.states(), "delivered 5", "the first word counts");
}

#[test]
fn an_outcome_that_the_run_could_not_know_is_told_by_the_receipt() {
    let (clinic, _serving) = served(3, PushMode::Safe);
    let breaks = Fault::new(FaultKind::CloseAfterAccept).forever().openid(openid(0));
    clinic.simulator().fault(breaks);
    let run = clinic.remind_with(&["--rate", "0"]);
    until_told(&clinic);
    assert_eq!((run.code, clinic.states().as_str()), (Some(0), "delivered 3"), "{run}");
    clinic.assert_once_each(0..3);
}

#[test]
fn what_a_killed_run_left_in_flight_is_told_by_the_receipt_and_not_sent_again() {
    let (clinic, _serving) = served(1, PushMode::Safe);
    let hold = clinic.simulator().hold_answers();
    let mut child = clinic.reminding(MONDAY, &["--rate", "0"]).spawn();
    wait(hold.waiting(1));
    child.kill().unwrap();
    child.wait().unwrap();
    hold.release();
    until_told(&clinic);
    assert_eq!(clinic.states(), "sending 1");
    // WeChat no longer knows the message by its client_msg_id.
    clinic.meddle("UPDATE message SET intent_at = replace(intent_at, substr(intent_at, 1, 10), date(substr(intent_at, 1, 10), '-1 day'))");
    remind(&clinic);
    assert_eq!(clinic.states(), "delivered 1");
    clinic.assert_once_each(0..1);
}

#[test]
fn old_events_that_are_replayed_do_no_harm() {
    let (clinic, serving) = served(1, PushMode::Safe);
    clinic.simulator().receipts(None);
    remind(&clinic);
    let year_ago = now() - 365 * 24 * 3600;
    let follow = |event: &str, made: i64| {
        receipt(&openid(0), 1, made, "x").replace("TEMPLATESENDJOBFINISH", event)
    };
    for text in [
        // Of a message long gone, or of one that said no id.
        receipt(&openid(0), 4711, year_ago, "failed:user block"),
        receipt(&openid(0), 0, year_ago, "failed:user block"),
        // A patient who has come back since.
        follow("subscribe", now()),
        follow("unsubscribe", year_ago),
    ] {
        assert_eq!(wait(serving.push(&text)).0, 200);
    }
    assert_eq!(clinic.states(), "accepted 1");
    assert!(clinic.ledger().unwrap().unsubscribed().unwrap().is_empty());
    assert_eq!(wait(serving.push(&follow("unsubscribe", now() + 1))).0, 200);
    assert_eq!(clinic.ledger().unwrap().unsubscribed().unwrap().len(), 1);
}

#[test]
fn receipts_are_passed_on_with_a_key_or_in_a_file() {
    let (clinic, serving) = served(4, PushMode::Plain);
    clinic.simulator().receipts(None);
    remind(&clinic);
    let messages = clinic.simulator().messages();
    let xml =
        |n: usize, status: &str| receipt(&messages[n].openid, messages[n].msgid, now(), status);
    let json = |n: usize| {
        format!(
            r#"{{"FromUserName":"{}","CreateTime":{},"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","MsgId":"{}","Status":"success"}}"#,
            messages[n].openid,
            now(),
            messages[n].msgid
        )
    };
    for headers in [&[][..], &[("x-api-key", "guess")]] {
        let (status, said) = wait(serving.post("/v1/receipts", xml(0, "success"), headers));
        assert_eq!(status, 401, "{said}");
    }
    assert_eq!(clinic.states(), "accepted 4");
    let (status, said) = wait(serving.forward(format!("[{},5]", json(0))));
    assert_eq!(status, 200, "{said}");
    assert!(said.contains(r#""received":1,"refused":[{"number":2"#), "{said}");
    assert_eq!(wait(serving.forward(xml(1, "failed:user block"))).0, 200);
    assert_eq!(clinic.states(), "accepted 2, delivered 1, undelivered 1");

    clinic
        .file("events.txt", format!("{}\n{}\nnonsense\n{}\n", xml(2, "success"), json(0), json(3)));
    let run = clinic.run(["log", "receipts", "events.txt"]).expect(1);
    insta::assert_snapshot!(run, @"
    --- stdout
    events taken in           4
      delivered now           2
      known before            1
      unreadable              1
    --- stderr
    wxremind: warning: Event 3: the push cannot be read: it is neither XML nor JSON.
    --- exit 1
    ");
    assert_eq!(clinic.states(), "delivered 3, undelivered 1");
    let again = clinic.program(["log", "receipts", "-", "--json"]).stdin(json(3)).run().expect(0);
    assert_eq!(
        (again.json()["repeated"].clone(), again.json()["delivered"].clone()),
        (1.into(), 0.into())
    );
    let _ = clinic.program(["log", "receipts", "-"]).stdin("hello").run().expect(3);
}

#[test]
fn two_thousand_receipts_at_the_rate_of_sending_are_all_matched() {
    let settings = Settings { lean: true, ..Settings::default() };
    let clinic = Clinic::with_simulator(settings, "[send]\nwait_scale = 0.01\n");
    clinic.visits(0..2000);
    let serving = Serving::start(&clinic, PushMode::Safe);
    clinic.simulator().receipts(Some(serving.receipts(PushMode::Safe)));
    remind(&clinic);
    until_told(&clinic);
    assert_eq!(clinic.states(), "delivered 2000");
    let pushes = clinic.simulator().pushes();
    assert_eq!((pushes.acknowledged, pushes.given_up), (2000, 0));
    let ledger = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    let kept: i64 = ledger.query_row("SELECT COUNT(*) FROM receipt", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0);
}
