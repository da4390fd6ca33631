//! One row of a table becomes an appointment, or a refusal that says which cell is at fault.

use std::borrow::Cow;

use csv::StringRecord;
use jiff::civil::Date;

use super::cell::{clean, damage, is_hashes, is_unreadable, is_zero_width, without_fraction};
use super::column::Column;
use super::dates::{Rules, Trouble, When};
use super::error::Error;
use super::mapping::Mapping;
use super::margin;
use super::settings::{DayOrder, Settings};
use crate::domain::appointment::{Appointment, Start};
use crate::domain::key::{hex, mark};
use crate::domain::reason::{Reason, Refusal, Refused};
use crate::domain::status::Status;

/// What a row turned out to be.
pub(super) enum Outcome {
    /// An appointment of a wanted day.
    Visit(Box<Appointment>),
    /// A row at fault.
    Refused(Box<Refused>),
    /// A visit on a day that nobody asked for.
    Elsewhere(Date),
    /// The header once more, as printed reports repeat it on each page.
    Header,
    /// A total, a signature, a title: no appointment.
    Margin,
    /// Nothing in any cell.
    Blank,
    /// Day and month cannot be told apart until someone says which is which; `Some` where the row proves an order.
    NeedsOrder,
}

impl Outcome {
    /// The day of the visit, where it could be read.
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Visit(visit) => Some(visit.start.date),
            Self::Refused(refused) => refused.start.as_ref().map(|start| start.date),
            Self::Elsewhere(day) => Some(*day),
            _ => None,
        }
    }
}

/// Why a row cannot be an appointment.
enum Fault {
    /// The row alone is at fault.
    Row { column: Option<Box<str>>, reason: Reason, detail: Option<Box<str>> },
    /// The source as a whole is.
    Whole(Error),
    /// The order of day and month is needed.
    Order,
}

/// Reads the rows of one table.
pub(super) struct RowReader<'a> {
    pub settings: &'a Settings,
    pub mapping: &'a Mapping,
    /// The source's name, for errors.
    pub source: &'a str,
    /// The cells of rows above the header, which printed reports repeat.
    pub titles: &'a [String],
    pub order: Option<DayOrder>,
}

