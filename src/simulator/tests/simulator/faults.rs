//! Every fault, the magic openids, and messages under review.

use crate::support::{OPENID, Wechat, body, code, json_of, visit, visit_with};
use serde_json::Value;
use wechat_simulator::{Fault, FaultKind, Which, magic_openids};

#[tokio::test]
async fn the_faults_that_are_an_errcode_answer_it_and_accept_nothing() {
    let wechat = Wechat::start().await;
    for (kind, expected, text) in [
        (FaultKind::Busy, -1, "system error rid: "),
        (FaultKind::DailyQuota, 45009, "reach max api daily quota limit rid: "),
        (
            FaultKind::MinuteQuota,
            45011,
            "api minute-quota reach limit, must slower, retry next minute rid: ",
        ),
        (FaultKind::Duplicate60s, 40241, "The message is duplicate in 60 seconds rid: "),
        (
            FaultKind::TooFrequent,
            43117,
            "Sending messages to this openid too frequently,please try later rid: ",
        ),
        (
            FaultKind::Errcode(40164),
            40164,
            "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: ",
        ),
        (FaultKind::Errcode(268_487_001), 268_487_001, "simulated error rid: "),
    ] {
        wechat.simulator().fault(Fault::new(kind));
        let answer = wechat.send(&visit(OPENID)).await;
        assert_eq!(code(&answer), expected);
        assert!(answer["errmsg"].as_str().unwrap().starts_with(text), "{answer}");
        assert!(answer.get("msgid").is_none());
    }
    assert!(wechat.simulator().phones().is_empty());
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0, "each fault struck once");
    assert_eq!(wechat.simulator().requests().errcodes[&-1], 1);
}

#[tokio::test]
async fn a_message_under_review_is_on_no_phone_until_it_is_released() {
    let wechat = Wechat::start().await;
    wechat.simulator().fault(Fault::new(FaultKind::Held));
    assert_eq!(wechat.send_code(&visit_with(OPENID, "a")).await, 40252);
    assert_eq!(
        wechat.send_code(&visit_with(OPENID, "a")).await,
        40252,
        "a repeat is the same message"
    );
    assert_eq!((wechat.simulator().held().len(), wechat.simulator().messages().len()), (1, 0));
    assert_eq!(wechat.simulator().release_held(), 1);
    assert_eq!((wechat.simulator().held().len(), wechat.simulator().messages().len()), (0, 1));
}

