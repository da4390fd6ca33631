//! The openids of due patients, from contacts; and what is told of the rows of contacts that are at fault.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;

use super::report::{LISTED, RejectedRow, write_rejected};
use crate::cli::error::CommandError;
use crate::cli::inputs;
use crate::cli::reasons;
use crate::config::Config;
use crate::config::source::ContactKey;
use crate::domain::plan::{Contacts, Found, Wanted};
use crate::domain::reason::Reason;
use crate::intake::database::Period;
use crate::intake::{Candidates, ContactsReading};

/// The openids of these patients. Contacts are not read where nobody is looked for.
pub fn find(
    config: &Config,
    wanted: &Wanted,
    period: Period,
) -> Result<(Contacts, Option<ContactsReading>), CommandError> {
    if wanted.is_empty() {
        return Ok((Contacts::new(), None));
    }
    let mut candidates: HashMap<Box<str>, Candidates> = HashMap::new();
    let settings = inputs::contact_settings(config);
    let by_phone = config.contacts.key == ContactKey::Phone;
    let country = inputs::country(config);
    let reading = inputs::contacts(config, &settings, period, &mut |contact| {
        let key = if by_phone {
            inputs::phone_key(contact.phone, country.as_deref())
        } else {
            contact.patient_id.map(Into::into)
        };
        if let Some(patient) = key.filter(|patient| wanted.contains(patient)) {
            candidates.entry(patient).or_default().add(contact.openid, contact.bound_at);
        }
    })?;
    let found = |candidates: &Candidates| match candidates.choose() {
        Ok(openid) => openid.map(|openid| Found::One(openid.into())),
        Err(_) => Some(Found::Several),
    };
    let mut contacts: Contacts = candidates
        .into_iter()
        .filter_map(|(patient, candidates)| Some((patient, found(&candidates)?)))
        .collect();
    for refused in reading.iter().flat_map(|reading| &reading.refusals) {
        let key = refused.key.as_deref();
        let key =
            if by_phone { inputs::phone_key(key, country.as_deref()) } else { key.map(Into::into) };
        if let Some(patient) = key.filter(|patient| wanted.contains(patient)) {
            let line = refused.refusal.line;
            contacts.entry(patient).or_insert(Found::Damaged(line));
        }
    }
    Ok((contacts, reading))
}

/// Rows of contacts at fault: told, but no matter for the exit code unless a due patient may be among them.
#[derive(Debug, Serialize)]
pub struct ContactsReport {
    /// What the table is called.
    source: String,
    /// Rows that map a patient to an openid.
    rows: u64,
    /// Rows of patients who have bound no account.
    without_openid: u64,
    /// Rows at fault, by reason.
    rejected: BTreeMap<&'static str, u64>,
    /// The first of them.
    rejected_rows: Vec<RejectedRow>,
    #[serde(skip)]
    strangers: u64,
    #[serde(skip)]
    reasons: BTreeMap<Reason, u64>,
}

impl ContactsReport {
    /// The report of a reading.
    pub fn of(reading: &ContactsReading) -> Self {
        let place = reasons::place(reading.of_database);
        let listed = reading.refusals.iter().take(LISTED);
        Self {
            source: reading.name.clone(),
            rows: reading.rows,
            without_openid: reading.incomplete,
            rejected: reading
                .reasons
                .iter()
                .map(|(reason, count)| (reason.as_str(), *count))
                .collect(),
            rejected_rows: listed.map(|refused| RejectedRow::of(&refused.refusal, place)).collect(),
            strangers: reading.strangers,
            reasons: reading.reasons.clone(),
        }
    }

    /// Whether a patient without an openid may be one whose row is at fault.
    pub const fn hides_somebody(&self) -> bool {
        self.strangers > 0
    }

    /// The lines for people; `somebody` says that a due patient has no openid.
    pub fn write(&self, somebody: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_rejected(f, &format!(" of {}", self.source), &self.reasons, &self.rejected_rows)?;
        if somebody && self.hides_somebody() {
            writeln!(f, "    a patient without an openid may be one of these")?;
        }
        Ok(())
    }
}
