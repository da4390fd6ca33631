//! Counts by day of the visit, department, doctor and outcome, which keep nothing about anybody.
//!
//! A message knows its cell as long as its outcome is open, as it keeps its text so long. At the end of a run the
//! messages that have an outcome are counted in their cells and forget them: the only trace of a patient's department
//! is then a number. What is read is always both, counted and still open, so every reminder of the record counts in
//! exactly one cell, once, whatever died in between. Visits that the source called off count nowhere.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;

use super::db::{Db, Param, padded, rows, size_class, text};
use super::pace::Pace;
use super::{Error, GROUP, Ledger};
use crate::domain::key::{Key, mark};
use crate::domain::state::State;

/// What a count is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// Queued, or being sent.
    Waiting,
    /// WeChat took it; its receipts do not matter here.
    Sent,
    /// WeChat refused it.
    Failed,
    /// Nobody knows whether it arrived.
    Unknown,
    /// Its time passed.
    Expired,
    /// A person called it off.
    Cancelled,
    /// The row got no message.
    Skipped,
}

impl End {
    /// Every outcome, in the order people read them.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Sent,
        Self::Failed,
        Self::Unknown,
        Self::Expired,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// The outcome of a message in this state.
    pub const fn of(state: State) -> Self {
        match state {
            State::Queued | State::Sending => Self::Waiting,
            State::Accepted | State::Held | State::Delivered | State::Undelivered => Self::Sent,
            State::Failed => Self::Failed,
            State::Unknown => Self::Unknown,
            State::Expired => Self::Expired,
            State::Cancelled => Self::Cancelled,
            State::Skipped => Self::Skipped,
        }
    }

    /// The word in the ledger and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

/// Where a planned message, or a row that got none, counts.
#[derive(Clone)]
pub struct Seat {
    /// The message's key.
    pub key: Key,
    /// The earliest instant the visit can begin.
    pub visit_at: Timestamp,
    /// The visit's day in the clinic.
    pub day: Date,
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The department, where the source names one.
    pub department: Option<Box<str>>,
    /// The doctor, where the source names one.
    pub doctor: Option<Box<str>>,
}

/// A number of reminders that agree in everything named here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The day of the visits in the clinic.
    pub day: Date,
    /// The department; empty where the source named none.
    pub department: String,
    /// The doctor; empty where the source named none.
    pub doctor: String,
    /// What became of the reminders.
    pub outcome: End,
    /// How many there are.
    pub messages: u64,
    /// How many of them were the first word on their visit: so many visits there are.
    pub visits: u64,
}

/// No name of a department or a doctor is longer; what is beyond is cut, since these names stay.
const LONGEST: usize = 80;

/// The outcome of a row, in SQL.
const OUTCOME: &str = "CASE WHEN m.state IN ('queued', 'sending') THEN 'waiting'
    WHEN m.state IN ('accepted', 'held', 'delivered', 'undelivered') THEN 'sent' ELSE m.state END";
/// What has an outcome for good.
pub(super) const CLOSED: &str = "m.state NOT IN ('queued', 'sending', 'unknown')";
/// No reminder of a visit that takes place; what a source called off, it may allow again, and then it is planned anew.
const NO_VISIT: &str = "m.state = 'cancelled' AND COALESCE(m.reason, '') = 'source'";

impl Ledger {
    /// Gives what this run planned or confirmed its place. What has one, or had one, keeps it.
    pub fn seat(&mut self, seats: &[Seat]) -> Result<(), Error> {
        let first_words = self.first_words(seats)?;
        let mut sorted: Vec<_> = seats.iter().collect();
        sorted.sort_by_key(|seat| (seat.visit_at, seat.key));
        for group in sorted.chunks(GROUP) {
            let named: Vec<Named<'_>> =
                group.iter().map(|seat| Named::of(seat, &first_words)).collect();
            self.patiently(|ledger| {
                let (run, db) = (ledger.current()?, &ledger.db);
                db.transaction(|| {
                    // Holds the account's row: what it names settles before or after.
                    Pace::hold(db, &run.account)?;
                    make_cells(db, &run.account, &named)?;
                    sit_down(db, &run.account, run.id, &named)
                })
            })?;
        }
        Ok(())
    }

