//! The whole circle with the real binary: appointments, phones, receipts, the record.

use std::sync::atomic::{AtomicUsize, Ordering};

use wechat_simulator::{Fault, FaultKind, PushMode, Receipts, Settings};

use super::clinic::{Clinic, MONDAY, appointment, openid, visit, wait};
use super::crash::{send, until};
use crate::support::serving::{API_KEY, Serving, receipt};

/// Patients whose receipts are special.
const BLOCKED: &str = "oSim_receipt_user_block_____";
const FAILED: &str = "oSim_receipt_system_failed__";

/// A clinic of `count` patients with a server beside it, to which receipts go in this mode.
fn served(count: usize, mode: PushMode) -> (Clinic, Serving) {
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
fn remind(clinic: &Clinic) {
    let _ = clinic.remind_with(&["--rate", "0"]).expect(0);
}

fn now() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the receipts of a test are made now, whatever the run pretends"
    )]
    jiff::Timestamp::now().as_second()
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
    // Too impatient to hear any acknowledgement.
    let receipts = serving.receipts(PushMode::Plain);
    clinic.simulator().receipts(Some(Receipts { patience_ms: 1, ..receipts }));
    remind(&clinic);
    until_told(&clinic);
    until(|| clinic.states() == "delivered 5");
    let blocked =
        receipt(&openid(0), clinic.simulator().messages()[0].msgid, now(), "failed:user block");
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
fn a_push_that_is_not_wechats_is_refused_and_changes_nothing() {
    let (clinic, serving) = served(1, PushMode::Safe);
    clinic.simulator().receipts(None);
    remind(&clinic);
    let msgid = clinic.simulator().messages()[0].msgid;
    let right = receipt(&openid(0), msgid, now(), "success");
    let (path, body) = serving.signed(&right);
    let post = |path: &str, body: &str| wait(serving.post(path, body.to_owned(), &[]));
    for (path, body) in [
        (path.replace("msg_signature=", "msg_signature=0"), body.clone()),
        (path.replace("nonce=7", "nonce=8"), body.clone()),
        ("/wechat/callback".to_owned(), body.clone()),
        // In plain: whoever has seen a signed address could make it.
        (path.clone(), right.clone()),
        (path.clone(), body.replace("CDATA[", "CDATA[AAAA")),
    ] {
        let (status, said) = post(&path, &body);
        assert_eq!(status, 403, "{said}");
        assert!(said.starts_with(r#"{"error":"forbidden","message":"The "#), "{said}");
    }
    assert_eq!(clinic.states(), "accepted 1");
    assert_eq!(post(&path, &body), (200, "success".to_owned()));
    assert_eq!(clinic.states(), "delivered 1");
    let (_, said) = serving.stop();
    assert!(said.contains("pushes to the callback were refused"), "{said}");
    assert!(!said.contains(&openid(0)) && !said.contains(&msgid.to_string()), "{said}");
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
fn what_cannot_be_read_or_is_too_large_is_refused_with_a_reason() {
    let (clinic, serving) = served(0, PushMode::Safe);
    let push = |text: &str| wait(serving.push(text));
    for (text, status, reason) in [
        ("", 400, "it is empty"),
        ("<xml><FromUserName>o</FromUserName></xml>", 400, "CreateTime"),
        ("<!DOCTYPE a><xml></xml>", 400, "document type"),
        (&"<a>".repeat(2000), 400, "not valid XML"),
        (&"x".repeat(100_000), 413, "too large"),
        // Whatever it is, it is WeChat's: acknowledged, or the sender is told that the account is out of order.
        (
            "<xml><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>",
            200,
            "success",
        ),
    ] {
        let (found, said) = push(text);
        assert_eq!(found, status, "{said}");
        assert!(said.contains(reason), "{said}");
    }
    let forward = |body: &str| wait(serving.forward(body));
    for (body, status, reason) in [
        ("", 400, "it is empty"),
        ("hello", 400, "neither XML nor JSON"),
        ("{}", 400, "FromUserName"),
        (&format!("[{}]", "{},".repeat(1001).trim_end_matches(',')), 413, "1000"),
        (&"x".repeat(2_000_000), 413, "too large"),
    ] {
        let (found, said) = forward(body);
        assert_eq!(found, status, "{said}");
        assert!(said.contains(reason), "{said}");
    }
    assert_eq!(wait(serving.get("/nothing")).0, 404);
    assert_eq!(wait(serving.get("/v1/receipts")).0, 405);
    assert_eq!(wait(serving.get("/healthz")), (200, r#"{"status":"ok"}"#.to_owned()));
    drop(clinic);
}

#[test]
fn the_check_of_the_url_is_answered() {
    let (_clinic, serving) = served(0, PushMode::Safe);
    let (path, _) = serving.signed("");
    assert_eq!(wait(serving.get(&format!("{path}&echostr=4375"))), (200, "4375".to_owned()));
    let wrong = path.replace("timestamp=17", "timestamp=18");
    assert_eq!(wait(serving.get(&format!("{wrong}&echostr=4375"))).0, 403);
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
fn wrong_keys_are_turned_away_and_the_right_one_is_still_let_in() {
    let (_clinic, serving) = served(0, PushMode::Plain);
    let statuses: Vec<u16> = (0..25)
        .map(|_| wait(serving.post("/v1/receipts", "[]".into(), &[("x-api-key", "guess")])).0)
        .collect();
    assert_eq!((statuses[0], statuses[24]), (401, 429));
    assert_eq!(wait(serving.post("/v1/receipts", "[]".into(), &[("x-api-key", API_KEY)])).0, 200);
}

/// Pushes every message's receipt, 32 at once, stops the server when some have been acknowledged, and checks that the
/// record has at least those.
fn stopped_in_the_middle(stop: impl FnOnce(&mut Serving)) {
    let (clinic, mut serving) = served(300, PushMode::Safe);
    clinic.simulator().receipts(None);
    remind(&clinic);
    let messages = clinic.simulator().messages();
    let pushes: Vec<(String, String)> = messages
        .iter()
        .map(|message| serving.signed(&receipt(&message.openid, message.msgid, now(), "success")))
        .collect();
    let (acknowledged, client) = (AtomicUsize::new(0), reqwest::Client::builder().no_proxy());
    let client = client.build().unwrap();
    let base = serving.at("");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let next = &next;
        for _ in 0..8 {
            let (client, pushes, acknowledged, base) = (&client, &pushes, &acknowledged, &base);
            scope.spawn(move || {
                wait(async {
                    while let Some((path, body)) = pushes.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let push = client.post(format!("{base}{path}")).body(body.clone());
                        let told = push.send().await.is_ok_and(|answer| answer.status() == 200);
                        acknowledged.fetch_add(usize::from(told), Ordering::Relaxed);
                    }
                });
            });
        }
        until(|| acknowledged.load(Ordering::Relaxed) >= 40);
        stop(&mut serving);
    });
    let acknowledged = acknowledged.into_inner();
    let delivered = clinic.entries().iter().filter(|e| e.state.as_str() == "delivered").count();
    assert!(acknowledged >= 40 && delivered >= acknowledged, "{delivered} of {acknowledged}");
}

#[test]
fn a_server_that_is_stopped_loses_no_acknowledged_receipt() {
    stopped_in_the_middle(|serving| {
        send(serving.child(), "TERM");
    });
}

#[test]
fn a_server_that_is_killed_loses_no_acknowledged_receipt() {
    stopped_in_the_middle(Serving::kill);
}

#[test]
fn while_the_record_is_held_nothing_is_acknowledged_and_nothing_is_lost() {
    let (clinic, serving) = served(1, PushMode::Safe);
    clinic.simulator().receipts(None);
    remind(&clinic);
    let message = clinic.simulator().messages().remove(0);
    let text = receipt(&message.openid, message.msgid, now(), "success");
    let holder = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (status, said) = wait(serving.push(&text));
    assert_eq!(status, 503, "{said}");
    holder.execute_batch("ROLLBACK").unwrap();
    until(|| clinic.states() == "delivered 1");
    assert_eq!(wait(serving.push(&text)), (200, "success".to_owned()));
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

#[test]
fn a_server_with_nothing_to_serve_or_a_wrong_token_says_what_to_set() {
    let clinic = Clinic::new();
    insta::assert_snapshot!(clinic.run(["serve"]), @"
    --- stderr
    wxremind: error: There is nothing to serve: neither a callback token nor an API key is set.
    hint: For WeChat's own receipts set $WXREMIND_CALLBACK_TOKEN, and $WXREMIND_ENCODING_AES_KEY unless the console says 明文模式.
    hint: For receipts that another program passes on, make a key: wxremind serve key NAME.
    --- exit 4
    ");
    let with = |variables: &[(&str, &str)]| {
        let program = clinic.program(["serve", "--listen", "127.0.0.1:0"]);
        variables.iter().fold(program, |program, (name, value)| program.env(name, value)).run()
    };
    insta::assert_snapshot!(with(&[("WXREMIND_CALLBACK_TOKEN", "a b")]), @"
    --- stderr
    wxremind: error: $WXREMIND_CALLBACK_TOKEN cannot be used: the token must be 3 to 32 letters and digits.
    hint: Copy it anew from mp.weixin.qq.com, 设置与开发 > 基本配置 > 服务器配置.
    --- exit 4
    ");
    insta::assert_snapshot!(with(&[("WXREMIND_CALLBACK_TOKEN", "token"), ("WXREMIND_ENCODING_AES_KEY", "short")]), @"
    --- stderr
    wxremind: error: $WXREMIND_ENCODING_AES_KEY cannot be used: the EncodingAESKey must be the 43 letters and digits that the console shows.
    hint: Copy it anew from mp.weixin.qq.com, 设置与开发 > 基本配置 > 服务器配置.
    --- exit 4
    ");
    insta::assert_snapshot!(with(&[("WXREMIND_ENCODING_AES_KEY", "short")]), @"
    --- stderr
    wxremind: error: An EncodingAESKey is set, and no callback token.
    hint: Set $WXREMIND_CALLBACK_TOKEN to the Token of the same page.
    --- exit 4
    ");
    insta::assert_snapshot!(with(&[("WXREMIND_API_KEY", "short")]), @"
    --- stderr
    wxremind: error: $WXREMIND_API_KEY must have at least 16 characters; `wxremind serve key` makes one.
    --- exit 4
    ");
}

#[test]
fn a_key_is_made_once_and_works_with_its_lines_in_the_settings() {
    let clinic = Clinic::new();
    let made = clinic.run(["serve", "key", "vendor", "--json"]).expect(0).json();
    let hash = made["hash"].as_str().unwrap();
    clinic.set(&format!("[serve.keys.vendor]\nhash = \"{hash}\"\nscopes = [\"receipts\"]\n"));
    let serving = Serving::start(&clinic, PushMode::Plain);
    let key = made["key"].as_str().unwrap();
    assert_eq!(wait(serving.post("/v1/receipts", "[]".into(), &[("x-api-key", key)])).0, 200);
    let text = clinic.run(["serve", "key", "vendor"]).expect(0).stdout;
    assert!(text.contains("[serve.keys.vendor]") && !text.contains(key), "another one each time");
    let _ = clinic.run(["serve", "key", "a b"]).expect(2);
}
