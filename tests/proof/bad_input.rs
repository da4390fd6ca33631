//! Input that is wrong: what the operator reads, the exit code, and that good rows go all the same.

use super::clinic::{Clinic, HEADER, MONDAY, openid, visit, visit_at};

/// Three good visits and then these rows: bad rows are a small part of the file.
fn among_good(rows: &[String]) -> Clinic {
    let clinic = Clinic::new();
    let all: Vec<String> = (0..30).map(visit).chain(rows.iter().cloned()).collect();
    clinic.source(&all);
    clinic
}

/// A file of this text, as it is.
fn raw(text: impl AsRef<[u8]>) -> Clinic {
    let clinic = Clinic::new();
    clinic.file("appointments.csv", text);
    clinic
}

/// Checks that a source is refused as a whole and leaves no ledger.
fn refused(clinic: &Clinic) -> crate::support::Run {
    let run = clinic.remind().expect(3);
    assert!(clinic.ledger().is_none() && clinic.reached().is_empty(), "{run}");
    run
}

#[test]
fn a_missing_column_is_named_with_what_there_is() {
    insta::assert_snapshot!(refused(&raw("openid,patient,doctor\no,甲,乙\n")), @r#"
    --- stderr
    wxremind: error: appointments.csv has no column for start; right now it has columns called openid, patient, doctor (line 1).
    hint: Map them in the settings under [source.columns]: start = "…".
    --- exit 3
    "#);
}

#[test]
fn a_doubled_column_is_never_guessed() {
    let text = format!("openid,start,start\n{},2026-11-30 09:00,2026-11-30 10:00\n", openid(1));
    insta::assert_snapshot!(refused(&raw(text)), @"
    --- stderr
    wxremind: error: appointments.csv, line 1: two columns are called “start” (columns 2 and 3).
    hint: Say which one is start by its number in the settings: [source.columns] start = 2.
    --- exit 3
    ");
}

#[test]
fn bad_rows_are_each_named_and_stop_no_good_row() {
    let clinic = among_good(&[
        visit(40) + ",more",
        visit(41).replace("已预约", "也许吧"),
        visit_at(42, "2026-11-31 09:00"),
        visit_at(43, "2026-11-30 25:00"),
        visit(44).replace(&openid(44), "张 三"),
        visit(45).replace("YY000045", "YY0000000000000000000045"),
    ]);
    let run = clinic.remind().expect(1);
    insta::assert_snapshot!(run, @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read               36
      in these days           33
      to be sent              30
      accepted by WeChat      30
      1 row rejected: the row has another number of cells than the header; quote cells that contain the delimiter, or export again
        line 32: the row has another number of cells than the header (9 cells, and the header has 8; is there a comma or a quotation mark inside a cell?)
      1 row rejected: the date cannot be read; write it as 2026-11-30 09:00
        line 34, start: the date cannot be read (“2026-11-31 09:00”)
      1 row rejected: the time cannot be read; write it as 2026-11-30 09:00
        line 35, start: the time cannot be read (“2026-11-30 25:00”)
      1 row rejected: the status is not on any list; name it under [source.status], as also, hold or never
        line 33: the status is not on any list (也许吧)
      1 row rejected: a value does not fit its field; give the template field a shorter text as a second choice
        line 37, keyword1: a value does not fit its field (24 characters are too long, 20 fit)
      1 row rejected: the openid cannot be one; correct the openid; it has about 28 characters and begins with o
        line 36, openid: the openid cannot be one (the openid has a space or control character in it)
      `wxremind log unreached` lists whom to telephone.
    --- exit 1
    ");
    clinic.assert_once_each(0..30);
    assert!(!run.stderr.contains(&openid(44)) && !run.stderr.contains("患者"), "{run}");
}

#[test]
fn a_patient_without_an_openid_is_for_the_telephone() {
    let clinic = among_good(&[visit(40).replace(&openid(40), "")]);
    let run = clinic.remind_with(&["-v"]).expect(0);
    insta::assert_snapshot!(run, @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read               31
      in these days           31
      to be sent              30
      accepted by WeChat      30
      left out                 1   no openid is known for the patient
      `wxremind log unreached` lists whom to telephone.
    --- exit 0
    ");
    assert_eq!(clinic.state(40), "skipped");
    clinic.assert_once_each(0..30);
}

#[test]
fn no_known_status_in_the_whole_window_is_refused() {
    let clinic = Clinic::new();
    clinic.source(&[visit(1).replace("已预约", "甲"), visit(2).replace("已预约", "乙")]);
    insta::assert_snapshot!(refused(&clinic), @r#"
    --- stderr
    wxremind: error: appointments.csv: none of the 2 rows in the window has a known status (it has “乙”, “甲”). Nothing was sent.
    hint: Name the words that mean a booked visit: [source.status] also = ["…"] in wxremind.toml.
    --- exit 3
    "#);
}

#[test]
fn mostly_unreadable_rows_are_refused_as_a_whole() {
    let clinic = Clinic::new();
    let broken = |n| visit(n).replace("YY00000", "1.38E+1");
    clinic.source(&[visit(1), broken(2), broken(3)]);
    insta::assert_snapshot!(refused(&clinic), @"
    --- stderr
    wxremind: error: appointments.csv: 2 of the 3 rows in the window cannot be read, more than 20 %. Nothing was sent.
      2 rows: a spreadsheet program has destroyed the value; export again without opening the file in a spreadsheet program
        line 3, appointment_id: a spreadsheet program has destroyed the value (***+12: a spreadsheet turned the number into one with an exponent; export it as text)
        line 4, appointment_id: a spreadsheet program has destroyed the value (***+13: a spreadsheet turned the number into one with an exponent; export it as text)
    hint: Most often the encoding or a column is mistaken: --encoding, or [source.columns] in wxremind.toml.
    hint: If the other rows are right, raise it: max_unreadable (percent) under [remind] in wxremind.toml.
    --- exit 3
    ");
}

#[test]
fn an_old_export_is_refused() {
    let clinic = Clinic::new();
    clinic.source(&[visit_at(1, "2026-11-02 09:00")]);
    insta::assert_snapshot!(refused(&clinic), @"
    --- stderr
    wxremind: error: appointments.csv has 1 row, and none is later than today: it looks like an old export. Nothing was sent.
    hint: Export the appointments again. With --now, check the pretended day.
    --- exit 3
    ");
}

#[test]
fn an_empty_file_is_refused_and_a_header_alone_is_an_empty_day() {
    insta::assert_snapshot!(refused(&raw("")), @"
    --- stderr
    wxremind: error: appointments.csv is empty: the export may have failed.
    hint: Run it again.
    --- exit 3
    ");
    insta::assert_snapshot!(raw(format!("{HEADER}\n")).remind().expect(0), @"
    --- stderr
    appointments.csv has a header and no rows: nothing is due.
    --- exit 0
    ");
    let clinic = raw(format!("{HEADER}\n"));
    clinic.file("table.csv", "openid,reference\n");
    let dry = clinic.remind_with(&["--dry-run"]).expect(0);
    let table = clinic.run(["prescribe", "--from", "table.csv", "--simulate"]).expect(0);
    for run in [dry, table] {
        assert!(run.stderr.contains("has a header and no rows"), "{run}");
    }
}

#[test]
fn a_binary_file_is_called_by_its_name() {
    let pages = refused(&raw(b"%PDF-1.7\n\x00\x01\x02\xff\xfe"));
    let workbook = refused(&raw(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00"));
    let noise = refused(&raw([0, 159, 146, 150, 0, 1, 2, 3, 255].repeat(50)));
    insta::assert_snapshot!(format!("{pages}\n{workbook}\n{noise}"), @"
    --- stderr
    wxremind: error: appointments.csv is a PDF document.
    hint: Save it as CSV text or as an Excel workbook (.xlsx) and try again.
    --- exit 3
    --- stderr
    wxremind: error: appointments.csv begins like an Excel workbook but cannot be read as one.
    hint: Open it in Excel and save it again.
    --- exit 3
    --- stderr
    wxremind: error: appointments.csv is binary data.
    hint: Save it as CSV text or as an Excel workbook (.xlsx) and try again.
    --- exit 3
    ");
}

#[test]
fn a_file_that_is_not_there_or_no_file_is_refused() {
    let clinic = Clinic::new();
    let remind =
        |source: &str| clinic.run(["remind", "--days", "7", "--now", MONDAY, source]).expect(3);
    insta::assert_snapshot!(format!("{}\n{}", remind("nowhere.csv"), remind(".")), @"
    --- stderr
    wxremind: error: nowhere.csv cannot be opened (there is no such file or folder).
    hint: Check the path; a relative one begins where the command is run, in wxremind.toml beside that file.
    --- exit 3
    --- stderr
    wxremind: error: . is a folder, not a file of appointments.
    --- exit 3
    ");
}

#[test]
fn a_ledger_that_cannot_be_written_sends_nothing() {
    let clinic = Clinic::of(3);
    clinic.file("blocked", "a file where a folder should be");
    let under_a_file = format!("sqlite:{}", clinic.path("blocked/ledger.db").display());
    let run = clinic.reminding(MONDAY, &[]).env("WXREMIND_LEDGER", under_a_file).run().expect(7);
    assert!(clinic.reached().is_empty());
    insta::assert_snapshot!(run, @"
    --- stderr
    wxremind: error: The ledger cannot be used: [DESK]/work/blocked/ledger.db cannot be read (Not a directory).
    hint: Check its permissions.
    --- exit 7
    ");
}

#[test]
fn a_ledger_that_is_another_programs_file_is_not_touched() {
    let clinic = Clinic::of(3);
    clinic.file("ledger.db", "patients, and nothing of ours");
    let text = clinic.remind().expect(7);
    assert_eq!(std::fs::read(clinic.path("ledger.db")).unwrap(), b"patients, and nothing of ours");

    std::fs::remove_file(clinic.path("ledger.db")).unwrap();
    let other = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    other.execute("CREATE TABLE message (text TEXT)", []).unwrap();
    let database = clinic.remind().expect(7);
    assert!(clinic.reached().is_empty());
    insta::assert_snapshot!(format!("{text}\n{database}"), @"
    --- stderr
    wxremind: error: The ledger cannot be used: ledger.db is not a wxremind ledger and was left alone.
    hint: Name another file.
    --- exit 7
    --- stderr
    wxremind: error: The ledger cannot be used: ledger.db is not a wxremind ledger and was left alone.
    hint: Name another file.
    --- exit 7
    ");
}

#[test]
fn a_wrong_secret_and_a_strange_address_name_the_cure() {
    use wechat_simulator::{Fault, FaultKind, Which};
    let clinic = Clinic::of(3);
    let wrong = "0".repeat(32);
    let secret = clinic.reminding(MONDAY, &[]).env("WXREMIND_APP_SECRET", wrong).run().expect(5);
    let elsewhere = Fault::new(FaultKind::Errcode(40164)).at(Which::Token);
    clinic.simulator().fault(elsewhere);
    insta::assert_snapshot!(format!("{secret}\n{}", clinic.remind().expect(5)), @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                3
      in these days            3
      to be sent               3
      accepted by WeChat       0
      still queued             3   the next run goes on with them
    WeChat refused the call (40125): The AppSecret is wrong, or was reset in the console.
    hint: The operator enters the current AppSecret again. If nobody has it, an administrator resets it in the console (设置与开发 → 基本配置); every other system of the account then needs the new one too.
    hint: `wxremind explain 40125` says more, also in Chinese.
    hint: 3 messages stay queued; the next run sends what its source still has.
    --- exit 5
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                3
      in these days            3
      to be sent               3
      accepted by WeChat       0
      still queued             3   the next run goes on with them
    WeChat does not accept calls from this machine's address, 203.0.113.7 (40164).
    hint: Add 203.0.113.7 at mp.weixin.qq.com under 设置与开发 > 基本配置 > IP白名单 (IP whitelist), then try again.
    hint: 3 messages stay queued; the next run sends what its source still has.
    --- exit 5
    ");
}

#[test]
fn an_unknown_key_and_a_missing_template_id_name_the_cure() {
    let clinic = Clinic::of(3);
    clinic.set("[send]\nconcurency = 3\n");
    let key = clinic.remind().expect(4);
    clinic.settings("");
    insta::assert_snapshot!(format!("{key}\n{}", clinic.remind().expect(4)), @r#"
    --- stderr
    wxremind: error: wxremind.toml:5:1: unknown key concurency in [send].
    hint: Did you mean concurrency?
    --- exit 4
    --- stderr
    wxremind: error: The template reminder (built in) has no WeChat template id.
    hint: `wxremind templates pull reminder --id=TEMPLATE_ID` writes it from a template of the account.
    hint: Or set it in wxremind.toml: [templates] ids = { reminder = "TEMPLATE_ID" }
    --- exit 4
    "#);
}
