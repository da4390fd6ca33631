//! What others are told: every change once and signed, nothing lost, and no message delayed or failed by it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wechat_simulator::{Fault, FaultKind};

use super::clinic::{Clinic, HEADER, MONDAY, openid, visit};
use super::crash::until;
use crate::support::receiver::{KEY, Receiver, SECRET};
use crate::support::{Program, Run};

const FAST: [&str; 2] = ["--rate", "0"];

/// A clinic whose webhook is this one. A run waits at its end for events as long as it must.
fn clinic_of(count: usize, receiver: &Receiver) -> Clinic {
    patient_clinic_of(count, receiver, "5m")
}

/// A clinic whose runs wait so long at their end.
fn patient_clinic_of(count: usize, receiver: &Receiver, patience: &str) -> Clinic {
    let url = receiver.url();
    let clinic = Clinic::with(&format!(
        "[send]\nwait_scale = 0.01\n[webhook]\nurl = \"{url}\"\npatience = \"{patience}\"\n"
    ));
    clinic.visits(0..count);
    clinic
}

fn reminding(clinic: &Clinic) -> Program<'_> {
    clinic.reminding(MONDAY, &FAST).env("WXREMIND_WEBHOOK_SECRET", SECRET)
}

fn flush(clinic: &Clinic) -> Run {
    let flush = clinic.program(["log", "events", "--flush", "--json"]);
    flush.env("WXREMIND_WEBHOOK_SECRET", SECRET).run()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The events that tell of messages: message id, type and appointment.
fn told(events: &[Value]) -> BTreeSet<(String, String, String)> {
    events
        .iter()
        .filter(|event| event["type"] != "run.finished")
        .map(|event| {
            (text(&event["message_id"]), text(&event["type"]), text(&event["appointment_id"]))
        })
        .collect()
}

/// The same as the ledger's rows have it.
fn recorded(clinic: &Clinic) -> BTreeSet<(String, String, String)> {
    clinic
        .entries()
        .iter()
        .map(|entry| {
            let id = entry.appointment_id.clone().unwrap();
            (entry.message_id.to_string(), format!("message.{}", entry.state), id)
        })
        .collect()
}

/// How far the events are, as `log events` says.
fn deliveries(clinic: &Clinic) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for event in clinic.run(["log", "events", "--json"]).expect(0).json().as_array().unwrap() {
        *counts.entry(text(&event["delivery"])).or_default() += 1;
    }
    counts
}

fn now() -> i64 {
    wxremind::clock::Clock::System.now().as_second()
}

#[test]
fn rows_and_events_agree_exactly_each_is_signed_and_the_runs_end_comes_last() {
    let receiver = Receiver::start();
    let clinic = clinic_of(0, &receiver);
    let refused = "YY000900,oSim_43004_unfollowed_______,P000900,患者,2026-11-30 09:00,李医生,协和医院,已预约";
    let held = "YY000901,oSim_40252_under_review_____,P000901,患者,2026-11-30 09:01,李医生,协和医院,已预约";
    let mut rows: Vec<String> = (0..40).map(visit).collect();
    rows.extend([refused.to_owned(), held.to_owned()]);
    clinic.source(&rows);
    let run = reminding(&clinic).run().expect(1);
    assert!(!run.stderr.contains("warning"), "{run}");

    let (taken, events) = (receiver.taken(), receiver.events());
    assert_eq!(events.len(), 43);
    assert_eq!(told(&events), recorded(&clinic));
    assert_eq!(deliveries(&clinic), BTreeMap::from([("delivered".to_owned(), 43)]));
    let sequences: BTreeSet<i64> =
        events.iter().map(|event| event["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequences, (1..=43).collect());

    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["sequence"]), (&json!("run.finished"), &json!(43)));
    assert_eq!((&last["failed"], &last["exit_code"]), (&json!(1), &json!(1)));
    assert!(events.iter().all(|event| event["run_id"] == last["run_id"]));
    let failed = events.iter().find(|event| event["errcode"] == 43004).unwrap();
    assert!(text(&failed["reason"]).contains("follow"), "{failed}");

    for (request, event) in taken.iter().zip(&events) {
        assert_eq!(request.method, "POST");
        assert!(receiver.url().ends_with(&request.path), "{}", request.path);
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("content-length"), request.body.len().to_string());
        assert!(request.header("user-agent").starts_with("wxremind/"));
        assert_eq!(request.header("webhook-id"), event["event_id"]);
        assert!(request.is_signed_with(KEY, now()));
        assert!(!request.is_signed_with(b"another key that is long enough", now()));
        // Nobody's name, number or openid, and nothing nested.
        for word in ["患者", "oPatient", "P0000", "李医生"] {
            assert!(!request.body.contains(word), "{}", request.body);
        }
        assert!(event.as_object().unwrap().values().all(|one| !one.is_object() && !one.is_array()));
    }
}

