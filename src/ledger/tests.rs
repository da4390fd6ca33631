//! The ledger on real databases: two ledgers in one place play two processes, a dropped one plays a killed process.

mod asked;
mod events;
mod files;
mod insight;
mod life;
mod moving;
mod place;
mod pledges;
mod receipts;
mod records;
mod server;

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use place::{Place, contract, either, kill, on_postgres, place, session};

use super::*;
use crate::domain::appointment::Start;
use crate::domain::key::{Key, mark};
use crate::domain::message::{Kind, Message, ReferenceMark};
use crate::domain::reason::Reason;
use crate::domain::state::State;

const ACCOUNT: &str = "wx0123456789abcdef";
const POLICY: Unknowns = Unknowns { resend_reminders: true, resend_prescriptions: false };

fn begin(ledger: &mut Ledger) -> RunId {
    let run = NewRun { account: ACCOUNT, verb: "remind", actor: "nurse", host: Some("ward3") };
    ledger.begin_run(&run).unwrap()
}

fn now() -> Timestamp {
    "2026-11-23T00:30:00Z".parse().unwrap()
}

/// A reminder for the visit at `hour` (UTC) on 30 November.
fn reminder(openid: &str, hour: i8) -> Message {
    let start = Start::at(date(2026, 11, 30), time(hour, 0, 0, 0));
    let appointment = format!("A-{openid}-{hour}");
    let visit_at = now() + SignedDuration::from_hours(24 * 7 + i64::from(hour));
    Message {
        key: Key::reminder(ACCOUNT, 7, openid, &appointment, &start, 0),
        kind: Kind::Reminder,
        stage: Some(7),
        copy: 0,
        openid: openid.into(),
        patient_id: Some(format!("P-{openid}").into()),
        appointment_id: Some(appointment.into()),
        start: Some(start),
        visit_at: Some(visit_at),
        not_after: Some(visit_at),
        template: "reminder".into(),
        template_id: "TID".into(),
        content: format!("{{\"touser\":\"{openid}\"}}").into(),
        content_hash: mark("content", &[openid]),
        reference: None,
    }
}

/// A row for the visit at `hour` whose patient has no openid.
fn nobody(hour: i8, department: Option<&str>) -> SkippedRow {
    let visit = reminder("", hour);
    SkippedRow {
        stage: 7,
        appointment_id: visit.appointment_id.unwrap(),
        patient_id: Some(format!("P{hour}").into()),
        openid: None,
        start: visit.start.unwrap(),
        visit_at: visit.visit_at.unwrap(),
        department: department.map(Into::into),
        doctor: None,
        reason: Reason::NoOpenid,
    }
}

fn prescription(openid: &str, reference: &str) -> Message {
    Message {
        key: Key::prescription(ACCOUNT, openid, reference, 0),
        kind: Kind::Prescription,
        stage: None,
        appointment_id: None,
        start: None,
        visit_at: None,
        not_after: None,
        template: "prescription".into(),
        reference: Some(ReferenceMark {
            hash: mark("reference", &[reference]),
            tail: "0007".into(),
        }),
        ..reminder(openid, 1)
    }
}

fn ask(want: usize) -> Exchange {
    Exchange { settle: Vec::new(), want, rate: None, now: now(), pause: None }
}

fn tell(message: i64, outcome: Settled) -> Exchange {
    Exchange { settle: vec![Settlement { message, outcome }], ..ask(0) }
}

fn accepted() -> Settled {
    Settled::Accepted { msgid: Some(1) }
}

fn claim(ledger: &mut Ledger, want: usize) -> Vec<Claimed> {
    ledger.exchange(&ask(want)).unwrap().claimed
}

fn tick(ledger: &Ledger, minutes: i64) {
    ledger.db.skew.set(ledger.db.skew.get() + SignedDuration::from_mins(minutes));
}

fn count(ledger: &Ledger, sql: &str) -> u64 {
    ledger.db.query(sql, &[]).unwrap().pop().unwrap().count("count").unwrap()
}

/// A confirmation with other words than before.
fn anew(message: i64) -> Confirmation {
    Confirmation {
        message,
        content: "{\"anew\":true}".into(),
        content_hash: mark("content", &["anew"]),
        template: "reminder".into(),
        template_id: "TID2".into(),
    }
}
