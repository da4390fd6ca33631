//! Resources as servers send them, and as they should not.

use std::fmt::Write as _;

use jiff::civil::date;
use proptest::prelude::*;

use super::super::source::Source;
use super::*;

fn read(text: &str, settings: &Settings) -> String {
    let mut shown = String::new();
    let mut source = match Source::from_reader(text.as_bytes(), "appointments.json", settings) {
        Ok(source) => source,
        Err(error) => return format!("error: {error}"),
    };
    let read = source.rows(|row| match row {
        Row::Visit(visit) => {
            let cell = |value: &Option<Box<str>>| value.as_deref().unwrap_or("-").to_owned();
            let who = [&visit.openid, &visit.patient_id, &visit.patient, &visit.phone]
                .map(cell)
                .join(" ");
            let place = [&visit.department, &visit.doctor, &visit.location].map(cell).join(" ");
            let status = (visit.status, cell(&visit.status_word));
            writeln!(
                shown,
                "{}: {} {} {who} | {place} | {status:?}",
                visit.line, visit.appointment_id, visit.start
            )
            .unwrap();
        }
        Row::Refused(refused) => {
            let refusal = &refused.refusal;
            let column = refusal.column.as_deref().unwrap_or("-");
            writeln!(
                shown,
                "{}: {} in {column} ({:?})",
                refusal.line, refusal.reason, refused.appointment_id
            )
            .unwrap();
        }
    });
    match read {
        Ok(reading) => {
            write!(shown, "{} rows, {} elsewhere", reading.rows, reading.elsewhere).unwrap();
        }
        Err(error) => write!(shown, "error: {error}").unwrap(),
    }
    shown
}

fn sample(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    read(&std::fs::read_to_string(path).unwrap(), &Settings::default())
}

#[test]
fn every_sample_resource_is_read_as_it_is_meant() {
    insta::assert_snapshot!(sample("derived_all_statuses.ndjson"), @r#"
    2: st-1 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Hold, "pending")
    3: st-2 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Remind, "-")
    4: st-3 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Never, "arrived")
    5: st-4 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Never, "fulfilled")
    6: st-5 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Never, "cancelled")
    7: st-6 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Never, "noshow")
    8: st-7 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Never, "entered-in-error")
    9: st-8 2026-11-30 09:00 - 1316026 Adams, Charlotte - | Surgery - KM Main OR | (Never, "checked-in")
    10 rows, 2 elsewhere
    "#);
    insta::assert_snapshot!(sample("hl7_r3_appointment_example.json"), @r#"
    86: example 2013-12-10 17:00 - example Peter James Chalmers - | General Practice Dr Adam Careful South Wing, second floor | (Remind, "-")
    1 rows, 0 elsewhere
    "#);
}

const BUNDLE: &str = r##"{"entry": [
  {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Appointment", "id": "a1", "status": "booked",
    "identifier": [{"system": "http://h", "value": "A1"}], "start": "2026-11-30T00:30:00Z",
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"},
      {"actor": {"reference": "urn:uuid:9"}, "status": "accepted"},
      {"actor": {"reference": "https://h/fhir/Practitioner/d1"}, "required": true, "status": "declined"},
      {"actor": {"reference": "#room"}}],
    "contained": [{"resourceType": "Location", "id": "room", "name": "3楼"}]}},
  {"resource": {"resourceType": "Appointment", "id": "a2", "status": "booked", "start": "2026-12-01T00:30:00Z"}},
  {"resource": {"resourceType": "Patient", "id": "p1", "name": [{"family": "张", "given": ["三"]}],
    "identifier": [{"system": "urn:weixin:openid", "value": "oA"}, {"type": {"coding": [{"code": "MR"}]}, "value": "00012345"}],
    "telecom": [{"system": "email", "value": "x"}, {"system": "phone", "value": "1", "use": "home"}, {"system": "phone", "value": "2", "use": "mobile"}]}},
  {"resource": {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "李医生"}]}}
], "resourceType": "Bundle"}"##;

