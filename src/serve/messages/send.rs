//! `POST /v1/messages`: a message is on disk before it is answered, and is sent afterwards.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::body::Body;
use super::check::check;
use crate::domain::state::State as Stands;
use crate::ledger::{Answer, Asked, Entry, TurnedAway};
use crate::serve::caller::authorise_paced;
use crate::serve::dispatch::Orders;
use crate::serve::error::Refusal;
use crate::serve::keys::Scope;
use crate::serve::recorder::NotStored;
use crate::serve::router::Shared;

/// What a caller is told of its message.
#[derive(Serialize)]
pub(in crate::serve) struct Told {
    /// The id that `GET`, events and `log show` have.
    message_id: String,
    client_msg_id: String,
    /// Where it stands: `queued` at first.
    state: Stands,
    queued_at: String,
    /// Whether it was asked for before; then nothing was done.
    duplicate: bool,
}

/// 202 for a new message, 200 for one that was asked for before in the same words, 409 in others.
pub(in crate::serve) async fn send(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Told>), Refusal> {
    let key = authorise_paced(&shared, &headers, Scope::Send)?;
    let body = Body::read(&body?)?;
    let orders = shared.orders.as_ref().ok_or(Refusal::NoSecret)?;
    let settings = &shared.settings;
    let now = (settings.now)();
    let asked = check(body, &settings.layouts, &settings.account, &key.name, now)?;
    let answer = queue(orders, asked, settings.account.clone()).await?;
    match answer {
        Ok(Answer::Queued(entry)) => Ok((StatusCode::ACCEPTED, told(&entry, false))),
        Ok(Answer::Known { entry, same: true }) => Ok((StatusCode::OK, told(&entry, true))),
        Ok(Answer::Known { same: false, .. }) => Err(Refusal::Conflict),
        Err(TurnedAway::OptedOut) => Err(Refusal::OptedOut),
        Err(TurnedAway::Unsubscribed) => Err(Refusal::Unsubscribed),
    }
}

/// What was asked for before is told whatever has become of its recipient since.
async fn queue(
    orders: &Orders,
    asked: Asked,
    account: String,
) -> Result<Result<Answer, TurnedAway>, Refusal> {
    let queued = orders.queue(move |ledger| {
        if let Some(known) = ledger.asked_before(&asked)? {
            return Ok(Ok(known));
        }
        match ledger.turned_away(&account, &asked.message.openid)? {
            Some(why) => Ok(Err(why)),
            None => ledger.ask(&asked).map(Ok),
        }
    });
    queued.await.map_err(|error| {
        tracing::warn!(%error, "a message could not be queued");
        Refusal::NotStored(NotStored)
    })
}

fn told(entry: &Entry, duplicate: bool) -> Json<Told> {
    Json(Told {
        message_id: entry.message_id.to_string(),
        client_msg_id: entry.client_msg_id.clone(),
        state: entry.state,
        queued_at: entry.queued_at.to_string(),
        duplicate,
    })
}
