//! The connector with the real binary: what programs ask for reaches the phones once, whatever becomes of the server.

use std::time::Duration;

use serde_json::{Value, json};
use wechat_simulator::{Fault, FaultKind, PushMode, Settings, TEMPLATE_REMINDER};

use super::clinic::{Clinic, openid, wait};
use super::crash::until;
use super::shared::Shared;
use crate::support::receiver::Receiver;
use crate::support::serving::{API_KEY, Answer, Serving, receipt};

/// A body as a flow writes it, for this patient and under this id.
pub fn body(patient: usize, id: &str) -> Value {
    json!({
        "touser": openid(patient),
        "template_id": TEMPLATE_REMINDER,
        "url": "https://hospital.example/visit",
        "client_msg_id": id,
        "data": {
            "first": { "value": "就诊提醒" },
            "keyword1": { "value": "YY000001", "color": "#173177" },
            "keyword2": { "value": "2026-12-01 09:00" },
            "keyword3": { "value": "协和医院" },
            "remark": { "value": "李医生" },
        },
    })
}

fn post_with(serving: &Serving, key: &str, body: &Value) -> Answer {
    wait(serving.post("/v1/messages", body.to_string(), &[("x-api-key", key)]))
}

fn post(serving: &Serving, body: &Value) -> (u16, Value) {
    let (status, said) = post_with(serving, API_KEY, body);
    (status, serde_json::from_str(&said).unwrap_or_else(|_| panic!("{status} {said}")))
}

fn list(serving: &Serving, query: &str) -> (u16, Value) {
    let (status, said) = wait(serving.get_with(&format!("/v1/messages{query}"), API_KEY));
    (status, serde_json::from_str(&said).unwrap_or_else(|_| panic!("{status} {said}")))
}

fn served(clinic: &Clinic) -> Serving {
    Serving::start(clinic, PushMode::Plain)
}