#[test]
fn the_sample_payload_has_every_field_with_its_type() {
    let sample: Value = serde_json::from_str(include_str!("../../examples/event.json")).unwrap();
    let receiver = Receiver::start();
    let clinic = clinic_of(0, &receiver);
    let url = receiver.url();
    clinic.set(&format!(
        "[send]\nwait_scale = 0.01\n[webhook]\nurl = \"{url}\"\nfields = [\"patient_id\", \"reference\"]\n"
    ));
    let refused = "YY000900,oSim_43004_unfollowed_______,P000900,患者,2026-11-30 09:00,李医生,协和医院,已预约";
    clinic.source(&[visit(1), refused.to_owned()]);
    let _ = reminding(&clinic).run().expect(1);
    let openid = openid(7);
    let prescribe =
        ["prescribe", "--openid", &openid, "--ref", "RX20261123001", "--yes", "--now", MONDAY];
    clinic.settings(&format!(
        "[templates]\nids = {{ prescription = \"{}\" }}\n[webhook]\nurl = \"{url}\"\nfields = [\"patient_id\", \"reference\"]\n",
        wechat_simulator::TEMPLATE_PRESCRIPTION
    ));
    let _ = clinic.program(prescribe).run().expect(0);
    let kind = |value: &Value| match value {
        Value::String(_) => "text",
        Value::Number(number) if number.is_i64() => "number",
        other => panic!("{other}"),
    };
    let mut seen = BTreeSet::new();
    for event in receiver.events() {
        for (name, value) in event.as_object().unwrap() {
            assert_eq!(kind(value), kind(&sample[name]), "{name}");
            seen.insert(name.clone());
        }
    }
    let sample: BTreeSet<String> = sample.as_object().unwrap().keys().cloned().collect();
    assert_eq!(seen, sample);
}

#[test]
fn a_webhook_that_never_answers_holds_up_no_message() {
    let receiver = Receiver::start();
    let clinic = patient_clinic_of(60, &receiver, "3s");
    receiver.hold();
    let child = reminding(&clinic).spawn();
    // Every phone has its message while the webhook still holds its first request.
    until(|| clinic.reached().len() == 60 && receiver.waiting() > 0);
    assert!(receiver.taken().is_empty());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("61 events are not delivered"), "{said}");
    assert_eq!(clinic.states(), "accepted 60");
    assert!(receiver.taken().is_empty());

    receiver.release();
    receiver.clear();
    let flushed = flush(&clinic).expect(0).json();
    assert_eq!(flushed, json!({ "delivered": 61, "pending": 0, "given_up": 0 }));
    assert_eq!(told(&receiver.events()), recorded(&clinic));
}

#[test]
fn a_webhook_that_is_down_changes_neither_exit_code_nor_output_but_for_a_warning() {
    let outputs = [202, 500].map(|status| {
        let receiver = Receiver::start();
        receiver.answer(status, &[]);
        let clinic = clinic_of(30, &receiver);
        let more = ["--rate", "0", "--json"];
        let run = clinic.reminding(MONDAY, &more).env("WXREMIND_WEBHOOK_SECRET", SECRET).run();
        let mut summary = run.json();
        summary["run_id"] = Value::Null;
        (receiver, clinic, run, summary)
    });
    let [(_, _, well, summary), (receiver, clinic, ill, same)] = outputs;
    assert_eq!((well.code, &summary), (ill.code, &same));
    assert_eq!(well.stderr, "");
    insta::assert_snapshot!(shown(&ill.stderr, &receiver), @"wxremind: warning: 31 events are not delivered to the webhook http://[WEBHOOK]/***voke: HTTP 500. They are kept; `wxremind log events --flush` delivers them, and so does the next run.");
    // A receiver that fails is soon left alone.
    assert!(receiver.asked().len() < 30, "{}", receiver.asked().len());

    let waits = json!({ "delivered": 0, "pending": 31, "given_up": 0, "error": "HTTP 500" });
    assert_eq!(flush(&clinic).expect(1).json(), waits);
    assert_eq!(receiver.taken().len(), 0);
    receiver.answer(204, &[]);
    let _ = flush(&clinic).expect(0);
    let events = receiver.events();
    assert_eq!(events.len(), 31, "each once");
    assert_eq!(told(&events), recorded(&clinic));
    assert_eq!(events[30]["type"], "run.finished");
}

/// A warning without what differs from run to run.
fn shown(text: &str, receiver: &Receiver) -> String {
    let url = receiver.url();
    let host = url.split('/').nth(2).unwrap();
    text.replace(host, "[WEBHOOK]")
}