    /// For each visit of these, the key of the first row that the record has of it.
    fn first_words(&mut self, seats: &[Seat]) -> Result<HashMap<[u8; 32], Key>, Error> {
        let times = || seats.iter().map(|seat| seat.visit_at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok(HashMap::new());
        };
        let account = self.current()?.account.clone();
        let sql = "SELECT visit_at, appointment_id, key FROM message
            WHERE visit_at >= $1 AND visit_at <= $2 AND account = $3 AND kind = 'reminder'
              AND appointment_id IS NOT NULL AND NOT (state = 'cancelled' AND COALESCE(reason, '') = 'source')
            ORDER BY id DESC";
        let mut found = HashMap::new();
        for mut row in self.db.query(sql, &[first.into(), last.into(), account.into()])? {
            let visit = visit(&row.text("visit_at")?, &row.text("appointment_id")?);
            let key = Key::from_slice(&row.bytes("key")?).ok_or(Error::Stored { column: "key" })?;
            found.insert(visit, key);
        }
        Ok(found)
    }

    /// The counts of visits on these days, both included, of one account or of all.
    pub fn insight(
        &mut self,
        account: Option<&str>,
        from: Date,
        to: Date,
    ) -> Result<Vec<Cell>, Error> {
        let of = if account.is_some() { "AND i.account = $3" } else { "" };
        // One statement, so that what is counted meanwhile is not seen twice, nor not at all.
        let sql = format!(
            "SELECT day, department, doctor, outcome, CAST(SUM(messages) AS BIGINT), CAST(SUM(visits) AS BIGINT) FROM (
               SELECT i.day AS day, i.department AS department, i.doctor AS doctor, c.outcome AS outcome,
                 c.messages AS messages, CASE WHEN c.again = 0 THEN c.messages ELSE 0 END AS visits
               FROM insight AS i JOIN insight_count AS c ON c.cell = i.id
               WHERE i.day >= $1 AND i.day <= $2 {of}
               UNION ALL
               SELECT i.day, i.department, i.doctor, {OUTCOME}, 1, CASE WHEN m.again = 0 THEN 1 ELSE 0 END
               FROM message AS m JOIN insight AS i ON i.id = m.cell
               WHERE m.cell <> 0 AND NOT ({NO_VISIT}) AND i.day >= $1 AND i.day <= $2 {of}
             ) AS counted GROUP BY day, department, doctor, outcome ORDER BY day, department, doctor"
        );
        let mut values: Vec<Param<'_>> = vec![from.to_string().into(), to.to_string().into()];
        values.extend(account.map(Param::from));
        let read = self.db.query(&sql, &values)?.into_iter().map(|mut row| {
            Ok(Cell {
                day: row.word("insight.day")?,
                department: row.text("insight.department")?,
                doctor: row.text("insight.doctor")?,
                outcome: outcome(&row.text("insight_count.outcome")?)?,
                messages: row.count("insight_count.messages")?,
                visits: row.count("insight_count.messages")?,
            })
        });
        read.collect()
    }
}

