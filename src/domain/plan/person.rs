//! Whether two rows of one visit speak of the same patient.

use super::known::Pending;
use crate::domain::appointment::Appointment;

/// What tells patients apart, as far as a row says it.
#[derive(Clone)]
pub(super) struct Person {
    patient_id: Option<Box<str>>,
    openid: Option<Box<str>>,
    name: Option<Box<str>>,
}

impl Person {
    /// The patient of this row.
    pub(super) fn of(row: &Appointment) -> Self {
        Self {
            patient_id: row.patient_id.clone(),
            openid: row.openid.clone(),
            name: row.patient.clone(),
        }
    }

    /// The patient for whom a message waits.
    pub(super) fn awaiting(message: &Pending) -> Self {
        Self {
            patient_id: message.patient_id.clone(),
            openid: Some(message.openid.clone()),
            name: None,
        }
    }

    /// Whether it is another patient, surely.
    pub(super) fn differs(&self, other: &Self) -> bool {
        self.is(other) == Some(false)
    }

    /// Whether it is the same patient: the number decides where both have it, else the openid, else the name. `None`
    /// when they have nothing to compare.
    pub(super) fn is(&self, other: &Self) -> Option<bool> {
        let pairs = [
            (&self.patient_id, &other.patient_id),
            (&self.openid, &other.openid),
            (&self.name, &other.name),
        ];
        pairs.into_iter().find_map(|(a, b)| Some(a.as_ref()? == b.as_ref()?))
    }
}
