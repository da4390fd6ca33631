//! The record, as `log` reads it.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::db::{Db, Param};
use super::row::Row;
use super::{Error, Ledger};
use crate::domain::appointment::Start;
use crate::domain::key::Key;
use crate::domain::message::Kind;
use crate::domain::plan::Person;
use crate::domain::state::State;

/// Which messages to list; what is empty does not restrict.
#[derive(Clone, Default)]
pub struct Filter {
    /// The account's app id.
    pub account: Option<String>,
    /// Changed at or after.
    pub since: Option<Timestamp>,
    /// Changed before.
    pub until: Option<Timestamp>,
    /// In one of these states.
    pub states: Vec<State>,
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// To this openid.
    pub openid: Option<String>,
    /// About this appointment.
    pub appointment: Option<String>,
    /// About the patient with this number.
    pub patient: Option<String>,
    /// Carrying this reference.
    pub reference_hash: Option<[u8; 32]>,
    /// Handled last, or else planned, by this run.
    pub run: Option<Uuid>,
    /// Under this id of whoever asked for it.
    pub client_msg_id: Option<String>,
    /// Older than this row.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A message as the record shows it: everything stored but its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The message's row.
    pub message: i64,
    /// The id that people, JSON and events see.
    pub message_id: Uuid,
    /// The `client_msg_id` that WeChat sees.
    pub client_msg_id: String,
    /// The account's app id.
    pub account: String,
    /// What it is for.
    pub kind: Kind,
    /// How many days ahead its stage is.
    pub stage: Option<u16>,
    /// Which copy it is.
    pub copy: u32,
    /// The hospital's number for the visit.
    pub appointment_id: Option<String>,
    /// The hospital's number for the patient.
    pub patient_id: Option<String>,
    /// When the visit starts.
    pub start: Option<Start>,
    /// The earliest instant the visit can begin.
    pub visit_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// WeChat's code.
    pub errcode: Option<i64>,
    /// WeChat's words.
    pub errmsg: Option<String>,
    /// Why it was skipped ([`crate::domain::reason::Reason`]), who called it off (`source`, `person`), or why it did not
    /// arrive ([`crate::domain::receipt::Cause`]).
    pub reason: Option<String>,
    /// WeChat's id of the request.
    pub rid: Option<String>,
    /// WeChat's id of the message.
    pub msgid: Option<i64>,
    /// The recipient; none for a row that got no message or was erased.
    pub openid: Option<String>,
    /// The local template's name; empty where there is none.
    pub template: String,
    /// The last characters of the prescription reference.
    pub reference_tail: Option<String>,
    /// When it entered the ledger.
    pub queued_at: Timestamp,
    /// When the attempt was committed that reached, or may have reached, WeChat: the first one.
    pub sent_at: Option<Timestamp>,
    /// When its outcome was recorded.
    pub settled_at: Option<Timestamp>,
    /// When WeChat's receipt was recorded.
    pub receipt_at: Option<Timestamp>,
    /// The run that handled it last, else the one that planned it.
    pub run_id: Option<Uuid>,
    /// How often it was tried.
    pub attempts: u32,
    /// Who asked for it: the name of an API key; none where a run planned it.
    pub asked_by: Option<String>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("message_id", &self.message_id)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What an id or a prefix of one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One message.
    One(Box<Entry>),
    /// No message, or a prefix of fewer than six characters.
    None,
    /// Several, of which the first ten are here.
    Several(Vec<Entry>),
}

/// [`STATE`], for texts that are put together when the program is built.
macro_rules! state {
    () => {
        "CASE WHEN m.state = 'queued' AND m.intent_at IS NOT NULL THEN 'sending' ELSE m.state END"
    };
}

/// Where a message stands, for people: what is put back to be tried again and may have arrived is not `queued`, which
/// promises that it was not sent.
pub(super) const STATE: &str = state!();

/// The columns of an [`Entry`], in the order that [`entry`] reads, and where they are from.
pub(super) const ENTRIES: &str = concat!(
    "SELECT m.id, m.message_id, m.key, m.account, m.kind, m.stage, m.copy, m.appointment_id, m.patient_id, m.start, m.slot,
    m.visit_at, ",
    state!(),
    ", m.errcode, m.errmsg, m.reason, m.rid, m.msgid, m.openid, m.template, m.reference_tail, m.queued_at, m.intent_at,
    m.settled_at, m.receipt_at, r.run_id, m.attempts, m.client_msg_id, m.asked_by
    FROM message AS m LEFT JOIN run AS r ON r.id = COALESCE(m.run, m.planned_run)"
);

/// When a message last changed.
pub(super) const CHANGED: &str = "COALESCE(m.receipt_at, m.settled_at, m.intent_at, m.queued_at)";

/// The shortest prefix of an id that is looked up.
const SHORTEST: usize = 6;
/// How many messages are shown of those that a prefix names.
const SEVERAL: usize = 10;

