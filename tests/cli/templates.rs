//! The message templates.

use wechat_simulator::{TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, TEMPLATE_VISIT};

use crate::support::Desk;

#[test]
fn without_an_account_the_shipped_templates_are_listed() {
    insta::assert_snapshot!(Desk::new().run(["templates", "list"]), @"
    --- stdout
    NAME          TITLE     WECHAT ID  IN THE ACCOUNT  FROM
    prescription  电子处方  -          -               built in
    reminder      就诊提醒  -          -               built in
    --- exit 0
    ");
}

#[test]
fn the_list_holds_local_templates_and_the_accounts_against_each_other() {
    let desk = Desk::with_account();
    desk.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"gone\" }}"
    ));
    insta::assert_snapshot!(desk.run(["templates", "list"]), @"
    --- stdout
    NAME          TITLE     WECHAT ID                                    IN THE ACCOUNT  FROM
    prescription  电子处方  gone                                         NO              built in
    reminder      就诊提醒  ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY  yes             built in

    THE ACCOUNT'S     WECHAT ID                                    USED BY   KEYS
    就诊提醒          ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY  reminder  first keyword1 keyword2 keyword3 remark
    电子处方通知      -ACzc2k2b4BvS1mPrescr1pt10nOld_L1braryX0043  -         first keyword1 keyword2 keyword3 remark
    就诊提醒          Doclyl5uP7Aciu-qZ7mJNPtWkbkYnWBWVja26EGbNyk  -         thing1 time2 character_string3 thing4
    电子处方开具通知  _nWTzj1_8-E1ectr0n1cPrescr1pt10nTypedKeys43  -         character_string1 thing2 time3
    --- exit 0
    ");
}

#[test]
fn an_account_that_does_not_answer_is_a_warning_and_the_local_ones_are_listed() {
    let desk = Desk::with_account();
    let run =
        desk.program(["templates", "list"]).env("WXREMIND_APP_SECRET", "hunter2").run().expect(0);
    assert!(
        run.stdout.contains("reminder") && run.stderr.contains("own templates are not known"),
        "{run}"
    );
}

