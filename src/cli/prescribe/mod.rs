//! `wxremind prescribe`: a prescription reference to the right person, whole, once.

mod args;
mod draft;
mod form;
mod preview;
mod words;

use std::io::Read;

pub use args::PrescribeArgs;
pub use draft::settings;
use preview::{Cards, Summary};

use super::actor;
use super::books;
use super::context::Context;
use super::count;
use super::error::CommandError;
use super::exit::Exit;
use super::inputs;
use super::sending::{self, Begun, Job, Outcome, Rest, abandon};
use super::session::Session;
use super::templates::load;
use crate::config::Config;
use crate::config::source::Origin;
use crate::intake;
use crate::ledger::{Desk, Ledger, Planned};
use crate::prescribing::{Bench, Draft, Prepared, Ready, Refusal, Rejected, Release};

const VERB: &str = "prescribe";

/// Runs the command.
pub async fn run(args: PrescribeArgs, context: &mut Context) -> Result<Exit, CommandError> {
    let config = apply(&args, context.config()?)?;
    let from = args.from.as_ref().is_some_and(|from| from.as_os_str() == "-");
    inputs::one_reader_of_stdin(&config, from, "The prescriptions")?;
    let reference = args.reference.as_deref() == Some("-");
    inputs::one_reader_of_stdin(&config, reference, "The reference")?;
    let drafts = drafts(&args, context, &config)?;
    if args.dry_run {
        return dry_run(&args, context, &config, drafts);
    }
    let session = context.session(config, &args.rehearsal).await?;
    send(&args, context, &session, drafts).await
}

/// The settings as the command line overrides them.
fn apply(args: &PrescribeArgs, mut config: Config) -> Result<Config, CommandError> {
    if let Some(contacts) = &args.contacts {
        config.contacts.origin =
            Some(Origin::parse(contacts, std::path::Path::new("")).ok_or_else(|| {
                CommandError::usage("--contacts must be a file, - or a database address.")
            })?);
    }
    if let Some(template) = &args.template {
        config.prescribe.template.clone_from(template);
    }
    Ok(config)
}

/// What is to be sent: a table, what the command line says, or what the form asks for.
fn drafts(
    args: &PrescribeArgs,
    context: &mut Context,
    config: &Config,
) -> Result<Table, CommandError> {
    if let Some(file) = &args.from {
        let table = table(args, config, file)?;
        if table.drafts.is_empty() && table.rejected.is_empty() {
            let name = file.display();
            context.ui.note(format!("{name} has a header and no rows: nothing is to be sent."));
        }
        return Ok(table);
    }
    let mut draft = draft::of_arguments(args);
    if draft.reference.as_deref() == Some("-") {
        draft.reference = Some(reference_from_stdin()?);
    }
    let complete =
        draft.reference.is_some() && (draft.openid.is_some() || draft.patient_id.is_some());
    if !complete {
        if !context.ui.can_ask() || args.yes {
            return Err(CommandError::usage("Who gets which reference is not said.")
                .hint("Give --openid or --patient-id, and --ref; or --from FILE; or run it at a terminal for a form."));
        }
        draft = form::fill(&mut context.ui, config, draft)?;
    }
    Ok(Table { drafts: vec![draft], rejected: Vec::new(), single: true })
}

/// The prescriptions of a run, not yet checked.
struct Table {
    drafts: Vec<Draft>,
    rejected: Vec<Rejected>,
    /// Whether it is one prescription from the command line or the form: refused, it ends the command.
    single: bool,
}

fn table(
    args: &PrescribeArgs,
    config: &Config,
    file: &std::path::Path,
) -> Result<Table, CommandError> {
    let origin = if file.as_os_str() == "-" {
        intake::Origin::Stdin
    } else {
        intake::Origin::File(file.to_owned())
    };
    let settings =
        intake::ContactSettings { zone: config.zone.clone(), ..intake::ContactSettings::default() };
    let mut table = Table { drafts: Vec::new(), rejected: Vec::new(), single: false };
    intake::prescriptions(&origin, &settings, |row| match row {
        Ok(row) => table.drafts.push(draft::of_row(row, args)),
        Err(refusal) => table
            .rejected
            .push(Rejected { line: Some(refusal.line), refusal: Refusal::Row(refusal) }),
    })?;
    Ok(table)
}

fn reference_from_stdin() -> Result<String, CommandError> {
    let mut text = String::new();
    // More than any reference has: enough to say that it is too long.
    let read = std::io::stdin().take(1024).read_to_string(&mut text);
    read.map_err(|error| {
        CommandError::new(Exit::Source, "The reference could not be read from standard input.")
            .caused_by(error)
    })?;
    Ok(text.trim().to_owned())
}

