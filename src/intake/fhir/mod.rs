//! FHIR R4 and R5 `Appointment` resources: one, a Bundle of them, or one on each line (NDJSON).
//!
//! Source: <https://hl7.org/fhir/R4/appointment.html>, <https://hl7.org/fhir/R5/appointment.html>. Reason, description
//! and comment are never read: they tell why a patient comes.
//!
//! The input is read twice: first the appointments, keeping those of the wanted days, then the resources that these
//! refer to, wherever they stand.

mod lines;
mod people;
mod stream;
mod visit;

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use serde_json::Value;

use self::people::{Known, Referred};
use self::stream::Piece;
use self::visit::Visit;
use super::error::Error;
use super::found::Kinds;
use super::settings::Settings;
use super::source::{Reading, Row};
use super::spool::Spool;
use crate::domain::appointment::Appointment;
use crate::domain::reason::{Reason, Refusal, Refused};
use crate::domain::status::Status;

/// Reads every appointment of the wanted days.
pub(super) fn rows(
    spool: &Spool,
    encoding: &'static Encoding,
    settings: &Settings,
    each: &mut dyn FnMut(Row),
) -> Result<Reading, Error> {
    let mut reading = Reading::default();
    let mut visits: Vec<Visit> = Vec::new();
    let mut referred: BTreeMap<String, Option<Known>> = BTreeMap::new();
    let mut others = Kinds::default();
    let bytes = stream::resources(spool, spool.bytes()?.fingerprinted(), encoding, &mut |piece| {
        let found = match piece {
            Piece::Resource(found) => found,
            Piece::Damaged { line, column } => {
                reading.rows += 1;
                return each(Row::Refused(Box::new(damaged(line, column))));
            }
        };
        let Some(visit) = Visit::read(&found, settings) else {
            let kind = found.resource.get("resourceType").and_then(Value::as_str);
            // A Bundle is what holds the others, and an empty one is an answer.
            others.add(kind.filter(|kind| *kind != "Bundle"));
            return;
        };
        reading.rows += 1;
        let day = visit.draft.day(settings);
        if let Some(day) = day {
            reading.saw(day);
        }
        // FHIR lets a visit that is proposed, waiting or cancelled be without a start (invariant app-3).
        if visit.draft.start.is_none() && !visit.draft.status.is_some_and(Status::allows) {
            reading.elsewhere += 1;
            return;
        }
        let wanted = settings.wanted_days.as_ref();
        if let (Some(days), Some(day)) = (wanted, day)
            && !days.contains(&day)
        {
            reading.elsewhere += 1;
            return;
        }
        // Of other days only which and when is asked: neither the visit nor what it refers to is kept.
        if let (Some(days), Some(day)) = (&settings.detailed_days, day)
            && !days.contains(&day)
        {
            each(row(visit.draft.finish(settings)));
            return;
        }
        for reference in visit.references() {
            referred.entry(reference.to_owned()).or_default();
        }
        visits.push(visit);
    })?;
    reading.fingerprint = bytes.fingerprint();
    if reading.rows == 0 {
        others.refuse(spool.name(), "FHIR resources of type Appointment")?;
    }
    if !referred.is_empty() {
        stream::resources(spool, spool.bytes()?, encoding, &mut |piece| {
            let Piece::Resource(found) = piece else { return };
            let Some(person) = Referred::read(&found) else { return };
            for name in person.names() {
                if let Some(place) = referred.get_mut(&name) {
                    *place = Some(person.known.clone());
                }
            }
        })?;
    }
    for visit in visits {
        each(row(visit.resolve(&referred).finish(settings)));
    }
    Ok(reading)
}

/// A line of NDJSON that was cut off or run together.
fn damaged(line: u64, column: u64) -> Refused {
    let detail = Some(format!("it is no JSON from column {column} on").into());
    let refusal = Refusal { line, column: None, reason: Reason::Malformed, detail };
    Refused { refusal, appointment_id: None, patient_id: None, start: None }
}

fn row(finished: Result<Appointment, Refused>) -> Row {
    match finished {
        Ok(appointment) => Row::Visit(Box::new(appointment)),
        Err(refused) => Row::Refused(Box::new(refused)),
    }
}

#[cfg(test)]
mod tests;
