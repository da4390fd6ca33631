//! `GET /v1/messages`: what was sent and what is to be sent, newest first, a page at a time.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::http::HeaderMap;
use serde::Serialize;

use super::query::Query;
use crate::ledger::{Action, Shown};
use crate::serve::caller::authorise_paced;
use crate::serve::error::{Invalid, Refusal};
use crate::serve::keys::Scope;
use crate::serve::recorder::NotStored;
use crate::serve::router::Shared;

/// A page.
#[derive(Serialize)]
pub(in crate::serve) struct Page {
    messages: Vec<Shown>,
    /// What gets the next page; none after the last.
    next_cursor: Option<String>,
}

/// Messages by the field names of the events. The cursor stays right however many are sent meanwhile.
pub(in crate::serve) async fn list(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    parameters: Result<Parameters<Query>, QueryRejection>,
) -> Result<Json<Page>, Refusal> {
    let key = authorise_paced(&shared, &headers, Scope::Read)?;
    let Parameters(query) = parameters.map_err(|rejection| {
        // axum says which parameter it is.
        Invalid::syntax(rejection.body_text().trim_end_matches('.').to_owned())
    })?;
    let settings = &shared.settings;
    let wanted = query.read(&settings.account, &settings.zone)?;
    if wanted.unmasked {
        if !key.may(Scope::Contact) {
            return Err(Refusal::Scope(Scope::Contact.as_str()));
        }
        remember(&shared, key.name.clone()).await?;
    }
    let filter = wanted.filter;
    let listed =
        shared.desks.reader.call(move |ledger| ledger.patiently(|ledger| ledger.list(&filter)));
    let mut entries = listed.await.map_err(|error| {
        tracing::warn!(%error, "messages could not be listed");
        Refusal::NotStored(NotStored)
    })?;
    let more = entries.len() > wanted.limit;
    entries.truncate(wanted.limit);
    let next_cursor = entries.last().filter(|_| more).map(|last| last.message.to_string());
    let shown = |entry| Shown::of(entry, &settings.zone, wanted.unmasked);
    Ok(Json(Page { messages: entries.iter().map(shown).collect(), next_cursor }))
}

/// The record remembers who saw it unmasked.
async fn remember(shared: &Shared, actor: String) -> Result<(), Refusal> {
    let remembered = shared.desks.writer.call(move |ledger| {
        let detail = Some("shown unmasked");
        ledger.record(&Action { actor: &actor, verb: "GET /v1/messages", subject: None, detail })
    });
    remembered.await.map_err(|_| Refusal::NotStored(NotStored))
}