/// Counts the messages `m` that are `what`, and lets them forget their cells. Within a transaction.
pub(super) fn fold(db: &Db, what: &str, values: &[Param<'_>]) -> Result<(), Error> {
    // Marked first, so that what settles meanwhile is neither lost nor counted twice.
    let mark = format!(
        "UPDATE message AS m SET cell = -cell WHERE m.cell <> 0 AND m.cell > 0 AND ({what})"
    );
    if db.execute(&mark, values)? == 0 {
        return Ok(());
    }
    let gone = format!(
        "UPDATE message AS m SET cell = NULL WHERE m.cell <> 0 AND m.cell < 0 AND {NO_VISIT}"
    );
    db.execute(&gone, &[])?;
    let count = format!(
        "INSERT INTO insight_count (cell, run, outcome, again, messages)
         SELECT -m.cell, m.planned_run, {OUTCOME}, COALESCE(m.again, 0), COUNT(*) FROM message AS m
         WHERE m.cell <> 0 AND m.cell < 0 GROUP BY 1, 2, 3, 4
         ON CONFLICT (cell, run, outcome, again)
         DO UPDATE SET messages = insight_count.messages + excluded.messages"
    );
    db.execute(&count, &[])?;
    db.execute("UPDATE message SET cell = 0 WHERE cell <> 0 AND cell < 0", &[]).map(drop)
}

/// A seat in the words of the ledger.
struct Named<'a> {
    key: &'a Key,
    visit_at: String,
    day: String,
    department: String,
    doctor: String,
    again: bool,
}

impl<'a> Named<'a> {
    fn of(seat: &'a Seat, first_words: &HashMap<[u8; 32], Key>) -> Self {
        let visit_at = text(seat.visit_at);
        let first = first_words.get(&visit(&visit_at, &seat.appointment_id));
        Self {
            key: &seat.key,
            day: seat.day.to_string(),
            department: name(seat.department.as_deref()),
            doctor: name(seat.doctor.as_deref()),
            again: first.is_some_and(|first| *first != seat.key),
            visit_at,
        }
    }
}

/// A name on one line, without what acts on a terminal or turns the direction of a text.
fn name(given: Option<&str>) -> String {
    let given = given.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    given.chars().filter(|c| !acts(*c)).take(LONGEST).collect()
}

fn visit(visit_at: &str, appointment_id: &str) -> [u8; 32] {
    mark("seat", &[visit_at, appointment_id])
}

fn make_cells(db: &Db, account: &str, named: &[Named<'_>]) -> Result<(), Error> {
    let cells: BTreeSet<(&str, &str, &str)> =
        named.iter().map(|seat| (&*seat.day, &*seat.department, &*seat.doctor)).collect();
    let cells: Vec<_> = cells.into_iter().collect();
    let sql = format!(
        "INSERT INTO insight (account, day, department, doctor) VALUES {} ON CONFLICT DO NOTHING",
        rows(1, size_class(cells.len()), &[Some("TEXT"); 4])
    );
    let mut values: Vec<Param<'_>> = Vec::new();
    for (day, department, doctor) in padded(&cells) {
        values.extend([account.into(), (*day).into(), (*department).into(), (*doctor).into()]);
    }
    db.execute(&sql, &values).map(drop)
}

fn sit_down(db: &Db, account: &str, run: i64, named: &[Named<'_>]) -> Result<(), Error> {
    let text = Some("TEXT");
    let sql = format!(
        "WITH seat (visit_at_, key_, day_, department_, doctor_, again_) AS (VALUES {})
         UPDATE message SET cell = i.id, again = again_
         FROM seat JOIN insight AS i
           ON i.account = $1 AND i.day = day_ AND i.department = department_ AND i.doctor = doctor_
         WHERE message.visit_at = visit_at_ AND message.key = key_ AND message.planned_run = $2
           AND message.cell IS NULL",
        rows(3, size_class(named.len()), &[text, None, text, text, text, Some("BIGINT")])
    );
    let mut values: Vec<Param<'_>> = vec![account.into(), run.into()];
    for seat in padded(named) {
        values.extend([
            seat.visit_at.as_str().into(),
            seat.key.as_bytes().into(),
            seat.day.as_str().into(),
            seat.department.as_str().into(),
            seat.doctor.as_str().into(),
            seat.again.into(),
        ]);
    }
    db.execute(&sql, &values).map(drop)
}

fn outcome(word: &str) -> Result<End, Error> {
    let known = End::ALL.into_iter().find(|outcome| outcome.as_str() == word);
    known.ok_or(Error::Stored { column: "insight_count.outcome" })
}
