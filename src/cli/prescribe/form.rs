//! The form at a terminal: patient id and name first, then the reference.

use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::prescribing::Draft;

/// Asks for what the command line left out.
pub fn fill(ui: &mut Ui, config: &Config, mut draft: Draft) -> Result<Draft, CommandError> {
    ui.note("E-prescription. Ctrl-C stops, and nothing is sent.");
    if draft.openid.is_none() {
        needed(ui, &mut draft.patient_id, "Patient id")?;
        needed(ui, &mut draft.patient, "Patient's name")?;
        optional(ui, &mut draft.birth_date, "Day of birth, YYYY-MM-DD (optional)", None)?;
    }
    needed(ui, &mut draft.reference, "Reference")?;
    let hospital = config.defaults.get("hospital").map(String::as_str);
    optional(ui, &mut draft.hospital, "Hospital (optional)", hospital)?;
    optional(ui, &mut draft.doctor, "Doctor (optional)", None)?;
    optional(ui, &mut draft.expires, "Can be collected until, YYYY-MM-DD (optional)", None)?;
    Ok(draft)
}

fn needed(ui: &mut Ui, answer: &mut Option<String>, question: &str) -> Result<(), CommandError> {
    if answer.is_none() {
        *answer = Some(ui.ask(question, None)?);
    }
    Ok(())
}

fn optional(
    ui: &mut Ui,
    answer: &mut Option<String>,
    question: &str,
    offered: Option<&str>,
) -> Result<(), CommandError> {
    if answer.is_none() {
        *answer = ui.ask_optional(question, offered)?;
    }
    Ok(())
}
