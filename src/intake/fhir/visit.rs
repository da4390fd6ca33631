//! One `Appointment` resource: what it says itself, and what it refers to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::draft::Draft;
use super::super::settings::Settings;
use super::people::{Known, known};
use super::stream::Found;
use crate::domain::status::Status;

/// An appointment whose references are not resolved yet.
pub(super) struct Visit {
    /// What the resource says itself.
    pub draft: Draft,
    patient: Option<String>,
    doctor: Option<String>,
    place: Option<String>,
    /// References that do not say what they refer to (`urn:uuid:…`): the resource itself tells.
    unnamed: Vec<(String, Answer)>,
}

/// What a participant has answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Nothing that matters.
    None,
    /// Will not come; whether the visit needs them.
    Declined { required: bool },
}

/// Who takes part, by the kind of resource that the reference names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Patient,
    Doctor,
    Place,
}

impl Part {
    /// The part of a resource of this type.
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "Patient" => Some(Self::Patient),
            "Practitioner" | "PractitionerRole" => Some(Self::Doctor),
            "Location" => Some(Self::Place),
            _ => None,
        }
    }
}

impl Visit {
    /// `None` when the resource is no appointment.
    pub fn read(found: &Found, settings: &Settings) -> Option<Self> {
        let resource = &found.resource;
        if resource.get("resourceType")?.as_str()? != "Appointment" {
            return None;
        }
        let text = |field| resource.get(field).and_then(Value::as_str).map(str::to_owned);
        let identifier = list(resource, "identifier").iter().find_map(|one| string(one, "value"));
        let word = text("status").unwrap_or_default();
        let mut visit = Self {
            draft: Draft {
                line: found.line,
                appointment_id: identifier.or_else(|| text("id")),
                start: text("start"),
                start_field: "start",
                department: concept(list(resource, "specialty"))
                    .or_else(|| concept(list(resource, "serviceType"))),
                status: Some(settings.vocabulary.read(&word)),
                status_word: Some(word),
                ..Draft::default()
            },
            patient: None,
            doctor: None,
            place: None,
            unnamed: Vec::new(),
        };
        // R5 names the patient in `subject` as well.
        if let Some(subject) = resource.get("subject") {
            visit.take_actor(subject, resource, Answer::None);
        }
        for participant in list(resource, "participant") {
            visit.take(participant, resource);
        }
        Some(visit)
    }

