//! Prescriptions: the right person or nobody, whole, once.

use std::fmt::Write;

use wechat_simulator::{Fault, FaultKind, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::clinic::{Clinic, MONDAY, openid};
use crate::support::Run;

const REFERENCE: &str = "RX-20261123-0001";

/// A pharmacy with an account and contacts: two patients, and a mother's phone for two children.
fn pharmacy() -> Clinic {
    let clinic = Clinic::new();
    clinic.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n[send]\nwait_scale = 0.01\n"
    ));
    contacts(
        &clinic,
        &[
            ("P1", "张三", "1961-04-12", 1),
            ("P2", "李四", "", 2),
            ("P3", "赵小宝", "2019-03-03", 3),
            ("P4", "赵小贝", "2021-07-15", 3),
        ],
    );
    clinic
}

fn contacts(clinic: &Clinic, rows: &[(&str, &str, &str, usize)]) {
    let mut text = "patient_id,patient,birth_date,phone,openid,bound_at\n".to_owned();
    for (day, (id, name, birth, to)) in rows.iter().enumerate() {
        let (openid, day) = (openid(*to), day + 1);
        writeln!(text, "{id},{name},{birth},1380000000{to},{openid},2026-01-{day:02}").unwrap();
    }
    clinic.file("contacts.csv", text);
}

/// `prescribe` with contacts, without a question, on the Monday.
fn prescribe(clinic: &Clinic, words: &[&str]) -> Run {
    let usual = ["prescribe", "--yes", "--now", MONDAY, "--contacts", "contacts.csv"];
    clinic.run(usual.into_iter().chain(words.iter().copied()))
}

/// Checks that it is refused with these words in its error, and that nothing was sent or queued.
fn refused(clinic: &Clinic, code: i32, words: &[&str], because: &str) {
    let sent = clinic.simulator().requests();
    let before = clinic.ledger().map(|_| clinic.states());
    let run = prescribe(clinic, words).expect(code);
    assert!(run.stderr.contains(because), "{words:?}\n{run}");
    assert_eq!(clinic.simulator().requests(), sent, "WeChat was asked something");
    assert_eq!(clinic.ledger().map(|_| clinic.states()), before, "{run}");
    for (name, to) in [("张三", 1), ("李四", 2), ("赵小宝", 3)] {
        assert!(!run.stderr.contains(name) && !run.stderr.contains(&openid(to)), "{run}");
    }
}

