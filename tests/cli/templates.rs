//! The message templates.

use wechat_simulator::{TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, TEMPLATE_VISIT};

use crate::support::Desk;

#[test]
fn without_an_account_the_shipped_templates_are_listed() {
    insta::assert_snapshot!(Desk::new().run(["templates", "list"]), @"");
}

#[test]
fn the_list_holds_local_templates_and_the_accounts_against_each_other() {
    let desk = Desk::with_account();
    desk.settings(&format!("[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"gone\" }}"));
    insta::assert_snapshot!(desk.run(["templates", "list"]), @"");
}

#[test]
fn an_account_that_does_not_answer_is_a_warning_and_the_local_ones_are_listed() {
    let desk = Desk::with_account();
    let run = desk.program(["templates", "list"]).env("WXREMIND_APP_SECRET", "wrong").run().expect(0);
    assert!(run.stdout.contains("reminder") && run.stderr.contains("own templates are not known"), "{run}");
}

#[test]
fn a_pulled_template_is_filled_previewed_and_matches() {
    let desk = Desk::with_account();
    let id = format!("--id={TEMPLATE_VISIT}");
    insta::assert_snapshot!(desk.run(["templates", "pull", "visit", &id]), @"");
    insta::assert_snapshot!(desk.run(["templates", "preview", "visit"]), @"");
    insta::assert_snapshot!(desk.run(["templates", "check", "visit"]), @"");
    let again = desk.run(["templates", "pull", "visit", &id]).expect(2);
    assert!(again.stderr.contains("--force"), "{again}");
    let forced = ["templates", "pull", "visit", "--force", "--id", TEMPLATE_PRESCRIPTION];
    assert!(TEMPLATE_PRESCRIPTION.starts_with('-'));
    let run = desk.run(forced).expect(0);
    assert!(run.stdout.contains("3 of 3 fields"), "{run}");
}

#[test]
fn an_id_that_the_account_does_not_have_is_refused() {
    let desk = Desk::with_account();
    insta::assert_snapshot!(desk.run(["templates", "pull", "visit", "--id=-unknown"]), @"");
    assert!(!desk.path("templates").exists());
}

#[test]
fn a_template_that_does_not_match_is_exit_6_and_says_why() {
    let desk = Desk::with_account();
    desk.file(
        "templates/visit.toml",
        format!("template_id = \"{TEMPLATE_VISIT}\"\n[fields]\nthing1 = \"{{{{ department }}}}\"\nthing9 = \"x\"\n"),
    );
    insta::assert_snapshot!(desk.run(["templates", "check"]), @"");
}

#[test]
fn a_field_left_to_be_filled_is_exit_4_and_named() {
    let desk = Desk::with_account();
    desk.file("templates/visit.toml", "template_id = \"x\"\n[fields]\nthing1 = \"\"\n");
    insta::assert_snapshot!(desk.run(["templates", "show", "visit"]), @"");
    let run = desk.run(["templates", "check", "visit", "--json"]).expect(4);
    assert!(run.json()[0]["error"].as_str().unwrap().contains("thing1"), "{run}");
}

#[test]
fn checking_needs_credentials_that_work() {
    let desk = Desk::with_account();
    let run = desk.program(["templates", "check"]).env("WXREMIND_APP_SECRET", "wrong").run();
    assert_eq!(run.code, Some(5), "{run}");
    assert!(!run.stderr.contains("wrong"), "{run}");
}

#[test]
fn the_file_can_be_printed_to_begin_an_own_one() {
    let desk = Desk::new();
    let run = desk.run(["templates", "show", "reminder", "--file"]).expect(0);
    assert_eq!(run.stdout, include_str!("../../templates/reminder.toml"));
    let shown = desk.run(["templates", "show", "reminder", "--json"]).expect(0).json();
    assert_eq!(shown["fields"][1]["texts"][0], "{{ appointment_id }}");
}
