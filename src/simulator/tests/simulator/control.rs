//! The control calls and the page.

use crate::support::{OPENID, Wechat, body, visit, visit_with};
use serde_json::json;
use wechat_simulator::{Fault, FaultKind};

impl Wechat {
    async fn command(&self, method: reqwest::Method, path: &str, sent: &str) -> (u16, String) {
        let request = self
            .http
            .request(method, self.url(&format!("/_simulator/{path}")))
            .body(sent.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn another_process_can_steer_and_read_it() {
    use reqwest::Method;
    let mut wechat = Wechat::start().await;
    let post = async |wechat: &Wechat, path: &str, sent: &str| {
        wechat.command(Method::POST, path, sent).await.0
    };
    let read = async |wechat: &Wechat, path: &str| {
        body(wechat.http.get(wechat.url(&format!("/_simulator/{path}")))).await
    };

    assert_eq!(post(&wechat, "faults", r#"{"kind":"busy","times":"forever"}"#).await, 204);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, -1);
    assert_eq!(wechat.command(Method::DELETE, "faults", "").await.0, 204);
    let (status, why) = wechat.command(Method::POST, "faults", r#"{"kind":"lazy"}"#).await;
    assert!(status == 400 && why.contains("unknown variant `lazy`"), "{why}");

    let answer = wechat.send(&visit_with(OPENID, "m1")).await;
    let phones = read(&wechat, "phones").await;
    assert_eq!(phones[0]["openid"], OPENID);
    let message = &phones[0]["messages"][0];
    assert_eq!(message["msgid"], answer["msgid"].to_string(), "a string");
    assert_eq!(message["data"]["thing1"], "心内科");
    assert_eq!(message["shown"]["就诊科室"], "心内科");
    assert_eq!(read(&wechat, "messages").await[0], *message);

    assert_eq!(post(&wechat, "revoke-token", "").await, 204);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 40001);
    wechat.token = wechat.stable_token().await;
    assert_eq!(post(&wechat, "expire-token", "").await, 204);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 42001);
    wechat.token = wechat.stable_token().await;

    assert_eq!(post(&wechat, "unfollow", &json!({ "openid": OPENID }).to_string()).await, 204);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 43004);
    assert_eq!(post(&wechat, "follow", &json!({ "openid": OPENID }).to_string()).await, 204);
    wechat.simulator().fault(Fault::new(FaultKind::Held));
    wechat.send(&visit(OPENID)).await;
    assert_eq!(read(&wechat, "held").await.as_array().unwrap().len(), 1);
    let released = wechat.command(Method::POST, "release-held", "").await;
    assert_eq!(released, (200, r#"{"released":1}"#.to_owned()));

    let counts = read(&wechat, "requests").await;
    assert_eq!((counts["sends"].as_u64(), counts["accepted"].as_u64()), (Some(6), Some(1)));
    assert_eq!(counts["paths"]["/cgi-bin/stable_token"], 3);
    assert_eq!(post(&wechat, "advance", r#"{"seconds":7200}"#).await, 204);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 42001);
    assert_eq!(post(&wechat, "reset", "").await, 204);
    assert_eq!(read(&wechat, "phones").await, json!([]));
    assert_eq!(read(&wechat, "requests").await["sends"], 0);
    assert_eq!(post(&wechat, "nothing", "").await, 404);
}

#[tokio::test]
async fn the_page_shows_cards_escaped_with_held_ones_marked() {
    let wechat = Wechat::start().await;
    let page =
        async || wechat.http.get(wechat.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(page().await.contains("No message yet."));
    let mut message = visit(OPENID);
    message["data"]["thing1"]["value"] = "<b>&\"'".into();
    message["url"] = "https://hospital.example/?a=1&b=<".into();
    wechat.send(&message).await;
    wechat.simulator().fault(Fault::new(FaultKind::Held));
    wechat.send(&visit(OPENID)).await;
    let page = page().await;
    assert!(page.contains("<dt>就诊科室</dt><dd>&lt;b&gt;&amp;&quot;&#39;</dd>"), "{page}");
    assert!(!page.contains("<b>&") && page.contains("详情") && page.contains("审核中"));
    assert!(
        !page.contains("src=") && !page.contains("href=") && !page.contains("<script"),
        "self-contained"
    );
}
