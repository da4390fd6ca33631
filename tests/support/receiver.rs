//! A webhook to post events to: it keeps what it took, answers as it is told, and can hold its answers back.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::{oneshot, watch};

/// What stands in the query of every receiver's address, as a flow's signature does.
pub const URL_SIGNATURE: &str = "sv0CNTnpQ5ignatureOfTheFlow";
/// A key to sign with, and the secret that holds it.
pub const KEY: &[u8] = b"wxremind sample key, no secret";
/// The same as the program is given it.
pub const SECRET: &str = "whsec_d3hyZW1pbmQgc2FtcGxlIGtleSwgbm8gc2VjcmV0";

/// A running webhook; dropping it stops it.
pub struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    _stop: oneshot::Sender<()>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body as it was.
    pub body: String,
}

/// A status and headers.
type Reply = (u16, Vec<(&'static str, String)>);

struct Desk {
    asked: Mutex<Vec<Received>>,
    taken: Mutex<Vec<Received>>,
    reply: Mutex<Reply>,
    /// What the next ones are answered before that.
    first: Mutex<Vec<Reply>>,
    held: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Receiver {
    /// A webhook on this machine that takes everything.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk {
            asked: Mutex::default(),
            taken: Mutex::default(),
            reply: Mutex::new((202, Vec::new())),
            first: Mutex::default(),
            held: watch::Sender::new(false),
            waiting: watch::Sender::new(0),
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    served = axum::serve(listener, router).into_future() => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self { address, desk, _stop: stop }
    }

    /// Its address, with a signature in it.
    pub fn url(&self) -> String {
        format!(
            "http://{}/workflows/0123456789abcdef/invoke?sp=run&sig={URL_SIGNATURE}",
            self.address
        )
    }

    /// From now on it answers this.
    pub fn answer(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        *self.desk.reply.lock().unwrap() = (status, headers);
    }

    /// The next `count` requests are answered this.
    pub fn answer_first(&self, count: usize, status: u16, headers: &[(&'static str, &str)]) {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        *self.desk.first.lock().unwrap() = vec![(status, headers); count];
    }

    /// From now on it answers nothing until it is let go.
    pub fn hold(&self) {
        self.desk.held.send_replace(true);
    }

    /// Lets the held answers go.
    pub fn release(&self) {
        self.desk.held.send_replace(false);
    }

    /// How many requests wait for their answers.
    pub fn waiting(&self) -> usize {
        *self.desk.waiting.borrow()
    }

    /// Every request that reached it.
    pub fn asked(&self) -> Vec<Received> {
        self.desk.asked.lock().unwrap().clone()
    }

    /// Those it took, in the order in which it answered.
    pub fn taken(&self) -> Vec<Received> {
        self.desk.taken.lock().unwrap().clone()
    }

    /// The events it took.
    pub fn events(&self) -> Vec<Value> {
        self.taken().iter().map(Received::event).collect()
    }

    /// Forgets everything that reached it.
    pub fn clear(&self) {
        self.desk.asked.lock().unwrap().clear();
        self.desk.taken.lock().unwrap().clear();
    }
}

impl Received {
    /// The event in it.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What the header says; panics where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }

    /// Checks it as a receiver does, with a HMAC of its own: signed with this key, at about this time.
    pub fn is_signed_with(&self, key: &[u8], now: i64) -> bool {
        let at = self.header("webhook-timestamp");
        let signed = format!("{}.{at}.{}", self.header("webhook-id"), self.body);
        let expected = format!("v1,{}", STANDARD.encode(hmac(key, signed.as_bytes())));
        let fresh = (at.parse::<i64>().unwrap() - now).abs() < 300;
        fresh && self.header("webhook-signature").split(' ').any(|one| one == expected)
    }
}

/// HMAC-SHA256 as RFC 2104 defines it, for keys of at most a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad =
        |byte: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

async fn receive(
    State(desk): State<Arc<Desk>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
    let received = Received {
        method,
        path: uri.to_string(),
        headers: headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    desk.asked.lock().unwrap().push(received.clone());
    let mut held = desk.held.subscribe();
    if *held.borrow_and_update() {
        let _place = Place::new(&desk);
        // The sender lives as long as the desk.
        let _ = held.wait_for(|held| !held).await;
    }
    let first = desk.first.lock().unwrap().pop();
    let (status, headers) = first.unwrap_or_else(|| desk.reply.lock().unwrap().clone());
    let status = StatusCode::from_u16(status).unwrap();
    if status.is_success() {
        desk.taken.lock().unwrap().push(received);
    }
    let mut response = status.into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// A place among those who wait, given up even when the client goes away.
struct Place<'a>(&'a Desk);

impl<'a> Place<'a> {
    fn new(desk: &'a Desk) -> Self {
        desk.waiting.send_modify(|waiting| *waiting += 1);
        Self(desk)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}
