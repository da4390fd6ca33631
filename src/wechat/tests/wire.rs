//! The wire: requests as WeChat wants them, and every kind of answer that is none.

use std::time::Duration;

use secrecy::SecretString;

use super::script::{Reply, http, ok, start, start_with};
use super::{SECRET, client, message};
use crate::{Class, Client, Error, Outcome, Settings};

async fn send(reply: Reply) -> Result<Option<i64>, Error> {
    let script = start(reply).await;
    client(&script.base_url).send(&message()).await.map(|accepted| accepted.msgid)
}

/// The class and the outcome of a send that gets this reply.
async fn fate(reply: Reply) -> (Class, Outcome) {
    let error = send(reply).await.unwrap_err();
    (error.class(), error.outcome())
}

#[tokio::test]
async fn a_request_has_its_length_raw_utf8_and_no_compression() {
    let script = start(ok(r#"{"errcode":0,"errmsg":"ok","msgid":1}"#)).await;
    client(&script.base_url).send(&message()).await.unwrap();
    let requests = script.requests.lock().unwrap().clone();
    for request in &requests {
        let head = request.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        assert!(head.contains("content-length: ") && !head.contains("transfer-encoding"), "{head}");
        assert!(!head.contains("accept-encoding"), "{head}");
    }
    assert!(
        requests[1].starts_with(
            "POST /cgi-bin/message/template/send?access_token=86_scriptedToken HTTP/1.1"
        )
    );
    assert!(
        requests[1].ends_with(&serde_json::to_string(&message()).unwrap())
            && requests[1].contains("心内科")
    );
}

#[tokio::test]
async fn a_message_number_keeps_all_its_digits_whatever_the_content_type() {
    let text = http(
        "200 OK",
        "Content-Type: text/plain\r\n",
        r#"{"errcode":0,"errmsg":"ok","msgid":3717005636572528643}"#,
    );
    assert_eq!(send(text).await.unwrap(), Some(3_717_005_636_572_528_643));
    assert_eq!(send(ok(r#"{"errcode":0,"errmsg":"ok"}"#)).await.unwrap(), None);
    assert_eq!(send(ok(r#"{"msgid":"7"}"#)).await.unwrap(), Some(7));
}

#[tokio::test]
async fn a_chunked_answer_is_read() {
    let body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\n{\"errcode\r\n15\r\n\":0,\"msgid\":12345678}\r\n0\r\n\r\n";
    assert_eq!(send(Reply::Bytes(body.to_vec())).await.unwrap(), Some(12_345_678));
}

#[tokio::test]
async fn an_errcode_is_a_refusal_with_its_details() {
    let error = send(ok(r#"{"errcode":47003,"errmsg":"argument invalid! data.thing1.value invalid rid: 655b0825-4bb435d9-2c8ecd13"}"#)).await.unwrap_err();
    assert_eq!(
        (error.class(), error.outcome(), error.errcode()),
        (Class::Message, Outcome::Refused, Some(47003))
    );
    assert_eq!((error.field(), error.rid()), (Some("thing1"), Some("655b0825-4bb435d9-2c8ecd13")));
    let legacy =
        send(ok(r#"{"errcode":47003,"errmsg":"thing01.DATA is invalid"}"#)).await.unwrap_err();
    assert_eq!((legacy.field(), legacy.rid()), (Some("thing01"), None));
    let unknown = send(ok(r#"{"errcode":9001001}"#)).await.unwrap_err();
    assert_eq!(
        (unknown.class(), unknown.errmsg(), unknown.field()),
        (Class::Unknown, Some(""), None)
    );
    assert_eq!(
        fate(http("400 Bad Request", "", r#"{"errcode":40003}"#)).await,
        (Class::Recipient, Outcome::Refused)
    );
}

#[tokio::test]
async fn what_cannot_be_read_leaves_the_outcome_open() {
    let open = (Class::Backoff, Outcome::Open);
    let huge = format!(r#"{{"errcode":0,"msgid":1,"x":"{}"}}"#, "y".repeat(2 << 20));
    let replies = [
        ("closed after the request", Reply::Close),
        ("html", ok("<html>sign in</html>")),
        ("an array", ok("[]")),
        ("nothing", ok("")),
        ("an object of somebody else's", ok(r#"{"ok":true}"#)),
        ("a cut object", ok(r#"{"errcode":0,"#)),
        ("an errcode that is no number", ok(r#"{"errcode":"none"}"#)),
        ("too large", ok(&huge)),
        (
            "cut off",
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"errcode\":0,".to_vec()),
        ),
        ("502", http("502 Bad Gateway", "", "<html>502</html>")),
        ("500 with an errcode", http("500 Oops", "", r#"{"errcode":40003}"#)),
        ("no http", Reply::Bytes(b"SSH-2.0-x\r\n".to_vec())),
    ];
    for (what, reply) in replies {
        assert_eq!(fate(reply).await, open, "{what}");
    }
}

#[tokio::test]
async fn a_stall_ends_at_the_timeout_with_the_outcome_open() {
    let script = start(Reply::Stall).await;
    let settings = Settings {
        base_url: script.base_url,
        timeout: Duration::from_millis(300),
        ..Settings::default()
    };
    let client = Client::new("wx1", SecretString::from(SECRET), settings).unwrap();
    let error = client.send(&message()).await.unwrap_err();
    assert_eq!((error.class(), error.outcome()), (Class::Backoff, Outcome::Open));
    assert!(error.to_string().contains("in time"), "{error}");
}

#[tokio::test]
async fn what_is_turned_away_on_the_road_was_not_sent() {
    let away = (Class::Account, Outcome::NotSent);
    assert_eq!(fate(http("412 Precondition Failed", "", "")).await, away);
    assert_eq!(fate(http("407 Proxy Authentication Required", "", "")).await, away);
    assert_eq!(
        fate(http("429 Too Many Requests", "", "")).await,
        (Class::Backoff, Outcome::NotSent)
    );
    assert_eq!(fate(http("408 Request Timeout", "", "")).await, (Class::Backoff, Outcome::Open));
    let error = send(http("412 Precondition Failed", "", "")).await.unwrap_err();
    assert!(
        error.to_string().contains("chunks")
            && error.to_string().contains("/cgi-bin/message/template/send"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = start(ok(r#"{"errcode":0,"msgid":1}"#)).await;
    let location = format!("Location: {}/login\r\n", elsewhere.base_url);
    let error = send(http("302 Found", &location, "")).await.unwrap_err();
    assert_eq!((error.class(), error.outcome()), (Class::Account, Outcome::NotSent));
    assert!(error.to_string().contains("redirect"), "{error}");
    assert!(elsewhere.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_a_connection_or_a_token_nothing_was_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&closed).send(&message()).await.unwrap_err();
    assert_eq!(
        (error.class(), error.outcome(), error.at_token_endpoint()),
        (Class::Backoff, Outcome::NotSent, false)
    );
    for token in [
        Reply::Close,
        http("502 Bad Gateway", "", ""),
        ok("<html>"),
        ok(r#"{"access_token":"x"}"#),
        ok(r#"{"expires_in":7200}"#),
    ] {
        let script = start_with(token, Reply::Close).await;
        let error = client(&script.base_url).send(&message()).await.unwrap_err();
        assert_eq!(
            (error.class(), error.outcome(), error.at_token_endpoint()),
            (Class::Backoff, Outcome::NotSent, false),
            "{error}"
        );
        assert_eq!(script.requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_by_the_token_endpoint_is_of_the_account_and_never_a_refresh() {
    let whitelist = r#"{"errcode":40164,"errmsg":"invalid ip 116.25.45.231 ipv6 ::ffff:116.25.45.231, not in whitelist rid: 61250a39-612fed42-36740516"}"#;
    let short = r#"{"errcode":40164,"errmsg":"invalid ip 0.0.0.0, not in whitelist"}"#;
    let secret = r#"{"errcode":40001,"errmsg":"invalid credential"}"#;
    for (body, ip) in [(whitelist, Some("116.25.45.231")), (short, Some("0.0.0.0")), (secret, None)]
    {
        let script = start_with(ok(body), Reply::Close).await;
        let error = client(&script.base_url).send(&message()).await.unwrap_err();
        assert!(error.at_token_endpoint() && !error.token_refused());
        assert_eq!(
            (error.class(), error.outcome(), error.whitelist_ip()),
            (Class::Account, Outcome::NotSent, ip)
        );
        assert_eq!(script.requests.lock().unwrap().len(), 1, "asked once");
    }
    let script = start_with(
        ok(r#"{"errcode":45009,"errmsg":"reach max api daily quota limit"}"#),
        Reply::Close,
    )
    .await;
    let error = client(&script.base_url).token().await.unwrap_err();
    assert_eq!((error.class(), error.at_token_endpoint()), (Class::Quota, false));
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let script = start(ok(r#"{"errcode":0,"msgid":1}"#)).await;
    client(&format!("{}/gateway/", script.base_url)).send(&message()).await.unwrap();
    assert!(
        script.requests.lock().unwrap()[1]
            .starts_with("POST /gateway/cgi-bin/message/template/send?")
    );
}
