//! The sentences for why a row got no message, in one place for every command that says so.

use crate::domain::reason::{Reason, Refusal};

/// What is wrong, or which rule says so.
pub const fn told(reason: Reason) -> &'static str {
    crate::report::reason(reason, crate::report::Language::En)
}

/// What mends it.
pub const fn fix(reason: Reason) -> &'static str {
    match reason {
        Reason::Ragged => "quote cells that contain the delimiter, or export again",
        Reason::Malformed => "run the export again",
        Reason::Empty => "fill the cell, or set the column under [defaults]",
        Reason::UnreadableDate | Reason::UnreadableTime => "write it as 2026-11-30 09:00",
        Reason::UnreadableText => "name the encoding with --encoding, or export as UTF-8",
        Reason::Destroyed => "export again without opening the file in a spreadsheet program",
        Reason::UnknownStatus => "name it under [source.status], as also, hold or never",
        Reason::TwoPatients => "correct the appointment ids in the source",
        Reason::SeveralOpenids => "add a bound_at column to contacts, or remove the old openids",
        Reason::DamagedContact => "mend that row of contacts, which is listed below",
        Reason::DoesNotFit => "give the template field a shorter text as a second choice",
        Reason::MissingValue => {
            "give the template field a second choice, or set the column under [defaults]"
        }
        Reason::NoClockTime => "set the session's clock time under [source.sessions]",
        Reason::MalformedOpenid => {
            "correct the openid; it has about 28 characters and begins with o"
        }
        Reason::NoOpenid => "add the patient to contacts, or telephone",
        Reason::Unsubscribed => "telephone, or ask the patient to follow the account again",
        Reason::OnHold | Reason::NotTakingPlace | Reason::TooLate | Reason::OptedOut => "",
    }
}

/// What the number of a row counts: the lines of a file, or the rows of a database's answer.
pub const fn place(of_database: bool) -> &'static str {
    if of_database { "row" } else { "line" }
}

/// One row's line: `line 7, keyword1: a value does not fit its field (21 characters are too long, 20 fit)`.
pub fn line(refusal: &Refusal, place: &str) -> String {
    let column = refusal.column.as_deref().map_or_else(String::new, |column| format!(", {column}"));
    format!("{place} {}{column}: {}", refusal.line, with_detail(refusal))
}

/// The same where the line is said elsewhere: `keyword1: a value does not fit its field (…)`.
pub fn without_line(refusal: &Refusal) -> String {
    let column = refusal.column.as_deref().map_or_else(String::new, |column| format!("{column}: "));
    format!("{column}{}", with_detail(refusal))
}

fn with_detail(refusal: &Refusal) -> String {
    let detail =
        refusal.detail.as_deref().map_or_else(String::new, |detail| format!(" ({detail})"));
    format!("{}{detail}", told(refusal.reason))
}
