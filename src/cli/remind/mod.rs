//! `wxremind remind`: reads the appointments, plans, asks, sends, and says what it came to.

mod args;
mod contacts;
mod prepare;
mod preview;
mod release;
mod report;
mod summary;
mod words;

pub use args::RemindArgs;
use jiff::Timestamp;
pub use prepare::{Bench, Past, Prepared, prepare};
use preview::Preview;
use release::release;
use report::Report;
use summary::Summary;

use super::books;
use super::context::Context;
use super::count::messages;
use super::error::CommandError;
use super::exit::Exit;
use super::sending::{self, Begun, Job, Outcome, Rest, abandon};
use super::session::Session;
use super::templates::load;
use crate::config::Config;
use crate::domain::plan::{Known, Plan};
use crate::ledger::{Ledger, Planned};

const VERB: &str = "remind";

/// Runs the command.
pub async fn run(args: RemindArgs, context: &mut Context) -> Result<Exit, CommandError> {
    let config = args.apply(context.config()?)?;
    if args.dry_run {
        return dry_run(&args, context, &config);
    }
    let session = context.session(config, &args.rehearsal).await?;
    refuse_quiet_hours(&session)?;
    if args.resume {
        return resume(&args, context, &session).await;
    }
    send(&args, context, &session).await
}

/// Shows the plan. Nothing is sent or written, and WeChat is not asked.
fn dry_run(
    args: &RemindArgs,
    context: &mut Context,
    config: &Config,
) -> Result<Exit, CommandError> {
    let clock = context.clock(config, &args.rehearsal, true)?;
    let prepared = look(args, config, clock.now())?;
    let note = load::lacks_id(config, &config.remind.template, args.rehearsal.simulate)?;
    let preview = Preview::of(&prepared).noting(note);
    say_if_empty(context, preview.report());
    context.ui.out(&preview)?;
    Ok(preview.exit())
}

/// The plan that a run at this instant would send. Nothing is written.
pub fn look(args: &RemindArgs, config: &Config, now: Timestamp) -> Result<Prepared, CommandError> {
    let composer = load::load_for_show(config, &config.remind.template)?;
    let app_id = config.account().map(|account| account.app_id).unwrap_or_default();
    let bench = Bench { config, app_id: &app_id, now, composer: &composer };
    let mut ledger = books::look(config)?;
    let past =
        ledger.as_mut().map(|ledger| Past::read(ledger, &app_id)).transpose()?.unwrap_or_default();
    let prepared = prepare(args, &bench, past, |from, to| match &mut ledger {
        Some(ledger) => Ok(ledger.known(&app_id, from, to)?),
        None => Ok(Known::default()),
    })?;
    Ok(prepared)
}

/// A header alone, or an answer without resources, is an empty day; or an export that failed.
fn say_if_empty(context: &mut Context, report: &Report) {
    if report.rows == 0 {
        let is_table = report.understanding.form == "table";
        let what = if is_table { "has a header and no rows" } else { "holds no appointments" };
        context.ui.note(format!("{} {what}: nothing is due.", report.source));
    }
}

/// Plans, asks, queues and sends.
async fn send(
    args: &RemindArgs,
    context: &mut Context,
    session: &Session,
) -> Result<Exit, CommandError> {
    let composer = load::load(&session.config, &session.config.remind.template)?;
    let mut run = Begun::on_existing(session, VERB).await?;
    let prepared = match plan(args, session, &composer, run.as_ref()) {
        Ok(prepared) => prepared,
        Err(error) => return Err(abandon(run, error).await),
    };
    let report = Report::of(&prepared);
    say_if_empty(context, &report);
    if prepared.plan.is_empty() {
        let mut outcome = Outcome::default();
        if let Some(run) = run {
            outcome = run.so_far();
            run.desk().call(Ledger::abandon_run).await?;
        }
        return finish(context, session, Summary::new(None, Some(report), outcome));
    }
    if let Err(error) = ask(args, context, session, &report) {
        return Err(abandon(run, error).await);
    }
    let run = match run.take() {
        Some(run) => run,
        None => Begun::new(session, VERB).await?,
    };
    let window = prepared.window;
    let planned = planned(&prepared.plan);
    if planned.keys.is_empty() {
        release(run.desk(), prepared.plan, &composer, &window).await?;
        let outcome = run.so_far();
        return end(run, context, session, Some(report), outcome).await;
    }
    // Before anything is queued: a secret that is not to be had leaves no trace.
    let client = match session.client() {
        Ok((client, _)) => client,
        Err(error) => return Err(abandon(Some(run), error).await),
    };
    release(run.desk(), prepared.plan, &composer, &window).await?;
    let messages = planned.keys.len() as u64;
    sending::say_quota(&mut context.ui, &client, messages).await;
    let job = Job { messages, planned, ..job(session) };
    deliver(run, context, session, &client, Some(report), job).await
}

