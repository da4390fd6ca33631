//! `templates preview --send`: one message with sample values, to see it on a phone of one's own.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::{load, sample};
use crate::cli::books;
use crate::cli::context::{Context, Rehearsal};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::sending::{self, Begun, Job, Outcome};
use crate::domain::compose::Composer;
use crate::domain::key::Key;
use crate::domain::mask;
use crate::domain::message::{Kind, Message};
use crate::ledger::Planned;

const VERB: &str = "templates preview";

/// What came of it.
#[derive(Serialize)]
struct Trial {
    template: String,
    openid: String,
    #[serde(flatten)]
    outcome: Outcome,
    exit_code: u8,
}

/// Sends it, now or never: what cannot be sent is not left for the next run.
pub async fn send(
    name: &str,
    openid: &str,
    yes: bool,
    rehearsal: &Rehearsal,
    context: &mut Context,
) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let session = context.session(config, rehearsal).await?;
    let composer = load::load(&session.config, name)?;
    let message = message(&composer, session.account.app_id.as_str(), openid)?;
    let (client, _) = session.client()?;
    let shown = mask::openid(openid);
    if context.ui.can_ask() && !yes && session.simulator.is_none() {
        let question = format!(
            "Send {name} with sample values to {shown} from account {} (ledger {})?",
            session.account.app_id,
            books::place(&session.config)
        );
        if !context.ui.confirm(&question)? {
            return Err(CommandError::new(Exit::Done, "Nothing was sent."));
        }
    }
    let mut planned = Planned::default();
    planned.add(message.key, None);
    let run = Begun::new(&session, VERB).await?;
    run.desk()
        .call(move |ledger| {
            ledger.share_work(false);
            ledger.enqueue(&[message])
        })
        .await?;
    let job = Job { messages: 1, planned, now_or_never: true, ..Job::default() };
    let outcome = run.deliver(&context.ui, &session, &client, job).await?;
    sending::show_phones(context, &session)?;
    let mut trial = Trial { template: name.to_owned(), openid: shown, outcome, exit_code: 0 };
    let exit = trial.exit();
    trial.exit_code = exit.code();
    run.end(&mut context.ui, &session, &trial.outcome, exit).await?;
    context.ui.out(&trial)?;
    Ok(exit)
}

fn message(composer: &Composer, app_id: &str, openid: &str) -> Result<Message, CommandError> {
    let template: Box<str> = composer.template.name().into();
    let key = Key::test(app_id, openid, &template, &Uuid::now_v7().to_string());
    let facts = sample::facts(&composer.privacy);
    let content = composer.compose(&facts, openid, &key, None).map_err(|misfit| {
        CommandError::usage(format!("The sample of {template} cannot be sent: {misfit}."))
    })?;
    Ok(Message {
        key,
        kind: Kind::Test,
        stage: None,
        copy: 0,
        openid: openid.into(),
        patient_id: None,
        appointment_id: None,
        start: None,
        visit_at: None,
        not_after: None,
        template,
        template_id: composer.template_id.as_str().into(),
        content: content.body,
        content_hash: content.hash,
        reference: None,
    })
}

impl Trial {
    /// What was put off is called off: somebody must try again.
    fn exit(&self) -> Exit {
        let sent = self.outcome.accepted + self.outcome.held > 0;
        self.outcome.exit().merge(if sent { Exit::Done } else { Exit::Partly })
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, openid, outcome, .. } = self;
        if outcome.accepted > 0 {
            return write!(
                f,
                "WeChat took {template} with sample values for {openid}: see the phone."
            );
        }
        writeln!(f, "{template} with sample values, for {openid}:")?;
        outcome.fmt(f)?;
        if outcome.failed + outcome.held + outcome.unknown == 0 && outcome.stopped.is_none() {
            writeln!(f, "It was not sent: WeChat is busy or not reached. Try again.")?;
        }
        Ok(())
    }
}
