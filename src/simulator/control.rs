//! The control calls under `/_simulator/`, for tests and people in another process.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::counts::Counts;
use crate::fault::Fault;
use crate::phone::{Delivered, Phone};
use crate::push::Pushes;
use crate::settings::Receipts;
use crate::simulator::Simulator;

/// A control call that was not understood: HTTP 400 and why.
type Refused = (StatusCode, String);

/// The calls, as the crate's documentation lists them.
pub(crate) fn router() -> Router<Simulator> {
    Router::new()
        .route("/phones", get(phones))
        .route("/messages", get(messages))
        .route("/held", get(held))
        .route("/requests", get(requests))
        .route("/faults", post(fault).delete(clear_faults))
        .route("/reset", post(reset))
        .route("/revoke-token", post(revoke_token))
        .route("/expire-token", post(expire_token))
        .route("/release-held", post(release_held))
        .route("/receipts", post(receipts).delete(no_receipts))
        .route("/pushes", get(pushes))
        .route("/advance", post(advance))
        .route("/unfollow", post(unfollow))
        .route("/follow", post(follow))
        .fallback(|| async { StatusCode::NOT_FOUND })
}

async fn phones(State(simulator): State<Simulator>) -> Json<Vec<Phone>> {
    Json(simulator.phones())
}

async fn messages(State(simulator): State<Simulator>) -> Json<Vec<Delivered>> {
    Json(simulator.messages())
}

async fn held(State(simulator): State<Simulator>) -> Json<Vec<Delivered>> {
    Json(simulator.held())
}

async fn requests(State(simulator): State<Simulator>) -> Json<Counts> {
    Json(simulator.requests())
}

async fn fault(State(simulator): State<Simulator>, body: Bytes) -> Result<StatusCode, Refused> {
    simulator.fault(read::<Fault>(&body)?);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(simulator): State<Simulator>) -> StatusCode {
    simulator.clear_faults();
    StatusCode::NO_CONTENT
}

async fn reset(State(simulator): State<Simulator>) -> StatusCode {
    simulator.reset();
    StatusCode::NO_CONTENT
}

async fn revoke_token(State(simulator): State<Simulator>) -> StatusCode {
    simulator.revoke_token();
    StatusCode::NO_CONTENT
}

async fn expire_token(State(simulator): State<Simulator>) -> StatusCode {
    simulator.expire_token();
    StatusCode::NO_CONTENT
}

async fn release_held(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({ "released": simulator.release_held() }))
}

async fn receipts(State(simulator): State<Simulator>, body: Bytes) -> Result<StatusCode, Refused> {
    simulator.receipts(Some(read::<Receipts>(&body)?));
    Ok(StatusCode::NO_CONTENT)
}

async fn no_receipts(State(simulator): State<Simulator>) -> StatusCode {
    simulator.receipts(None);
    StatusCode::NO_CONTENT
}

async fn pushes(State(simulator): State<Simulator>) -> Json<Pushes> {
    Json(simulator.pushes())
}

#[derive(Deserialize)]
struct Advance {
    seconds: u64,
}

async fn advance(State(simulator): State<Simulator>, body: Bytes) -> Result<StatusCode, Refused> {
    simulator.advance(Duration::from_secs(read::<Advance>(&body)?.seconds));
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Patient {
    openid: String,
}

async fn unfollow(State(simulator): State<Simulator>, body: Bytes) -> Result<StatusCode, Refused> {
    simulator.unfollow(read::<Patient>(&body)?.openid);
    Ok(StatusCode::NO_CONTENT)
}

async fn follow(State(simulator): State<Simulator>, body: Bytes) -> Result<StatusCode, Refused> {
    simulator.follow(&read::<Patient>(&body)?.openid);
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a body whatever its Content-Type says, so that plain curl will do.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))
}
