//! Contacts: whether they can be read, and how many of those who are due can be reached.

use super::finding::{Check, Findings};
use super::source::Due;
use crate::cli::exit::Exit;
use crate::cli::inputs;
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::plan::{Contacts, Found, Wanted};
use crate::intake::ContactsReading;

const FILE: &str = "contacts.file";
const DUE: &str = "contacts.due";

/// Looks at the contacts that the settings or the command line name.
pub fn look(config: &Config, offline: bool, due: Option<&Due>) -> Findings {
    let mut findings = Findings::default();
    let found = match &config.contacts.origin {
        None => {
            findings.add(Check::pass(
                FILE,
                "No contacts are set: the source itself must have the openids.",
            ));
            Contacts::new()
        }
        Some(origin) => {
            let because = match origin {
                Origin::Stdin => Some("it is standard input; name a file to have it looked at"),
                Origin::Database(_) if offline => Some("--offline: it is a database"),
                _ => None,
            };
            if let Some(because) = because {
                findings.leave_out(FILE, because);
                findings.leave_out(DUE, because);
                return findings;
            }
            match read(config, due) {
                Ok((found, reading)) => {
                    findings.add(told(&reading));
                    found
                }
                Err(error) => {
                    findings.add(Check::fail(FILE, Exit::Source, error));
                    findings.leave_out(DUE, "contacts cannot be read");
                    return findings;
                }
            }
        }
    };
    match due {
        Some(due) => findings.add(reached(due, &found)),
        None => findings.leave_out(DUE, "it is not known who is due"),
    }
    findings
}

fn read(
    config: &Config,
    due: Option<&Due>,
) -> Result<(Contacts, ContactsReading), crate::cli::error::CommandError> {
    let wanted = due.map_or_else(Wanted::new, |due| due.gathered().contacts_wanted());
    match inputs::contacts(config)? {
        Some(origin) => inputs::openids(config, &origin, &wanted),
        None => Ok((Contacts::new(), ContactsReading::default())),
    }
}

fn told(reading: &ContactsReading) -> Check {
    let message = format!(
        "{} rows give an openid. Without an openid or a key: {}; at fault: {}.",
        reading.rows, reading.incomplete, reading.refused
    );
    if reading.rows == 0 || reading.refused > 0 {
        let first = reading.refusals.first().map_or_else(String::new, |refusal| {
            format!(" The first: {}.", crate::cli::reasons::line(refusal))
        });
        let fix = "Correct these rows, or export the table again.";
        return Check::warn(FILE, format!("{message}{first}"), fix);
    }
    Check::pass(FILE, message)
}

/// How many of the due visits have somebody to write to.
fn reached(due: &Due, found: &Contacts) -> Check {
    let (mut reached, mut several, mut without) = (0u64, 0u64, 0u64);
    for row in due.rows() {
        let patient = row.visit.patient_id.as_ref();
        match (&row.visit.openid, patient.and_then(|patient| found.get(patient))) {
            (Some(_), _) | (None, Some(Found::One(_))) => reached += 1,
            (None, Some(Found::Several)) => several += 1,
            (None, None) => without += 1,
        }
    }
    let all = reached + several + without;
    let mut message = format!("{reached} of {all} due visits have an openid.");
    if several > 0 {
        message += &format!(" For {several} contacts give several and do not say which is newest.");
    }
    if reached == all {
        return Check::pass(DUE, message);
    }
    Check::warn(
        DUE,
        message,
        "Add the others to contacts, or telephone: `wxremind log unreached SOURCE` lists them after the run.",
    )
}
