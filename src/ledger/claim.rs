//! Claiming: which queued messages this run sends next, with their intents on disk before it hears of them.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use jiff::Timestamp;

use super::Error;
use super::db::{Db, Param, padded, placeholders, size_class};
use super::doubt::InDoubt;
use super::exchange::{Claimed, Exchanged};
use super::outbox::Outbox;
use super::pace::Pace;
use super::recover::may_repeat;
use super::row::Row;
use crate::domain::key::Key;

/// How soon to look again when only another run's messages in flight stand in the way.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a run may claim.
pub(super) struct Scope<'a> {
    pub run: i64,
    pub account: &'a str,
    /// Those whose planned rows it may claim, itself included.
    pub planners: Vec<i64>,
    /// Templates left alone.
    pub stopped: &'a BTreeSet<String>,
    /// Messages that this run still holds from before another took them over.
    pub taken_over: &'a BTreeSet<i64>,
    /// The clinic's time: earlier visits have begun.
    pub visits_from: Timestamp,
    /// Whether content outlives its message.
    pub keep: bool,
    /// Where doubts are announced.
    pub outbox: Outbox,
}

/// A queued row that could be claimed.
struct Candidate {
    visit_at: String,
    intent_at: Option<Timestamp>,
    not_after: Option<Timestamp>,
    claimed: Claimed,
}

/// Claims up to `want` messages and says in `answer` which, when they start, and what is left.
pub(super) fn claim(
    db: &Db,
    scope: &Scope<'_>,
    pace: &mut Pace,
    want: usize,
    rate: Option<f64>,
    answer: &mut Exchanged,
) -> Result<(), Error> {
    let (turn, now) = (pace.turn(rate), pace.now()?);
    let most = want.min(turn.most);
    // Every round claims or retires a row, or finds none.
    while answer.claimed.len() < most {
        let candidates = candidates(db, scope, now, most - answer.claimed.len())?;
        if candidates.is_empty() {
            break;
        }
        take(db, scope, now, candidates, answer)?;
    }
    pace.take(&turn, answer.claimed.len());
    (answer.start_after, answer.interval) = (turn.start_after, turn.interval);
    if turn.most > 0 && answer.claimed.len() == most {
        answer.waiting = u64::from(!candidates_left(db, scope)?.is_empty());
    } else {
        left(db, scope, now, answer)?;
    }
    if answer.waiting > 0 && turn.ask_again.is_some() {
        answer.next_due = turn.ask_again;
    }
    Ok(())
}

/// Claims the candidates whose openid is free, or retires them.
///
/// What the database changed counts, not what was found: on PostgreSQL a person may have called a message off since.
fn take(
    db: &Db,
    scope: &Scope<'_>,
    now: Timestamp,
    candidates: Vec<Candidate>,
    answer: &mut Exchanged,
) -> Result<(), Error> {
    let mut openids = HashSet::new();
    let (mut wanted, mut doubtful, mut late) = (Vec::new(), Vec::new(), Vec::new());
    for mut candidate in candidates {
        let message = candidate.claimed.message;
        let age = candidate.intent_at.map(|at| now.duration_since(at));
        let is_late = candidate.not_after.is_some_and(|end| end <= scope.visits_from);
        if age.is_some_and(|age| is_late || !may_repeat(age)) {
            doubtful.push(message);
        } else if is_late {
            late.push(message);
        } else if openids.insert(candidate.claimed.openid.clone()) {
            candidate.claimed.retry = age.is_some();
            candidate.claimed.intent_age =
                age.and_then(|age| age.try_into().ok()).unwrap_or_default();
            wanted.push(candidate.claimed);
        }
    }
    answer.became.unknown += doubt(db, scope.outbox, &doubtful, now)?;
    answer.became.expired += expire(db, scope.outbox, &late, now, scope.keep)?;
    let intended = intend(db, scope.run, &wanted, now)?;
    answer.claimed.extend(wanted.into_iter().filter(|one| intended.contains(&one.message)));
    Ok(())
}

/// The intents: from the commit on, these rows say that their messages may be on the way. Returns which.
fn intend(db: &Db, run: i64, messages: &[Claimed], now: Timestamp) -> Result<HashSet<i64>, Error> {
    if messages.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "UPDATE message SET state = 'sending', run = $1, intent_at = COALESCE(intent_at, $2),
           attempts = attempts + 1, not_before = NULL
         WHERE id IN ({}) AND state = 'queued' RETURNING id",
        placeholders(3, size_class(messages.len()))
    );
    let mut values: Vec<Param<'_>> = vec![run.into(), now.into()];
    values.extend(padded(messages).map(|one| Param::from(one.message)));
    db.query(&sql, &values)?.into_iter().map(|mut row| row.int("id")).collect()
}

/// What may have arrived and is too old to be repeated. Its content stays: it may have to be sent again.
fn doubt(db: &Db, outbox: Outbox, messages: &[i64], now: Timestamp) -> Result<InDoubt, Error> {
    if messages.is_empty() {
        return Ok(InDoubt::default());
    }
    let sql = format!(
        "UPDATE message SET state = 'unknown', settled_at = $1, not_before = NULL
         WHERE id IN ({}) AND state = 'queued'",
        placeholders(2, size_class(messages.len()))
    );
    let mut values: Vec<Param<'_>> = vec![now.into()];
    values.extend(padded(messages).map(|&id| Param::from(id)));
    outbox.doubt(db, &sql, &values)
}

