//! A visit as a standard's message tells it, on its way to becoming an appointment.

use jiff::civil::Date;

use super::cell::clean;
use super::column::Column;
use super::dates::{Rules, Trouble, When};
use super::row::derived_id;
use super::settings::Settings;
use crate::domain::appointment::{Appointment, Start};
use crate::domain::reason::{Reason, Refusal, Refused};
use crate::domain::status::Status;

/// Everything that may be known of a visit.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub line: u64,
    pub appointment_id: Option<String>,
    pub openid: Option<String>,
    pub patient_id: Option<String>,
    pub patient: Option<String>,
    pub phone: Option<String>,
    /// The start as written.
    pub start: Option<String>,
    pub department: Option<String>,
    pub doctor: Option<String>,
    pub location: Option<String>,
    pub status: Option<Status>,
    pub status_word: Option<String>,
    /// The name of the field that holds the start, for errors.
    pub start_field: &'static str,
}

impl Draft {
    /// Forgets what only a message would say.
    pub fn keep_which_and_when(&mut self) {
        *self = Self {
            line: self.line,
            appointment_id: self.appointment_id.take(),
            openid: self.openid.take(),
            patient_id: self.patient_id.take(),
            start: self.start.take(),
            status: self.status,
            status_word: self.status_word.take(),
            start_field: self.start_field,
            ..Self::default()
        };
    }

    /// The day of the visit, if it can be read.
    pub fn day(&self, settings: &Settings) -> Option<Date> {
        self.when(settings).ok().map(|when| when.date)
    }

    fn when(&self, settings: &Settings) -> Result<When, Reason> {
        let rules = Rules {
            zone: &settings.zone,
            order: settings.day_order,
            instants_are_local: settings.instants_are_local,
            excel_1904: false,
            births: false,
        };
        let text = self.start.as_deref().map(clean).filter(|text| !text.is_empty());
        When::read(text.ok_or(Reason::Empty)?, &rules).map_err(|trouble| match trouble {
            Trouble::Time | Trouble::Disagree => Reason::UnreadableTime,
            _ => Reason::UnreadableDate,
        })
    }

    /// The appointment, or why there is none.
    pub fn finish(self, settings: &Settings) -> Result<Appointment, Refused> {
        match self.when(settings) {
            Ok(when) => self.with_start(when.into_start(), settings),
            Err(reason) => {
                let field = self.start_field;
                let detail = self
                    .start
                    .as_deref()
                    .map(|text| format!("\u{201c}{}\u{201d}", Column::Start.show(text)));
                Err(self.refused(field, reason, detail, None))
            }
        }
    }

    fn with_start(self, start: Start, settings: &Settings) -> Result<Appointment, Refused> {
        let given = |value: &Option<String>, column| {
            let text = value.as_deref().map(clean).filter(|text| !text.is_empty());
            text.or_else(|| settings.defaults.get(&column).map(String::as_str))
                .map(Box::<str>::from)
        };
        let mut appointment = Appointment {
            line: self.line,
            appointment_id: Box::default(),
            openid: given(&self.openid, Column::Openid),
            patient_id: given(&self.patient_id, Column::PatientId),
            patient: given(&self.patient, Column::Patient),
            phone: given(&self.phone, Column::Phone),
            start,
            department: given(&self.department, Column::Department),
            doctor: given(&self.doctor, Column::Doctor),
            hospital: given(&None, Column::Hospital),
            location: given(&self.location, Column::Location),
            status: self.status.unwrap_or(Status::Absent),
            status_word: self.status_word.as_deref().map(|word| Column::Status.show(word).into()),
        };
        let id = given(&self.appointment_id, Column::AppointmentId);
        let Some(id) = id.or_else(|| derived_id(&appointment)) else {
            let start = Some(appointment.start);
            return Err(self.refused("patient", Reason::Empty, None, start));
        };
        appointment.appointment_id = id;
        if appointment.status.allows() {
            appointment.status_word = None;
        }
        Ok(appointment)
    }

    fn refused(
        &self,
        field: &str,
        reason: Reason,
        detail: Option<String>,
        start: Option<Start>,
    ) -> Refused {
        Refused {
            refusal: Refusal {
                line: self.line,
                column: Some(field.into()),
                reason,
                detail: detail.map(Into::into),
            },
            appointment_id: self.appointment_id.as_deref().map(Into::into),
            patient_id: self.patient_id.as_deref().map(Into::into),
            start,
        }
    }
}
