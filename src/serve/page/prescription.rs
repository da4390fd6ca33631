//! `/prescription`: the form for clerks without a terminal. Two identifiers, a preview, a yes; the same checks as the
//! command's, made again when the yes comes.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::messages::broken;
use super::refused;
use super::view::Broken;
use super::visitor::Visitor;
use crate::ledger::{Action, Desk};
use crate::prescribing::{Bench, Card, Draft, Error, Leave, Ready, Refusal, Release};
use crate::serve::keys::Scope;
use crate::serve::page::office::{Office, Trouble};

/// What was typed. Everything is optional here and checked later, so that a mistake comes back with what was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Typed {
    patient_id: String,
    patient: String,
    birth_date: String,
    reference: String,
    hospital: String,
    doctor: String,
    expires: String,
    /// `yes`, to send the same reference to the same patient once more.
    again: String,
    /// Why a reference that went to another patient goes to this one.
    reassign: String,
    #[serde(skip_serializing)]
    token: String,
    /// The mark of the preview that the yes is about.
    #[serde(skip_serializing)]
    seen: String,
}

#[derive(Serialize)]
struct FormPage<'a> {
    typed: &'a Typed,
    /// The hospital that is used when none is typed.
    hospital: &'a str,
    problem: Option<refused::Told>,
}

#[derive(Serialize)]
struct Preview<'a> {
    typed: &'a Typed,
    card: Shown,
    account: &'a str,
    seen: String,
    /// Whether what is shown differs from what the yes was about.
    changed: bool,
}

/// The card as the terminal shows it.
#[derive(Serialize)]
struct Shown {
    patient: String,
    phone: String,
    openid: String,
    reference: String,
    copy: u32,
    fields: Vec<(String, String)>,
}

/// A prescription that was prepared.
struct Prepared {
    card: Card,
    /// What marks the message: who gets it, and what it says.
    mark: [Vec<u8>; 2],
    id: String,
    release: Release,
}

/// Why none was prepared.
enum Stopped {
    Refused(Refusal),
    /// The form lacks one of the two identifiers.
    Identifiers,
    Settings(Trouble),
    Ledger,
}

/// The empty form.
pub(super) async fn form(visitor: Visitor) -> Response {
    if let Err(refused) = visitor.need(Scope::Prescribe) {
        return refused;
    }
    show_form(&visitor, StatusCode::OK, &Typed::default(), None)
}

/// Checks what was typed and shows what would be sent, or the form again with what is wrong.
pub(super) async fn preview(
    visitor: Visitor,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    let typed = match admitted(&visitor, typed) {
        Ok(typed) => typed,
        Err(refused) => return refused,
    };
    match prepare(&visitor, &typed).await {
        Ok(prepared) => show_preview(&visitor, &typed, prepared, false),
        Err(stopped) => show_stopped(&visitor, &typed, stopped),
    }
}

/// Sends what was seen in the preview, if it still is what would be sent.
pub(super) async fn send(visitor: Visitor, typed: Result<Form<Typed>, FormRejection>) -> Response {
    let typed = match admitted(&visitor, typed) {
        Ok(typed) => typed,
        Err(refused) => return refused,
    };
    let prepared = match prepare(&visitor, &typed).await {
        Ok(prepared) => prepared,
        Err(stopped) => return show_stopped(&visitor, &typed, stopped),
    };
    let [key, content] = &prepared.mark;
    let sessions = &visitor.shared.page.sessions;
    if !sessions.is_seal(&visitor.session, &[key, content], &typed.seen) {
        return show_preview(&visitor, &typed, prepared, true);
    }
    let (actor, subject) = (visitor.session.key.clone(), prepared.id.clone());
    let release = prepared.release;
    let Some(orders) = &visitor.shared.orders else {
        let detail = "The app secret is not known, so nothing can be sent.".to_owned();
        return show_stopped(&visitor, &typed, Stopped::Settings(Trouble(detail)));
    };
    let queued = orders.queue(move |ledger| {
        let subject = Some(subject.as_str());
        ledger.record(&Action { actor: &actor, verb: "page prescribe", subject, detail: None })?;
        release.queue(ledger)
    });
    match queued.await {
        Ok(Ok(())) => Redirect::to(&format!("/message/{}", prepared.id)).into_response(),
        Ok(Err(refusal)) => show_stopped(&visitor, &typed, Stopped::Refused(refusal)),
        Err(_) => broken(&visitor),
    }
}

