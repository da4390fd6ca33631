//! The record of what was sent.

use serde_json::Value;
use wechat_simulator::{TEMPLATE_REMINDER, magic_openids};

use crate::support::{Desk, Run};

const OPENID: &str = "oSampleOpenidOfAPatient00001";
const NOW: &str = "2026-11-23";

fn magic(part: &str) -> String {
    magic_openids()
        .iter()
        .map(|(openid, ..)| (*openid).to_owned())
        .find(|id| id.contains(part))
        .unwrap()
}

/// A desk on which reminders have gone out: one accepted, one refused (43004), one that nobody could be found for.
fn after_a_run() -> Desk {
    let desk = Desk::with_account();
    desk.settings(&format!("[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\" }}"));
    let refused = magic("43004");
    desk.file(
        "visits.csv",
        format!(
            "appointment_id,openid,patient_id,patient,phone,start,hospital\n\
             A1,{OPENID},P000001,王小明,13800000001,2026-11-30 09:00,协和医院\n\
             A2,{refused},P000002,李小红,13800000002,2026-11-30 10:00,协和医院\n\
             A3,,P000003,张小刚,13800000003,2026-11-30 08:00,协和医院\n"
        ),
    );
    let run = desk.run(["remind", "--days", "7", "--now", NOW, "visits.csv"]);
    assert_eq!(run.code, Some(1), "{run}");
    desk
}

fn id_of(desk: &Desk, appointment: &str) -> String {
    let listed = desk.run(["log", "list", "--json", "--appointment", appointment]).expect(0).json();
    listed[0]["message_id"].as_str().unwrap().to_owned()
}

fn states(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listed = run.json();
    let mut states: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["appointment_id"]), text(&one["state"])))
        .collect();
    states.sort();
    states
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

#[test]
fn without_a_ledger_everything_is_empty_and_nothing_is_made() {
    let desk = Desk::with_account();
    assert_eq!(desk.run(["log", "--json"]).expect(0).stdout, "[]\n");
    for verb in ["list", "stats", "unreached", "events"] {
        assert_eq!(desk.run(["log", verb]).expect(0).stdout, "", "{verb}");
    }
    desk.run(["log", "purge"]).expect(0).stdout.clear();
    assert_eq!(desk.run(["log", "show", "0123456789"]).code, Some(2));
    assert!(!desk.path("ledger.db").exists());
}

#[test]
fn the_list_filters_and_masks() {
    let desk = after_a_run();
    let all = desk.run(["log", "list", "--json"]).expect(0);
    assert_eq!(states(&all), [pair("A1", "accepted"), pair("A2", "failed"), pair("A3", "skipped")]);
    assert!(!all.stdout.contains(OPENID) && !all.stdout.contains("P000001"), "{all}");
    for (arguments, expected) in [
        (vec!["--state", "failed,skipped"], 2),
        (vec!["--kind", "prescription"], 0),
        (vec!["--appointment", "A1"], 1),
        (vec!["--openid", OPENID], 1),
        (vec!["--since", "1h"], 3),
        (vec!["--until", "2020-01-01"], 0),
        (vec!["--limit", "2"], 2),
        (vec!["--ref", "RX1"], 0),
    ] {
        let run =
            desk.run(["log", "--json"].into_iter().chain(arguments.iter().copied())).expect(0);
        assert_eq!(run.json().as_array().unwrap().len(), expected, "{arguments:?}");
    }
    let piped = desk.program(["log", "--json", "--openid", "-"]).stdin(OPENID).run();
    assert_eq!(states(&piped), [pair("A1", "accepted")]);
    for wrong in [["--state", "gone"], ["--since", "soon"]] {
        assert_eq!(desk.run(["log", "list"].into_iter().chain(wrong)).code, Some(2));
    }
    let csv = desk.run(["log", "--format", "csv"]).expect(0);
    assert!(csv.stdout.starts_with("\u{feff}message_id,kind,"), "{csv}");
    assert_eq!(csv.stdout.lines().count(), 4);
}