#[test]
fn references_are_found_wherever_they_stand() {
    let settings = Settings {
        wanted_days: Some(date(2026, 11, 30)..=date(2026, 11, 30)),
        ..Settings::default()
    };
    insta::assert_snapshot!(read(BUNDLE, &settings), @r#"
    8: A1 2026-11-30 08:30 oA 00012345 张三 2 | - 李医生 3楼 | (Hold, "declined")
    2 rows, 1 elsewhere
    "#);
}

#[test]
fn a_reference_that_names_no_type_is_what_its_resource_is() {
    let bundle = r#"{"resourceType": "Bundle", "entry": [
  {"fullUrl": "urn:uuid:a", "resource": {"resourceType": "Appointment", "id": "a1", "status": "booked",
    "start": "2026-11-30T00:30:00Z", "participant": [
      {"actor": {"reference": "urn:uuid:p"}, "status": "accepted"},
      {"actor": {"reference": "urn:uuid:d"}, "required": true, "status": "declined"},
      {"actor": {"reference": "urn:uuid:l"}}, {"actor": {"reference": "urn:uuid:nobody"}}]}},
  {"fullUrl": "urn:uuid:b", "resource": {"resourceType": "Appointment", "id": "a2", "status": "booked",
    "start": "2026-11-30T01:30:00Z", "subject": {"reference": "urn:uuid:p"}}},
  {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient", "name": [{"text": "张三"}], "identifier": [{"value": "P1"}]}},
  {"fullUrl": "urn:uuid:d", "resource": {"resourceType": "Practitioner", "name": [{"text": "李医生"}]}},
  {"fullUrl": "urn:uuid:l", "resource": {"resourceType": "Location", "name": "3楼"}}]}"#;
    insta::assert_snapshot!(read(bundle, &Settings::default()), @r#"
    6: a1 2026-11-30 08:30 - P1 张三 - | - 李医生 3楼 | (Hold, "declined")
    8: a2 2026-11-30 09:30 - P1 张三 - | - - - | (Remind, "-")
    2 rows, 0 elsewhere
    "#);
}

#[test]
fn an_appointment_without_patient_or_start_is_refused_by_itself() {
    insta::assert_snapshot!(read(
        "{\"resourceType\":\"Appointment\",\"status\":\"booked\",\"start\":\"2026-11-30T00:30:00Z\"}\n\
         {\"resourceType\":\"Appointment\",\"id\":\"b\",\"status\":\"booked\"}\n\
         {\"resourceType\":\"Appointment\",\"id\":\"c\",\"status\":\"booked\",\"start\":\"soon\"}\n",
        &Settings::default()
    ), @r#"
    1: empty in patient (None)
    2: empty in start (Some("b"))
    3: unreadable_date in start (Some("c"))
    3 rows, 0 elsewhere
    "#);
}

#[test]
fn what_is_no_json_further_on_is_an_error_with_its_place() {
    let text = "{\"resourceType\":\"Bundle\",\"entry\":[\n{\"resource\":{\"resourceType\":\"Patient\"}},\n{,}]}\n";
    insta::assert_snapshot!(read(text, &Settings::default()), @r"error: appointments.json, line 3, column 2: not valid JSON; run the export again");
    // Cut off within a text: the fault is where the line ends, not on the line after it.
    let text = "{\"resourceType\":\"Bundle\",\"entry\":[\n{\"resource\":{\"resourceType\":\"Pat\n";
    insta::assert_snapshot!(read(text, &Settings::default()), @r"error: appointments.json, line 2, column 32: not valid JSON; run the export again");
}

/// A booked appointment on one line.
fn line(id: &str) -> String {
    format!(
        r#"{{"resourceType":"Appointment","id":"{id}","status":"booked","start":"2026-11-30T00:30:00Z","participant":[{{"actor":{{"reference":"Patient/{id}"}}}}]}}"#
    )
}

#[test]
fn a_damaged_line_is_refused_by_itself_with_its_own_number() {
    let cut = line("b")[..60].to_owned();
    let patient = r#"{"resourceType":"Patient","id":"d","name":[{"text":"张三"}]}"#;
    let lines = [
        line("a"),
        cut,
        String::new(),
        line("c"),
        line("x") + "]",
        format!("{}{}", line("d"), patient),
        r#"{"id":"no type"}"#.to_owned(),
        "garbage".to_owned(),
        line("e"),
    ];
    for end in ["\n", "\r\n"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(read(&lines.join(end), &Settings::default()), @r#"
            2: malformed in - (None)
            5: malformed in - (None)
            7: malformed in - (None)
            8: malformed in - (None)
            1: a 2026-11-30 08:30 - a - - | - - - | (Remind, "-")
            4: c 2026-11-30 08:30 - c - - | - - - | (Remind, "-")
            6: d 2026-11-30 08:30 - d 张三 - | - - - | (Remind, "-")
            9: e 2026-11-30 08:30 - e - - | - - - | (Remind, "-")
            8 rows, 0 elsewhere
            "#);
        }
    }
}

#[test]
fn what_windows_saved_as_utf_16_is_read() {
    let text = format!("{}\n{}\n", line("a"), line("b"));
    let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = b"\xff\xfe".iter().copied().chain(utf16).collect();
    for bytes in [&bytes[..], &bytes[2..]] {
        let mut source = Source::from_reader(bytes, "x", &Settings::default()).unwrap();
        assert_eq!(source.understanding().encoding, "UTF-16LE");
        assert_eq!(source.rows(|row| assert!(matches!(row, Row::Visit(_)))).unwrap().rows, 2);
    }
}

#[test]
fn the_first_line_may_be_the_damaged_one() {
    let text = format!("{}\n{}\n", &line("a")[..90], line("b"));
    insta::assert_snapshot!(read(&text, &Settings::default()), @r#"
    1: malformed in - (None)
    2: b 2026-11-30 08:30 - b - - | - - - | (Remind, "-")
    2 rows, 0 elsewhere
    "#);
}

#[test]
fn resources_of_other_kinds_are_told_and_an_empty_answer_is_one() {
    let patients = "{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"张三\"}\n";
    insta::assert_snapshot!(read(patients, &Settings::default()), @"error: appointments.json holds no appointments, only 2 Patient, 1 unknown; FHIR resources of type Appointment are needed");
    for empty in ["[]", "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":0}"] {
        assert_eq!(read(empty, &Settings::default()), "0 rows, 0 elsewhere", "{empty}");
    }
    insta::assert_snapshot!(read("{}", &Settings::default()), @"error: appointments.json is JSON, and holds no FHIR resource; save it as CSV text or as an Excel workbook (.xlsx) and try again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_resource_makes_it_panic(field in "[a-z]{1,12}", value in "\"[a-z#/:]{0,12}\"|[0-9]{1,3}|null|\\[\\]|\\{\\}|\\[\\{\\}\\]|true") {
        for field in [field.as_str(), "participant", "status", "start", "identifier", "contained", "entry", "specialty"] {
            let text = format!("{{\"resourceType\":\"Appointment\",\"id\":\"a\",\"{field}\":{value}}}");
            let _ = read(&text, &Settings::default());
        }
    }
}
