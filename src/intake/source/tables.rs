//! Several tables in one file, and columns that mean one thing in one file and another in the next.

use jiff::civil::date;

use super::super::column::Column;
use super::super::settings::Settings;
use super::tests::read;
use super::{Reading, Row, Source};

#[test]
fn a_file_may_hold_several_tables() {
    insta::assert_snapshot!(read(
        "【1. 科室】\n科室,医生,院区\n内科,李医生,本部\n\n【2. 预约】\n预约号,病历号,就诊日期,状态\nA1,P1,2026-11-30,已预约\n\n\
         【3. 医生】\n科室,医生,院区\n内科,李医生,本部\n外科,王医生,本部\n\n【4. 预约】\n病历号,就诊日期,预约号,状态\nP2,2026-11-30,A2,已预约\n科室,医生,院区\n内科,李医生,本部\n病历号,就诊日期,预约号,状态\nP3,2026-11-30,A3,已预约\n"
    ), @r#"
    7: A1 2026-11-30 [-] - P1 - - | - - - - | (Remind, "-")
    16: A2 2026-11-30 [-] - P2 - - | - - - - | (Remind, "-")
    20: A3 2026-11-30 [-] - P3 - - | - - - - | (Remind, "-")
    3 rows, 0 elsewhere, 0 blank, 4 headers, 5 margins
    "#);
}

#[test]
fn a_table_of_something_else_is_passed_over_until_a_known_header_returns() {
    let ours = "预约号,病历号,就诊日期,状态\n";
    let charges =
        "项目,单价,数量,金额,备注\n挂号费,10.00,1,10.00,\nX光,80.00,2,160.00,急\n合计,,,170.00,\n";
    for (between, first, last) in [
        (format!("\n收费明细\n{charges}"), 4, 8),
        (format!("\n{charges}"), 4, 7),
        // Without anything between, the rows below must be as wide as the header.
        (charges.to_owned(), 3, 6),
        ("\n药品,规格,用法,厂家\n阿司匹林,0.1g,每日一次,某厂\n".to_owned(), 4, 5),
    ] {
        let text =
            format!("{ours}A1,P1,2026-11-30,已预约\n{between}{ours}A2,P2,2026-11-30,已预约\n");
        let (rows, reading) = rows(&text);
        assert_eq!(rows, ["A1", "A2"], "{text}");
        assert_eq!(reading.other_tables, [(first, last)], "{text}");
        // Also where it is the last of the file.
        let text = format!("{ours}A1,P1,2026-11-30,已预约\n{between}");
        assert_eq!(self::rows(&text).0, ["A1"], "{text}");
    }
}

#[test]
fn a_damaged_appointment_is_never_passed_over_as_something_else() {
    let ours = "预约号,病历号,就诊日期,状态\n";
    for (below, expected) in [
        // A row of words, then appointments: it was only a bad row.
        ("张三,内科,已预约\nA1,P1,2026-11-30,已预约\n", &["!2", "A1"][..]),
        ("\n张三,内科,已预约\nA1,P1,2026-11-30,已预约\n", &["!3", "A1"]),
        // Rows with figures are no header.
        ("A1,P1,2026-11-30\nA2,P2,2026-11-30\n", &["!2", "!3"]),
        // An appointment among the rows of something else ends it.
        ("\n项目,单价\nX,1\nA1,P1,2026-11-30,已预约\nA2,P2\n", &["A1", "!6"]),
        // A row with a day to come may be one.
        ("\n项目,单价\nA1,P1,2026-11-30\nX,1\n", &["!3", "!4", "!5"]),
        ("\n项目,单价\nX,1\nA1,P1,2026-11-30\n", &["!5"]),
        ("A1\nA2,P2,2026-11-30,已预约\n", &["!2", "A2"]),
    ] {
        let (rows, _) = rows(&format!("{ours}{below}"));
        assert_eq!(rows, expected, "{below}");
    }
}

/// The numbers of the visits, and of rows at fault the lines.
fn rows(text: &str) -> (Vec<String>, Reading) {
    let settings = Settings { today: Some(date(2026, 11, 23)), ..Settings::default() };
    let mut source = Source::from_reader(text.as_bytes(), "x", &settings).unwrap();
    let mut rows = Vec::new();
    let reading = source.rows(|row| {
        rows.push(match row {
            Row::Visit(visit) => visit.appointment_id.into_string(),
            Row::Refused(refused) => format!("!{}", refused.refusal.line),
        });
    });
    (rows, reading.unwrap())
}

#[test]
fn the_file_proves_whether_a_time_is_that_of_the_booking() {
    let start = |times: [&str; 3]| {
        let rows = times.map(|time| format!("P{time},2026-11-30,{time}\n")).concat();
        let text = format!("病历号,就诊日期,预约时间\n{rows}");
        let mut source = Source::from_reader(text.as_bytes(), "x", &Settings::default()).unwrap();
        let used = source.understanding().header(Column::Time).is_some();
        let passed = source.understanding().passed_over.iter().any(|passed| passed.is_booking);
        assert_eq!(used, !passed);
        let mut starts = Vec::new();
        source
            .rows(|row| {
                if let Row::Visit(visit) = row {
                    starts.push(visit.start.to_string().split_off(10).trim().to_owned());
                }
            })
            .unwrap();
        starts
    };
    assert_eq!(start(["09:00", "09:30", "14:00"]), ["09:00", "09:30", "14:00"]);
    assert_eq!(start(["上午", "下午", "第一时段"]), ["上午", "下午", "第一时段"]);
    assert_eq!(start(["16:42:07", "09:30:00", "14:00:00"]), ["", "", ""]);
    assert_eq!(start(["09:13", "09:30", "14:00"]), ["", "", ""]);
}
