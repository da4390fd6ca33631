//! The command line of `prescribe`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::context::Rehearsal;

/// Send a patient the reference of an e-prescription, to show at the pharmacy.
///
/// The reference is sent whole or not at all. At a terminal, without a reference, a form asks for what is needed; the
/// patient is found in contacts by the hospital's number and must be the one who was named.
#[derive(Args, Clone, Debug)]
pub struct PrescribeArgs {
    /// The recipient.
    #[arg(long, value_name = "OPENID", allow_hyphen_values = true)]
    pub openid: Option<String>,
    /// The hospital's number for the patient, to find the openid in contacts.
    #[arg(long, value_name = "ID", conflicts_with = "openid")]
    pub patient_id: Option<String>,
    /// The reference; - reads it from standard input, so that it is in no list of processes.
    #[arg(long = "ref", value_name = "REF", allow_hyphen_values = true)]
    pub reference: Option<String>,
    /// The patient's name. Where contacts hold one, it must be the same.
    #[arg(long, value_name = "NAME")]
    pub patient: Option<String>,
    /// The patient's day of birth. Where contacts hold one, it must be the same.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub birth_date: Option<String>,
    /// The hospital. Default: hospital under [defaults] in the settings.
    #[arg(long, value_name = "NAME")]
    pub hospital: Option<String>,
    /// The doctor.
    #[arg(long, value_name = "NAME")]
    pub doctor: Option<String>,
    /// When it was issued. Default: now.
    #[arg(long, value_name = "TIME")]
    pub issued: Option<String>,
    /// Until when it can be collected; it is not sent later than that.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// A page that opens when the message is touched.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub url: Option<String>,
    /// The local template to fill.
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// The table that maps patients to openids. Default: [contacts] url in the settings.
    #[arg(long, value_name = "FILE")]
    pub contacts: Option<String>,
    /// Send all prescriptions of a table: reference, openid or patient_id, and any of the others.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["openid", "patient_id", "reference", "patient", "birth_date", "reassign"])]
    pub from: Option<PathBuf>,
    /// Send the same reference to the same patient once more.
    #[arg(long)]
    pub again: bool,
    /// Send a reference that went to another patient, and record why.
    #[arg(long, value_name = "REASON", value_parser = a_reason)]
    pub reassign: Option<String>,
    /// Show what would be sent; send nothing, write nothing, ask WeChat nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before sending.
    #[arg(short, long)]
    pub yes: bool,
    /// Rehearsal.
    #[command(flatten)]
    pub rehearsal: Rehearsal,
}

/// A reason is some words: it is recorded, and somebody will read it.
fn a_reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("say why, in a few words".to_owned()) } else { Ok(text.to_owned()) }
}
