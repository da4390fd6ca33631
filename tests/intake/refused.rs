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
    insta::assert_snapshot!(refused(&bytes), @"");
}

#[test]
fn a_header_with_too_few_known_names_lists_what_it_has_and_needs() {
    insta::assert_snapshot!(refused("编码,来院,大夫\n1,2026-11-30,李\n"), @"");
}

#[test]
fn two_columns_of_time_are_not_guessed_between() {
    let text = format!("openid,日期,时间,时间\n{},2026-11-30,9:00,10:00\n", openid(1));
    insta::assert_snapshot!(refused(text), @"");
}

#[test]
fn an_open_quotation_mark_swallows_no_row() {
    let quote = |row: String| row.replace("已预约", "\"已预约");
    let to_the_end = [visit(1), quote(visit(2)), visit(3)].join("\n");
    let to_another = [visit(1), quote(visit(2)), visit(3), quote(visit(4)), visit(5)].join("\n");
    insta::assert_snapshot!(format!("{}\n{}", refused(format!("{HEADER}\n{to_the_end}\n")), refused(format!("{HEADER}\n{to_another}\n"))), @"");
}

#[test]
fn charges_below_the_appointments_are_no_appointments() {
    let text = format!(
        "【预约】\n预约号,openid,就诊日期,状态\nA1,{},2026-11-30,已预约\n【收费】\n流水号,病历号,姓名,就诊日期,金额\nF1,P1,张三,2026-11-30,12.50\n",
        openid(1)
    );
    insta::assert_snapshot!(refused(text), @"");
}

#[test]
fn dates_that_cannot_be_read_are_told_from_dates_long_past() {
    let text = format!("openid,就诊日期\n{},下周一\n{},2026-11-31\n", openid(1), openid(2));
    insta::assert_snapshot!(refused(text), @"");
}

#[test]
fn more_messages_than_allowed_name_the_setting() {
    let clinic = Clinic::of(3);
    let run = clinic.remind_with(&["--max-send", "2"]).expect(3);
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty());
    insta::assert_snapshot!(run, @"");
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
    insta::assert_snapshot!(run.expect(3), @"");
}

#[test]
fn several_sheets_and_a_sheet_that_is_not_there_are_named() {
    let clinic = Clinic::new();
    clinic.set("[send]\nwait_scale = 0.01\n[source]\nsheet = \"八月\"\n");
    let book = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/appointments.xls"));
    clinic.file("appointments.xls", book.unwrap());
    let run = clinic.run(["remind", "--days", "7", "--now", MONDAY, "appointments.xls"]).expect(3);
    insta::assert_snapshot!(run, @"");
}

#[test]
fn a_web_page_that_is_called_a_workbook_is_called_what_it_is() {
    insta::assert_snapshot!(refused("\n<html><table><tr><td>预约号</td></tr></table></html>"), @"");
}