#[test]
fn a_message_is_taken_sent_once_and_told_again_to_whoever_asks_again() {
    let clinic = Clinic::new();
    let serving = served(&clinic);
    let (status, first) = post(&serving, &body(1, "flow-1"));
    assert_eq!(status, 202, "{first}");
    assert_eq!((&first["state"], &first["duplicate"]), (&"queued".into(), &false.into()));
    until(|| clinic.states() == "accepted 1");
    let (status, again) = post(&serving, &body(1, "flow-1"));
    assert_eq!((status, &again["duplicate"]), (200, &true.into()));
    assert_eq!(
        (&again["message_id"], &again["queued_at"]),
        (&first["message_id"], &first["queued_at"])
    );
    assert_eq!(again["state"], "accepted");
    // Another body under the same id; the same id for somebody else.
    let mut other = body(1, "flow-1");
    other["data"]["remark"]["value"] = "王医生".into();
    let (status, said) = post(&serving, &other);
    assert_eq!(
        (status, &said["error"], &said["field"]),
        (409, &"conflict".into(), &"client_msg_id".into())
    );
    assert_eq!(post(&serving, &body(2, "flow-1")).0, 202);
    until(|| clinic.states() == "accepted 2");
    clinic.assert_once_each([1, 2]);
    let phone = &clinic.simulator().messages()[0];
    assert_eq!(phone.client_msg_id.as_deref(), Some("flow-1"), "WeChat hears the caller's own id");
    let several = clinic.run(["log", "show", "flow-1"]);
    assert!(several.stderr.contains(first["message_id"].as_str().unwrap()), "{several}");
    let entry = clinic.entries().remove(0);
    assert_eq!(
        (entry.kind.as_str(), entry.asked_by.as_deref()),
        ("connector", Some("environment"))
    );
    let kept = clinic.meddle("UPDATE message SET content = content WHERE content IS NOT NULL");
    assert_eq!(kept, 0, "the text is erased, and its hash decides");
    let (code, said) = serving.stop();
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_reaches_no_phone() {
    let clinic = Clinic::new();
    let serving = served(&clinic);
    let changed = |path: &str, value: Value| {
        let mut body = body(1, "a");
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let without = |key: &str| {
        let mut body = body(1, "a");
        body.as_object_mut().unwrap().remove(key);
        body
    };
    for (body, status, field) in [
        (json!([]), 400, ""),
        (without("client_msg_id"), 422, "client_msg_id"),
        (without("touser"), 422, "touser"),
        (without("data"), 422, "data"),
        (changed("/client_msg_id", "x".repeat(33).into()), 422, "client_msg_id"),
        (changed("/client_msg_id", "预约".into()), 422, "client_msg_id"),
        (changed("/url", "ftp://a".into()), 422, "url"),
        (changed("/data/keyword1/value", "x".repeat(21).into()), 422, "data.keyword1.value"),
        (changed("/data/keyword1/color", "red".into()), 422, "data.keyword1.color"),
        (changed("/data/keyword1", "x".into()), 422, "data.keyword1"),
        (changed("/data", json!({"first": {"value": "x"}})), 422, "data.keyword1"),
        (changed("/data/keyword2/value", 7.into()), 422, "data.keyword2.value"),
    ] {
        let (found, said) = post(&serving, &body);
        assert_eq!((found, said["field"].as_str().unwrap_or("")), (status, field), "{said}");
        assert!(said["message"].as_str().unwrap().ends_with('.'), "{said}");
        assert!(!said.to_string().contains(&openid(1)), "{said}");
    }
    let (status, said) = wait(serving.post("/v1/messages", "{".into(), &[("x-api-key", API_KEY)]));
    assert_eq!(status, 400, "{said}");
    let large = changed("/url", format!("https://a/{}", "x".repeat(70_000)).into());
    assert_eq!(post(&serving, &large).0, 413);
    assert_eq!(wait(serving.post("/v1/messages", body(1, "a").to_string(), &[])).0, 401);
    assert_eq!(post_with(&serving, "guess", &body(1, "a")).0, 401);
    assert_eq!(wait(serving.post("/v1/message", String::new(), &[])).0, 404);
    assert!(clinic.reached().is_empty() && clinic.states().is_empty());
    let (_, said) = serving.stop();
    assert!(!said.contains(&openid(1)), "{said}");
}

#[test]
fn a_key_does_what_its_scopes_say_and_so_often() {
    let clinic = Clinic::new();
    let key = |name: &str, scopes: &str| {
        let made = clinic.run(["serve", "key", name, "--scope", scopes, "--json"]).expect(0).json();
        let lines =
            format!("[serve.keys.{name}]\nhash = {}\nscopes = {}\n", made["hash"], made["scopes"]);
        (made["key"].as_str().unwrap().to_owned(), lines)
    };
    let (sender, a) = key("flow", "send");
    let (reader, b) = key("app", "read");
    clinic.set(&format!("[send]\nwait_scale = 0.01\n[serve]\ncalls_per_minute = 4\n{a}{b}"));
    let serving = served(&clinic);
    assert_eq!(post_with(&serving, &reader, &body(1, "a")).0, 403);
    assert_eq!(wait(serving.get_with("/v1/messages", &sender)).0, 403);
    assert_eq!(wait(serving.get_with("/v1/messages?unmasked=true", &reader)).0, 403);
    let calls: Vec<u16> = (0..5).map(|_| post_with(&serving, &sender, &body(1, "a")).0).collect();
    assert_eq!(calls, [202, 200, 200, 200, 429]);
    let (status, headers) = wait(serving.headers("/v1/messages", &reader));
    assert_eq!(status, 200, "the other key has its own: {headers:?}");
    for _ in 0..3 {
        wait(serving.headers("/v1/messages", &reader));
    }
    let (status, headers) = wait(serving.headers("/v1/messages", &reader));
    assert_eq!(status, 429);
    assert!(headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 16);
    until(|| clinic.states() == "accepted 1");
    clinic.assert_once_each([1]);
}

#[test]
fn who_wants_no_messages_gets_none() {
    let clinic = Clinic::new();
    let serving = served(&clinic);
    let _ = clinic
        .program(["log", "forget", "--openid", "-", "--yes"])
        .stdin(openid(1))
        .run()
        .expect(0);
    let (status, said) = post(&serving, &body(1, "a"));
    assert_eq!(
        (status, &said["error"], &said["field"]),
        (422, &"opted_out".into(), &"touser".into())
    );
    let gone = receipt(&openid(2), 1, super::receipts::now(), "success")
        .replace("TEMPLATESENDJOBFINISH", "unsubscribe");
    assert_eq!(wait(serving.push(&gone)).0, 200);
    let (status, said) = post(&serving, &body(2, "a"));
    assert_eq!((status, &said["error"]), (422, &"unsubscribed".into()));
    assert!(clinic.reached().is_empty());
}

/// Many are taken, the server is killed at once, and another sends what is left.
fn killed_after_the_answers(
    clinic: &Clinic,
    variables: &[(&str, &str)],
    states: &dyn Fn() -> String,
) {
    let mut serving = Serving::with(clinic, PushMode::Plain, variables);
    for patient in 0..40 {
        assert_eq!(post(&serving, &body(patient, "flow-1")).0, 202);
    }
    serving.kill();
    assert!(clinic.reached().len() < 40, "the kill came too late to show anything");
    let serving = Serving::with(clinic, PushMode::Plain, variables);
    until(|| states() == "accepted 40");
    clinic.assert_once_each(0..40);
    drop(serving);
}

/// So slow that no machine sends forty messages before a kill.
fn slow() -> Clinic {
    let settings = Settings { answer_delay: Duration::from_millis(300), ..Settings::default() };
    Clinic::with_simulator(settings, "[send]\nwait_scale = 0.01\nconcurrency = 4\n")
}

#[test]
fn what_was_taken_is_sent_once_though_the_server_is_killed() {
    let clinic = slow();
    killed_after_the_answers(&clinic, &[], &|| clinic.states());
}

#[test]
fn what_was_taken_is_sent_once_though_the_server_is_killed_on_postgresql() {
    let Some(shared) = Shared::new() else { return };
    let clinic = slow();
    killed_after_the_answers(&clinic, &[("WXREMIND_LEDGER", &shared.url())], &|| shared.states());
}

#[test]
fn two_servers_on_one_ledger_share_the_work_and_the_answers() {
    let Some(shared) = Shared::new() else { return };
    let (clinic, url) = (slow(), shared.url());
    let ledger = [("WXREMIND_LEDGER", url.as_str())];
    let servers = [(); 2].map(|()| Serving::with(&clinic, PushMode::Plain, &ledger));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = |serving| move || (0..20).map(|n| post(serving, &body(n, "flow-1")).0).collect();
        let both = servers.each_ref().map(|serving| scope.spawn(ask(serving)));
        both.into_iter().flat_map(|one| -> Vec<u16> { one.join().unwrap() }).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 20, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20, "{statuses:?}");
    until(|| shared.states() == "accepted 20");
    clinic.assert_once_each(0..20);
}

#[test]
fn of_many_who_ask_for_the_same_at_once_one_is_first() {
    let clinic = Clinic::new();
    let serving = served(&clinic);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = || (0..5).map(|_| post(&serving, &body(1, "flow-1")).0).collect::<Vec<_>>();
        let all = [(); 8].map(|()| scope.spawn(ask));
        all.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 39, "{statuses:?}");
    until(|| clinic.states() == "accepted 1");
    clinic.assert_once_each([1]);
}

