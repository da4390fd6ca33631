//! What a caller is told who did something wrong: a status, a word for programs and a sentence for people, as JSON.

use std::fmt;
use std::time::Duration;

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
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(
        "this client_msg_id was used for this touser with another body; a new message needs a new one"
    )]
    Conflict,
    #[error("the recipient is on the hospital's do-not-send list")]
    OptedOut,
    #[error("the recipient has ceased to follow the account")]
    Unsubscribed,
    #[error("too many calls with this API key")]
    TooFast(Duration),
    #[error("too many calls at once")]
    Busy,
    #[error(
        "nothing can be sent: the server was started without the account's app secret (wxremind auth login, or $WXREMIND_APP_SECRET)"
    )]
    NoSecret,
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
            Self::TooMany | Self::TooFast(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "too_many_requests")
            }
            Self::Invalid(Invalid { syntax: true, .. }) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::OptedOut => (StatusCode::UNPROCESSABLE_ENTITY, "opted_out"),
            Self::Unsubscribed => (StatusCode::UNPROCESSABLE_ENTITY, "unsubscribed"),
            Self::NoSecret => (StatusCode::SERVICE_UNAVAILABLE, "no_secret"),
            Self::Push(error) if error.is_forbidden() => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Body | Self::Query | Self::Push(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::NotStored(_) | Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }

    /// The part of the request that is at fault.
    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => invalid.field.as_deref(),
            Self::Conflict => Some("client_msg_id"),
            Self::OptedOut | Self::Unsubscribed => Some("touser"),
            _ => None,
        }
    }

    /// After how many seconds the same request may do better.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany => Some(60),
            // Whole seconds, and not too few of them.
            Self::TooFast(wait) => Some(wait.as_secs() + 1),
            Self::NotStored(_) | Self::Busy => Some(5),
            Self::NoSecret => Some(300),
            _ => None,
        }
    }
}

/// What is wrong with what a caller says, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    /// The part at fault, such as `data.thing1.value`.
    pub field: Option<String>,
    /// What is wrong, in words that follow the part's name.
    pub what: String,
    /// Whether it could not be read at all.
    pub syntax: bool,
    /// Whether the words say which part it is.
    whole: bool,
}

impl Invalid {
    /// Of this part.
    pub fn of(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: Some(field.into()), what: what.into(), syntax: false, whole: false }
    }

    /// Of this part, in words that need no name before them.
    pub fn whole(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { whole: true, ..Self::of(field, what) }
    }

    /// It cannot be read.
    pub fn syntax(what: impl Into<String>) -> Self {
        Self { field: None, what: what.into(), syntax: true, whole: true }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) if !self.whole => write!(f, "{field} {}", self.what),
            _ => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for Invalid {}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, word) = self.status();
        let mut body = json!({ "error": word, "message": sentence(&self) });
        if let Some(field) = self.field() {
            body["field"] = field.into();
        }
        let mut answer = (status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after() {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// The first letter large, unless a key or a field begins, and a full stop.
fn sentence(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    if matches!(refusal, Refusal::Invalid(_)) && !text.starts_with("the ") {
        return format!("{text}.");
    }
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
