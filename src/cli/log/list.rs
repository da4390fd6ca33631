//! `log list`: messages, newest first.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::filter::Filters;
use super::format::{self, Format, Rows};
use super::personal;
use super::record::Record;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::cli::{Context, Rehearsal};

/// How many a table shows when no limit is given.
const SCREENFUL: usize = 100;

/// The arguments of `log list`.
#[derive(Args, Clone, Debug, Default)]
pub struct Arguments {
    #[command(flatten)]
    filters: Filters,
    /// How the list is written; CSV is for spreadsheet programs.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Show openids and patient ids whole; the record remembers who did.
    #[arg(long)]
    show_personal_data: bool,
    /// Pretend that it is TIME.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Listed(Vec<Record>);

pub(super) fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let Arguments { filters, format, show_personal_data, now } = arguments;
    let config = context.config()?;
    let now = context.clock(&config, &Rehearsal { simulate: false, now }, true)?.now();
    let mut filter = filters.read(&config, context.globals.account.is_some(), now)?;
    let is_table = !context.ui.json() && matches!(format, None | Some(Format::Table));
    if is_table && filter.limit.is_none() {
        filter.limit = Some(SCREENFUL + 1);
    }
    if show_personal_data {
        personal::record_unmasked(&config, "log list")?;
    }
    let mut entries = match books::look(&config)? {
        Some(mut ledger) => ledger.list(&filter)?,
        None => Vec::new(),
    };
    if is_table && filters.limit.is_none() && entries.len() > SCREENFUL {
        entries.truncate(SCREENFUL);
        context.ui.note(format!("The newest {SCREENFUL} are shown; --limit N shows more."));
    }
    if is_table && entries.is_empty() {
        context.ui.note("No messages.");
    }
    let records = entries.iter().map(|entry| Record::of(entry, &config.zone, show_personal_data));
    format::show(&mut context.ui, format, &Listed(records.collect()))?;
    Ok(Exit::Done)
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        // The id is long, so it stands last: a narrow terminal wraps it alone.
        let mut shown = table(&["changed", "kind", "about", "visit", "to", "state", "why", "id"]);
        for one in &self.0 {
            shown.add_row(row([
                one.local.changed.as_str(),
                one.kind.as_str(),
                one.subject(),
                &one.local.start,
                one.openid.as_deref().unwrap_or("-"),
                one.state.as_str(),
                &one.why(),
                &one.message_id,
            ]));
        }
        write!(f, "{}", shown.trim_fmt())
    }
}

impl Rows for Listed {
    fn header(&self) -> Vec<&'static str> {
        vec![
            "message_id",
            "kind",
            "stage",
            "appointment_id",
            "start",
            "slot",
            "state",
            "errcode",
            "reason",
            "msgid",
            "openid",
            "patient_id",
            "reference",
            "attempts",
            "queued_at",
            "sent_at",
            "settled_at",
            "receipt_at",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let row = |one: &Record| {
            vec![
                one.message_id.clone(),
                one.kind.to_string(),
                number(one.stage.map(i64::from)),
                text(&one.appointment_id),
                text(&one.start),
                text(&one.slot),
                one.state.to_string(),
                number(one.errcode),
                text(&one.reason),
                text(&one.msgid),
                text(&one.openid),
                text(&one.patient_id),
                text(&one.reference),
                one.attempts.to_string(),
                one.queued_at.clone(),
                text(&one.sent_at),
                text(&one.settled_at),
                text(&one.receipt_at),
            ]
        };
        self.0.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use jiff::tz::TimeZone;
    use uuid::Uuid;

    use super::*;
    use crate::domain::appointment::Start;
    use crate::domain::message::Kind;
    use crate::domain::state::State;
    use crate::ledger::Entry;

    fn entry(number: u128, state: State) -> Entry {
        Entry {
            message: 1,
            message_id: Uuid::from_u128(number),
            client_msg_id: "0a".repeat(16),
            account: "wx0123456789abcdef".to_owned(),
            kind: Kind::Reminder,
            stage: Some(7),
            copy: 0,
            appointment_id: Some("预约0001".to_owned()),
            patient_id: Some("P000007".to_owned()),
            start: Some(Start::at(date(2026, 11, 30), time(9, 0, 0, 0))),
            visit_at: None,
            state,
            errcode: None,
            errmsg: None,
            reason: None,
            rid: None,
            msgid: Some(i64::MAX),
            openid: Some("oSampleOpenidOfAPatient00001".to_owned()),
            template: "reminder".to_owned(),
            reference_tail: None,
            queued_at: "2026-11-23T00:00:00Z".parse().unwrap(),
            sent_at: None,
            settled_at: "2026-11-23T00:00:01Z".parse().ok(),
            receipt_at: None,
            run_id: None,
            attempts: 1,
            asked_by: None,
        }
    }

    fn listed(unmasked: bool) -> Listed {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let failed = Entry { errcode: Some(43004), ..entry(1, State::Failed) };
        let skipped = Entry {
            reason: Some("no_openid".to_owned()),
            openid: None,
            start: Some(Start::on(date(2026, 12, 1), Some("上午"))),
            appointment_id: Some("A1".to_owned()),
            ..entry(2, State::Skipped)
        };
        let prescription = Entry {
            kind: Kind::Prescription,
            appointment_id: None,
            start: None,
            reference_tail: Some("0007".to_owned()),
            ..entry(3, State::Held)
        };
        let entries = [failed, skipped, prescription];
        Listed(entries.iter().map(|entry| Record::of(entry, &zone, unmasked)).collect())
    }

    #[test]
    fn the_table_lines_up_with_chinese_in_it() {
        insta::assert_snapshot!(listed(false), @"
    CHANGED           KIND          ABOUT     VISIT             TO         STATE    WHY                                 ID
    2026-11-23 08:00  reminder      预约0001  2026-11-30 09:00  oS***0001  failed   WeChat 43004                        00000000-0000-0000-0000-000000000001
    2026-11-23 08:00  reminder      A1        2026-12-01 上午   -          skipped  no openid is known for the patient  00000000-0000-0000-0000-000000000002
    2026-11-23 08:00  prescription  ***0007                     oS***0001  held     under review at WeChat              00000000-0000-0000-0000-000000000003
    ");
    }

    #[test]
    fn programs_get_the_events_names_with_ids_masked() {
        let json = serde_json::to_value(listed(false)).unwrap();
        let first = &json[0];
        assert_eq!(first["message_id"], "00000000-0000-0000-0000-000000000001");
        assert_eq!(first["start"], "2026-11-30T09:00:00+08:00");
        assert_eq!(first["msgid"], "9223372036854775807");
        assert_eq!((&first["errcode"], &first["stage"]), (&43004.into(), &7.into()));
        assert_eq!(
            (&first["openid"], &first["patient_id"]),
            (&"oS***0001".into(), &"***007".into())
        );
        assert_eq!((&json[1]["reason"], &json[1]["slot"]), (&"no_openid".into(), &"上午".into()));
        assert_eq!(json[2]["reference"], "***0007");
        assert_eq!(
            serde_json::to_value(listed(true)).unwrap()[0]["openid"],
            "oSampleOpenidOfAPatient00001"
        );
    }

    #[test]
    fn every_row_of_the_csv_has_as_many_cells_as_the_header() {
        let listed = listed(false);
        assert!(listed.rows().iter().all(|row| row.len() == listed.header().len()));
    }
}
