//! `log forget`: erases a patient from the record and sends that patient nothing more.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::personal;
use crate::cli::Context;
use crate::cli::actor::actor;
use crate::cli::books;
use crate::cli::count::messages;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::ledger::{Forgotten, Identity, Who};

/// The arguments of `log forget`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    patient: Patient,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Patient {
    /// The patient's openid; - reads it from standard input.
    #[arg(long, value_name = "OPENID")]
    openid: Option<String>,
    /// The hospital's number for the patient; - reads it from standard input.
    #[arg(long, value_name = "ID")]
    patient_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct Done {
    deleted: u64,
    erased: u64,
    in_flight: u64,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let app_id = config.account()?.app_id;
    let Some(identity) = identity(&arguments.patient)? else {
        return Err(CommandError::usage("Nobody is named to be forgotten."));
    };
    if !arguments.yes && context.ui.can_ask() {
        let question = "Erase this patient from the record, and send the patient nothing more?";
        if !context.ui.confirm(question)? {
            context.ui.note("Nothing was changed.");
            return Ok(Exit::Done);
        }
    }
    let who = Who { account: app_id.into(), identity };
    let actor = actor();
    let forgotten = books::open(&config)?.call(move |ledger| ledger.forget(&who, &actor)).await?;
    let Forgotten { deleted, erased, in_flight } = forgotten;
    context.ui.out(&Done { deleted, erased, in_flight })?;
    Ok(if in_flight > 0 { Exit::Partly } else { Exit::Done })
}

fn identity(patient: &Patient) -> Result<Option<Identity>, CommandError> {
    let given = |value: &Option<String>| value.as_deref().map(personal::id).transpose();
    let openid = given(&patient.openid)?.map(|id| Identity::Openid(id.into()));
    Ok(match openid {
        None => given(&patient.patient_id)?.map(|id| Identity::Patient(id.into())),
        openid => openid,
    })
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Forgotten: {} erased whole, {} of visits still ahead to their key and state; \
             nothing more is sent to the patient.",
            messages(self.deleted),
            messages(self.erased)
        )?;
        if self.in_flight > 0 {
            write!(
                f,
                "\nIn flight just now: {}. Forget the patient again when that run has ended.",
                self.in_flight
            )?;
        }
        Ok(())
    }
}
