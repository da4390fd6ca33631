//! Secrets and people: what must be in no output, no file of ours, no list of processes.

use std::fs;
use std::path::Path;

use wechat_simulator::{
    Fault, FaultKind, SAMPLE_SECRET, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, Which,
};

use super::clinic::{Clinic, MONDAY, openid, wait};
use crate::support::{Run, mode};

const NAME: &str = "诸葛小明";
const PHONE: &str = "13800138000";
const REFERENCE: &str = "RX7788990011";

/// A clinic whose every row carries a name and a telephone number.
fn clinic() -> Clinic {
    let clinic = Clinic::new();
    clinic.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n[send]\nwait_scale = 0.01\n"
    ));
    let row = |n: usize| {
        format!(
            "YY{n:06},{},P{n:06},{NAME},{PHONE},2026-11-30 09:{n:02},李医生,协和医院,已预约\n",
            openid(n)
        )
    };
    let rows: String = (0..4).map(row).collect();
    let broken = format!(
        "YY000009,{},P000009,{NAME},{PHONE},2026-11-30 9 Uhr,李医生,协和医院,已预约\n",
        openid(9)
    );
    let header = "appointment_id,openid,patient_id,patient,phone,start,doctor,hospital,status\n";
    clinic.file("appointments.csv", format!("{header}{rows}{broken}"));
    clinic
}

/// The token that WeChat gives the account now: the same to everybody who asks.
fn token(clinic: &Clinic) -> String {
    let run = clinic.run(["auth", "token"]).expect(0);
    let token = run.stdout.trim().to_owned();
    assert!(token.len() > 20, "{run}");
    token
}

/// Every way to run the program with much to tell and much that goes wrong.
fn everything(clinic: &Clinic) -> Vec<Run> {
    let simulator = clinic.simulator();
    let patient = openid(0);
    let mut runs = vec![
        clinic.remind_with(&["--dry-run", "-vv"]),
        clinic.remind_with(&["--dry-run", "--json"]),
    ];
    for kind in [
        FaultKind::Errcode(40001),
        FaultKind::Errcode(43004),
        FaultKind::BadGateway,
        FaultKind::HtmlOk,
        FaultKind::Redirect,
        FaultKind::CloseAfterAccept,
    ] {
        simulator.fault(Fault::new(kind).times(2));
        runs.push(clinic.remind_with(&["-vv", "--retry-failed"]));
        simulator.clear_faults();
    }
    for kind in [FaultKind::Errcode(40164), FaultKind::BadGateway, FaultKind::CloseBefore] {
        simulator.fault(Fault::new(kind).at(Which::Token).times(9));
        runs.push(clinic.run(["auth", "status", "-vv"]));
        simulator.clear_faults();
    }
    runs.push(clinic.remind_with(&["-vv"]));
    runs.push(clinic.remind_with(&["--json", "-vv"]));
    runs.push(clinic.run(["auth", "status", "-vv"]));
    runs.push(clinic.run(["auth", "status", "--json"]));
    runs.push(clinic.run([
        "prescribe",
        "--openid",
        &patient,
        "--ref",
        REFERENCE,
        "--patient",
        NAME,
        "--yes",
        "--now",
        MONDAY,
        "-vv",
    ]));
    for verb in ["list", "stats"] {
        runs.push(clinic.run(["log", verb, "-vv"]));
        runs.push(clinic.run(["log", verb, "--json"]));
    }
    runs.push(clinic.run(["log", "unreached", "-vv"]));
    runs.push(clinic.run(["templates", "check", "-vv"]));
    runs.push(clinic.run(["templates", "list", "-vv"]));
    runs
}

#[test]
fn no_secret_no_token_and_nobodys_name_is_in_any_output_or_file_of_ours() {
    let clinic = clinic();
    let token = token(&clinic);
    let runs = everything(&clinic);
    assert!(!clinic.reached().is_empty());
    let openids: Vec<String> = (0..10).map(openid).collect();
    for (number, run) in runs.iter().enumerate() {
        let said = format!("{}{}", run.stdout, run.stderr);
        for secret in [SAMPLE_SECRET, &token, NAME, "小明", PHONE, REFERENCE]
            .into_iter()
            .chain(openids.iter().map(String::as_str))
        {
            assert!(!said.contains(secret), "run {number} says {secret}:\n{run}");
        }
    }
    for (path, bytes) in files(&clinic) {
        for secret in [SAMPLE_SECRET, &token, NAME, "小明", PHONE, REFERENCE] {
            assert!(!holds(&bytes, secret), "{path} holds {secret}");
        }
    }
}

#[test]
fn the_ledger_holds_an_openid_in_its_column_only() {
    let clinic = clinic();
    let _ = clinic.remind().expect(1);
    let ledger = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    let tables: Vec<String> =
        column(&ledger, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    for table in tables {
        let columns: Vec<String> =
            column(&ledger, &format!("SELECT name FROM pragma_table_info('{table}')"));
        for name in columns {
            let held = format!(
                "SELECT COUNT(*) FROM {table} WHERE instr(CAST({name} AS TEXT), 'oPatient') > 0"
            );
            let held: i64 = ledger.query_row(&held, [], |row| row.get(0)).unwrap();
            assert_eq!(
                held > 0,
                (table.as_str(), name.as_str()) == ("message", "openid"),
                "{table}.{name}"
            );
        }
    }
}

fn column(ledger: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement = ledger.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_is_made_is_its_owners_alone_and_the_argument_list_holds_no_secret() {
    let clinic = clinic();
    let hold = clinic.simulator().hold();
    let child = clinic.reminding(MONDAY, &[]).spawn();
    wait(hold.waiting(1));
    let command = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(holds(&command, "appointments.csv") && !holds(&command, SAMPLE_SECRET));
    // While it runs there are the ledger, its log and the run's lock.
    let made: Vec<_> = files(&clinic)
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.contains("ledger"))
        .collect();
    assert!(made.iter().any(|path| path.ends_with("-wal")) && made.len() >= 3, "{made:?}");
    for path in made {
        assert_eq!(mode(Path::new(&path)), 0o600, "{path}");
    }
    hold.release();
    let _ = child.wait_with_output().unwrap();

    let folders = Clinic::of(1);
    let ledger = format!("sqlite:{}", folders.path("a/b/ledger.db").display());
    let _ = folders.reminding(MONDAY, &[]).env("WXREMIND_LEDGER", ledger).run().expect(0);
    assert_eq!(["a", "a/b"].map(|folder| mode(&folders.path(folder))), [0o700; 2]);
}

/// Every file at the desk that the test did not write itself, with its bytes.
fn files(clinic: &Clinic) -> Vec<(String, Vec<u8>)> {
    fn walk(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with("appointments.csv") {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(clinic.path("").parent().unwrap(), &mut found);
    found
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
