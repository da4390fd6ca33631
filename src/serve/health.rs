//! `GET /healthz`: whether the record can be used, for whoever watches over the service.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::router::Shared;
use crate::ledger::Ledger;

/// A ledger that takes longer is in trouble.
const PATIENCE: Duration = Duration::from_secs(3);

/// 200 when the ledger answers, else 503.
pub(super) async fn health(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Value>) {
    let answers = tokio::time::timeout(PATIENCE, shared.desks.writer.call(Ledger::ping)).await;
    match answers {
        Ok(Ok(())) => (StatusCode::OK, Json(json!({ "status": "ok" }))),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "the record cannot be used" })),
        ),
    }
}
