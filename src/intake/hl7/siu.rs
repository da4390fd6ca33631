//! One scheduling message: what happened to which visit.

use super::super::draft::Draft;
use super::super::names::joined;
use super::super::settings::Settings;
use super::message::Message;
use crate::domain::status::Status;

/// What an event does to a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// S12, S13, S14, S18, S19: the visit is as the message says.
    Sets,
    /// S15, S16, S17, S26: the visit does not take place.
    Ends,
}

/// An event and the visit that it tells of.
pub(super) struct Event {
    pub effect: Effect,
    pub draft: Draft,
}

impl Event {
    /// `None` for messages that are about no visit: other types, blocked slots (S23, S24), single resources (S20–S22).
    pub fn read(message: &Message<'_>, line: u64, settings: &Settings) -> Option<Self> {
        if message.component("MSH", 9, 1)? != "SIU" {
            return None;
        }
        let trigger = message.component("MSH", 9, 2)?;
        let effect = match trigger.as_str() {
            "S12" | "S13" | "S14" | "S18" | "S19" => Effect::Sets,
            "S15" | "S16" | "S17" | "S26" => Effect::Ends,
            _ => return None,
        };
        let word = message.component("SCH", 25, 1);
        let (status, word) = match word {
            _ if effect == Effect::Ends => (Some(Status::Never), Some(format!("SIU^{trigger}"))),
            Some(word) => (Some(settings.vocabulary.read(&word)), Some(word)),
            None => (None, None),
        };
        let draft = Draft {
            line,
            appointment_id: message
                .component("SCH", 2, 1)
                .or_else(|| message.component("SCH", 1, 1)),
            patient_id: patient_id(message),
            patient: person(message, "PID", 5, 1),
            phone: phone(message),
            start: start(message),
            start_field: "SCH-11",
            doctor: person(message, "AIP", 3, 2).or_else(|| person(message, "PV1", 7, 2)),
            location: place(message, "AIL", 3).or_else(|| place(message, "PV1", 3)),
            status,
            status_word: word,
            ..Draft::default()
        };
        Some(Self { effect, draft })
    }
}

/// SCH-11, component 4; since version 2.5 TQ1-7; else the start of the first resource.
fn start(message: &Message<'_>) -> Option<String> {
    message
        .component("SCH", 11, 4)
        .or_else(|| message.component("TQ1", 7, 1))
        .or_else(|| message.component("AIS", 4, 1))
        .or_else(|| message.component("AIP", 6, 1))
        .or_else(|| message.component("AIL", 6, 1))
}

/// PID-3: the medical record number (type MR), else the first that is there.
fn patient_id(message: &Message<'_>) -> Option<String> {
    let is_record = |id: &&str| message.part_of(id, 5).as_deref() == Some("MR");
    let id = message.repetitions("PID", 3).find(is_record);
    message.part_of(id.or_else(|| message.repetitions("PID", 3).next())?, 1)
}

/// A name of family and given name, from the component where it begins.
fn person(message: &Message<'_>, segment: &str, field: usize, from: usize) -> Option<String> {
    let family = message.component(segment, field, from).unwrap_or_default();
    let given = message.component(segment, field, from + 1).unwrap_or_default();
    joined(&family, &given)
}

/// PID-13: the number in component 1, else in 12, else area and number in 6 and 7.
fn phone(message: &Message<'_>) -> Option<String> {
    message.repetitions("PID", 13).find_map(|phone| {
        message.part_of(phone, 1).or_else(|| message.part_of(phone, 12)).or_else(|| {
            let number = message.part_of(phone, 7)?;
            Some(format!("{}{number}", message.part_of(phone, 6).unwrap_or_default()))
        })
    })
}

/// A location: building, floor, point of care and room, as far as they are there.
fn place(message: &Message<'_>, segment: &str, field: usize) -> Option<String> {
    let parts: Vec<String> = [7, 8, 1, 2]
        .into_iter()
        .filter_map(|part| message.component(segment, field, part))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
