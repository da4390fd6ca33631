//! Single checks, the exit codes, and that looking leaves no trace.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use wechat_simulator::{Fault, FaultKind, TEMPLATE_REMINDER, Which};

use super::{APPOINTMENTS, CONTACTS, NOW, SECRET, WEBHOOK_SECRET, doctor, in_order, settings};
use crate::support::{Desk, Run, mode};

/// What breaks something.
type Harm = fn(&Desk);

/// The check of this name, as `status: message | fix`.
fn check(run: &Run, name: &str) -> String {
    let json = run.json();
    let checks = json["checks"].as_array().unwrap();
    // Whatever is not in order says what to do.
    for check in checks {
        assert_eq!(check["status"] == "pass", check["fix"].is_null(), "{check}");
    }
    let found = checks.iter().find(|check| check["check"] == name);
    let found = found.unwrap_or_else(|| panic!("no check {name} in\n{run}"));
    let text = |key: &str| found[key].as_str().unwrap_or("-").to_owned();
    format!("{}: {} | {}", text("status"), text("message"), text("fix"))
}

/// What would tell that a file was touched: its permissions, its time and what is in it.
type Trace = (u32, Option<(SystemTime, Vec<u8>)>);

/// Every file and folder below, with its permissions; of a file also when it was changed and what is in it. (SQLite makes
/// and removes files beside a ledger that is read, so a folder's own time tells nothing.)
fn everything(folder: &Path) -> BTreeMap<String, Trace> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            let inside = path.is_file().then(|| (changed, fs::read(&path).unwrap()));
            found.insert(path.display().to_string(), (mode(&path), inside));
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[test]
fn an_address_that_is_not_whitelisted_is_named_and_is_exit_5() {
    let desk = in_order();
    desk.simulator().fault(Fault::new(FaultKind::Errcode(40164)).at(Which::Token).times(9));
    let run = doctor(&desk, &["--json"]).expect(5);
    insta::assert_snapshot!(check(&run, "account.token"), @"fail: WeChat does not accept calls from this machine's address, 203.0.113.7 (40164). | Add 203.0.113.7 at mp.weixin.qq.com under 设置与开发 > 基本配置 > IP白名单 (IP whitelist), then try again.");
    assert_eq!(run.json()["overall"], "fail");
    assert_eq!(run.json()["exit_code"], 5);
    assert_eq!(desk.simulator().requests().tokens, 1, "asked once");
}

#[test]
fn whatever_fails_says_what_to_do() {
    let no_answer = [FaultKind::BadGateway, FaultKind::HtmlOk, FaultKind::CloseBefore];
    let desk = in_order();
    for fault in no_answer {
        desk.simulator().fault(Fault::new(fault).at(Which::Token).times(1));
        let run = doctor(&desk, &["--json"]).expect(5);
        assert!(check(&run, "account.token").contains("curl -v http"), "{run}");
        desk.simulator().clear_faults();
    }
    for fault in no_answer {
        for path in ["/cgi-bin/openapi/quota/get", "/cgi-bin/template/get_all_private_template"] {
            desk.simulator().fault(Fault::new(fault).at(Which::Path(path.to_owned())).times(9));
        }
        let run = doctor(&desk, &["--json"]).expect(6);
        assert!(check(&run, "account.quota").starts_with("warn"), "{run}");
        assert!(check(&run, "templates.account").starts_with("fail"), "{run}");
        desk.simulator().clear_faults();
    }
    for (variable, value, name) in [
        ("WXREMIND_API_BASE", "http://example.org", "account.id"),
        ("WXREMIND_LEDGER", "nowhere", "settings.file"),
        ("WXREMIND_CONFIG", "/nowhere.toml", "settings.file"),
    ] {
        let run = desk.program(["doctor", "--json"]).env(variable, value).run().expect(4);
        assert!(check(&run, name).starts_with("fail"), "{run}");
    }
}

