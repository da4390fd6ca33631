//! Files that hold more than appointments, or appointments that are partly damaged: the good rows are sent, once.

use crate::proof::clinic::{Clinic, HEADER, MONDAY, openid, visit};
use crate::support::Run;

fn remind(clinic: &Clinic, source: &str) -> Run {
    clinic.run(["remind", "--days", "7", "--now", MONDAY, "-v", source])
}

fn appointment(id: usize) -> String {
    format!(
        r#"{{"resourceType":"Appointment","id":"{id}","status":"booked","start":"2026-11-30T01:00:00Z","participant":[{{"actor":{{"reference":"Patient/p{id}"}}}}]}}"#
    )
}

fn patient(id: usize) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"p{id}","name":[{{"text":"张三"}}],"identifier":[{{"system":"urn:weixin:openid","value":"{}"}}]}}"#,
        openid(id)
    )
}

#[test]
fn a_damaged_line_of_ndjson_costs_no_other_reminder() {
    let clinic = Clinic::new();
    let cut = appointment(2)[..80].to_owned();
    let lines = [appointment(1), cut, appointment(3), patient(1), patient(2), patient(3)];
    clinic.file("visits.ndjson", lines.join("\n"));
    let run = remind(&clinic, "visits.ndjson").expect(1);
    clinic.assert_once_each([1, 3]);
    assert!(
        run.stderr.contains("line 2: the entry is damaged (it is no JSON from column 80 on)"),
        "{run}"
    );
}

#[test]
fn a_table_of_something_else_is_no_morning_s_fault() {
    let clinic = Clinic::new();
    let below = "\n药房取药清单\n药品,规格,数量,取药窗口\n阿莫西林,0.25g,2,3号窗\n";
    clinic.file("appointments.csv", format!("{HEADER}\n{}\n{below}", visit(1)));
    let run = remind(&clinic, "appointments.csv").expect(0);
    clinic.assert_once_each([1]);
    assert!(run.stderr.contains("Not read, since they are another table: lines 4 to 6."), "{run}");
}

#[test]
fn a_standards_file_without_appointments_is_refused_and_an_empty_one_is_not() {
    let clinic = Clinic::new();
    clinic.file("patients.ndjson", [patient(1), patient(2)].join("\n"));
    clinic.file("adt.hl7", "MSH|^~\\&|A|B|C|D|2026||ADT^A04|1|P|2.5\rPID|||1\r");
    clinic.file("empty.json", "[]\n");
    let shown = ["patients.ndjson", "adt.hl7"]
        .map(|name| clinic.run(["remind", "--days", "7", "--now", MONDAY, name]).expect(3));
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty());
    insta::assert_snapshot!(shown.map(|run| run.to_string()).join("\n"), @"
    --- stderr
    wxremind: error: patients.ndjson holds no appointments, only 2 Patient.
    hint: FHIR resources of type Appointment are needed.
    --- exit 3
    --- stderr
    wxremind: error: adt.hl7 holds no appointments, only 1 ADT^A04.
    hint: HL7 messages SIU^S12 to S19 and S26 are needed.
    --- exit 3
    ");
    let run = remind(&clinic, "empty.json").expect(0);
    assert!(run.stderr.contains("empty.json holds no appointments: nothing is due."), "{run}");
}

#[test]
fn how_many_rows_may_be_unreadable_is_a_setting() {
    let clinic = Clinic::with(
        "[send]\nwait_scale = 0.01\n[defaults]\nhospital = \"协和医院\"\n[remind]\nmax_unreadable = 50\n",
    );
    let broken = |n| visit(n).replace("YY00000", "1.38E+1");
    clinic.source(&[visit(1), visit(2), broken(3), broken(4)]);
    let _ = clinic.remind().expect(1);
    clinic.assert_once_each([1, 2]);
}
