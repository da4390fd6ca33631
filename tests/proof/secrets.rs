//! Secrets and people: what must be in no output, no file of ours, no list of processes.

use std::fs;
use std::path::Path;

use wechat_simulator::{
    Fault, FaultKind, SAMPLE_SECRET, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, Which,
};

use super::clinic::{Clinic, MONDAY, openid, wait};
use super::crash::until;
use crate::support::receiver::{KEY, Receiver, SECRET, URL_SIGNATURE};
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

/// Every way to tell others, with everything that goes wrong: refused, broken, slow, gone, and no webhook at all.
fn telling(clinic: &Clinic, receiver: &Receiver) -> Vec<Run> {
    let url = receiver.url();
    let program = |arguments: &[&str], url: &str| {
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        let program = clinic.program(arguments.iter().map(String::as_str));
        program.env("WXREMIND_WEBHOOK_URL", url).env("WXREMIND_WEBHOOK_SECRET", SECRET).run()
    };
    let remind =
        ["remind", "--days", "7", "--now", MONDAY, "appointments.csv", "--rate", "0", "-vv"];
    let mut runs = Vec::new();
    for status in [500, 307, 410, 400, 202] {
        receiver.answer(status, &[("location", &url)]);
        runs.push(program(&remind, &url));
        runs.push(program(&["log", "events", "--flush", "-vv"], &url));
        runs.push(program(&["log", "events", "--flush", "--json"], &url));
    }
    // Nobody there; no such host; an address that is none; a secret that is none.
    let nobody = url.replacen("http://127.0.0.1", "http://127.0.0.2", 1);
    let nowhere = url.replacen("http://127.0.0.1", "https://webhook.invalid", 1);
    let plain = url.replacen("http://127.0.0.1", "http://webhook.invalid", 1);
    runs.push(program(&["log", "events", "--replay", "--since", "1d", "-vv"], &url));
    for url in [&nobody, &nowhere, &plain] {
        runs.push(program(&["log", "events", "--flush", "-vv"], url));
        runs.push(program(&remind, url));
    }
    let half = SECRET.strip_prefix("whsec_").unwrap();
    let mistaken = clinic.program(["log", "events", "-vv"]).env("WXREMIND_WEBHOOK_SECRET", half);
    runs.push(mistaken.run().expect(4));
    for more in [&["-vv"][..], &["--json"], &["--format", "csv"]] {
        let arguments: Vec<&str> =
            ["log", "events"].into_iter().chain(more.iter().copied()).collect();
        runs.push(program(&arguments, &url));
    }
    runs
}

#[test]
fn neither_the_webhooks_address_nor_its_key_is_in_any_output_or_file_of_ours() {
    let (clinic, receiver) = (clinic(), Receiver::start());
    let runs = telling(&clinic, &receiver);
    assert!(!receiver.taken().is_empty());
    let key = SECRET.strip_prefix("whsec_").unwrap();
    let secrets = [URL_SIGNATURE, key, "0123456789abcdef/invoke", NAME, PHONE];
    for (number, run) in runs.iter().enumerate() {
        let said = format!("{}{}", run.stdout, run.stderr);
        for secret in secrets {
            assert!(!said.contains(secret), "run {number} says {secret}:\n{run}");
        }
        assert!(!said.contains("panicked"), "{run}");
    }
    for (path, bytes) in files(&clinic) {
        for secret in secrets {
            assert!(!holds(&bytes, secret), "{path} holds {secret}");
        }
        assert!(!holds(&bytes, std::str::from_utf8(KEY).unwrap()), "{path} holds the key");
    }
    // The argument list holds what was typed, and no request showed anything of the patients.
    receiver.hold();
    let remind = clinic.program(["log", "events", "--replay", "--since", "1d", "--flush"]);
    let url = receiver.url();
    let mut child =
        remind.env("WXREMIND_WEBHOOK_URL", &url).env("WXREMIND_WEBHOOK_SECRET", SECRET).spawn();
    until(|| receiver.waiting() > 0);
    let command = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(holds(&command, "--flush"));
    for secret in secrets {
        assert!(!holds(&command, secret), "the argument list holds {secret}");
    }
    child.kill().unwrap();
    let _ = child.wait().unwrap();
    for request in receiver.asked() {
        for word in ["诸葛", PHONE, "oPatient", "P0000"] {
            assert!(!request.body.contains(word), "{}", request.body);
        }
    }
}

#[test]
fn the_ledger_holds_an_openid_in_its_column_only() {
    let (clinic, receiver) = (clinic(), Receiver::start());
    let reminding = clinic.reminding(MONDAY, &[]);
    let _ = reminding.env("WXREMIND_WEBHOOK_URL", receiver.url()).run().expect(1);
    assert!(!receiver.taken().is_empty());
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