impl Ledger {
    /// The messages that pass the filter, newest first.
    pub fn list(&mut self, filter: &Filter) -> Result<Vec<Entry>, Error> {
        let mut query = Query::default();
        query.equal("m.account", filter.account.as_deref());
        query.equal("m.openid", filter.openid.as_deref());
        query.equal("m.appointment_id", filter.appointment.as_deref());
        query.equal("m.patient_id", filter.patient.as_deref());
        query.equal("m.client_msg_id", filter.client_msg_id.as_deref());
        query.compare("m.id", "<", filter.before);
        query.equal("m.reference_hash", filter.reference_hash.as_ref());
        query.equal("r.run_id", filter.run.map(|run| run.to_string()));
        query.compare(CHANGED, ">=", filter.since);
        query.compare(CHANGED, "<", filter.until);
        query.one_of(STATE, filter.states.iter().map(|state| state.as_str()));
        query.one_of("m.kind", filter.kinds.iter().map(|kind| kind.as_str()));
        query.entries(&self.db, "m.id DESC", filter.limit)
    }

    /// The message with this id, a prefix of it of at least six characters, or this `client_msg_id`.
    pub fn show(&mut self, id_or_prefix: &str) -> Result<Found, Error> {
        find(&self.db, id_or_prefix)
    }

    /// Whom to telephone: visits still ahead whose message failed, was not delivered, is unknown, expired or skipped,
    /// has been held for a day, was put off after an error, or was left in flight by a run that has ended; unless another message for the same visit got through.
    /// Nearest first, one entry a visit and patient: some systems give a number to several patients.
    pub fn unreached(&mut self, now: Timestamp) -> Result<Vec<Entry>, Error> {
        let a_day_ago = self.db.now()? - jiff::SignedDuration::from_hours(24);
        let sql = format!(
            "{ENTRIES} WHERE m.visit_at > $1 AND m.kind = 'reminder'
               AND (m.openid IS NOT NULL OR m.appointment_id IS NOT NULL OR m.patient_id IS NOT NULL)
               AND (m.state IN ('failed', 'undelivered', 'unknown', 'expired', 'skipped')
                 OR (m.state = 'held' AND m.settled_at < $2)
                 OR (m.state = 'sending' AND m.run IN (SELECT id FROM run WHERE ended_at IS NOT NULL))
                 OR (m.state = 'queued' AND m.attempts > 0 AND (m.errcode IS NOT NULL OR m.errmsg IS NOT NULL)))
               AND NOT EXISTS (SELECT 1 FROM message AS o
                 WHERE o.visit_at = m.visit_at AND o.account = m.account AND o.appointment_id = m.appointment_id
                   AND CASE WHEN o.patient_id IS NOT NULL AND m.patient_id IS NOT NULL THEN o.patient_id = m.patient_id
                     WHEN o.openid IS NOT NULL AND m.openid IS NOT NULL THEN o.openid = m.openid ELSE 1 = 1 END
                   AND (o.state IN ('accepted', 'delivered') OR (o.state = 'held' AND o.settled_at >= $2)))
             ORDER BY m.visit_at, m.appointment_id, m.id DESC"
        );
        let all = read(&self.db, &sql, &[now.into(), a_day_ago.into()])?;
        Ok(newest_words(all))
    }

    /// Reminders that WeChat took, of visits still ahead, nearest first: their visits may have been called off or moved
    /// since.
    pub fn reminded(&mut self, now: Timestamp) -> Result<Vec<Entry>, Error> {
        let sql = format!(
            "{ENTRIES} WHERE m.visit_at > $1 AND m.kind = 'reminder' AND m.state IN ('accepted', 'delivered', 'held')
               AND m.appointment_id IS NOT NULL AND m.start IS NOT NULL
             ORDER BY m.visit_at, m.appointment_id, m.id DESC"
        );
        Ok(newest_words(read(&self.db, &sql, &[now.into()])?))
    }
}

/// Of entries in the order of their visits, newest first: the newest word on each patient's visit.
fn newest_words(entries: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let patient = person(&entry);
        let told = kept.iter().rev().take_while(|one| same_visit(one, &entry));
        if !told.into_iter().any(|one| !patient.differs(&person(one))) {
            kept.push(entry);
        }
    }
    kept
}

fn same_visit(one: &Entry, other: &Entry) -> bool {
    one.appointment_id.is_some()
        && (&one.account, &one.appointment_id, one.visit_at)
            == (&other.account, &other.appointment_id, other.visit_at)
}

fn person(entry: &Entry) -> Person {
    Person::known_by(entry.patient_id.as_deref(), entry.openid.as_deref())
}

