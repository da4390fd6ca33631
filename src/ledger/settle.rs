//! Recording the outcomes of messages that this run has in flight.

use std::collections::HashMap;

use jiff::Timestamp;

use super::db::{Db, Param, padded, rows, size_class};
use super::exchange::{Settled, Settlement};
use super::outbox::Outbox;
use super::{Error, GROUP};
use crate::domain::state::State;

/// Whose messages are settled, and when.
pub(super) struct Settling<'a> {
    pub run: i64,
    /// The messages that the run holds, and whether each had an open intent before this run claimed it: then a sure word
    /// about the last attempt leaves the earlier one open.
    pub in_hand: &'a HashMap<i64, bool>,
    /// Whether content outlives its message.
    pub keep: bool,
    /// Where outcomes are announced.
    pub outbox: Outbox,
    /// The instant of the exchange, by the database's clock.
    pub now: Timestamp,
}

/// What an outcome leaves in the row.
struct End<'a> {
    message: i64,
    state: State,
    errcode: Option<i64>,
    errmsg: Option<&'a str>,
    rid: Option<&'a str>,
    msgid: Option<i64>,
    settled_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    keeps_content: bool,
    closes_intent: bool,
}

/// The columns of [`End`] as the statement below names them, after the message's id.
const COLUMNS: [Option<&str>; 10] = {
    let (number, text) = (Some("BIGINT"), Some("TEXT"));
    [number, text, number, text, text, number, text, text, number, number]
};

/// Records outcomes, of which no two are of one message. Returns how many met no row of this run in flight that did not
/// say so already: these changed nothing.
pub(super) fn settle(
    db: &Db,
    settling: &Settling<'_>,
    settlements: &[Settlement],
) -> Result<u64, Error> {
    let groups = settlements.chunks(GROUP).map(|group| {
        let ends: Vec<End<'_>> = group.iter().map(|one| End::of(settling, one)).collect();
        write(db, settling, &ends)
    });
    groups.sum()
}

/// One statement for them all, since a server may be far away.
fn write(db: &Db, settling: &Settling<'_>, ends: &[End<'_>]) -> Result<u64, Error> {
    let run = settling.run;
    let sql = format!(
        "WITH done (message_id_, to_state, to_errcode, to_errmsg, to_rid, to_msgid, to_settled_at, to_not_before, keeps, closes)
           AS (VALUES {})
         UPDATE message SET state = to_state, errcode = to_errcode, errmsg = to_errmsg, rid = to_rid, msgid = to_msgid,
           settled_at = to_settled_at, not_before = to_not_before, content = CASE WHEN keeps = 1 THEN content END,
           intent_at = CASE WHEN closes = 1 THEN NULL ELSE intent_at END
         FROM done WHERE message.id = message_id_ AND message.run = $1 AND message.state = 'sending'",
        rows(2, size_class(ends.len()), &COLUMNS)
    );
    let mut values: Vec<Param<'_>> = vec![run.into()];
    padded(ends).for_each(|end| values.extend(end.values()));
    let changed = settling.outbox.change(db, &sql, &values)?;
    if changed == ends.len() as u64 {
        return Ok(0);
    }
    // An exchange whose answer was lost is repeated: then the rows say so already.
    let mut lost = 0;
    for end in ends {
        lost += u64::from(!end.is_said(db, run)?);
    }
    Ok(lost)
}

impl<'a> End<'a> {
    fn of(settling: &Settling<'_>, settlement: &'a Settlement) -> Self {
        let message = settlement.message;
        let settled = Self {
            message,
            state: State::Accepted,
            errcode: None,
            errmsg: None,
            rid: None,
            msgid: None,
            settled_at: Some(settling.now),
            not_before: None,
            keeps_content: settling.keep,
            closes_intent: false,
        };
        match &settlement.outcome {
            Settled::Accepted { msgid } => Self { msgid: *msgid, ..settled },
            Settled::Held { rid } => Self { state: State::Held, rid: rid.as_deref(), ..settled },
            Settled::Failed { errcode, errmsg, rid } => Self {
                state: State::Failed,
                errcode: Some(*errcode),
                errmsg: Some(errmsg),
                rid: rid.as_deref(),
                ..settled
            },
            // Its content stays: it may have to be sent again.
            Settled::Unknown { errcode, errmsg } => Self {
                state: State::Unknown,
                errcode: *errcode,
                errmsg: errmsg.as_deref(),
                keeps_content: true,
                ..settled
            },
            Settled::Requeued { not_before, sure, errcode, errmsg } => Self {
                state: State::Queued,
                errcode: *errcode,
                errmsg: errmsg.as_deref(),
                settled_at: None,
                // A time past the calendar's end is as good as its end.
                not_before: not_before
                    .map(|wait| settling.now.checked_add(wait).unwrap_or(Timestamp::MAX)),
                keeps_content: true,
                closes_intent: *sure && !settling.in_hand.get(&message).copied().unwrap_or(true),
                ..settled
            },
        }
    }

    fn values(&self) -> [Param<'a>; 10] {
        [
            self.message.into(),
            self.state.as_str().into(),
            self.errcode.into(),
            self.errmsg.into(),
            self.rid.into(),
            self.msgid.into(),
            self.settled_at.into(),
            self.not_before.into(),
            self.keeps_content.into(),
            self.closes_intent.into(),
        ]
    }

    /// Whether the row says so, by this run's word.
    fn is_said(&self, db: &Db, run: i64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM message WHERE id = $1 AND run = $2 AND state = $3";
        let values = [self.message.into(), run.into(), self.state.as_str().into()];
        Ok(!db.query(sql, &values)?.is_empty())
    }
}
