//! What a stranger reads first.

use crate::support::Desk;

#[test]
fn without_arguments_the_help_is_shown_and_that_is_a_usage_error() {
    let run = Desk::new().run([]);
    insta::assert_snapshot!(run, @"");
}

#[test]
fn the_verbs_of_auth() {
    let run = Desk::new().run(["auth", "--help"]);
    insta::assert_snapshot!(run, @"");
}

#[test]
fn help_of_every_verb() {
    let desk = Desk::new();
    let help = |words: &[&str]| desk.run(words.iter().copied().chain(["--help"])).expect(0).stdout;
    // The part that is the same everywhere is shown above.
    let own = |words: &[&str]| help(words).split("Everywhere:").next().unwrap().to_owned();
    let verbs: [&[&str]; 8] = [
        &["auth", "login"],
        &["auth", "status"],
        &["auth", "token"],
        &["auth", "logout"],
        &["simulator"],
        &["explain"],
        &["completions"],
        &["man"],
    ];
    let shown: Vec<String> = verbs.iter().map(|words| own(words)).collect();
    insta::assert_snapshot!(shown.join("=====\n"), @"");
}

#[test]
fn global_options_stand_before_or_after_the_verb() {
    let desk = Desk::new();
    let before = desk.run(["--json", "explain", "-1"]).expect(0);
    let after = desk.run(["explain", "-1", "--json"]).expect(0);
    assert_eq!(before.json(), after.json());
}

#[test]
fn an_unknown_verb_is_a_usage_error() {
    insta::assert_snapshot!(Desk::new().run(["remnd"]), @"");
}

#[test]
fn completions_and_manual_are_written() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(desk.run(["completions", shell]).expect(0).stdout.contains("wxremind"), "{shell}");
    }
    assert!(desk.run(["man"]).expect(0).stdout.starts_with(".ie"));
    let _ = desk.run(["man", "--out", "pages"]).expect(0);
    assert!(desk.path("pages/wxremind-auth-login.1").exists());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::io::Read;
    let mut child = Desk::new().program(["explain"]).spawn();
    // Closed unread: the program finds a broken pipe at its first byte or later.
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
