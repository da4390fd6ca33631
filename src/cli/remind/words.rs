//! What `remind` says when a source as a whole, or a window, is refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cli::count::{count, messages};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::reasons;
use crate::domain::plan::PlanRefusal;
use crate::domain::reason::{Reason, Refused};
use crate::domain::window::WindowError;

/// A source that is refused as a whole. Nothing was sent. Of the rows that cannot be read, `rows` are shown.
pub fn refused(refusal: &PlanRefusal, source: &str, rows: &[Refused], place: &str) -> CommandError {
    let error = |message: String| CommandError::new(Exit::Source, message);
    match refusal {
        PlanRefusal::Stale { rows } => error(format!(
            "{source} has {}, and none is later than today: it looks like an old export. Nothing was sent.",
            count(*rows, "row")
        ))
        .hint("Export the appointments again. With --now, check the pretended day."),
        PlanRefusal::NoKnownStatus { rows, words } => {
            let shown = words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ");
            let told = error(format!(
                "{source}: {} in the window has a known status (it has {shown}). Nothing was sent.",
                none_of(*rows)
            ));
            // Of several columns the one is shown that does not allow; a bare word would count in all of them.
            if words.iter().any(|word| word.contains('=')) {
                told.hint("All status columns must allow. Name what means a booked visit as it stands here, with its column, even where the cell is empty: [source.status] also = [\"COLUMN=WORD\"] in wxremind.toml.")
            } else {
                told.hint("Name the words that mean a booked visit: [source.status] also = [\"…\"] in wxremind.toml.")
            }
        }
        PlanRefusal::NoDay { rows: all } => error(format!(
            "{source}: {} has a date that can be read. Nothing was sent.{}",
            none_of(*all),
            listed(rows, place)
        ))
        .hint("Most often a column is mistaken: name the right one, [source.columns] start = \"…\" in wxremind.toml."),
        PlanRefusal::Unreadable { unreadable, rows: all, percent } => error(format!(
            "{source}: {unreadable} of the {} in the window cannot be read, more than {percent} %. Nothing was sent.{}",
            count(*all, "row"),
            listed(rows, place)
        ))
        .hint("Most often the encoding or a column is mistaken: --encoding, or [source.columns] in wxremind.toml.")
        .hint("If the other rows are right, raise it: max_unreadable (percent) under [remind] in wxremind.toml."),
        PlanRefusal::TooMany { messages: planned, max } => error(format!(
            "{source} would send {}, more than the {max} allowed. Nothing was sent.",
            messages(*planned)
        ))
        .hint("If that is right, raise it: --max-send, or max_send under [remind] in wxremind.toml."),
    }
}

/// `none of the 5 rows`, as the subject of a sentence.
fn none_of(rows: u64) -> String {
    if rows == 1 { "not even the only row".to_owned() } else { format!("none of the {rows} rows") }
}

/// Of each class of rows the count, the fix and the first lines, the largest class first.
fn listed(rows: &[Refused], place: &str) -> String {
    const SHOWN: usize = 5;
    let mut classes: BTreeMap<Reason, Vec<&Refused>> = BTreeMap::new();
    for row in rows {
        classes.entry(row.refusal.reason).or_default().push(row);
    }
    let mut classes: Vec<(Reason, Vec<&Refused>)> = classes.into_iter().collect();
    classes.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let mut text = String::new();
    for (reason, rows) in classes {
        let number = count(rows.len() as u64, "row");
        let _ = write!(text, "\n  {number}: {}; {}", reasons::told(reason), reasons::fix(reason));
        for row in rows.iter().take(SHOWN) {
            let _ = write!(text, "\n    {}", reasons::line(&row.refusal, place));
        }
        if rows.len() > SHOWN {
            let _ = write!(text, "\n    and {} more", rows.len() - SHOWN);
        }
    }
    text
}

/// Days that make no window.
pub fn window(error: &WindowError) -> CommandError {
    let told = CommandError::usage(format!("The days cannot be used: {error}."));
    match error {
        WindowError::NoDays => told.hint("Add --days 7."),
        WindowError::DateWithSeveralStages => {
            told.hint("Give --date with one number: --days 7 --date 2026-11-30.")
        }
        WindowError::Past(..) => told.hint("Give a day from today on."),
        WindowError::OutOfCalendar(_) => told.hint("Give a smaller number of days."),
    }
}
