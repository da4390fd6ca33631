//! One call of the WeChat side: what it asks, what befalls it, what it comes to.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::account;
use crate::fault::FaultKind;
use crate::magic;
use crate::refusal::{Answer, Refusal};
use crate::settings::Settings;
use crate::state::State;
use crate::token::{Call as TokenCall, Grant};
use crate::wire;

/// A call with its body read.
pub(crate) struct Call {
    pub(crate) path: String,
    query: Vec<(String, String)>,
    /// The body as it came.
    pub(crate) raw: Bytes,
    /// The body's JSON object, or the errcode that it deserves.
    pub(crate) body: Result<Value, i64>,
}

/// The answer, and how long it takes beyond the usual.
pub(crate) struct Plan {
    pub(crate) reply: Reply,
    pub(crate) wait: Duration,
}

/// What goes over the wire.
pub(crate) enum Reply {
    Json(Answer),
    /// The right answer under the wrong name.
    Plain(Answer),
    BadGateway,
    Portal,
    Elsewhere,
    Cut,
}

impl From<Reply> for Plan {
    fn from(reply: Reply) -> Self {
        Self { reply, wait: Duration::ZERO }
    }
}

impl Call {
    pub(crate) fn read(
        path: String,
        query: Vec<(String, String)>,
        raw: Bytes,
        settings: &Settings,
    ) -> Self {
        let body = read(&raw, settings.refuse_escapes);
        Self { path, query, raw, body }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A text of the body, if the body is sound and has it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.as_ref().ok()?.get(name)?.as_str()
    }

    /// To whom a send goes.
    pub(crate) fn openid(&self) -> Option<&str> {
        self.text("touser")
    }

    fn is_token(&self) -> bool {
        self.path == wire::TOKEN || self.path == wire::STABLE_TOKEN
    }
}

/// A body is a JSON object in raw UTF-8.
fn read(body: &[u8], refuse_escapes: bool) -> Result<Value, i64> {
    if body.is_empty() {
        return Err(44002);
    }
    let value: Value = serde_json::from_slice(body).map_err(|_| 47001)?;
    if !value.is_object() {
        return Err(47001);
    }
    if refuse_escapes && has_escapes(body) { Err(47002) } else { Ok(value) }
}