#[test]
fn each_kind_of_failure_has_its_code_and_the_settings_go_first() {
    let broken: [(&str, i32, Harm); 5] = [
        ("source.file", 3, |desk| fs::remove_file(desk.path("appointments.csv")).unwrap()),
        ("ledger.record", 7, |desk| drop(desk.file("ledger.db", [b'x'; 200]))),
        ("templates.reminder", 6, |desk| {
            let text = format!("template_id = \"{TEMPLATE_REMINDER}\"\n[fields]\nthing9 = \"x\"\n");
            fs::create_dir_all(desk.home("config/wxremind/templates")).unwrap();
            fs::write(desk.home("config/wxremind/templates/reminder.toml"), text).unwrap();
        }),
        ("account.token", 5, |desk| {
            let fault = Fault::new(FaultKind::BadGateway).at(Which::Token).times(99);
            desk.simulator().fault(fault);
        }),
        ("settings.file", 4, |desk| {
            fs::write(desk.home("config/wxremind/wxremind.toml"), "[remnd]\n").unwrap();
        }),
    ];
    let desk = in_order();
    // Each breaks one thing more, and its kind goes before those of the ones before it.
    for (name, code, harm) in broken {
        harm(&desk);
        let run = doctor(&desk, &["--json"]).expect(code);
        assert!(check(&run, name).starts_with("fail: "), "{run}");
        assert_eq!(run.json()["exit_code"], code);
    }
}

