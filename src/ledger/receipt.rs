//! Receipts: from WeChat's word to the message it is about.
//!
//! WeChat's id finds the message, together with the openid, since ids were seen twice. Where the id is 0, as reported
//! for messages with a `client_msg_id`, or unknown, as after a review, the receipt goes to the oldest message of that
//! openid of the last days that waits for one; a message whose own id is known is not taken for an unknown one.
//!
//! An intent is on disk before its request leaves. So a receipt whose openid has a message in flight may have come
//! before the answer was recorded: it is kept, and matched as soon as that message settles. One that finds nothing and
//! whose openid has nothing in flight is about a message of somebody else on the account, and leaves no trace.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::db::{Db, Param, text};
use super::outbox::Outbox;
use super::row::Row;
use super::{Error, Ledger};
use crate::domain::receipt::{Cause, Fate, Follow, News, Receipt, follower_mark};
use crate::domain::state::State;

/// What became of the news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Messages that are delivered now.
    pub delivered: u64,
    /// Messages that are undelivered now.
    pub undelivered: u64,
    /// Receipts that were known already.
    pub repeated: u64,
    /// Receipts kept for a message that is in flight.
    pub kept: u64,
    /// Receipts about messages that are not in this ledger.
    pub foreign: u64,
    /// Changes of who follows the account.
    pub follows: u64,
}

/// How old a message may be that a receipt without a known id is about.
const WINDOW: SignedDuration = SignedDuration::from_hours(48);
/// How far WeChat's clock and the database's may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(1);
/// How long receipts that wait, or are remembered, stay.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(72);

impl Ledger {
    /// Records what WeChat told of this account, in one transaction on disk when this returns. Telling it again
    /// changes nothing.
    ///
    /// A database in trouble is tried again as in [`Ledger::exchange`].
    pub fn note(&mut self, account: &str, news: &[News]) -> Result<Noted, Error> {
        self.patiently(|ledger| ledger.try_note(account, news))
    }

    fn try_note(&self, account: &str, news: &[News]) -> Result<Noted, Error> {
        let (db, keep) = (&self.db, self.settings.keep_content);
        db.transaction(|| {
            // As a claim does: so no message settles between a look at it and the decision to keep its receipt.
            db.execute(
                "UPDATE account SET serial = serial + 1 WHERE app_id = $1",
                &[account.into()],
            )?;
            let book = Book { db, outbox: self.outbox(), account, keep, now: db.now()? };
            book.prune()?;
            let mut noted = Noted::default();
            book.rematch(&mut noted)?;
            for one in news {
                match one {
                    News::Receipt(receipt) => book.take(receipt, &mut noted)?,
                    News::Follow(follow) => noted.follows += book.follow(follow)?,
                }
            }
            Ok(noted)
        })
    }

    /// Whether the database answers.
    pub fn ping(&mut self) -> Result<(), Error> {
        self.db.now().map(drop)
    }

    /// Those who ceased to follow an account, as [`follower_mark`] makes it.
    pub fn unsubscribed(&mut self) -> Result<HashSet<[u8; 32]>, Error> {
        let rows = self.db.query("SELECT mark FROM follow WHERE follows = 0", &[])?;
        rows.into_iter().map(|mut row| row.bytes("mark")).collect()
    }
}

/// Matches receipts that were kept with what has settled since. Within the transaction of the settling.
pub(super) fn rematch(
    db: &Db,
    outbox: Outbox,
    account: &str,
    keep: bool,
    now: Timestamp,
) -> Result<(), Error> {
    Book { db, outbox, account, keep, now }.rematch(&mut Noted::default())
}

/// What a receipt turned out to be about.
enum Match {
    /// This message.
    Message(i64),
    /// A message that it has told of before.
    Repeated,
    /// Maybe one that is in flight.
    Open,
    /// None of ours.
    Foreign,
}

/// One account's receipts, in a transaction.
struct Book<'a> {
    db: &'a Db,
    outbox: Outbox,
    account: &'a str,
    keep: bool,
    now: Timestamp,
}