#[test]
fn a_message_of_unknown_outcome_waits_for_a_person() {
    let clinic = Clinic::new();
    let mut serving = served(&clinic);
    let stall = FaultKind::Stall { milliseconds: 60_000, accepted: true };
    clinic.simulator().fault(Fault::new(stall).times(1));
    assert_eq!(post(&serving, &body(1, "flow-1")).0, 202);
    until(|| clinic.states() == "sending 1" && clinic.reached() == [1]);
    serving.kill();
    // Too long ago for WeChat to know a repetition.
    clinic.meddle("UPDATE message SET intent_at = '2026-01-01T00:00:00.000Z'");
    let serving = served(&clinic);
    until(|| clinic.states() == "unknown 1");
    let (status, said) = post(&serving, &body(1, "flow-1"));
    assert_eq!((status, &said["state"]), (200, &"unknown".into()));
    // Another one goes, and this one does not go with it.
    assert_eq!(post(&serving, &body(2, "flow-1")).0, 202);
    until(|| clinic.states() == "accepted 1, unknown 1");
    clinic.assert_once_each([1, 2]);
}

#[test]
fn a_server_that_is_stopped_finishes_what_flies_and_the_next_one_the_rest() {
    let clinic = slow();
    let serving = served(&clinic);
    for patient in 0..40 {
        assert_eq!(post(&serving, &body(patient, "flow-1")).0, 202);
    }
    let (code, _) = serving.stop();
    assert_eq!(code, Some(0));
    let sending = clinic.entries().iter().any(|entry| entry.state.as_str() == "sending");
    assert!(!sending && clinic.reached().len() < 40, "{}", clinic.states());
    let _serving = served(&clinic);
    until(|| clinic.states() == "accepted 40");
    clinic.assert_once_each(0..40);
}

#[test]
fn a_morning_run_and_a_server_each_send_their_own() {
    let clinic = slow();
    clinic.visits(100..120);
    let serving = served(&clinic);
    let morning = clinic.reminding(super::clinic::MONDAY, &["--rate", "0"]).spawn();
    for patient in 0..10 {
        assert_eq!(post(&serving, &body(patient, "flow-1")).0, 202);
    }
    assert_eq!(morning.wait_with_output().unwrap().status.code(), Some(0));
    until(|| clinic.states() == "accepted 30");
    clinic.assert_once_each((0..10).chain(100..120));
    let (mut reminders, mut runs) = (0, std::collections::BTreeMap::<_, usize>::new());
    for entry in clinic.entries() {
        reminders += usize::from(entry.kind.as_str() == "reminder");
        *runs.entry((entry.run_id, entry.kind.as_str())).or_default() += 1;
    }
    assert_eq!(reminders, 20);
    let mornings = runs.keys().filter(|(_, kind)| *kind == "reminder").count();
    let served = runs.keys().filter(|(_, kind)| *kind == "connector").count();
    assert!(mornings == 1 && served >= 1 && runs.len() == mornings + served, "{runs:?}");
}

