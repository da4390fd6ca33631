//! What a plan asks before it decides: what is pending, and what has been sent already.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::db::text;
use super::row::Row;
use super::{Error, Ledger};
use crate::domain::key::Key;
use crate::domain::plan::{Existing, Known, Pending, visit_mark};
use crate::domain::state::State;

/// The messages that a run has planned, to see at its end what other runs did with them.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// Their keys.
    pub keys: HashSet<Key>,
    /// When the first and the last of their visits begin; none for prescriptions.
    pub visits: Option<(Timestamp, Timestamp)>,
}

impl Planned {
    /// Notes a message, with the begin of its visit if it is about one.
    pub fn add(&mut self, key: Key, visit: Option<Timestamp>) {
        self.keys.insert(key);
        let Some(at) = visit else { return };
        let (first, last) = self.visits.unwrap_or((at, at));
        self.visits = Some((first.min(at), last.max(at)));
    }
}

/// One use of a prescription reference.
#[derive(Clone)]
pub struct ReferenceUse {
    /// The message's row.
    pub message: i64,
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

/// The columns of an [`Existing`], in the order that [`existing`] reads.
const EXISTING: &str = "key, id, state, copy, content_hash, settled_at, reason";
/// The columns of a [`Pending`], in the order that [`pending`] reads.
const PENDING: &str =
    "id, key, state, stage, copy, openid, patient_id, appointment_id, visit_at, start, slot";

impl Ledger {
    /// The account's reminders still `queued` or `unknown`, nearest visit first; past visits too.
    pub fn pending(&mut self, account: &str) -> Result<Vec<Pending>, Error> {
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
    pub fn known(&mut self, account: &str, from: Timestamp, to: Timestamp) -> Result<Known, Error> {
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

    /// How many of these messages other runs have taken over since this run planned them: sent, refused or on their way.
    /// Whoever settles a message counts it, so that no two summaries count the same one.
    pub fn taken_by_others(&mut self, planned: &Planned) -> Result<u64, Error> {
        let run = self.current()?;
        let (mine, account) = (run.id, run.account.as_str());
        let taken = "run <> $1 AND account = $2
            AND state IN ('sending', 'accepted', 'held', 'failed', 'delivered', 'undelivered')";
        let Some((first, last)) = planned.visits else {
            let sql = format!("SELECT 1 FROM message WHERE visit_at = '' AND key = $3 AND {taken}");
            return planned.keys.iter().try_fold(0, |sum, key| {
                let rows =
                    self.db.query(&sql, &[mine.into(), account.into(), key.as_bytes().into()])?;
                Ok(sum + rows.len() as u64)
            });
        };
        let sql =
            format!("SELECT key FROM message WHERE visit_at >= $3 AND visit_at <= $4 AND {taken}");
        let values = [mine.into(), account.into(), text(first).into(), text(last).into()];
        let mut count = 0;
        for mut row in self.db.query(&sql, &values)? {
            count += u64::from(planned.keys.contains(&read_key(&mut row)?));
        }
        Ok(count)
    }

    /// Every use of a prescription reference, newest first, by the hash that [`crate::domain::message::ReferenceMark`] holds.
    pub fn reference_uses(&mut self, hash: &[u8; 32]) -> Result<Vec<ReferenceUse>, Error> {
        let sql =
            "SELECT id, message_id, openid, state, COALESCE(intent_at, queued_at), copy FROM message
            WHERE reference_hash = $1 AND openid IS NOT NULL ORDER BY id DESC";
        let rows = self.db.query(sql, &[hash.into()])?;
        rows.into_iter()
            .map(|mut row| {
                Ok(ReferenceUse {
                    message: row.int("id")?,
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
        patient_id: row.opt_text("patient_id")?.map(Into::into),
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