impl Book<'_> {
    fn take(&self, receipt: &Receipt, noted: &mut Noted) -> Result<(), Error> {
        if self.is_remembered(receipt)? {
            noted.repeated += 1;
            return Ok(());
        }
        match self.find(receipt)? {
            Match::Message(message) => {
                self.record(message, receipt, noted)?;
                if receipt.msgid.is_none() {
                    self.remember(receipt, Some(message))?;
                }
            }
            Match::Repeated => noted.repeated += 1,
            Match::Open => {
                self.remember(receipt, None)?;
                noted.kept += 1;
            }
            Match::Foreign => noted.foreign += 1,
        }
        Ok(())
    }

    /// Looks again at the receipts that wait for a message in flight.
    fn rematch(&self, noted: &mut Noted) -> Result<(), Error> {
        let sql = "SELECT r.id, r.openid, r.msgid, r.made, r.state, r.reason FROM receipt AS r
            WHERE r.account = $1 AND r.message IS NULL
              AND NOT EXISTS (SELECT 1 FROM message AS f
                WHERE f.state = 'sending' AND f.account = $1 AND f.openid = r.openid)
            ORDER BY r.id";
        for mut row in self.db.query(sql, &[self.account.into()])? {
            let id = row.int("receipt.id")?;
            let receipt = kept(row)?;
            let done = match self.find(&receipt)? {
                Match::Open => continue,
                Match::Message(message) => {
                    self.record(message, &receipt, noted)?;
                    receipt.msgid.is_none().then_some(message)
                }
                Match::Repeated | Match::Foreign => None,
            };
            match done {
                Some(message) => {
                    let sql = "UPDATE receipt SET message = $2 WHERE id = $1";
                    self.db.execute(sql, &[id.into(), message.into()])?;
                }
                None => {
                    self.db.execute("DELETE FROM receipt WHERE id = $1", &[id.into()])?;
                }
            }
        }
        Ok(())
    }

    fn find(&self, receipt: &Receipt) -> Result<Match, Error> {
        if let Some(msgid) = receipt.msgid {
            let sql =
                "SELECT id, state FROM message WHERE msgid = $1 AND account = $2 AND openid = $3
                ORDER BY id DESC";
            let values = [msgid.into(), self.account.into(), (&*receipt.openid).into()];
            let mut told = false;
            for mut row in self.db.query(sql, &values)? {
                let (message, state) = (row.int("id")?, row.word::<State>("state")?);
                if state.may_become(State::Delivered) {
                    return Ok(Match::Message(message));
                }
                told = true;
            }
            if told {
                return Ok(Match::Repeated);
            }
        }
        // Before one of unknown id is given to an older message, the one in flight must have had its say.
        let open = self.has_open(&receipt.openid)?;
        if open && receipt.msgid.is_some() {
            return Ok(Match::Open);
        }
        Ok(match self.waiting(receipt)? {
            Some(message) => Match::Message(message),
            None if open => Match::Open,
            None => Match::Foreign,
        })
    }

    /// Whether this openid has a message whose answer is open.
    fn has_open(&self, openid: &str) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM message WHERE state = 'sending' AND account = $1 AND openid = $2
            UNION ALL
            SELECT 1 FROM message WHERE state = 'queued' AND intent_at IS NOT NULL AND account = $1 AND openid = $2
            LIMIT 1";
        Ok(!self.db.query(sql, &[self.account.into(), openid.into()])?.is_empty())
    }

    /// The oldest message of the openid that waits for a receipt; one whose own id is known only if the receipt has none.
    fn waiting(&self, receipt: &Receipt) -> Result<Option<i64>, Error> {
        let of = |state: &str, further: &str| {
            format!(
                "SELECT id, intent_at FROM message WHERE state = '{state}' AND account = $1 AND openid = $2
                   AND intent_at >= $3 AND intent_at <= $4{further}"
            )
        };
        let nameless =
            if receipt.msgid.is_some() { " AND (msgid IS NULL OR msgid = 0)" } else { "" };
        let sql = format!(
            "SELECT w.id FROM ({} UNION ALL {} UNION ALL {}) AS w ORDER BY w.intent_at, w.id LIMIT 1",
            of("accepted", nameless),
            of("held", ""),
            of("unknown", "")
        );
        let since = receipt.made.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let until = receipt.made.checked_add(SKEW).unwrap_or(Timestamp::MAX);
        let values = [
            self.account.into(),
            (&*receipt.openid).into(),
            text(since).into(),
            text(until).into(),
        ];
        self.db.query(&sql, &values)?.pop().map(|mut row| row.int("id")).transpose()
    }

    /// Writes the message's end into its row.
    fn record(&self, message: i64, receipt: &Receipt, noted: &mut Noted) -> Result<(), Error> {
        // What was open until now is settled by this; an older error of an unknown outcome says nothing any more.
        let sql = "UPDATE message SET state = $2, reason = $3, msgid = COALESCE(NULLIF(msgid, 0), $4), receipt_at = $5,
              settled_at = COALESCE(settled_at, $5), errcode = NULL, errmsg = NULL,
              content = CASE WHEN $6 = 1 THEN content END
            WHERE id = $1 AND state IN ('accepted', 'held', 'unknown')";
        let state = receipt.fate.state();
        let values: [Param<'_>; 6] = [
            message.into(),
            state.as_str().into(),
            receipt.fate.cause().map(Cause::as_str).into(),
            receipt.msgid.into(),
            self.now.into(),
            self.keep.into(),
        ];
        let changed = self.outbox.change(self.db, sql, &values)?;
        match state {
            State::Delivered => noted.delivered += changed,
            _ => noted.undelivered += changed,
        }
        Ok(())
    }

    /// Whether this very receipt is kept, or remembered, already.
    fn is_remembered(&self, receipt: &Receipt) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM receipt WHERE account = $1 AND openid = $2 AND made = $3
            AND COALESCE(msgid, 0) = $4";
        let values = [
            self.account.into(),
            (&*receipt.openid).into(),
            receipt.made.as_second().into(),
            receipt.msgid.unwrap_or(0).into(),
        ];
        Ok(!self.db.query(sql, &values)?.is_empty())
    }

    fn remember(&self, receipt: &Receipt, message: Option<i64>) -> Result<(), Error> {
        let sql =
            "INSERT INTO receipt (account, openid, msgid, made, state, reason, message, noted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = [
            self.account.into(),
            (&*receipt.openid).into(),
            receipt.msgid.into(),
            receipt.made.as_second().into(),
            receipt.fate.state().as_str().into(),
            receipt.fate.cause().map(Cause::as_str).into(),
            message.into(),
            self.now.into(),
        ];
        self.db.execute(sql, &values).map(drop)
    }

    /// Notes who follows; what is older than what is known changes nothing.
    fn follow(&self, follow: &Follow) -> Result<u64, Error> {
        let mark = follower_mark(self.account, &follow.openid);
        let values: [Param<'_>; 4] = [
            (&mark).into(),
            follow.follows.into(),
            follow.made.as_second().into(),
            self.now.into(),
        ];
        let insert = "INSERT INTO follow (mark, follows, changed, noted_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING";
        if self.db.execute(insert, &values)? > 0 {
            return Ok(1);
        }
        let update = "UPDATE follow SET follows = $2, changed = $3, noted_at = $4 WHERE mark = $1 AND changed < $3";
        self.db.execute(update, &values)
    }

    fn prune(&self) -> Result<(), Error> {
        let before = self.now - REMEMBERED;
        self.db.execute("DELETE FROM receipt WHERE noted_at < $1", &[before.into()])?;
        let sql = "DELETE FROM follow WHERE follows = 1 AND noted_at < $1";
        self.db.execute(sql, &[before.into()]).map(drop)
    }
}

/// A receipt read back.
fn kept(mut row: Row) -> Result<Receipt, Error> {
    let openid = row.text("receipt.openid")?.into();
    let msgid = row.opt_int("receipt.msgid")?;
    let made = Timestamp::from_second(row.int("receipt.made")?)
        .map_err(|_| Error::Stored { column: "receipt.made" })?;
    let state = row.word("receipt.state")?;
    let reason = row.opt_text("receipt.reason")?;
    let cause = |word: String| {
        let known = Cause::KNOWN.into_iter().find(|cause| cause.as_str() == word);
        known.unwrap_or_else(|| Cause::Other(word.into()))
    };
    let fate = match state {
        State::Delivered => Fate::Delivered,
        _ => Fate::Undelivered(cause(reason.unwrap_or_default())),
    };
    Ok(Receipt { openid, msgid, made, fate })
}
