//! Credentials: every place a secret may be in, and every way WeChat refuses it.

use wechat_simulator::{Fault, FaultKind, SAMPLE_APP_ID, SAMPLE_SECRET, Which};

use crate::support::{Desk, Run};

const SECRET: &str = "WXREMIND_APP_SECRET";

#[test]
fn status_says_where_the_secret_is_from_and_what_is_left_today() {
    let desk = Desk::with_account();
    insta::assert_snapshot!(desk.run(["auth", "status"]), @"
    --- stdout
    Account:   wx51a0000000000000
    Settings:  wxremind.toml
    Calls go:  http://[SIMULATOR]----
    Secret:    from $WXREMIND_APP_SECRET
    WeChat:    accepts it; the token lasts 7xxx s
    Quota:     100000 of 100000 template messages left today
    --- exit 0
    ");
    insta::assert_snapshot!(desk.run(["auth", "status", "--json"]), @r#"
    --- stdout
    {
      "app_id": "wx51a0000000000000",
      "account": null,
      "settings": "wxremind.toml",
      "api_base": "http://[SIMULATOR]----",
      "secret_from": "$WXREMIND_APP_SECRET",
      "works": true,
      "reached": true,
      "token_seconds": 7xxx,
      "quota": {
        "daily_limit": 100000,
        "used": 0,
        "remain": 100000
      }
    }
    --- exit 0
    "#);
}

#[test]
fn status_works_with_nothing_but_the_simulator() {
    let run = Desk::new().program(["auth", "status", "--simulate"]).without(SECRET).run().expect(0);
    assert!(run.stdout.contains("from the simulator"), "{run}");
}

#[test]
fn the_secret_is_found_in_a_systemd_credential() {
    let desk = Desk::with_account();
    desk.file("credentials/app_secret", format!("{SAMPLE_SECRET}\n"));
    let run = desk
        .program(["auth", "status"])
        .without(SECRET)
        .env("CREDENTIALS_DIRECTORY", desk.path("credentials"))
        .run()
        .expect(0);
    assert!(
        run.to_string().contains("from the credential [DESK]/work/credentials/app_secret"),
        "{run}"
    );
}

#[test]
fn the_secret_is_found_by_a_command_whose_standard_error_is_passed_on() {
    let desk = Desk::new();
    desk.file("vault", SAMPLE_SECRET);
    with_secret_command(&desk, r#"["sh", "-c", "echo unlocking >&2; cat vault"]"#);
    let run = desk.program(["auth", "status"]).without(SECRET).run().expect(0);
    assert!(run.stdout.contains("from secret_command (sh)"), "{run}");
    assert_eq!(run.stderr, "unlocking\n");
}

#[test]
fn a_command_that_fails_is_named() {
    let desk = Desk::new();
    with_secret_command(&desk, r#"["false", "an-argument"]"#);
    insta::assert_snapshot!(desk.program(["auth", "status"]).without(SECRET).run(), @"
    --- stderr
    wxremind: error: secret_command (false) did not give the app secret: it ended with exit status: 1.
    --- exit 4
    ");
    with_secret_command(&desk, r#"["no-such-vault"]"#);
    insta::assert_snapshot!(desk.program(["auth", "status"]).without(SECRET).run(), @"
    --- stderr
    wxremind: error: secret_command (no-such-vault) did not give the app secret: No such file or directory (os error 2).
    --- exit 4
    ");
}

#[test]
fn without_any_secret_every_place_that_was_tried_is_listed() {
    let desk = Desk::with_account();
    let run = desk.program(["auth", "status"]).without(SECRET).run();
    insta::assert_snapshot!(run, @"
    --- stderr
    wxremind: error: No app secret for wx51a0000000000000 was found:
      $WXREMIND_APP_SECRET is not set
      $CREDENTIALS_DIRECTORY is not set
      secret_command is not set
      the keyring is not available: zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory (os error 2)
    hint: Store it with `wxremind auth login`, or set secret_command or $WXREMIND_APP_SECRET.
    --- exit 4
    ");
    assert_eq!(desk.simulator().requests().tokens, 0);
}

#[test]
fn a_wrong_secret_is_exit_5() {
    let desk = Desk::with_account();
    insta::assert_snapshot!(desk.program(["auth", "status"]).env(SECRET, "wrong").run(), @"
    --- stdout
    Account:   wx51a0000000000000
    Settings:  wxremind.toml
    Calls go:  http://[SIMULATOR]----
    Secret:    from $WXREMIND_APP_SECRET
    WeChat:    did not accept it
    --- stderr
    wxremind: error: WeChat refused the call (40125): The AppSecret is wrong, or was reset in the console.
    hint: The operator enters the current AppSecret again. If nobody has it, an administrator resets it in the console (设置与开发 → 基本配置); every other system of the account then needs the new one too.
    hint: `wxremind explain 40125` says more, also in Chinese.
    hint: The secret that was tried comes from $WXREMIND_APP_SECRET.
    --- exit 5
    ");
}

#[test]
fn an_address_that_is_not_whitelisted_is_named() {
    insta::assert_snapshot!(refused(40164, Which::Token, &["auth", "status"]), @"
    --- stdout
    Account:   wx51a0000000000000
    Settings:  wxremind.toml
    Calls go:  http://[SIMULATOR]----
    Secret:    from $WXREMIND_APP_SECRET
    WeChat:    did not accept it
    --- stderr
    wxremind: error: WeChat does not accept calls from this machine's address, 203.0.113.7 (40164).
    hint: Add 203.0.113.7 at mp.weixin.qq.com under 设置与开发 > 基本配置 > IP白名单 (IP whitelist), then try again.
    --- exit 5
    ");
}

#[test]
fn an_address_that_is_not_whitelisted_is_named_by_token_too() {
    insta::assert_snapshot!(refused(40164, Which::Token, &["auth", "token"]), @"
    --- stderr
    wxremind: error: WeChat does not accept calls from this machine's address, 203.0.113.7 (40164).
    hint: Add 203.0.113.7 at mp.weixin.qq.com under 设置与开发 > 基本配置 > IP白名单 (IP whitelist), then try again.
    --- exit 5
    ");
}

#[test]
fn an_account_that_may_not_ask_for_its_quota_still_has_working_credentials() {
    insta::assert_snapshot!(refused(48001, Which::Path("/cgi-bin/openapi/quota/get".to_owned()), &["auth", "status"]), @"
    --- stdout
    Account:   wx51a0000000000000
    Settings:  wxremind.toml
    Calls go:  http://[SIMULATOR]----
    Secret:    from $WXREMIND_APP_SECRET
    WeChat:    accepts it; the token lasts 7xxx s
    Quota:     not known
    --- stderr
    wxremind: warning: The quota left today is not known. WeChat refused the call (48001): The account may not make this call: template messages need a verified service account (认证服务号), and a mini-program's app id does not serve.
    --- exit 0
    ");
}

#[test]
fn a_frozen_secret_is_exit_5() {
    let run = refused(40243, Which::Token, &["auth", "token"]).expect(5);
    assert!(run.stderr.contains("40243"), "{run}");
}

#[test]
fn no_connection_is_told_without_the_token_or_secret() {
    let desk = Desk::new();
    let run = desk
        .program(["auth", "token", "-vv"])
        .env("WXREMIND_APP_ID", SAMPLE_APP_ID)
        .env("WXREMIND_API_BASE", "http://127.0.0.1:1")
        .run()
        .expect(1);
    assert!(!run.stderr.contains(SAMPLE_SECRET) && run.stderr.contains("caused by:"), "{run}");
}

#[test]
fn without_a_network_status_judges_nothing() {
    let run = Desk::new()
        .program(["auth", "status"])
        .env("WXREMIND_APP_ID", SAMPLE_APP_ID)
        .env("WXREMIND_API_BASE", "http://127.0.0.1:1")
        .run();
    insta::assert_snapshot!(run, @"
    --- stdout
    Account:   wx51a0000000000000
    Settings:  no file; built-in values and environment
    Calls go:  http://127.0.0.1:1
    Secret:    from $WXREMIND_APP_SECRET
    WeChat:    was not reached, so nobody knows whether it accepts it
    --- stderr
    wxremind: error: No connection to WeChat; check the network, DNS, proxy and TLS (/cgi-bin/stable_token).
    --- exit 1
    ");
}

#[test]
fn a_token_shows_its_beginning_and_is_whole_only_when_asked_for() {
    let desk = Desk::with_account();
    let short = desk.run(["auth", "token"]).expect(0);
    let whole = desk.run(["auth", "token", "--reveal"]).expect(0);
    let token = whole.stdout.trim();
    assert!(token.len() > 100 && !short.stdout.contains(&token[..8]), "{short}");
    assert!(
        short.stdout.contains(&format!("The token {}… is valid for another 7", &token[..4])),
        "{short}"
    );
    let verbose = desk.run(["auth", "token", "-vv"]).expect(0);
    assert!(
        !verbose.to_string().contains(&token[..8]) && !verbose.stderr.contains(SAMPLE_SECRET),
        "{verbose}"
    );
}

#[test]
fn login_tries_the_secret_and_says_what_to_do_without_a_keyring() {
    let desk = Desk::with_account();
    let login = ["auth", "login", "--secret-stdin"];
    insta::assert_snapshot!(desk.program(login).stdin(SAMPLE_SECRET).run(), @"
    --- stderr
    wxremind: error: WeChat accepts the credentials of wx51a0000000000000, but they are not stored: the keyring is not available: zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory (os error 2).
    hint: On a server, use secret_command in [account], LoadCredential=app_secret:FILE in the systemd unit,
    hint: or set $WXREMIND_APP_SECRET in a file that only the job's user can read.
    --- exit 4
    ");
    assert_eq!(desk.simulator().requests().tokens, 1);
    let _ = desk.program(login).stdin("wrong\n").run().expect(5);
    insta::assert_snapshot!(desk.program(login).run(), @"
    --- stderr
    wxremind: error: No secret could be read from standard input: it is empty.
    --- exit 2
    ");
    insta::assert_snapshot!(desk.run(["auth", "login"]), @"
    --- stderr
    wxremind: error: There is no terminal to ask for the secret at.
    hint: Pipe it in: wxremind auth login --secret-stdin < FILE
    --- exit 2
    ");
}

#[test]
fn login_without_an_account_needs_an_app_id() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.program(["auth", "login", "--secret-stdin"]).stdin(SAMPLE_SECRET).run(), @"
    --- stderr
    wxremind: error: There is no terminal to ask for the app id at.
    hint: Add --app-id APPID, or set app_id in [account] of wxremind.toml.
    --- exit 2
    ");
    insta::assert_snapshot!(desk.run(["auth", "login", "--secret-stdin", "--app-id", "gh_123"]), @r#"
    --- stderr
    wxremind: error: The app id is not one: it is "wx" and 16 digits or letters a to f.
    --- exit 2
    "#);
}

#[test]
fn logout_says_that_there_is_no_keyring() {
    insta::assert_snapshot!(Desk::with_account().run(["auth", "logout"]), @"
    --- stderr
    wxremind: error: Nothing was removed: the keyring is not available: zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory (os error 2).
    --- exit 4
    ");
}

/// A run during which WeChat answers these calls with this code.
fn refused(code: i64, at: Which, words: &[&str]) -> Run {
    let desk = Desk::with_account();
    desk.simulator().fault(Fault::new(FaultKind::Errcode(code)).at(at).forever());
    desk.run(words.iter().copied())
}

fn with_secret_command(desk: &Desk, command: &str) {
    let base = desk.base_url();
    let text = format!(
        "[account]\napp_id = \"{SAMPLE_APP_ID}\"\napi_base = \"{base}\"\nsecret_command = {command}\n"
    );
    desk.file("wxremind.toml", text);
}
