//! `wxremind auth`: the account's credentials.

mod login;
mod logout;
mod status;
mod token;

use clap::Subcommand;

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;

/// The account's credentials: store, check, show, forget.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask for app id and secret, try them, store the secret in the keyring.
    Login(login::Args),
    /// Say where the secret comes from, whether it works, and the quota left today.
    Status(status::Args),
    /// Fetch the access token and say how long it is valid; --reveal prints it for other tools.
    Token(token::Args),
    /// Remove the secret from the keyring.
    Logout(logout::Args),
}

/// Hands over to the verb's own file.
pub async fn run(command: Command, context: &mut Context) -> Result<Exit, CommandError> {
    match command {
        Command::Login(arguments) => login::run(arguments, context).await,
        Command::Status(arguments) => status::run(arguments, context).await,
        Command::Token(arguments) => token::run(arguments, context).await,
        Command::Logout(arguments) => logout::run(&arguments, context),
    }
}
