//! The dictionary of return codes.

use crate::support::Desk;

#[test]
fn a_negative_code_is_explained_in_both_languages() {
    insta::assert_snapshot!(Desk::new().run(["explain", "-1"]), @"");
}

#[test]
fn one_language_may_be_asked_for() {
    insta::assert_snapshot!(Desk::new().run(["explain", "43004", "--lang", "zh"]), @"");
}

#[test]
fn a_code_that_nobody_knows_is_a_usage_error() {
    insta::assert_snapshot!(Desk::new().run(["explain", "12345678"]), @"");
}

#[test]
fn without_a_code_all_are_listed() {
    let desk = Desk::new();
    let list = desk.run(["explain"]).expect(0).stdout;
    for code in ["-1 ", "40001", "40164", "43004", "45009", "47003"] {
        assert!(list.lines().any(|line| line.starts_with(code)), "{code} in\n{list}");
    }
    let entries = desk.run(["explain", "--json"]).expect(0).json().as_array().unwrap().len();
    assert_eq!(entries + 1, list.lines().count());
}
