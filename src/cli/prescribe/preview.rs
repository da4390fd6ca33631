//! What `prescribe` shows: the messages before they are sent, and what came of them.

use std::fmt;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::words;
use crate::cli::exit::Exit;
use crate::cli::sending::Outcome;
use crate::prescribing::{self, Prepared, Ready, Rejected};

/// The messages that would be sent.
#[derive(Serialize)]
pub struct Cards {
    prescriptions: Vec<Card>,
    rejected: Vec<RejectedRow>,
    /// What would stand in the way of sending them.
    notes: Vec<String>,
    exit_code: u8,
    /// Whether nothing follows: a dry run.
    #[serde(skip)]
    is_all: bool,
}

/// One message.
#[derive(Serialize)]
struct Card {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    patient: Option<String>,
    /// The last four digits.
    phone: Option<String>,
    openid: String,
    reference: String,
    copy: u32,
    /// The fields as the patient reads them, without the reference; none but at a terminal.
    #[serde(skip)]
    fields: Vec<(String, String)>,
}

/// A prescription that is not sent.
#[derive(Serialize)]
pub struct RejectedRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    hint: String,
}

impl Cards {
    /// The cards of what is prepared. `whole` shows names and references whole: to the person at the terminal, who must
    /// compare them with the patient in front of them.
    pub fn of(prepared: &Prepared, zone: &TimeZone, whole: bool) -> Self {
        let mut cards = Self {
            prescriptions: prepared.ready.iter().map(|ready| Card::of(ready, whole)).collect(),
            rejected: rows(&prepared.rejected, zone),
            notes: Vec::new(),
            exit_code: 0,
            is_all: !whole,
        };
        cards.exit_code = cards.exit().code();
        cards
    }

    /// The same with what would stand in the way of sending them.
    #[must_use]
    pub fn noting(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
        self
    }

    /// The exit code of a dry run.
    pub fn exit(&self) -> Exit {
        if self.rejected.is_empty() { Exit::Done } else { Exit::Partly }
    }
}

impl Card {
    fn of(ready: &Ready, whole: bool) -> Self {
        let card = prescribing::Card::of(ready, whole);
        Self {
            line: card.line,
            patient: card.patient,
            phone: card.phone,
            openid: card.openid,
            reference: card.reference,
            copy: card.copy,
            fields: card.fields,
        }
    }
}

/// The refused ones, in words.
fn rows(rejected: &[Rejected], zone: &TimeZone) -> Vec<RejectedRow> {
    let row = |rejected: &Rejected| {
        let told = words::told(&rejected.refusal, zone);
        RejectedRow { line: rejected.line, reason: told.what, hint: told.fix }
    };
    rejected.iter().map(row).collect()
}

impl fmt::Display for Cards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for card in &self.prescriptions {
            let unknown = || "not in contacts".to_owned();
            writeln!(f, "Prescription {}", card.reference)?;
            writeln!(f, "  patient   {}", card.patient.clone().unwrap_or_else(unknown))?;
            writeln!(f, "  phone     {}", card.phone.clone().unwrap_or_else(unknown))?;
            writeln!(f, "  openid    {}", card.openid)?;
            if card.copy > 0 {
                writeln!(f, "  copy      {} (it was sent before)", card.copy + 1)?;
            }
            for (key, value) in &card.fields {
                writeln!(f, "  {key:<9} {value}")?;
            }
        }
        self.rejected.iter().try_for_each(|row| row.fmt(f))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        if self.is_all { writeln!(f, "Nothing was sent: this was a dry run.") } else { Ok(()) }
    }
}

impl fmt::Display for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or_else(String::new, |line| format!("line {line}: "));
        writeln!(f, "Not sent: {line}{}.", self.reason)?;
        if self.hint.is_empty() { Ok(()) } else { writeln!(f, "  hint: {}", self.hint) }
    }
}

/// What came of a run.
#[derive(Serialize)]
pub struct Summary {
    /// The run's id in the ledger, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    /// What was sent.
    #[serde(flatten)]
    pub outcome: Outcome,
    rejected: Vec<RejectedRow>,
    exit_code: u8,
}

impl Summary {
    /// The summary of this outcome and these refusals.
    pub fn new(
        run_id: Option<String>,
        outcome: Outcome,
        rejected: &[Rejected],
        zone: &TimeZone,
    ) -> Self {
        let rejected = rows(rejected, zone);
        let mut summary = Self { run_id, outcome, rejected, exit_code: 0 };
        summary.exit_code = summary.exit().code();
        summary
    }

    /// The exit code; a prescription under review waits for a person too, since the patient stands at the pharmacy.
    pub fn exit(&self) -> Exit {
        let held = if self.outcome.held > 0 { Exit::Unknown } else { Exit::Done };
        let rejected = if self.rejected.is_empty() { Exit::Done } else { Exit::Partly };
        self.outcome.exit().merge(held).merge(rejected)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outcome.fmt(f)?;
        self.rejected.iter().try_for_each(|row| row.fmt(f))?;
        if self.outcome.held > 0 {
            writeln!(
                f,
                "WeChat reviews the message; if it passes, it is delivered in about half an hour. Do not send it again."
            )?;
        }
        Ok(())
    }
}
