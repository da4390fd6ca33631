//! `log events`: what others were told, or are to be told.

use std::fmt;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::format::{self, Format, Rows};
use super::{filter, words};
use crate::cli::Context;
use crate::cli::actor::actor;
use crate::cli::announce;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::values;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::event::{EventType, Flat};
use crate::ledger::{Delivery, EventFilter, Listed};

/// How many a table shows when no limit is given.
const SCREENFUL: usize = 100;

/// The arguments of `log events`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Recorded on this clinic day or later: 2026-11-23, "2026-11-23 08:00", today, 7d, 12h.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// How far they are.
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    state: Vec<State>,
    /// At most so many.
    #[arg(long, value_name = "N", conflicts_with_all = ["flush", "replay"], allow_negative_numbers = true, value_parser = values::whole::<usize>)]
    limit: Option<usize>,
    /// How the list is written; CSV is for spreadsheet programs.
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["flush", "replay"])]
    format: Option<Format>,
    /// Try every pending event once, now.
    #[arg(long)]
    flush: bool,
    /// Make events since a time pending again, under the same ids, whether they were delivered or given up.
    #[arg(long, requires = "since")]
    replay: bool,
}

/// How far the delivery of an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    /// It waits for its next attempt.
    Pending,
    /// The webhook took it.
    Delivered,
    /// Every attempt has failed.
    Dead,
}

impl From<State> for Delivery {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Delivered => Self::Delivered,
            State::Dead => Self::Dead,
        }
    }
}

pub(super) async fn run(
    arguments: &Arguments,
    context: &mut Context,
) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let now = Clock::System.now();
    let since = arguments.since.as_deref().map(|text| filter::since(text, &config.zone, now));
    let filter = EventFilter {
        account: filter::account(&config, context.globals.account.is_some())?,
        since: since.transpose()?,
        delivery: arguments.state.iter().copied().map(Delivery::from).collect(),
        limit: arguments.limit,
    };
    if arguments.replay {
        replay(filter.clone(), context, &config).await?;
    }
    if arguments.flush {
        return flush(context, &config).await;
    }
    if arguments.replay { Ok(Exit::Done) } else { list(arguments, filter, context, &config) }
}

fn list(
    arguments: &Arguments,
    mut filter: EventFilter,
    context: &mut Context,
    config: &Config,
) -> Result<Exit, CommandError> {
    let is_table = !context.ui.json() && matches!(arguments.format, None | Some(Format::Table));
    if is_table && filter.limit.is_none() {
        filter.limit = Some(SCREENFUL + 1);
    }
    let mut events = match books::look(config)? {
        Some(mut ledger) => ledger.list_events(&filter)?,
        None => Vec::new(),
    };
    if is_table && arguments.limit.is_none() && events.len() > SCREENFUL {
        events.truncate(SCREENFUL);
        context.ui.note(format!("The newest {SCREENFUL} are shown; --limit N shows more."));
    }
    if is_table && events.is_empty() {
        context.ui.note(match config.webhook.url {
            Some(_) => "No events.",
            None => "No events: no webhook is set.",
        });
    }
    let rows = events.iter().map(|event| Row::of(event, &config.zone)).collect();
    format::show(&mut context.ui, arguments.format, &List(rows))?;
    Ok(Exit::Done)
}

async fn replay(
    filter: EventFilter,
    context: &mut Context,
    config: &Config,
) -> Result<(), CommandError> {
    let replayed = if books::look(config)?.is_none() {
        0
    } else {
        let actor = actor();
        books::open(config)?.call(move |ledger| ledger.replay_events(&filter, &actor)).await?
    };
    context.ui.note(format!("{} pending again, under the same ids.", are(replayed)));
    Ok(())
}

async fn flush(context: &mut Context, config: &Config) -> Result<Exit, CommandError> {
    let accounts = config.app_ids()?;
    let Some(pump) = announce::pump(config, accounts.clone())? else {
        return Err(CommandError::configuration("No webhook is set, so events go nowhere.")
            .hint("Set url under [webhook] in wxremind.toml, or $WXREMIND_WEBHOOK_URL."));
    };
    let mut flushed = Flushed::default();
    if books::look(config)?.is_some() {
        let desk = books::open(config)?;
        let report = pump.flush(&desk).await?;
        let left = desk.call(move |ledger| ledger.undelivered_events(&accounts)).await?;
        flushed = Flushed {
            delivered: report.delivered,
            pending: left.pending,
            given_up: report.died,
            error: report.trouble.or(left.error).filter(|_| left.pending + report.died > 0),
        };
    }
    if flushed.pending + flushed.given_up == 0 {
        context.ui.summary(&flushed)?;
        return Ok(Exit::Done);
    }
    context.ui.report(&flushed)?;
    Ok(Exit::Partly)
}

