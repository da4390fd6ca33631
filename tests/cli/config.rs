//! The settings: where they come from, what goes before what, and every complaint.

use wechat_simulator::SAMPLE_APP_ID;

use crate::support::{Desk, set_mode};

/// The complaint about a settings file, without its first words that all have in common.
fn complaint(settings: &str) -> String {
    let desk = Desk::new();
    desk.file("wxremind.toml", settings);
    let run = desk.run(["auth", "token"]);
    assert_eq!(run.code, Some(4), "{settings}\n{run}");
    run.stderr.trim_end().replace("wxremind: error: ", "")
}

#[test]
fn no_settings_at_all() {
    insta::assert_snapshot!(Desk::new().run(["auth", "status"]), @"");
}

#[test]
fn a_file_that_is_not_there() {
    insta::assert_snapshot!(Desk::new().run(["auth", "status", "--config", "nowhere.toml"]), @"");
}

#[test]
fn an_unknown_key_names_place_and_nearest_key() {
    let desk = Desk::new();
    desk.file(
        "wxremind.toml",
        "time_zone = \"Asia/Shanghai\"\n\n[send]\nrate = 20\nconcurency = 4\n",
    );
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"");
}

#[test]
fn every_complaint_names_line_column_and_what_is_right() {
    let complaints: Vec<String> = [
        "time_zon = \"Asia/Tokyo\"",
        "zzz = 1",
        "time_zone = \"China\"",
        "time_zone = 8",
        "ledger = \"ledger.db\"",
        "[ledger]\nkeep_day = 3",
        "[ledger]\nkeep_days = 0",
        "[account]\napp_id = \"gh_0123456789ab\"",
        "[account]\napi_base = \"http://api.weixin.qq.com\"",
        "[account]\nsecret = \"hunter2\"",
        "[account]\nsecret_command = \"pass show wechat\"",
        "[accounts.north]\napp_ip = \"x\"",
        "accounts = 3",
        "[defaults]\nhospitl = \"x\"",
        "[source]\nurl = \"mongodb://x\"",
        "[source]\nencoding = \"gb18031\"",
        "[source]\nday_order = \"dmy\"",
        "[source.columns]\nstrat = \"就诊日期\"",
        "[source.columns]\nstart = []",
        "[source.columns]\nstart = [0]",
        "[source.status]\nremind = \"已预约\"",
        "[source.sessions]\n上午 = \"8am\"",
        "[contacts]\nkey = \"name\"",
        "[remind]\ndays = [7, \"3\"]",
        "[remind]\ncatch_up = -1",
        "[remind]\nmin_notice = \"soon\"",
        "[remind]\non_unknown = \"ask\"",
        "[templates]\nids = { reminder = \"a b\" }",
        "[privacy]\nmask_names = \"no\"",
        "[send]\nrate = \"fast\"",
        "[send]\nrate = 5000",
        "[send]\nconcurrency = 1.5",
        "[send]\nquiet_hours = \"at night\"",
        "[send]\nwait_scale = 2",
        "[send]\nproxy = \"proxy:3128\"",
        "[webhook]\nurl = \"http://example.org/hook\"",
        "[serve]\nlisten = \"8080\"",
        "[send\nrate = 3",
        "[account]\napp_id = \"a\"\napp_id = \"b\"",
    ]
    .iter()
    .map(|settings| format!("{settings}\n    → {}", complaint(settings).replace('\n', "\n      ")))
    .collect();
    insta::assert_snapshot!(complaints.join("\n"), @"");
}

#[test]
fn a_secret_in_the_settings_is_never_shown() {
    for settings in [
        "[account]\nsecret = \"hunter2\"",
        "[account]\napp_id = hunter2",
        "ledger = \"postgrs://u:hunter2@db/x\"",
    ] {
        assert!(!complaint(settings).contains("hunter2"), "{settings}");
    }
}

#[test]
fn what_is_for_rehearsals_is_refused_with_a_real_account() {
    let real = "[account]\napp_id = \"wx0123456789abcdef\"\n";
    insta::assert_snapshot!(complaint(&format!("{real}[send]\nwait_scale = 0.1")), @"");
    insta::assert_snapshot!(complaint(&format!("{real}[send]\nrate = 0")), @"");
}

#[test]
fn the_nearest_file_counts_and_variables_and_flags_go_before_it() {
    let desk = Desk::new();
    let named = |app_id: &str| {
        format!("[account]\napp_id = \"{app_id}\"\napi_base = \"{}\"\n", desk.base_url())
    };
    let used = |program: crate::support::Program<'_>| {
        program.run().json()["app_id"].as_str().unwrap().to_owned()
    };
    let status = ["auth", "status", "--json"];
    std::fs::create_dir_all(desk.home("config/wxremind")).unwrap();
    std::fs::write(desk.home("config/wxremind/wxremind.toml"), named("home")).unwrap();
    assert_eq!(used(desk.program(status)), "home");
    desk.file("wxremind.toml", named("here"));
    assert_eq!(used(desk.program(status)), "here");
    desk.file("variable.toml", named("variable"));
    assert_eq!(used(desk.program(status).env("WXREMIND_CONFIG", "variable.toml")), "variable");
    desk.file("flag.toml", named("flag"));
    let flagged = desk.program(status.into_iter().chain(["--config", "flag.toml"]));
    assert_eq!(used(flagged.env("WXREMIND_CONFIG", "variable.toml")), "flag");
    assert_eq!(used(desk.program(status).env("WXREMIND_APP_ID", "set")), "set");
}

#[test]
fn an_account_is_chosen_by_name() {
    let desk = Desk::new();
    let base = desk.base_url();
    let account = |name: &str| {
        format!("[accounts.{name}]\napp_id = \"{SAMPLE_APP_ID}\"\napi_base = \"{base}\"\n")
    };
    desk.file("wxremind.toml", account("north") + &account("south"));
    assert_eq!(
        desk.run(["auth", "status", "--json", "--account", "north"]).expect(0).json()["account"],
        "north"
    );
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"");
    insta::assert_snapshot!(desk.run(["auth", "status", "--account", "west"]), @"");
}

#[test]
fn a_wrong_variable_is_named() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.program(["auth", "status"]).env("WXREMIND_API_BASE", "http://example.org").run(), @"");
    insta::assert_snapshot!(desk.program(["auth", "status"]).env("WXREMIND_APP_ID", "12").run(), @"");
    insta::assert_snapshot!(desk.program(["auth", "status"]).env("WXREMIND_LEDGER", "12").run(), @"");
}

#[test]
fn a_password_that_others_can_read_is_warned_of() {
    let desk = Desk::new();
    desk.settings("[webhook]\nurl = \"https://hooks.example.org/?sig=1\"");
    assert_eq!(desk.run(["auth", "status"]).expect(0).stderr, "");
    set_mode(&desk.path("wxremind.toml"), 0o644);
    let run = desk.run(["auth", "status", "--quiet"]).expect(0);
    insta::assert_snapshot!(run.stderr, @"");
}

#[test]
fn a_file_with_a_byte_order_mark_is_read_and_one_that_is_no_text_is_refused() {
    let desk = Desk::new();
    desk.file(
        "wxremind.toml",
        "\u{feff}[account]\napp_id = \"x\"\napi_base = \"http://127.0.0.1:1\"\n",
    );
    let _ = desk.run(["auth", "status"]).expect(1);
    desk.file("wxremind.toml", b"\xff\xfe");
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"");
}
