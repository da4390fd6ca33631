//! The wire: one function that asks, and that reads answers as WeChat gives them rather than as HTTP would have it.

use std::fmt;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::errcode::Endpoint;
use crate::peer::PeerClock;
use crate::{Error, scrub};

/// The official path of a template send, also what [`Client::quota`](crate::Client::quota) is asked about.
pub const SEND_PATH: &str = "/cgi-bin/message/template/send";

/// How much of an answer that cannot be read is kept, in bytes.
const START: usize = 200;
/// How much of an errmsg is kept, in bytes.
const ERRMSG: usize = 400;

/// One call of the API.
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) endpoint: Endpoint,
    /// The field without which an answer that has no errcode is no answer.
    pub(crate) expects: &'static str,
    /// The largest answer that is read, in bytes.
    pub(crate) largest: usize,
}

impl Call {
    /// A call whose answer is at most 1 MiB.
    pub(crate) const fn new(path: &'static str, endpoint: Endpoint, expects: &'static str) -> Self {
        Self { path, endpoint, expects, largest: 1 << 20 }
    }

    pub(crate) const fn at_most(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }
}

/// What is sent with a call. The body is serialised before anything is written, so that it has a Content-Length:
/// WeChat answers 412 to chunked requests.
pub(crate) enum Payload<'a> {
    Get(&'a [(&'a str, &'a str)]),
    Post(Vec<u8>),
}

impl Payload<'_> {
    /// `body` as raw UTF-8 JSON: WeChat wants no `\u` escapes.
    pub(crate) fn json<T: Serialize>(call: &'static Call, body: &T) -> Result<Self, Error> {
        serde_json::to_vec(body)
            .map(Self::Post)
            .map_err(|_| Error::input(call, "the request cannot be written as JSON"))
    }
}

/// The object that WeChat answered, its errcode known to be 0.
pub(crate) struct Answer {
    call: &'static Call,
    object: Map<String, Value>,
}

impl Answer {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.object.get(key)
    }

    /// The whole answer as a `T`.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_value(Value::Object(self.object)).map_err(|_| {
            Error::malformed(
                self.call,
                "the answer does not have the documented shape",
                String::new(),
            )
        })
    }

    /// A string that must be there.
    pub(crate) fn text(&self, key: &str) -> Result<&str, Error> {
        let text = self.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| {
            Error::malformed(
                self.call,
                "the answer does not have the documented shape",
                String::new(),
            )
        })
    }
}

/// What every call of a client shares.
pub(crate) struct Road<'a> {
    pub(crate) http: &'a reqwest::Client,
    pub(crate) base: &'a Url,
    /// Never part of a URL; it is here to be kept out of errors.
    pub(crate) secret: &'a SecretString,
    pub(crate) peer: &'a PeerClock,
}

/// Asks once. `token` goes into the query, the only place that WeChat takes it from.
pub(crate) async fn ask(
    road: &Road<'_>,
    call: &'static Call,
    payload: &Payload<'_>,
    token: Option<&SecretString>,
) -> Result<Answer, Error> {
    let token = token.map_or("", ExposeSecret::expose_secret);
    let response = request(road.http, road.base, call, payload, token)
        .send()
        .await
        .map_err(|fault| Error::transport(call, fault))?;
    road.peer.hear(response.headers());
    let status = response.status();
    let hidden = [token, road.secret.expose_secret()];
    let body = read(call, response, &hidden).await?;
    let answer = understand(call, status, &body, &hidden);
    tracing::debug!(
        path = call.path,
        status = status.as_u16(),
        errcode = answer.as_ref().map_or_else(Error::errcode, |_| Some(0)),
        "answered"
    );
    answer
}

fn request(
    http: &reqwest::Client,
    base: &Url,
    call: &Call,
    payload: &Payload<'_>,
    token: &str,
) -> reqwest::RequestBuilder {
    let mut url = base.clone();
    url.set_path(&format!("{}{}", base.path().trim_end_matches('/'), call.path));
    if !token.is_empty() {
        url.query_pairs_mut().append_pair("access_token", token);
    }
    match payload {
        Payload::Get(query) => {
            if !query.is_empty() {
                url.query_pairs_mut().extend_pairs(*query);
            }
            http.request(Method::GET, url)
        }
        Payload::Post(body) => http
            .request(Method::POST, url)
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.clone()),
    }
}

async fn read(
    call: &'static Call,
    mut response: Response,
    hidden: &[&str],
) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|fault| Error::transport(call, fault))? {
        if body.len() + chunk.len() > call.largest {
            return Err(Error::malformed(
                call,
                "the answer is larger than any of WeChat's",
                scrub::bytes(&body, START, hidden),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads a body whatever its Content-Type says: WeChat sends JSON as `text/plain` too.
fn understand(
    call: &'static Call,
    status: StatusCode,
    body: &[u8],
    hidden: &[&str],
) -> Result<Answer, Error> {
    let object = serde_json::from_slice::<Map<String, Value>>(body).ok();
    let code = object.as_ref().and_then(|object| object.get("errcode"));
    let start = || scrub::bytes(body, START, hidden);
    // A gateway's 5xx tells nothing about what happened behind it, whatever it says.
    if status.is_server_error() || (status != StatusCode::OK && code.is_none()) {
        return Err(Error::status(call, status.as_u16(), start()));
    }
    let Some(object) = &object else {
        return Err(Error::malformed(call, "the answer is not JSON", start()));
    };
    match code.map(integer) {
        Some(Some(0)) if status == StatusCode::OK => {}
        None if object.contains_key(call.expects) => {}
        Some(Some(code)) if code != 0 => {
            return Err(Error::answer(call, code, errmsg(object, hidden)));
        }
        _ => return Err(Error::malformed(call, "the answer is JSON but not WeChat's", start())),
    }
    Ok(Answer { call, object: object.clone() })
}

fn errmsg(object: &Map<String, Value>, hidden: &[&str]) -> String {
    scrub::text(object.get("errmsg").and_then(Value::as_str).unwrap_or_default(), ERRMSG, hidden)
}

/// A whole number, also one that was written as text.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path)
    }
}
