//! What people do to the record: resolving an unknown outcome, and the trail of who did what.

use super::db::Db;
use super::outbox::Outbox;
use super::record::{Entry, Found, find};
use super::{Error, Ledger};
use crate::domain::state::State;

/// What a person did, for the trail.
#[derive(Clone, Debug)]
pub struct Action<'a> {
    /// Who.
    pub actor: &'a str,
    /// The command: `log resolve`, `prescribe --reassign`.
    pub verb: &'a str,
    /// What it was done to: a message id, or something masked.
    pub subject: Option<&'a str>,
    /// The reason given, or what was asked for; nothing personal.
    pub detail: Option<&'a str>,
}

/// What came of resolving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// Recorded; the message as it is now.
    Done(Box<Entry>),
    /// No message has this id.
    NotFound,
    /// The prefix names several.
    Several(Vec<Entry>),
    /// The message's outcome is known, or still open.
    NotUnknown(State),
    /// Its content is no longer kept, so it cannot be sent again.
    Erased,
}

impl Ledger {
    /// A person says what became of a message of unknown outcome (an id or a prefix as for [`Ledger::show`]): it
    /// arrived, or it did not and the next run of the account sends it.
    pub fn resolve(&mut self, id: &str, sent: bool, actor: &str) -> Result<Resolved, Error> {
        let (db, keep, outbox) = (&self.db, self.settings.keep_content, self.outbox());
        db.transaction(|| {
            let entry = match find(db, id)? {
                Found::One(entry) => entry,
                Found::None => return Ok(Resolved::NotFound),
                Found::Several(entries) => return Ok(Resolved::Several(entries)),
            };
            if entry.state != State::Unknown {
                return Ok(Resolved::NotUnknown(entry.state));
            }
            let changed = if sent {
                arrived(db, outbox, entry.message, keep)?
            } else {
                release(db, entry.message)?
            };
            if changed == 0 {
                return Ok(Resolved::Erased);
            }
            let id = entry.message_id.to_string();
            let detail = if sent { "sent" } else { "not-sent" };
            write(db, actor, "log resolve", Some(&id), Some(detail))?;
            Ok(match find(db, &id)? {
                Found::One(entry) => Resolved::Done(entry),
                _ => Resolved::NotFound,
            })
        })
    }

    /// Adds to the trail.
    pub fn record(&mut self, action: &Action<'_>) -> Result<(), Error> {
        write(&self.db, action.actor, action.verb, action.subject, action.detail)
    }
}

fn arrived(db: &Db, outbox: Outbox, message: i64, keep: bool) -> Result<u64, Error> {
    let sql = "UPDATE message SET state = 'accepted', settled_at = $2, content = CASE WHEN $3 = 1 THEN content END
        WHERE id = $1 AND state = 'unknown'";
    outbox.change(db, sql, &[message.into(), db.now()?.into(), keep.into()])
}

/// Back to the queue, released by a person (planner 0), so that any run of the account may claim it.
fn release(db: &Db, message: i64) -> Result<u64, Error> {
    let sql =
        "UPDATE message SET state = 'queued', planned_run = 0, intent_at = NULL, not_before = NULL,
          settled_at = NULL, errcode = NULL, errmsg = NULL
        WHERE id = $1 AND state = 'unknown' AND content IS NOT NULL AND openid IS NOT NULL";
    db.execute(sql, &[message.into()])
}

/// One line of the trail, within whatever transaction there is.
pub(super) fn write(
    db: &Db,
    actor: &str,
    verb: &str,
    subject: Option<&str>,
    detail: Option<&str>,
) -> Result<(), Error> {
    let sql = "INSERT INTO audit (at, actor, verb, subject, detail) VALUES ($1, $2, $3, $4, $5)";
    let values = [db.now()?.into(), actor.into(), verb.into(), subject.into(), detail.into()];
    db.execute(sql, &values).map(drop)
}