/// As [`Ledger::show`].
pub(super) fn find(db: &Db, id: &str) -> Result<Found, Error> {
    let asked = of_client(db, id.trim())?;
    if !asked.is_empty() {
        return Ok(found(asked));
    }
    let id = id.trim().to_ascii_lowercase();
    let is_id = id.len() >= SHORTEST && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if !is_id {
        return Ok(Found::None);
    }
    let mut entries = match client_msg_id_bounds(&id) {
        Some((low, high)) => {
            let sql = format!("{ENTRIES} WHERE m.key >= $1 AND m.key <= $2 LIMIT {SEVERAL}");
            read(db, &sql, &[(&low).into(), (&high).into()])?
        }
        None => Vec::new(),
    };
    if entries.is_empty() {
        // Past every id that begins so: no digit of an id comes after 'g'.
        let sql = format!(
            "{ENTRIES} WHERE m.message_id >= $1 AND m.message_id < $2 ORDER BY m.id DESC LIMIT {SEVERAL}"
        );
        // An id may also be given without its hyphens.
        let id = Uuid::try_parse(&id).map_or(id, |whole| whole.to_string());
        let past = format!("{id}g");
        entries = read(db, &sql, &[id.as_str().into(), past.as_str().into()])?;
    }
    Ok(found(entries))
}

fn found(mut entries: Vec<Entry>) -> Found {
    match entries.len() {
        0 => Found::None,
        1 => entries.pop().map_or(Found::None, |entry| Found::One(Box::new(entry))),
        _ => Found::Several(entries),
    }
}

/// Messages that whoever asked for them knows by this id: one a recipient.
fn of_client(db: &Db, id: &str) -> Result<Vec<Entry>, Error> {
    let sql = format!("{ENTRIES} WHERE m.client_msg_id = $1 ORDER BY m.id DESC LIMIT {SEVERAL}");
    read(db, &sql, &[id.into()])
}

/// The message without a visit that has this key.
pub(super) fn with_key(db: &Db, key: &Key) -> Result<Option<Entry>, Error> {
    let sql = format!("{ENTRIES} WHERE m.visit_at = '' AND m.key = $1");
    Ok(read(db, &sql, &[key.as_bytes().into()])?.pop())
}

/// The least and the greatest key whose `client_msg_id` this is.
fn client_msg_id_bounds(id: &str) -> Option<([u8; 32], [u8; 32])> {
    if id.len() != 32 {
        return None;
    }
    let half = u128::from_str_radix(id, 16).ok()?.to_be_bytes();
    let (mut low, mut high) = ([0; 32], [0xff; 32]);
    low[..16].copy_from_slice(&half);
    high[..16].copy_from_slice(&half);
    Some((low, high))
}

/// Conditions that are put together.
#[derive(Default)]
struct Query<'a> {
    conditions: Vec<String>,
    values: Vec<Param<'a>>,
}

impl<'a> Query<'a> {
    fn equal(&mut self, column: &str, value: Option<impl Into<Param<'a>>>) {
        self.compare(column, "=", value);
    }

    fn compare(&mut self, column: &str, operator: &str, value: Option<impl Into<Param<'a>>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.conditions.push(format!("{column} {operator} ${}", self.values.len()));
        }
    }

    fn one_of(&mut self, column: &str, words: impl ExactSizeIterator<Item = &'a str>) {
        if words.len() > 0 {
            let places = super::db::placeholders(self.values.len() + 1, words.len());
            self.conditions.push(format!("{column} IN ({places})"));
            self.values.extend(words.map(Param::from));
        }
    }

    fn entries(self, db: &Db, order: &str, limit: Option<usize>) -> Result<Vec<Entry>, Error> {
        let filter = if self.conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.conditions.join(" AND "))
        };
        let limit = limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default();
        read(db, &format!("{ENTRIES} {filter} ORDER BY {order} {limit}"), &self.values)
    }
}

fn read(db: &Db, sql: &str, values: &[Param<'_>]) -> Result<Vec<Entry>, Error> {
    db.query(sql, values)?.into_iter().map(entry).collect()
}

fn entry(mut row: Row) -> Result<Entry, Error> {
    let mut entry = Entry {
        message: row.int("id")?,
        message_id: row.word("message_id")?,
        client_msg_id: Key::from_slice(&row.bytes("key")?)
            .ok_or(Error::Stored { column: "key" })?
            .client_msg_id(),
        account: row.text("account")?,
        kind: row.word("kind")?,
        stage: row.opt_small("stage")?,
        copy: row.small("copy")?,
        appointment_id: row.opt_text("appointment_id")?,
        patient_id: row.opt_text("patient_id")?,
        start: row.opt_start()?,
        visit_at: row.opt_time("visit_at")?,
        state: row.word("state")?,
        errcode: row.opt_int("errcode")?,
        errmsg: row.opt_text("errmsg")?,
        reason: row.opt_text("reason")?,
        rid: row.opt_text("rid")?,
        msgid: row.opt_int("msgid")?,
        openid: row.opt_text("openid")?,
        template: row.text("template")?,
        reference_tail: row.opt_text("reference_tail")?,
        queued_at: row.word("queued_at")?,
        sent_at: row.opt_time("intent_at")?,
        settled_at: row.opt_time("settled_at")?,
        receipt_at: row.opt_time("receipt_at")?,
        run_id: row.opt_word("run_id")?,
        attempts: row.small("attempts")?,
        asked_by: None,
    };
    if let Some(own) = row.opt_text("client_msg_id")? {
        entry.client_msg_id = own;
    }
    entry.asked_by = row.opt_text("asked_by")?;
    Ok(entry)
}
