//! What a template may say: the variables, by name, already safe to show on a lock screen.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use minijinja::Value;

use crate::domain::appointment::{Appointment, Start};
use crate::domain::privacy::{NEUTRAL_DEPARTMENT, NEUTRAL_DOCTOR, NEUTRAL_LOCATION, Privacy};

/// Every variable a template may name, with what it holds.
pub const VARIABLES: &[(&str, &str)] = &[
    ("appointment_id", "the hospital's number for the visit"),
    ("date", "the day of the visit: 2026年11月30日"),
    ("days", "how many days ahead the visit is"),
    ("department", "the department; a neutral word when it is sensitive"),
    ("doctor", "the doctor; a neutral word when the department is sensitive"),
    ("expires", "until when the prescription can be collected"),
    ("hospital", "the hospital"),
    ("issued", "when the prescription was issued"),
    ("location", "campus, building, room; a neutral word when the department is sensitive"),
    ("patient", "the patient's name, masked: 张**"),
    ("patient_id", "the hospital's number for the patient"),
    ("reference", "the prescription's reference, whole"),
    ("slot", "the source's own words for the time: 08:30-09:00, 上午"),
    ("start", "day and time of the visit: 2026年11月30日 09:00"),
    ("time", "the time of the visit: 09:00"),
    ("weekday", "the weekday of the visit: 星期一"),
];

/// The values for one message. What is unknown is absent, and a text that needs it does not render.
#[derive(Clone, Default)]
pub struct Facts {
    values: BTreeMap<&'static str, String>,
    start: Option<Start>,
}

impl Facts {
    /// What is known of a visit, `days` ahead.
    pub fn of_visit(visit: &Appointment, days: u16, privacy: &Privacy) -> Self {
        let mut facts = Self::default();
        // Where only some departments are named, one that nobody tells is not among them.
        let sensitive = match visit.department.as_deref() {
            Some(department) => privacy.is_sensitive(department),
            None => privacy.neutral_departments && !privacy.named.is_empty(),
        };
        let shown = |text: &Option<Box<str>>, neutral: &str| {
            text.as_deref().map(|text| if sensitive { neutral.to_owned() } else { text.to_owned() })
        };
        facts.set("appointment_id", Some(visit.appointment_id.to_string()));
        facts.set("patient_id", visit.patient_id.as_deref().map(str::to_owned));
        facts.set("patient", visit.patient.as_deref().and_then(|name| privacy.name(name)));
        facts.set("department", shown(&visit.department, NEUTRAL_DEPARTMENT));
        facts.set("doctor", shown(&visit.doctor, NEUTRAL_DOCTOR));
        facts.set("location", shown(&visit.location, NEUTRAL_LOCATION));
        facts.set("hospital", visit.hospital.as_deref().map(str::to_owned));
        facts.set("days", Some(days.to_string()));
        facts.set_start(&visit.start);
        facts
    }

    /// Sets a variable of [`VARIABLES`]; an absent or blank value leaves it unknown.
    pub fn set(&mut self, name: &'static str, value: Option<String>) {
        let value = value.map(|value| tidy(&value)).filter(|value| !value.is_empty());
        if let Some(value) = value {
            self.values.insert(name, value);
        }
    }

    fn set_start(&mut self, start: &Start) {
        self.set("date", Some(day(start.date)));
        self.set("weekday", Some(weekday(start.date.weekday()).to_owned()));
        self.set("time", start.time.map(clock));
        self.set("slot", start.slot.as_deref().map(str::to_owned));
        self.start = Some(start.clone());
    }

    /// Whether the visit's start is known by session only.
    pub(super) fn lacks_clock_time(&self) -> bool {
        self.start.as_ref().is_some_and(|start| start.time.is_none())
    }

    /// The session's words, where there are any.
    pub(super) fn session(&self) -> Option<&str> {
        self.start
            .as_ref()
            .filter(|start| start.time.is_none())
            .and_then(|start| start.slot.as_deref())
    }

    /// The values as a text field sees them: a session stands for the time.
    pub(super) fn for_text(&self) -> Value {
        let start = self.start.as_ref().and_then(|start| match (start.time, &start.slot) {
            (Some(time), _) => Some(format!("{} {}", day(start.date), clock(time))),
            (None, Some(slot)) => Some(format!("{} {}", day(start.date), tidy(slot))),
            (None, None) => None,
        });
        self.value(start, None)
    }

    /// The values as a `time` or `date` field sees them: clock times only, a session's being `session`.
    pub(super) fn for_clock(&self, session: Option<Time>) -> Value {
        let time = self.start.as_ref().and_then(|start| start.time.or(session));
        let start = self
            .start
            .as_ref()
            .and_then(|start| Some(format!("{} {}", day(start.date), clock(time?))));
        self.value(start, time.map(clock))
    }

    fn value(&self, start: Option<String>, time: Option<String>) -> Value {
        let also = [("start", start), ("time", time)];
        let known = self.values.iter().map(|(name, value)| (*name, Value::from(value.as_str())));
        let also = also.into_iter().filter_map(|(name, value)| Some((name, Value::from(value?))));
        known.chain(also).collect::<BTreeMap<&str, Value>>().into()
    }
}

/// `2026年11月30日`: the form that WeChat's time fields have always accepted.
pub fn day(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// `09:00`.
pub fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    }
}

/// A line break inside a cell becomes one space; other control characters and marks that turn the reading direction go.
fn tidy(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    let kept: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !turns(*c))
        .collect();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_becomes_one_space_and_hidden_marks_go() {
        assert_eq!(tidy("孙医生\r\n(儿童诊区)"), "孙医生 (儿童诊区)");
        assert_eq!(tidy("\u{202E}王\u{0007}五 "), "王五");
    }

    #[test]
    fn template_syntax_in_a_cell_stays_text() {
        let mut facts = Facts::default();
        facts.set("doctor", Some("{{ reference }}".to_owned()));
        assert_eq!(facts.values["doctor"], "{{ reference }}");
    }
}
