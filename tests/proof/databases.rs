//! Appointments and contacts from databases: the same promises as with files.

use std::fs;

use wechat_simulator::{Fault, FaultKind};

use super::clinic::{Clinic, MONDAY, openid};
use crate::support::servers::{Database, cutting, mariadb, nobody, postgres, sqlite};
use crate::support::{Program, Run};

const TUESDAY: &str = "2026-11-24 08:00";

/// A view of visits, and who is bound to which account.
const TABLES: &str = "CREATE TABLE visit (appointment_id varchar(40), patient_id varchar(20), patient varchar(40), phone varchar(20),
    start varchar(20), doctor varchar(20), hospital varchar(20), status varchar(20));
  CREATE TABLE binding (patient_id varchar(20), openid varchar(64))";

/// One SELECT for every engine: the column is a text.
const QUERY: &str = "SELECT * FROM visit WHERE start >= :from_text AND start < :to_text ORDER BY start, appointment_id";

/// Adds visits of these patients at a time, and binds each to an account.
fn add(database: &Database, patients: std::ops::Range<usize>, start: &str) {
    let visits: Vec<String> = patients
        .clone()
        .map(|n| format!("('Y{n:04}', 'P{n}', '张三', '1380000{n:04}', '{start}', '李医生', '协和医院', '已预约')"))
        .collect();
    let bound: Vec<String> = patients.map(|n| format!("('P{n}', '{}')", openid(n))).collect();
    database.execute(&format!("INSERT INTO visit VALUES {}", visits.join(", ")));
    database.execute(&format!("INSERT INTO binding VALUES {}", bound.join(", ")));
}

/// A clinic whose settings name the database as source, and its other table as contacts.
fn clinic(database: &Database) -> Clinic {
    database.execute(TABLES);
    Clinic::with(&settings(&database.url))
}

fn settings(url: &str) -> String {
    format!(
        "[send]\nwait_scale = 0.01\n[source]\nurl = \"{url}\"\nquery = \"{QUERY}\"\n[contacts]\ntable = \"binding\"\n"
    )
}

fn remind<'a>(clinic: &'a Clinic, now: &'a str, more: &[&'a str]) -> Program<'a> {
    let usual = ["remind", "--days", "7", "--now", now];
    clinic.program(usual.into_iter().chain(more.iter().copied()))
}

/// Every database there is here.
fn databases() -> Vec<Database> {
    [Some(sqlite()), postgres(), mariadb()].into_iter().flatten().collect()
}

#[test]
fn each_patient_is_reminded_once_from_every_database() {
    for database in databases() {
        let clinic = clinic(&database);
        add(&database, 0..3, "2026-11-30 08:30");
        add(&database, 3..4, "2026-12-24 08:30");
        database.execute("INSERT INTO visit VALUES ('Y9', 'P9', '赵六', '', '2026-11-30 09:00', '', '协和医院', '已取消')");
        let first = remind(&clinic, MONDAY, &["--json"]).run().expect(0).json();
        assert_eq!((&first["due"], &first["rows"]), (&3.into(), &4.into()), "{}", database.url);
        let second = remind(&clinic, MONDAY, &["--json"]).run().expect(0).json();
        assert_eq!((&second["due"], &second["already_reminded"]), (&0.into(), &3.into()));
        clinic.assert_once_each(0..3);
    }
}

#[test]
fn the_window_reaches_back_to_what_still_waits() {
    for database in databases() {
        let clinic = clinic(&database);
        add(&database, 0..2, "2026-11-30 08:30");
        add(&database, 2..3, "2026-12-01 08:30");
        clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).forever());
        let _ = remind(&clinic, MONDAY, &[]).run().expect(6);
        clinic.simulator().clear_faults();
        assert_eq!(clinic.states(), "queued 2");
        // The query's window is Tuesday's day, and that of the two who still wait: one of them has cancelled.
        database.execute("UPDATE visit SET status = '已取消' WHERE appointment_id = 'Y0000'");
        let run = remind(&clinic, TUESDAY, &["--json"]).run().expect(0).json();
        assert_eq!((&run["rows"], &run["called_off"]), (&3.into(), &1.into()));
        clinic.assert_once_each(1..3);
    }
}

