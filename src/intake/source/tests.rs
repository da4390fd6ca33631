//! Whole sources, from bytes to appointments and refusals.

use std::fmt::Write as _;

use jiff::civil::date;

use super::super::column::Column;
use super::super::settings::ColumnRef;
use super::*;
use crate::domain::reason::Reason;
use crate::domain::status::Status;

/// One line for each row, in the order of the file, and one for what the reading came to.
fn read_with(bytes: &[u8], settings: &Settings) -> Result<String, Error> {
    let mut source = Source::from_reader(bytes, "appointments.csv", settings)?;
    let mut text = String::new();
    let reading = source.rows(|row| match row {
        Row::Visit(visit) => {
            let cell = |value: &Option<Box<str>>| value.as_deref().unwrap_or("-").to_owned();
            let (id, start, slot) = (&visit.appointment_id, &visit.start, cell(&visit.start.slot));
            let who = [&visit.openid, &visit.patient_id, &visit.patient, &visit.phone]
                .map(cell)
                .join(" ");
            let place = [&visit.department, &visit.doctor, &visit.hospital, &visit.location]
                .map(cell)
                .join(" ");
            let status = (visit.status, cell(&visit.status_word));
            writeln!(text, "{}: {id} {start} [{slot}] {who} | {place} | {status:?}", visit.line)
                .unwrap();
        }
        Row::Refused(refused) => {
            let refusal = &refused.refusal;
            let column = refusal.column.as_deref().unwrap_or("-");
            let detail = refusal.detail.as_deref().unwrap_or("-");
            let start = refused.start.as_ref().map_or("-".to_owned(), ToString::to_string);
            writeln!(text, "{}: {} in {column}: {detail} ({start})", refusal.line, refusal.reason)
                .unwrap();
        }
    })?;
    write!(
        text,
        "{} rows, {} elsewhere, {} blank, {} headers, {} margins",
        reading.rows, reading.elsewhere, reading.blank, reading.repeated_headers, reading.margins
    )
    .unwrap();
    Ok(text)
}

pub(super) fn read(text: &str) -> String {
    read_with(text.as_bytes(), &Settings::default())
        .unwrap_or_else(|error| format!("error: {error}"))
}

fn fails(text: &str) -> Error {
    read_with(text.as_bytes(), &Settings::default()).unwrap_err()
}

