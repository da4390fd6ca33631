//! `serve`: takes WeChat's receipts until Ctrl-C.

mod key;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::net::TcpListener;
use wechat::callback::{Callback, CallbackError};

use super::announce::Announcer;
use super::books;
use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::signal;
use crate::config;
use crate::config::Config;
use crate::serve::{self, Key, Keys, Scope, Settings};

/// Take WeChat's receipts, which say whether messages were delivered, until Ctrl-C.
///
/// Answers at /wechat/callback for WeChat, at /v1/receipts for a program that passes receipts on, and at /healthz. Put a
/// web server with a certificate in front. Delivers events to the webhook meanwhile, if one is set.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ServeArgs {
    #[command(subcommand)]
    command: Option<Command>,
    /// Listen here instead of where [serve] listen says; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an API key for a program that calls, and the lines for the settings.
    Key(key::Arguments),
}

/// Where it listens, and for what.
#[derive(Serialize)]
struct Welcome {
    address: String,
    account: String,
    /// Whether WeChat's pushes are taken, and how.
    callback: Mode,
    keys: usize,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Off,
    Plain,
    Encrypted,
}

impl fmt::Display for Welcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "wxremind listens at {} for {}.", self.address, self.account)?;
        match self.callback {
            Mode::Off => writeln!(f, "  /wechat/callback  off: no callback token is set")?,
            Mode::Plain => writeln!(f, "  /wechat/callback  receipts of WeChat, in plain")?,
            Mode::Encrypted => writeln!(f, "  /wechat/callback  receipts of WeChat, encrypted")?,
        }
        match self.keys {
            0 => writeln!(f, "  /v1/receipts      nobody may call: no API key is set")?,
            1 => writeln!(f, "  /v1/receipts      receipts that are passed on, for 1 API key")?,
            keys => {
                writeln!(
                    f,
                    "  /v1/receipts      receipts that are passed on, for {keys} API keys"
                )?;
            }
        }
        write!(f, "  /healthz          for whoever watches over the service")
    }
}

pub(super) async fn run(arguments: ServeArgs, context: &mut Context) -> Result<Exit, CommandError> {
    if let Some(Command::Key(arguments)) = &arguments.command {
        return key::run(arguments, context);
    }
    let config = context.config()?;
    let account = config.account()?.app_id;
    let callback = callback(&config, &account)?;
    let mode = match (&callback, &config.serve.aes_key) {
        (None, _) => Mode::Off,
        (Some(_), None) => Mode::Plain,
        (Some(_), Some(_)) => Mode::Encrypted,
    };
    let keys = keys(&config);
    if callback.is_none() && keys.count() == 0 {
        return Err(nothing_to_do());
    }
    let wanted = arguments.listen.unwrap_or(config.serve.listen);
    let unusable = |error: std::io::Error| {
        CommandError::configuration(format!("{wanted} cannot be listened at: {error}."))
            .hint("Choose another address with --listen or [serve] listen.")
    };
    let listener = TcpListener::bind(wanted).await.map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    // Before anything is answered: a record that cannot be used should be known now.
    let desk = Arc::new(books::open(&config)?);
    if !address.ip().is_loopback() {
        context.ui.warn(format!(
            "Others can reach {address}, and what they send is not encrypted on its way; a web server with a certificate should stand in front."
        ));
    }
    context.ui.out(&Welcome {
        address: format!("http://{address}"),
        account: account.clone(),
        callback: mode,
        keys: keys.count(),
    })?;
    let announcer = Announcer::beside(&config, &account);
    let settings = Settings { account, callback, keys };
    let served = serve::run(listener, desk, settings, signal::stop()).await;
    if let Some(announcer) = announcer {
        announcer.finish(&mut context.ui).await;
    }
    served
        .map_err(|error| CommandError::new(Exit::Partly, "The server stopped.").caused_by(error))?;
    Ok(Exit::Done)
}

/// WeChat's callback, when its token is set.
fn callback(config: &Config, account: &str) -> Result<Option<Callback>, CommandError> {
    let Some(token) = config.serve.token.clone() else {
        if config.serve.aes_key.is_some() {
            return Err(CommandError::configuration(
                "An EncodingAESKey is set, and no callback token.",
            )
            .hint("Set $WXREMIND_CALLBACK_TOKEN to the Token of the same page."));
        }
        return Ok(None);
    };
    let made = Callback::new(account, token, config.serve.aes_key.as_ref());
    made.map(Some).map_err(|error| {
        let variable = match error {
            CallbackError::Key => "WXREMIND_ENCODING_AES_KEY",
            _ => "WXREMIND_CALLBACK_TOKEN",
        };
        CommandError::configuration(format!("${variable} cannot be used: {error}."))
            .hint("Copy it anew from mp.weixin.qq.com, 设置与开发 > 基本配置 > 服务器配置.")
    })
}

fn keys(config: &Config) -> Keys {
    let scope = |scope: &config::serve::Scope| match scope {
        config::serve::Scope::Receipts => Scope::Receipts,
    };
    let key = |key: &config::serve::ApiKey| Key {
        name: key.name.clone(),
        hash: key.hash,
        scopes: key.scopes.iter().map(scope).collect(),
    };
    Keys::new(config.serve.keys.iter().map(key).collect())
}

fn nothing_to_do() -> CommandError {
    CommandError::configuration("There is nothing to serve: neither a callback token nor an API key is set.")
        .hint("For WeChat's own receipts set $WXREMIND_CALLBACK_TOKEN, and $WXREMIND_ENCODING_AES_KEY unless the console says 明文模式.")
        .hint("For receipts that another program passes on, make a key: wxremind serve key NAME.")
}