#[tokio::test]
async fn broken_answers_accept_nothing_and_text_plain_is_no_fault() {
    let wechat = Wechat::start().await;
    for (kind, status) in
        [(FaultKind::BadGateway, 502), (FaultKind::HtmlOk, 200), (FaultKind::Redirect, 302)]
    {
        wechat.simulator().fault(Fault::new(kind));
        let answer = wechat.send_request(&visit(OPENID)).send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert!(serde_json::from_str::<Value>(&answer.text().await.unwrap()).is_err());
    }
    assert!(wechat.simulator().phones().is_empty());
    wechat.simulator().fault(Fault::new(FaultKind::TextPlain));
    let answer = wechat.send_request(&visit(OPENID)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(code(&json_of(answer).await), 0);
    assert_eq!(wechat.simulator().messages().len(), 1);
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_and_the_message_may_have_arrived_or_not() {
    let wechat = Wechat::start().await;
    for (kind, arrived) in [(FaultKind::CloseBefore, 0), (FaultKind::CloseAfterAccept, 1)] {
        wechat.simulator().fault(Fault::new(kind));
        let error = wechat.send_request(&visit_with(OPENID, "a")).send().await.unwrap_err();
        assert!(error.is_request() && error.status().is_none(), "{}", error.without_url());
        assert_eq!(wechat.simulator().messages().len(), arrived);
    }
    assert_eq!(wechat.send_code(&visit_with(OPENID, "a")).await, 0);
    assert_eq!(wechat.simulator().messages().len(), 1, "the retry is a repeat");
}

#[tokio::test]
async fn a_stalled_answer_comes_late_and_the_message_may_have_arrived_or_not() {
    let wechat = Wechat::start().await;
    for (accepted, arrived, late) in [(false, 0, -1), (true, 1, 0)] {
        wechat
            .simulator()
            .fault(Fault::new(FaultKind::Stall { milliseconds: 3_600_000, accepted }));
        stalls(&wechat, OPENID).await;
        assert_eq!(wechat.simulator().messages().len(), arrived);
        wechat.simulator().reset();
        wechat.simulator().fault(Fault::new(FaultKind::Stall { milliseconds: 1, accepted }));
        assert_eq!(wechat.send_code(&visit(OPENID)).await, late);
        wechat.simulator().reset();
    }
}

/// Sends, sees that the call is known but not answered, and goes away.
async fn stalls(wechat: &Wechat, openid: &str) {
    let before = wechat.simulator().requests().sends;
    let sending = tokio::spawn(wechat.send_request(&visit(openid)).send());
    while wechat.simulator().requests().sends == before {
        tokio::task::yield_now().await;
    }
    assert!(!sending.is_finished() && wechat.simulator().requests().in_flight == 1);
    sending.abort();
    while wechat.simulator().requests().in_flight > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_token_that_dies_in_mid_run_is_replaced_by_another() {
    let mut wechat = Wechat::start().await;
    for (kind, expected) in [(FaultKind::ExpireToken, 42001), (FaultKind::RevokeToken, 40001)] {
        wechat.simulator().fault(Fault::new(kind).after(1));
        let codes = [
            wechat.send_code(&visit(OPENID)).await,
            wechat.send_code(&visit(OPENID)).await,
            wechat.send_code(&visit(OPENID)).await,
        ];
        assert_eq!(codes, [0, expected, expected]);
        let dead = std::mem::take(&mut wechat.token);
        wechat.token = wechat.stable_token().await;
        assert_ne!(wechat.token, dead);
    }
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
}

#[tokio::test]
async fn faults_befall_the_calls_and_the_openid_they_name() {
    let wechat = Wechat::start().await;
    let other = "oInvented_patient_0000000002";
    wechat.simulator().fault(Fault::new(FaultKind::Busy).openid(other).forever());
    wechat.simulator().fault(Fault::new(FaultKind::Errcode(40164)).at(Which::Token));
    wechat
        .simulator()
        .fault(Fault::new(FaultKind::Busy).at(Which::Path("/cgi-bin/user/get".to_owned())));
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
    assert_eq!(wechat.send_code(&visit(other)).await, -1);
    assert_eq!(code(&body(wechat.stable_request()).await), 40164);
    assert_eq!(wechat.stable_token().await, wechat.token);
    assert_eq!(code(&wechat.get("/cgi-bin/user/get").await), -1);
    wechat.simulator().clear_faults();
    assert_eq!(wechat.send_code(&visit(other)).await, 0);
}

#[tokio::test]
async fn every_magic_openid_meets_its_fate() {
    let wechat = Wechat::start().await;
    for (openid, kind, shows) in magic_openids() {
        if matches!(kind, FaultKind::Stall { .. }) {
            stalls(&wechat, openid).await;
            continue;
        }
        match (kind, wechat.send_request(&visit(openid)).send().await) {
            (FaultKind::CloseAfterAccept | FaultKind::CloseBefore, answer) => {
                assert!(answer.is_err());
            }
            (FaultKind::BadGateway, answer) => assert_eq!(answer.unwrap().status(), 502),
            (_, answer) => {
                let named = openid.strip_prefix("oSim_").unwrap().split('_').next().unwrap();
                let expected = named.parse().unwrap_or(-1);
                assert_eq!(code(&json_of(answer.unwrap()).await), expected, "{shows}");
            }
        }
    }
    assert_eq!(
        wechat.simulator().messages().len(),
        2,
        "the stalled one and the one cut after accepting"
    );
    assert_eq!(wechat.simulator().held().len(), 1);
}
