//! Into the queue and out of it: what a plan, a source or a person says.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::asked::{Asked, Planner};
use super::db::{Db, Param, padded, placeholders, rows, size_class};
use super::pace::Pace;
use super::row::start_text;
use super::run::Current;
use super::{Error, GROUP, Ledger, Seat, Unknowns, audit, db};
use crate::domain::appointment::Start;
use crate::domain::key::Key;
use crate::domain::message::{Kind, Message};
use crate::domain::reason::Reason;
use crate::domain::state::State;

/// What became of messages given to [`Ledger::enqueue`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enqueued {
    /// New in the ledger.
    pub inserted: u64,
    /// There already; left as they are.
    pub existing: u64,
}

/// A message found unchanged in the source and still allowed, with its text rendered anew.
#[derive(Clone)]
pub struct Confirmation {
    /// The message's row.
    pub message: i64,
    /// The request body as it will be posted.
    pub content: Box<str>,
    /// The mark of template and content.
    pub content_hash: [u8; 32],
    /// The local template's name.
    pub template: Box<str>,
    /// WeChat's id of the template.
    pub template_id: Box<str>,
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").field("message", &self.message).finish_non_exhaustive()
    }
}

/// Who calls a message off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelledBy {
    /// The source says that the visit will not take place; when it allows it again, so does the ledger.
    Source,
    /// A person; this stays, and is recorded.
    Person {
        /// Who.
        actor: String,
    },
}

/// A row in the window that gets no message, for the telephone list.
#[derive(Clone)]
pub struct SkippedRow {
    /// How many days ahead its stage is.
    pub stage: u16,
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The hospital's number for the patient, where known.
    pub patient_id: Option<Box<str>>,
    /// The recipient, where known.
    pub openid: Option<Box<str>>,
    /// When the visit starts.
    pub start: Start,
    /// The earliest instant the visit can begin.
    pub visit_at: Timestamp,
    /// The department, where readable.
    pub department: Option<Box<str>>,
    /// The doctor, where readable.
    pub doctor: Option<Box<str>>,
    /// Why it gets no message.
    pub reason: Reason,
}

impl SkippedRow {
    fn seat(&self, key: Key) -> Seat {
        Seat {
            key,
            visit_at: self.visit_at,
            day: self.start.date,
            appointment_id: self.appointment_id.clone(),
            department: self.department.clone(),
            doctor: self.doctor.clone(),
        }
    }
}

