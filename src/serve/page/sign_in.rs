//! The key, typed once; leaving again; and the language.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::visitor::{self, COOKIES, LANGUAGE, Visitor};
use super::words;
use crate::serve::keys::{Refused, Scope};
use crate::serve::router::Shared;

#[derive(Serialize)]
struct SignIn {
    /// Which sentence says what was wrong; empty at first.
    wrong: &'static str,
}

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    key: String,
}

/// The form.
pub(super) async fn form(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if visitor::session(&shared, &headers).is_some() {
        return Redirect::to("/").into_response();
    }
    answer(&shared, &headers, StatusCode::OK, "")
}

/// Opens a session for the key that was typed.
pub(super) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    let Ok(Form(typed)) = typed else {
        return answer(&shared, &headers, StatusCode::BAD_REQUEST, "unknown");
    };
    let now = Instant::now();
    let key = match shared.settings.keys.known(typed.key.trim().as_bytes(), now) {
        Ok(key) if key.opens_page() => key,
        Ok(_) | Err(Refused::Scope) => {
            return answer(&shared, &headers, StatusCode::FORBIDDEN, "scope");
        }
        Err(Refused::Unknown) => {
            shared.refused_keys.warn(&"the key typed into the page is not known");
            return answer(&shared, &headers, StatusCode::FORBIDDEN, "unknown");
        }
        Err(Refused::TooMany) => {
            return answer(&shared, &headers, StatusCode::TOO_MANY_REQUESTS, "too_many");
        }
    };
    let Ok(session) = shared.page.sessions.open(&key.name, now) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let home = if key.may(Scope::Read) {
        "/"
    } else if key.may(Scope::Contact) {
        "/unreached"
    } else {
        "/prescription"
    };
    let secure = is_secure(&shared, &headers);
    let name = if secure { COOKIES[0] } else { COOKIES[1] };
    with_cookie(Redirect::to(home).into_response(), name, &session, secure, None)
}

/// What the form's token came with.
#[derive(Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    token: String,
}

/// Ends the session.
pub(super) async fn sign_out(
    visitor: Visitor,
    form: Result<Form<Leaving>, FormRejection>,
) -> Response {
    let token = form.map(|Form(form)| form.token).unwrap_or_default();
    if let Err(refused) = visitor.need_token(&token) {
        return refused;
    }
    visitor.shared.page.sessions.leave(&visitor.session, Instant::now());
    let answer = Redirect::to("/sign-in").into_response();
    let answer = with_cookie(answer, COOKIES[0], "", true, Some(0));
    with_cookie(answer, COOKIES[1], "", false, Some(0))
}

/// Which language, and where to go on.
#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    to: String,
    #[serde(default)]
    back: String,
}

/// Remembers the language for a year: no secret, and no data of anybody.
pub(super) async fn language(Query(chosen): Query<Chosen>) -> Response {
    // A path of this page, and no address that begins like one.
    let is_ours = chosen.back.starts_with('/')
        && !chosen.back.starts_with("//")
        && chosen.back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let back = if is_ours { chosen.back.as_str() } else { "/" };
    let answer = Redirect::to(back).into_response();
    match words::tagged(&chosen.to) {
        Some(words) => with_cookie(answer, LANGUAGE, words.tag, false, Some(365 * 24 * 60 * 60)),
        None => answer,
    }
}

fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    status: StatusCode,
    wrong: &'static str,
) -> Response {
    let words = visitor::language(headers);
    let page = SignIn { wrong };
    shared.page.views.show(status, "sign_in.html", words, "/sign-in", None, &page)
}

/// Whether the browser came by https. A caller who lies about it harms only its own cookie, which then comes back by
/// https or not at all.
fn is_secure(shared: &Shared, headers: &HeaderMap) -> bool {
    let forwarded = headers.get("x-forwarded-proto").map(HeaderValue::as_bytes);
    shared.page.https || forwarded.is_some_and(|proto| proto.eq_ignore_ascii_case(b"https"))
}

fn with_cookie(
    mut answer: Response,
    name: &str,
    value: &str,
    secure: bool,
    seconds: Option<u32>,
) -> Response {
    let secure = if secure { "; Secure" } else { "" };
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}
