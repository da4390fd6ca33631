//! `wxremind auth logout`: removes the secret from the keyring.

use std::fmt;

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::config::keyring;

/// Remove the secret from the keyring.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The account's app id, unless the settings give it.
    #[arg(long, value_name = "APPID")]
    app_id: Option<String>,
}

#[derive(Serialize)]
struct LoggedOut {
    app_id: String,
    removed: bool,
}

impl fmt::Display for LoggedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.removed {
            write!(f, "The secret of {} is no longer in your keyring.", self.app_id)
        } else {
            write!(f, "Your keyring had no secret of {}.", self.app_id)
        }
    }
}

pub(super) fn run(arguments: &Args, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let app_id = match &arguments.app_id {
        Some(app_id) => app_id.clone(),
        None => config.account()?.app_id,
    };
    let removed = keyring::remove(&app_id).map_err(|error| {
        CommandError::configuration(format!("Nothing was removed: the keyring {error}."))
    })?;
    context.ui.out(&LoggedOut { app_id, removed })?;
    Ok(Exit::Done)
}
