//! `wxremind auth login`: asks for the credentials, tries them, and stores the secret.

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::session;
use crate::config::account::{Account, is_app_id};
use crate::config::{self, Config, keyring, secret};

/// Ask for app id and secret, try them, store the secret in the keyring.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The account's app id; asked for when neither this nor the settings give it.
    #[arg(long, value_name = "APPID")]
    app_id: Option<String>,
    /// Read the secret from standard input instead of asking.
    #[arg(long)]
    secret_stdin: bool,
}

/// What was done.
#[derive(Serialize)]
struct LoggedIn {
    app_id: String,
    stored_in: &'static str,
    /// What the settings still lack.
    #[serde(skip_serializing_if = "Option::is_none")]
    add_to_settings: Option<String>,
}

impl fmt::Display for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "WeChat accepts the credentials of {}; the secret is in your keyring.",
            self.app_id
        )?;
        match &self.add_to_settings {
            Some(lines) => writeln!(f, "To use this account, add to wxremind.toml:\n\n{lines}"),
            None => Ok(()),
        }
    }
}

pub(super) async fn run(arguments: Args, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let account = account(&arguments, &config, context)?;
    let secret = secret_of(&arguments, &account, context)?;
    session::client(&config, &account, secret.clone())?.token().await?;
    keyring::store(&account.app_id, &secret).map_err(|error| not_stored(&account, &error))?;
    let configured = config.account().is_ok_and(|known| known.app_id == account.app_id);
    let section = account
        .name
        .as_ref()
        .map_or_else(|| "account".to_owned(), |name| format!("accounts.{name}"));
    let lines = (!configured).then(|| format!("[{section}]\napp_id = \"{}\"", account.app_id));
    context.ui.out(&LoggedIn {
        app_id: account.app_id,
        stored_in: "keyring",
        add_to_settings: lines,
    })?;
    Ok(Exit::Done)
}

/// The account of the settings, with the app id that was given or typed.
fn account(
    arguments: &Args,
    config: &Config,
    context: &mut Context,
) -> Result<Account, CommandError> {
    let known = match config.account() {
        Ok(account) => Some(account),
        Err(config::Error::NoAppId { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let app_id = match (&arguments.app_id, &known) {
        (Some(app_id), _) => app_id.trim().to_owned(),
        (None, Some(account)) => account.app_id.clone(),
        (None, None) if context.ui.can_ask() => {
            context.ui.ask("App id (mp.weixin.qq.com, 设置与开发 > 基本配置)", None)?
        }
        (None, None) => {
            return Err(CommandError::usage("There is no terminal to ask for the app id at.")
                .hint("Add --app-id APPID, or set app_id in [account] of wxremind.toml."));
        }
    };
    let api_base = config.api_base()?;
    if !is_app_id(&app_id) && !api_base.is_loopback() {
        return Err(CommandError::usage(
            "The app id is not one: it is \"wx\" and 16 digits or letters a to f.",
        ));
    }
    let name = context.globals.account.clone();
    let written =
        known.unwrap_or(Account { name, app_id: String::new(), api_base, secret_command: None });
    Ok(Account { app_id, ..written })
}

fn secret_of(
    arguments: &Args,
    account: &Account,
    context: &mut Context,
) -> Result<SecretString, CommandError> {
    if arguments.secret_stdin {
        return secret::from_reader(std::io::stdin().lock()).map_err(|error| {
            CommandError::usage(format!("No secret could be read from standard input: {error}."))
        });
    }
    if context.ui.can_ask() {
        return context.ui.ask_secret(&format!("App secret of {}", account.app_id));
    }
    Err(CommandError::usage("There is no terminal to ask for the secret at.")
        .hint("Pipe it in: wxremind auth login --secret-stdin < FILE"))
}

/// The credentials work but there is nowhere to keep them, as on most servers.
fn not_stored(account: &Account, error: &keyring::Error) -> CommandError {
    CommandError::configuration(format!(
        "WeChat accepts the credentials of {}, but they are not stored: the keyring {error}.",
        account.app_id
    ))
    .hint("On a server, use secret_command in [account], LoadCredential=app_secret:FILE in the systemd unit,")
    .hint("or set $WXREMIND_APP_SECRET in a file that only the job's user can read.")
}