#[test]
fn a_webhook_that_stumbles_hears_everything_before_the_run_ends() {
    let receiver = Receiver::start();
    let clinic = clinic_of(10, &receiver);
    receiver.answer_first(2, 502, &[]);
    let run = reminding(&clinic).run().expect(0);
    assert_eq!(run.stderr, "");
    assert_eq!((receiver.asked().len(), receiver.taken().len()), (13, 11));
    assert_eq!(told(&receiver.events()), recorded(&clinic));
}

#[test]
fn a_flush_gives_a_busy_webhook_the_time_it_asks_for() {
    let receiver = Receiver::start();
    let clinic = clinic_of(20, &receiver);
    receiver.answer(500, &[]);
    let _ = reminding(&clinic).run().expect(0);
    receiver.answer(202, &[]);
    receiver.clear();
    receiver.answer_first(3, 429, &[("retry-after", "1")]);
    let first = flush(&clinic).expect(1).json();
    assert_eq!((&first["delivered"], &first["pending"]), (&json!(18), &json!(3)));
    let _ = flush(&clinic).expect(0);
    assert_eq!((receiver.asked().len(), receiver.taken().len()), (24, 21));
}

#[test]
fn the_next_run_delivers_what_an_earlier_one_could_not() {
    let receiver = Receiver::start();
    let clinic = clinic_of(4, &receiver);
    receiver.answer(503, &[]);
    let _ = reminding(&clinic).run().expect(0);
    receiver.answer(200, &[]);
    // The time of the next attempt has come.
    clinic.meddle("UPDATE event SET next_attempt_at = at");
    clinic.visits(0..5);
    let run = reminding(&clinic).run().expect(0);
    assert_eq!(run.stderr, "");
    assert_eq!(told(&receiver.events()), recorded(&clinic));
}

#[test]
fn killed_between_commit_and_delivery_no_event_is_lost() {
    let receiver = Receiver::start();
    let clinic = clinic_of(40, &receiver);
    receiver.hold();
    let mut child = reminding(&clinic).spawn();
    until(|| receiver.waiting() > 0 && clinic.reached().len() > 20);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it had ended by itself");
    receiver.release();
    // The leases of the dead run end.
    clinic.meddle("UPDATE event SET lease_until = NULL");
    let _ = reminding(&clinic).run().expect(0);
    let _ = flush(&clinic).expect(0);
    // Those in flight when it died may have come twice, under the same id.
    let mut ids = BTreeSet::new();
    let once: Vec<Value> = receiver
        .events()
        .into_iter()
        .filter(|event| ids.insert(text(&event["event_id"])))
        .collect();
    assert_eq!(told(&once), recorded(&clinic));
    let messages = once.iter().filter(|event| event["type"] != "run.finished").count();
    assert_eq!(messages, 40, "each once");
}

#[test]
fn an_event_is_given_up_at_last_and_can_be_replayed_under_its_id() {
    let receiver = Receiver::start();
    let clinic = patient_clinic_of(1, &receiver, "1s");
    receiver.answer(400, &[]);
    let _ = reminding(&clinic).run().expect(0);
    let first = receiver.asked()[0].header("webhook-id").to_owned();
    // Its attempts are used up but for the last.
    clinic.meddle("UPDATE event SET attempts = 10, next_attempt_at = at");
    let run = flush(&clinic).expect(1);
    assert_eq!(
        run.json(),
        json!({ "delivered": 0, "pending": 0, "given_up": 2, "error": "HTTP 400" })
    );
    let dead = clinic.run(["log", "events", "--state", "dead"]).expect(0);
    assert!(dead.stdout.contains("message.accepted") && dead.stdout.contains("HTTP 400"), "{dead}");
    receiver.answer(202, &[]);
    receiver.clear();
    assert_eq!(flush(&clinic).expect(0).json()["delivered"], 0);
    let replay =
        ["log", "events", "--replay", "--since", "1h", "--state", "dead", "--flush", "--json"];
    let run = clinic.run(replay).expect(0);
    assert_eq!(run.json()["delivered"], 2, "{run}");
    assert_eq!(receiver.taken()[0].header("webhook-id"), first);
    // What was delivered can be replayed too: the same ids, for receivers that lost them.
    let _ = clinic.run(["log", "events", "--replay", "--since", "1h", "--flush"]).expect(0);
    assert_eq!(receiver.taken().len(), 4);
    assert_eq!(receiver.taken()[2].body, receiver.taken()[0].body);
}

