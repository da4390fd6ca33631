//! What cannot be sure is refused before anything is sent, with what was found and what to do.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::proof::clinic::{Clinic, HEADER, MONDAY, openid, visit};
use crate::support::Run;

/// A file of these bytes is refused, nothing is sent, and no ledger is begun.
fn refused(bytes: impl AsRef<[u8]>) -> Run {
    let clinic = Clinic::new();
    clinic.file("appointments.csv", bytes);
    let run = clinic.remind().expect(3);
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty(), "{run}");
    run
}

#[test]
fn two_encodings_that_fit_alike_are_shown_with_both_headers() {
    // Japanese bytes are error-free in both, and no name of the header is known in either.
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("日付,予約\n2026,ア\n");
    insta::assert_snapshot!(refused(&bytes), @"
    --- stderr
    wxremind: error: appointments.csv could be in more than one encoding: in gb18030 its columns are called 擔晅, 梊栺; in Big5 its columns are called 𣲚𡡀, 珢垻.
    hint: Say which it is with --encoding.
    --- exit 3
    ");
}

#[test]
fn a_header_with_too_few_known_names_lists_what_it_has_and_needs() {
    insta::assert_snapshot!(refused("编码,来院,大夫\n1,2026-11-30,李\n"), @r#"
    --- stderr
    wxremind: error: appointments.csv has no column for start and none for openid or patient_id or phone; right now it has columns called 编码, 来院, 大夫 (line 1).
    hint: Map them in the settings under [source.columns]: start = "…".
    --- exit 3
    "#);
}

#[test]
fn two_columns_of_time_are_not_guessed_between() {
    let text = format!("openid,日期,时间,时间\n{},2026-11-30,9:00,10:00\n", openid(1));
    insta::assert_snapshot!(refused(text), @"
    --- stderr
    wxremind: error: appointments.csv, line 1: two columns are called “时间” (columns 3 and 4).
    hint: Say which one is time by its number in the settings: [source.columns] time = 3.
    --- exit 3
    ");
}

#[test]
fn an_open_quotation_mark_swallows_no_row() {
    let quote = |row: String| row.replace("已预约", "\"已预约");
    let to_the_end = [visit(1), quote(visit(2)), visit(3)].join("\n");
    let to_another = [visit(1), quote(visit(2)), visit(3), quote(visit(4)), visit(5)].join("\n");
    insta::assert_snapshot!(format!("{}\n{}", refused(format!("{HEADER}\n{to_the_end}\n")), refused(format!("{HEADER}\n{to_another}\n"))), @"
    --- stderr
    wxremind: error: appointments.csv, line 3: a quotation mark opens a cell and is not closed before the rows that follow.
    hint: Correct that line, or export again with cells quoted.
    --- exit 3
    --- stderr
    wxremind: error: appointments.csv, line 3: a quotation mark opens a cell and is not closed before the rows that follow.
    hint: Correct that line, or export again with cells quoted.
    --- exit 3
    ");
}

#[test]
fn charges_below_the_appointments_are_no_appointments() {
    let text = format!(
        "【预约】\n预约号,openid,就诊日期,状态\nA1,{},2026-11-30,已预约\n【收费】\n流水号,病历号,姓名,就诊日期,金额\nF1,P1,张三,2026-11-30,12.50\n",
        openid(1)
    );
    insta::assert_snapshot!(refused(text), @"
    --- stderr
    wxremind: error: appointments.csv holds two different tables of patients and dates, on line 2 (预约号, openid, 就诊日期, 状态) and line 5 (流水号, 病历号, 姓名, 就诊日期, 金额).
    hint: Keep the appointments only, or make two files of them.
    --- exit 3
    ");
}

#[test]
fn dates_that_cannot_be_read_are_told_from_dates_long_past() {
    let text = format!("openid,就诊日期\n{},下周一\n{},2026-11-31\n", openid(1), openid(2));
    insta::assert_snapshot!(refused(text), @r#"
    --- stderr
    wxremind: error: appointments.csv: none of the 2 rows has a date that can be read. Nothing was sent.
      2 rows: the date cannot be read; write it as 2026-11-30 09:00
        line 2, 就诊日期: the date cannot be read (“下周一”)
        line 3, 就诊日期: the date cannot be read (“2026-11-31”)
    hint: Most often a column is mistaken: name the right one, [source.columns] start = "…" in wxremind.toml.
    --- exit 3
    "#);
}

#[test]
fn more_messages_than_allowed_name_the_setting() {
    let clinic = Clinic::of(3);
    let run = clinic.remind_with(&["--max-send", "2"]).expect(3);
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty());
    insta::assert_snapshot!(run, @"
    --- stderr
    wxremind: error: appointments.csv would send 3 messages, more than the 2 allowed. Nothing was sent.
    hint: If that is right, raise it: --max-send, or max_send under [remind] in wxremind.toml.
    --- exit 3
    ");
    let _ = clinic.remind_with(&["--max-send", "3"]).expect(0);
    clinic.assert_once_each(0..3);
}

#[test]
fn more_than_twenty_thousand_messages_need_a_word() {
    let clinic = Clinic::new();
    clinic.visits(0..20_001);
    let run = clinic.remind_with(&["--dry-run"]).expect(3);
    assert!(run.stderr.contains("20001 messages, more than the 20000 allowed"), "{run}");
}

#[test]
fn a_file_that_is_still_written_is_refused() {
    let clinic = Clinic::new();
    clinic.visits(0..20_000);
    let path = clinic.path("appointments.csv");
    let done = AtomicBool::new(false);
    let run = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::File::options().append(true).open(path).unwrap();
            while !done.load(Ordering::Relaxed) {
                writeln!(file, "{}", visit(7)).unwrap();
                std::thread::yield_now();
            }
        });
        let run = clinic.remind();
        done.store(true, Ordering::Relaxed);
        run
    });
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty());
    insta::assert_snapshot!(run.expect(3), @"
    --- stderr
    wxremind: error: appointments.csv changed while it was read.
    hint: Wait until the export has finished, and run again.
    --- exit 3
    ");
}

#[test]
fn several_sheets_and_a_sheet_that_is_not_there_are_named() {
    let clinic = Clinic::new();
    clinic.set("[send]\nwait_scale = 0.01\n[source]\nsheet = \"八月\"\n");
    let book = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/appointments.xls"));
    clinic.file("appointments.xls", book.unwrap());
    let run = clinic.run(["remind", "--days", "7", "--now", MONDAY, "appointments.xls"]).expect(3);
    insta::assert_snapshot!(run, @"
    --- stderr
    wxremind: error: appointments.xls has no sheet “八月”.
    hint: Its sheets are 说明, 预约.
    --- exit 3
    ");
}

#[test]
fn a_web_page_that_is_called_a_workbook_is_called_what_it_is() {
    insta::assert_snapshot!(refused("\n<html><table><tr><td>预约号</td></tr></table></html>"), @"
    --- stderr
    wxremind: error: appointments.csv is a web page (HTML), whatever its name.
    hint: Save it as CSV text or as an Excel workbook (.xlsx) and try again.
    --- exit 3
    ");
}
