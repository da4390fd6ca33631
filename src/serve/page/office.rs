//! What only the settings know, asked of whoever started the server: this room reads no settings.

use jiff::Timestamp;

use crate::domain::appointment::Start;
use crate::domain::compose::Composer;
use crate::domain::reason::Refusal;
use crate::prescribing::Settings;
use crate::report::telephone::{self, Book};

/// Who knows the settings. What reads a file or a database blocks, and is asked on a thread for that.
pub trait Office: Send + Sync {
    /// What the next run would send, as its dry run shows it; `None` where no source is set that can be read again.
    fn ahead(&self) -> Option<Result<Ahead, Trouble>>;

    /// What the source says now of these visits; an empty book where none is set that can be read again.
    fn book(&self, now: Timestamp, ahead: &telephone::Ahead) -> Result<Book, Trouble>;

    /// How prescriptions are prepared, and what makes their texts.
    fn prescribing(&self) -> Result<(Settings, Composer), Trouble>;
}

/// Why the settings do not allow it, in English, for whoever keeps them; nothing secret, nothing personal.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

/// The plan of the next run.
pub struct Ahead {
    /// What the source is called.
    pub source: String,
    /// The days it is about.
    pub stages: Vec<Stage>,
    /// Its messages, nearest visit first.
    pub due: Vec<Due>,
    /// Rows that get none.
    pub left_out: Vec<LeftOut>,
    /// How many visits had theirs before.
    pub already: u64,
}

/// The days of a stage.
#[derive(Clone, Copy)]
pub struct Stage {
    /// How many days ahead.
    pub days: u16,
    /// The nearest day covered.
    pub from: jiff::civil::Date,
    /// The day the stage is about.
    pub to: jiff::civil::Date,
}

/// A message of the plan.
pub struct Due {
    /// The hospital's number for the visit.
    pub appointment_id: Box<str>,
    /// The hospital's number for the patient.
    pub patient_id: Option<Box<str>>,
    /// When.
    pub start: Start,
    /// Where.
    pub department: Option<Box<str>>,
    /// With whom.
    pub doctor: Option<Box<str>>,
    /// How many days ahead.
    pub stage: u16,
    /// Whether it waits in the queue already.
    pub queued: bool,
}

/// A row without a message.
pub struct LeftOut {
    /// The hospital's number for the visit, where readable.
    pub appointment_id: Option<Box<str>>,
    /// The hospital's number for the patient, where readable.
    pub patient_id: Option<Box<str>>,
    /// When, where readable.
    pub start: Option<Start>,
    /// Why, and where.
    pub refusal: Refusal,
}