/// The form's content, if its sender may send it.
#[expect(clippy::result_large_err, reason = "what is refused is answered at once")]
fn admitted(
    visitor: &Visitor,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Typed, Response> {
    visitor.need(Scope::Prescribe)?;
    let typed = typed.map(|Form(typed)| typed).unwrap_or_default();
    visitor.need_token(&typed.token)?;
    Ok(typed)
}

async fn prepare(visitor: &Visitor, typed: &Typed) -> Result<Prepared, Stopped> {
    if typed.patient_id.trim().is_empty()
        || typed.patient.trim().is_empty() && typed.birth_date.trim().is_empty()
    {
        return Err(Stopped::Identifiers);
    }
    let (draft, leave) = (typed.draft(), typed.leave());
    let actor = visitor.session.key.clone();
    let office = Arc::clone(&visitor.shared.page.office);
    let desk = Arc::clone(&visitor.shared.desks.writer);
    let now = (visitor.shared.settings.now)();
    let made =
        tokio::task::spawn_blocking(move || make(&*office, &desk, now, draft, &leave, actor));
    made.await.map_err(|_| Stopped::Ledger)?
}

/// Reads contacts and asks the ledger, so it blocks.
fn make(
    office: &dyn Office,
    desk: &Desk,
    now: Timestamp,
    draft: Draft,
    leave: &Leave,
    actor: String,
) -> Result<Prepared, Stopped> {
    let (settings, composer) = office.prescribing().map_err(Stopped::Settings)?;
    let bench = Bench { settings: &settings, now, composer: &composer, leave };
    let asked = bench.prepare(vec![draft], Vec::new(), |questions| {
        desk.call_blocking(move |ledger| questions.ask(Some(ledger)))
    });
    let mut prepared = match asked {
        Ok(prepared) => prepared,
        Err(Error::Contacts(error)) => return Err(Stopped::Settings(Trouble(error.to_string()))),
        Err(Error::Ledger(_)) => return Err(Stopped::Ledger),
    };
    if let Some(rejected) = prepared.rejected.pop() {
        return Err(Stopped::Refused(rejected.refusal));
    }
    let ready: &Ready = prepared.ready.first().ok_or(Stopped::Ledger)?;
    Ok(Prepared {
        card: Card::of(ready, true),
        mark: [ready.key.as_bytes().to_vec(), ready.content_hash().to_vec()],
        id: ready.key.client_msg_id(),
        release: Release::of(&prepared.ready, leave, actor),
    })
}

fn show_form(
    visitor: &Visitor,
    status: StatusCode,
    typed: &Typed,
    problem: Option<refused::Told>,
) -> Response {
    let hospital = visitor.shared.page.office.prescribing().ok();
    let hospital = hospital.and_then(|(settings, _)| settings.hospital).unwrap_or_default();
    let page = FormPage { typed, hospital: &hospital, problem };
    visitor.show_as(status, "prescription.html", &page)
}

fn show_preview(visitor: &Visitor, typed: &Typed, prepared: Prepared, changed: bool) -> Response {
    let [key, content] = &prepared.mark;
    let seen = visitor.shared.page.sessions.seal(&visitor.session, &[key, content]);
    let card = prepared.card;
    let card = Shown {
        patient: card.patient.unwrap_or_default(),
        phone: card.phone.unwrap_or_default(),
        openid: card.openid,
        reference: card.reference,
        copy: card.copy + 1,
        fields: card.fields,
    };
    let account = &visitor.shared.settings.account;
    let status = if changed { StatusCode::CONFLICT } else { StatusCode::OK };
    visitor.show_as(status, "preview.html", &Preview { typed, card, account, seen, changed })
}

fn show_stopped(visitor: &Visitor, typed: &Typed, stopped: Stopped) -> Response {
    let zone = &visitor.shared.settings.zone;
    let problem = match stopped {
        Stopped::Refused(refusal) => refused::told(&refusal, visitor.words, zone),
        Stopped::Identifiers => refused::identifiers(visitor.words),
        Stopped::Settings(Trouble(detail)) => {
            let page = Broken { detail: &detail };
            return visitor.show_as(StatusCode::SERVICE_UNAVAILABLE, "trouble.html", &page);
        }
        Stopped::Ledger => return broken(visitor),
    };
    show_form(visitor, StatusCode::UNPROCESSABLE_ENTITY, typed, Some(problem))
}

impl Typed {
    fn draft(&self) -> Draft {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Draft {
            patient_id: given(&self.patient_id),
            patient: given(&self.patient),
            birth_date: given(&self.birth_date),
            reference: given(&self.reference),
            hospital: given(&self.hospital),
            doctor: given(&self.doctor),
            expires: given(&self.expires),
            ..Draft::default()
        }
    }

    fn leave(&self) -> Leave {
        let reason = self.reassign.trim();
        let reassign = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        Leave { again: self.again == "yes", reassign }
    }
}