/// What a flush came to.
#[derive(Debug, Default, Serialize)]
struct Flushed {
    delivered: u64,
    /// Those that still wait, for a further attempt or in the hands of another process.
    pending: u64,
    /// Those given up just now.
    given_up: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl fmt::Display for Flushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivered: {}.", self.delivered)?;
        if self.pending > 0 {
            write!(f, " Still waiting: {}", self.pending)?;
            match &self.error {
                Some(error) => write!(f, " ({error}).")?,
                None => write!(f, ", in the hands of another run; try again in a minute.")?,
            }
        }
        if self.given_up > 0 {
            write!(
                f,
                " Given up: {}; `wxremind log events --state dead` lists them.",
                self.given_up
            )?;
        }
        Ok(())
    }
}

fn are(count: u64) -> String {
    if count == 1 { "1 event is".to_owned() } else { format!("{count} events are") }
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct List(Vec<Row>);

/// One event: the fields it has at the webhook, and how far it is.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    event: Flat,
    delivery: Delivery,
    attempts: u32,
    next_attempt_at: Option<String>,
    delivered_at: Option<String>,
    error: Option<String>,
    #[serde(skip)]
    shown: Shown,
}

/// For people and spreadsheets.
#[derive(Debug, Default)]
struct Shown {
    sequence: String,
    event_id: String,
    recorded: String,
    event_type: String,
    about: String,
    why: String,
}

impl Row {
    fn of(listed: &Listed, zone: &TimeZone) -> Self {
        let event = &listed.event;
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let next = listed.next_attempt_at.filter(|_| listed.attempts > 0);
        let next = next.map(|at| format!("next {}", words::local(at, zone)));
        let why = [listed.error.clone(), next];
        Self {
            event: event.flat(zone, announce::meaning),
            delivery: listed.delivery,
            attempts: listed.attempts,
            next_attempt_at: time(listed.next_attempt_at),
            delivered_at: time(listed.delivered_at),
            error: listed.error.clone(),
            shown: Shown {
                sequence: event.sequence.to_string(),
                event_id: event.event_id.to_string(),
                recorded: words::local(event.time, zone),
                event_type: event.event_type.to_string(),
                about: about(listed),
                why: why.into_iter().flatten().collect::<Vec<_>>().join("; "),
            },
        }
    }
}

/// The visit, the reference or the kind; for a run the command's exit code.
fn about(listed: &Listed) -> String {
    let event = &listed.event;
    if event.event_type == EventType::RunFinished {
        return event.finished.map(|end| format!("exit {}", end.exit_code)).unwrap_or_default();
    }
    let reference = event.reference_tail.as_ref().map(|tail| format!("***{tail}"));
    let kind = || event.kind.map(|kind| kind.to_string());
    event.appointment_id.clone().or(reference).or_else(kind).unwrap_or_default()
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut all =
            table(&["no", "recorded", "event", "about", "delivery", "failed", "why", "id"]);
        for one in &self.0 {
            all.add_row(row([
                one.shown.sequence.as_str(),
                &one.shown.recorded,
                &one.shown.event_type,
                &one.shown.about,
                one.delivery.as_str(),
                &one.attempts.to_string(),
                &one.shown.why,
                &one.shown.event_id,
            ]));
        }
        write!(f, "{}", all.trim_fmt())
    }
}

impl Rows for List {
    fn header(&self) -> Vec<&'static str> {
        vec![
            "sequence",
            "event_id",
            "recorded",
            "type",
            "about",
            "delivery",
            "attempts",
            "next_attempt_at",
            "delivered_at",
            "error",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let row = |one: &Row| {
            vec![
                one.shown.sequence.clone(),
                one.shown.event_id.clone(),
                one.shown.recorded.clone(),
                one.shown.event_type.clone(),
                one.shown.about.clone(),
                one.delivery.as_str().to_owned(),
                one.attempts.to_string(),
                text(&one.next_attempt_at),
                text(&one.delivered_at),
                text(&one.error),
            ]
        };
        self.0.iter().map(row).collect()
    }
}
