//! `wxremind auth token`: fetches the access token.

use std::fmt;

use secrecy::ExposeSecret;
use serde::Serialize;

use crate::cli::context::{Context, Rehearsal};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;

/// Fetch the access token and say how long it is valid.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print the whole token on standard output, for other tools.
    #[arg(long)]
    reveal: bool,
    /// Ask the built-in simulator instead of WeChat.
    #[arg(long)]
    simulate: bool,
}

/// The token, whole or its beginning.
#[derive(Serialize)]
struct Shown {
    token: String,
    revealed: bool,
    valid_seconds: u64,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.revealed {
            return f.write_str(&self.token);
        }
        write!(f, "The token {} is valid for another {} s.", self.token, self.valid_seconds)
    }
}

pub(super) async fn run(arguments: Args, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let rehearsal = Rehearsal { simulate: arguments.simulate, now: None };
    let session = context.session(config, &rehearsal).await?;
    let token = session.client()?.0.token().await?;
    let whole = token.value.expose_secret();
    let shown = if arguments.reveal { whole.to_owned() } else { beginning(whole) };
    context.ui.out(&Shown {
        token: shown,
        revealed: arguments.reveal,
        valid_seconds: token.expires_in.as_secs(),
    })?;
    Ok(Exit::Done)
}

/// The first four characters: enough to tell two tokens apart, useless otherwise.
fn beginning(token: &str) -> String {
    token.chars().take(4).chain("…".chars()).collect()
}
