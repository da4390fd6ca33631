//! From the settings to the plan: read the source, find the openids, weigh every row. Nothing is sent or written.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::args::RemindArgs;
use super::{contacts, words};
use crate::cli::error::CommandError;
use crate::cli::inputs;
use crate::cli::reasons;
use crate::config::Config;
use crate::config::messages::OnUnknown;
use crate::domain::compose::Composer;
use crate::domain::opt_out::is_opted_out;
use crate::domain::plan::{Gatherer, Guards, Known, Pending, Plan, Policy, Scales};
use crate::domain::reason::Reason;
use crate::domain::receipt::follower_mark;
use crate::domain::window::Window;
use crate::intake::database::Period;
use crate::intake::{self, ContactsReading, Row, Understanding};
use crate::ledger::{self, Ledger};

/// What a plan is made with.
pub struct Bench<'a> {
    /// The settings, as the command line overrides them.
    pub config: &'a Config,
    /// The account; empty in a dry run without one.
    pub app_id: &'a str,
    /// The instant of the run.
    pub now: Timestamp,
    /// Makes the texts.
    pub composer: &'a Composer,
}

/// A plan and what was understood on the way to it.
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// The days it is about.
    pub window: Window,
    /// The source's name.
    pub source: String,
    /// How the source was read.
    pub understanding: Understanding,
    /// How contacts were read, where they were needed.
    pub contacts: Option<ContactsReading>,
    /// The first and last lines of tables of something else in the source.
    pub other_tables: Vec<(u64, u64)>,
}

/// What the ledger knows that a plan needs; all empty where there is no ledger yet.
#[derive(Default)]
pub struct Past {
    /// Messages of earlier runs that still wait.
    pub pending: Vec<Pending>,
    /// Who wants no messages.
    pub opted_out: HashSet<[u8; 32]>,
    /// Who has left the account.
    pub unsubscribed: HashSet<[u8; 32]>,
}

impl Past {
    /// Reads it.
    pub fn read(ledger: &mut Ledger, app_id: &str) -> Result<Self, ledger::Error> {
        Ok(Self {
            pending: ledger.pending(app_id)?,
            opted_out: ledger.opted_out()?,
            unsubscribed: ledger.unsubscribed()?,
        })
    }
}

/// Makes the plan. `known` is asked for the reminders of these days once the rows that matter are known.
pub fn prepare(
    args: &RemindArgs,
    bench: &Bench<'_>,
    past: Past,
    known: impl FnOnce(Timestamp, Timestamp) -> Result<Known, CommandError>,
) -> Result<Prepared, CommandError> {
    let config = bench.config;
    let window = window(args, bench)?;
    let period = period(&window, &past.pending);
    let settings = intake::Settings {
        today: Some(window.today),
        detailed_days: Some(detailed_days(&window, &past.pending)),
        ..inputs::source_settings(config)?
    };
    let mut source = inputs::open(config, &settings, period)?;
    let mut gatherer = Gatherer::new(&window, past.pending);
    let read = source.rows(|row| match row {
        Row::Visit(visit) => gatherer.visit(*visit),
        Row::Refused(refused) => gatherer.refused(*refused),
    })?;
    let kept = gatherer.finish(&read.ended);
    let usual = Guards::default();
    let guards = Guards {
        max_send: config.remind.max_send.unwrap_or(usual.max_send),
        max_unreadable_percent: config
            .remind
            .max_unreadable
            .unwrap_or(usual.max_unreadable_percent),
    };
    let place = reasons::place(source.understanding().server.is_some());
    guards
        .check_rows(&kept.tally)
        .map_err(|refusal| words::refused(&refusal, source.name(), &kept.refused, place))?;
    let wanted = kept.contacts_wanted(&inputs::contact_key(config));
    let (contacts, reading) = contacts::find(config, &wanted, period)?;
    // One second beyond the last visit: what is known is asked for up to, and without, the second instant.
    let span = kept.span(&window);
    let known =
        span.map_or_else(|| Ok(Known::default()), |(first, last)| known(first, last + 1.second()))?;
    let plan = kept.settle(&Scales {
        app_id: bench.app_id,
        window: &window,
        contacts: &contacts,
        contact_key: &inputs::contact_key(config),
        known: &known,
        policy: &policy(args, config),
        compose: &|visit, openid, days, key| {
            bench.composer.reminder(visit, openid, days, key).map(|content| content.hash)
        },
        opted_out: &|openid, patient| {
            let left =
                |openid: &str| past.unsubscribed.contains(&follower_mark(bench.app_id, openid));
            if is_opted_out(&past.opted_out, bench.app_id, openid, patient) {
                Some(Reason::OptedOut)
            } else {
                openid.is_some_and(left).then_some(Reason::Unsubscribed)
            }
        },
    });
    guards
        .check_messages(plan.items.len())
        .map_err(|refusal| words::refused(&refusal, source.name(), &[], place))?;
    let (name, understanding) = (source.name().to_owned(), source.understanding().clone());
    let other_tables = read.other_tables;
    Ok(Prepared { plan, window, source: name, understanding, contacts: reading, other_tables })
}

/// The days of which a message may be made: the window's, and those of visits that a message waits for.
fn detailed_days(window: &Window, pending: &[Pending]) -> RangeInclusive<Date> {
    let (first, last) = window.days();
    let waiting = pending.iter().map(|message| message.start.date);
    let (first, last) =
        waiting.fold((first, last), |(first, last), day| (first.min(day), last.max(day)));
    first..=last
}

fn window(args: &RemindArgs, bench: &Bench<'_>) -> Result<Window, CommandError> {
    let remind = &bench.config.remind;
    let zone = bench.config.zone.clone();
    let mut window = Window::new(bench.now, zone, &remind.days, remind.catch_up, args.date)
        .map_err(|error| words::window(&error))?;
    window.min_notice = remind.min_notice.try_into().unwrap_or(window.min_notice);
    Ok(window)
}

/// The days that a database is asked for: those of the stages, and those of messages that earlier runs left.
fn period(window: &Window, pending: &[Pending]) -> Period {
    let (from, to) = window.days();
    let left = pending.iter().map(|message| message.start.date);
    Period::covering([from, to].into_iter().chain(left), window.today)
}

fn policy(args: &RemindArgs, config: &Config) -> Policy {
    Policy {
        resend_unknown: config.remind.on_unknown == OnUnknown::Resend,
        retry_failed: args.retry_failed,
        limit: args.limit,
    }
}
