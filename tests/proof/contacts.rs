//! Reminders whose openids come from contacts: rows of contacts at fault, and visits that are moved.

use wechat_simulator::{Fault, FaultKind};

use super::clinic::{Clinic, MONDAY, openid, visit_at};
use crate::support::Run;

/// A visit without an openid.
fn visit(patient: usize, start: &str) -> String {
    visit_at(patient, start).replace(&openid(patient), "")
}

/// A clinic of three patients on the due day, with these contacts.
fn clinic(contacts: &str) -> Clinic {
    let clinic = Clinic::new();
    clinic.source(&(0..3).map(|n| visit(n, &format!("2026-11-30 09:0{n}"))).collect::<Vec<_>>());
    clinic.file("contacts.csv", contacts);
    clinic
}

fn remind(clinic: &Clinic, more: &[&str]) -> Run {
    clinic.remind_with(&[&["--contacts", "contacts.csv"], more].concat())
}

fn row(patient: usize) -> String {
    format!("P{patient:06},{}\n", openid(patient))
}

#[test]
fn rows_of_contacts_at_fault_are_told_and_need_nobody_while_every_patient_is_found() {
    let strangers = format!("1.38E+10,{}\nP900000\n", openid(90));
    let clinic =
        clinic(&["patient_id,openid\n".to_owned(), row(0), row(1), strangers, row(2)].concat());
    insta::assert_snapshot!(remind(&clinic, &["-v"]).expect(0), @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                3
      in these days            3
      to be sent               3
      accepted by WeChat       3
      1 row of contacts.csv rejected: the row has another number of cells than the header; quote cells that contain the delimiter, or export again
        line 5: the row has another number of cells than the header (1 cell, and the header has 2)
      1 row of contacts.csv rejected: a spreadsheet program has destroyed the value; export again without opening the file in a spreadsheet program
        line 4, patient_id: a spreadsheet program has destroyed the value (a spreadsheet turned the number into one with an exponent; export it as text)
    --- exit 0
    ");
    clinic.assert_once_each(0..3);
    let json = remind(&clinic, &["--dry-run", "--json"]).expect(0).json();
    let contacts = &json["contacts"];
    assert_eq!((&contacts["rows"], &contacts["without_openid"]), (&3.into(), &0.into()), "{json}");
    assert_eq!(contacts["rejected_rows"][0]["line"], 4, "{json}");
}

#[test]
fn a_due_patient_whose_row_of_contacts_is_at_fault_is_a_rejected_row() {
    let clinic = clinic(
        &["patient_id,openid\n".to_owned(), row(0), "P000001\n".to_owned(), row(2)].concat(),
    );
    insta::assert_snapshot!(remind(&clinic, &[]).expect(1), @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                3
      in these days            3
      to be sent               2
      accepted by WeChat       2
      1 row rejected: the patient's row in contacts cannot be used; mend that row of contacts, which is listed below
        line 3: the patient's row in contacts cannot be used (line 3 of contacts)
      1 row of contacts.csv rejected: the row has another number of cells than the header; quote cells that contain the delimiter, or export again
        line 3: the row has another number of cells than the header (1 cell, and the header has 2)
      `wxremind log unreached` lists whom to telephone.
    --- exit 1
    ");
    assert_eq!((clinic.reached(), clinic.state(1)), (vec![0, 2], "skipped"));
    // Mended, it goes out.
    clinic
        .file("contacts.csv", ["patient_id,openid\n".to_owned(), row(0), row(1), row(2)].concat());
    let _ = remind(&clinic, &[]).expect(0);
    clinic.assert_once_each(0..3);
}

#[test]
fn contacts_that_a_spreadsheet_destroyed_are_no_empty_day() {
    let destroyed: Vec<String> = (0..3).map(|n| format!("1.00E+1{n},{}\n", openid(n))).collect();
    let clinic = clinic(&format!("patient_id,openid\n{}", destroyed.concat()));
    let run = remind(&clinic, &[]).expect(1);
    assert!(run.stderr.contains("3 rows of contacts.csv rejected"), "{run}");
    assert!(run.stderr.contains("may be one of these"), "{run}");
    let dry = remind(&clinic, &["--dry-run"]).expect(1);
    assert!(dry.stdout.contains("3 rows of contacts.csv rejected"), "{dry}");
}

#[test]
fn a_moved_visit_known_by_its_patients_number_takes_the_old_message_with_it() {
    let clinic = clinic(&["patient_id,openid\n".to_owned(), row(0), row(1), row(2)].concat());
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).forever());
    let _ = remind(&clinic, &[]).expect(6);
    assert_eq!(clinic.states(), "queued 3");
    clinic.simulator().clear_faults();
    // The first is moved by an hour, the second to a later week, the third left the file.
    clinic.source(&[visit(0, "2026-11-30 10:00"), visit(1, "2026-12-07 09:01")]);
    let run = remind(&clinic, &["-v"]).expect(0);
    assert_eq!(clinic.reached(), [0], "{run}");
    assert_eq!(clinic.states(), "accepted 1, cancelled 2, queued 1", "{run}");
    let _ = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(0);
    assert_eq!(clinic.reached(), [0, 2]);
}