#[test]
fn refusals_of_the_account_are_waited_out_and_what_was_taken_goes_then() {
    let clinic = Clinic::new();
    let serving = served(&clinic);
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).times(2));
    assert_eq!(post(&serving, &body(1, "flow-1")).0, 202);
    until(|| clinic.states() == "accepted 1");
    clinic.assert_once_each([1]);
    let (code, said) = serving.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("quota"), "{said}");
    assert!(!said.contains(&openid(1)) && !said.contains("flow-1"), "{said}");
}

#[test]
fn without_a_secret_receipts_are_taken_and_sending_says_what_is_missing() {
    let clinic = Clinic::new();
    let serving = Serving::with(&clinic, PushMode::Plain, &[("WXREMIND_APP_SECRET", "")]);
    let (status, said) = post(&serving, &body(1, "flow-1"));
    assert_eq!((status, &said["error"]), (503, &"no_secret".into()), "{said}");
    assert_eq!(wait(serving.forward("[]")).0, 200);
    assert_eq!(list(&serving, "").0, 200);
    assert!(clinic.states().is_empty());
}

#[test]
fn others_are_told_of_what_was_asked_for() {
    let receiver = Receiver::start();
    let clinic = Clinic::with(&format!(
        "[send]\nwait_scale = 0.01\n[webhook]\nurl = \"{}\"\n",
        receiver.url()
    ));
    let serving = Serving::with(
        &clinic,
        PushMode::Plain,
        &[("WXREMIND_WEBHOOK_SECRET", crate::support::receiver::SECRET)],
    );
    let (_, told) = post(&serving, &body(1, "flow-1"));
    until(|| receiver.events().len() == 2);
    let events = receiver.events();
    assert_eq!(
        events.iter().map(|event| event["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["message.accepted", "run.finished"]
    );
    assert_eq!(
        (&events[0]["message_id"], &events[0]["kind"]),
        (&told["message_id"], &"connector".into())
    );
    assert_eq!((&events[1]["accepted"], &events[1]["left_queued"]), (&1.into(), &0.into()));
    assert_eq!(clinic.runs_begun(), 1);
}

#[test]
fn the_list_is_the_logs_and_its_pages_stay_whole_while_messages_come() {
    let clinic = Clinic::of(7);
    let _ = clinic.remind_with(&["--rate", "0"]).expect(0);
    let serving = served(&clinic);
    let log = clinic.run(["log", "list", "--json"]).expect(0).json();
    let (status, all) = list(&serving, "");
    assert_eq!((status, &all["messages"], &all["next_cursor"]), (200, &log, &Value::Null));
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let (_, page) = list(&serving, &format!("?limit=3&cursor={cursor}"));
        seen.extend(
            page["messages"].as_array().unwrap().iter().map(|one| one["message_id"].clone()),
        );
        // It comes first, and moves nothing.
        post(&serving, &body(100 + seen.len(), "flow-1"));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    let ids: Vec<Value> =
        log.as_array().unwrap().iter().map(|one| one["message_id"].clone()).collect();
    assert_eq!(seen, ids);
    until(|| clinic.states() == "accepted 10");
    let count = |query: &str| list(&serving, query).1["messages"].as_array().unwrap().len();
    assert_eq!(count("?kind=connector&state=accepted"), 3);
    assert_eq!(count(&format!("?openid={}", openid(0))), 1);
    assert_eq!(count("?client_msg_id=flow-1"), 3);
    assert_eq!(count("?since=2999-01-01"), 0);
    let masked = list(&serving, "?limit=1").1["messages"][0]["openid"].clone();
    assert!(masked.as_str().unwrap().contains("***"), "{masked}");
    let whole = list(&serving, "?limit=1&unmasked=true").1["messages"][0]["openid"].clone();
    assert_eq!(whole.as_str().unwrap().len(), 28);
    let seen = "UPDATE audit SET at = at WHERE verb = 'GET /v1/messages' AND actor = 'environment'";
    assert_eq!(clinic.meddle(seen), 1, "the record remembers who saw it");
    for (query, field) in [
        ("?state=sent", "state"),
        ("?limit=0", "limit"),
        ("?cursor=x", "cursor"),
        ("?since=soon", "since"),
    ] {
        let (status, said) = list(&serving, query);
        assert_eq!((status, &said["field"]), (422, &field.into()), "{said}");
    }
    let (status, said) = list(&serving, "?page=2");
    assert!(status == 400 && said["message"].as_str().unwrap().contains("page"), "{said}");
}