/// Shows what would be sent. Nothing is sent or written, and WeChat is not asked.
fn dry_run(
    args: &PrescribeArgs,
    context: &mut Context,
    config: &Config,
    table: Table,
) -> Result<Exit, CommandError> {
    let clock = context.clock(config, &args.rehearsal, true)?;
    let app_id = config.account().map(|account| account.app_id).unwrap_or_default();
    let composer = load::load_for_show(config, &config.prescribe.template)?;
    let mut ledger = books::look(config)?;
    let (settings, leave) = (settings(config, &app_id), draft::leave(args));
    let now = clock.now();
    let bench = Bench { settings: &settings, now, composer: &composer, leave: &leave };
    let single = table.single;
    let prepared =
        bench.prepare(table.drafts, table.rejected, |questions| questions.ask(ledger.as_mut()))?;
    let prepared = refuse_single(prepared, config, single)?;
    let note = load::lacks_id(config, &config.prescribe.template, args.rehearsal.simulate)?;
    let cards = Cards::of(&prepared, &config.zone, false).noting(note);
    context.ui.out(&cards)?;
    Ok(cards.exit())
}

async fn send(
    args: &PrescribeArgs,
    context: &mut Context,
    session: &Session,
    table: Table,
) -> Result<Exit, CommandError> {
    let (config, zone) = (&session.config, &session.config.zone);
    let composer = load::load(config, &config.prescribe.template)?;
    let settings = settings(&session.config, &session.account.app_id);
    let leave = draft::leave(args);
    let mut run = Begun::on_existing(session, VERB).await?;
    let now = session.clock.now();
    let bench = Bench { settings: &settings, now, composer: &composer, leave: &leave };
    let single = table.single;
    let prepared = bench
        .prepare(table.drafts, table.rejected, |questions| match &run {
            Some(run) => run.desk().call_blocking(move |ledger| questions.ask(Some(ledger))),
            None => questions.ask(None),
        })
        .map_err(CommandError::from)
        .and_then(|prepared| refuse_single(prepared, &session.config, single))
        .and_then(|prepared| ask(args, context, session, &prepared).map(|()| prepared));
    let prepared = match prepared {
        Ok(prepared) if !prepared.ready.is_empty() => prepared,
        Ok(prepared) => {
            let outcome = run.as_ref().map_or_else(Outcome::default, Begun::so_far);
            let nothing = Summary::new(None, outcome, &prepared.rejected, zone);
            let told = finish(context, session, &nothing)?;
            return Ok(close(run, told).await);
        }
        Err(error) => return Err(abandon(run, error).await),
    };
    let client = match session.client() {
        Ok((client, _)) => client,
        Err(error) => return Err(abandon(run, error).await),
    };
    let run = match run.take() {
        Some(run) => run,
        None => Begun::new(session, VERB).await?,
    };
    let messages = prepared.ready.len() as u64;
    let release = Release::of(&prepared.ready, &leave, actor::actor());
    queue(run.desk(), release, zone).await?;
    // A patient waits for it: quiet hours are for reminders.
    let mut planned = Planned::default();
    prepared.ready.iter().for_each(|ready: &Ready| planned.add(ready.key, None));
    let job = Job { messages, planned, rest: Rest::Command, ..Job::default() };
    let outcome = run.deliver(&context.ui, session, &client, job).await?;
    sending::show_phones(context, session)?;
    let summary = Summary::new(Some(run.id()), outcome, &prepared.rejected, zone);
    run.end(&mut context.ui, session, &summary.outcome, summary.exit()).await?;
    finish(context, session, &summary)
}

/// Queues the messages. A nurse's run sends its own and is done: it does not wait for the morning's.
async fn queue(
    desk: &Desk,
    release: Release,
    zone: &jiff::tz::TimeZone,
) -> Result<(), CommandError> {
    let queued = desk.call(move |ledger| {
        ledger.share_work(false);
        release.queue(ledger)
    });
    queued.await?.map_err(|refusal| words::told(&refusal, zone).into())
}

/// One prescription that is refused is the command's own error.
fn refuse_single(
    mut prepared: Prepared,
    config: &Config,
    single: bool,
) -> Result<Prepared, CommandError> {
    if single && let Some(rejected) = prepared.rejected.pop() {
        return Err(words::told(&rejected.refusal, &config.zone).into());
    }
    Ok(prepared)
}

/// Previews, with the name and the telephone's last digits, and asks, where somebody can answer.
fn ask(
    args: &PrescribeArgs,
    context: &mut Context,
    session: &Session,
    prepared: &Prepared,
) -> Result<(), CommandError> {
    if args.yes || !context.ui.can_ask() || prepared.ready.is_empty() {
        return Ok(());
    }
    context.ui.note(Cards::of(prepared, &session.config.zone, true));
    let question = format!(
        "Send {} from account {} (ledger {})?",
        count::messages(prepared.ready.len() as u64),
        session.account.app_id,
        books::place(&session.config)
    );
    if context.ui.confirm(&question)? {
        Ok(())
    } else {
        Err(CommandError::new(Exit::Done, "Nothing was sent."))
    }
}

async fn close(run: Option<Begun>, told: Exit) -> Exit {
    if let Some(run) = run {
        let _ = run.desk().call(Ledger::abandon_run).await;
    }
    told
}

/// A rehearsal is for the person who watches it.
fn finish(
    context: &mut Context,
    session: &Session,
    summary: &Summary,
) -> Result<Exit, CommandError> {
    if summary.exit() == Exit::Done && session.simulator.is_none() {
        context.ui.summary(summary)?;
    } else {
        context.ui.report(summary)?;
    }
    Ok(summary.exit())
}