    /// The references that could tell more.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        let named = [&self.patient, &self.doctor, &self.place];
        let unnamed = self.unnamed.iter().map(|(reference, _)| reference.as_str());
        named.into_iter().filter_map(Option::as_deref).chain(unnamed)
    }

    fn take(&mut self, participant: &Value, resource: &Value) {
        let Some(actor) = participant.get("actor") else { return };
        self.take_actor(actor, resource, answer(participant));
    }

    fn take_actor(&mut self, actor: &Value, resource: &Value, answer: Answer) {
        let reference = string(actor, "reference").unwrap_or_default();
        let contained = reference.strip_prefix('#').and_then(|id| {
            list(resource, "contained").iter().find(|one| string(one, "id").as_deref() == Some(id))
        });
        let kind = contained
            .and_then(|one| string(one, "resourceType"))
            .or_else(|| string(actor, "type"))
            .unwrap_or_else(|| kind_of(&reference).to_owned());
        let Some(part) = Part::of(&kind) else {
            if kind.is_empty() && !reference.is_empty() {
                self.unnamed.push((reference, answer));
            }
            return;
        };
        self.heed(part, answer);
        let own = Known {
            name: string(actor, "display"),
            number: actor.get("identifier").and_then(|one| string(one, "value")),
            ..Known::default()
        };
        let local = relative(&reference);
        if part == Part::Patient && self.draft.patient_id.is_none() {
            self.draft.patient_id =
                local.and_then(|local| local.split('/').nth(1)).map(str::to_owned);
        }
        self.fill(part, &own);
        if let Some(contained) = contained {
            self.fill(part, &known(contained));
        }
        let place = match part {
            Part::Patient => &mut self.patient,
            Part::Doctor => &mut self.doctor,
            Part::Place => &mut self.place,
        };
        // A urn:uuid is found by the entry's own fullUrl.
        let full = reference.starts_with("urn:").then(|| reference.clone());
        *place = place.take().or(full).or_else(|| local.map(str::to_owned));
    }

    /// A visit whose patient, or a doctor whom it needs, has declined does not take place as it stands.
    fn heed(&mut self, part: Part, answer: Answer) {
        let status = match (part, answer) {
            (Part::Patient, Answer::Declined { .. }) => Status::Never,
            (Part::Doctor, Answer::Declined { required: true }) => Status::Hold,
            _ => return,
        };
        self.draft.status = self.draft.status.map(|own| own.and(status));
        self.draft.status_word = Some("declined".to_owned());
    }

    fn fill(&mut self, part: Part, known: &Known) {
        let draft = &mut self.draft;
        match part {
            Part::Patient => {
                replace(&mut draft.patient, known.name.as_ref());
                replace(&mut draft.patient_id, known.number.as_ref());
                replace(&mut draft.phone, known.phone.as_ref());
                replace(&mut draft.openid, known.openid.as_ref());
            }
            Part::Doctor => keep(&mut draft.doctor, known.name.as_ref()),
            Part::Place => keep(&mut draft.location, known.name.as_ref()),
        }
    }

    /// The draft with what the referred resources tell.
    pub fn resolve(mut self, referred: &BTreeMap<String, Option<Known>>) -> Draft {
        let find = |reference: &Option<String>| {
            reference.as_ref().and_then(|name| referred.get(name)).and_then(Option::clone)
        };
        let parts = [
            (Part::Patient, find(&self.patient)),
            (Part::Doctor, find(&self.doctor)),
            (Part::Place, find(&self.place)),
        ];
        for (part, known) in parts {
            if let Some(known) = known {
                self.fill(part, &known);
            }
        }
        for (reference, answer) in std::mem::take(&mut self.unnamed) {
            let known = referred.get(&reference).and_then(Option::as_ref);
            if let Some((known, part)) =
                known.and_then(|known| Some((known, Part::of(&known.kind)?)))
            {
                self.fill(part, known);
                self.heed(part, answer);
            }
        }
        self.draft
    }
}

fn answer(participant: &Value) -> Answer {
    if string(participant, "status").as_deref() != Some("declined") {
        return Answer::None;
    }
    // R4 says "required", R5 says true.
    let required = participant.get("required");
    let required = required.and_then(Value::as_bool).unwrap_or(false)
        || required.and_then(Value::as_str) == Some("required");
    Answer::Declined { required }
}

/// A patient's own resource knows better than the appointment's display text.
fn replace(own: &mut Option<String>, better: Option<&String>) {
    if better.is_some() {
        *own = better.cloned();
    }
}

/// The first practitioner and place are those of the visit.
fn keep(own: &mut Option<String>, other: Option<&String>) {
    if own.is_none() {
        *own = other.cloned();
    }
}

/// `Patient/123` from that, from `https://host/fhir/Patient/123`, or from `Patient/123/_history/2`.
fn relative(reference: &str) -> Option<&str> {
    let reference = reference.split_once("/_history").map_or(reference, |(before, _)| before);
    let mut parts = reference.rmatch_indices('/');
    parts.next()?;
    Some(parts.next().map_or(reference, |(at, _)| &reference[at + 1..]))
}

fn kind_of(reference: &str) -> &str {
    relative(reference).and_then(|local| local.split('/').next()).unwrap_or("")
}

/// The words of a CodeableConcept, or of R5's CodeableReference.
fn concept(concepts: &[Value]) -> Option<String> {
    concepts.iter().find_map(|one| {
        let one = one.get("concept").unwrap_or(one);
        string(one, "text")
            .or_else(|| list(one, "coding").iter().find_map(|c| string(c, "display")))
    })
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn string(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
