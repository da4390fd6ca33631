//! `GET /unreached`: whom to telephone. Names and numbers only for a key that may see them, and the record remembers
//! who did.

use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;

use super::messages::broken;
use super::office::{Since, Unreached};
use super::record::{Record, Showing};
use super::view::Broken;
use super::visitor::Visitor;
use crate::ledger::Action;
use crate::serve::keys::Scope;

#[derive(Serialize)]
struct List {
    people: Vec<Person>,
    /// Whether names and numbers may be shown.
    contact: bool,
    /// Whether any are known.
    has_phones: bool,
}

#[derive(Serialize)]
struct Person {
    record: Record,
    name: String,
    phone: String,
    /// The number without what people put between its digits, for a link.
    call: String,
    why: String,
}

/// The list.
pub(super) async fn show(visitor: Visitor) -> Response {
    if !visitor.may(Scope::Contact)
        && let Err(refused) = visitor.need(Scope::Read)
    {
        return refused;
    }
    let contact = visitor.may(Scope::Contact);
    if contact {
        let actor = visitor.session.key.clone();
        let noted = visitor.shared.desks.writer.call(move |ledger| {
            let detail = Some("shown unmasked");
            ledger.record(&Action { actor: &actor, verb: "page unreached", subject: None, detail })
        });
        // What cannot be recorded is not shown.
        if noted.await.is_err() {
            return broken(&visitor);
        }
    }
    let office = Arc::clone(&visitor.shared.page.office);
    let found = tokio::task::spawn_blocking(move || office.unreached()).await;
    let people = match found {
        Ok(Ok(people)) => people,
        Ok(Err(trouble)) => {
            let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
            return visitor.show_as(status, "trouble.html", &Broken { detail: &trouble.0 });
        }
        Err(_) => return broken(&visitor),
    };
    let zone = &visitor.shared.settings.zone;
    let showing = Showing { words: visitor.words, zone, whole: contact };
    let people: Vec<Person> = people.iter().map(|one| person(&showing, one)).collect();
    let has_phones = people.iter().any(|one| !one.phone.is_empty());
    visitor.show("unreached.html", &List { people, contact, has_phones })
}

fn person(showing: &Showing<'_>, one: &Unreached) -> Person {
    let shown = |text: &Option<String>| {
        text.clone().filter(|_| showing.whole).unwrap_or_default()
    };
    let phone = shown(&one.phone);
    let why = match &one.since {
        Some(Since::Cancelled) => showing.words.say("since", "cancelled").to_owned(),
        Some(Since::Moved(to)) => {
            showing.words.fill("since", "moved", &[("to", &to.to_string())])
        }
        None => showing.why(&one.entry),
    };
    Person {
        record: showing.record(&one.entry),
        name: shown(&one.patient),
        call: phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
        phone,
        why,
    }
}
