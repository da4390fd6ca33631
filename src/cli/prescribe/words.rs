//! What `prescribe` says when it refuses. Never a whole reference, name, openid or telephone number.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::reasons;
use crate::domain::mask;
use crate::domain::prescription::{REMEMBERED_DAYS, ReferenceError};
use crate::domain::state::State;
use crate::prescribing::{At, Identifier, Refusal};

/// A prescription that is not sent, in words: why, and what to do.
#[derive(Clone, Debug)]
pub struct Told {
    /// The exit code: 3, or 8 when an earlier outcome must be settled first.
    pub exit: Exit,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl From<Told> for CommandError {
    fn from(told: Told) -> Self {
        let error = Self::new(told.exit, format!("The prescription was not sent: {}.", told.what));
        if told.fix.is_empty() { error } else { error.hint(told.fix) }
    }
}

/// The words for a refusal; times are on the clinic's clock.
pub fn told(refusal: &Refusal, zone: &TimeZone) -> Told {
    let exit = match refusal {
        Refusal::Row(_) => Exit::Partly,
        Refusal::WentAlready { state: State::Unknown, .. } => Exit::Unknown,
        _ => Exit::Source,
    };
    Told { exit, what: what(refusal, zone), fix: fix(refusal) }
}

fn what(refusal: &Refusal, zone: &TimeZone) -> String {
    match refusal {
        Refusal::Row(row) => reasons::without_line(row),
        Refusal::WentElsewhere { openid, at } => {
            let at = match at {
                At::Instant(at) => day(*at, zone),
                At::SameTable => "another line of this table".to_owned(),
                At::JustNow => "another run, a moment ago".to_owned(),
            };
            format!("this reference went to another patient ({}) on {at}", mask::openid(openid))
        }
        Refusal::WentAlready { state, at, .. } => {
            let at = at.map_or_else(String::new, |at| day(at, zone));
            match state {
                State::Unknown => {
                    format!("it was sent on {at}, and nobody knows whether it arrived")
                }
                State::Sending => {
                    "another run is sending it, or was interrupted while it did".to_owned()
                }
                _ => format!("it was sent to this patient on {at} ({state})"),
            }
        }
        Refusal::Misfit(misfit) if misfit.key == "url" => misfit.detail.clone(),
        refusal => refusal.to_string(),
    }
}

fn fix(refusal: &Refusal) -> String {
    let fix = match refusal {
        Refusal::Row(row) => reasons::fix(row.reason),
        Refusal::Reference(error) => of_reference(error),
        Refusal::Moment(_) => "Write it as 2026-11-30 or \"2026-11-30 09:00\".",
        Refusal::Lapsed(_) => "Check --expires.",
        Refusal::Nobody => "Give --openid, or --patient-id to look the patient up in contacts.",
        Refusal::NoContacts => "Give --contacts, or set url under [contacts] in wxremind.toml.",
        Refusal::NotInContacts => {
            "Check the number; the patient may not have bound the account yet."
        }
        Refusal::SeveralOpenids(_) => {
            "Make sure which is the patient's, and name it by --openid; or remove the others from contacts."
        }
        Refusal::DamagedContact(_) => "Mend that line, or name the patient's openid by --openid.",
        Refusal::Differs(_) => "Make sure that this is the right patient before you try again.",
        Refusal::SecondIdentifier(Identifier::BirthDate) => "Add --birth-date YYYY-MM-DD.",
        Refusal::SecondIdentifier(_) => "Add --patient NAME.",
        Refusal::WentElsewhere { .. } => {
            "Check the reference. If it is right, add --reassign REASON; the reason is recorded."
        }
        Refusal::WentAlready { state: State::Unknown, message, .. } => {
            let id = message.map_or_else(|| "ID".to_owned(), |id| id.to_string());
            return format!(
                "Ask the patient, then: wxremind log resolve {id} --as sent, or --as not-sent. --again sends it once more."
            );
        }
        Refusal::WentAlready { state: State::Sending, .. } => {
            "See `wxremind log list --kind prescription`; the next run settles what an interrupted one left."
        }
        Refusal::WentAlready { .. } => {
            return format!(
                "To send it once more, add --again. A reference is remembered for {REMEMBERED_DAYS} days."
            );
        }
        Refusal::IssuedLater(_) => {
            "Check --issued. A prescription is sent once it is issued; until when it holds is --expires."
        }
        Refusal::LapsesFirst => "Check --issued and --expires.",
        Refusal::NoOpenid(_) => {
            "Copy it whole: an openid has about 28 letters, digits, hyphens and underscores, and begins with o."
        }
        Refusal::Destroyed(_) => {
            "Copy it from the hospital's system itself, not from a spreadsheet."
        }
        Refusal::Unsubscribed => {
            "Tell the patient in person. Once the patient follows the account again and WeChat's word of it has come, it is sent."
        }
        Refusal::OptedOut => "Tell the patient in person.",
        Refusal::Misfit(misfit) if misfit.key == "url" => {
            "Write the whole address, as in --url https://hospital.example/rx; a blank in it is written %20."
        }
        Refusal::Misfit(_) => {
            "Nothing is cut to fit. A time field needs the hour too, as in \"2026-11-30 18:00\"; else use a template whose fields hold it."
        }
    };
    fix.to_owned()
}

const fn of_reference(error: &ReferenceError) -> &'static str {
    match error {
        ReferenceError::Empty => "Give it by --ref, or by --ref - on standard input.",
        ReferenceError::TooLong(_) | ReferenceError::Blank(_) => {
            "Check that it is one reference and nothing else."
        }
        ReferenceError::PowerOfTen | ReferenceError::LostDigits => {
            "Copy it from the hospital's system itself, not from a spreadsheet."
        }
    }
}

/// A day for people: `2026-11-30 09:00`.
fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
