//! `log stats`: counts by kind, state and error code, and by day.

use std::fmt;
use std::iter::once;

use clap::Args;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::days::{self, Days};
use super::filter;
use super::format::{self, Format, Rows};
use crate::cli::bar::bar;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::{Context, Rehearsal};
use crate::config::Config;
use crate::domain::message::Kind;
use crate::domain::state::State;
use crate::ledger::StatRow;

/// Days counted when none are named, today included.
const USUAL_DAYS: i32 = 7;
/// The columns that the numbers take, at the usual number of states.
const NUMBERS: usize = 48;
/// More days than any ledger keeps.
const MOST_DAYS: usize = 3_700;

/// The arguments of `log stats`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    days: Days,
    /// How the counts are written; CSV has one row a day, kind, state and code.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Pretend that it is TIME.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

#[derive(Debug, Serialize)]
struct Stats {
    since: String,
    until: String,
    total: Vec<Count>,
    days: Vec<Day>,
    /// The columns of the longest bar.
    #[serde(skip)]
    room: usize,
}

#[derive(Debug, Serialize)]
struct Day {
    date: String,
    counts: Vec<Count>,
}

#[derive(Clone, Debug, Serialize)]
struct Count {
    kind: Kind,
    state: State,
    errcode: Option<i64>,
    messages: u64,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let rehearsal = Rehearsal { simulate: false, now: arguments.now.clone() };
    let now = context.clock(&config, &rehearsal, true)?.now();
    let dates = dates(arguments, &config, now)?;
    let bounds = dates
        .iter()
        .map(|date| filter::midnight(*date, &config.zone))
        .collect::<Result<Vec<_>, _>>()?;
    let account = filter::account(&config, context.globals.account.is_some())?;
    let counted = match books::look(&config)? {
        Some(mut ledger) => ledger.stats_between(account.as_deref(), &bounds)?,
        None => Vec::new(),
    };
    let stats = Stats { room: room(context.ui.width()), ..Stats::of(&dates, &counted) };
    if stats.total.is_empty() {
        context.ui.note("No messages.");
    }
    format::show(&mut context.ui, arguments.format, &stats)?;
    Ok(Exit::Done)
}

/// The days counted, and the one after the last.
fn dates(
    arguments: &Arguments,
    config: &Config,
    now: Timestamp,
) -> Result<Vec<Date>, CommandError> {
    let (since, until) = arguments.days.span(config, now, USUAL_DAYS)?;
    let past = until.saturating_add(1.day());
    let dates: Vec<Date> =
        since.series(1.day()).take_while(|date| *date <= past).take(MOST_DAYS).collect();
    if dates.len() < 2 || dates.last() != Some(&past) {
        return Err(days::impossible());
    }
    Ok(dates)
}

/// The columns of the longest bar: half of what the numbers leave, since some terminals draw bars twice as wide.
fn room(width: Option<usize>) -> usize {
    width.map_or(24, |width| width.saturating_sub(NUMBERS) / 2).clamp(6, 40)
}

impl Day {
    fn messages(&self) -> u64 {
        self.counts.iter().map(|count| count.messages).sum()
    }
}

impl Stats {
    fn of(dates: &[Date], counted: &[Vec<StatRow>]) -> Self {
        let count = |row: &StatRow| Count {
            kind: row.kind,
            state: row.state,
            errcode: row.errcode,
            messages: row.count,
        };
        let days = dates.iter().zip(counted).filter(|(_, rows)| !rows.is_empty());
        let mut total: Vec<Count> = Vec::new();
        for row in counted.iter().flatten() {
            let same = |sum: &&mut Count| {
                (sum.kind, sum.state, sum.errcode) == (row.kind, row.state, row.errcode)
            };
            match total.iter_mut().find(same) {
                Some(sum) => sum.messages += row.count,
                None => total.push(count(row)),
            }
        }
        total.sort_by_key(|sum| (sum.kind.as_str(), sum.state, sum.errcode));
        Self {
            room: 0,
            since: dates.first().map(ToString::to_string).unwrap_or_default(),
            until: dates.iter().rev().nth(1).map(ToString::to_string).unwrap_or_default(),
            total,
            days: days
                .map(|(date, rows)| Day {
                    date: date.to_string(),
                    counts: rows.iter().map(count).collect(),
                })
                .collect(),
        }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.total.is_empty() {
            return Ok(());
        }
        writeln!(f, "Messages that last changed from {} to {}:\n", self.since, self.until)?;
        let mut shown = table(&["kind", "state", "code", "messages", ""]);
        let most = self.total.iter().map(|count| count.messages).max().unwrap_or(0);
        for Count { kind, state, errcode, messages } in &self.total {
            let code = errcode.map_or_else(|| "-".to_owned(), |code| code.to_string());
            let (count, bar) = (messages.to_string(), bar(*messages, most, self.room));
            shown.add_row(row([kind.to_string(), state.to_string(), code, count, bar]));
        }
        writeln!(f, "{}\n", shown.trim_fmt())?;
        let states: Vec<State> = State::ALL
            .into_iter()
            .filter(|state| self.total.iter().any(|sum| sum.state == *state))
            .collect();
        let states_titles = states.iter().map(|state| state.as_str());
        let titles: Vec<&str> = once("day").chain(states_titles).chain(once("")).collect();
        let mut shown = table(&titles);
        let most = self.days.iter().map(Day::messages).max().unwrap_or(0);
        for day in &self.days {
            let of = |state: &State| {
                let counts = day.counts.iter().filter(|count| count.state == *state);
                counts.map(|count| count.messages).sum::<u64>().to_string()
            };
            let bar = bar(day.messages(), most, self.room);
            let cells = once(day.date.clone()).chain(states.iter().map(of)).chain(once(bar));
            shown.add_row(row(cells));
        }
        write!(f, "{}", shown.trim_fmt())
    }
}

impl Rows for Stats {
    fn header(&self) -> Vec<&'static str> {
        vec!["date", "kind", "state", "errcode", "messages"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |date: &str, one: &Count| {
            let code = one.errcode.map(|code| code.to_string()).unwrap_or_default();
            vec![
                date.to_owned(),
                one.kind.to_string(),
                one.state.to_string(),
                code,
                one.messages.to_string(),
            ]
        };
        self.days
            .iter()
            .flat_map(|day| day.counts.iter().map(move |one| row(&day.date, one)))
            .collect()
    }
}