#[test]
fn the_canonical_columns_need_no_settings() {
    insta::assert_snapshot!(read(
        "appointment_id,openid,patient_id,patient,phone,start,department,doctor,hospital,location,status\n\
         A1,oSample0000000000000000001,P1,张三,13800000001,2026-11-30 09:00,内科,李医生,协和医院,3楼,booked\n\
         A2,,P2,李四,,2026/11/30 9:00,,,,,cancelled\n\
         A3,,P3,王五,,2026-11-30T01:00:00Z,,,,,\n"
    ), @r#"
    2: A1 2026-11-30 09:00 [-] oSample0000000000000000001 P1 张三 13800000001 | 内科 李医生 协和医院 3楼 | (Remind, "-")
    3: A2 2026-11-30 09:00 [-] - P2 李四 - | - - - - | (Never, "cancelled")
    4: A3 2026-11-30 09:00 [-] - P3 王五 - | - - - - | (Unknown, "")
    3 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn a_row_at_fault_is_named_by_its_own_line_and_stops_no_other() {
    insta::assert_snapshot!(read(
        "\u{feff}预约号,患者姓名,病历号,就诊日期,时段,状态\r\n\
         A1,\"张\r\n三\",P1,2026-11-30,08:30-09:00,已预约\r\n\
         A2,李四,P2,2026-11-30,08:30\r\n\
         A3,李四,P3,2026-11-31,08:30,已预约\r\n\
         A4,李四,P4,2026-11-30,99時99分,已预约\r\n\
         \r\n\
         A5,李四,1.38E+10,2026-11-30,08:30,已预约\r\n\
         A6,李四,\"=\"\"0012\"\"\",2026-11-30,下午,已预约,,\r\n\
         ,李四,P7,2026-11-30,08:30,已预约\r\n\
         A8,李四,P8,,08:30,已预约\r\n\
         A9,李四,P9,2026-11-30,08:30,随便\r\n"
    ), @r#"
    2: A1 2026-11-30 08:30 [08:30-09:00] - P1 张
    三 - | - - - - | (Remind, "-")
    4: ragged in -: 5 cells, and the header has 6; is there a comma or a quotation mark inside a cell? (-)
    5: unreadable_date in 就诊日期: “2026-11-31” (-)
    6: unreadable_time in 时段: “99時99分” (2026-11-30)
    8: destroyed in 病历号: ***+10: a spreadsheet turned the number into one with an exponent; export it as text (2026-11-30)
    9: A6 2026-11-30 下午 [下午] - 0012 李四 - | - - - - | (Remind, "-")
    10: empty in 预约号: - (2026-11-30)
    11: empty in 就诊日期: - (-)
    12: A9 2026-11-30 08:30 [-] - P9 李四 - | - - - - | (Unknown, "随便")
    9 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn without_a_status_column_every_row_counts_and_without_an_id_one_is_made() {
    let text = "姓名,手机号,日期,时间\n张三,13800000001,2026-11-30,8:30\n张三,13800000001,2026-11-30,9:30\n";
    let mut source = Source::from_reader(text.as_bytes(), "x", &Settings::default()).unwrap();
    assert!(source.understanding().id_is_derived);
    assert!(!source.understanding().has_status);
    let mut ids = Vec::new();
    source
        .rows(|row| match row {
            Row::Visit(visit) => {
                assert_eq!(visit.status, Status::Absent);
                ids.push(visit.appointment_id);
            }
            Row::Refused(_) => panic!("no row is at fault"),
        })
        .unwrap();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| id.len() == 16));
}

#[test]
fn a_header_alone_is_no_rows_and_no_bytes_are_an_error() {
    assert_eq!(
        read("预约号,病历号,就诊日期\n"),
        "0 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins"
    );
    for nothing in ["", "\n\n", "\u{feff}"] {
        assert!(matches!(fails(nothing), Error::Empty { .. }), "{nothing:?}");
    }
}

#[test]
fn missing_and_doubled_columns_say_what_there_is_and_what_is_needed() {
    insta::assert_snapshot!(fails("姓名,手机,科室\n张三,13800000001,内科\n"), @r#"appointments.csv has no column for start; right now it has columns called 姓名, 手机, 科室 (line 1); map them in the settings under [source.columns]: start = "…""#);
    insta::assert_snapshot!(fails("就诊序号,备注,时间\n1,x,2026-11-30\n"), @r#"appointments.csv has no column for start and none for openid or patient_id or phone; right now it has columns called 就诊序号, 备注, 时间 (line 1); map them in the settings under [source.columns]: start = "…""#);
    insta::assert_snapshot!(fails("病历号,就诊日期,姓名,姓名\nP1,2026-11-30,a,b\n"), @r"appointments.csv, line 1: two columns are called “姓名” (columns 3 and 4); say which one is patient by its number in the settings: [source.columns] patient = 3");
    insta::assert_snapshot!(fails("病历号,卡号,就诊日期\nP1,C1,2026-11-30\n"), @r#"appointments.csv, line 2: “病历号” and “卡号” both look like patient_id but differ; say which one to use in the settings: [source.columns] patient_id = "病历号""#);
    let data = fails("张三,13800000001,2026-11-30\n李四,13800000002,2026-11-30\n").to_string();
    assert!(!data.contains("张三") && !data.contains("138"), "{data}");
}

#[test]
fn the_settings_name_columns_by_text_or_number() {
    let mut settings = Settings::default();
    let header = |text: &str| ColumnRef::Header(text.to_owned());
    settings.columns.insert(Column::Start, vec![header("来院"), header("几点")]);
    settings.columns.insert(Column::PatientId, vec![ColumnRef::Index(1)]);
    settings.defaults.insert(Column::Hospital, "协和医院".to_owned());
    settings.defaults.insert(Column::Status, "已预约".to_owned());
    let text = "编码,来院,几点,院区\nP1,2026-11-30,9:00,东院\n";
    insta::assert_snapshot!(read_with(text.as_bytes(), &settings).unwrap(), @r#"
    2: a39aaa6d431a5e2d 2026-11-30 09:00 [-] - P1 - - | - - 协和医院 东院 | (Remind, "-")
    1 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    settings.columns.insert(Column::Doctor, vec![header("大夫")]);
    insta::assert_snapshot!(read_with(text.as_bytes(), &settings).unwrap_err(), @r#"appointments.csv has no column “大夫”, which the settings give for doctor; right now it has columns called 编码, 来院, 几点, 院区 (line 1); map them in the settings under [source.columns]: doctor = "…""#);
}

#[test]
fn the_time_of_a_booking_is_not_the_time_of_the_visit() {
    let text = "病历号,预约日期,预约时间,就诊日期\nP1,2026-11-01,10:22,2026-11-30 上午\n";
    insta::assert_snapshot!(read(text), @r#"
    2: bb9ef63b9b6eb0ff 2026-11-30 上午 [上午] - P1 - - | - - - - | (Absent, "-")
    1 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn the_day_of_the_visit_is_read_and_the_day_of_the_booking_named() {
    let text = "病历号,预约时间,就诊日期,就诊时间\nP1,2026-11-01 10:22,2026-11-30,9:00\n";
    let source = Source::from_reader(text.as_bytes(), "x", &Settings::default()).unwrap();
    let understanding = source.understanding();
    assert_eq!(understanding.header(Column::Start), Some("就诊日期"));
    assert_eq!(understanding.header(Column::Time), Some("就诊时间"));
    assert_eq!(understanding.passed_over[0].header, "预约时间");
    insta::assert_snapshot!(read(text), @r#"
    2: a39aaa6d431a5e2d 2026-11-30 09:00 [-] - P1 - - | - - - - | (Absent, "-")
    1 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    // Beside a day, a column of times alone is the time.
    insta::assert_snapshot!(read("病历号,就诊时间,预约日期\nP1,9:00,2026-11-30\n"), @r#"
    2: a39aaa6d431a5e2d 2026-11-30 09:00 [-] - P1 - - | - - - - | (Absent, "-")
    1 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn titles_footers_and_repeated_headers_are_no_rows() {
    insta::assert_snapshot!(read(
        "协和医院门诊预约明细表,,\n统计日期：2026-11-23,,\n病历号,就诊日期,状态\n\
         P1,2026-11-30,已预约\n\n协和医院门诊预约明细表\n病历号,就诊日期,状态\nP2,2026-11-30,已预约\n,,\n合计,2,\n制表时间：2026-11-23\n"
    ), @r#"
    4: c278fe075b6ae5bd 2026-11-30 [-] - P1 - - | - - - - | (Remind, "-")
    8: 10da1a0056185523 2026-11-30 [-] - P2 - - | - - - - | (Remind, "-")
    2 rows, 0 elsewhere, 1 blank, 1 headers, 3 margins
    "#);
}

#[test]
fn only_wanted_days_are_handed_on() {
    let settings = Settings {
        wanted_days: Some(date(2026, 11, 30)..=date(2026, 11, 30)),
        ..Settings::default()
    };
    let text = "病历号,就诊日期\nP1,2026-11-29\nP2,2026-11-30\nP3,2026-12-01\n";
    insta::assert_snapshot!(read_with(text.as_bytes(), &settings).unwrap(), @r#"
    3: 10da1a0056185523 2026-11-30 [-] - P2 - - | - - - - | (Absent, "-")
    3 rows, 2 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn day_and_month_are_told_apart_by_the_file_itself_or_not_at_all() {
    insta::assert_snapshot!(read("mrn,date\nP1,03/12/2026\nP2,30/11/2026\n"), @r#"
    2: cb791f9d36d65bec 2026-12-03 [-] - P1 - - | - - - - | (Absent, "-")
    3: 10da1a0056185523 2026-11-30 [-] - P2 - - | - - - - | (Absent, "-")
    2 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(fails("mrn,date\nP1,03/12/2026\nP2,04/12/2026\n"), @r#"appointments.csv, line 2: the date may be day/month or month/day, and no other date in the file proves which; set [source] day_order to "day-first" or "month-first""#);
    insta::assert_snapshot!(fails("mrn,date\nP1,30/11/2026\nP2,11/30/2026\n"), @r"appointments.csv: the date on line 2 can only be day/month and the one on line 3 only month/day; correct the export, or set [source] day_order so that the others are rejected");
    let settings = Settings { day_order: Some(DayOrder::Mdy), ..Settings::default() };
    let text = b"mrn,date\nP1,30/11/2026\nP2,11/30/2026\n";
    insta::assert_snapshot!(read_with(text, &settings).unwrap(), @r#"
    2: unreadable_date in date: “30/11/2026” (-)
    3: 10da1a0056185523 2026-11-30 [-] - P2 - - | - - - - | (Absent, "-")
    2 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn two_columns_that_mean_the_same_must_say_the_same() {
    let text = "病历号,就诊日期,看诊日期\nP1,2026-11-30,2026/11/30\nP2,2026-11-30,2026-12-01\n";
    insta::assert_snapshot!(fails(text), @r#"appointments.csv, line 3: “就诊日期” and “看诊日期” both look like start but differ; say which one to use in the settings: [source.columns] start = "就诊日期""#);
}

#[test]
fn every_status_column_must_allow() {
    let text =
        "病历号,就诊日期,预约状态,退号标志\nP1,2026-11-30,已预约,已退号\nP2,2026-11-30,已预约,\n";
    insta::assert_snapshot!(read(text), @r#"
    2: c278fe075b6ae5bd 2026-11-30 [-] - P1 - - | - - - - | (Never, "退号标志=已退号")
    3: 10da1a0056185523 2026-11-30 [-] - P2 - - | - - - - | (Unknown, "退号标志=")
    2 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn what_is_no_text_is_refused() {
    for bytes in [&b"%PDF-1.7"[..], b"a,b\n\0\0\0\x01\x02"] {
        let error = read_with(bytes, &Settings::default()).unwrap_err();
        assert!(matches!(error, Error::Binary { .. }), "{error}");
    }
}

#[test]
fn a_destroyed_telephone_costs_no_reminder_where_nothing_hangs_on_it() {
    let known =
        "预约号,openid,手机号,就诊日期\nA1,oX,1.38E+10,2026-11-30\nA2,,1.38E+10,2026-11-30\n";
    insta::assert_snapshot!(read(known), @r#"
    2: A1 2026-11-30 [-] oX - - - | - - - - | (Absent, "-")
    3: destroyed in 手机号: ***E+10: a spreadsheet turned the number into one with an exponent; export it as text (2026-11-30)
    2 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    // The visit would be known by the telephone, or the patient looked up.
    for text in [
        "openid,手机号,就诊日期\noX,1.38E+10,2026-11-30\n",
        "预约号,病历号,手机号,就诊日期\nA1,12345,1.38E+10,2026-11-30\n",
    ] {
        assert!(read(text).contains("destroyed in 手机号"), "{text}");
    }
}

#[test]
fn a_fault_shows_no_personal_data() {
    let text = "病历号,患者姓名,手机号,就诊日期\nP12345678,张三丰,1.38E+10,2026-11-30\n####,李四光,13812345678,2026-11-30\n";
    let shown = read(text);
    for secret in ["张三丰", "13812345678", "P12345678", "李四光"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains(Reason::Destroyed.as_str()));
}

/// A sample file, as a clinic in `zone` would read it.
fn sample(name: &str, settings: &Settings) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let bytes = std::fs::read(path).unwrap();
    let read = Source::from_reader(&bytes[..], name, settings).and_then(|source| {
        let known = source.understanding();
        Ok(format!(
            "{} ({}), divided by {:?}, header on line {}\n{}",
            known.encoding,
            known.encoding_because,
            known.delimiter,
            known.header_line,
            read_with(&bytes, settings)?
        ))
    });
    read.unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn every_sample_file_is_read_as_it_is_meant() {
    let set = Settings::default();
    insta::assert_snapshot!(sample("cn_utf8.csv", &set), @r#"
    UTF-8 (valid UTF-8), divided by ',', header on line 1
    2: YY0001 2026-11-30 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Remind, "-")
    3: YY0002 2026-11-30 上午 [上午] - 00012346 欧阳小小 13800000002 | 骨科 王医生 东院区 东院区 | (Remind, "-")
    4: YY0003 2026-11-30 下午 [下午] - 00012347 李四 13800000003 | 眼科 赵医生 本部 本部 | (Never, "已取消")
    5: YY0004 2026-11-30 14:00 [-] - 00012348 王五,六 13800000004 | 皮肤科 钱"快刀"医生 本部 本部 | (Remind, "-")
    6: YY0005 2026-11-30 14:30 [-] - 00012349 赵六 13800000005 | 儿科 孙医生
    (儿童诊区) 本部 本部 | (Remind, "-")
    8: YY0006 2026-12-01 09:00 [-] - 00012350 买买提·艾力 13800000006 | 中医科 周医生 本部 本部 | (Remind, "-")
    6 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("cn_utf8_bom.csv", &set), @r#"
    UTF-8 (byte order mark), divided by ',', header on line 1
    2: YY0001 2026-11-30 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Remind, "-")
    3: YY0002 2026-11-30 上午 [上午] - 00012346 欧阳小小 13800000002 | 骨科 王医生 东院区 东院区 | (Remind, "-")
    4: YY0003 2026-11-30 下午 [下午] - 00012347 李四 13800000003 | 眼科 赵医生 本部 本部 | (Never, "已取消")
    5: YY0004 2026-11-30 14:00 [-] - 00012348 王五,六 13800000004 | 皮肤科 钱"快刀"医生 本部 本部 | (Remind, "-")
    6: YY0005 2026-11-30 14:30 [-] - 00012349 赵六 13800000005 | 儿科 孙医生
    (儿童诊区) 本部 本部 | (Remind, "-")
    8: YY0006 2026-12-01 09:00 [-] - 00012350 买买提·艾力 13800000006 | 中医科 周医生 本部 本部 | (Remind, "-")
    6 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("cn_gbk.csv", &set), @r#"
    gb18030 (10 known names in its header), divided by ',', header on line 1
    2: YY0001 2026-11-30 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Remind, "-")
    3: YY0002 2026-11-30 上午 [上午] - 00012346 欧阳小小 13800000002 | 骨科 王医生 东院区 东院区 | (Remind, "-")
    4: YY0003 2026-11-30 下午 [下午] - 00012347 李四 13800000003 | 眼科 赵医生 本部 本部 | (Never, "已取消")
    5: YY0004 2026-11-30 14:00 [-] - 00012348 王五,六 13800000004 | 皮肤科 钱"快刀"医生 本部 本部 | (Remind, "-")
    6: YY0005 2026-11-30 14:30 [-] - 00012349 赵六 13800000005 | 儿科 孙医生
    (儿童诊区) 本部 本部 | (Remind, "-")
    8: YY0006 2026-12-01 09:00 [-] - 00012350 买买提·艾力 13800000006 | 中医科 周医生 本部 本部 | (Remind, "-")
    6 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("cn_unicode_text_utf16le.txt", &set), @r#"
    UTF-16LE (byte order mark), divided by '\t', header on line 1
    2: YY0001 2026-11-30 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Remind, "-")
    3: YY0002 2026-11-30 上午 [上午] - 00012346 欧阳小小 13800000002 | 骨科 王医生 东院区 东院区 | (Remind, "-")
    4: YY0003 2026-11-30 下午 [下午] - 00012347 李四 13800000003 | 眼科 赵医生 本部 本部 | (Never, "已取消")
    5: YY0004 2026-11-30 14:00 [-] - 00012348 王五,六 13800000004 | 皮肤科 钱"快刀"医生 本部 本部 | (Remind, "-")
    6: YY0005 2026-11-30 14:30 [-] - 00012349 赵六 13800000005 | 儿科 孙医生
    (儿童诊区) 本部 本部 | (Remind, "-")
    8: YY0006 2026-12-01 09:00 [-] - 00012350 买买提·艾力 13800000006 | 中医科 周医生 本部 本部 | (Remind, "-")
    6 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("cn_semicolon_sep_line.csv", &set), @r#"
    UTF-8 (byte order mark), divided by ';', header on line 2
    3: YY0001 2026-11-30 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Remind, "-")
    4: YY0002 2026-11-30 上午 [上午] - 00012346 欧阳小小 13800000002 | 骨科 王医生 东院区 东院区 | (Remind, "-")
    5: YY0003 2026-11-30 下午 [下午] - 00012347 李四 13800000003 | 眼科 赵医生 本部 本部 | (Never, "已取消")
    6: YY0004 2026-11-30 14:00 [-] - 00012348 王五,六 13800000004 | 皮肤科 钱"快刀"医生 本部 本部 | (Remind, "-")
    7: YY0005 2026-11-30 14:30 [-] - 00012349 赵六 13800000005 | 儿科 孙医生
    (儿童诊区) 本部 本部 | (Remind, "-")
    9: YY0006 2026-12-01 09:00 [-] - 00012350 买买提·艾力 13800000006 | 中医科 周医生 本部 本部 | (Remind, "-")
    6 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("cn_excel_mangled_gbk.csv", &set), @r#"
    gb18030 (10 known names in its header), divided by ',', header on line 1
    2: destroyed in 手机号: ***E+10: a spreadsheet turned the number into one with an exponent; export it as text (2026-11-30)
    3: YY0002 2026-11-30 08:30 [-] - 00012346 欧阳小小 13800000002 | 骨科 王医生 东院区 东院区 | (Remind, "-")
    4: YY0003 2026-11-30 08:30 [-] - 00012347 李四 13800000003 | 眼科 赵医生 本部 本部 | (Remind, "-")
    5: YY0004 2026-11-30 08:30 [-] - 12348.0 王五 13800000004 | 皮肤科 钱医生 本部 本部 | (Remind, "-")
    6: destroyed in 就诊日期: “########”: a spreadsheet saved ### because the column was too narrow (-)
    5 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("dup_same_day_two_depts.csv", &set), @r#"
    UTF-8 (valid UTF-8), divided by ',', header on line 1
    2: YY0001 2026-11-30 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Remind, "-")
    3: YY0009 2026-11-30 07:30 [-] - 00012345 张三 13800000001 | 检验科 - 本部 本部 | (Remind, "-")
    4: YY0001 2026-12-02 08:30 [08:30-09:00] - 00012345 张三 13800000001 | 心血管内科 李医生 本部 本部 | (Never, "已改期")
    3 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("tw_big5.csv", &set), @r#"
    Big5 (10 known names in its header), divided by ',', header on line 1
    2: A001 2026-11-30 上午 [上午] - 0000123 王小明 0912345678 | 家庭醫學科 陳醫師 總院 總院 | (Remind, "-")
    3: A002 2026-11-30 下午 [下午] - 0000124 - 0912345679 | 牙科 林醫師 總院 總院 | (Remind, "-")
    4: A003 2026-11-30 晚上 [晚上] - 0000125 陳美玲 0912345680 | 心臟內科 黃醫師 總院 總院 | (Never, "取消")
    5: A004 2026-11-30 08:30 [-] - 0000126 李大華 0912345681 | 眼科 吳醫師 總院 總院 | (Never, "已報到")
    4 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("sg_my_utf8_mixed.csv", &set), @r"error: appointments.csv: the date on line 4 can only be day/month and the one on line 5 only month/day; correct the export, or set [source] day_order so that the others are rejected");
    insta::assert_snapshot!(sample("sg_my_utf8_mixed.csv", &Settings { day_order: Some(DayOrder::Dmy), ..set.clone() }), @r#"
    UTF-8 (plain ASCII), divided by ',', header on line 1
    2: SG1 2026-11-30 08:30 [-] - - TAN AH KOW +65 8123 4567 | - - - - | (Remind, "-")
    3: SG2 2026-11-30 08:30 [-] - - Nurul binti Ahmad +60 12-345 6789 | - - - - | (Remind, "-")
    4: SG3 2026-11-30 08:30 [-] - - Muthu s/o Raman 81234569 | - - - - | (Never, "NOSHOW")
    5: unreadable_date in start: “11/30/2026 08:30” (-)
    4 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
    insta::assert_snapshot!(sample("gbk_ambiguous_header_valid_utf8.csv", &set), @r#"error: gbk_ambiguous_header_valid_utf8.csv has no column for start and none for openid or patient_id or phone; right now it has columns called id, 预约 (line 1); map them in the settings under [source.columns]: start = "…""#);
    // References of prescriptions are no appointments.
    insta::assert_snapshot!(sample("eps_ids_valid.txt", &set), @"error: eps_ids_valid.txt has no column for start and none for openid or patient_id or phone; its first rows look like data: a row of column names is needed above them");
    insta::assert_snapshot!(sample("appointments.xlsx", &set), @r#"
    Excel workbook (.xlsx) (sheet “预约”), divided by ',', header on line 3
    4: YY0001 2026-11-30 08:30 [-] - 00012345 张三 13800000001 | - - - - | (Remind, "-")
    5: YY0002 2026-11-30 08:30 [-] - 12346 李四 13800000002 | - - - - | (Remind, "-")
    6: destroyed in 病历号: ***+17: a spreadsheet turned the number into one with an exponent; export it as text (2026-12-01)
    7: destroyed in 就诊日期: “####”: a spreadsheet saved ### because the column was too narrow (-)
    4 rows, 0 elsewhere, 0 blank, 0 headers, 1 margins
    "#);
}

#[test]
fn an_old_workbook_is_read_like_a_new_one() {
    insta::assert_snapshot!(sample("appointments.xls", &Settings::default()), @r#"
    Excel workbook (.xls) (sheet “预约”), divided by ',', header on line 3
    4: YY0001 2026-11-30 08:30 [-] - 00012345 张三 13800000001 | 心血管内科 - - - | (Remind, "-")
    5: YY0002 2026-11-30 14:00 [-] - 12346 欧阳小小 13800000002 | 骨科 - - - | (Remind, "-")
    6: YY0003 2026-11-30 上午 [上午] - 00012347 李四 13800000003 | 眼科 - - - | (Never, "已取消")
    7: destroyed in 病历号: ***+17: a spreadsheet turned the number into one with an exponent; export it as text (2026-11-30)
    8: YY0005 2026-12-01 08:30 [08:30-09:00] - 00012349 赵六 13800000005 | 中医科 - - - | (Remind, "-")
    5 rows, 0 elsewhere, 0 blank, 0 headers, 1 margins
    "#);
    let two = sample("two_sheets.xlsx", &Settings::default());
    insta::assert_snapshot!(two, @"error: two_sheets.xlsx has appointments on several sheets (内科, 骨科); say which one to read with [source] sheet, or put them on one");
    let chosen = Settings { sheet: Some("骨科".to_owned()), ..Settings::default() };
    insta::assert_snapshot!(sample("two_sheets.xlsx", &chosen), @r#"
    Excel workbook (.xlsx) (sheet “骨科”), divided by ',', header on line 1
    2: B1 2026-11-30 [-] - P2 - - | - - - - | (Absent, "-")
    1 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}

#[test]
fn codes_become_names_where_a_file_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codes.csv");
    std::fs::write(
        &file,
        "column,code,name\ndepartment,110,内科\nstatus,1,已预约\nstatus,2,已退号\n",
    )
    .unwrap();
    let lookup = super::super::Lookup::read(&Origin::File(file), None).unwrap();
    let settings = Settings { lookup: Some(lookup.into()), ..Settings::default() };
    let text =
        "BRID,YYRQ,KSDM,GHBZ\nP1,2026-11-30,110,1\nP2,2026-11-30,111,2\nP3,2026-11-30,110,3\n";
    insta::assert_snapshot!(read_with(text.as_bytes(), &settings).unwrap(), @r#"
    2: 5b1c447bce8fc96b 2026-11-30 [-] - P1 - - | 内科 - - - | (Remind, "-")
    3: 6fc0ceaa9f9e8045 2026-11-30 [-] - P2 - - | 111 - - - | (Never, "已退号")
    4: a01203aa8ef9f06b 2026-11-30 [-] - P3 - - | 内科 - - - | (Unknown, "3")
    3 rows, 0 elsewhere, 0 blank, 0 headers, 0 margins
    "#);
}