#[test]
fn a_pulled_template_is_filled_previewed_and_matches() {
    let desk = Desk::with_account();
    let id = format!("--id={TEMPLATE_VISIT}");
    insta::assert_snapshot!(desk.run(["templates", "pull", "visit", &id]), @"
    --- stdout
    Wrote templates/visit.toml: 4 of 4 fields are filled.
    See it with: wxremind templates preview visit
    --- exit 0
    ");
    insta::assert_snapshot!(desk.run(["templates", "preview", "visit"]), @"
    --- stdout
    +--------------------------------+
    | 就诊提醒                       |
    |                                |
    | 就诊科室：心内科               |
    | 就诊时间：2026年11月30日 09:00 |
    | 预约单号：A20261130007         |
    | 就诊地点：门诊楼三层           |
    +--------------------------------+
    The values are samples.
    --- exit 0
    ");
    insta::assert_snapshot!(desk.run(["templates", "check", "visit"]), @"
    --- stdout
    visit: matches the account's template
    --- exit 0
    ");
    let again = desk.run(["templates", "pull", "visit", &id]).expect(2);
    assert!(again.stderr.contains("--force"), "{again}");
    let forced = ["templates", "pull", "visit", "--force", "--id", TEMPLATE_PRESCRIPTION];
    assert!(TEMPLATE_PRESCRIPTION.starts_with('-'));
    let run = desk.run(forced).expect(0);
    assert!(run.stdout.contains("3 of 3 fields"), "{run}");
}

#[test]
fn a_sample_is_sent_to_ones_own_phone_now_or_never() {
    use wechat_simulator::{Fault, FaultKind};
    let desk = Desk::with_account();
    desk.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\" }}\n[send]\nwait_scale = 0.01\n"
    ));
    let mine = "oSampleOpenidOfTheOperator01";
    let send = ["templates", "preview", "reminder", "--send", mine];
    insta::assert_snapshot!(desk.run(send), @"
    --- stdout
    WeChat took reminder with sample values for oS***or01: see the phone.
    --- exit 0
    ");
    let _ = desk.run(send).expect(0);
    let arrived = desk.simulator().messages();
    assert_eq!((arrived.len(), arrived[0].openid.as_str()), (2, mine));
    assert_eq!(arrived[0].value("keyword1"), Some("A20261130007"));
    // It is in the record, as a test, and counts nowhere.
    let listed = desk.run(["log", "--json", "--kind", "test"]).expect(0).json();
    assert_eq!((&listed[0]["state"], listed.as_array().unwrap().len()), (&"accepted".into(), 2));
    assert_eq!(
        desk.run(["log", "stats", "--json"]).expect(0).json()["total"],
        serde_json::json!([])
    );

    for (fault, code, state) in [
        (FaultKind::Errcode(43004), 1, "failed"),
        (FaultKind::Busy, 1, "cancelled"),
        (FaultKind::DailyQuota, 6, "cancelled"),
    ] {
        desk.simulator().fault(Fault::new(fault).forever());
        let run = desk.run(send).expect(code);
        let listed = desk.run(["log", "--json", "--kind", "test"]).expect(0).json();
        assert_eq!(listed[0]["state"], state, "{run}");
        desk.simulator().clear_faults();
    }
    let wrong = desk.run(["templates", "preview", "reminder", "--send", "no openid"]).expect(2);
    assert!(wrong.stderr.contains("openid"), "{wrong}");
    let _ = desk.run(["templates", "preview", "reminder", "--send", mine, "--simulate"]).expect(0);
}

#[test]
fn an_id_that_the_account_does_not_have_is_refused() {
    let desk = Desk::with_account();
    insta::assert_snapshot!(desk.run(["templates", "pull", "visit", "--id=-unknown"]), @"
    --- stderr
    wxremind: error: No template of the account has this id; it has 4 templates.
    hint: `wxremind templates list` shows their ids; a template is added at mp.weixin.qq.com under 模板消息.
    --- exit 6
    ");
    assert!(!desk.path("templates").exists());
}

#[test]
fn a_template_that_does_not_match_is_exit_6_and_says_why() {
    let desk = Desk::with_account();
    desk.file(
        "templates/visit.toml",
        format!("template_id = \"{TEMPLATE_VISIT}\"\n[fields]\nthing1 = \"{{{{ department }}}}\"\nthing9 = \"x\"\n"),
    );
    insta::assert_snapshot!(desk.run(["templates", "check"]), @"
    --- stdout
    visit: DOES NOT MATCH the account's template
      problem: time2 (就诊时间) is not filled; WeChat would refuse every message (47003).
      problem: character_string3 (预约单号) is not filled; WeChat would refuse every message (47003).
      problem: thing4 (就诊地点) is not filled; WeChat would refuse every message (47003).
      problem: thing9 is filled, but the account's template does not have it: nobody would see it.
    --- stderr
    prescription has no WeChat template id and was not checked.
    reminder has no WeChat template id and was not checked.
    --- exit 6
    ");
}

#[test]
fn a_field_left_to_be_filled_is_exit_4_and_named() {
    let desk = Desk::with_account();
    desk.file("templates/visit.toml", "template_id = \"x\"\n[fields]\nthing1 = \"\"\n");
    insta::assert_snapshot!(desk.run(["templates", "show", "visit"]), @r#"
    --- stderr
    wxremind: error: The template visit (templates/visit.toml) has fields that are still to be filled: thing1.
    hint: Write a text between the quotes of each, such as "{{ department }}".
    hint: `wxremind templates show reminder` lists the variables.
    --- exit 4
    "#);
    let run = desk.run(["templates", "check", "visit", "--json"]).expect(4);
    assert!(run.json()[0]["error"].as_str().unwrap().contains("thing1"), "{run}");
}

#[test]
fn checking_needs_credentials_that_work() {
    let desk = Desk::with_account();
    let run = desk.program(["templates", "check"]).env("WXREMIND_APP_SECRET", "hunter2").run();
    assert_eq!(run.code, Some(5), "{run}");
    assert!(!run.stderr.contains("hunter2"), "{run}");
}

#[test]
fn the_file_can_be_printed_to_begin_an_own_one() {
    let desk = Desk::new();
    let run = desk.run(["templates", "show", "reminder", "--file"]).expect(0);
    assert_eq!(run.stdout, include_str!("../../templates/reminder.toml"));
    let shown = desk.run(["templates", "show", "reminder", "--json"]).expect(0).json();
    assert_eq!(shown["fields"][1]["texts"][0], "{{ appointment_id }}");
}

#[test]
fn an_advised_command_names_the_settings_that_this_one_was_given() {
    let desk = Desk::with_account();
    let plain = desk.run(["templates", "check"]).expect(4);
    assert!(plain.stderr.contains("`wxremind templates pull NAME --id=TEMPLATE_ID`"), "{plain}");
    let named = desk.run(["templates", "check", "--config", "wxremind.toml"]).expect(4);
    let advised = "`wxremind --config wxremind.toml templates pull NAME --id=TEMPLATE_ID`";
    assert!(named.stderr.contains(advised), "{named}");
    let words =
        ["prescribe", "--dry-run", "--openid", "oSampleOpenidOfPatient000001", "--ref", "RX-1"];
    let run = desk.run(words.into_iter().chain(["--config", "wxremind.toml"])).expect(0);
    assert!(
        run.stdout.contains("`wxremind --config wxremind.toml templates pull prescription"),
        "{run}"
    );
}
