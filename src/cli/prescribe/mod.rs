//! `wxremind prescribe`: a prescription reference to the right person, whole, once.

mod args;
mod form;
mod order;
mod past;
mod preview;
mod recipient;
mod words;

use std::io::Read;

pub use args::PrescribeArgs;
use jiff::Timestamp;
use order::{Draft, Order};
use past::{Leave, Verdict};
use preview::{Card, Preview, Summary};
use recipient::Recipient;
use words::Refused;

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::sending::{self, Begun, Outcome};
use super::session::Session;
use super::{inputs, optout};
use crate::config::Config;
use crate::config::messages::OnUnknown;
use crate::domain::compose::{Composer, Content};
use crate::domain::key::Key;
use crate::domain::message::{Kind, Message};
use crate::domain::privacy::Privacy;
use crate::intake;
use crate::ledger::{Confirmation, Ledger};

/// Runs the command.
pub async fn run(args: PrescribeArgs, context: &mut Context) -> Result<Exit, CommandError> {
    let config = apply(&args, context.config()?)?;
    if args.dry_run {
        let clock = context.clock(&config, &args.rehearsal, true)?;
        let app_id = config.account().map(|account| account.app_id).unwrap_or_default();
        let composer = super::templates::load::load_for_show(&config, template(&args, &config))?;
        let mut ledger = sending::look(&config)?;
        let bench = Bench { config: &config, app_id: &app_id, now: clock.now(), composer: &composer, args: &args };
        let prepared = bench.prepare(context, |job| job(ledger.as_mut()))?;
        let preview = Preview::new(prepared.cards(), prepared.refused);
        context.ui.out(&preview)?;
        return Ok(preview.exit());
    }
    let session = context.session(config, &args.rehearsal).await?;
    send(&args, context, &session).await
}
