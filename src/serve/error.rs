//! What a caller is told who did something wrong: a status, a word for programs and a sentence for people, as JSON.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use wechat::callback::CallbackError;

use super::recorder::NotStored;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("there is nothing here")]
    NotFound,
    #[error("this path does not take that method")]
    Method,
    #[error("the request took too long")]
    TooSlow,
    #[error("the body is too large")]
    TooLarge,
    #[error("the body could not be read")]
    Body,
    #[error("the parameters of the address could not be read")]
    Query,
    #[error("an API key is needed, in the header X-API-Key")]
    NoKey,
    #[error("the API key is not known")]
    UnknownKey,
    #[error("the API key may not do this; it needs the scope {0}")]
    Scope(&'static str),
    #[error("too many calls with wrong API keys; wait a minute")]
    TooMany,
    #[error("more than {0} events in one call; send them in several")]
    TooManyEvents(usize),
    #[error("{0}")]
    Push(#[from] CallbackError),
    #[error("it could not be stored now; send it again")]
    NotStored(#[from] NotStored),
}

impl Refusal {
    const fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::TooLarge | Self::TooManyEvents(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::NoKey | Self::UnknownKey => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Scope(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::Push(error) if error.is_forbidden() => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Body | Self::Query | Self::Push(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::NotStored(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, word) = self.status();
        let body = Json(json!({ "error": word, "message": sentence(&self) }));
        let mut answer = (status, body).into_response();
        let wait = match status {
            StatusCode::TOO_MANY_REQUESTS => Some("60"),
            StatusCode::SERVICE_UNAVAILABLE => Some("5"),
            _ => None,
        };
        if let Some(seconds) = wait {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        answer
    }
}

/// The first letter large, and a full stop.
fn sentence(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_ascii_uppercase(), letters.as_str())
    })
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge
        } else {
            Self::Body
        }
    }
}
