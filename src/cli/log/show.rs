//! `log show`: everything that is kept of one message.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::personal;
use super::record::Record;
use crate::cli::Context;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::ledger::{Entry, Found};

/// The arguments of `log show`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The message's id, the beginning of it, or its client_msg_id.
    id: String,
    /// Show openid and patient id whole; the record remembers who did.
    #[arg(long)]
    show_personal_data: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    record: Record,
    /// What the error code means.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'static wechat::Explanation>,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let found = match books::look(&config)? {
        Some(mut ledger) => ledger.show(&arguments.id)?,
        None => Found::None,
    };
    let entry = match found {
        Found::One(entry) => entry,
        Found::None => return Err(none()),
        Found::Several(entries) => return Err(several(&entries)),
    };
    if arguments.show_personal_data {
        personal::record_unmasked(&config, "log show")?;
    }
    let record = Record::of(&entry, &config.zone, arguments.show_personal_data);
    let explanation = record.errcode.and_then(wechat::explain);
    context.ui.out(&Shown { record, explanation })?;
    Ok(Exit::Done)
}

/// No message has the id.
pub(super) fn none() -> CommandError {
    CommandError::usage("No message in the record has this id.").hint(
        "`wxremind log` lists the messages; of an id at least the first six characters are needed.",
    )
}

/// The beginning of an id names several messages.
pub(super) fn several(entries: &[Entry]) -> CommandError {
    let ids: Vec<String> = entries.iter().map(|entry| entry.message_id.to_string()).collect();
    CommandError::usage("Several messages have an id that begins so.")
        .hint(format!("Give more of it; among them are: {}.", ids.join(", ")))
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = &self.record;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut shown = table(&["message", &one.message_id]);
        for (name, value) in [
            ("kind", one.kind.to_string()),
            ("state", one.state.to_string()),
            ("why", one.why()),
            ("errmsg", text(&one.errmsg)),
            ("visit", one.local.start.clone()),
            ("stage", number(one.stage.map(i64::from))),
            ("appointment", text(&one.appointment_id)),
            ("reference", text(&one.reference)),
            ("patient id", text(&one.patient_id)),
            ("openid", text(&one.openid)),
            ("template", text(&one.template)),
            ("account", one.account.clone()),
            ("copy", one.copy.to_string()),
            ("attempts", one.attempts.to_string()),
            ("msgid", text(&one.msgid)),
            ("rid", text(&one.rid)),
            ("client_msg_id", one.client_msg_id.clone()),
            ("run", text(&one.run_id)),
            ("queued at", one.queued_at.clone()),
            ("sent at", text(&one.sent_at)),
            ("settled at", text(&one.settled_at)),
            ("receipt at", text(&one.receipt_at)),
        ] {
            if !value.is_empty() {
                shown.add_row(row([name.to_owned(), value]));
            }
        }
        write!(f, "{}", shown.trim_fmt())?;
        if let Some(known) = self.explanation {
            write!(f, "\n\n{}: {} {}", known.code, known.meaning_en, known.again.en())?;
            if known.is_full() {
                write!(f, "\n{}", known.advice_en)?;
            }
        }
        Ok(())
    }
}
