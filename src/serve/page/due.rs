//! `GET /due`: what is to be sent: the queue of the ledger, and the plan of the next run.
//!
//! The plan reads the hospital's file or database, which may take long: it is made at most once a minute, by one reader
//! at a time, and a visitor does not wait longer than a few seconds for it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::messages::{broken, query};
use super::office::{Ahead, Due, LeftOut, Trouble};
use super::record::{Record, Showing};
use super::visitor::Visitor;
use crate::domain::state::State;
use crate::ledger::Filter;
use crate::report;
use crate::serve::keys::Scope;
use crate::serve::router::Shared;

/// For how long a plan is shown as it is.
const FRESH: Duration = Duration::from_mins(1);
/// How long a visitor waits for one.
const PATIENCE: Duration = Duration::from_secs(8);
/// Rows of a plan on a page.
const PAGE: usize = 50;
/// Rows without a message that are shown.
const LEFT_OUT: usize = 200;
/// Messages of the queue that are shown.
const QUEUE: usize = 50;

/// The last plan.
#[derive(Default)]
pub(super) struct Plans(Mutex<Option<Made>>);

/// A plan, and when it was made.
#[derive(Clone)]
struct Made {
    fresh_until: Instant,
    at: Timestamp,
    ahead: Option<Result<Arc<Ahead>, Trouble>>,
}

/// What is asked for.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    department: String,
    page: String,
}

#[derive(Serialize)]
struct Shown {
    asked: Asked,
    queue: Vec<Record>,
    /// Whether the queue holds more than is shown.
    queue_goes_on: bool,
    plan: Plan,
}

/// What is known of the next run.
#[derive(Serialize)]
#[serde(tag = "known", rename_all = "snake_case")]
enum Plan {
    /// No source is set.
    NoSource,
    /// It is being made.
    Reading,
    /// It cannot be made.
    Trouble {
        detail: String,
    },
    Ready(Box<Ready>),
}

#[derive(Serialize)]
struct Ready {
    source: String,
    at: String,
    stages: Vec<StageShown>,
    total: usize,
    already: u64,
    departments: Vec<String>,
    rows: Vec<Row>,
    first: usize,
    last: usize,
    next: String,
    previous: String,
    left_out: Vec<Left>,
    left_out_total: usize,
}

#[derive(Serialize)]
struct StageShown {
    days: u16,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Row {
    appointment: String,
    patient: String,
    start: String,
    department: String,
    doctor: String,
    days: u16,
    queued: bool,
}

#[derive(Serialize)]
struct Left {
    line: u64,
    appointment: String,
    patient: String,
    start: String,
    why: String,
}

/// The page.
pub(super) async fn show(
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    if let Err(refused) = visitor.need(Scope::Read) {
        return refused;
    }
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let filter = Filter {
        account: Some(visitor.shared.settings.account.clone()),
        states: vec![State::Queued, State::Sending],
        limit: Some(QUEUE + 1),
        ..Filter::default()
    };
    let queue = visitor.shared.desks.reader.call(move |ledger| ledger.list(&filter)).await;
    let Ok(mut queue) = queue else { return broken(&visitor) };
    let queue_goes_on = queue.len() > QUEUE;
    queue.truncate(QUEUE);
    let made = made(&visitor.shared).await;
    let zone = &visitor.shared.settings.zone;
    let showing = Showing { words: visitor.words, zone, whole: visitor.may(Scope::Contact) };
    let plan = match made {
        None => Plan::Reading,
        Some(Made { ahead: None, .. }) => Plan::NoSource,
        Some(Made { ahead: Some(Err(trouble)), .. }) => Plan::Trouble { detail: trouble.0 },
        Some(Made { ahead: Some(Ok(ahead)), at, .. }) => {
            Plan::Ready(Box::new(ready(&showing, &ahead, at, &asked)))
        }
    };
    let queue = queue.iter().map(|entry| showing.record(entry)).collect();
    visitor.show("due.html", &Shown { asked, queue, queue_goes_on, plan })
}

/// The plan, if it is there in time; else it goes on being made.
async fn made(shared: &Arc<Shared>) -> Option<Made> {
    let shared = Arc::clone(shared);
    let making = tokio::spawn(async move {
        let mut last = shared.page.plans.0.lock().await;
        if let Some(made) = last.as_ref().filter(|made| Instant::now() < made.fresh_until) {
            return Some(made.clone());
        }
        let office = Arc::clone(&shared.page.office);
        let at = (shared.settings.now)();
        let ahead = tokio::task::spawn_blocking(move || office.ahead()).await.ok()?;
        let ahead = ahead.map(|ahead| ahead.map(Arc::new));
        let made = Made { fresh_until: Instant::now() + FRESH, at, ahead };
        *last = Some(made.clone());
        Some(made)
    });
    tokio::time::timeout(PATIENCE, making).await.ok()?.ok()?
}

fn ready(showing: &Showing<'_>, ahead: &Ahead, at: Timestamp, asked: &Asked) -> Ready {
    let department = asked.department.trim();
    let chosen = |due: &&Due| {
        department.is_empty() || due.department.as_deref().is_some_and(|known| known == department)
    };
    let rows: Vec<&Due> = ahead.due.iter().filter(chosen).collect();
    let pages = rows.len().div_ceil(PAGE).max(1);
    let page = asked.page.trim().parse::<usize>().unwrap_or(1).clamp(1, pages);
    let start = (page - 1) * PAGE;
    let mut departments: Vec<String> =
        ahead.due.iter().filter_map(|due| due.department.as_deref().map(str::to_owned)).collect();
    departments.sort();
    departments.dedup();
    let to = |page: usize| query(&[("department", department), ("page", &page.to_string())]);
    let shown: Vec<Row> = rows.iter().skip(start).take(PAGE).map(|due| row(showing, due)).collect();
    Ready {
        source: ahead.source.clone(),
        at: showing.time(at),
        stages: ahead
            .stages
            .iter()
            .map(|stage| StageShown {
                days: stage.days,
                from: stage.from.to_string(),
                to: stage.to.to_string(),
            })
            .collect(),
        total: rows.len(),
        already: ahead.already,
        departments,
        first: start + 1,
        last: start + shown.len(),
        rows: shown,
        next: if page < pages { to(page + 1) } else { String::new() },
        previous: if page > 1 { to(page - 1) } else { String::new() },
        left_out: ahead.left_out.iter().take(LEFT_OUT).map(|one| left(showing, one)).collect(),
        left_out_total: ahead.left_out.len(),
    }
}

fn row(showing: &Showing<'_>, due: &Due) -> Row {
    let text = |value: &Option<Box<str>>| value.as_deref().unwrap_or_default().to_owned();
    Row {
        appointment: due.appointment_id.to_string(),
        patient: showing.id(due.patient_id.as_deref()),
        start: due.start.to_string(),
        department: text(&due.department),
        doctor: text(&due.doctor),
        days: due.stage,
        queued: due.queued,
    }
}

fn left(showing: &Showing<'_>, one: &LeftOut) -> Left {
    Left {
        line: one.refusal.line,
        appointment: one.appointment_id.as_deref().unwrap_or_default().to_owned(),
        patient: showing.id(one.patient_id.as_deref()),
        start: one.start.as_ref().map(ToString::to_string).unwrap_or_default(),
        why: report::reason(one.refusal.reason, showing.words.language).to_owned(),
    }
}