#[test]
fn unmasked_output_is_given_on_request_and_recorded() {
    let desk = after_a_run();
    let run = desk.run(["log", "--json", "--appointment", "A1", "--show-personal-data"]).expect(0);
    assert_eq!(run.json()[0]["openid"], OPENID);
    let ledger = rusqlite::Connection::open(desk.path("ledger.db")).unwrap();
    let trail: (String, String) = ledger
        .query_row("SELECT verb, actor FROM audit WHERE verb = 'log list'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert!(!trail.1.is_empty());
}

#[test]
fn one_message_is_shown_with_what_its_code_means() {
    let desk = after_a_run();
    let id = id_of(&desk, "A2");
    let shown = desk.run(["log", "show", &id]).expect(0);
    assert!(shown.stdout.contains("43004: ") && shown.stdout.contains("failed"), "{shown}");
    let json = desk.run(["log", "show", &id, "--json"]).expect(0).json();
    assert_eq!((&json["errcode"], &json["explanation"]["code"]), (&43004.into(), &43004.into()));
}

#[test]
fn the_telephone_list_takes_names_and_numbers_from_the_source() {
    let desk = after_a_run();
    insta::assert_snapshot!(desk.run(["log", "unreached", "--now", NOW]), @"
    --- stdout
    VISIT             APPOINTMENT  PATIENT  PHONE  STATE    WHY
    2026-11-30 08:00  A3           ***003   -      skipped  no openid is known for the patient
    2026-11-30 10:00  A2           ***002   -      failed   WeChat 43004: The person does not follow the account
    --- exit 0
    ");
    insta::assert_snapshot!(desk.run(["log", "unreached", "--now", NOW, "visits.csv"]), @"
    --- stdout
    VISIT             APPOINTMENT  PATIENT  PHONE    STATE    WHY
    2026-11-30 08:00  A3           张**     ***0003  skipped  no openid is known for the patient
    2026-11-30 10:00  A2           李**     ***0002  failed   WeChat 43004: The person does not follow the account
    --- stderr
    Names and numbers are masked; --show-personal-data shows them whole, and is recorded.
    --- exit 0
    ");
    let csv =
        ["log", "unreached", "--now", NOW, "visits.csv", "--format", "csv", "--show-personal-data"];
    let csv = desk.run(csv).expect(0).stdout;
    assert!(csv.contains(",A2,P000002,李小红,13800000002,failed,43004,"), "{csv}");
    assert!(csv.contains(",A3,P000003,张小刚,13800000003,skipped,,"), "{csv}");
    let later = desk.run(["log", "unreached", "--now", "2026-12-01", "--json"]).expect(0);
    assert_eq!(later.stdout, "[]\n");
}

#[test]
fn a_number_that_several_patients_have_gives_each_their_own_telephone() {
    let desk = Desk::with_account();
    desk.settings(&format!("[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\" }}"));
    // Two departments, each with its own number 1 at nine; and one patient twice.
    let rows = |first: &str| {
        format!(
            "appointment_id,openid,patient_id,patient,phone,start,hospital\n\
             1,,P000001,王小明,13800000001,{first},协和医院\n\
             1,,P000002,李小红,13800000002,2026-11-30 10:00,协和医院\n\
             2,,P000001,王小明,13800000001,2026-11-30 11:00,协和医院\n"
        )
    };
    desk.file("visits.csv", rows("2026-11-30 09:00"));
    let _ = desk.run(["remind", "--days", "7", "--now", NOW, "visits.csv"]).expect(0);
    insta::assert_snapshot!(desk.run(["log", "unreached", "--now", NOW, "visits.csv"]), @"
    --- stdout
    VISIT             APPOINTMENT  PATIENT  PHONE    STATE    WHY
    2026-11-30 09:00  1            王**     ***0001  skipped  no openid is known for the patient
    2026-11-30 10:00  1            李**     ***0002  skipped  no openid is known for the patient
    2026-11-30 11:00  2            王**     ***0001  skipped  no openid is known for the patient
    --- stderr
    Names and numbers are masked; --show-personal-data shows them whole, and is recorded.
    --- exit 0
    ");
    // The number is not the visit's own, so a row elsewhere is no move: it is said that the visit is not there.
    desk.file("visits.csv", rows("2026-12-01 09:00"));
    insta::assert_snapshot!(desk.run(["log", "unreached", "--now", NOW, "visits.csv"]), @"
    --- stdout
    VISIT             APPOINTMENT  PATIENT  PHONE    STATE    WHY
    2026-11-30 09:00  1            ***001   -        skipped  no openid is known for the patient
    2026-11-30 10:00  1            李**     ***0002  skipped  no openid is known for the patient
    2026-11-30 11:00  2            王**     ***0001  skipped  no openid is known for the patient
    --- stderr
    wxremind: warning: Not in the source, of these: 1 visit.
    Names and numbers are masked; --show-personal-data shows them whole, and is recorded.
    --- exit 0
    ");
}

#[test]
fn a_patient_reminded_of_a_visit_that_is_off_by_now_is_to_be_telephoned() {
    let desk = Desk::with_account();
    desk.settings(&format!("[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\" }}"));
    let file = |rows: &[(&str, &str, &str)]| {
        let mut text =
            "appointment_id,openid,patient_id,patient,phone,start,hospital,status\n".to_owned();
        for (id, start, status) in rows {
            let openid = OPENID.replace("00001", &format!("000{id}"));
            let row = format!("{id},{openid},P0000{id},王小明,138000000{id},{start}");
            text += &[&row, "协和医院", status].join(",");
            text.push('\n');
        }
        desk.file("visits.csv", text);
    };
    let nine = "2026-11-30 09:00";
    file(&[
        ("11", nine, "已预约"),
        ("12", nine, "已预约"),
        ("13", nine, "已预约"),
        ("14", nine, "已预约"),
        ("15", "2026-11-30 16:00", "已预约"),
    ]);
    let _ = desk.run(["remind", "--days", "7", "--now", NOW, "visits.csv"]).expect(0);
    file(&[
        ("11", nine, "已取消"),
        ("12", "2026-12-03 10:00", "已预约"),
        ("13", nine, "已预约"),
        ("14", "2026-11-30 14:00", "已预约"),
        ("15", "2026-11-29 08:00", "已预约"),
    ]);
    // The fourth is reminded of its new time and knows.
    let _ = desk.run(["remind", "--days", "7", "--now", NOW, "visits.csv"]).expect(0);
    insta::assert_snapshot!(desk.run(["log", "unreached", "--now", NOW, "visits.csv"]), @"
    --- stdout
    VISIT             APPOINTMENT  PATIENT  PHONE    STATE     WHY
    2026-11-30 16:00  15           王**     ***0015  accepted  reminded, but moved to 2026-11-29 08:00 since
    2026-11-30 09:00  11           王**     ***0011  accepted  reminded, but cancelled since
    2026-11-30 09:00  12           王**     ***0012  accepted  reminded, but moved to 2026-12-03 10:00 since
    --- stderr
    Names and numbers are masked; --show-personal-data shows them whole, and is recorded.
    --- exit 0
    ");
    let json =
        desk.run(["log", "unreached", "--now", NOW, "visits.csv", "--json"]).expect(0).json();
    assert_eq!(
        (&json[1]["since"], &json[2]["since"]),
        (&"cancelled".into(), &"moved to 2026-12-03 10:00".into())
    );
    // Without the source nothing of this is known.
    assert_eq!(desk.run(["log", "unreached", "--now", NOW, "--json"]).expect(0).stdout, "[]\n");
}

#[test]
fn the_counts_are_by_kind_state_and_code() {
    let desk = after_a_run();
    let stats = desk.run(["log", "stats", "--json"]).expect(0).json();
    let total = stats["total"].as_array().unwrap();
    assert_eq!(total.len(), 3, "{stats}");
    let failed = total.iter().find(|sum| sum["state"] == "failed").unwrap();
    assert_eq!((&failed["errcode"], &failed["messages"]), (&43004.into(), &1.into()));
    assert_eq!(
        desk.run(["log", "stats", "--since", "today", "--until", "2020-01-01"]).code,
        Some(2)
    );
}

#[test]
fn what_is_settled_can_be_neither_resolved_nor_cancelled() {
    let desk = after_a_run();
    let id = id_of(&desk, "A1");
    insta::assert_snapshot!(desk.run(["log", "resolve", &id, "--as", "not-sent"]), @"
    --- stderr
    wxremind: error: The message is accepted, not unknown; nothing was changed.
    hint: `wxremind log show` says what is known of it; only unknown messages wait for a person's word.
    --- exit 2
    ");
    insta::assert_snapshot!(desk.run(["log", "cancel", &id]), @"
    --- stdout
    Called off: 0. Left as they are, because they are sent or settled: 1.
    --- exit 1
    ");
    assert_eq!(desk.run(["log", "cancel"]).code, Some(2));
}

#[test]
fn an_unknown_outcome_is_resolved_by_a_person() {
    let desk = after_a_run();
    let id = id_of(&desk, "A1");
    let ledger = rusqlite::Connection::open(desk.path("ledger.db")).unwrap();
    ledger.execute("UPDATE message SET state = 'unknown' WHERE message_id = ?1", [&id]).unwrap();
    let erased = desk.run(["log", "resolve", &id, "--as", "not-sent"]).expect(1);
    assert!(erased.stderr.contains("no longer kept"), "{erased}");
    insta::assert_snapshot!(desk.run(["log", "resolve", &id, "--as", "sent"]), @"
    --- stdout
    Recorded as sent: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.
    --- exit 0
    ");
    let one = desk.run(["log", "--json", "--appointment", "A1"]);
    assert_eq!(states(&one), [pair("A1", "accepted")]);
}

#[test]
fn what_waits_is_called_off_by_day() {
    let desk = after_a_run();
    let ledger = rusqlite::Connection::open(desk.path("ledger.db")).unwrap();
    let unsent = "UPDATE message SET state = 'queued', intent_at = NULL WHERE appointment_id IN ('A1', 'A2')";
    ledger.execute(unsent, []).unwrap();
    let _ = desk.run(["log", "cancel", "--yes"]).expect(2);
    let other_day = desk.run(["log", "cancel", "--date", "2026-12-01", "--json"]).expect(0).json();
    assert_eq!(other_day["cancelled"], 0);
    let day = desk.run(["log", "cancel", "--date", "2026-11-30", "--json"]).expect(0).json();
    assert_eq!((&day["cancelled"], &day["left"]), (&2.into(), &0.into()));
}

#[test]
fn a_forgotten_patient_leaves_nothing_but_a_hash() {
    let desk = after_a_run();
    let run =
        desk.program(["log", "forget", "--openid", "-", "--json"]).stdin(OPENID).run().expect(0);
    assert_eq!(run.json()["in_flight"], 0);
    let left = desk.run(["log", "--json", "--openid", OPENID]).expect(0);
    assert_eq!(left.stdout, "[]\n");
    assert_eq!(desk.run(["log", "forget"]).code, Some(2));
    assert_eq!(desk.run(["log", "purge", "--older-than", "0d"]).expect(0).code, Some(0));
}