#[test]
fn a_connection_lost_among_the_rows_plans_nothing() {
    for database in [postgres(), mariadb()].into_iter().flatten() {
        let clinic = clinic(&database);
        add(&database, 0..4000, "2026-11-30 08:30");
        clinic.set(&settings(&database.by(&cutting(&database.address(), 150_000))));
        let run = remind(&clinic, MONDAY, &[]).run().expect(3);
        assert!(run.stderr.contains("lost before the last row"), "{run}");
        assert!(clinic.simulator().messages().is_empty());
        assert!(clinic.ledger().is_none(), "a run that is refused leaves nothing");
    }
}

#[test]
fn the_query_says_what_it_was_understood_as() {
    let database = sqlite();
    let clinic = clinic(&database);
    add(&database, 0..2, "2026-11-30 08:30");
    database.execute("INSERT INTO visit VALUES ('Y9', 'P9', '赵六', '1.38E+10', '2026-11-30 09:00', '', '', '已预约')");
    let run = remind(&clinic, MONDAY, &["--dry-run"]).run().expect(1);
    let folder = database.url.trim_start_matches("sqlite:").trim_end_matches("his.db").to_owned();
    let version = run.stdout.split("SQLite ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let shown = run.to_string().replace(&folder, "").replace(&version, "3.x");
    insta::assert_snapshot!(shown, @r#"
    --- stdout
    The columns of its answer:
      appointment_id   = column 1 “appointment_id”
      patient_id       = column 2 “patient_id”
      patient          = column 3 “patient”
      phone            = column 4 “phone”
      start            = column 5 “start”
      doctor           = column 6 “doctor”
      hospital         = column 7 “hospital”
      status           = column 8 “status”
    sqlite:his.db: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  SQLite 3.x
      rows read                3
      in these days            3
      to be sent               2
      1 row rejected: a spreadsheet program has destroyed the value; export again without opening the file in a spreadsheet program
        row 3, phone: a spreadsheet program has destroyed the value (***E+10: a spreadsheet turned the number into one with an exponent; export it as text)
    ROW  APPOINTMENT  START             DAYS  OPENID
    1    Y0000        2026-11-30 08:30  7     oP***0000
    2    Y0001        2026-11-30 08:30  7     oP***0001
    Nothing was sent: this was a dry run.
    --- exit 1
    "#);
}

#[test]
fn what_can_be_seen_to_be_wrong_is_refused_before_any_server_is_asked() {
    let clinic = Clinic::new();
    let nowhere = "postgres://wx@127.0.0.1:1/his";
    let silent = format!("postgres://wx@{}/his?table=v", nobody());
    for (arguments, code, said) in [
        (&["postgres://wx:hunter2@127.0.0.1:1/his"][..], 2, "everybody on this machine"),
        (&["odbc:DSN=his;PWD=hunter2"], 2, "everybody on this machine"),
        (&["appointments.csv", "--query", "SELECT 1"], 2, "the source is none"),
        (&[nowhere], 4, "neither a query nor a table"),
        (&[nowhere, "--query", "DELETE FROM visit"], 4, "is no SELECT"),
        (&[nowhere, "--query", "SELECT 1; DROP TABLE visit"], 4, "more than one statement"),
        (&[nowhere, "--query", "SELECT 1 WHERE d >= :form"], 4, ":from, :to, :today"),
        (&["oracle://his"], 2, "database address"),
        (&["postgres://wx@127.0.0.1:1/his?table=v&passwd=x"], 4, "passwd, which is not known"),
        (&["sqlite:nowhere.db?table=v"], 3, "cannot be opened"),
        (&[&silent], 3, "cannot be reached"),
    ] {
        let run = remind(&clinic, MONDAY, arguments).run().expect(code);
        assert!(run.stderr.contains(said), "{arguments:?}: {run}");
        assert!(!run.stderr.contains("hunter2"), "{run}");
    }
}

#[cfg(not(feature = "odbc"))]
#[test]
fn a_program_without_odbc_says_how_to_get_it() {
    let run =
        remind(&Clinic::new(), MONDAY, &["odbc:DSN=his", "--query", "SELECT 1"]).run().expect(4);
    insta::assert_snapshot!(run, @r"
    --- stderr
    wxremind: error: odbc:DSN=his: this program was built without ODBC.
    hint: Build it with `cargo build --release --features odbc` where unixodbc-dev is installed.
    --- exit 4
    ");
}

#[cfg(feature = "odbc")]
#[test]
fn a_patient_is_reminded_by_an_odbc_driver() {
    use crate::support::servers::by_odbc;

    for database in databases() {
        let Some(url) = by_odbc(&database) else { continue };
        let clinic = clinic(&database);
        add(&database, 0..2, "2026-11-30 08:30");
        clinic.set(&settings(&url));
        let run = remind(&clinic, MONDAY, &["-v"]).run().expect(0);
        assert!(!run.stderr.contains("wxremind-test"), "{run}");
        clinic.assert_once_each(0..2);
    }
}

/// Everything a run could say.
fn said(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

#[test]
fn no_output_shows_the_password() {
    for database in [postgres(), mariadb()].into_iter().flatten() {
        let clinic = clinic(&database);
        add(&database, 0..1, "2026-11-30 08:30");
        let wrong = database.url.replace("wxremind-test", "hunter2");
        for (url, code) in [(&wrong, 3), (&database.url, 0)] {
            clinic.set(&settings(url));
            for more in
                [&["--dry-run", "-v"][..], &["--dry-run", "--json", "-v"], &["-v"], &["--json"]]
            {
                let run = remind(&clinic, MONDAY, more).env("RUST_LOG", "trace").run().expect(code);
                let said = said(&run);
                assert!(!said.contains("hunter2") && !said.contains("wxremind-test"), "{run}");
            }
        }
    }
}

#[test]
fn names_and_numbers_for_the_telephone_come_from_the_database() {
    for database in databases() {
        let clinic = clinic(&database);
        add(&database, 0..2, "2026-11-30 08:30");
        database.execute("DELETE FROM binding WHERE patient_id = 'P1'");
        let _ = remind(&clinic, MONDAY, &[]).run().expect(0);
        let list = ["log", "unreached", "--now", MONDAY, "--json", "--show-personal-data"];
        let people = clinic.run(list).expect(0).json();
        assert_eq!(people[0]["patient"], "张三", "{people}");
        assert_eq!(people[0]["phone"], "13800000001");
        // The list does not depend on the hospital's database.
        clinic.set(&settings("sqlite:nowhere.db"));
        let run = clinic.run(list).expect(0);
        assert!(run.stderr.contains("Names and numbers are missing"), "{run}");
        assert_eq!(run.json()[0]["appointment_id"], "Y0001");
    }
}

#[test]
fn a_prescription_finds_its_patient_in_the_database() {
    for database in databases() {
        let clinic = clinic(&database);
        add(&database, 0..2, "2026-11-30 08:30");
        let template = wechat_simulator::TEMPLATE_PRESCRIPTION;
        let more = settings(&database.url);
        clinic.settings(&format!("[templates]\nids = {{ prescription = \"{template}\" }}\n{more}"));
        let run = clinic.run(["prescribe", "--patient-id", "P1", "--ref", "RX20261123A", "--yes"]);
        let _ = run.expect(0);
        assert_eq!(clinic.simulator().messages()[0].openid, openid(1));
    }
}

#[test]
fn a_hundred_thousand_rows_go_by_in_constant_memory() {
    let peak = |database: &Database, rows: usize| {
        let sql = format!(
            "SELECT * FROM visit UNION ALL SELECT concat('X', i), 'P1', '张三', '', '2027-03-01 08:30', '李医生', '协和医院', '已预约' \
             FROM (WITH RECURSIVE d(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < 99) \
             SELECT (a.i * 100 + b.i) * 100 + c.i AS i FROM d a, d b, d c) AS n WHERE i < {rows}"
        );
        // SQLite has no function concat before 3.44.
        let sql = if database.url.starts_with("sqlite") {
            sql.replace("concat('X', i)", "'X' || i")
        } else {
            sql
        };
        let clinic = Clinic::with(&settings(&database.url));
        let mut child = remind(&clinic, MONDAY, &["--json", "--dry-run", "--query", &sql]).spawn();
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            // The highest mark so far is what is looked at; how often does not matter.
            std::thread::sleep(std::time::Duration::from_millis(20));
            most = most.max(memory(child.id()).unwrap_or(0));
        }
        let output = child.wait_with_output().unwrap();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&told["rows"], &told["due"]), (&(rows + 2).into(), &2.into()));
        most
    };
    for database in databases() {
        database.execute(TABLES);
        add(&database, 0..2, "2026-11-30 08:30");
        let (few, many) = (peak(&database, 1_000), peak(&database, 100_000));
        assert!(many < few + 16 * 1024, "{}: {few} KiB became {many} KiB", database.url);
    }
}

/// The most memory that a process has had so far, in KiB.
fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
