//! What a run and a dry run say of how a source was read: encoding and why, the mapping, the columns passed over.

use crate::proof::clinic::{Clinic, MONDAY, openid};
use crate::support::Run;

const SAMPLES: [&str; 8] = [
    "cn_gbk.csv",
    "cn_unicode_text_utf16le.txt",
    "cn_semicolon_sep_line.csv",
    "cn_excel_mangled_gbk.csv",
    "tw_big5.csv",
    "appointments.xlsx",
    "appointments.xls",
    "derived_all_statuses.ndjson",
];

fn sample(name: &str) -> Run {
    let clinic = Clinic::with("[send]\nwait_scale = 0.01\n[defaults]\nhospital = \"协和医院\"\n");
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    clinic.file(name, std::fs::read(path).unwrap());
    let rows: Vec<String> = (0..10).map(|n| format!("{},{}\n", 12_345 + n, openid(n))).collect();
    let padded = (0..10).map(|n| format!("000{},{}\n", 12_345 + n, openid(n + 10)));
    let taiwan = (0..10).map(|n| format!("{:07},{}\n", 123 + n, openid(n + 20)));
    let fhir = format!("1316026,{}\n", openid(30));
    let all: String = rows.into_iter().chain(padded).chain(taiwan).chain([fhir]).collect();
    clinic.file("contacts.csv", format!("patient_id,openid\n{all}"));
    clinic.run([
        "remind",
        "--dry-run",
        "--days",
        "7",
        "--now",
        MONDAY,
        "--contacts",
        "contacts.csv",
        name,
    ])
}

#[test]
fn a_dry_run_of_every_sample_shows_what_was_understood() {
    let shown: Vec<String> =
        SAMPLES.iter().map(|name| format!("== {name}\n{}", sample(name))).collect();
    insta::assert_snapshot!("samples", shown.join("\n\n"));
}

#[test]
fn the_loser_of_two_dates_is_named_in_the_mapping() {
    let clinic = Clinic::new();
    let text = format!(
        "预约号,openid,预约时间,就诊日期,时段,诊别\nA1,{},2026-11-01 10:22,2026-11-30,上午,初诊\n",
        openid(1)
    );
    clinic.file("appointments.csv", text);
    insta::assert_snapshot!(clinic.remind_with(&["--dry-run"]), @"
    --- stdout
    The columns, by the header on line 1:
      appointment_id   = column 1 “预约号”
      openid           = column 2 “openid”
      start            = column 4 “就诊日期”
      time             = column 5 “时段”
      time             : column 6 “诊别” is not used
      start            : column 3 “预约时间” is not used; it may say when the visit was booked
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                1
      in these days            1
      to be sent               1
      The source has no status column, so every row counts.
    LINE  APPOINTMENT  START            DAYS  OPENID
    2     A1           2026-11-30 上午  7     oP***0001
    Nothing was sent: this was a dry run.
    --- exit 0
    ");
}

#[test]
fn an_unusual_file_is_mapped_by_the_settings() {
    let clinic = Clinic::with(
        r#"[send]
wait_scale = 0.01
[defaults]
hospital = "协和医院"
[source]
encoding = "gbk"
lookup = "codes.csv"
numeric = ["appointment_id"]
instants_are_local = true
[source.columns]
appointment_id = 1
openid = "微信"
start = ["来院", 6]
location = ["楼", "房"]
status = ["情况", "退号标志"]
[source.status]
remind = ["OK", "退号标志=0"]
also = ["待确认"]
hold = ["排队"]
never = ["退号标志=1"]
"#,
    );
    clinic.file("codes.csv", "column,code,name\ndepartment,110,心血管内科\n");
    let header = "号,微信,病人,KSDM,来院,几点,楼,房,情况,退号标志";
    let rows = [
        format!("1.0,{},张三,110,2026-11-30T00:00:00Z,830,2号楼,305,OK,0", openid(1)),
        format!("2,{},李四,111,2026-11-30T00:00:00Z,上午,2号楼,306,待确认,0", openid(2)),
        format!("3,{},王五,110,2026-11-30T00:00:00Z,900,2号楼,307,排队,0", openid(3)),
        format!("4,{},赵六,110,2026-11-30T00:00:00Z,930,2号楼,308,OK,1", openid(4)),
        format!("5,{},孙七,110,2026-11-30T00:00:00Z,930,2号楼,308,OK,", openid(5)),
    ];
    let text = format!("{header}\n{}\n", rows.join("\n"));
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    clinic.file("appointments.csv", bytes);
    insta::assert_snapshot!(clinic.remind_with(&["--dry-run"]), @"
    --- stdout
    The columns, by the header on line 1:
      appointment_id   = column 1 “号”, by the settings
      openid           = column 2 “微信”, by the settings
      start            = column 5 “来院”, by the settings
      time             = column 6 “几点”, by the settings
      department       = column 4 “KSDM”
      location         = column 7 “楼”, by the settings
      location         = column 8 “房”, by the settings
      status           = column 9 “情况”, by the settings
      status           = column 10 “退号标志”, by the settings
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  gb18030 (set)
      rows read                5
      in these days            5
      to be sent               2
      left out                 1   the visit is not firm yet
      left out                 1   the visit is cancelled, moved or over
      1 row rejected: the status is not on any list; name it under [source.status], as also, hold or never
        line 6: the status is not on any list (退号标志=)
    LINE  APPOINTMENT  START             DAYS  OPENID
    3     2            2026-11-30 上午   7     oP***0002
    2     1            2026-11-30 08:30  7     oP***0001
    Nothing was sent: this was a dry run.
    --- exit 1
    ");
}

#[test]
fn columns_by_number_need_no_header_and_lose_no_first_row() {
    let settings = "[send]\nwait_scale = 0.01\n[defaults]\nhospital = \"协和医院\"\n[source.columns]\nappointment_id = 1\nopenid = 2\npatient = 3\nstart = 4\n";
    let rows = format!(
        "A1,{},张三,2026-11-30 9:00\nA2,{},李四,2026-11-31\nA3,{},王五,2026-11-30 10:00\n",
        openid(1),
        openid(2),
        openid(3)
    );
    for above in ["", "号,微信,病人,来院\n", "协和医院预约表,,,\n号,微信,病人,来院\n"]
    {
        let clinic = Clinic::with(settings);
        clinic.file("appointments.csv", format!("{above}{rows}"));
        let run = clinic.remind().expect(1);
        clinic.assert_once_each([1, 3]);
        assert!(run.stderr.contains("“2026-11-31”") && !run.stderr.contains("oPatient"), "{run}");
    }
}
