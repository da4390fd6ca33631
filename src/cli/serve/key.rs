//! `serve key`: makes an API key; the settings get its hash, and nobody sees the key again.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use secrecy::SecretString;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::config::serve::hashed;
use crate::serve::Scope;

/// Bytes of a key: more than anybody can guess.
const LENGTH: usize = 32;

/// The arguments of `serve key`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// What the key is called: letters, digits, - and _, such as the name of the program that calls.
    name: String,
    /// What it may do, divided by commas: receipts (pass receipts on), send (send messages), read (see what was sent,
    /// openids masked), contact (see openids and telephone numbers too), prescribe (use the page's form).
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', default_value = "receipts")]
    scopes: Vec<Scope>,
}

#[derive(Serialize)]
struct Made {
    name: String,
    key: String,
    hash: String,
    scopes: Vec<&'static str>,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let name = arguments.name.as_str();
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(sound) {
        return Err(CommandError::usage("The name of a key has letters, digits, - and _ only."));
    }
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| {
        CommandError::new(Exit::Partly, "The system gives no random numbers.").caused_by(error)
    })?;
    let key = format!("wxr_{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = hashed(&SecretString::from(key.as_str()));
    let scopes = arguments.scopes.iter().map(|scope| scope.as_str()).collect();
    context.ui.out(&Made { name: name.to_owned(), key, hash, scopes })?;
    Ok(Exit::Done)
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes: Vec<String> = self.scopes.iter().map(|scope| format!("\"{scope}\"")).collect();
        writeln!(
            f,
            "The key of {}, shown this once; the program sends it as X-API-Key:\n",
            self.name
        )?;
        writeln!(f, "  {}\n", self.key)?;
        writeln!(f, "For wxremind.toml; then start `wxremind serve` again:\n")?;
        writeln!(f, "  [serve.keys.{}]", self.name)?;
        writeln!(f, "  hash = \"{}\"", self.hash)?;
        write!(f, "  scopes = [{}]", scopes.join(", "))
    }
}
