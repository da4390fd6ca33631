//! Contacts: whether they can be read, and how many of those who are due can be reached.

use super::finding::{Check, Findings};
use super::source::{Due, UNREADABLE};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{inputs, reasons};
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::reason::Reason;
use crate::intake::ContactsReading;
use crate::intake::database::Period;

const FILE: &str = "contacts.file";
const DUE: &str = "contacts.due";

/// Contacts, looked at.
pub struct Looked {
    findings: Findings,
    /// Whether a plan can be made with them; else why not.
    unusable: Option<String>,
}

/// Looks at the contacts that the settings or the command line name.
pub fn look(config: &Config, period: Period, offline: bool) -> Looked {
    let mut findings = Findings::default();
    let mut unusable = None;
    match inputs::contacts_origin(config) {
        None => findings.add(Check::pass(
            FILE,
            "No contacts are set: the source itself must have the openids.",
        )),
        Some(Origin::Stdin) => {
            unusable = Some("they are standard input; name a file to have it looked at");
        }
        Some(Origin::Database(_)) if offline => {
            unusable = Some("--offline: they are in a database");
        }
        Some(origin) => match read(config, period) {
            Ok(reading) => {
                let place = reasons::place(matches!(origin, Origin::Database(_)));
                findings.add(told(&reading, place));
            }
            Err(error) => {
                findings.add(Check::fail(FILE, Exit::Source, error).or_fix(UNREADABLE));
                return Looked { findings, unusable: Some("contacts cannot be read".to_owned()) };
            }
        },
    }
    if let Some(because) = unusable {
        findings.leave_out(FILE, because);
    }
    Looked { findings, unusable: unusable.map(str::to_owned) }
}

impl Looked {
    /// Whether a plan can be made with them, or without any.
    pub const fn is_sound(&self) -> bool {
        self.unusable.is_none()
    }

    /// All there is to say, now that it is known who is due.
    pub fn with(mut self, due: Option<&Due>) -> Findings {
        match (self.unusable, due) {
            (Some(because), _) => self.findings.leave_out(DUE, because),
            (None, Some(due)) => self.findings.add(reached(due)),
            (None, None) => self.findings.leave_out(DUE, "it is not known who is due"),
        }
        self.findings
    }
}

fn read(config: &Config, period: Period) -> Result<ContactsReading, CommandError> {
    let settings = inputs::contact_settings(config);
    Ok(inputs::contacts(config, &settings, period, &mut |_| {})?.unwrap_or_default())
}

fn told(reading: &ContactsReading, place: &str) -> Check {
    let message = format!(
        "Rows with an openid: {}. Without an openid or a key: {}; at fault: {}.",
        reading.rows, reading.incomplete, reading.refused
    );
    if reading.rows == 0 || reading.refused > 0 {
        let first = reading.refusals.first().map_or_else(String::new, |refusal| {
            format!(" The first: {}.", reasons::line(&refusal.refusal, place))
        });
        let fix = "Correct these rows, or export the table again.";
        return Check::warn(FILE, format!("{message}{first}"), fix);
    }
    Check::pass(FILE, message)
}

/// How many of the due visits have somebody to write to.
fn reached(due: &Due) -> Check {
    let (without, several) = (due.left_out(Reason::NoOpenid), due.left_out(Reason::SeveralOpenids));
    let all = due.visits() + without + several;
    let doubt = match several {
        0 => String::new(),
        several => format!(" For {several} contacts give several, and do not say which is newest."),
    };
    let message = format!("{} of {all} due visits have an openid.{doubt}", due.visits());
    if without + several == 0 {
        return Check::pass(DUE, message);
    }
    Check::warn(
        DUE,
        message,
        "Add the others to contacts, or telephone: `wxremind log unreached SOURCE` lists them after the run.",
    )
}
