//! The form at a terminal: patient id and name first, then the reference.

use super::order::Draft;
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::config::Config;

/// Asks for what the command line left out.
pub fn fill(ui: &mut Ui, config: &Config, mut draft: Draft) -> Result<Draft, CommandError> {
    ui.note("E-prescription. Leave a line empty where there is nothing to say; Ctrl-C stops, and nothing is sent.");
    if draft.openid.is_none() {
        ask(ui, &mut draft.patient_id, "Patient id", None)?;
        ask(ui, &mut draft.patient, "Patient's name", None)?;
        ask(ui, &mut draft.birth_date, "Day of birth (YYYY-MM-DD)", None)?;
    }
    ask(ui, &mut draft.reference, "Reference", None)?;
    let hospital = config.defaults.get("hospital").map(String::as_str);
    ask(ui, &mut draft.hospital, "Hospital", hospital)?;
    ask(ui, &mut draft.doctor, "Doctor", None)?;
    ask(ui, &mut draft.expires, "Can be collected until (YYYY-MM-DD)", None)?;
    Ok(draft)
}

fn ask(
    ui: &mut Ui,
    answer: &mut Option<String>,
    question: &str,
    offered: Option<&str>,
) -> Result<(), CommandError> {
    if answer.is_none() {
        let typed = ui.ask(question, offered)?;
        *answer = Some(typed).filter(|typed| !typed.is_empty());
    }
    Ok(())
}
