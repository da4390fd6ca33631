//! One visit of one patient at one time, as a source row tells it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::status::Status;

/// When a visit starts, on the clinic's wall clock, with no more precision than the source gave.
///
/// No time known means no time invented: `time` is `None` for a session such as 上午, whose text is in `slot`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Start {
    /// The day of the visit in the clinic's zone.
    pub date: Date,
    /// The time of day, to the minute, where the source tells one.
    pub time: Option<Time>,
    /// The source's own words for the time: `08:30-09:00`, `上午`.
    pub slot: Option<Box<str>>,
}

impl Start {
    /// A visit at a minute of a day.
    pub fn at(date: Date, time: Time) -> Self {
        Self { date, time: Some(time), slot: None }
    }

    /// A visit on a day, of which the source says only a session or nothing at all.
    pub fn on(date: Date, slot: Option<&str>) -> Self {
        Self { date, time: None, slot: slot.map(Into::into) }
    }

    /// The same start with the source's words for it.
    #[must_use]
    pub fn with_slot(mut self, slot: &str) -> Self {
        self.slot = Some(slot.into());
        self
    }

    /// The earliest instant at which the visit can begin: its minute, or the first instant of its day when no time is known.
    ///
    /// `None` only for days at the very edge of the calendar.
    pub fn instant(&self, zone: &TimeZone) -> Option<Timestamp> {
        let civil = self.date.to_datetime(self.time.unwrap_or(Time::midnight()));
        civil.to_zoned_datetime(zone.clone()).ok().map(|at| at.timestamp())
    }

    /// The start for programs: RFC 3339 in the clinic's zone, or the day alone where no time is known.
    pub fn for_programs(&self, zone: &TimeZone) -> String {
        match (self.time, self.instant(zone)) {
            (Some(_), Some(at)) => at.display_with_offset(zone.to_offset(at)).to_string(),
            _ => self.date.to_string(),
        }
    }

    /// The key part of a start: to the minute, or the date and the slot text when no time is known.
    pub fn identity(&self) -> String {
        match (self.time, &self.slot) {
            (Some(time), _) => format!("{}T{:02}:{:02}", self.date, time.hour(), time.minute()),
            (None, Some(slot)) => format!("{} {slot}", self.date),
            (None, None) => self.date.to_string(),
        }
    }
}

impl fmt::Display for Start {
    /// `2026-11-30 09:00`, `2026-11-30 上午` or `2026-11-30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        match (self.time, &self.slot) {
            (Some(time), _) => write!(f, " {:02}:{:02}", time.hour(), time.minute()),
            (None, Some(slot)) => write!(f, " {slot}"),
            (None, None) => Ok(()),
        }
    }
}

/// One row of a source, read and understood.
///
/// `Debug` is not derived: a row is personal data, and must not slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Appointment {
    /// The line of the source on which the row begins, from 1; 0 where the source has no lines.
    pub line: u64,
    /// The hospital's own number for the visit, or a hash of patient, start, department and doctor when it has none.
    pub appointment_id: Box<str>,
    /// The patient's id on this Official Account, where the source knows it.
    pub openid: Option<Box<str>>,
    /// The hospital's own number for the patient.
    pub patient_id: Option<Box<str>>,
    /// The patient's name.
    pub patient: Option<Box<str>>,
    /// The patient's telephone number.
    pub phone: Option<Box<str>>,
    /// When the visit starts.
    pub start: Start,
    /// The department, by name.
    pub department: Option<Box<str>>,
    /// The doctor, by name.
    pub doctor: Option<Box<str>>,
    /// The hospital, by name.
    pub hospital: Option<Box<str>>,
    /// Campus, building, room: where to go.
    pub location: Option<Box<str>>,
    /// Whether the source says that the visit will take place.
    pub status: Status,
    /// The source's own word for the status, kept when it does not allow a reminder.
    pub status_word: Option<Box<str>>,
}

impl fmt::Debug for Appointment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appointment")
            .field("line", &self.line)
            .field("start", &self.start.date)
            .finish_non_exhaustive()
    }
}
