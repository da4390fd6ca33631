//! `GET /unreached`: whom to telephone. Names and numbers only for a key that may see them, and the record remembers
//! who did.

use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;

use super::messages::broken;
use super::record::{Record, Showing};
use super::visitor::Visitor;
use crate::ledger::Action;
use crate::report::telephone::{Ahead, Book, Call, Since};
use crate::serve::keys::Scope;

#[derive(Serialize)]
struct List {
    people: Vec<Person>,
    /// Whether names and numbers may be shown.
    contact: bool,
    /// Whether any are known.
    has_phones: bool,
    /// Why the source cannot be read; empty when it can.
    trouble: String,
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
    let (now, account) = ((visitor.shared.settings.now)(), visitor.shared.settings.account.clone());
    let read =
        visitor.shared.desks.reader.call(move |ledger| Ahead::read(ledger, Some(&account), now));
    let Ok(ahead) = read.await else { return broken(&visitor) };
    let office = Arc::clone(&visitor.shared.page.office);
    let asked = tokio::task::spawn_blocking(move || (office.book(now, &ahead), ahead)).await;
    let Ok((book, ahead)) = asked else { return broken(&visitor) };
    // The list itself does not need the hospital's file.
    let (book, trouble) = match book {
        Ok(book) => (book, String::new()),
        Err(trouble) => (Book::default(), trouble.0),
    };
    let calls = ahead.calls(&book);
    let zone = &visitor.shared.settings.zone;
    let showing = Showing { words: visitor.words, zone, whole: contact };
    let people: Vec<Person> = calls.iter().map(|one| person(&showing, one)).collect();
    let has_phones = people.iter().any(|one| !one.phone.is_empty());
    visitor.show("unreached.html", &List { people, contact, has_phones, trouble })
}

fn person(showing: &Showing<'_>, one: &Call) -> Person {
    let shown = |text: &Option<Box<str>>| {
        text.as_deref().map(str::to_owned).filter(|_| showing.whole).unwrap_or_default()
    };
    let phone = shown(&one.phone);
    let why = match &one.since {
        Some(Since::Cancelled) => showing.words.say("since", "cancelled").to_owned(),
        Some(Since::Moved(to)) => showing.words.fill("since", "moved", &[("to", &to.to_string())]),
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
