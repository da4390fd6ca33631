//! `[remind]`, `[prescribe]`, `[templates]` and `[privacy]`: what is sent, when, and what it may say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::document::{Section, Value};
use super::error::Error;

/// `on_unknown`: what happens to a message of which nobody knows whether it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnknown {
    /// The next run sends it again.
    Resend,
    /// It waits for a person.
    Wait,
}

const ON_UNKNOWN: [(&str, OnUnknown); 2] =
    [("resend", OnUnknown::Resend), ("wait", OnUnknown::Wait)];

/// `[remind]`.
#[derive(Clone, Debug)]
pub struct Remind {
    /// How many days ahead, for each stage; empty when not set.
    pub days: Vec<u16>,
    /// How many days nearer a missed reminder is still sent.
    pub catch_up: u16,
    /// The local template's name.
    pub template: String,
    /// The notice that a reminder must give.
    pub min_notice: Duration,
    /// A run that would send more refuses.
    pub max_send: Option<u64>,
    /// A source of whose rows in the window a larger share cannot be read is refused, in percent.
    pub max_unreadable: Option<u64>,
    /// A second copy is a nuisance, a missed visit a harm: resend unless set otherwise.
    pub on_unknown: OnUnknown,
}

/// `[prescribe]`.
#[derive(Clone, Debug)]
pub struct Prescribe {
    /// The local template's name.
    pub template: String,
    /// Two references at a pharmacy are a harm: wait unless set otherwise.
    pub on_unknown: OnUnknown,
}

/// `[templates]`.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    /// The folder of the template files that replace or add to the shipped ones.
    pub dir: Option<PathBuf>,
    /// Local name to WeChat's template id.
    pub ids: BTreeMap<String, String>,
}

/// `[privacy]`: what a message may say on a lock screen.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// Names are masked in messages.
    pub mask_names: bool,
    /// Sensitive departments are called by neutral words.
    pub neutral_departments: bool,
    /// Departments that count as sensitive beside the built-in list.
    pub sensitive_departments: Vec<String>,
    /// The only departments that are named; empty: all that are not sensitive.
    pub named_departments: Vec<String>,
}

impl Remind {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let days = section.take("days").map(|value| days(&value)).transpose()?;
        let whole = |value: Option<Value<'_>>| value.map(|value| value.whole(0, 365)).transpose();
        let remind = Self {
            days: days.unwrap_or_default(),
            catch_up: whole(section.take("catch_up"))?.unwrap_or(0),
            template: template(&mut section, "reminder")?,
            min_notice: duration(&mut section, "min_notice")?.unwrap_or(Duration::from_hours(2)),
            max_send: section
                .take("max_send")
                .map(|value| value.whole(1, 100_000_000))
                .transpose()?,
            max_unreadable: section
                .take("max_unreadable")
                .map(|value| value.whole(0, 100))
                .transpose()?,
            on_unknown: on_unknown(&mut section)?.unwrap_or(OnUnknown::Resend),
        };
        section.finish()?;
        Ok(remind)
    }
}

impl Prescribe {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let prescribe = Self {
            template: template(&mut section, "prescription")?,
            on_unknown: on_unknown(&mut section)?.unwrap_or(OnUnknown::Wait),
        };
        section.finish()?;
        Ok(prescribe)
    }
}

impl Templates {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let ids = section.section("ids")?.entries();
        let ids = ids.map(|(name, value)| {
            Ok((name.to_owned(), value.parsed("a template id", template_id)?))
        });
        let templates = Self {
            dir: section.take("dir").map(|value| value.path()).transpose()?,
            ids: ids.collect::<Result<_, Error>>()?,
        };
        section.finish()?;
        Ok(templates)
    }
}

impl Privacy {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let boolean = |value: Option<Value<'_>>| value.map(|value| value.boolean()).transpose();
        let privacy = Self {
            mask_names: boolean(section.take("mask_names"))?.unwrap_or(true),
            neutral_departments: boolean(section.take("neutral_departments"))?.unwrap_or(true),
            sensitive_departments: section
                .take("sensitive_departments")
                .map(|value| value.texts())
                .transpose()?
                .unwrap_or_default(),
            named_departments: section
                .take("named_departments")
                .map(|value| value.texts())
                .transpose()?
                .unwrap_or_default(),
        };
        section.finish()?;
        Ok(privacy)
    }
}

/// One number or a list of different ones.
fn days(value: &Value<'_>) -> Result<Vec<u16>, Error> {
    if value.is_text() {
        return Err(value.error("must be numbers without quotation marks, as days = [7] or [7, 1]"));
    }
    let mut days =
        value.items().iter().map(|item| item.whole(0, 365)).collect::<Result<Vec<u16>, _>>()?;
    days.sort_unstable();
    days.dedup();
    if days.is_empty() { Err(value.error("must not be empty")) } else { Ok(days) }
}

fn template(section: &mut Section<'_>, usual: &str) -> Result<String, Error> {
    let name = section.take("template").map(|value| value.text()).transpose()?;
    Ok(name.unwrap_or(usual).to_owned())
}

fn template_id(text: &str) -> Option<String> {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        .then(|| text.to_owned())
}

fn on_unknown(section: &mut Section<'_>) -> Result<Option<OnUnknown>, Error> {
    section.take("on_unknown").map(|value| value.word(&ON_UNKNOWN)).transpose()
}

pub(super) fn duration(
    section: &mut Section<'_>,
    key: &'static str,
) -> Result<Option<Duration>, Error> {
    section.take(key).map(|value| value.duration()).transpose()
}
