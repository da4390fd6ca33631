//! `templates list`: the local templates, the account's own, and which belongs to which.

use std::fmt;

use clap::Args;
use serde::Serialize;
use wechat::PrivateTemplate;

use super::{account, load};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::{Context, Rehearsal};
use crate::config::Config;

/// The arguments of `templates list`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    rehearsal: Rehearsal,
}

#[derive(Debug, Serialize)]
struct Listed {
    local: Vec<Local>,
    /// `null` where no account is set or it did not answer.
    account: Option<Vec<Theirs>>,
}

#[derive(Debug, Serialize)]
struct Local {
    name: String,
    title: Option<String>,
    template_id: Option<String>,
    from: String,
    /// Whether the account has a template of this id; `null` where that is not known.
    in_account: Option<bool>,
    /// Why the file cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Theirs {
    template_id: String,
    title: String,
    keys: Vec<String>,
    /// The local templates that use it.
    used_by: Vec<String>,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let (config, templates) =
        account::templates_if_reachable(context, &arguments.rehearsal).await?;
    let names = load::names(&config)?;
    let local: Vec<Local> = names
        .iter()
        .map(|name| local(&config, name, templates.as_deref()))
        .collect::<Result<_, _>>()?;
    let account =
        templates.map(|templates| templates.iter().map(|one| theirs(one, &local)).collect());
    context.ui.out(&Listed { local, account })?;
    Ok(Exit::Done)
}

fn local(
    config: &Config,
    name: &str,
    account: Option<&[PrivateTemplate]>,
) -> Result<Local, CommandError> {
    let found = load::find(config, name)?;
    let template = found.template();
    let template_id = match &template {
        Ok(template) => load::id(config, template),
        Err(_) => config.templates.ids.get(name).cloned(),
    };
    let known = |id: &String| Some(account?.iter().any(|theirs| theirs.template_id == *id));
    let (title, error) = match template {
        Ok(template) => (template.title().map(str::to_owned), None),
        Err(error) => (None, Some(error.message)),
    };
    Ok(Local {
        name: name.to_owned(),
        title,
        in_account: template_id.as_ref().and_then(known),
        template_id,
        from: found.place.to_string(),
        error,
    })
}

fn theirs(template: &PrivateTemplate, local: &[Local]) -> Theirs {
    let uses = |one: &&Local| one.template_id.as_ref() == Some(&template.template_id);
    Theirs {
        template_id: template.template_id.clone(),
        title: template.title.clone(),
        keys: template.keys().into_iter().map(|key| key.key).collect(),
        used_by: local.iter().filter(uses).map(|one| one.name.clone()).collect(),
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = table(&["name", "title", "wechat id", "in the account", "from"]);
        for one in &self.local {
            let known = match one.in_account {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "-",
            };
            let (title, id) = (one.title.as_deref(), one.template_id.as_deref());
            shown.add_row(row([
                &one.name,
                title.unwrap_or("-"),
                id.unwrap_or("-"),
                known,
                &one.from,
            ]));
        }
        write!(f, "{}", shown.trim_fmt())?;
        for one in &self.local {
            if let Some(error) = &one.error {
                write!(f, "\n{error}")?;
            }
        }
        let Some(account) = &self.account else { return Ok(()) };
        if account.is_empty() {
            return write!(
                f,
                "\n\nThe account has no template yet; add one at mp.weixin.qq.com under 模板消息."
            );
        }
        let mut shown = table(&["the account's", "wechat id", "used by", "keys"]);
        for one in account {
            let (used, keys) = (one.used_by.join(", "), one.keys.join(" "));
            let used = if used.is_empty() { "-" } else { &used };
            shown.add_row(row([&one.title, &one.template_id, used, &keys]));
        }
        write!(f, "\n\n{}", shown.trim_fmt())
    }
}
