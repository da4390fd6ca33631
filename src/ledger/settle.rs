//! Recording the outcome of a message that this run has in flight.

use jiff::Timestamp;

use super::Error;
use super::db::{Db, Param};
use super::exchange::{Settled, Settlement};
use super::outbox::Outbox;
use crate::domain::state::State;

/// Records one outcome. `false` when the row is not in flight in this run and does not say so already: then nothing changed.
///
/// `retried`: the message had an open intent before this run claimed it, so a sure word about the last attempt leaves
/// the earlier one open.
pub(super) fn settle(
    db: &Db,
    run: i64,
    keep: bool,
    outbox: Outbox,
    now: Timestamp,
    settlement: &Settlement,
    retried: bool,
) -> Result<bool, Error> {
    let message = settlement.message;
    let row = InFlight { db, outbox, message, run, now };
    let (state, changed) = match &settlement.outcome {
        Settled::Requeued { not_before, sure, errcode, errmsg } => {
            let sql =
                "UPDATE message SET state = 'queued', errcode = $3, errmsg = $4, not_before = $5,
                  intent_at = CASE WHEN $6 = 1 THEN NULL ELSE intent_at END
                WHERE id = $1 AND run = $2 AND state = 'sending'";
            // A time past the calendar's end is as good as its end.
            let until = not_before.map(|wait| now.checked_add(wait).unwrap_or(Timestamp::MAX));
            let values = [
                message.into(),
                run.into(),
                (*errcode).into(),
                errmsg.as_deref().into(),
                until.into(),
                (*sure && !retried).into(),
            ];
            (State::Queued, db.execute(sql, &values)?)
        }
        Settled::Accepted { msgid } => {
            let end = End { msgid: *msgid, ..End::default() };
            (State::Accepted, end.write(&row, State::Accepted, keep)?)
        }
        Settled::Held { rid } => {
            let end = End { rid: rid.as_deref(), ..End::default() };
            (State::Held, end.write(&row, State::Held, keep)?)
        }
        Settled::Failed { errcode, errmsg, rid } => {
            let end = End {
                errcode: Some(*errcode),
                errmsg: Some(errmsg),
                rid: rid.as_deref(),
                msgid: None,
            };
            (State::Failed, end.write(&row, State::Failed, keep)?)
        }
        // Its content stays: it may have to be sent again.
        Settled::Unknown { errcode, errmsg } => {
            let end = End { errcode: *errcode, errmsg: errmsg.as_deref(), ..End::default() };
            (State::Unknown, end.write(&row, State::Unknown, true)?)
        }
    };
    Ok(changed > 0 || says_so(db, message, run, state)?)
}

/// A row that this run has in flight, and the instant of the exchange.
struct InFlight<'a> {
    db: &'a Db,
    outbox: Outbox,
    message: i64,
    run: i64,
    now: Timestamp,
}

/// What an outcome leaves in the row.
#[derive(Default)]
struct End<'a> {
    errcode: Option<i64>,
    errmsg: Option<&'a str>,
    rid: Option<&'a str>,
    msgid: Option<i64>,
}

impl End<'_> {
    fn write(&self, row: &InFlight<'_>, state: State, keep: bool) -> Result<u64, Error> {
        let sql = "UPDATE message SET state = $3, errcode = $4, errmsg = $5, rid = $6, msgid = $7, settled_at = $8,
              content = CASE WHEN $9 = 1 THEN content END
            WHERE id = $1 AND run = $2 AND state = 'sending'";
        let values: [Param<'_>; 9] = [
            row.message.into(),
            row.run.into(),
            state.as_str().into(),
            self.errcode.into(),
            self.errmsg.into(),
            self.rid.into(),
            self.msgid.into(),
            row.now.into(),
            keep.into(),
        ];
        row.outbox.change(row.db, sql, &values)
    }
}

/// Whether this run has recorded the same state before: an exchange whose answer was lost is repeated.
fn says_so(db: &Db, message: i64, run: i64, state: State) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM message WHERE id = $1 AND run = $2 AND state = $3";
    let rows = db.query(sql, &[message.into(), run.into(), state.as_str().into()])?;
    Ok(!rows.is_empty())
}
