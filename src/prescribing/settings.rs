//! What the settings say of prescriptions.

use jiff::tz::TimeZone;

use crate::intake::database::{Period, Query};
use crate::intake::{self, Contact, ContactSettings, ContactsReading};

/// What prescriptions are prepared by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The account; empty in a dry run without one.
    pub app_id: String,
    /// The clinic's zone.
    pub zone: TimeZone,
    /// The hospital, unless the prescription names one.
    pub hospital: Option<String>,
    /// Where patients are looked up.
    pub contacts: Contacts,
}

/// Where patients are looked up.
#[derive(Clone, Debug)]
pub enum Contacts {
    /// Nowhere.
    None,
    /// In a table.
    Table(intake::Origin, ContactSettings),
    /// In a database; the period of the question is replaced.
    Database(Box<Query>, ContactSettings),
}

impl Contacts {
    /// Hands on every contact; `None` where there are none. A telephone number never selects anybody.
    pub(super) fn read(
        &self,
        period: Period,
        each: &mut dyn FnMut(&Contact<'_>),
    ) -> Result<Option<ContactsReading>, intake::Error> {
        let by_number = |told: &ContactSettings| ContactSettings {
            key: intake::Column::PatientId,
            ..told.clone()
        };
        let reading = match self {
            Self::None => return Ok(None),
            Self::Table(origin, told) => intake::contacts(origin, &by_number(told), each)?,
            Self::Database(query, told) => {
                let query = Query { period, ..(**query).clone() };
                intake::contacts_of_database(&query, &by_number(told), each)?
            }
        };
        Ok(Some(reading))
    }
}
