//! `templates check`: whether local templates and the account's agree, for people and for cron.

use std::fmt;

use clap::Args;
use serde::Serialize;
use wechat::PrivateTemplate;

use super::compare;
pub use super::compare::Finding;
use super::{account, load};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{Context, Rehearsal};
use crate::config::Config;
use crate::domain::compose::Composer;

/// The arguments of `templates check`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Which ones; all that have a WeChat id if none is named.
    names: Vec<String>,
    #[command(flatten)]
    rehearsal: Rehearsal,
}

/// What was found.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Checked(Vec<One>);

/// One local template, held against the account's.
#[derive(Debug, Serialize)]
pub struct One {
    name: String,
    matches: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<String>,
    /// Why the file cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about the error.
    #[serde(skip)]
    pub hints: Vec<String>,
    /// What the comparison found.
    pub findings: Vec<Finding>,
    /// The code that stands for it.
    #[serde(skip)]
    pub exit: Exit,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let chosen = !arguments.names.is_empty();
    for name in &arguments.names {
        load::check_name(name)?;
    }
    let (config, templates) = account::templates(context, &arguments.rehearsal).await?;
    let names = if chosen { arguments.names } else { load::names(&config)? };
    let (mut checked, mut without_id) = (Vec::new(), Vec::new());
    for name in names {
        if !chosen && has_no_id(&config, &name)? {
            context.ui.note(format!("{name} has no WeChat template id and was not checked."));
            without_id.push(name);
        } else {
            checked.push(check(&config, name, Some(&templates))?);
        }
    }
    if checked.is_empty() {
        if context.ui.json() {
            let each = without_id.into_iter().map(|name| check(&config, name, Some(&templates)));
            context.ui.out(&Checked(each.collect::<Result<_, _>>()?))?;
        }
        return Err(CommandError::configuration(
            "No template has a WeChat template id, so nothing was checked.",
        )
        .hint(format!(
            "`{}` writes one from a template of the account.",
            load::pull(&config, "NAME")
        )));
    }
    let exit = checked.iter().map(|one| one.exit).collect();
    context.ui.out(&Checked(checked))?;
    Ok(exit)
}

/// Whether a readable template lacks an id; an unreadable one is checked, and so told.
pub fn has_no_id(config: &Config, name: &str) -> Result<bool, CommandError> {
    let template = load::find(config, name)?.template();
    Ok(template.is_ok_and(|template| load::id(config, &template).is_none()))
}

/// Checks a local template: against the account's where these are known, else by itself.
pub fn check(
    config: &Config,
    name: String,
    account: Option<&[PrivateTemplate]>,
) -> Result<One, CommandError> {
    load::find(config, &name)?;
    let composer = match load::load(config, &name) {
        Ok(composer) => composer,
        Err(CommandError { exit, message, hints, .. }) => {
            return Ok(One {
                name,
                matches: false,
                template_id: None,
                error: Some(message),
                hints,
                findings: vec![],
                exit,
            });
        }
    };
    let Composer { template, template_id, privacy, rendering } = composer;
    let findings = match account {
        Some(account) => compare::compare(&template, &template_id, account, &privacy, &rendering),
        None => compare::misfit(&template, &privacy, &rendering).into_iter().collect(),
    };
    let matches = !findings.iter().any(Finding::is_problem);
    let exit = if matches { Exit::Done } else { Exit::Refused };
    let (template_id, error, hints) = (Some(template_id), None, Vec::new());
    Ok(One { name, matches, template_id, error, hints, findings, exit })
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for one in &self.0 {
            let verdict = match (&one.error, one.matches) {
                (Some(_), _) => "cannot be used",
                (None, true) => "matches the account's template",
                (None, false) => "DOES NOT MATCH the account's template",
            };
            writeln!(f, "{}: {verdict}", one.name)?;
            if let Some(error) = &one.error {
                writeln!(f, "  problem: {error}")?;
            }
            for finding in &one.findings {
                let weight = if finding.is_problem() { "problem" } else { "note" };
                writeln!(f, "  {weight}: {finding}")?;
            }
        }
        Ok(())
    }
}
