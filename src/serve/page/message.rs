//! `GET /message/ID`: one message, where it stands and what to do about it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::messages::broken;
use super::record::{Record, Showing};
use super::view::Broken;
use super::visitor::Visitor;
use crate::ledger::Found;
use crate::serve::keys::Scope;

#[derive(Serialize)]
struct Message {
    record: Record,
}

/// The message of this id: the record's for whoever may read it, a prescription for whoever may send one.
pub(super) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    if !visitor.may(Scope::Prescribe)
        && let Err(refused) = visitor.need(Scope::Read)
    {
        return refused;
    }
    let found = visitor.shared.desks.reader.call(move |ledger| ledger.show(&id)).await;
    let entry = match found {
        Ok(Found::One(entry)) if visitor.sees(&entry) => entry,
        Ok(_) => {
            return visitor.show_as(
                StatusCode::NOT_FOUND,
                "trouble.html",
                &Broken { detail: "404" },
            );
        }
        Err(_) => return broken(&visitor),
    };
    let zone = &visitor.shared.settings.zone;
    let showing = Showing { words: visitor.words, zone, whole: visitor.may(Scope::Contact) };
    visitor.show("message.html", &Message { record: showing.record(&entry) })
}
