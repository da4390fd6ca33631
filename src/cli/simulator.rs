//! `wxremind simulator`: a WeChat of one's own to rehearse with, until Ctrl-C.

use std::fmt;
use std::net::Ipv4Addr;

use serde::Serialize;
use tokio::net::TcpListener;
use wechat_simulator::{SAMPLE_APP_ID, SAMPLE_SECRET, Settings, Simulator, magic_openids};

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::table::{row, table};

/// Run the simulator of WeChat on this machine until Ctrl-C.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

/// How to use it.
#[derive(Serialize)]
struct Welcome {
    address: String,
    app_id: &'static str,
    app_secret: &'static str,
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
        writeln!(f, "  export WXREMIND_APP_SECRET={}\n", self.app_secret)?;
        writeln!(f, "These openids always meet the same fate:\n")?;
        let mut shown = table(&["openid", "what happens"]);
        for magic in &self.magic_openids {
            shown.add_row(row([magic.openid, magic.shows]));
        }
        writeln!(f, "{}\n\nCtrl-C ends it.", shown.trim_fmt())
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
    let magic = magic_openids().iter().map(|(openid, _, shows)| Magic { openid, shows }).collect();
    context.ui.out(&Welcome {
        address: format!("http://{address}"),
        app_id: SAMPLE_APP_ID,
        app_secret: SAMPLE_SECRET,
        magic_openids: magic,
    })?;
    Simulator::new(Settings::default())
        .serve(listener, super::signal::stop())
        .await
        .map_err(stopped())?;
    Ok(Exit::Done)
}