#[test]
fn two_who_flush_at_once_deliver_each_event_once() {
    let receiver = Receiver::start();
    let clinic = clinic_of(40, &receiver);
    receiver.answer(500, &[]);
    let _ = reminding(&clinic).run().expect(0);
    receiver.answer(202, &[]);
    receiver.clear();
    receiver.hold();
    let flushing = || clinic.program(["log", "events", "--flush"]).spawn();
    let both = [flushing(), flushing()];
    // Each has as many in flight as it may.
    until(|| receiver.waiting() == 16);
    receiver.release();
    let _ended = both.map(|child| child.wait_with_output().unwrap());
    let _ = flush(&clinic).expect(0);
    assert_eq!(receiver.taken().len(), 41);
}

#[test]
fn a_receiver_that_is_gone_or_asks_for_time_is_left_alone() {
    for (status, headers) in [(410, vec![]), (429, vec![("retry-after", "3600")])] {
        let receiver = Receiver::start();
        receiver.answer(status, &headers);
        let clinic = clinic_of(40, &receiver);
        let run = reminding(&clinic).run().expect(0);
        assert!(run.stderr.contains(&format!("HTTP {status}")), "{run}");
        assert!(receiver.asked().len() <= 8, "{}", receiver.asked().len());
        // Somebody who asks is answered: it is tried, and left alone again.
        receiver.clear();
        let _ = flush(&clinic).expect(1);
        assert!((1..=8).contains(&receiver.asked().len()));
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    receiver.answer(307, &[("location", &elsewhere.url())]);
    let clinic = patient_clinic_of(1, &receiver, "1s");
    let run = reminding(&clinic).run().expect(0);
    assert!(run.stderr.contains("HTTP 307: redirects are not followed"), "{run}");
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn a_doubt_and_its_resolution_are_told_and_a_rehearsal_tells_nobody() {
    let receiver = Receiver::start();
    let clinic = clinic_of(1, &receiver);
    clinic.set(&format!(
        "[send]\nwait_scale = 0.01\n[remind]\non_unknown = \"wait\"\n[webhook]\nurl = \"{}\"\n",
        receiver.url()
    ));
    clinic.simulator().fault(Fault::new(FaultKind::CloseAfterAccept).times(99));
    let _ = reminding(&clinic).run().expect(8);
    let id = clinic.entries()[0].message_id.to_string();
    let _ = clinic.run(["log", "resolve", &id, "--as", "sent"]).expect(0);
    let _ = flush(&clinic).expect(0);
    let types: Vec<String> = receiver.events().iter().map(|event| text(&event["type"])).collect();
    assert_eq!(types, ["message.unknown", "run.finished", "message.accepted"]);

    receiver.clear();
    clinic.simulator().clear_faults();
    let _ = clinic.reminding(MONDAY, &["--simulate"]).run().expect(0);
    assert!(receiver.asked().is_empty());
}

#[test]
fn without_a_webhook_nothing_is_recorded_and_a_flush_says_what_to_set() {
    let clinic = Clinic::of(2);
    let _ = clinic.remind().expect(0);
    let listed = clinic.run(["log", "events"]).expect(0);
    assert_eq!(
        (listed.stdout.as_str(), listed.stderr.as_str()),
        ("", "No events: no webhook is set.\n")
    );
    insta::assert_snapshot!(clinic.run(["log", "events", "--flush"]), @"
    --- stderr
    wxremind: error: No webhook is set, so events go nowhere.
    hint: Set url under [webhook] in wxremind.toml, or $WXREMIND_WEBHOOK_URL.
    --- exit 4
    ");
}

#[test]
fn the_list_of_events_lines_up() {
    let receiver = Receiver::start();
    let clinic = patient_clinic_of(0, &receiver, "1s");
    clinic.file(
        "appointments.csv",
        format!(
            "{HEADER}\n预约0001,{},P000001,患者,2026-11-30 09:00,李医生,协和医院,已预约\n",
            openid(1)
        ),
    );
    let _ = reminding(&clinic).run().expect(0);
    receiver.answer(500, &[]);
    clinic.file("appointments.csv", format!("{HEADER}\n{}\n", visit(2)));
    let _ = reminding(&clinic).run().expect(0);
    clinic.meddle(
        "UPDATE event SET at = '2026-11-23T00:15:00.000Z', next_attempt_at = '2026-11-23T00:20:00.000Z'",
    );
    insta::assert_snapshot!(clinic.run(["log", "events"]).expect(0), @"
    --- stdout
    NO  RECORDED          EVENT             ABOUT     DELIVERY   FAILED  WHY                              ID
    4   2026-11-23 08:15  run.finished      exit 0    pending    1       HTTP 500; next 2026-11-23 08:20  xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
    3   2026-11-23 08:15  message.accepted  YY000002  pending    1       HTTP 500; next 2026-11-23 08:20  xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
    2   2026-11-23 08:15  run.finished      exit 0    delivered  0                                        xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
    1   2026-11-23 08:15  message.accepted  预约0001  delivered  0                                        xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
    --- exit 0
    ");
}
