//! `POST /v1/receipts`: events of WeChat that whoever owns the account's callback URL passes on.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use wechat::callback::forwarded as read;

use super::caller::authorise;
use super::error::Refusal;
use super::keys::Scope;
use super::news::news;
use super::router::Shared;

/// The largest body in bytes: a receipt has 300.
pub(super) const LARGEST: usize = 1024 * 1024;
/// The most events in one call.
const MOST: usize = 1000;

/// What came of a call: how many events were understood, and which were not.
#[derive(Serialize)]
pub(super) struct Taken {
    received: usize,
    refused: Vec<RefusedEvent>,
}

#[derive(Serialize)]
struct RefusedEvent {
    /// Its place in the body, from 1.
    number: usize,
    message: String,
}

/// Takes one event, an array or one a line, as XML or JSON. 200 when all were understood and are on disk; 400 when none
/// was.
pub(super) async fn forwarded(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Taken>), Refusal> {
    authorise(&shared, &headers, Scope::Receipts)?;
    let events = read(&body?)?;
    if events.len() > MOST {
        return Err(Refusal::TooManyEvents(MOST));
    }
    let (mut all, mut received, mut refused) = (Vec::new(), 0, Vec::new());
    for (number, event) in (1..).zip(events) {
        match event {
            Ok(event) => {
                received += 1;
                all.extend(news(event));
            }
            Err(error) => refused.push(RefusedEvent { number, message: format!("{error}.") }),
        }
    }
    if !all.is_empty() {
        shared.recorder.store(all).await?;
    }
    let failed = received == 0 && !refused.is_empty();
    let status = if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok((status, Json(Taken { received, refused })))
}
