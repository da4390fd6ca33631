//! A table of prescriptions to send, read as a stream.

use super::column::Column;
use super::error::Error;
use super::listing::Listing;
use super::settings::ContactSettings;
use super::source::Origin;
use crate::domain::reason::Refusal;

/// One line of the table. `Debug` is not derived: it is personal data, and a reference is as good as the medicine.
#[derive(Clone, PartialEq, Eq)]
pub struct PrescriptionRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// The recipient, where the table names one.
    pub openid: Option<String>,
    /// The hospital's own number for the patient.
    pub patient_id: Option<String>,
    /// The patient's name.
    pub patient: Option<String>,
    /// The patient's day of birth, as written.
    pub birth_date: Option<String>,
    /// The reference, as written.
    pub reference: Option<String>,
    /// The hospital.
    pub hospital: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// When it was issued, as written.
    pub issued: Option<String>,
    /// Until when it can be collected, as written.
    pub expires: Option<String>,
}

/// Reads the table; each row is handed on, or why it cannot be read.
pub fn prescriptions(
    origin: &Origin,
    settings: &ContactSettings,
    mut each: impl FnMut(Result<PrescriptionRow, Refusal>),
) -> Result<(), Error> {
    let spool = origin.spool()?;
    let needs: &[&'static [Column]] = &[&[Column::Reference], &[Column::Openid, Column::PatientId]];
    let listing = Listing::open(&spool, settings, needs)?;
    listing.rows(|row| {
        let text = |column| Ok(row.text(column)?.map(str::to_owned));
        let read = || {
            row.check_width()?;
            Ok(PrescriptionRow {
                line: row.line,
                openid: text(Column::Openid)?,
                patient_id: text(Column::PatientId)?,
                patient: text(Column::Patient)?,
                birth_date: text(Column::BirthDate)?,
                reference: text(Column::Reference)?,
                hospital: text(Column::Hospital)?,
                doctor: text(Column::Doctor)?,
                issued: text(Column::Issued)?,
                expires: text(Column::Expires)?,
            })
        };
        each(read());
    })?;
    Ok(())
}
