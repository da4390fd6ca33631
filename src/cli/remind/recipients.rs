//! Whose openid it is: contacts, for the due patients whom the source gives none.

use std::collections::HashMap;

use crate::cli::error::CommandError;
use crate::cli::inputs;
use crate::cli::reasons;
use crate::config::Config;
use crate::config::source::{ContactKey, Origin};
use crate::domain::plan::{Contacts, Found, Gathered};
use crate::intake::Candidates;
use crate::intake::database::Period;

/// The openids found, and what must be said of how they were.
#[derive(Default)]
pub struct Recipients {
    /// By the key of contacts.
    pub found: Contacts,
    /// Rows of contacts that could not be used.
    pub notes: Vec<String>,
}

/// Looks the due patients up; contacts are read only when somebody is to be found, and only those are kept.
pub fn look_up(
    config: &Config,
    gathered: &Gathered,
    period: Period,
) -> Result<Recipients, CommandError> {
    let wanted = gathered.contacts_wanted(&inputs::contact_key(config));
    let (Some(origin), false) = (inputs::contacts_origin(config), wanted.is_empty()) else {
        return Ok(Recipients::default());
    };
    let by_phone = config.contacts.key == ContactKey::Phone;
    let country = inputs::country(config);
    let mut candidates: HashMap<Box<str>, Candidates> = HashMap::new();
    let settings = inputs::contact_settings(config);
    let reading = inputs::contacts(config, &settings, period, &mut |contact| {
        let key = if by_phone {
            inputs::phone_key(contact.phone, country.as_deref())
        } else {
            contact.patient_id.map(Into::into)
        };
        if let Some(key) = key.filter(|key| wanted.contains(key)) {
            candidates.entry(key).or_default().add(contact.openid, contact.bound_at);
        }
    })?;
    let choice = |candidates: &Candidates| match candidates.choose() {
        Ok(openid) => openid.map(|openid| Found::One(openid.into())),
        Err(_) => Some(Found::Several),
    };
    let found = candidates
        .into_iter()
        .filter_map(|(patient, candidates)| Some((patient, choice(&candidates)?)))
        .collect();
    let reading = reading.unwrap_or_default();
    let place = reasons::place(matches!(origin, Origin::Database(_)));
    let notes = reading.refusals.first().map(|first| {
        format!(
            "Of contacts {} rows cannot be used; the first: {}.",
            reading.refused,
            reasons::line(first, place)
        )
    });
    Ok(Recipients { found, notes: notes.into_iter().collect() })
}
