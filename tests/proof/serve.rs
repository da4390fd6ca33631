//! The server itself: who is let in, what is refused, and that nothing acknowledged is lost.

use std::sync::atomic::{AtomicUsize, Ordering};

use wechat_simulator::PushMode;

use super::clinic::{Clinic, openid, wait};
use super::crash::{send, until};
use super::receipts::{now, remind, served};
use crate::support::serving::{API_KEY, Serving, receipt};

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
