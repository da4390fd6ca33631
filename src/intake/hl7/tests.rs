//! Messages as interfaces send them.

use std::fmt::Write as _;

use jiff::civil::date;

use super::super::source::Source;
use super::*;

fn read_with(bytes: &[u8], settings: &Settings) -> String {
    let mut shown = String::new();
    let mut source = Source::from_reader(bytes, "siu.hl7", settings).unwrap();
    let reading = source
        .rows(|row| match row {
            Row::Visit(visit) => {
                let cell = |value: &Option<Box<str>>| value.as_deref().unwrap_or("-").to_owned();
                let who = [&visit.patient_id, &visit.patient, &visit.phone].map(cell).join(" ");
                let place = [&visit.doctor, &visit.location].map(cell).join(" ");
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
                writeln!(shown, "{}: {} in {:?}", refusal.line, refusal.reason, refusal.column)
                    .unwrap();
            }
        })
        .unwrap();
    write!(shown, "{} rows, {} elsewhere", reading.rows, reading.elsewhere).unwrap();
    shown
}

fn read(text: &str) -> String {
    read_with(text.as_bytes(), &Settings::default())
}

fn sample(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    read_with(&std::fs::read(path).unwrap(), &Settings::default())
}

fn message(event: &str, id: &str, start: &str) -> String {
    format!(
        "MSH|^~\\&|HIS|A|B|C|20261101||SIU^{event}|1|P|2.5\rSCH||{id}|||||||||^^30^{start}||||||||||||||Booked\rPID|||00012345^^^^MR||张^三||||||||13800000001\r"
    )
}

#[test]
fn every_sample_message_is_read_as_it_is_meant() {
    insta::assert_snapshot!(sample("clicrdv_siu_s12_sch25_always_booked.hl7"), @r#"
    1: 49849903800 2016-12-31 11:00 123456 DUPONT Élodie 0100000000 | - - | (Remind, "-")
    1 rows, 0 elsewhere
    "#);
    insta::assert_snapshot!(sample("clicrdv_siu_s15_sch25_always_booked.hl7"), @r#"
    1: 49849903800 2016-12-31 11:00 123456 DUPONT Élodie 0100000000 | - - | (Never, "SIU^S15")
    1 rows, 0 elsewhere
    "#);
    insta::assert_snapshot!(sample("corepoint_siu_s14_lf.hl7"), @r#"
    1: 00331839401 2008-03-06 10:00 489671 SMITH MICHAEL (832)795-8259 | LISAPORTER HHR FPCS NGUYEN, MD | (Never, "ARRIVED")
    1 rows, 0 elsewhere
    "#);
}

#[test]
fn the_last_event_of_a_visit_wins_and_the_trigger_beats_the_status() {
    let text = [
        message("S12", "A1", "20261130083000"),
        message("S12", "A2", "20261130090000"),
        message("S12", "A3", "20261130093000"),
        message("S13", "A1", "202612050830"),
        message("S15", "A2", "20261130090000"),
        message("S26", "A3", ""),
        message("S15", "A9", ""),
        message("S23", "A4", "20261130083000"),
        message("S12", "A5", "2026113"),
    ]
    .concat();
    let settings = Settings {
        wanted_days: Some(date(2026, 11, 30)..=date(2026, 11, 30)),
        ..Settings::default()
    };
    insta::assert_snapshot!(read_with(text.as_bytes(), &settings), @r#"
    13: A2 2026-11-30 09:00 00012345 张三 13800000001 | - - | (Never, "SIU^S15")
    16: A3 2026-11-30 09:30 00012345 张三 13800000001 | - - | (Never, "SIU^S26")
    25: unreadable_date in Some("SCH-11")
    8 rows, 2 elsewhere
    "#);
}

#[test]
fn messages_of_other_kinds_are_told() {
    let adt = "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\rPID|||1\r";
    let text = [adt, adt, &message("S23", "A1", "202611300830")].concat();
    let mut source = Source::from_reader(text.as_bytes(), "siu.hl7", &Settings::default()).unwrap();
    let error = source.rows(|_| ()).unwrap_err();
    insta::assert_snapshot!(error, @"siu.hl7 holds no appointments, only 2 ADT^A01, 1 SIU^S23; HL7 messages SIU^S12 to S19 and S26 are needed");
    let with_one = [adt, &message("S12", "A1", "202611300830")].concat();
    assert!(read(&with_one).ends_with("1 rows, 0 elsewhere"));
}

#[test]
fn text_is_decoded_before_it_is_cut() {
    // 憒 is 91 7C in GBK: its second byte is the field separator.
    let text = message("S12", "A1", "202611300830").replace("张", "憒");
    let (gbk, _, lost) = GB18030.encode(&text);
    assert!(!lost && gbk.windows(2).any(|pair| pair == b"\x91\x7c"));
    let settings = Settings { encoding: Some("gbk".to_owned()), ..Settings::default() };
    insta::assert_snapshot!(read_with(&gbk, &settings), @r#"
    1: A1 2026-11-30 08:30 00012345 憒三 13800000001 | - - | (Remind, "-")
    1 rows, 0 elsewhere
    "#);
}

#[test]
fn utf_16_is_read_as_it_is() {
    let text = message("S12", "A1", "202611300830");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(read_with(&bytes, &Settings::default()), read(&text));
}

#[test]
fn msh_18_is_believed_where_the_bytes_leave_a_choice() {
    let header =
        |charset: &str| format!("MSH|^~\\&|A|B|C|D|2026||SIU^S12|1|P|2.5||||||{charset}|\r");
    for (charset, encoding) in
        [("GB 18030-2000", GB18030), ("BIG5", BIG5), ("UNICODE UTF-8", UTF_8), ("BIG-5~X", BIG5)]
    {
        assert_eq!(stated_encoding(header(charset).as_bytes()), Some(encoding), "{charset}");
    }
    assert_eq!(stated_encoding(b"MSH|^~\\&|A"), None);
}

#[test]
fn framing_and_any_line_end_do_no_harm() {
    let text = message("S12", "A1", "202611300830");
    let framed = format!(
        "\u{b}{text}\u{1c}\r\u{b}{}\u{1c}\r\n",
        text.replace("A1", "A2").replace('\r', "\r\n")
    );
    insta::assert_snapshot!(read(&framed), @r#"
    1: A1 2026-11-30 08:30 00012345 张三 13800000001 | - - | (Remind, "-")
    5: A2 2026-11-30 08:30 00012345 张三 13800000001 | - - | (Remind, "-")
    2 rows, 0 elsewhere
    "#);
}
