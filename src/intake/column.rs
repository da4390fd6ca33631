//! The canonical columns: what a cell can mean to a reminder.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What a column holds, by the name that settings, templates and errors use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The hospital's own number for the visit.
    AppointmentId,
    /// The patient's id on the Official Account.
    Openid,
    /// The hospital's own number for the patient.
    PatientId,
    /// The patient's name.
    Patient,
    /// The patient's telephone number.
    Phone,
    /// The day of the visit, with or without the time.
    Start,
    /// The time or session of the visit, where it has a column of its own.
    Time,
    /// The department, by name.
    Department,
    /// The doctor, by name.
    Doctor,
    /// The hospital, by name.
    Hospital,
    /// The campus or branch: the first part of the location, and the hospital where nothing else is.
    Campus,
    /// Building, floor, room.
    Location,
    /// Whether the visit will take place; there may be several such columns.
    Status,
    /// When the openid was bound to the patient (contacts).
    BoundAt,
    /// The patient's day of birth (contacts).
    BirthDate,
    /// What the patient shows at the pharmacy (prescriptions).
    Reference,
    /// When the prescription was issued (prescriptions).
    Issued,
    /// Until when it can be collected (prescriptions).
    Expires,
}

impl Column {
    /// How many columns there are.
    pub(super) const COUNT: usize = Self::ALL.len();

    /// Every column, in the order in which mappings are shown.
    pub const ALL: [Self; 18] = [
        Self::AppointmentId,
        Self::Openid,
        Self::PatientId,
        Self::Patient,
        Self::Phone,
        Self::Start,
        Self::Time,
        Self::Department,
        Self::Doctor,
        Self::Hospital,
        Self::Campus,
        Self::Location,
        Self::Status,
        Self::BoundAt,
        Self::BirthDate,
        Self::Reference,
        Self::Issued,
        Self::Expires,
    ];

    /// The name in settings, templates and errors: `appointment_id`, `start`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AppointmentId => "appointment_id",
            Self::Openid => "openid",
            Self::PatientId => "patient_id",
            Self::Patient => "patient",
            Self::Phone => "phone",
            Self::Start => "start",
            Self::Time => "time",
            Self::Department => "department",
            Self::Doctor => "doctor",
            Self::Hospital => "hospital",
            Self::Campus => "campus",
            Self::Location => "location",
            Self::Status => "status",
            Self::BoundAt => "bound_at",
            Self::BirthDate => "birth_date",
            Self::Reference => "reference",
            Self::Issued => "issued",
            Self::Expires => "expires",
        }
    }

    /// Whether the cells identify someone or something, so that a digit lost is another person.
    pub const fn is_identity(self) -> bool {
        matches!(
            self,
            Self::AppointmentId | Self::Openid | Self::PatientId | Self::Phone | Self::Reference
        )
    }

    /// A value of this column as it may be shown: masked where it is personal.
    pub(super) fn show(self, value: &str) -> String {
        use crate::domain::mask;
        match self {
            Self::Openid => mask::openid(value),
            Self::Phone => mask::phone(value),
            Self::Reference => mask::reference(value),
            Self::PatientId | Self::AppointmentId => mask::id(value),
            Self::Start | Self::Time | Self::Status | Self::BoundAt => shorten(value),
            _ => mask::value(value),
        }
    }
}

/// At most 40 characters on one line: what is shown comes from outside.
fn shorten(value: &str) -> String {
    let mut shown: String =
        value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(40).collect();
    if value.chars().nth(40).is_some() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such column; the columns are {}", Column::ALL.map(Column::as_str).join(", "))]
pub struct UnknownColumn;

impl FromStr for Column {
    type Err = UnknownColumn;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|column| column.as_str() == word).ok_or(UnknownColumn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_column_are_one() {
        for (index, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column.as_str().parse(), Ok(column));
            assert_eq!(column as usize, index, "the order of ALL is the order of the enum");
        }
    }
}
