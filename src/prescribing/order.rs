//! One prescription to be sent, as it was typed, asked for or read from a table.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::refusal::Refusal;
use super::settings::Settings;
use crate::clock;
use crate::domain::prescription::Reference;
use crate::domain::template::{Facts, clock as hours, day};
use crate::intake;

/// How far ahead a prescription may be issued: clocks differ, and a day may be meant whole.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Who is to get it: as it was named.
#[derive(Clone, Default)]
pub struct Named {
    /// The openid, where it was given.
    pub openid: Option<String>,
    /// The hospital's number for the patient.
    pub patient_id: Option<String>,
    /// The name.
    pub patient: Option<String>,
    /// The day of birth.
    pub birth_date: Option<Date>,
}

/// A prescription to be sent.
#[derive(Clone)]
pub struct Order {
    /// The line of the table; none for a single one.
    pub line: Option<u64>,
    /// Who is to get it.
    pub named: Named,
    /// What the patient shows at the pharmacy.
    pub reference: Reference,
    /// The hospital.
    pub hospital: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// When it was issued.
    pub issued: Timestamp,
    /// Until when it can be collected.
    pub expires: Option<Timestamp>,
    /// Whether the time of day of `expires` was given.
    expires_at_a_time: bool,
    /// A page that opens when the message is touched.
    pub url: Option<String>,
}

/// What was typed, asked for or read; nothing of it checked yet.
#[derive(Clone, Default)]
pub struct Draft {
    /// The line of the table.
    pub line: Option<u64>,
    /// The openid.
    pub openid: Option<String>,
    /// The hospital's number for the patient.
    pub patient_id: Option<String>,
    /// The name.
    pub patient: Option<String>,
    /// The day of birth.
    pub birth_date: Option<String>,
    /// The reference.
    pub reference: Option<String>,
    /// The hospital.
    pub hospital: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// When it was issued.
    pub issued: Option<String>,
    /// Until when it can be collected.
    pub expires: Option<String>,
    /// A page that opens.
    pub url: Option<String>,
}

impl Draft {
    /// The prescription, if all of it can be read.
    ///
    /// # Errors
    /// The refusal: what cannot be read, or is not said.
    pub fn check(self, settings: &Settings, now: Timestamp) -> Result<Order, Refusal> {
        // As a cell of a table is read, so that what is pasted from one means the same.
        let text = |value: Option<String>| {
            value.map(|value| intake::typed(&value).to_owned()).filter(|value| !value.is_empty())
        };
        let reference = intake::typed(self.reference.as_deref().unwrap_or_default());
        if let Some(what) = intake::destroyed(reference) {
            return Err(Refusal::Destroyed(what));
        }
        let reference = Reference::new(reference)?;
        let moment = |name, value: Option<String>| {
            text(value).map(|value| moment(name, &value, &settings.zone)).transpose()
        };
        let (issued, expires) = (moment("issued", self.issued)?, moment("expires", self.expires)?);
        if let Some((end, _)) = expires.filter(|(end, _)| *end <= now) {
            return Err(Refusal::Lapsed(local(end, &settings.zone)));
        }
        let issued = issued.map_or(now, |(at, _)| at);
        if issued > now + A_DAY {
            return Err(Refusal::IssuedLater(local(issued, &settings.zone)));
        }
        if expires.is_some_and(|(end, _)| end < issued) {
            return Err(Refusal::LapsesFirst);
        }
        let named = Named {
            openid: text(self.openid),
            patient_id: text(self.patient_id),
            patient: text(self.patient),
            birth_date: text(self.birth_date)
                .map(|value| birth_date(&value, &settings.zone))
                .transpose()?,
        };
        if named.openid.is_none() && named.patient_id.is_none() {
            return Err(Refusal::Nobody);
        }
        let hospital = text(self.hospital).or_else(|| settings.hospital.clone());
        Ok(Order {
            line: self.line,
            named,
            reference,
            hospital,
            doctor: text(self.doctor),
            issued,
            expires: expires.map(|(at, _)| at),
            expires_at_a_time: expires.is_some_and(|(_, timed)| timed),
            url: text(self.url),
        })
    }
}

impl Order {
    /// What its message may say.
    pub fn facts(&self, patient: Option<String>, zone: &TimeZone) -> Facts {
        let mut facts = Facts::default();
        facts.set("reference", Some(self.reference.as_str().to_owned()));
        facts.set("patient", patient);
        facts.set("patient_id", self.named.patient_id.clone());
        facts.set("hospital", self.hospital.clone());
        facts.set("doctor", self.doctor.clone());
        facts.set("issued", Some(local(self.issued, zone)));
        facts.set(
            "expires",
            self.expires.map(|at| {
                if self.expires_at_a_time { local(at, zone) } else { local_day(at, zone) }
            }),
        );
        facts
    }
}

/// `2026年11月30日 09:00`, on the clinic's clock.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned_datetime(zone.clone());
    format!("{} {}", day(at.date()), hours(at.time()))
}

fn local_day(at: Timestamp, zone: &TimeZone) -> String {
    day(at.to_zoned_datetime(zone.clone()).date())
}

/// An instant and whether its time of day was given. A day without a time ends with the day.
fn moment(name: &'static str, text: &str, zone: &TimeZone) -> Result<(Timestamp, bool), Refusal> {
    if let Ok(day) = text.parse::<Date>()
        && !text.contains(':')
    {
        let end = if name == "expires" { day.tomorrow().unwrap_or(day) } else { day };
        let end =
            end.to_zoned_datetime(zone.clone()).map_err(|_| Refusal::Moment(name))?.timestamp();
        // The last second of the day, so that the day said is the day meant.
        let end = if name == "expires" { end - SignedDuration::from_secs(1) } else { end };
        return Ok((end, false));
    }
    clock::parse(text, zone).map(|at| (at, true)).map_err(|_| Refusal::Moment(name))
}

fn birth_date(text: &str, zone: &TimeZone) -> Result<Date, Refusal> {
    intake::birth_date(text, zone).ok_or(Refusal::Moment("birth date"))
}
