//! `wxremind auth status`: where the secret comes from, whether it works, what is left of the day's quota.

use std::fmt;

use serde::Serialize;

use crate::cli::context::{Context, Rehearsal};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;

/// Say where the secret comes from, whether it works, and the quota left today.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Ask the built-in simulator instead of WeChat.
    #[arg(long)]
    simulate: bool,
}

/// What is known of the account.
#[derive(Serialize)]
struct Status {
    app_id: String,
    account: Option<String>,
    settings: Option<String>,
    api_base: String,
    secret_from: String,
    works: bool,
    /// Whether WeChat was reached at all: only then has it judged the secret.
    reached: bool,
    /// How much longer the token is valid.
    token_seconds: Option<u64>,
    /// `None` when WeChat did not say.
    quota: Option<Quota>,
}

#[derive(Serialize)]
struct Quota {
    daily_limit: i64,
    used: i64,
    remain: i64,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named =
            self.account.as_ref().map_or_else(String::new, |name| format!(" ([accounts.{name}])"));
        writeln!(f, "Account:   {}{named}", self.app_id)?;
        writeln!(
            f,
            "Settings:  {}",
            self.settings.as_deref().unwrap_or("no file; built-in values and environment")
        )?;
        writeln!(f, "Calls go:  {}", self.api_base)?;
        writeln!(f, "Secret:    from {}", self.secret_from)?;
        match self.token_seconds {
            Some(seconds) => writeln!(f, "WeChat:    accepts it; the token lasts {seconds} s"),
            None if self.reached => writeln!(f, "WeChat:    did not accept it"),
            None => {
                writeln!(f, "WeChat:    was not reached, so nobody knows whether it accepts it")
            }
        }?;
        match &self.quota {
            Some(quota) => write!(
                f,
                "Quota:     {} of {} template messages left today",
                quota.remain, quota.daily_limit
            ),
            None if self.works => write!(f, "Quota:     not known"),
            None => Ok(()),
        }
    }
}

pub(super) async fn run(arguments: Args, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let rehearsal = Rehearsal { simulate: arguments.simulate, now: None };
    let session = context.session(config, &rehearsal).await?;
    let (client, origin) = session.client()?;
    let mut status = unknown(&session, origin.to_string());
    let token = client.token().await;
    status.reached = token.as_ref().err().is_none_or(|error| error.errcode().is_some());
    if let Ok(token) = &token {
        status.works = true;
        status.token_seconds = Some(token.expires_in.as_secs());
        // A quota that cannot be told does not make the credentials worse; only the reason is worth a line.
        match client.quota(wechat::SEND_PATH).await {
            Ok(quota) => {
                status.quota = Some(Quota {
                    daily_limit: quota.daily_limit,
                    used: quota.used,
                    remain: quota.remain,
                });
            }
            Err(error) => context.ui.warn(format!(
                "The quota left today is not known. {}",
                CommandError::from(error).message
            )),
        }
    }
    context.ui.out(&status)?;
    token.map(|_| Exit::Done).map_err(|error| {
        // The whitelist asks for no other secret, and a network that is down for none at all.
        let whence = error.whitelist_ip().is_none() && error.errcode().is_some();
        let told = CommandError::from(error);
        if whence {
            told.hint(format!("The secret that was tried comes from {origin}."))
        } else {
            told
        }
    })
}

fn unknown(session: &Session, secret_from: String) -> Status {
    Status {
        app_id: session.account.app_id.clone(),
        account: session.account.name.clone(),
        settings: session.config.file.as_ref().map(|file| file.display().to_string()),
        api_base: session.account.api_base.as_str().to_owned(),
        secret_from,
        works: false,
        reached: false,
        token_seconds: None,
        quota: None,
    }
}
