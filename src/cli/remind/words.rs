//! What `remind` says when a source as a whole, or a window, is refused.

use crate::cli::count::{count, messages};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::plan::PlanRefusal;
use crate::domain::window::WindowError;

/// A source that is refused as a whole. Nothing was sent.
pub fn refused(refusal: &PlanRefusal, source: &str) -> CommandError {
    let error = |message: String| CommandError::new(Exit::Source, message);
    match refusal {
        PlanRefusal::Stale { rows } => error(format!(
            "{source} has {}, and none is later than today: it looks like an old export. Nothing was sent.",
            count(*rows, "row")
        ))
        .hint("Export the appointments again. With --now, check the pretended day."),
        PlanRefusal::NoKnownStatus { rows, words } => {
            let words = words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ");
            error(format!(
                "{source}: none of the {} in the window has a known status (it has {words}). Nothing was sent.",
                count(*rows, "row")
            ))
            .hint("Name the words that mean a booked visit: [source.status] remind = [\"…\"] in wxremind.toml.")
        }
        PlanRefusal::Unreadable { unreadable, rows, percent } => error(format!(
            "{source}: {unreadable} of the {} in the window cannot be read, more than {percent} %. Nothing was sent.",
            count(*rows, "row")
        ))
        .hint("See them with --dry-run; most often the encoding or a column is mistaken."),
        PlanRefusal::TooMany { messages: planned, max } => error(format!(
            "{source} would send {}, more than the {max} allowed. Nothing was sent.",
            messages(*planned)
        ))
        .hint("If that is right, raise it: --max-send, or max_send under [remind] in wxremind.toml."),
    }
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
