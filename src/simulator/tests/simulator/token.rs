//! The two token endpoints, and what a token is good for.

use std::time::Duration;

use crate::support::{OPENID, Wechat, body, code, credentials, visit};
use serde_json::Value;
use wechat_simulator::{SAMPLE_APP_ID, SAMPLE_SECRET};

#[tokio::test]
async fn the_stable_token_stays_rolls_over_and_overlaps() {
    let wechat = Wechat::start().await;
    let first = body(wechat.stable_request()).await;
    assert_eq!(first["access_token"], wechat.token.as_str());
    assert!(first.get("errcode").is_none() && first["expires_in"].as_u64().unwrap() >= 7190);

    wechat.simulator().advance(Duration::from_secs(6_950));
    let second = wechat.stable_token().await;
    assert_ne!(second, wechat.token);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0, "the old one still works");

    wechat.simulator().advance(Duration::from_mins(5));
    let expired = wechat.send(&visit(OPENID)).await;
    assert_eq!(code(&expired), 42001);
    assert!(expired["errmsg"].as_str().unwrap().starts_with("access_token expired rid: "));
}

#[tokio::test]
async fn classic_tokens_replace_one_another_and_leave_the_stable_one_alone() {
    let mut wechat = Wechat::start().await;
    let path = format!(
        "/cgi-bin/token?grant_type=client_credential&appid={SAMPLE_APP_ID}&secret={SAMPLE_SECRET}"
    );
    let mut classic = Vec::new();
    for _ in 0..3 {
        let answer = body(wechat.http.get(wechat.url(&path))).await;
        classic.push(answer["access_token"].as_str().unwrap().to_owned());
    }
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
    for (token, expected) in classic.into_iter().zip([40001, 0, 0]) {
        wechat.token = token;
        assert_eq!(wechat.send_code(&visit(OPENID)).await, expected);
    }
    assert_eq!(wechat.simulator().requests().tokens, 4);
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let wechat = Wechat::start().await;
    for (key, value, expected) in [
        ("secret", "wrong", 40125),
        ("secret", "", 41004),
        ("appid", "wx0000000000000000", 40013),
        ("appid", "", 41002),
        ("grant_type", "password", 40002),
    ] {
        let mut sent = credentials();
        sent[key] = value.into();
        let answer =
            body(wechat.http.post(wechat.url("/cgi-bin/stable_token")).body(sent.to_string()))
                .await;
        assert_eq!(code(&answer), expected, "{key}={value}");
        let pairs: Vec<String> = sent
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
            .collect();
        let classic = wechat.url(&format!("/cgi-bin/token?{}", pairs.join("&")));
        assert_eq!(code(&body(wechat.http.get(classic)).await), expected, "{key}={value}");
    }
    let asked = body(wechat.http.get(wechat.url("/cgi-bin/stable_token"))).await;
    assert_eq!(code(&asked), 43002);
}

#[tokio::test]
async fn a_forced_refresh_rotates_once_in_30_seconds() {
    let wechat = Wechat::start().await;
    let force = async || {
        let mut sent = credentials();
        sent["force_refresh"] = Value::Bool(true);
        let answer =
            body(wechat.http.post(wechat.url("/cgi-bin/stable_token")).body(sent.to_string()))
                .await;
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let forced = force().await;
    assert_ne!(forced, wechat.token);
    assert_eq!(force().await, forced);
    wechat.simulator().advance(Duration::from_secs(31));
    assert_ne!(force().await, forced);
    assert_eq!(
        wechat.send_code(&visit(OPENID)).await,
        40001,
        "two forced calls end the first token"
    );
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_replaced() {
    let mut wechat = Wechat::start().await;
    let old = wechat.token.clone();
    wechat.simulator().revoke_token();
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 40001);
    wechat.token = wechat.stable_token().await;
    assert_ne!(wechat.token, old);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
    wechat.token.clear();
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 41001);
}
