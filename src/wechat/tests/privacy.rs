//! No token, secret or openid in anything that can be printed, whatever the peer does.

use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::script::{GOOD_TOKEN, Reply, http, ok, start, start_with};
use super::{OPENID, SECRET, client, message};
use crate::Error;

/// Everything that is traced, at every level and by every crate, as text.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<String>>);

impl Visit for &Traced {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0.lock().unwrap(), "{field}={value:?} ");
    }
}

impl Subscriber for Traced {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut &*self);
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What all tests of this process trace from now on: a subscriber of one thread would miss callsites that another
/// thread meets first.
fn traced() -> &'static Traced {
    static TRACED: OnceLock<Traced> = OnceLock::new();
    TRACED.get_or_init(|| {
        let traced = Traced::default();
        tracing::subscriber::set_global_default(traced.clone()).unwrap();
        traced
    })
}

/// All ways to print an error, its causes included.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.errmsg(), error.rid());
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, " {inner} {inner:?} {inner:#?}");
        cause = inner.source();
    }
    text
}

#[tokio::test]
async fn nothing_secret_is_printed_by_errors_or_traces() {
    let traced = traced();
    let echo = format!("bad access_token={GOOD_TOKEN} secret={SECRET} to {OPENID}\r\n\u{1b}[31m");
    let redirect = format!("Location: /elsewhere?access_token={GOOD_TOKEN}\r\n");
    let replies = [
        Reply::Close,
        ok(&echo),
        ok(&serde_json::json!({"errcode": 40003, "errmsg": echo}).to_string()),
        http("302 Found", &redirect, &echo),
        http("502 Bad Gateway", "", &echo),
        http("412 Precondition Failed", "", &echo),
        Reply::Bytes(b"not http\r\n\r\n".to_vec()),
        Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec()),
    ];
    let mut all = String::new();
    for reply in replies {
        for script in [start(reply.clone()).await, start_with(reply.clone(), reply.clone()).await] {
            let client = client(&script.base_url);
            let error = client.send(&message()).await.unwrap_err();
            let _ = write!(all, "{} {client:?} {:?} ", printed(&error), client.token().await);
        }
    }
    all.push_str(&traced.0.lock().unwrap());
    assert!(all.contains("40003") && all.contains("errcode=40003"), "printed and traced: {all}");
    for hidden in [GOOD_TOKEN, SECRET, OPENID, "心内科", "\u{1b}", "\r"] {
        assert!(!all.contains(hidden), "{hidden:?} in {all}");
    }
}

#[tokio::test]
async fn a_connection_that_fails_with_a_token_in_hand_does_not_show_it() {
    // The token is given, and then nobody listens any more.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&base_url);
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(listener);
        super::script::answer_token(&mut stream).await;
    };
    let (token, ()) = tokio::join!(client.token(), serve);
    token.unwrap();
    let error = client.send(&message()).await.unwrap_err();
    assert_eq!(error.outcome(), crate::Outcome::NotSent);
    assert!(
        !printed(&error).contains(GOOD_TOKEN) && !printed(&error).contains("access_token"),
        "{}",
        printed(&error)
    );
}

#[tokio::test]
async fn the_start_of_a_strange_answer_is_short_and_on_one_line() {
    let script = start(ok(&format!("<html>\n<b>登录</b>\n{}", "z ".repeat(500)))).await;
    let shown = client(&script.base_url).send(&message()).await.unwrap_err().to_string();
    assert!(
        shown.contains("<html> <b>登录</b>") && !shown.contains('\n') && shown.len() < 400,
        "{shown}"
    );
}

#[tokio::test]
async fn the_token_in_use_is_hidden_wherever_it_is_echoed() {
    for body in
        [format!("<p>{GOOD_TOKEN}"), format!(r#"{{"errcode":40003,"errmsg":"no {GOOD_TOKEN}"}}"#)]
    {
        let script = start(ok(&body)).await;
        let error = client(&script.base_url).send(&message()).await.unwrap_err();
        assert!(!printed(&error).contains(GOOD_TOKEN), "{error}");
        assert!(error.to_string().contains("[hidden]"), "{error}");
    }
}
