//! The settings: where they come from, what goes before what, and every complaint.

use wechat_simulator::SAMPLE_APP_ID;

use crate::support::{Desk, mode, set_mode};

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
    insta::assert_snapshot!(Desk::new().run(["auth", "status"]), @r#"
    --- stderr
    wxremind: error: No app id is set.
    hint: Write wxremind.toml with: [account] app_id = "wx…"; or set $WXREMIND_APP_ID.
    hint: Without an account, --simulate rehearses with the built-in simulator.
    --- exit 4
    "#);
}

#[test]
fn a_file_that_is_not_there() {
    insta::assert_snapshot!(Desk::new().run(["auth", "status", "--config", "nowhere.toml"]), @"
    --- stderr
    wxremind: error: There is no settings file nowhere.toml.
    hint: Check the path given by --config or $WXREMIND_CONFIG.
    --- exit 4
    ");
}

#[test]
fn an_unknown_key_names_place_and_nearest_key() {
    let desk = Desk::new();
    desk.file(
        "wxremind.toml",
        "time_zone = \"Asia/Shanghai\"\n\n[send]\nrate = 20\nconcurency = 4\n",
    );
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"
    --- stderr
    wxremind: error: wxremind.toml:5:1: unknown key concurency in [send].
    hint: Did you mean concurrency?
    --- exit 4
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of mistakes and one of complaints")]
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
        "[account]\nsecert = \"hunter2\"",
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
        "[serve.keys]\nvendor = \"sha256:00\"",
        "[serve.keys.vendor]\nscopes = [\"receipts\"]",
        "[serve.keys.vendor]\nhash = \"hunter2\"\nscopes = [\"receipts\"]",
        "[send\nrate = 3",
        "[account]\napp_id = \"a\"\napp_id = \"b\"",
    ]
    .iter()
    .map(|settings| format!("{settings}\n    → {}", complaint(settings).replace('\n', "\n      ")))
    .collect();
    insta::assert_snapshot!(complaints.join("\n"), @r#"
    time_zon = "Asia/Tokyo"
        → wxremind.toml:1:1: unknown key time_zon.
          hint: Did you mean time_zone?
    zzz = 1
        → wxremind.toml:1:1: unknown key zzz.
          hint: The keys here are: source, contacts, time_zone, defaults, ledger, remind, prescribe, templates, privacy, send, webhook, serve, account, accounts.
    time_zone = "China"
        → wxremind.toml:1:13: time_zone must be a time zone such as "Asia/Shanghai".
    time_zone = 8
        → wxremind.toml:1:13: time_zone must be text in quotation marks, not a number.
    ledger = "ledger.db"
        → wxremind.toml:1:10: ledger must be "sqlite:///path/ledger.db" or "postgres://host/database".
    [ledger]
    keep_day = 3
        → wxremind.toml:2:1: unknown key keep_day in [ledger].
          hint: Did you mean keep_days?
    [ledger]
    keep_days = 0
        → wxremind.toml:2:13: [ledger] keep_days must be a whole number from 1 to 36500.
    [account]
    app_id = "gh_0123456789ab"
        → wxremind.toml:2:10: [account] app_id must be "wx" and 16 digits or letters a to f, as mp.weixin.qq.com shows it under Settings and Development.
    [account]
    api_base = "http://api.weixin.qq.com"
        → wxremind.toml:2:12: [account] api_base must be an https address such as "https://api.weixin.qq.com"; plain http only to this machine.
    [account]
    secret = "hunter2"
        → wxremind.toml:2:10: [account] secret does not belong in the settings file: store it with `wxremind auth login`, or set secret_command.
    [account]
    secret_command = "pass show wechat"
        → wxremind.toml:2:18: [account] secret_command must be a list of texts, as ["a", "b"], not text.
    [account]
    secert = "hunter2"
        → wxremind.toml:2:1: unknown key secert in [account].
          hint: Did you mean secret_command?
    [accounts.north]
    app_ip = "x"
        → wxremind.toml:2:1: unknown key app_ip in [accounts.north].
          hint: Did you mean app_id?
    accounts = 3
        → wxremind.toml:1:12: accounts must be a section, not a number.
    [defaults]
    hospitl = "x"
        → wxremind.toml:2:1: unknown key hospitl in [defaults].
          hint: Did you mean hospital?
    [source]
    url = "mongodb://x"
        → wxremind.toml:2:7: [source] url must be a file, "-", or a database address that begins with sqlite:, postgres:, mysql: or odbc:.
    [source]
    encoding = "gb18031"
        → wxremind.toml:2:12: [source] encoding must be an encoding such as utf-8, gb18030, gbk, big5, utf-16le, utf-16be; the nearest is gb18030.
    [source]
    day_order = "dmy"
        → wxremind.toml:2:13: [source] day_order must be "day-first" or "month-first".
    [source.columns]
    strat = "就诊日期"
        → wxremind.toml:2:1: unknown key strat in [source.columns].
          hint: Did you mean start?
    [source.columns]
    start = []
        → wxremind.toml:2:9: [source.columns] start must not be empty.
    [source.columns]
    start = [0]
        → wxremind.toml:2:10: [source.columns] start must be a column's title, its number from 1, or a list of these, as ["就诊日期", "时段"].
    [source.status]
    remind = "已预约"
        → wxremind.toml:2:10: [source.status] remind must be a list of texts, as ["a", "b"], not text.
    [source.sessions]
    上午 = "8am"
        → wxremind.toml:2:1: not valid TOML: invalid unquoted key, expected letters, numbers, `-`, `_`.
          hint: A key with Chinese characters needs quotation marks, as "上午" = "08:00".
    [contacts]
    key = "name"
        → wxremind.toml:2:7: [contacts] key must be "patient_id" or "phone".
    [remind]
    days = [7, "3"]
        → wxremind.toml:2:12: [remind] days must be a whole number from 0 to 365, not text.
    [remind]
    catch_up = -1
        → wxremind.toml:2:12: [remind] catch_up must be a whole number from 0 to 365.
    [remind]
    min_notice = "soon"
        → wxremind.toml:2:14: [remind] min_notice must be a time span such as "30s", "15m" or "2h".
    [remind]
    on_unknown = "ask"
        → wxremind.toml:2:14: [remind] on_unknown must be "resend" or "wait".
    [templates]
    ids = { reminder = "a b" }
        → wxremind.toml:2:20: [templates.ids] reminder must be a template id.
    [privacy]
    mask_names = "no"
        → wxremind.toml:2:14: [privacy] mask_names must be true or false, not text.
    [send]
    rate = "fast"
        → wxremind.toml:2:8: [send] rate must be a number from 0 to 1000, not text.
    [send]
    rate = 5000
        → wxremind.toml:2:8: [send] rate must be a number from 0 to 1000.
    [send]
    concurrency = 1.5
        → wxremind.toml:2:15: [send] concurrency must be a whole number from 1 to 100, not a number with a point.
    [send]
    quiet_hours = "at night"
        → wxremind.toml:2:15: [send] quiet_hours must be two times such as "21:00-08:00".
    [send]
    wait_scale = 2
        → wxremind.toml:2:14: [send] wait_scale must be a number from 0 to 1.
    [send]
    proxy = "proxy:3128"
        → wxremind.toml:2:9: [send] proxy must be an address such as "http://proxy.example:3128".
    [webhook]
    url = "http://example.org/hook"
        → wxremind.toml:2:7: [webhook] url must be an https address; plain http only to this machine.
    [serve]
    listen = "8080"
        → wxremind.toml:2:10: [serve] listen must be an address and port such as "127.0.0.1:8080".
    [serve.keys]
    vendor = "sha256:00"
        → wxremind.toml:2:10: [serve.keys] vendor must be a section, not text.
    [serve.keys.vendor]
    scopes = ["receipts"]
        → wxremind.toml:1:1: [serve.keys] vendor needs a hash.
    [serve.keys.vendor]
    hash = "hunter2"
    scopes = ["receipts"]
        → wxremind.toml:2:8: [serve.keys.vendor] hash must be "sha256:" and 64 hexadecimal digits, as `wxremind serve key` prints it.
    [send
    rate = 3
        → wxremind.toml:1:6: not valid TOML: unclosed table, expected `]`.
    [account]
    app_id = "a"
    app_id = "b"
        → wxremind.toml:3:1: not valid TOML: duplicate key.
    "#);
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
    insta::assert_snapshot!(complaint(&format!("{real}[send]\nwait_scale = 0.1")), @"
    The settings have [send] wait_scale below 1, which is for rehearsals only.
    hint: Remove it, or use --simulate or a simulator on this machine.
    ");
    insta::assert_snapshot!(complaint(&format!("{real}[send]\nrate = 0")), @"
    The settings have [send] rate = 0 (unlimited), which is for rehearsals only.
    hint: Remove it, or use --simulate or a simulator on this machine.
    ");
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
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"
    --- stderr
    wxremind: error: The settings have several accounts and none was chosen.
    hint: Choose one with --account: north, south.
    --- exit 4
    ");
    insta::assert_snapshot!(desk.run(["auth", "status", "--account", "west"]), @"
    --- stderr
    wxremind: error: No section [accounts.west] in the settings.
    hint: Choose one with --account: north, south.
    --- exit 4
    ");
}

#[test]
fn a_wrong_variable_is_named() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.program(["auth", "status"]).env("WXREMIND_API_BASE", "http://example.org").run(), @r#"
    --- stderr
    wxremind: error: $WXREMIND_API_BASE must be an https address such as "https://api.weixin.qq.com"; plain http only to this machine.
    --- exit 4
    "#);
    insta::assert_snapshot!(desk.program(["auth", "status"]).env("WXREMIND_APP_ID", "12").run(), @r#"
    --- stderr
    wxremind: error: $WXREMIND_APP_ID must be "wx" and 16 digits or letters a to f, as mp.weixin.qq.com shows it under Settings and Development.
    --- exit 4
    "#);
    insta::assert_snapshot!(desk.program(["auth", "status"]).env("WXREMIND_LEDGER", "12").run(), @r#"
    --- stderr
    wxremind: error: $WXREMIND_LEDGER must be "sqlite:///path/ledger.db" or "postgres://host/database".
    --- exit 4
    "#);
}

#[test]
fn a_password_that_others_can_read_is_warned_of() {
    let desk = Desk::new();
    desk.settings("[webhook]\nurl = \"https://hooks.example.org/?sig=1\"");
    assert_eq!(desk.run(["auth", "status"]).expect(0).stderr, "");
    assert_eq!(mode(&desk.path("wxremind.toml")), 0o600);
    set_mode(&desk.path("wxremind.toml"), 0o644);
    let run = desk.run(["auth", "status", "--quiet"]).expect(0);
    insta::assert_snapshot!(run.stderr, @"wxremind: warning: Others on this machine can read wxremind.toml, which holds a password ([webhook] url); run: chmod 600 wxremind.toml");
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
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"
    --- stderr
    wxremind: error: Cannot read the settings file wxremind.toml: it is not UTF-8 text.
    --- exit 4
    ");
}