impl RowReader<'_> {
    /// Reads a row.
    pub fn read(&self, record: &StringRecord, line: u64) -> Result<Outcome, Error> {
        match self.visit(record, line) {
            Ok(outcome) => Ok(outcome),
            Err(Fault::Whole(error)) => Err(error),
            Err(Fault::Order) => Ok(Outcome::NeedsOrder),
            Err(Fault::Row { column, reason, detail }) => {
                Ok(self.refused(record, Refusal { line, column, reason, detail }, None))
            }
        }
    }

    fn visit(&self, record: &StringRecord, line: u64) -> Result<Outcome, Fault> {
        if let Some(ragged) = self.ragged(record) {
            return margin::read(self.mapping, self.titles, record).ok_or(ragged);
        }
        let when = match self.when(record, line) {
            Ok(when) => when,
            Err(fault @ Fault::Row { .. }) => {
                return margin::read(self.mapping, self.titles, record).ok_or(fault);
            }
            Err(fault) => return Err(fault),
        };
        let date = when.date;
        if self.settings.wanted_days.as_ref().is_some_and(|days| !days.contains(&date)) {
            return Ok(Outcome::Elsewhere(date));
        }
        let appointment =
            self.start(record, when).and_then(|start| self.appointment(record, line, start));
        match appointment {
            Ok(appointment) => Ok(Outcome::Visit(Box::new(appointment))),
            Err(Fault::Row { column, reason, detail }) => {
                let refusal = Refusal { line, column, reason, detail };
                Ok(self.refused(record, refusal, Some(Start::on(date, None))))
            }
            Err(fault) => Err(fault),
        }
    }

    /// The fault of a row with more or fewer cells than the header; empty cells at the end do no harm.
    fn ragged(&self, record: &StringRecord) -> Option<Fault> {
        let cells = record.len();
        let width = self.mapping.width;
        let more = || record.iter().skip(width).any(|cell| !clean(cell).is_empty());
        if cells >= width && !more() {
            return None;
        }
        Some(Fault::Row {
            column: None,
            reason: Reason::Ragged,
            detail: Some(
                format!(
                    "{cells} cell{}, and the header has {width}; is there a comma or a quotation mark inside a cell?",
                    if cells == 1 { "" } else { "s" }
                )
                .into(),
            ),
        })
    }

    /// The day, and what the date's own cell says of the time.
    fn when(&self, record: &StringRecord, line: u64) -> Result<When, Fault> {
        let zone = &self.settings.zone;
        let rules = self.rules(zone);
        let mut found: Option<(usize, When)> = None;
        for &place in self.mapping.places(Column::Start) {
            let cell = record.get(place).map_or("", clean);
            if cell.is_empty() {
                continue;
            }
            let when = self.moment(place, cell, &rules)?;
            match &mut found {
                None => found = Some((place, when)),
                Some((first, other)) if other.date != when.date => {
                    return Err(self.contradiction(line, Column::Start, *first, place));
                }
                Some((_, other)) if other.clock.is_none() => other.clock = when.clock,
                Some(_) => {}
            }
        }
        found.map(|(_, when)| when).ok_or_else(|| self.empty(Column::Start))
    }

    fn moment(&self, place: usize, cell: &str, rules: &Rules<'_>) -> Result<When, Fault> {
        let fault = |reason, what: &str| {
            Err(Fault::Row {
                column: Some(self.mapping.header(place).into()),
                reason,
                detail: Some(format!("\u{201c}{}\u{201d}{what}", Column::Start.show(cell)).into()),
            })
        };
        match When::read(cell, rules) {
            Ok(when) => Ok(when),
            Err(Trouble::NeedsOrder(_)) => Err(Fault::Order),
            Err(_) if is_unreadable(cell) => fault(Reason::UnreadableText, ""),
            Err(_) if let Some(damage) = damage(cell) => {
                fault(Reason::Destroyed, &format!(": {}", damage.describe()))
            }
            Err(Trouble::Weekday) => {
                fault(Reason::UnreadableDate, ": the weekday is not that day's")
            }
            Err(Trouble::Time | Trouble::Disagree) => fault(Reason::UnreadableTime, ""),
            Err(Trouble::Date) => fault(Reason::UnreadableDate, ""),
        }
    }

    fn rules<'r>(&self, zone: &'r jiff::tz::TimeZone) -> Rules<'r> {
        Rules {
            zone,
            order: self.order,
            instants_are_local: self.settings.instants_are_local,
            excel_1904: self.settings.excel_1904,
            births: false,
        }
    }

    /// The start with what the time's own column says.
    fn start(&self, record: &StringRecord, when: When) -> Result<Start, Fault> {
        let places = self.mapping.places(Column::Time).iter();
        let filled = places
            .filter_map(|place| record.get(*place).map(|cell| (*place, clean(cell))))
            .find(|(_, cell)| !cell.is_empty());
        let default = self.settings.defaults.get(&Column::Time).map_or("", String::as_str);
        let (place, cell) = filled.unwrap_or((usize::MAX, default));
        when.with_time(cell, &self.rules(&self.settings.zone)).map_err(|trouble| {
            let reason = match damage(cell) {
                Some(_) => Reason::Destroyed,
                None if is_unreadable(cell) => Reason::UnreadableText,
                None => Reason::UnreadableTime,
            };
            let what = match trouble {
                Trouble::Disagree => ": the date's own column says another time",
                _ => "",
            };
            Fault::Row {
                column: Some(self.mapping.header(place).into()),
                reason,
                detail: Some(format!("\u{201c}{}\u{201d}{what}", Column::Time.show(cell)).into()),
            }
        })
    }

    fn appointment(
        &self,
        record: &StringRecord,
        line: u64,
        start: Start,
    ) -> Result<Appointment, Fault> {
        let text = |column| self.text(record, line, column).map(|value| value.map(Box::from));
        let (status, status_word) = self.status(record)?;
        let hospital: Option<Box<str>> = text(Column::Hospital)?;
        let campus: Option<Box<str>> = text(Column::Campus)?;
        let mut appointment = Appointment {
            line,
            appointment_id: Box::default(),
            openid: text(Column::Openid)?,
            patient_id: text(Column::PatientId)?,
            patient: text(Column::Patient)?,
            phone: self.phone(record, line)?.map(Box::from),
            start,
            department: text(Column::Department)?,
            doctor: text(Column::Doctor)?,
            location: joined(campus.as_deref(), self.location(record, line)?.as_deref()),
            hospital: hospital.or(campus),
            status,
            status_word,
        };
        appointment.appointment_id = match text(Column::AppointmentId)? {
            Some(id) => id,
            None if self.mapping.has(Column::AppointmentId) => {
                return Err(self.empty(Column::AppointmentId));
            }
            None => derived_id(&appointment).ok_or_else(|| self.empty(Column::PatientId))?,
        };
        Ok(appointment)
    }

    /// The telephone. A number that a spreadsheet destroyed is left out where nothing hangs on it: the row itself names
    /// the openid, which no spreadsheet damages, and the visit. Where the patient is looked up, the same spreadsheet may
    /// have cost the patient's number its zeros, and the row is refused.
    fn phone<'r>(
        &'r self,
        record: &'r StringRecord,
        line: u64,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        let phone = self.text(record, line, Column::Phone);
        let destroyed = matches!(&phone, Err(Fault::Row { reason: Reason::Destroyed, .. }));
        let has = |column| matches!(self.text(record, line, column), Ok(Some(_)));
        if destroyed && has(Column::Openid) && has(Column::AppointmentId) {
            return Ok(None);
        }
        phone
    }

    /// Location is the one column whose several parts are joined: a floor and a room.
    fn location(&self, record: &StringRecord, line: u64) -> Result<Option<Box<str>>, Fault> {
        let places = self.mapping.places(Column::Location);
        let mut all: Option<Box<str>> = None;
        for &place in places {
            let value = self.cell(record, Column::Location, place)?;
            all = joined(all.as_deref(), value.as_deref());
        }
        if all.is_some() || !places.is_empty() {
            Ok(all)
        } else {
            self.text(record, line, Column::Location).map(|value| value.map(Box::from))
        }
    }

    /// What all status columns together say, and their words where they do not allow a reminder.
    fn status(&self, record: &StringRecord) -> Result<(Status, Option<Box<str>>), Fault> {
        let default = self.settings.defaults.get(&Column::Status).map(String::as_str);
        let mut status = default.map_or(Status::Absent, |word| self.settings.vocabulary.read(word));
        let mut words: Vec<String> = Vec::new();
        let places = self.mapping.places(Column::Status);
        for (nth, &place) in places.iter().enumerate() {
            let cell = record.get(place).map_or("", clean);
            if is_unreadable(cell) {
                return Err(self.unreadable(place));
            }
            let word = if cell.is_empty() { default.unwrap_or("") } else { cell };
            let word = self.meaning(Column::Status, word).unwrap_or(word);
            let vocabulary = &self.settings.vocabulary;
            let own = if vocabulary.knows_columns() {
                vocabulary.read_in(&self.mapping.header(place), word)
            } else {
                vocabulary.read(word)
            };
            status = if nth == 0 { own } else { status.and(own) };
            // Of several columns it must be said which one does not allow, in the form that the settings take.
            if !own.allows() && places.len() > 1 {
                words.push(format!("{}={word}", self.mapping.header(place)));
            } else if !own.allows() {
                words.push(word.to_owned());
            }
        }
        let word = (!status.allows()).then(|| Column::Status.show(&words.join(" / ")).into());
        Ok((status, word))
    }

    /// The value of a column; the default where there is no cell or an empty one.
    fn text<'r>(
        &'r self,
        record: &'r StringRecord,
        line: u64,
        column: Column,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        let mut found: Option<(usize, Cow<'r, str>)> = None;
        for &place in self.mapping.places(column) {
            let Some(value) = self.cell(record, column, place)? else { continue };
            match &found {
                None => found = Some((place, value)),
                Some((first, other)) if *other != value => {
                    return Err(self.contradiction(line, column, *first, place));
                }
                Some(_) => {}
            }
        }
        let default =
            || self.settings.defaults.get(&column).map(|value| Cow::Borrowed(value.as_str()));
        Ok(found.map(|(_, value)| value).or_else(default))
    }

    /// One cell, told apart from what was destroyed; `None` when empty.
    fn cell<'r>(
        &self,
        record: &'r StringRecord,
        column: Column,
        place: usize,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        let mut cell = record.get(place).map_or("", clean);
        if cell.is_empty() {
            return Ok(None);
        }
        if is_unreadable(cell) {
            // People's names are left out when a character is lost; every other cell matters.
            return if matches!(column, Column::Patient | Column::Doctor) {
                Ok(None)
            } else {
                Err(self.unreadable(place))
            };
        }
        let destroyed = if column.is_identity() { damage(cell) } else { None };
        if destroyed.is_some() || is_hashes(cell) {
            return Err(self.destroyed(column, place, cell));
        }
        if column == Column::Phone || self.settings.numeric.contains(&column) {
            cell = without_fraction(cell);
        }
        if !column.is_identity()
            && let Some(name) = self.meaning(column, cell)
        {
            return Ok(Some(Cow::Owned(name.to_owned())));
        }
        if column.is_identity() && cell.contains(is_zero_width) {
            return Ok(Some(Cow::Owned(cell.chars().filter(|c| !is_zero_width(*c)).collect())));
        }
        Ok(Some(Cow::Borrowed(cell)))
    }

    /// What a code stands for, where the settings have a file that says so.
    fn meaning(&self, column: Column, code: &str) -> Option<&str> {
        self.settings.lookup.as_ref()?.name(column, code)
    }

    fn destroyed(&self, column: Column, place: usize, cell: &str) -> Fault {
        let what = damage(cell).map_or("", super::cell::Damage::describe);
        Fault::Row {
            column: Some(self.mapping.header(place).into()),
            reason: Reason::Destroyed,
            detail: Some(format!("{}: {what}", column.show(cell)).into()),
        }
    }

    fn unreadable(&self, place: usize) -> Fault {
        Fault::Row {
            column: Some(self.mapping.header(place).into()),
            reason: Reason::UnreadableText,
            detail: None,
        }
    }

    fn empty(&self, column: Column) -> Fault {
        Fault::Row {
            column: Some(self.mapping.name(column).into()),
            reason: Reason::Empty,
            detail: None,
        }
    }

    fn contradiction(&self, line: u64, column: Column, first: usize, second: usize) -> Fault {
        Fault::Whole(Error::Contradiction {
            name: self.source.to_owned(),
            line,
            column,
            first: self.mapping.header(first),
            second: self.mapping.header(second),
        })
    }

    /// A refusal with what can still be read of the row.
    fn refused(&self, record: &StringRecord, refusal: Refusal, start: Option<Start>) -> Outcome {
        let ragged = refusal.reason == Reason::Ragged;
        let id = |column| {
            // The cells of a ragged row may stand under other headers.
            if ragged {
                return None;
            }
            self.text(record, refusal.line, column).ok().flatten().map(Box::from)
        };
        let (appointment_id, patient_id) = (id(Column::AppointmentId), id(Column::PatientId));
        Outcome::Refused(Box::new(Refused { refusal, appointment_id, patient_id, start }))
    }
}

fn joined(first: Option<&str>, second: Option<&str>) -> Option<Box<str>> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => Some(format!("{first} {second}").into()),
        (one, other) => one.or(other).map(Into::into),
    }
}

/// The number of a visit in a source that has none: 16 hex digits that depend on who, when, where and with whom.
pub(super) fn derived_id(appointment: &Appointment) -> Option<Box<str>> {
    let who =
        [&appointment.patient_id, &appointment.phone, &appointment.patient, &appointment.openid]
            .into_iter()
            .find_map(Option::as_deref)?;
    let when = appointment.start.identity();
    let department = appointment.department.as_deref().unwrap_or("");
    let doctor = appointment.doctor.as_deref().unwrap_or("");
    let id = mark("appointment", &[who, &when, department, doctor]);
    Some(hex(&id[..8]).into())
}
