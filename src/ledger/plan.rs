//! What a plan asks before it decides: what is pending, and what has been sent already.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::db::text;
use super::row::Row;
use super::{Error, Ledger};
use crate::domain::appointment::Start;
use crate::domain::key::Key;
use crate::domain::state::State;

/// A reminder that an earlier run left `queued` or `unknown`.
#[derive(Clone)]
pub struct Pending {
    /// The message's row.
    pub message: i64,
    /// Its key.
    pub key: Key,
    /// `Queued` or `Unknown`.
    pub state: State,
    /// How many days ahead its stage is.
    pub stage: u16,
    /// Which copy it is.
    pub copy: u32,
    /// The recipient.
    pub openid: Box<str>,
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The earliest instant the visit can begin.
    pub visit_at: Timestamp,
    /// When the visit starts, as stored.
    pub start: Start,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("key", &self.key)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What the ledger knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// The message's row.
    pub message: i64,
    /// Where it stands.
    pub state: State,
    /// Which copy it is.
    pub copy: u32,
    /// The mark of its template and content; none once it was erased.
    pub content_hash: Option<[u8; 32]>,
    /// When it settled, by the database's clock.
    pub settled_at: Option<Timestamp>,
    /// Whether the source called it off (and may allow it again), not a person.
    pub cancelled_by_source: bool,
}

/// What the ledger knows of a stretch of visits.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Every reminder, by key.
    pub reminders: HashMap<Key, Existing>,
    /// The visits that have a reminder on its way or sent: [`visit_mark`] of the appointment id, and `visit_at`.
    pub reminded: HashSet<([u8; 32], Timestamp)>,
}

/// One use of a prescription reference.
#[derive(Clone)]
pub struct ReferenceUse {
    /// The message that carried it.
    pub message_id: Uuid,
    /// Whom it went to.
    pub openid: Box<str>,
    /// Where the message stands.
    pub state: State,
    /// When it was first tried, else when it was queued, by the database's clock.
    pub at: Timestamp,
    /// Which copy it is.
    pub copy: u32,
}

impl fmt::Debug for ReferenceUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReferenceUse")
            .field("message_id", &self.message_id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The mark under which [`Known::reminded`] holds an appointment id.
pub fn visit_mark(appointment_id: &str) -> [u8; 32] {
    crate::domain::key::mark("visit", &[appointment_id])
}

/// The columns of an [`Existing`], in the order that [`existing`] reads.
const EXISTING: &str = "key, id, state, copy, content_hash, settled_at, reason";
/// The columns of a [`Pending`], in the order that [`pending`] reads.
const PENDING: &str = "id, key, state, stage, copy, openid, appointment_id, visit_at, start, slot";

impl Ledger {
    /// The account's reminders still `queued` or `unknown`, nearest visit first; past visits too.
    pub fn pending(&mut self) -> Result<Vec<Pending>, Error> {
        let account = self.current()?.account.as_str();
        let mut all = Vec::new();
        for state in [State::Queued, State::Unknown] {
            // The state is written out, so that the planner sees the partial index.
            let sql = format!(
                "SELECT {PENDING} FROM message WHERE state = '{state}' AND account = $1 AND kind = 'reminder'
                   AND openid IS NOT NULL AND appointment_id IS NOT NULL AND start IS NOT NULL"
            );
            for row in self.db.query(&sql, &[account.into()])? {
                all.push(pending(row)?);
            }
        }
        all.sort_by_key(|pending| (pending.visit_at, pending.message));
        Ok(all)
    }

    /// What is known of the account's reminders for visits from `from` on, and before `to`.
    pub fn known(&mut self, from: Timestamp, to: Timestamp) -> Result<Known, Error> {
        let account = self.current()?.account.as_str();
        let sql = format!(
            "SELECT {EXISTING}, appointment_id, visit_at FROM message
             WHERE visit_at >= $1 AND visit_at < $2 AND account = $3 AND kind = 'reminder' AND state <> 'skipped'"
        );
        let mut known = Known::default();
        for mut row in self.db.query(&sql, &[text(from).into(), text(to).into(), account.into()])? {
            let (key, existing) = existing(&mut row)?;
            let appointment = row.opt_text("appointment_id")?;
            let visit_at = row.word("visit_at")?;
            if existing.state == State::Queued || existing.state.may_have_reached() {
                known.reminded.extend(appointment.map(|id| (visit_mark(&id), visit_at)));
            }
            known.reminders.insert(key, existing);
        }
        Ok(known)
    }

    /// What is known of these prescription keys; keys never seen are absent.
    pub fn known_prescription(&mut self, keys: &[Key]) -> Result<HashMap<Key, Existing>, Error> {
        let sql = format!("SELECT {EXISTING} FROM message WHERE visit_at = '' AND key = $1");
        let mut known = HashMap::with_capacity(keys.len());
        for key in keys {
            for mut row in self.db.query(&sql, &[key.as_bytes().into()])? {
                known.extend([existing(&mut row)?]);
            }
        }
        Ok(known)
    }

    /// Every use of a prescription reference, newest first, by the hash that [`crate::domain::message::ReferenceMark`] holds.
    pub fn reference_uses(&mut self, hash: &[u8; 32]) -> Result<Vec<ReferenceUse>, Error> {
        let sql =
            "SELECT message_id, openid, state, COALESCE(intent_at, queued_at), copy FROM message
            WHERE reference_hash = $1 AND openid IS NOT NULL ORDER BY id DESC";
        let rows = self.db.query(sql, &[hash.into()])?;
        rows.into_iter()
            .map(|mut row| {
                Ok(ReferenceUse {
                    message_id: row.word("message_id")?,
                    openid: row.text("openid")?.into(),
                    state: row.word("state")?,
                    at: row.word("queued_at")?,
                    copy: row.small("copy")?,
                })
            })
            .collect()
    }
}

fn pending(mut row: Row) -> Result<Pending, Error> {
    Ok(Pending {
        message: row.int("id")?,
        key: read_key(&mut row)?,
        state: row.word("state")?,
        stage: row.small("stage")?,
        copy: row.small("copy")?,
        openid: row.text("openid")?.into(),
        appointment_id: row.text("appointment_id")?.into(),
        visit_at: row.word("visit_at")?,
        start: row.opt_start()?.ok_or(Error::Stored { column: "start" })?,
    })
}

fn existing(row: &mut Row) -> Result<(Key, Existing), Error> {
    let key = read_key(row)?;
    let message = row.int("id")?;
    let state = row.word("state")?;
    let existing = Existing {
        message,
        state,
        copy: row.small("copy")?,
        content_hash: row.opt_bytes("content_hash")?,
        settled_at: row.opt_time("settled_at")?,
        cancelled_by_source: row.opt_text("reason")?.as_deref() == Some("source")
            && state == State::Cancelled,
    };
    Ok((key, existing))
}

fn read_key(row: &mut Row) -> Result<Key, Error> {
    Key::from_slice(&row.bytes("key")?).ok_or(Error::Stored { column: "key" })
}
