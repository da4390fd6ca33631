//! What `prescribe` says when it refuses. Never a whole reference, name, openid or telephone number.

use jiff::Timestamp;

use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::mask;
use crate::domain::prescription::{REMEMBERED_DAYS, ReferenceError};
use crate::domain::state::State;

/// A prescription that is not sent: why, and what to do.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The exit code: 3, or 8 when an earlier outcome must be settled first.
    pub exit: Exit,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl From<Refused> for CommandError {
    fn from(refused: Refused) -> Self {
        let error =
            Self::new(refused.exit, format!("The prescription was not sent: {}.", refused.what));
        if refused.fix.is_empty() { error } else { error.hint(refused.fix) }
    }
}

fn refused(what: impl Into<String>, fix: impl Into<String>) -> Refused {
    Refused { exit: Exit::Source, what: what.into(), fix: fix.into() }
}

/// The reference is none.
pub fn reference(error: &ReferenceError) -> Refused {
    let fix = match error {
        ReferenceError::Empty => "Give it by --ref, or by --ref - on standard input.",
        ReferenceError::TooLong(_) | ReferenceError::Blank(_) => {
            "Check that it is one reference and nothing else."
        }
        ReferenceError::PowerOfTen | ReferenceError::LostDigits => {
            "Copy it from the hospital's system itself, not from a spreadsheet."
        }
    };
    refused(error.to_string(), fix)
}

/// A time that cannot be read.
pub fn moment(name: &str) -> Refused {
    refused(
        format!("the time of {name} cannot be read"),
        "Write it as 2026-11-30 or \"2026-11-30 09:00\".",
    )
}

/// It can no longer be collected.
pub fn lapsed(end: &str) -> Refused {
    refused(format!("it could be collected until {end}"), "Check --expires.")
}

/// It is issued later than it is sent.
pub fn issued_later(at: &str) -> Refused {
    refused(
        format!("it would be issued on {at}, which is more than a day ahead"),
        "Check --issued. A prescription is sent once it is issued; until when it holds is --expires.",
    )
}

/// It lapses before it is issued.
pub fn lapses_first() -> Refused {
    refused("it can be collected only until before it is issued", "Check --issued and --expires.")
}

/// The recipient's openid is none.
pub fn no_openid(characters: usize) -> Refused {
    refused(
        format!("the openid cannot be one (it has {characters} characters)"),
        "Copy it whole: an openid has about 28 letters, digits, hyphens and underscores, and begins with o.",
    )
}

/// A spreadsheet program has destroyed the reference.
pub fn destroyed(what: &str) -> Refused {
    refused(
        format!("the reference is destroyed ({what})"),
        "Copy it from the hospital's system itself, not from a spreadsheet.",
    )
}

/// No recipient is named.
pub fn nobody() -> Refused {
    refused(
        "no recipient is named",
        "Give --openid, or --patient-id to look the patient up in contacts.",
    )
}

/// There are no contacts to look the patient up in.
pub fn no_contacts() -> Refused {
    refused(
        "there are no contacts to look the patient up in",
        "Give --contacts, or set url under [contacts] in wxremind.toml.",
    )
}

/// Contacts do not know the patient.
pub fn not_in_contacts() -> Refused {
    refused(
        "contacts have no openid for this patient",
        "Check the number; the patient may not have bound the account yet.",
    )
}

/// Contacts give several openids.
pub fn several_openids(count: usize) -> Refused {
    refused(
        format!("contacts give {count} openids for this patient"),
        "Make sure which is the patient's, and name it by --openid; or remove the others from contacts.",
    )
}

/// The patient's own line of contacts cannot be read.
pub fn damaged_contact(line: u64) -> Refused {
    refused(
        format!("line {line} of contacts, which is about this patient, cannot be read"),
        "Mend that line, or name the patient's openid by --openid.",
    )
}

/// What was typed is not what contacts hold.
pub fn differs(what: &str) -> Refused {
    refused(
        format!("the {what} in contacts is another one than was typed"),
        "Make sure that this is the right patient before you try again.",
    )
}

/// A second identifier is needed.
pub fn second_identifier(what: &str, flag: &str) -> Refused {
    refused(
        format!("contacts hold the patient's {what}, and none was given to compare"),
        format!("Add {flag}."),
    )
}

/// The reference went to somebody else.
pub fn went_elsewhere(openid: &str, at: &str) -> Refused {
    refused(
        format!("this reference went to another patient ({}) on {at}", mask::openid(openid)),
        "Check the reference. If it is right, add --reassign REASON; the reason is recorded.",
    )
}

/// The reference went to this patient already.
///
/// `message` is the beginning of the earlier message's id.
pub fn went_already(state: State, at: &str, message: &str) -> Refused {
    match state {
        State::Unknown => Refused {
            exit: Exit::Unknown,
            what: format!("it was sent on {at}, and nobody knows whether it arrived"),
            fix: format!(
                "Ask the patient, then: wxremind log resolve {message} --as sent, or --as not-sent. --again sends it once more."
            ),
        },
        State::Sending => refused(
            "another run is sending it, or was interrupted while it did",
            "See `wxremind log list --kind prescription`; the next run settles what an interrupted one left.",
        ),
        _ => refused(
            format!("it was sent to this patient on {at} ({state})"),
            format!(
                "To send it once more, add --again. A reference is remembered for {REMEMBERED_DAYS} days."
            ),
        ),
    }
}

/// The patient asked for no messages.
pub fn opted_out() -> Refused {
    refused("the patient asked for no messages", "Tell the patient in person.")
}

/// The message cannot be made.
pub fn misfit(error: &crate::domain::template::Misfit) -> Refused {
    if error.key == "url" {
        return refused(
            error.detail.clone(),
            "Write the whole address, as in --url https://hospital.example/rx; a blank in it is written %20.",
        );
    }
    refused(
        format!("it does not fit the template ({error})"),
        "Nothing is cut to fit. A time field needs the hour too, as in \"2026-11-30 18:00\"; else use a template whose fields hold it.",
    )
}

/// A day for people: `2026-11-30 09:00`.
pub fn day(at: Timestamp, zone: &jiff::tz::TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
