//! `wxremind simulator`: a WeChat of one's own to rehearse with, until Ctrl-C.

use std::fmt;
use std::net::Ipv4Addr;

use serde::Serialize;
use tokio::net::TcpListener;
use wechat_simulator::{
    PushMode, Receipts, SAMPLE_AES_KEY, SAMPLE_APP_ID, SAMPLE_SECRET, SAMPLE_TOKEN, Settings,
    Simulator, magic_openids, magic_receipts,
};

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::table::{row, table};
use crate::config::address::ApiBase;

/// Run the simulator of WeChat on this machine until Ctrl-C.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0, allow_negative_numbers = true, value_parser = super::values::whole::<u16>)]
    port: u16,
    /// Push a receipt of every message to URL, as WeChat does to the account's callback URL: http, on this machine.
    #[arg(long, value_name = "URL")]
    receipts: Option<String>,
    /// Whether receipts are encrypted, as the console lets choose.
    #[arg(long, value_name = "MODE", default_value = "safe", requires = "receipts")]
    receipts_mode: Mode,
}

/// The console's choice of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    Plain,
    Compatible,
    Safe,
}

/// How to use it.
#[derive(Serialize)]
struct Welcome {
    address: String,
    app_id: &'static str,
    app_secret: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_token: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_aes_key: Option<&'static str>,
    magic_openids: Vec<Magic>,
}

#[derive(Serialize)]
struct Magic {
    openid: &'static str,
    shows: &'static str,
}

impl fmt::Display for Welcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "The simulator answers at {0} (open it in a browser to see the phones).\n",
            self.address
        )?;
        writeln!(f, "In another terminal:\n")?;
        writeln!(f, "  export WXREMIND_API_BASE={}", self.address)?;
        writeln!(f, "  export WXREMIND_APP_ID={}", self.app_id)?;
        writeln!(f, "  export WXREMIND_APP_SECRET={}", self.app_secret)?;
        if let Some(token) = self.callback_token {
            writeln!(f, "  export WXREMIND_CALLBACK_TOKEN={token}")?;
        }
        if let Some(key) = self.encoding_aes_key {
            writeln!(f, "  export WXREMIND_ENCODING_AES_KEY={key}")?;
        }
        writeln!(f)?;
        writeln!(f, "These openids always meet the same fate:\n")?;
        let mut shown = table(&["openid", "what happens"]);
        for magic in &self.magic_openids {
            shown.add_row(row([magic.openid, magic.shows]));
        }
        writeln!(f, "{}\n\nCtrl-C ends it.", shown.trim_fmt())
    }
}

impl Args {
    /// The callback URL, which must be on this machine: what is rehearsed goes nowhere else.
    fn receipts(&self) -> Result<Option<Receipts>, CommandError> {
        let Some(url) = &self.receipts else { return Ok(None) };
        let host = url.split('/').take(3).collect::<Vec<_>>().join("/");
        let is_here = ApiBase::parse(&host).is_some_and(|base| base.is_loopback());
        if !is_here || !url.starts_with("http://") {
            return Err(CommandError::usage("Receipts are pushed to http on this machine only.")
                .hint("Such as --receipts http://127.0.0.1:8080/wechat/callback."));
        }
        let mode = match self.receipts_mode {
            Mode::Plain => PushMode::Plain,
            Mode::Compatible => PushMode::Compatible,
            Mode::Safe => PushMode::Safe,
        };
        Ok(Some(Receipts { url: url.clone(), mode, ..Receipts::default() }))
    }
}

pub(super) async fn run(arguments: &Args, context: &mut Context) -> Result<Exit, CommandError> {
    let failed = |what: String| {
        move |error: std::io::Error| CommandError::new(Exit::Partly, what).caused_by(error)
    };
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await.map_err(|error| {
            failed(format!("Port {} of this machine cannot be used.", arguments.port))(error)
                .hint("Choose another with --port, or leave it out to take a free one.")
        })?;
    let stopped = || failed("The simulator stopped.".to_owned());
    let address = listener.local_addr().map_err(stopped())?;
    let receipts = arguments.receipts()?;
    let mut magic: Vec<Magic> =
        magic_openids().iter().map(|(openid, _, shows)| Magic { openid, shows }).collect();
    if receipts.is_some() {
        magic.extend(magic_receipts().iter().map(|(openid, _, shows)| Magic { openid, shows }));
    }
    let is_encrypted = receipts.as_ref().is_some_and(|told| told.mode != PushMode::Plain);
    context.ui.out(&Welcome {
        address: format!("http://{address}"),
        app_id: SAMPLE_APP_ID,
        app_secret: SAMPLE_SECRET,
        callback_token: receipts.is_some().then_some(SAMPLE_TOKEN),
        encoding_aes_key: is_encrypted.then_some(SAMPLE_AES_KEY),
        magic_openids: magic,
    })?;
    Simulator::new(Settings { receipts, ..Settings::default() })
        .serve(listener, super::signal::stop())
        .await
        .map_err(stopped())?;
    Ok(Exit::Done)
}