#[test]
fn settings_that_cannot_be_read_are_named_with_their_place() {
    let desk = Desk::new();
    desk.file("wxremind.toml", "[remind]\ndayz = [7]\n");
    insta::assert_snapshot!(desk.run(["doctor"]), @"
    --- stdout
    fail  settings.file  wxremind.toml:2:1: unknown key dayz in [remind].
                         Fix: Did you mean days?

    Not checked:
      everything else: it needs the settings

    0 passed, 0 to look at, 1 failed: exit code 4.
    --- exit 4
    ");
}

#[test]
fn a_clock_that_is_minutes_off_is_a_warning() {
    let desk = in_order();
    desk.simulator().advance(Duration::from_mins(10));
    let run = doctor(&desk, &["--json"]).expect(0);
    let told = check(&run, "clock.time");
    // The test itself takes a while.
    assert!(
        told.starts_with("warn: This machine's clock is ") && told.contains("behind WeChat's"),
        "{told}"
    );
    assert!(told.contains("timedatectl"), "{told}");
}

#[test]
fn a_record_that_cron_would_not_use_is_a_warning() {
    let desk = in_order();
    let run = |variable: Option<&str>| {
        let program = desk.program(["doctor", "--offline", "--json"]);
        let program = program.env(WEBHOOK_SECRET.0, WEBHOOK_SECRET.1);
        match variable {
            Some(ledger) => program.env("WXREMIND_LEDGER", ledger).run(),
            None => program.run(),
        }
    };
    assert!(check(&run(None), "ledger.cron").starts_with("pass"));
    let told = check(&run(Some("sqlite:other.db")), "ledger.cron");
    assert!(told.starts_with("warn: The ledger is set by a variable of this terminal"), "{told}");
    // A bare name lies in the folder where the command is run.
    let told = check(&run(Some("sqlite:ledger.db")), "ledger.place");
    assert!(told.starts_with("pass"), "{told}");
    // What lies in this folder is found by nobody who starts elsewhere.
    desk.settings("");
    let told = check(&run(None), "settings.file");
    assert!(told.starts_with("warn") && told.contains("--config /"), "{told}");
    let told = check(&run(None), "settings.others");
    assert!(told.starts_with("warn: Not read") && told.contains("config/wxremind/"), "{told}");
}

#[test]
fn offline_asks_nobody_and_runs_no_command() {
    let desk = in_order();
    let file = desk.home("config/wxremind/wxremind.toml");
    let text = fs::read_to_string(&file).unwrap();
    let asked = desk.path("asked");
    let command = format!("[account]\nsecret_command = [\"touch\", \"{}\"]\n", asked.display());
    fs::write(&file, text.replace("[account]\n", &command)).unwrap();
    let run = desk.program(["doctor", "--offline", "--json", "--now", NOW]);
    let run = run.without(SECRET).env(WEBHOOK_SECRET.0, WEBHOOK_SECRET.1).run().expect(0);
    assert!(!asked.exists(), "{run}");
    assert_eq!(desk.simulator().requests().paths.values().sum::<u64>(), 0, "{run}");
    let not_checked: Vec<_> = run.json()["not_checked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["check"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        not_checked,
        ["clock.time", "account.secret", "account.token", "account.quota", "templates.account"]
    );
}

#[test]
fn rows_that_would_be_rejected_are_counted_and_nobody_is_named() {
    let desk = in_order();
    let text = APPOINTMENTS;
    desk.file(
        "appointments.csv",
        text.replace("2026-11-30,14:30", "2026-11-30,halb drei").replace("已取消", "神秘"),
    );
    let run = doctor(&desk, &[]).expect(0);
    for personal in ["张三", "赵小宝", "13800000001", "00012345", "oSampleOpenid", "YY2026"] {
        assert!(!run.stdout.contains(personal), "{run}");
    }
    let rows = run.stdout.split("source.rows").nth(1).unwrap().split("\n\n").next().unwrap();
    insta::assert_snapshot!(rows, @"
    9 rows, 7 of them on 2026-11-30: 5 would be reminded, if nobody has been. 2 would be rejected.
                       1  the time cannot be read        write it as 2026-11-30 09:00
                       1  the status is not on any list  name it under [source.status], as also, hold or never
                     Fix: `wxremind remind --dry-run` lists them with their lines.
    ");
}

#[test]
fn a_spent_quota_is_a_warning_that_says_what_becomes_of_the_rest() {
    let desk =
        Desk::with_simulator(wechat_simulator::Settings { daily_quota: 3, ..Default::default() });
    desk.file("appointments.csv", APPOINTMENTS);
    settings(&desk, "");
    desk.file("contacts.csv", CONTACTS);
    let run = doctor(&desk, &["--json"]).expect(0);
    let told = check(&run, "account.quota");
    assert!(told.starts_with("warn: 3 of 3") && told.contains("5 visits are due"), "{told}");
}

#[test]
fn looking_changes_nothing_and_makes_nothing() {
    for (desk, has_run) in [(in_order(), true), (in_order(), false), (Desk::new(), false)] {
        if has_run {
            let _ = desk.run(["remind", "--now", NOW, "--yes"]);
        }
        let folder = desk.path("").parent().unwrap().to_owned();
        let (before, sent) = (everything(&folder), desk.simulator().messages().len());
        let _ = doctor(&desk, &[]);
        let _ = doctor(&desk, &["--offline", "--json"]);
        let after = everything(&folder);
        assert!(before == after, "{:?}\n{:?}", before.keys(), after.keys());
        assert_eq!(desk.simulator().messages().len(), sent);
        assert_eq!(desk.path("ledger.db").exists(), has_run);
    }
}

#[test]
fn colours_are_for_terminals_and_never_in_json() {
    let desk = in_order();
    assert!(!doctor(&desk, &[]).stdout.contains('\u{1b}'));
    let painted = doctor(&desk, &["--color", "always"]).stdout;
    assert!(painted.starts_with("\u{1b}[1;32mpass\u{1b}[0m  settings.file"), "{painted}");
    let _ = doctor(&desk, &["--color", "always", "--json"]).json();
}

#[test]
fn the_help_tells_the_exit_codes() {
    let help = Desk::new().run(["doctor", "-h"]).expect(0).stdout;
    let codes = help.split("Exit codes:").nth(1).unwrap();
    let told: Vec<&str> =
        codes.lines().filter_map(|line| line.strip_prefix("  ")?.split("  ").next()).collect();
    assert_eq!(told, ["0", "4", "5", "6", "7", "3"], "{help}");
}
