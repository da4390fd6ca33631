//! `wxremind prescribe`: a prescription reference to the right person, whole, once.

mod args;
mod form;
mod order;
mod past;
mod prepare;
mod preview;
mod recipient;
mod words;

use std::io::Read;

pub use args::PrescribeArgs;
use order::Draft;
use prepare::{Bench, Prepared, Ready, Rejected};
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
use crate::ledger::{Action, Desk, Ledger, Planned};

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
    let mut draft = Draft::of_arguments(args);
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
        Ok(row) => table.drafts.push(Draft::of_row(row, args)),
        Err(refusal) => table.rejected.push(Rejected::of_row(&refusal)),
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
    let bench = Bench { config, app_id: &app_id, now: clock.now(), composer: &composer, args };
    let single = table.single;
    let prepared = bench
        .prepare(table.drafts, table.rejected, |questions| Ok(questions.ask(ledger.as_mut())?))?;
    let prepared = refuse_single(prepared, single)?;
    let note = load::lacks_id(config, &config.prescribe.template, args.rehearsal.simulate)?;
    let cards = Cards::of(&prepared, false).noting(note);
    context.ui.out(&cards)?;
    Ok(cards.exit())
}

async fn send(
    args: &PrescribeArgs,
    context: &mut Context,
    session: &Session,
    table: Table,
) -> Result<Exit, CommandError> {
    let composer = load::load(&session.config, &session.config.prescribe.template)?;
    let app_id = session.account.app_id.as_str();
    let mut run = Begun::on_existing(session, VERB).await?;
    let bench = Bench {
        config: &session.config,
        app_id,
        now: session.clock.now(),
        composer: &composer,
        args,
    };
    let single = table.single;
    let prepared = bench
        .prepare(table.drafts, table.rejected, |questions| match &run {
            Some(run) => Ok(run.desk().call_blocking(move |ledger| questions.ask(Some(ledger)))?),
            None => Ok(questions.ask(None)?),
        })
        .and_then(|prepared| refuse_single(prepared, single))
        .and_then(|prepared| ask(args, context, session, &prepared).map(|()| prepared));
    let prepared = match prepared {
        Ok(prepared) if !prepared.ready.is_empty() => prepared,
        Ok(prepared) => {
            let outcome = run.as_ref().map_or_else(Outcome::default, Begun::so_far);
            let nothing = Summary::new(None, outcome, &prepared.rejected);
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
    release(run.desk(), &prepared.ready, args).await?;
    // A patient waits for it: quiet hours are for reminders.
    let mut planned = Planned::default();
    prepared.ready.iter().for_each(|ready| planned.add(ready.key, None));
    let job = Job { messages, planned, rest: Rest::Command, ..Job::default() };
    let outcome = run.deliver(&context.ui, session, &client, job).await?;
    sending::show_phones(context, session)?;
    let summary = Summary::new(Some(run.id()), outcome, &prepared.rejected);
    run.end(&mut context.ui, session, &summary.outcome, summary.exit()).await?;
    finish(context, session, &summary)
}

/// Queues the messages. A nurse's run sends its own and is done: it does not wait for the morning's.
async fn release(desk: &Desk, ready: &[Ready], args: &PrescribeArgs) -> Result<(), CommandError> {
    let messages: Vec<_> =
        ready.iter().filter(|one| one.verdict.queued.is_none()).map(Ready::message).collect();
    let known: Vec<_> = ready.iter().filter_map(Ready::confirmation).collect();
    let reassigned: Vec<_> =
        ready.iter().filter(|one| one.verdict.reassigned).map(Ready::message).collect();
    let (actor, reason) = (actor::actor(), args.reassign.clone());
    let lost = desk
        .call(move |ledger| {
            ledger.share_work(false);
            for message in &reassigned {
                let subject = message.key.client_msg_id();
                let (subject, detail) = (Some(subject.as_str()), reason.as_deref());
                ledger.record(&Action { actor: &actor, verb: "reassign", subject, detail })?;
            }
            past::withdraw(ledger, &reassigned, &actor)?;
            ledger.enqueue(&messages)?;
            let lost = if reason.is_some() { None } else { past::overtaken(ledger, &messages)? };
            ledger.confirm(&known)?;
            Ok(lost)
        })
        .await?;
    match lost {
        Some(openid) => Err(words::went_elsewhere(&openid, "another run, a moment ago").into()),
        None => Ok(()),
    }
}

/// One prescription that is refused is the command's own error.
fn refuse_single(mut prepared: Prepared, single: bool) -> Result<Prepared, CommandError> {
    if single && let Some(rejected) = prepared.rejected.pop() {
        return Err(rejected.refused.into());
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
    context.ui.note(Cards::of(prepared, true));
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
