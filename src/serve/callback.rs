//! `/wechat/callback`: WeChat's check of the URL, and its pushes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use wechat::callback::{self, Callback, CallbackError};

use super::error::Refusal;
use super::news::news;
use super::router::Shared;

/// What WeChat takes for an acknowledgement (official page of passive replies).
const ACKNOWLEDGED: &str = "success";

type Asked = Result<Query<callback::Query>, QueryRejection>;

/// The check of the URL, made when it is saved in the console.
pub(super) async fn handshake(
    State(shared): State<Arc<Shared>>,
    query: Asked,
) -> Result<String, Refusal> {
    let Query(query) = query.map_err(|_| Refusal::Query)?;
    let answer = callback(&shared)?.handshake(&query).map(str::to_owned);
    answer.map_err(|error| refused(&shared, error))
}

/// A push. What is of no use here is acknowledged too, or its sender would be told that the account is out of order.
pub(super) async fn push(
    State(shared): State<Arc<Shared>>,
    query: Asked,
    body: Result<Bytes, BytesRejection>,
) -> Result<&'static str, Refusal> {
    let (Query(query), body) = (query.map_err(|_| Refusal::Query)?, body?);
    let event = callback(&shared)?.open(&query, &body);
    let event = event.map_err(|error| refused(&shared, error))?;
    if let Some(news) = news(event) {
        shared.recorder.store(vec![news]).await?;
    }
    Ok(ACKNOWLEDGED)
}

fn callback(shared: &Shared) -> Result<&Callback, Refusal> {
    shared.settings.callback.as_ref().ok_or(Refusal::NotFound)
}

fn refused(shared: &Shared, error: CallbackError) -> Refusal {
    shared.refused_pushes.warn(&error);
    error.into()
}
