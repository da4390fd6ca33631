//! `serve`: takes WeChat's receipts, and messages to be sent, until Ctrl-C.

mod key;
mod layouts;
mod office;
mod sending;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

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
use crate::clock::Clock;
use crate::config::Config;
use crate::config::serve::ApiKey;
use crate::ledger::{self, Desk};
use crate::serve::{self, Desks, Key, Keys, Scope, Settings, UnknownScope};
use layouts::layouts;
use office::office;
use sending::sending;

/// How long a list tries a database in trouble: whoever asked does not wait longer.
const READER_PATIENCE: Duration = Duration::from_secs(10);

/// Take WeChat's receipts, and messages that programs ask to be sent, until Ctrl-C.
///
/// Answers at /wechat/callback for WeChat, at /v1/receipts and /v1/messages for programs with an API key, at / with a
/// page for staff, and at /healthz. Put a web server with a certificate in front. Delivers events to the webhook
/// meanwhile, if one is set.
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
    /// How many API keys there are.
    keys: usize,
    /// How many of them may pass receipts on.
    #[serde(skip)]
    receipts: usize,
    /// How many may send; none when nothing can be sent.
    send: Option<usize>,
    /// How many open the page.
    page: usize,
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
        match self.receipts {
            0 => writeln!(f, "  /v1/receipts      nobody may call: no API key is for it")?,
            keys => writeln!(f, "  /v1/receipts      receipts passed on, for {}", api_keys(keys))?,
        }
        match self.send {
            None | Some(0) => {
                writeln!(f, "  /v1/messages      what was sent; nothing can be sent")?;
            }
            Some(keys) => {
                let keys = api_keys(keys);
                writeln!(f, "  /v1/messages      messages to be sent, for {keys}; what was sent")?;
            }
        }
        match self.page {
            0 => writeln!(f, "  /                 the page: no API key is for it")?,
            keys => writeln!(f, "  /                 the page for staff, for {}", api_keys(keys))?,
        }
        write!(f, "  /healthz          for whoever watches over the service")
    }
}

fn api_keys(count: usize) -> String {
    if count == 1 { "1 API key".to_owned() } else { format!("{count} API keys") }
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
    let keys = keys(&config)?;
    if callback.is_none() && keys.all() == 0 {
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
    let desks = desks(&config)?;
    let sending = sending(&config, &keys, context)?;
    if !address.ip().is_loopback() {
        context.ui.warn(format!(
            "Others can reach {address}, and what they send is not encrypted on its way; a web server with a certificate should stand in front."
        ));
    }
    context.ui.out(&Welcome {
        address: format!("http://{address}"),
        account: account.clone(),
        callback: mode,
        keys: keys.all(),
        receipts: keys.count(Scope::Receipts),
        page: keys.opening_page(),
        send: sending.as_ref().map(|_| keys.count(Scope::Send)),
    })?;
    let announcer = Announcer::beside(&config, &account);
    let settings = Settings {
        account,
        callback,
        keys,
        calls_per_minute: config.serve.calls_per_minute,
        layouts: layouts(&config, &mut context.ui),
        zone: config.zone.clone(),
        office: office(&config),
        https: config.serve.https,
        now: || Clock::System.now(),
    };
    let served = serve::run(listener, desks, settings, sending, told_to_stop()).await;
    if let Some(announcer) = announcer {
        announcer.finish(&mut context.ui).await;
    }
    served
        .map_err(|error| CommandError::new(Exit::Partly, "The server stopped.").caused_by(error))?;
    Ok(Exit::Done)
}

/// Done at the first signal. A second one leaves at once, and the ledger still tells the truth.
async fn told_to_stop() {
    signal::stop().await;
    tokio::spawn(async {
        signal::stop().await;
        #[expect(
            clippy::disallowed_methods,
            reason = "somebody does not want to wait for what is under way"
        )]
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

/// The ledger, for short writes and for lists.
fn desks(config: &Config) -> Result<Desks, CommandError> {
    let writer = Arc::new(books::open(config)?);
    let reader = ledger::Settings { patience: READER_PATIENCE, ..books::settings(config)? };
    Ok(Desks { writer, reader: Arc::new(Desk::open(reader)?) })
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

fn keys(config: &Config) -> Result<Keys, CommandError> {
    let key = |key: &ApiKey| {
        let scopes: Result<Vec<Scope>, UnknownScope> =
            key.scopes.iter().map(|scope| scope.parse()).collect();
        let scopes = scopes.map_err(|error| {
            CommandError::configuration(format!("[serve.keys.{}] scopes: {error}.", key.name))
        })?;
        Ok(Key { name: key.name.clone(), hash: key.hash, scopes })
    };
    config.serve.keys.iter().map(key).collect::<Result<_, _>>().map(Keys::new)
}

fn nothing_to_do() -> CommandError {
    CommandError::configuration("There is nothing to serve: neither a callback token nor an API key is set.")
        .hint("For WeChat's own receipts set $WXREMIND_CALLBACK_TOKEN, and $WXREMIND_ENCODING_AES_KEY unless the console says 明文模式.")
        .hint("For receipts that another program passes on, make a key: wxremind serve key NAME.")
}