#[test]
fn the_patient_is_found_by_number_and_a_second_identifier_and_by_nothing_else() {
    let clinic = pharmacy();
    let by = |more: &[&'static str]| [&["--patient-id", "P1", "--ref", REFERENCE], more].concat();
    refused(&clinic, 3, &by(&[]), "hold the patient's name, and none was given");
    refused(&clinic, 3, &by(&["--patient", "张五"]), "the name in contacts is another one");
    let wrong_day = ["--patient", "张三", "--birth-date", "1961-04-21"];
    refused(&clinic, 3, &by(&wrong_day), "the day of birth in contacts is another one");
    for unknown in ["P9", "13800000001"] {
        let words = ["--patient-id", unknown, "--patient", "张三", "--ref", REFERENCE];
        refused(&clinic, 3, &words, "no openid for this patient");
    }
    assert!(clinic.ledger().is_none(), "a refused prescription leaves no ledger");

    let run = prescribe(&clinic, &by(&["--patient", " 张三 "])).expect(0);
    assert_eq!(clinic.reached(), [1], "{run}");
    let by_birth = ["--patient-id", "P3", "--birth-date", "2019/3/3", "--ref", "RX-2"];
    let _ = prescribe(&clinic, &by_birth).expect(0);
    assert_eq!(clinic.reached(), [1, 3]);
}

#[test]
fn contacts_must_give_exactly_one_openid_whichever_was_bound_last() {
    let clinic = pharmacy();
    contacts(&clinic, &[("P1", "张三", "", 1), ("P1", "张三", "", 7)]);
    let words = ["--patient-id", "P1", "--patient", "张三", "--ref", REFERENCE];
    refused(&clinic, 3, &words, "contacts give 2 openids for this patient");
    // The same pair twice is one.
    contacts(&clinic, &[("P1", "张三", "", 1), ("P1", "张三", "", 1)]);
    let _ = prescribe(&clinic, &words).expect(0);
    assert_eq!(clinic.reached(), [1]);
    // Lines that do not agree about the patient are no answer.
    contacts(&clinic, &[("P1", "张三", "", 1), ("P1", "王五", "", 1)]);
    refused(&clinic, 3, &words, "the name in contacts is another one");
}

#[test]
fn a_line_of_contacts_about_the_patient_that_cannot_be_read_is_a_doubt() {
    let clinic = pharmacy();
    let text = format!("patient_id,patient,openid\nP1,张三,{}\nP1,张三\n", openid(1));
    clinic.file("contacts.csv", text);
    let words = ["--patient-id", "P1", "--patient", "张三", "--ref", REFERENCE];
    refused(&clinic, 3, &words, "line 3 of contacts, which is about this patient, cannot be read");
}

#[test]
fn the_same_comparison_is_made_for_an_openid_that_contacts_know() {
    let clinic = pharmacy();
    let (first, mother, stranger) = (openid(1), openid(3), openid(9));
    let to = |openid: &'static str, name: &'static str| {
        vec!["--openid", openid, "--patient", name, "--ref", REFERENCE]
    };
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let (first, mother, stranger) = (leak(first), leak(mother), leak(stranger));
    refused(&clinic, 3, &to(first, "李四"), "the name in contacts is another one");
    refused(&clinic, 3, &to(mother, "赵小丫"), "the name in contacts is another one");
    let _ = prescribe(&clinic, &to(mother, "赵小贝")).expect(0);
    let _ =
        prescribe(&clinic, &["--openid", stranger, "--patient", "某人", "--ref", "RX-9"]).expect(0);
    assert_eq!(clinic.reached(), [3, 9]);
}

#[test]
fn a_table_row_that_names_both_must_agree_with_contacts_in_both() {
    let clinic = pharmacy();
    let row = |id: &str, name: &str, to: usize, n: usize| {
        format!("{id},{name},{},RX-{n}\n", if to == 0 { String::new() } else { openid(to) })
    };
    clinic.file(
        "table.csv",
        [
            "patient_id,patient,openid,reference\n".to_owned(),
            row("P1", "张三", 1, 1),
            row("P1", "张三", 2, 2), // another patient's openid
            row("P2", "", 2, 3),
            row("P1", "", 3, 4), // a number that contacts have under another openid
            row("P4", "赵小贝", 3, 5), // one of several on one phone
            row("P3", "赵小贝", 3, 6), // that one's brother by number
            row("P8", "某人", 8, 7), // contacts know neither
            row("P1", "某人", 8, 8), // contacts know the number, and elsewhere
            row("P2", "", 0, 9), // no openid, and nothing to compare
        ]
        .concat(),
    );
    let run = prescribe(&clinic, &["--from", "table.csv", "--json"]).expect(1);
    let mut reached = clinic.reached();
    reached.sort_unstable();
    assert_eq!(reached, [1, 2, 3, 8], "{run}");
    let json = run.json();
    let lines: Vec<_> = json["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 5, 7, 9, 10], "{run}");
    assert_eq!(json["accepted"], 4);
}

#[test]
fn a_reference_belongs_to_one_patient_until_it_did_not_arrive_or_is_given_anew() {
    let clinic = pharmacy();
    let (first, second) = (openid(1), openid(2));
    let to = |who: &str, more: &[&str]| {
        let mut words = vec!["--openid", who, "--ref", REFERENCE];
        words.extend_from_slice(more);
        prescribe(&clinic, &words)
    };
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(43004)));
    let _ = to(&first, &[]).expect(1);
    // It failed there, so it belongs to nobody yet.
    let _ = to(&second, &[]).expect(0);
    refused(&clinic, 3, &["--openid", &first, "--ref", REFERENCE], "went to another patient");
    refused(&clinic, 3, &["--openid", &second, "--ref", REFERENCE], "--again");
    let _ = to(&second, &["--again"]).expect(0);
    let _ = to(&first, &["--reassign", "the first was a namesake"]).expect(0);
    assert_eq!(clinic.reached(), [2, 2, 1]);
    let ledger = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    let (actor, reason): (String, String) = ledger
        .query_row("SELECT actor, detail FROM audit WHERE verb = 'reassign'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert!(!actor.is_empty() && reason == "the first was a namesake");
    // Ninety days later short codes are used again.
    clinic.meddle("UPDATE message SET intent_at = '2026-08-01T00:00:00.000Z', queued_at = '2026-08-01T00:00:00.000Z'");
    clinic.simulator().reset();
    let _ = to(&second, &[]).expect(0);
    assert_eq!(clinic.reached(), [2]);
}

#[test]
fn a_purge_between_two_copies_does_not_make_the_first_again() {
    let clinic = pharmacy();
    let who = openid(1);
    let words = ["--openid", who.as_str(), "--ref", REFERENCE];
    let _ = prescribe(&clinic, &words).expect(0);
    let _ = prescribe(&clinic, &[&words[..], &["--again"]].concat()).expect(0);
    // The first copy is older than the purge keeps.
    clinic.meddle("UPDATE message SET settled_at = '2020-01-01T00:00:00.000Z' WHERE copy = 0");
    let purged = clinic.run(["log", "purge", "--older-than", "30d", "--json"]).expect(0);
    assert_eq!(purged.json()["deleted"], 1);
    refused(&clinic, 3, &words, "--again");
    let _ = prescribe(&clinic, &[&words[..], &["--again"]].concat()).expect(0);
    assert_eq!(clinic.reached(), [1, 1, 1]);
    let copies: Vec<u32> = clinic.entries().iter().map(|entry| entry.copy).collect();
    assert_eq!(copies, [1, 2]);
}

#[test]
fn a_reference_is_never_cut_and_a_destroyed_one_never_sent() {
    let clinic = pharmacy();
    let who = openid(1);
    for (reference, because) in [
        ("1.2E+19", "power of ten"),
        ("1234567890100000000", "zeros"),
        ("RX 1", "blank"),
        ("RX20261123000000000000001", "does not fit the template"),
    ] {
        let run = prescribe(&clinic, &["--openid", &who, "--ref", reference]).expect(3);
        assert!(!run.stderr.contains(reference), "{because}: {run}");
    }
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty());
    let whole = "RX202611230000000001";
    let piped = ["prescribe", "--yes", "--now", MONDAY, "--openid", &who, "--ref", "-"];
    let _ = clinic.program(piped).stdin(format!("{whole}\n")).run().expect(0);
    assert_eq!(clinic.simulator().messages()[0].value("keyword1"), Some(whole));
}

