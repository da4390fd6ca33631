//! Which path is whose, and the headers of every answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::{charts, due, message, messages, prescription, sign_in, unreached, view};
use crate::serve::router::Shared;

/// The largest form in bytes.
const LARGEST: usize = 16 * 1024;

/// Nothing from elsewhere, no script at all, and nobody may frame it.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The page.
pub(in crate::serve) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(messages::show))
        .route("/message/{id}", get(message::show))
        .route("/due", get(due::show))
        .route("/unreached", get(unreached::show))
        .route("/charts", get(charts::show))
        .route("/prescription", get(prescription::form).post(prescription::preview))
        .route("/prescription/send", post(prescription::send))
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/language", get(sign_in::language))
        .route("/page.css", get(view::style))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn(guard))
}

/// Turns away a form that another site's page sends, where the browser says so; and closes every answer.
async fn guard(request: Request, next: Next) -> Response {
    let from = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    let foreign = matches!(from, Some(b"cross-site" | b"same-site"));
    if foreign && request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