impl fmt::Debug for SkippedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkippedRow").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Queues messages that this run planned, or that were asked of a service ([`Ledger::take_orders`]). A message whose key is there already is left as it is.
    pub fn enqueue(&mut self, messages: &[Message]) -> Result<Enqueued, Error> {
        let mut sorted: Vec<_> = messages.iter().collect();
        // In key order, so that two runs with one plan wait for each other and never in a circle.
        sorted.sort_by_key(|message| (message.visit_at, message.key));
        let mut inserted = 0;
        for group in sorted.chunks(GROUP) {
            inserted += self.patiently(|ledger| {
                let (planner, db) = (ledger.planner()?, &ledger.db);
                db.transaction(|| {
                    let now = db.now()?;
                    let new = group.iter().map(|message| queued(&planner, message, now));
                    insert(db, new.collect())
                })
            })?;
        }
        Ok(Enqueued { inserted, existing: messages.len() as u64 - inserted })
    }

    /// Takes over messages that this run's source confirms: `queued` ones, `unknown` ones where the policy given to
    /// [`Ledger::recover`] allows it, and ones the source had called off. Returns how many.
    ///
    /// A queued message with an open intent keeps its old content, since a retry must be the same message.
    pub fn confirm(&mut self, confirmations: &[Confirmation]) -> Result<u64, Error> {
        let mut confirmed = 0;
        for group in confirmations.chunks(GROUP) {
            confirmed += self.patiently(|ledger| {
                let (planner, db) = (ledger.planner()?, &ledger.db);
                db.transaction(|| {
                    Pace::hold(db, planner.account)?;
                    Ok(retry(db, planner.id, group)?
                        + freshen(db, planner.id, planner.policy, group)?)
                })
            })?;
        }
        Ok(confirmed)
    }

    /// How many messages [`Ledger::confirm_all`] would confirm.
    pub fn resumable(&mut self, resend_unknown: Unknowns) -> Result<u64, Error> {
        let account = self.current()?.account.as_str();
        let mut count = 0;
        for (which, kind) in resumed(resend_unknown) {
            let sql = format!("SELECT COUNT(*) FROM message WHERE {which}");
            count += self.db.count(&sql, &[account.into(), kind.as_str().into()])?;
        }
        Ok(count)
    }

    /// A person confirms (`--resume`) what is queued, and unknown where `resend_unknown` allows it, as far as its content is kept.
    pub fn confirm_all(&mut self, resend_unknown: Unknowns) -> Result<u64, Error> {
        let run = self.current()?;
        self.db.transaction(|| {
            Pace::hold(&self.db, &run.account)?;
            let mut confirmed = 0;
            for (which, kind) in resumed(resend_unknown) {
                let anew = if which == UNKNOWN {
                    ", state = 'queued', intent_at = NULL, not_before = NULL, settled_at = NULL, errcode = NULL,
                     errmsg = NULL"
                } else {
                    ""
                };
                let sql = format!("UPDATE message SET planned_run = $3{anew} WHERE {which}");
                let values = [run.account.as_str().into(), kind.as_str().into(), run.id.into()];
                confirmed += self.db.execute(&sql, &values)?;
            }
            Ok(confirmed)
        })
    }

    /// Calls messages off that are `queued` or `unknown`; others are left. Returns how many.
    pub fn cancel(&mut self, messages: &[i64], by: CancelledBy) -> Result<u64, Error> {
        let (db, keep) = (&self.db, self.settings.keep_content);
        let (word, actor) = match by {
            CancelledBy::Source => ("source", None),
            CancelledBy::Person { actor } => ("person", Some(actor)),
        };
        let mut cancelled = 0;
        for group in messages.chunks(GROUP) {
            let sql = format!(
                "UPDATE message SET state = 'cancelled', reason = $1, settled_at = $2, not_before = NULL,
                   content = CASE WHEN $3 = 1 THEN content END
                 WHERE id IN ({}) AND state IN ('queued', 'unknown') RETURNING message_id",
                placeholders(4, group.len())
            );
            cancelled += db.transaction(|| {
                let mut values: Vec<Param<'_>> = vec![word.into(), db.now()?.into(), keep.into()];
                values.extend(group.iter().map(|&id| Param::from(id)));
                let rows = db.query(&sql, &values)?;
                let count = rows.len() as u64;
                if let Some(actor) = &actor {
                    for mut row in rows {
                        let id = row.text("message_id")?;
                        audit::write(db, actor, "log cancel", Some(&id), None)?;
                    }
                }
                Ok(count)
            })?;
        }
        Ok(cancelled)
    }

    /// Records rows that get no message; a row recorded before is left as it is.
    pub fn skip(&mut self, rows: &[SkippedRow]) -> Result<(), Error> {
        let run = self.current()?;
        let account = run.account.as_str();
        let mut keyed: Vec<_> = rows.iter().map(|row| (skipped_key(account, row), row)).collect();
        keyed.sort_by_key(|(key, row)| (row.visit_at, *key));
        for group in keyed.chunks(GROUP) {
            self.db.transaction(|| {
                let now = self.db.now()?;
                let new = group.iter().map(|(key, row)| skipped(run, key, row, now));
                insert(&self.db, new.collect())
            })?;
        }
        let seats: Vec<Seat> = keyed.iter().map(|(key, row)| row.seat(*key)).collect();
        self.seat(&seats)
    }
}

/// What a person may have sent again: an account's messages of one kind.
const QUEUED: &str = "state = 'queued' AND account = $1 AND kind = $2 AND content IS NOT NULL";
const UNKNOWN: &str = "state = 'unknown' AND account = $1 AND kind = $2 AND content IS NOT NULL";

/// What `--resume` sends, by kind.
fn resumed(policy: Unknowns) -> impl Iterator<Item = (&'static str, Kind)> {
    let kinds = [Kind::Reminder, Kind::Prescription, Kind::Connector];
    let again = kinds.into_iter().filter(move |kind| policy.allows(*kind));
    kinds.map(|kind| (QUEUED, kind)).into_iter().chain(again.map(|kind| (UNKNOWN, kind)))
}

/// The columns of a new row, in the order of the values that [`queued`] and [`skipped`] give.
const NEW: &str = "message_id, account, key, visit_at, kind, stage, copy, openid, patient_id, appointment_id, start, slot,
    not_after, template, template_id, content, content_hash, reference_hash, reference_tail, state, planned_run, attempts,
    queued_at, settled_at, reason";
/// What they are; bytes need no word.
const NEW_TYPES: [Option<&str>; 25] = {
    let (number, text, bytes) = (Some("BIGINT"), Some("TEXT"), None);
    [
        text, text, bytes, text, text, number, number, text, text, text, text, text, text, text,
        text, text, bytes, bytes, text, text, number, number, text, text, text,
    ]
};
type NewRow<'a> = [Param<'a>; NEW_TYPES.len()];

/// Inserts rows whose keys are new, in one statement.
fn insert(db: &Db, new: Vec<NewRow<'_>>) -> Result<u64, Error> {
    if new.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "INSERT INTO message ({NEW}) VALUES {} ON CONFLICT DO NOTHING",
        rows(1, new.len(), &NEW_TYPES)
    );
    db.execute(&sql, &new.into_iter().flatten().collect::<Vec<_>>())
}

