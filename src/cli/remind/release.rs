//! Putting a plan into the ledger: from here on its messages are promised.

use crate::cli::error::CommandError;
use crate::domain::compose::Composer;
use crate::domain::message::{Kind, Message};
use crate::domain::plan::{Action, Item, NotSent, Plan};
use crate::domain::reason::Reason;
use crate::domain::window::Window;
use crate::ledger::{CancelledBy, Confirmation, Desk, Seat, SkippedRow};

/// How many messages are composed and handed to the ledger at a time.
const GROUP: usize = 1024;

/// Queues the plan's messages and notes the rows without one; the run on `desk` has begun.
pub async fn release(
    desk: &Desk,
    plan: Plan,
    composer: &Composer,
    window: &Window,
) -> Result<(), CommandError> {
    let Plan { items, not_sent, cancelled, .. } = plan;
    if !cancelled.is_empty() {
        desk.call(move |ledger| ledger.cancel(&cancelled, CancelledBy::Source)).await?;
    }
    for group in items.chunks(GROUP) {
        let (new, known): (Vec<&Item>, Vec<&Item>) =
            group.iter().partition(|item| item.action == Action::Enqueue);
        let new: Vec<Message> =
            new.into_iter().filter_map(|item| message(item, composer)).collect();
        let known: Vec<Confirmation> =
            known.into_iter().filter_map(|item| confirmation(item, composer)).collect();
        desk.call(move |ledger| {
            ledger.enqueue(&new)?;
            ledger.confirm(&known)
        })
        .await?;
    }
    let seats: Vec<Seat> = items.iter().map(seat).collect();
    if !seats.is_empty() {
        desk.call(move |ledger| ledger.seat(&seats)).await?;
    }
    let skipped: Vec<SkippedRow> = not_sent.iter().filter_map(|row| skipped(row, window)).collect();
    if !skipped.is_empty() {
        desk.call(move |ledger| ledger.skip(&skipped)).await?;
    }
    Ok(())
}

/// The text was made once when the row was planned, so it is made again the same.
fn message(item: &Item, composer: &Composer) -> Option<Message> {
    let content = composer.reminder(&item.visit, &item.openid, item.stage, &item.key).ok()?;
    Some(Message {
        key: item.key,
        kind: Kind::Reminder,
        stage: Some(item.stage),
        copy: item.copy,
        openid: item.openid.clone(),
        patient_id: item.visit.patient_id.clone(),
        appointment_id: Some(item.visit.appointment_id.clone()),
        start: Some(item.visit.start.clone()),
        visit_at: Some(item.begins),
        not_after: Some(item.begins),
        template: composer.template.name().into(),
        template_id: composer.template_id.as_str().into(),
        content: content.body,
        content_hash: content.hash,
        reference: None,
    })
}

fn confirmation(item: &Item, composer: &Composer) -> Option<Confirmation> {
    let Action::Confirm { message } = item.action else { return None };
    let content = composer.reminder(&item.visit, &item.openid, item.stage, &item.key).ok()?;
    Some(Confirmation {
        message,
        content: content.body,
        content_hash: content.hash,
        template: composer.template.name().into(),
        template_id: composer.template_id.as_str().into(),
    })
}

fn seat(item: &Item) -> Seat {
    Seat {
        key: item.key,
        visit_at: item.begins,
        day: item.visit.start.date,
        appointment_id: item.visit.appointment_id.clone(),
        department: item.visit.department.clone(),
        doctor: item.visit.doctor.clone(),
    }
}

/// A row whose visit is known is kept for the telephone list; nobody is telephoned about a visit that was called off.
fn skipped(row: &NotSent, window: &Window) -> Option<SkippedRow> {
    if row.refusal.reason == Reason::NotTakingPlace {
        return None;
    }
    let start = row.start.clone()?;
    Some(SkippedRow {
        stage: row.stage,
        appointment_id: row.appointment_id.clone()?,
        patient_id: row.patient_id.clone(),
        openid: row.openid.clone(),
        visit_at: start.instant(&window.zone)?,
        start,
        department: row.department.clone(),
        doctor: row.doctor.clone(),
        reason: row.refusal.reason,
    })
}