/// What was certainly not sent and is too late now.
fn expire(
    db: &Db,
    outbox: Outbox,
    messages: &[i64],
    now: Timestamp,
    keep: bool,
) -> Result<u64, Error> {
    if messages.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "UPDATE message SET state = 'expired', settled_at = $1, not_before = NULL,
           content = CASE WHEN $2 = 1 THEN content END
         WHERE id IN ({}) AND state = 'queued'",
        placeholders(3, size_class(messages.len()))
    );
    let mut values: Vec<Param<'_>> = vec![now.into(), keep.into()];
    values.extend(padded(messages).map(|&id| Param::from(id)));
    outbox.change(db, &sql, &values)
}

/// Queued rows whose time has come and whose openid is not in flight, nearest visit first; those without a visit before.
///
/// One query for each planner, merged here: so each walks its stretch of the partial index in order and stops early.
fn candidates(
    db: &Db,
    scope: &Scope<'_>,
    now: Timestamp,
    most: usize,
) -> Result<Vec<Candidate>, Error> {
    let sql = candidates_sql(scope.stopped.len());
    let limit = (most + scope.taken_over.len()) as u64;
    let mut all = Vec::new();
    for &planner in &scope.planners {
        let mut values = vec![planner.into(), scope.account.into(), now.into(), Param::from(limit)];
        values.extend(scope.stopped.iter().map(|template| template.as_str().into()));
        for row in db.query(&sql, &values)? {
            all.push(read(row)?);
        }
    }
    all.retain(|one| !scope.taken_over.contains(&one.claimed.message));
    all.sort_by(|a, b| (&a.visit_at, a.claimed.message).cmp(&(&b.visit_at, b.claimed.message)));
    all.truncate(most);
    Ok(all)
}

/// The query of [`candidates`], with so many stopped templates.
pub(super) fn candidates_sql(stopped: usize) -> String {
    let stopped = unstopped(5, stopped);
    format!(
        "SELECT m.visit_at, m.intent_at, m.not_after, m.id, m.message_id, m.key, m.kind, m.openid, m.template, m.content,
           m.attempts, m.stage, m.appointment_id
         FROM message AS m
         WHERE m.state = 'queued' AND m.planned_run = $1 AND m.account = $2
           AND (m.not_before IS NULL OR m.not_before <= $3){stopped}
           AND NOT EXISTS (SELECT 1 FROM message AS f
             WHERE f.state = 'sending' AND f.account = $2 AND f.openid = m.openid)
         ORDER BY m.visit_at, m.id LIMIT $4"
    )
}

fn unstopped(first: usize, count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    format!(" AND m.template NOT IN ({})", placeholders(first, count))
}

fn read(mut row: Row) -> Result<Candidate, Error> {
    Ok(Candidate {
        visit_at: row.text("visit_at")?,
        intent_at: row.opt_time("intent_at")?,
        not_after: row.opt_time("not_after")?,
        claimed: Claimed {
            message: row.int("id")?,
            message_id: row.word("message_id")?,
            key: Key::from_slice(&row.bytes("key")?).ok_or(Error::Stored { column: "key" })?,
            kind: row.word("kind")?,
            openid: row.text("openid")?.into(),
            template: row.text("template")?.into(),
            content: row.text("content")?,
            retry: false,
            intent_age: Duration::ZERO,
            attempts: row.small::<u32>("attempts")?.saturating_add(1),
            stage: row.opt_small("stage")?,
            appointment_id: row.opt_text("appointment_id")?.map(Into::into),
        },
    })
}

/// A row, if any is left that this run may claim, now or later.
fn candidates_left(db: &Db, scope: &Scope<'_>) -> Result<Vec<Row>, Error> {
    let stopped = unstopped(3, scope.stopped.len());
    let sql = format!(
        "SELECT m.id FROM message AS m
         WHERE m.state = 'queued' AND m.planned_run = $1 AND m.account = $2{stopped} LIMIT 1"
    );
    for &planner in &scope.planners {
        let mut values = vec![planner.into(), scope.account.into()];
        values.extend(scope.stopped.iter().map(|template| template.as_str().into()));
        let rows = db.query(&sql, &values)?;
        if !rows.is_empty() {
            return Ok(rows);
        }
    }
    Ok(Vec::new())
}

/// Counts what this run may claim but not now, and when that changes.
fn left(db: &Db, scope: &Scope<'_>, now: Timestamp, answer: &mut Exchanged) -> Result<(), Error> {
    let stopped = unstopped(4, scope.stopped.len());
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN m.not_before > $3 THEN 1 END), MIN(CASE WHEN m.not_before > $3 THEN m.not_before END)
         FROM message AS m WHERE m.state = 'queued' AND m.planned_run = $1 AND m.account = $2{stopped}"
    );
    let (mut put_off, mut earliest) = (0, None::<Timestamp>);
    for &planner in &scope.planners {
        let mut values = vec![planner.into(), scope.account.into(), now.into()];
        values.extend(scope.stopped.iter().map(|template| template.as_str().into()));
        for mut row in db.query(&sql, &values)? {
            answer.waiting += row.count("waiting")?;
            put_off += row.count("put off")?;
            earliest = earliest.into_iter().chain(row.opt_time("not_before")?).min();
        }
    }
    answer.next_due = earliest.and_then(|at| at.duration_since(now).try_into().ok());
    let others =
        "SELECT COUNT(*) FROM message WHERE state = 'sending' AND account = $1 AND run <> $2";
    if answer.waiting > put_off && db.count(others, &[scope.account.into(), scope.run.into()])? > 0
    {
        answer.next_due = Some(answer.next_due.map_or(LOOK_AGAIN, |due| due.min(LOOK_AGAIN)));
    }
    Ok(())
}
