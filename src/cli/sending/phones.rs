//! After a rehearsal: what reached the simulator's phones.

use std::fmt;

use serde::Serialize;
use wechat_simulator::Delivered;

use crate::cli::card::Card;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::session::Session;
use crate::domain::mask;

/// How many cards are drawn.
const SHOWN: usize = 3;

/// What reached the phones.
#[derive(Serialize)]
struct Phones {
    messages: Vec<Delivered>,
}

/// Shows it, when the run was a rehearsal. JSON has the run's summary instead.
pub fn show_phones(context: &mut Context, session: &Session) -> Result<(), CommandError> {
    let Some(simulator) = session.simulator.as_ref().filter(|_| !context.ui.json()) else {
        return Ok(());
    };
    let mut messages = simulator.simulator().messages();
    // Several fly at once, so the order in which they arrive is chance.
    messages.sort_by(|a, b| (&a.openid, &a.shown).cmp(&(&b.openid, &b.shown)));
    if messages.is_empty() { Ok(()) } else { context.ui.out(&Phones { messages }) }
}

impl fmt::Display for Phones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "On the phones of the simulator:")?;
        for message in self.messages.iter().take(SHOWN) {
            let lines =
                message.shown.iter().map(|(label, value)| format!("{label}：{value}")).collect();
            let card = Card { title: &message.title, lines, opens: message.url.is_some() };
            writeln!(f, "{}\n{card}", mask::openid(&message.openid))?;
        }
        match self.messages.len().saturating_sub(SHOWN) {
            0 => writeln!(f, "No patient was written to: this was a rehearsal."),
            more => {
                writeln!(f, "and {more} more. No patient was written to: this was a rehearsal.")
            }
        }
    }
}