/// Inserts a message that somebody asks for, if its key is new.
pub(super) fn insert_asked(
    db: &Db,
    planner: &Planner<'_>,
    asked: &Asked,
    now: Timestamp,
) -> Result<u64, Error> {
    let types: Vec<_> = NEW_TYPES.into_iter().chain([Some("TEXT"); 2]).collect();
    let sql = format!(
        "INSERT INTO message ({NEW}, client_msg_id, asked_by) VALUES {} ON CONFLICT DO NOTHING",
        rows(1, 1, &types)
    );
    let mut values: Vec<Param<'_>> = queued(planner, &asked.message, now).into_iter().collect();
    values.extend([(&*asked.client_msg_id).into(), (&*asked.asked_by).into()]);
    db.execute(&sql, &values)
}

fn queued<'a>(planner: &Planner<'a>, message: &'a Message, now: Timestamp) -> NewRow<'a> {
    let start = message.start.as_ref();
    let reference = message.reference.as_ref();
    [
        Uuid::now_v7().to_string().into(),
        planner.account.into(),
        message.key.as_bytes().into(),
        message.visit_at.map_or(String::new(), db::text).into(),
        message.kind.as_str().into(),
        message.stage.into(),
        message.copy.into(),
        (&*message.openid).into(),
        message.patient_id.as_deref().into(),
        message.appointment_id.as_deref().into(),
        start.map(start_text).into(),
        start.and_then(|start| start.slot.as_deref()).into(),
        message.not_after.into(),
        (&*message.template).into(),
        (&*message.template_id).into(),
        (&*message.content).into(),
        (&message.content_hash).into(),
        reference.map(|mark| &mark.hash).into(),
        reference.map(|mark| &*mark.tail).into(),
        State::Queued.as_str().into(),
        planner.id.into(),
        0_i64.into(),
        now.into(),
        Param::Null,
        Param::Null,
    ]
}

fn skipped_key(account: &str, row: &SkippedRow) -> Key {
    let patient = row.patient_id.as_deref().or(row.openid.as_deref()).unwrap_or_default();
    Key::skipped(account, row.stage, patient, &row.appointment_id, &row.start)
}

fn skipped<'a>(run: &'a Current, key: &'a Key, row: &'a SkippedRow, now: Timestamp) -> NewRow<'a> {
    [
        Uuid::now_v7().to_string().into(),
        run.account.as_str().into(),
        key.as_bytes().into(),
        row.visit_at.into(),
        Kind::Reminder.as_str().into(),
        row.stage.into(),
        0_i64.into(),
        row.openid.as_deref().into(),
        row.patient_id.as_deref().into(),
        (&*row.appointment_id).into(),
        start_text(&row.start).into(),
        row.start.slot.as_deref().into(),
        Param::Null,
        "".into(),
        "".into(),
        Param::Null,
        Param::Null,
        Param::Null,
        Param::Null,
        State::Skipped.as_str().into(),
        run.id.into(),
        0_i64.into(),
        now.into(),
        now.into(),
        row.reason.as_str().into(),
    ]
}

/// With an open intent WeChat may have the message: only whose it is changes, and the claim decides.
fn retry(db: &Db, run: i64, group: &[Confirmation]) -> Result<u64, Error> {
    let sql = format!(
        "UPDATE message SET planned_run = $1
         WHERE id IN ({}) AND state = 'queued' AND intent_at IS NOT NULL",
        placeholders(2, size_class(group.len()))
    );
    let mut values: Vec<Param<'_>> = vec![run.into()];
    values.extend(padded(group).map(|one| Param::from(one.message)));
    db.execute(&sql, &values)
}

/// Gives the others their new text, and to this run.
fn freshen(db: &Db, run: i64, policy: Unknowns, group: &[Confirmation]) -> Result<u64, Error> {
    let sql = format!(
        "WITH anew (message_id_, new_content, new_hash, new_template, new_template_id) AS (VALUES {})
         UPDATE message SET state = 'queued', planned_run = $1, content = new_content, content_hash = new_hash,
           template = new_template, template_id = new_template_id, intent_at = NULL, settled_at = NULL, errcode = NULL,
           errmsg = NULL, reason = NULL, not_before = CASE WHEN state = 'queued' THEN not_before END
         FROM anew WHERE message.id = message_id_
           AND ((state = 'queued' AND intent_at IS NULL) OR (state = 'cancelled' AND reason = 'source')
             OR (state = 'unknown' AND ((kind = 'reminder' AND $2 = 1) OR (kind = 'prescription' AND $3 = 1))))",
        rows(4, size_class(group.len()), &[Some("BIGINT"), None, None, None, None])
    );
    let mut values: Vec<Param<'_>> =
        vec![run.into(), policy.resend_reminders.into(), policy.resend_prescriptions.into()];
    for one in padded(group) {
        values.extend([
            Param::from(one.message),
            (&*one.content).into(),
            (&one.content_hash).into(),
            (&*one.template).into(),
            (&*one.template_id).into(),
        ]);
    }
    db.execute(&sql, &values)
}