#[test]
fn one_that_may_have_arrived_or_is_under_review_waits_for_a_person() {
    let clinic = pharmacy();
    let (lost, held) = (openid(1), openid(2));
    clinic.simulator().fault(Fault::new(FaultKind::CloseAfterAccept).forever().openid(&lost));
    clinic.simulator().fault(Fault::new(FaultKind::Held).openid(&held));
    let run = prescribe(&clinic, &["--openid", &lost, "--ref", "RX-1"]).expect(8);
    assert_eq!(clinic.states(), "unknown 1", "{run}");
    let run = prescribe(&clinic, &["--openid", &held, "--ref", "RX-2"]).expect(8);
    assert!(run.stderr.contains("Do not send it again"), "{run}");
    clinic.simulator().clear_faults();
    refused(&clinic, 8, &["--openid", &lost, "--ref", "RX-1"], "log resolve");
    let id = clinic.entries()[0].message_id.to_string();
    let _ = clinic.run(["log", "resolve", &id, "--as", "sent"]).expect(0);
    refused(&clinic, 3, &["--openid", &lost, "--ref", "RX-1"], "--again");
    assert_eq!(clinic.reached(), [1]);
}

#[test]
fn a_dry_run_shows_the_card_masked_and_leaves_no_trace() {
    let clinic = pharmacy();
    let words = ["--patient-id", "P1", "--patient", "张三", "--ref", REFERENCE, "--dry-run"];
    let run = prescribe(&clinic, &words).expect(0);
    insta::assert_snapshot!(run, @"
    --- stdout
    Prescription ***0001
      patient   张*
      phone     ***0001
      openid    oP***0001
      first     您好，您的电子处方已开具，请凭处方编号到药房取药。
      keyword2  2026年11月23日 08:00
      keyword3  您就诊的医院
      remark    请尽快取药。
    Nothing was sent: this was a dry run.
    --- exit 0
    ");
    assert!(clinic.ledger().is_none() && clinic.simulator().requests().paths.is_empty());
    let late = [&words[..], &["--expires", "2026-11-22"]].concat();
    refused(&clinic, 3, &late, "it could be collected until");
}

#[test]
fn standard_input_is_read_for_one_thing_only() {
    let clinic = pharmacy();
    for words in [
        &["prescribe", "--from", "-", "--contacts", "-"][..],
        &["prescribe", "--patient-id", "P1", "--ref", "-", "--contacts", "-"],
        &["remind", "--days", "7", "-", "--contacts", "-"],
    ] {
        let run = clinic.program(words.iter().copied()).stdin("x").run().expect(2);
        assert!(run.stderr.contains("cannot both come from standard input"), "{run}");
    }
}
