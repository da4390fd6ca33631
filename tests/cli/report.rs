//! The figures of the record, in the terminal and as a file: they agree with each other, and name nobody.

use std::os::unix::fs::PermissionsExt as _;

use wechat_simulator::{TEMPLATE_REMINDER, magic_openids};

use crate::support::Desk;
use crate::support::tables::table;

const NOW: &str = "2026-11-23";
const HOSTILE: &str = "</svg><script>alert(1)</script>";

fn refused() -> String {
    let fates = magic_openids();
    fates.iter().find(|(openid, ..)| openid.contains("43004")).unwrap().0.to_string()
}

/// Two departments, one of them hostile: three patients sent, one refused, one that nobody could be found for.
fn after_a_run() -> Desk {
    let desk = Desk::with_account();
    desk.settings(&format!("[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\" }}"));
    let visit = |number: u8, openid: &str, department: &str, doctor: &str| {
        format!(
            "A{number},{openid},P00000{number},王小明,13800000001,2026-11-30 09:0{number},协和医院,{department},{doctor}\n"
        )
    };
    let openid = |number: u8| format!("oSampleOpenidOfAPatient0000{number}");
    let rows = [
        visit(1, &openid(1), "骨科", "李医生"),
        visit(2, &openid(2), "骨科", "李医生"),
        visit(3, &openid(3), HOSTILE, "王医生"),
        visit(4, &refused(), "骨科", "张医生"),
        visit(5, "", "眼科", ""),
    ];
    let header =
        "appointment_id,openid,patient_id,patient,phone,start,hospital,department,doctor\n";
    desk.file("visits.csv", format!("{header}{}", rows.concat()));
    let _ = desk.run(["remind", "--days", "7", "--now", NOW, "visits.csv"]).expect(1);
    desk
}

#[test]
fn the_report_agrees_with_the_counts_and_with_the_record() {
    let desk = after_a_run();
    let written = desk.run(["log", "report", "--output", "report.html", "--json"]).expect(0).json();
    assert_eq!((&written["reminders"], &written["appointments_ahead"]), (&5.into(), &5.into()));
    let mode = std::fs::metadata(desk.path("report.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let html = std::fs::read_to_string(desk.path("report.html")).unwrap();
    let days = table(&html, "Messages by day and outcome");
    let stats = desk.run(["log", "stats", "--since", "30d", "--json"]).expect(0).json();
    let total = |state: &str| {
        let counts = stats["total"].as_array().unwrap().iter();
        counts
            .filter(|one| one["state"] == state)
            .map(|one| one["messages"].as_u64().unwrap())
            .sum::<u64>()
    };
    let expected = ["total".to_owned()].into_iter();
    let expected: Vec<String> = expected
        .chain(["accepted", "failed", "skipped"].map(|state| total(state).to_string()))
        .collect();
    assert_eq!(days.last().unwrap(), &expected);
    assert_eq!(expected[1..], ["3", "1", "1"]);
    let departments = table(&html, "Appointments ahead by department");
    let escaped = HOSTILE.replace('<', "&lt;").replace('>', "&gt;").replace('/', "&#x2f;");
    assert_eq!(
        departments.iter().map(|row| (&*row[0], &*row[1])).collect::<Vec<_>>(),
        [("骨科", "3"), (&*escaped, "1"), ("眼科", "1")]
    );
    let causes = table(&html, "What did not get through, by cause");
    assert_eq!(causes.iter().map(|row| &*row[2]).collect::<Vec<_>>(), ["1", "1"]);
    for word in ["<script", "src=", "href=", "oSample", "P00000", "王小明", "13800000001"] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn a_second_run_and_a_purge_change_no_count_of_visits() {
    let desk = after_a_run();
    let ahead = |desk: &Desk| {
        let html = desk.run(["log", "report", "--lang", "en"]).expect(0).stdout;
        table(&html, "Appointments ahead by department")
    };
    let before = ahead(&desk);
    let _ = desk.run(["remind", "--days", "7", "--now", NOW, "visits.csv"]);
    assert_eq!(ahead(&desk), before);
    let _ = desk.run(["log", "purge", "--older-than", "0d"]).expect(0);
    assert_eq!(ahead(&desk), before);
}

#[test]
fn without_a_record_the_report_says_so_in_the_language_asked_for() {
    let desk = Desk::new();
    let html = desk.run(["log", "report", "--lang", "zh"]).expect(0).stdout;
    assert!(
        html.contains("<html lang=\"zh-CN\">") && html.contains("没有已知的待就诊预约"),
        "{html}"
    );
    let _ = desk.run(["log", "report", "--since", "2026-11-25", "--until", "2026-11-01"]).expect(2);
    let _ = desk.run(["log", "report", "--output", "no/such/folder/r.html"]).expect(1);
}

#[test]
fn the_counts_are_drawn_in_the_terminal() {
    let desk = after_a_run();
    let shown = desk.run(["log", "stats"]).expect(0).stdout;
    let shown: Vec<&str> = shown.lines().filter(|line| line.starts_with("reminder")).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    reminder  accepted  -      3         ████████████████████████
    reminder  failed    43004  1         ████████
    reminder  skipped   -      1         ████████
    ");
}

#[test]
fn who_has_left_the_account_is_telephoned_and_written_to_again_after_coming_back() {
    let desk = after_a_run();
    desk.file(
        "visits.csv",
        "appointment_id,openid,start\nB1,oSampleOpenidOfAPatient00001,2026-11-30 14:00\n",
    );
    let event = |event: &str, at: i64| {
        format!(
            "<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>oSampleOpenidOfAPatient00001</FromUserName>\
             <CreateTime>{at}</CreateTime><MsgType>event</MsgType><Event>{event}</Event><EventKey></EventKey></xml>"
        )
    };
    let now = crate::proof::receipts::now();
    desk.file("left.xml", event("unsubscribe", now - 60));
    let _ = desk.run(["log", "receipts", "left.xml"]).expect(0);
    let words = ["remind", "--days", "7", "--now", NOW, "visits.csv", "--json"];
    let run = desk.run(words).expect(0);
    assert_eq!(run.json()["accepted"], 0, "{run}");
    let list = desk.run(["log", "unreached", "--now", NOW]).expect(0);
    assert!(list.stdout.contains("the patient no longer follows the account"), "{list}");
    let prescribe =
        ["prescribe", "--openid", "oSampleOpenidOfAPatient00001", "--ref", "RX20261123001"];
    let refused = desk.run(prescribe.into_iter().chain(["--dry-run", "--now", NOW])).expect(3);
    assert!(refused.stderr.contains("no longer follows the account"), "{refused}");
    desk.file("back.xml", event("subscribe", now - 30));
    let _ = desk.run(["log", "receipts", "back.xml"]).expect(0);
    let run = desk.run(words).expect(0);
    assert_eq!(run.json()["accepted"], 1, "{run}");
}
