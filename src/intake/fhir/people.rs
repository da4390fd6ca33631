//! Patients, practitioners and places that appointments refer to: who and where, in words.

use serde_json::Value;

use super::super::names::joined;
use super::stream::Found;

/// What an appointment takes from a resource that it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The resource's type; empty where no resource tells.
    pub kind: String,
    /// A person's or place's name.
    pub name: Option<String>,
    /// The hospital's own number for a patient (identifier type MR, else the first).
    pub number: Option<String>,
    /// A patient's telephone number, a mobile before others.
    pub phone: Option<String>,
    /// A patient's openid, from an identifier whose system names it.
    pub openid: Option<String>,
}

/// A resource that can be referred to.
pub(super) struct Referred {
    reference: String,
    full_url: Option<String>,
    /// What it tells.
    pub known: Known,
}

impl Referred {
    /// `None` when it is a resource of another kind.
    pub fn read(found: &Found) -> Option<Self> {
        let resource = &found.resource;
        let kind = resource.get("resourceType")?.as_str()?;
        if !matches!(
            kind,
            "Patient"
                | "Practitioner"
                | "PractitionerRole"
                | "Location"
                | "HealthcareService"
                | "Organization"
        ) {
            return None;
        }
        let id = resource.get("id").and_then(Value::as_str).unwrap_or("");
        let known = known(resource);
        Some(Self { reference: format!("{kind}/{id}"), full_url: found.full_url.clone(), known })
    }

    /// The names by which references find it.
    pub fn names(&self) -> impl Iterator<Item = String> {
        [Some(self.reference.clone()), self.full_url.clone()].into_iter().flatten()
    }
}

/// What a resource tells; also for one that is contained in the appointment itself.
pub(super) fn known(resource: &Value) -> Known {
    Known {
        kind: text(resource, "resourceType").unwrap_or_default(),
        name: name(resource),
        number: number(resource),
        phone: phone(resource),
        openid: openid(resource),
    }
}

fn list<'v>(resource: &'v Value, field: &str) -> &'v [Value] {
    resource.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// `name` is a text for places and a list of HumanName for people; the usual or official one comes first.
fn name(resource: &Value) -> Option<String> {
    if let Some(name) = text(resource, "name") {
        return Some(name);
    }
    let names = list(resource, "name");
    let of_use = |wanted: &str| {
        names.iter().find(|name| name.get("use").and_then(Value::as_str) == Some(wanted))
    };
    let name = of_use("usual").or_else(|| of_use("official")).or_else(|| names.first())?;
    text(name, "text").or_else(|| {
        let given = list(name, "given").iter().filter_map(Value::as_str).collect::<Vec<_>>();
        joined(name.get("family").and_then(Value::as_str).unwrap_or(""), &given.join(" "))
    })
}

fn number(resource: &Value) -> Option<String> {
    let identifiers = list(resource, "identifier");
    let is_record = |identifier: &&Value| {
        let codings = identifier.get("type").map_or(&[][..], |kind| list(kind, "coding"));
        codings.iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some("MR"))
    };
    let other = |identifier: &&Value| !is_openid(identifier);
    let identifier = identifiers.iter().find(is_record);
    text(identifier.or_else(|| identifiers.iter().find(other))?, "value")
}

fn openid(resource: &Value) -> Option<String> {
    text(list(resource, "identifier").iter().find(|identifier| is_openid(identifier))?, "value")
}

fn is_openid(identifier: &Value) -> bool {
    let system = identifier.get("system").and_then(Value::as_str).unwrap_or("").to_lowercase();
    system.contains("openid") && !system.contains("openid-connect") || system.contains("weixin")
}

fn phone(resource: &Value) -> Option<String> {
    let telecom = list(resource, "telecom");
    let is = |contact: &Value, field: &str, wanted: &str| {
        contact.get(field).and_then(Value::as_str) == Some(wanted)
    };
    let phones = || telecom.iter().filter(|contact| is(contact, "system", "phone"));
    let mobile = phones().find(|contact| is(contact, "use", "mobile"));
    text(mobile.or_else(|| phones().next())?, "value")
}
