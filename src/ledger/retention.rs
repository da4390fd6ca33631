//! Forgetting: after a while, and on request.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;

use super::db::{Db, Param};
use super::{Error, Ledger, audit, insight};
use crate::domain::event::openid_hash;
use crate::domain::key;

/// What a purge did. The counts of visits by department and doctor, which name nobody, stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Messages of past visits (and prescriptions), gone whole.
    pub deleted: u64,
    /// Messages of visits ahead, of which key and state stay.
    pub erased: u64,
}

/// Whom to forget.
#[derive(Clone)]
pub struct Who {
    /// The account's app id.
    pub account: Box<str>,
    /// By which id.
    pub identity: Identity,
}

/// An id of a patient.
#[derive(Clone)]
pub enum Identity {
    /// The id on the Official Account.
    Openid(Box<str>),
    /// The hospital's own number.
    Patient(Box<str>),
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Who").finish_non_exhaustive()
    }
}

impl Who {
    /// The mark under which the do-not-send list holds this id.
    pub fn opt_out_mark(&self) -> [u8; 32] {
        let (label, value) = match &self.identity {
            Identity::Openid(value) => ("openid", value),
            Identity::Patient(value) => ("patient", value),
        };
        key::mark("opt-out", &[&self.account, label, value])
    }
}

/// What forgetting a patient did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Messages gone whole.
    pub deleted: u64,
    /// Messages of visits ahead, of which key and state stay.
    pub erased: u64,
    /// Messages in flight, which could not be touched: forget again when the run has ended.
    pub in_flight: u64,
}

/// What is set when only key and state stay (and what they need: account, kind, stage, visit and times).
const ERASE: &str = "openid = NULL, patient_id = NULL, appointment_id = NULL, start = NULL, slot = NULL, template = '',
    template_id = '', content = NULL, content_hash = NULL, reference_hash = NULL, reference_tail = NULL, errcode = NULL,
    errmsg = NULL, rid = NULL, msgid = NULL, client_msg_id = NULL";

impl Ledger {
    /// Erases what settled before `before`: of visits past at `now` (and of prescriptions) everything, of visits ahead all but key and state.
    ///
    /// What was queued for a visit now past, and never sent, goes too, and so do the events of that time, delivered or
    /// not. What is in flight stays.
    pub fn purge(&mut self, before: Timestamp, now: Timestamp) -> Result<Purged, Error> {
        let db = &self.db;
        db.erase(|| {
            // A prescription's visit_at is the empty text, which lies before every time.
            let past = "m.visit_at <= $1 AND m.state <> 'sending'
                AND (m.settled_at < $2 OR (m.state = 'queued' AND m.visit_at <> '' AND m.queued_at < $2))";
            // The counts stay, of what is open too.
            let counted = format!("{} OR ({past})", insight::CLOSED);
            insight::fold(db, &counted, &[now.into(), before.into()])?;
            let delete = format!("DELETE FROM message AS m WHERE {past}");
            let deleted = db.execute(&delete, &[now.into(), before.into()])?;
            let erase = format!(
                "UPDATE message SET {ERASE} WHERE visit_at > $1 AND settled_at < $2
                   AND state NOT IN ('queued', 'sending') AND template_id <> ''"
            );
            let erased = db.execute(&erase, &[now.into(), before.into()])?;
            // Nothing is left of a skipped row once its key is all there is; it stands in nobody's way.
            let skipped = "DELETE FROM message WHERE state = 'skipped' AND settled_at < $1";
            let skipped = db.execute(skipped, &[before.into()])?;
            db.execute("DELETE FROM receipt WHERE noted_at < $1", &[before.into()])?;
            db.execute("DELETE FROM event WHERE at < $1", &[before.into()])?;
            Ok(Purged { deleted: deleted + skipped, erased })
        })
    }

    /// Erases a patient's messages and events, calls off those still queued, and puts the patient on the do-not-send list as a hash.
    pub fn forget(&mut self, who: &Who, actor: &str) -> Result<Forgotten, Error> {
        let db = &self.db;
        let (column, value) = match &who.identity {
            Identity::Openid(value) => ("openid", value),
            Identity::Patient(value) => ("patient_id", value),
        };
        let theirs = format!("account = $1 AND {column} = $2");
        let values = || [Param::from(&*who.account), Param::from(&**value)];
        db.erase(|| {
            let now = db.now()?;
            let receipts = format!(
                "DELETE FROM receipt WHERE account = $1
                   AND openid IN (SELECT openid FROM message WHERE {theirs})"
            );
            db.execute(&receipts, &values())?;
            forget_events(db, who)?;
            let off = format!(
                "UPDATE message SET state = 'cancelled', reason = 'person', settled_at = $3, not_before = NULL
                 WHERE {theirs} AND state = 'queued'"
            );
            let [account, value] = values();
            db.execute(&off, &[account, value, now.into()])?;
            let counted = format!("{} AND m.account = $1", insight::CLOSED);
            insight::fold(db, &counted, &[(&*who.account).into()])?;
            let delete = format!(
                "DELETE FROM message WHERE {theirs} AND visit_at <= $3 AND state <> 'sending'"
            );
            let [account, value] = values();
            let deleted = db.execute(&delete, &[account, value, now.into()])?;
            let [account, value] = values();
            let skipped = format!("DELETE FROM message WHERE {theirs} AND state = 'skipped'");
            let skipped = db.execute(&skipped, &[account, value])?;
            let [account, value] = values();
            let erase = format!("UPDATE message SET {ERASE} WHERE {theirs} AND state <> 'sending'");
            let erased = db.execute(&erase, &[account, value])?;
            let left = db.query(&format!("SELECT COUNT(*) FROM message WHERE {theirs}"), &values())?;
            let in_flight = left.into_iter().next().map_or(Ok(0), |mut row| row.count("count"))?;
            let list = "INSERT INTO opt_out (mark, since) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            db.execute(list, &[(&who.opt_out_mark()).into(), now.into()])?;
            audit::write(db, actor, "log forget", None, None)?;
            Ok(Forgotten { deleted: deleted + skipped, erased, in_flight })
        })
    }

    /// The do-not-send list: [`Who::opt_out_mark`] of everyone on it.
    pub fn opted_out(&mut self) -> Result<HashSet<[u8; 32]>, Error> {
        let rows = self.db.query("SELECT mark FROM opt_out", &[])?;
        rows.into_iter().map(|mut row| row.bytes("mark")).collect()
    }
}

/// Erases a patient's events, delivered or not: nobody is told any more.
fn forget_events(db: &Db, who: &Who) -> Result<(), Error> {
    let (column, value, told, as_told) = match &who.identity {
        Identity::Openid(openid) => {
            ("openid", openid, "openid_hash", openid_hash(&who.account, openid))
        }
        Identity::Patient(id) => ("patient_id", id, "patient_id", id.to_string()),
    };
    let sql = format!(
        "DELETE FROM event WHERE account = $1 AND ({told} = $2
           OR message_id IN (SELECT message_id FROM message WHERE account = $1 AND {column} = $3))"
    );
    db.execute(&sql, &[(&*who.account).into(), as_told.into(), (&**value).into()]).map(drop)
}
