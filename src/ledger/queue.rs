//! Into the queue and out of it: what a plan, a source or a person says.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::db::{Db, placeholders};
use super::row::start_text;
use super::{Error, Ledger, Unknowns, audit, db};
use crate::domain::appointment::Start;
use crate::domain::key::Key;
use crate::domain::message::{Kind, Message};
use crate::domain::reason::Reason;
use crate::domain::state::State;

/// Rows written in one transaction, so that others who share the ledger get their turn.
const GROUP: usize = 256;

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
    /// Why it gets no message.
    pub reason: Reason,
}

impl fmt::Debug for SkippedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkippedRow").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Queues messages that this run planned. A message whose key is there already is left as it is.
    pub fn enqueue(&mut self, messages: &[Message]) -> Result<Enqueued, Error> {
        let run = self.current()?;
        let mut sorted: Vec<_> = messages.iter().collect();
        sorted.sort_by_key(|message| (message.visit_at, message.key));
        let mut inserted = 0;
        for group in sorted.chunks(GROUP) {
            inserted += self.db.transaction(|| {
                let now = self.db.now()?;
                group.iter().try_fold(0, |sum, message| {
                    Ok(sum + queue(&self.db, run.id, &run.account, message, now)?)
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
        let run = self.current()?;
        let mut confirmed = 0;
        for group in confirmations.chunks(GROUP) {
            confirmed += self.db.transaction(|| {
                group.iter().try_fold(0, |sum, confirmation| {
                    Ok(sum + confirm(&self.db, run.id, run.policy, confirmation)?)
                })
            })?;
        }
        Ok(confirmed)
    }

    /// A person confirms (`--resume`) what is queued, and unknown where `resend_unknown` allows it, as far as its content is kept.
    pub fn confirm_all(&mut self, resend_unknown: Unknowns) -> Result<u64, Error> {
        let run = self.current()?;
        self.db.transaction(|| {
            let queued = "UPDATE message SET planned_run = $1
                WHERE state = 'queued' AND account = $2 AND kind <> 'test' AND content IS NOT NULL";
            let again = "UPDATE message SET state = 'queued', planned_run = $1, intent_at = NULL, not_before = NULL,
                  settled_at = NULL, errcode = NULL, errmsg = NULL
                WHERE state = 'unknown' AND account = $2 AND kind = $3 AND content IS NOT NULL";
            let mut confirmed =
                self.db.execute(queued, &[run.id.into(), run.account.as_str().into()])?;
            for kind in [Kind::Reminder, Kind::Prescription] {
                if resend_unknown.allows(kind) {
                    let values =
                        [run.id.into(), run.account.as_str().into(), kind.as_str().into()];
                    confirmed += self.db.execute(again, &values)?;
                }
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
        let sql = "UPDATE message SET state = 'cancelled', reason = $2, settled_at = $3, not_before = NULL,
              content = CASE WHEN $4 = 1 THEN content END
            WHERE id = $1 AND state IN ('queued', 'unknown') RETURNING message_id";
        let mut cancelled = 0;
        for group in messages.chunks(GROUP) {
            cancelled += db.transaction(|| {
                let mut count = 0;
                for &message in group {
                    let values = [message.into(), word.into(), db.now()?.into(), keep.into()];
                    for mut row in db.query(sql, &values)? {
                        count += 1;
                        if let Some(actor) = &actor {
                            let id = row.text("message_id")?;
                            audit::write(db, actor, "log cancel", Some(&id), None)?;
                        }
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
        for group in rows.chunks(GROUP) {
            self.db.transaction(|| {
                let now = self.db.now()?;
                group.iter().try_for_each(|row| skip(&self.db, run.id, &run.account, row, now))
            })?;
        }
        Ok(())
    }
}

/// The columns of a new row, in the order of the values that [`queue`] and [`skip`] give.
const NEW: &str = "message_id, account, key, visit_at, kind, stage, copy, openid, patient_id, appointment_id, start, slot,
    not_after, template, template_id, content, content_hash, reference_hash, reference_tail, state, planned_run, attempts,
    queued_at, settled_at, reason";
/// How many they are.
const NEW_COUNT: usize = 25;

fn insert(db: &Db, values: &[db::Param<'_>; NEW_COUNT]) -> Result<u64, Error> {
    let places = placeholders(1, NEW_COUNT);
    db.execute(
        &format!("INSERT INTO message ({NEW}) VALUES ({places}) ON CONFLICT DO NOTHING"),
        values,
    )
}

fn queue(
    db: &Db,
    run: i64,
    account: &str,
    message: &Message,
    now: Timestamp,
) -> Result<u64, Error> {
    let start = message.start.as_ref();
    let reference = message.reference.as_ref();
    insert(
        db,
        &[
            Uuid::now_v7().to_string().into(),
            account.into(),
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
            run.into(),
            0_i64.into(),
            now.into(),
            db::Param::Null,
            db::Param::Null,
        ],
    )
}

fn skip(db: &Db, run: i64, account: &str, row: &SkippedRow, now: Timestamp) -> Result<(), Error> {
    let patient = row.patient_id.as_deref().or(row.openid.as_deref()).unwrap_or_default();
    let key = Key::skipped(account, row.stage, patient, &row.appointment_id, &row.start);
    insert(
        db,
        &[
            Uuid::now_v7().to_string().into(),
            account.into(),
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
            db::Param::Null,
            "".into(),
            "".into(),
            db::Param::Null,
            db::Param::Null,
            db::Param::Null,
            db::Param::Null,
            State::Skipped.as_str().into(),
            run.into(),
            0_i64.into(),
            now.into(),
            now.into(),
            row.reason.as_str().into(),
        ],
    )
    .map(drop)
}

fn confirm(db: &Db, run: i64, policy: Unknowns, c: &Confirmation) -> Result<u64, Error> {
    // With an open intent WeChat may have the message: only whose it is changes, and the claim decides.
    let retry = "UPDATE message SET planned_run = $1 WHERE id = $2 AND state = 'queued' AND intent_at IS NOT NULL";
    let changed = db.execute(retry, &[run.into(), c.message.into()])?;
    if changed > 0 {
        return Ok(changed);
    }
    let fresh = "UPDATE message SET state = 'queued', planned_run = $1, content = $3, content_hash = $4, template = $5,
          template_id = $6, intent_at = NULL, settled_at = NULL, errcode = NULL, errmsg = NULL, reason = NULL,
          not_before = CASE WHEN state = 'queued' THEN not_before END
        WHERE id = $2 AND (state = 'queued' OR (state = 'cancelled' AND reason = 'source')
          OR (state = 'unknown' AND ((kind = 'reminder' AND $7 = 1) OR (kind = 'prescription' AND $8 = 1))))";
    let values = [
        run.into(),
        c.message.into(),
        (&*c.content).into(),
        (&c.content_hash).into(),
        (&*c.template).into(),
        (&*c.template_id).into(),
        policy.resend_reminders.into(),
        policy.resend_prescriptions.into(),
    ];
    db.execute(fresh, &values)
}
