//! Writing events: in the transaction of the change that they tell of, so that neither is ever without the other.

use uuid::Uuid;

use super::Error;
use super::db::{Db, Param, rows};
use super::doubt::InDoubt;
use super::row::Row;
use super::run::RunEnd;
use crate::domain::event::{EventFields, EventType, openid_hash};
use crate::domain::state::State;

/// Writes events, if there is anybody to be told.
#[derive(Clone, Copy)]
pub(super) struct Outbox {
    fields: Option<EventFields>,
}

/// What an event takes from a message's row as the change left it.
const TOLD: &str = "message.message_id, account, kind, stage, appointment_id, start, state, errcode, reason, msgid, openid,
    patient_id, reference_tail,
    (SELECT r.run_id FROM run AS r WHERE r.id = COALESCE(message.run, message.planned_run))";

/// The columns of a new row, in the order of the values that [`write`] gives.
const NEW: &str = "sequence, event_id, type, at, account, run_id, message_id, kind, stage, appointment_id, start, state,
    errcode, reason, msgid, openid_hash, patient_id, reference_tail, exit_code, accepted, held, failed, unknown,
    left_queued, delivery, attempts, next_attempt_at";
/// Their types, in the words of [`rows`].
const TYPES: [Option<&str>; 27] = {
    let (number, text) = (Some("BIGINT"), Some("TEXT"));
    [
        number, text, text, text, text, text, text, text, number, text, text, text, number, text,
        number, text, text, text, number, number, number, number, number, number, text, number,
        text,
    ]
};

/// A new event: what differs from one to the next.
struct New {
    event_type: EventType,
    account: String,
    run_id: Option<String>,
    /// The columns from `message_id` to `left_queued`.
    rest: Vec<Param<'static>>,
}

impl Outbox {
    /// An outbox whose events have these fields; `None` writes none.
    pub const fn new(fields: Option<EventFields>) -> Self {
        Self { fields }
    }

    /// Runs one UPDATE of messages that gives each a new state, and writes an event for each that it changed, where the
    /// state is one that others are told of. Returns how many it changed.
    pub fn change(self, db: &Db, update: &str, values: &[Param<'_>]) -> Result<u64, Error> {
        let Some(fields) = self.fields else { return db.execute(update, values) };
        let changed = db.query(&format!("{update} RETURNING {TOLD}"), values)?;
        let count = changed.len() as u64;
        let told = changed.into_iter().filter_map(|row| message(fields, row).transpose());
        write(db, told.collect::<Result<_, _>>()?)?;
        Ok(count)
    }

    /// As [`Outbox::change`], for an UPDATE after which nobody knows what became of the messages: how many of each kind.
    pub fn doubt(self, db: &Db, update: &str, values: &[Param<'_>]) -> Result<InDoubt, Error> {
        let (mut doubted, mut told) = (InDoubt::default(), Vec::new());
        for mut row in db.query(&format!("{update} RETURNING kind, {TOLD}"), values)? {
            doubted.add(row.word("kind")?);
            if let Some(fields) = self.fields {
                told.extend(message(fields, row)?);
            }
        }
        write(db, told)?;
        Ok(doubted)
    }

    /// Writes the event of a run's end, before its row says so: an end whose answer was lost is repeated, and told once.
    pub fn finished(self, db: &Db, run: i64, ended: &RunEnd) -> Result<(), Error> {
        if self.fields.is_none() {
            return Ok(());
        }
        let sql = "SELECT account, run_id FROM run WHERE id = $1 AND exit_code IS NULL";
        let Some(mut row) = db.query(sql, &[run.into()])?.pop() else { return Ok(()) };
        let (account, run_id) = (row.text("account")?, row.opt_text("run_id")?);
        let numbers = [
            i64::from(ended.exit_code).into(),
            ended.accepted.into(),
            ended.held.into(),
            ended.failed.into(),
            ended.unknown.into(),
            ended.left.into(),
        ];
        let rest = [const { Param::Null }; 12].into_iter().chain(numbers).collect();
        write(db, vec![New { event_type: EventType::RunFinished, account, run_id, rest }])
    }
}

/// The event of a message whose row has just changed; `None` when nobody is told of its state.
fn message(fields: EventFields, mut row: Row) -> Result<Option<New>, Error> {
    let (message_id, account) = (row.text("message_id")?, row.text("account")?);
    let (kind, stage) = (row.text("kind")?, row.opt_int("stage")?);
    let (appointment_id, start) = (row.opt_text("appointment_id")?, row.opt_text("start")?);
    let became = row.word::<State>("state")?;
    let Some(event_type) = EventType::of(became) else { return Ok(None) };
    let (errcode, reason) = (row.opt_int("errcode")?, row.opt_text("reason")?);
    let (msgid, openid) = (row.opt_int("msgid")?, row.opt_text("openid")?);
    let (patient_id, tail) = (row.opt_text("patient_id")?, row.opt_text("reference_tail")?);
    let run_id = row.opt_text("run_id")?;
    let about = [
        message_id.into(),
        kind.into(),
        stage.into(),
        appointment_id.into(),
        start.into(),
        became.as_str().into(),
        errcode.into(),
        reason.into(),
        msgid.into(),
        openid.map(|openid| openid_hash(&account, &openid)).into(),
        patient_id.filter(|_| fields.patient_id).into(),
        tail.filter(|_| fields.reference).into(),
    ];
    let rest = about.into_iter().chain([const { Param::Null }; 6]).collect();
    Ok(Some(New { event_type, account, run_id, rest }))
}

/// Counts the events and writes them. The count's row is locked until the commit: so the numbers have no gaps, and their
/// order is that of the commits.
fn write(db: &Db, events: Vec<New>) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let count =
        "UPDATE outbox SET last_sequence = last_sequence + $1 WHERE id = 1 RETURNING last_sequence";
    let counted = db.query(count, &[(events.len() as u64).into()])?.pop();
    let last = counted.ok_or(Error::Stored { column: "last_sequence" })?.int("last_sequence")?;
    let now = db.now()?;
    let insert = format!("INSERT INTO event ({NEW}) VALUES {}", rows(1, events.len(), &TYPES));
    let first = last - i64::try_from(events.len()).unwrap_or(i64::MAX) + 1;
    let mut values: Vec<Param<'_>> = Vec::with_capacity(events.len() * TYPES.len());
    for (sequence, event) in (first..).zip(events) {
        values.extend([
            sequence.into(),
            Uuid::now_v7().to_string().into(),
            event.event_type.as_str().into(),
            now.into(),
            event.account.into(),
            event.run_id.into(),
        ]);
        values.extend(event.rest);
        values.extend(["pending".into(), 0_i64.into(), now.into()]);
    }
    db.execute(&insert, &values).map(drop)
}
