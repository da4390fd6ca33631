//! Pushes to the callback URL: what they say in each mode, and how often they come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::Query;
use axum::routing::post;
use serde_json::json;
use tokio::sync::Notify;
use wechat_simulator::{Fault, FaultKind, PushFormat, PushMode, Receipts, Settings};

use crate::support::{OPENID, Wechat, visit, visit_with};

type Pushed = (HashMap<String, String>, String);

/// A receiver that refuses the first few pushes.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Pushed>>>,
    more: Arc<Notify>,
}

impl Receiver {
    /// Starts it; answers with where it listens.
    async fn listen(&self, refuse: usize) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callback", listener.local_addr().unwrap());
        let receiver = self.clone();
        let take = async move |Query(query): Query<HashMap<String, String>>, body: String| {
            let count = {
                let mut got = receiver.got.lock().unwrap();
                got.push((query, body));
                got.len()
            };
            receiver.more.notify_one();
            if count > refuse { "success" } else { "busy" }
        };
        tokio::spawn(async move {
            axum::serve(listener, axum::Router::new().route("/callback", post(take))).await
        });
        url
    }

    async fn wait(&self, count: usize) -> Vec<Pushed> {
        loop {
            let got = self.got.lock().unwrap().clone();
            if got.len() >= count {
                return got;
            }
            self.more.notified().await;
        }
    }
}

async fn start(receipts: Receipts, refuse: usize) -> (Wechat, Receiver) {
    let receiver = Receiver::default();
    let url = receiver.listen(refuse).await;
    let receipts = Some(Receipts { url, patience_ms: 50, ..receipts });
    (Wechat::with(Settings { receipts, ..Settings::default() }).await, receiver)
}

#[tokio::test]
async fn each_mode_carries_what_it_should() {
    for mode in [PushMode::Plain, PushMode::Compatible, PushMode::Safe] {
        for format in [PushFormat::Xml, PushFormat::Json] {
            let (wechat, receiver) =
                start(Receipts { mode, format, ..Receipts::default() }, 0).await;
            let msgid = wechat.send(&visit(OPENID)).await["msgid"].to_string();
            let (query, body) = receiver.wait(1).await.remove(0);
            assert_eq!(query["signature"].len(), 40);
            assert_eq!(query.contains_key("msg_signature"), mode != PushMode::Plain);
            assert_eq!(body.contains(&msgid), mode != PushMode::Safe, "{body}");
            assert_eq!(body.contains("Encrypt"), mode != PushMode::Plain, "{body}");
            assert_eq!(body.starts_with("<xml>"), format == PushFormat::Xml, "{body}");
        }
    }
}

#[tokio::test]
async fn a_push_is_repeated_three_times_and_then_given_up() {
    let (wechat, receiver) = start(Receipts::default(), 3).await;
    wechat.send(&visit_with(OPENID, "m1")).await;
    let got = receiver.wait(4).await;
    assert!(got.iter().all(|(_, body)| *body == got[0].1), "the same push");
    assert_ne!(got[0].0["nonce"], got[1].0["nonce"]);
    while wechat.simulator().pushes().waiting > 0 {
        tokio::task::yield_now().await;
    }
    let pushes = wechat.simulator().pushes();
    assert_eq!((pushes.made, pushes.acknowledged, pushes.repeated), (1, 1, 3));

    let (wechat, receiver) = start(Receipts::default(), 99).await;
    wechat.send(&visit_with(OPENID, "m1")).await;
    receiver.wait(4).await;
    while wechat.simulator().pushes().waiting > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let pushes = wechat.simulator().pushes();
    assert_eq!((pushes.given_up, pushes.repeated, receiver.wait(0).await.len()), (1, 3, 4));
}

#[tokio::test]
async fn magic_openids_decide_what_a_receipt_says() {
    let (wechat, receiver) = start(Receipts::default(), 0).await;
    for (openid, said) in [
        ("oSim_receipt_user_block_____", "failed:user block"),
        ("oSim_receipt_system_failed__", "failed: system failed"),
        ("oSim_receipt_freq_limit_____", "failed:freq limit"),
        ("oSim_receipt_without_id_____", "<MsgID>0</MsgID>"),
        ("oSim_receipt_before_answer__", "success"),
    ] {
        let before = receiver.wait(0).await.len();
        assert_eq!(wechat.send_code(&visit(openid)).await, 0);
        let early = receiver.wait(0).await.len() > before;
        assert!(early || !openid.contains("before"), "it comes before the answer");
        let got = receiver.wait(before + 1).await;
        assert!(got.last().unwrap().1.contains(said), "{openid}");
    }
    wechat.send(&visit("oSim_receipt_never__________")).await;
    assert_eq!(wechat.simulator().pushes().made, 5);
}

#[tokio::test]
async fn a_review_that_ends_and_followers_who_go_are_pushed_too() {
    let (wechat, receiver) = start(Receipts::default(), 0).await;
    wechat.simulator().fault(Fault::new(FaultKind::Held));
    wechat.send(&visit(OPENID)).await;
    assert_eq!(wechat.simulator().pushes().made, 0);
    assert_eq!(wechat.simulator().release_held(), 1);
    assert!(receiver.wait(1).await[0].1.contains("<MsgID>37"));
    wechat.simulator().unfollow(OPENID);
    assert!(receiver.wait(2).await[1].1.contains("[unsubscribe]"));
    wechat.simulator().follow(OPENID);
    assert!(receiver.wait(3).await[2].1.contains("[subscribe]"));
    wechat.simulator().receipts(None);
    wechat.simulator().unfollow(OPENID);
    assert_eq!(wechat.simulator().pushes().made, 3);
}

#[tokio::test]
async fn another_process_can_set_the_callback_url() {
    let receiver = Receiver::default();
    let url = receiver.listen(0).await;
    let wechat = Wechat::start().await;
    let set = json!({ "url": url, "mode": "safe", "without_id": true });
    let control = wechat.url("/_simulator/receipts");
    let answer = wechat.http.post(&control).body(set.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    wechat.send(&visit(OPENID)).await;
    assert!(receiver.wait(1).await[0].1.contains("Encrypt"));
    let answer = wechat.http.delete(&control).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    wechat.send(&visit(OPENID)).await;
    let pushes = crate::support::body(wechat.http.get(wechat.url("/_simulator/pushes"))).await;
    assert_eq!(pushes["made"], 1);
}
