//! Whether two rows, or a row and a message, speak of the same patient.

use crate::domain::appointment::Appointment;

/// What tells patients apart, as far as a row says it.
///
/// `Debug` is not derived: it is personal data, and must not slip into a log.
#[derive(Clone)]
pub struct Person {
    patient_id: Option<Box<str>>,
    openid: Option<Box<str>>,
    name: Option<Box<str>>,
}

impl Person {
    /// The patient of this row.
    pub fn of(row: &Appointment) -> Self {
        Self {
            patient_id: row.patient_id.clone(),
            openid: row.openid.clone(),
            name: row.patient.clone(),
        }
    }

    /// The patient of a message, which knows no name.
    pub fn known_by(patient_id: Option<&str>, openid: Option<&str>) -> Self {
        Self { patient_id: patient_id.map(Into::into), openid: openid.map(Into::into), name: None }
    }

    /// Whether it is another patient, surely.
    pub fn differs(&self, other: &Self) -> bool {
        self.is(other) == Some(false)
    }

    /// Whether it is the same patient: the number decides where both have it, else the openid, else the name. `None`
    /// when they have nothing to compare.
    pub fn is(&self, other: &Self) -> Option<bool> {
        let pairs = [
            (&self.patient_id, &other.patient_id),
            (&self.openid, &other.openid),
            (&self.name, &other.name),
        ];
        pairs.into_iter().find_map(|(a, b)| Some(a.as_ref()? == b.as_ref()?))
    }
}
