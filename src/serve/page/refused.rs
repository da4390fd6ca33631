//! A prescription's refusal in the visitor's language: what is wrong, what to do, and at which field.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::words::Words;
use crate::domain::mask;
use crate::domain::prescription::ReferenceError;
use crate::domain::state::State;
use crate::prescribing::{At, Identifier, Refusal};
use crate::report;

/// The words.
#[derive(Serialize)]
pub(super) struct Told {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// The field to look at; empty where it is none.
    pub field: &'static str,
    /// Whether a second copy may be asked for.
    pub again: bool,
    /// Whether a reason lets the reference go to this patient.
    pub reassign: bool,
}

/// One of the two identifiers is missing.
pub(super) fn identifiers(words: &Words) -> Told {
    plain(words, "identifiers", "patient_id", &[])
}

/// The words for a refusal; times are on the clinic's clock.
pub(super) fn told(refusal: &Refusal, words: &Words, zone: &TimeZone) -> Told {
    let say = |key: &str, field, values: &[(&str, &str)]| plain(words, key, field, values);
    match refusal {
        Refusal::Row(_) | Refusal::Nobody => identifiers(words),
        Refusal::Reference(error) => say(reference(error), "reference", &[]),
        Refusal::Moment("birth date") => say("moment", "birth_date", &[]),
        Refusal::Moment(_) => say("moment", "expires", &[]),
        Refusal::Lapsed(end) => say("lapsed", "expires", &[("end", end)]),
        Refusal::NoContacts => say("no_contacts", "", &[]),
        Refusal::NotInContacts => say("not_in_contacts", "patient_id", &[]),
        Refusal::SeveralOpenids(count) => {
            say("several_openids", "patient_id", &[("count", &count.to_string())])
        }
        Refusal::DamagedContact(line) => {
            say("damaged_contact", "patient_id", &[("line", &line.to_string())])
        }
        Refusal::Differs(identifier) => of_identifier(words, "differs", *identifier),
        Refusal::SecondIdentifier(identifier) => {
            of_identifier(words, "second_identifier", *identifier)
        }
        Refusal::WentElsewhere { openid, at } => {
            let at = match at {
                At::Instant(at) => time(*at, zone),
                At::SameTable | At::JustNow => words.say("refusal", "just_now").to_owned(),
            };
            let values = [("openid", mask::openid(openid)), ("at", at)];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            Told { reassign: true, ..say("went_elsewhere", "reference", &values) }
        }
        Refusal::WentAlready { state: State::Sending, .. } => say("being_sent", "", &[]),
        Refusal::WentAlready { state, at, .. } => {
            let at = at.map(|at| time(at, zone)).unwrap_or_default();
            let key = if *state == State::Unknown { "in_doubt" } else { "went_already" };
            let values = [("at", at.as_str()), ("state", report::state(*state, words.language))];
            Told { again: true, ..say(key, "reference", &values) }
        }
        Refusal::IssuedLater(at) => say("issued_later", "", &[("at", at)]),
        Refusal::LapsesFirst => say("lapses_first", "expires", &[]),
        Refusal::NoOpenid(_) => say("no_openid", "patient_id", &[]),
        Refusal::Destroyed(_) => say("reference_destroyed", "reference", &[]),
        Refusal::Unsubscribed => say("unsubscribed", "patient_id", &[]),
        Refusal::OptedOut => say("opted_out", "patient_id", &[]),
        Refusal::Misfit(misfit) => {
            let values = [("field", misfit.key.as_str()), ("detail", misfit.detail.as_str())];
            say("misfit", "", &values)
        }
    }
}

const fn reference(error: &ReferenceError) -> &'static str {
    match error {
        ReferenceError::Empty => "reference_empty",
        ReferenceError::TooLong(_) => "reference_long",
        ReferenceError::Blank(_) => "reference_blank",
        ReferenceError::PowerOfTen | ReferenceError::LostDigits => "reference_destroyed",
    }
}

fn of_identifier(words: &Words, key: &str, identifier: Identifier) -> Told {
    let (word, field) = match identifier {
        Identifier::PatientId | Identifier::Openid => ("patient_id", "patient_id"),
        Identifier::Name => ("patient", "patient"),
        Identifier::BirthDate => ("birth_date", "birth_date"),
    };
    plain(words, key, field, &[("what", words.say("field", word))])
}

fn plain(words: &Words, key: &str, field: &'static str, values: &[(&str, &str)]) -> Told {
    Told {
        what: words.fill("refusal", key, values),
        fix: words.fill("refusal_fix", key, values),
        field,
        again: false,
        reassign: false,
    }
}

fn time(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