/// Sends what earlier runs left queued: a person says so, no source is read.
async fn resume(
    args: &RemindArgs,
    context: &mut Context,
    session: &Session,
) -> Result<Exit, CommandError> {
    let Some(run) = Begun::on_existing(session, VERB).await? else {
        return finish(context, session, Summary::new(None, None, Outcome::default()));
    };
    let policy = sending::unknowns(&session.config);
    let waiting = run.desk().call(move |ledger| ledger.resumable(policy)).await?;
    if waiting == 0 {
        let outcome = run.so_far();
        run.desk().call(Ledger::abandon_run).await?;
        return finish(context, session, Summary::new(None, None, outcome));
    }
    if context.ui.can_ask() && !args.yes {
        let question = format!("Send {} that earlier runs left queued?", messages(waiting));
        if !context.ui.confirm(&question)? {
            return Err(abandon(Some(run), declined()).await);
        }
    }
    let client = match session.client() {
        Ok((client, _)) => client,
        Err(error) => return Err(abandon(Some(run), error).await),
    };
    let confirmed = run.desk().call(move |ledger| ledger.confirm_all(policy)).await?;
    let job = Job { messages: confirmed, rest: Rest::Command, ..job(session) };
    deliver(run, context, session, &client, None, job).await
}

/// What holds for every run of reminders.
fn job(session: &Session) -> Job {
    Job { until: quiet_hours_begin(session), ..Job::default() }
}

fn planned(plan: &Plan) -> Planned {
    let mut planned = Planned::default();
    for item in &plan.items {
        planned.add(item.key, Some(item.begins));
    }
    planned
}

/// Sends what the run may claim, ends it, and says what it came to.
async fn deliver(
    run: Begun,
    context: &mut Context,
    session: &Session,
    client: &wechat::Client,
    report: Option<Report>,
    job: Job,
) -> Result<Exit, CommandError> {
    let outcome = run.deliver(&context.ui, session, client, job).await?;
    sending::show_phones(context, session)?;
    end(run, context, session, report, outcome).await
}

async fn end(
    run: Begun,
    context: &mut Context,
    session: &Session,
    report: Option<Report>,
    outcome: Outcome,
) -> Result<Exit, CommandError> {
    let summary = Summary::new(Some(run.id()), report, outcome);
    run.end(&mut context.ui, session, &summary.outcome, summary.exit()).await?;
    finish(context, session, summary)
}

fn plan(
    args: &RemindArgs,
    session: &Session,
    composer: &crate::domain::compose::Composer,
    run: Option<&Begun>,
) -> Result<Prepared, CommandError> {
    let app_id = session.account.app_id.as_str();
    let bench = Bench { config: &session.config, app_id, now: session.clock.now(), composer };
    let past = match run {
        Some(run) => {
            let account = app_id.to_owned();
            run.desk().call_blocking(move |ledger| Past::read(ledger, &account))?
        }
        None => Past::default(),
    };
    prepare(args, &bench, past, |from, to| match run {
        Some(run) => {
            let account = app_id.to_owned();
            Ok(run.desk().call_blocking(move |ledger| ledger.known(&account, from, to))?)
        }
        None => Ok(Known::default()),
    })
}

/// Previews and asks, where somebody can answer.
fn ask(
    args: &RemindArgs,
    context: &mut Context,
    session: &Session,
    report: &Report,
) -> Result<(), CommandError> {
    if args.yes || !context.ui.can_ask() || report.due == 0 || session.simulator.is_some() {
        return Ok(());
    }
    context.ui.note(report);
    let question = format!(
        "Send {} from account {} (ledger {})?",
        messages(report.due),
        session.account.app_id,
        books::place(&session.config)
    );
    if context.ui.confirm(&question)? { Ok(()) } else { Err(declined()) }
}

fn declined() -> CommandError {
    CommandError::new(Exit::Done, "Nothing was sent.")
}

/// A rehearsal is for the person who watches it.
fn finish(
    context: &mut Context,
    session: &Session,
    mut summary: Summary,
) -> Result<Exit, CommandError> {
    // The record of a rehearsal is thrown away.
    summary.is_kept = session.simulator.is_none();
    if summary.needs_somebody() || session.simulator.is_some() {
        context.ui.report(&summary)?;
    } else {
        context.ui.summary(&summary)?;
    }
    Ok(summary.exit())
}

/// When the next quiet hours begin; what is not sent by then stays queued.
fn quiet_hours_begin(session: &Session) -> Option<Timestamp> {
    let hours = session.config.send.quiet_hours?;
    let now = session.clock.now().to_zoned_datetime(session.config.zone.clone());
    if hours.contains(now.time()) {
        return Some(now.timestamp());
    }
    let today = now.date();
    let day = if now.time() < hours.from { today } else { today.tomorrow().ok()? };
    let begin = day.to_datetime(hours.from).to_zoned_datetime(session.config.zone.clone());
    begin.ok().map(|begin| begin.timestamp())
}

/// A run started inside the quiet hours refuses before it reads anything.
fn refuse_quiet_hours(session: &Session) -> Result<(), CommandError> {
    let Some(hours) = session.config.send.quiet_hours else { return Ok(()) };
    let now: Timestamp = session.clock.now();
    let time = now.to_zoned_datetime(session.config.zone.clone()).time();
    if !hours.contains(time) {
        return Ok(());
    }
    Err(CommandError::configuration(format!(
        "It is {} in the clinic: quiet hours, in which no reminder is sent.",
        time.strftime("%H:%M")
    ))
    .hint("Start the run later, or change quiet_hours under [send] in wxremind.toml."))
}