/// Whether sound JSON writes a character beyond ASCII as `\uXXXX`. Control characters can be
/// written in no other way, so those are fine, and so is the text `\\u`.
fn has_escapes(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        if rest.get(at + 1) == Some(&b'u') && !rest[at + 2..].starts_with(b"00") {
            return true;
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

/// What the call comes to, with its effect done.
pub(crate) fn answer(state: &mut State, settings: &Settings, call: &Call) -> Plan {
    if call.is_token() {
        state.tally.counts.tokens += 1;
        let fault = state.faults.strike(&call.path, None);
        return befall(state, settings, call, fault);
    }
    let sending = call.path == wire::SEND;
    state.tally.counts.sends += u64::from(sending);
    // A dead token is refused before anything else, and uses up no fault.
    if let Err(code) = state.tokens.verify(call.parameter("access_token"), state.clock.now()) {
        return Reply::Json(Err(code.into())).into();
    }
    let openid = if sending { call.openid() } else { None };
    let fault = openid.and_then(magic::fate).or_else(|| state.faults.strike(&call.path, openid));
    befall(state, settings, call, fault)
}

/// Does the call's effect, or does not, as the fault has it.
fn befall(state: &mut State, settings: &Settings, call: &Call, fault: Option<FaultKind>) -> Plan {
    let Some(fault) = fault else { return Reply::Json(act(state, settings, call, false)).into() };
    match fault {
        FaultKind::TextPlain => Reply::Plain(act(state, settings, call, false)),
        FaultKind::Held if call.path == wire::SEND => Reply::Json(act(state, settings, call, true)),
        FaultKind::Stall { milliseconds, accepted } => {
            let answer =
                if accepted { act(state, settings, call, false) } else { Err(Refusal::from(-1)) };
            return Plan { reply: Reply::Json(answer), wait: Duration::from_millis(milliseconds) };
        }
        FaultKind::CloseAfterAccept => match act(state, settings, call, false) {
            Ok(_) => Reply::Cut,
            Err(refusal) => Reply::Json(Err(refusal)),
        },
        FaultKind::CloseBefore => Reply::Cut,
        FaultKind::BadGateway => Reply::BadGateway,
        FaultKind::HtmlOk => Reply::Portal,
        FaultKind::Redirect => Reply::Elsewhere,
        FaultKind::ExpireToken => Reply::Json(end_token(state, call, 42001)),
        FaultKind::RevokeToken => Reply::Json(end_token(state, call, 40001)),
        code => Reply::Json(Err(code.errcode().unwrap_or(-1).into())),
    }
    .into()
}

fn end_token(state: &mut State, call: &Call, code: i64) -> Answer {
    let now = state.clock.now();
    match call.parameter("access_token") {
        Some(token) => state.tally.counts.ended += u64::from(state.tokens.kill(token, now, code)),
        None => state.tokens.kill_all(now, code),
    }
    Err(code.into())
}

fn act(state: &mut State, settings: &Settings, call: &Call, held: bool) -> Answer {
    match call.path.as_str() {
        wire::TOKEN => classic_token(state, settings, call),
        wire::STABLE_TOKEN => stable_token(state, settings, call),
        wire::SEND => crate::send::send(state, settings, call, held),
        _ => account::answer(state, settings, call),
    }
}

fn classic_token(state: &mut State, settings: &Settings, call: &Call) -> Answer {
    credentials(settings, |name| call.parameter(name))?;
    let fresh = state.ids.token();
    Ok(granted(&state.tokens.classic(token_call(state, settings), fresh)))
}

fn stable_token(state: &mut State, settings: &Settings, call: &Call) -> Answer {
    let body = call.body.as_ref().map_err(|code| *code)?;
    credentials(settings, |name| call.text(name))?;
    let force = body.get("force_refresh").and_then(Value::as_bool).unwrap_or(false);
    let fresh = state.ids.token();
    Ok(granted(&state.tokens.stable(token_call(state, settings), force, fresh)?))
}

fn token_call(state: &State, settings: &Settings) -> TokenCall {
    TokenCall { now: state.clock.now(), day: state.clock.day(), lifetime: settings.token_lifetime }
}

fn granted(grant: &Grant) -> Value {
    json!({ "access_token": grant.token, "expires_in": grant.expires_in })
}

fn credentials<'a>(settings: &Settings, get: impl Fn(&str) -> Option<&'a str>) -> Result<(), i64> {
    let given = |name: &str| get(name).filter(|text| !text.is_empty());
    if given("grant_type") != Some("client_credential") {
        return Err(40002);
    }
    let app_id = given("appid").ok_or(41002)?;
    let secret = given("secret").ok_or(41004)?;
    match (app_id == settings.app_id, secret == settings.secret) {
        (false, _) => Err(40013),
        (true, false) => Err(40125),
        (true, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_escapes_of_characters_beyond_ascii_are_refused() {
        for (body, expected) in [
            (r#"{"a":"中\n\u0007\\u4e2d"}"#, None),
            (r#"{"a":"\u4e2d"}"#, Some(47002)),
            (r#"{"a":"\\\u4e2d"}"#, Some(47002)),
            ("", Some(44002)),
            ("{", Some(47001)),
            ("[]", Some(47001)),
        ] {
            assert_eq!(read(body.as_bytes(), true).err(), expected, "{body}");
        }
        assert!(read(br#"{"a":"\u4e2d"}"#, false).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_read_or_refused_without_a_panic(body: Vec<u8>) {
            let _ = read(&body, true);
            let _ = has_escapes(&body);
        }

        #[test]
        fn what_serde_writes_is_never_taken_for_escaped(text: String) {
            let body = json!({ "a": text }).to_string();
            proptest::prop_assert!(read(body.as_bytes(), true).is_ok());
        }
    }
}
