//! What the program says of values it cannot take: in its own words, with what to do.

use crate::support::Desk;

#[test]
fn a_value_of_the_command_line_is_refused_in_words() {
    let desk = Desk::new();
    let mut said = Vec::new();
    for words in [
        &["remind", "--days", "x"][..],
        &["remind", "--days", "-1"],
        &["remind", "--days", "7,8000"],
        &["remind", "--date", "2026-02-31"],
        &["remind", "--limit", "-5"],
        &["remind", "--rate", "fast"],
        &["remind", "--catch-up", "x"],
        &["remind", "--max-send", "1e3"],
        &["log", "list", "--limit", "x"],
        &["log", "list", "--run", "x"],
        &["log", "events", "--limit", "-1"],
        &["log", "cancel", "--date", "30.11."],
        &["doctor", "--days", "x"],
        &["simulator", "--port", "80000"],
        &["explain", "x"],
    ] {
        let run = desk.run(words.iter().copied()).expect(2);
        said.push(run.stderr.lines().next().unwrap_or_default().to_owned());
    }
    insta::assert_snapshot!(said.join("\n"), @"
    error: invalid value 'x' for '--days <N[,M]>': write whole numbers of days from 0 to 365, such as 7, or 7,1 for two stages
    error: invalid value '-1' for '--days <N[,M]>': write whole numbers of days from 0 to 365, such as 7, or 7,1 for two stages
    error: invalid value '8000' for '--days <N[,M]>': write whole numbers of days from 0 to 365, such as 7, or 7,1 for two stages
    error: invalid value '2026-02-31' for '--date <YYYY-MM-DD>': there is no such day; write it as 2026-11-30
    error: invalid value '-5' for '--limit <COUNT>': write a whole number, such as 7
    error: invalid value 'fast' for '--rate <RATE>': write a number of messages a second, such as 20
    error: invalid value 'x' for '--catch-up <K>': write whole numbers of days from 0 to 365, such as 7, or 7,1 for two stages
    error: invalid value '1e3' for '--max-send <COUNT>': write a whole number, such as 7
    error: invalid value 'x' for '--limit <N>': write a whole number, such as 7
    error: invalid value 'x' for '--run <RUN>': write a run's id whole, as `wxremind log show` and the JSON of a run show it
    error: invalid value '-1' for '--limit <N>': write a whole number, such as 7
    error: invalid value '30.11.' for '--date <DATE>': there is no such day; write it as 2026-11-30
    error: invalid value 'x' for '--days <N[,M]>': write whole numbers of days from 0 to 365, such as 7, or 7,1 for two stages
    error: invalid value '80000' for '--port <PORT>': the number is too large
    error: invalid value 'x' for '[CODE]': write a number, such as 40001 or -1
    ");
}

#[test]
fn a_span_that_ends_before_it_begins_is_refused() {
    let desk = Desk::new();
    let days = ["--since", "2026-11-25", "--until", "2026-11-01"];
    insta::assert_snapshot!(desk.run(["log", "list"].into_iter().chain(days)), @"
    --- stderr
    wxremind: error: --until is not after --since: nothing lies between.
    hint: Give the earlier day to --since and the later one to --until.
    --- exit 2
    ");
    let same = ["log", "list", "--since", "2026-11-25", "--until", "2026-11-25"];
    let _ = desk.run(same).expect(0);
}

#[test]
fn days_in_quotation_marks_are_told_from_days() {
    let desk = Desk::new();
    desk.file("wxremind.toml", "[remind]\ndays = \"7\"\n");
    insta::assert_snapshot!(desk.run(["remind", "--dry-run", "a.csv"]), @r#"
    --- stderr
    wxremind: error: wxremind.toml:2:8: [remind] days must be numbers without quotation marks, as days = [7] or [7, 1].
    --- exit 4
    "#);
}

#[test]
fn a_missing_file_is_missing_and_nothing_has_a_number_of_the_system() {
    let desk = Desk::new();
    for words in [
        &["remind", "--days", "7", "--dry-run", "nowhere.csv"][..],
        &["prescribe", "--dry-run", "--from", "nowhere.csv"],
    ] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(desk.run(words.iter().copied()), @"
            --- stderr
            wxremind: error: nowhere.csv cannot be opened (there is no such file or folder).
            hint: Check the path; a relative one begins where the command is run, in wxremind.toml beside that file.
            --- exit 3
            ");
        }
    }
}

#[test]
fn the_code_of_success_is_explained_too() {
    insta::assert_snapshot!(Desk::new().run(["explain", "0"]), @"
    --- stdout
    0  ok

    No error: WeChat did what it was asked. A message was accepted; that it was delivered, only a
    receipt says (`wxremind serve`).

    请求成功。对消息而言，仅表示微信已受理；是否送达以回执为准（`wxremind serve`）。
    --- exit 0
    ");
}

#[test]
fn json_says_which_templates_could_not_be_checked() {
    let desk = Desk::with_account();
    let run = desk.run(["templates", "check", "--json"]).expect(4);
    let checked = run.json();
    assert_eq!(checked[0]["name"], "prescription", "{run}");
    assert_eq!(checked[1]["matches"], false, "{run}");
    assert!(checked[1]["error"].as_str().unwrap().contains("no WeChat template id"), "{run}");
}

#[test]
fn of_several_status_columns_the_one_that_does_not_allow_is_named_with_how_to_declare_it() {
    let desk = Desk::new();
    let row = |id: &str, flag: &str| {
        format!("{id},oSampleOpenidOfPatient0000{id},2026-11-30 09:00,已预约,{flag}\n")
    };
    let header = "预约号,openid,就诊时间,状态,退号标志\n";
    desk.file("two.csv", format!("{header}{}{}", row("01", ""), row("02", "0")));
    let words = ["remind", "--days", "7", "--now", "2026-11-23", "--dry-run", "two.csv"];
    insta::assert_snapshot!(desk.run(words), @r#"
    --- stderr
    wxremind: error: two.csv: none of the 2 rows in the window has a known status (it has “退号标志=”, “退号标志=0”). Nothing was sent.
    hint: All status columns must allow. Name what means a booked visit as it stands here, with its column, even where the cell is empty: [source.status] also = ["COLUMN=WORD"] in wxremind.toml.
    --- exit 3
    "#);
    desk.file("wxremind.toml", "[source.status]\nalso = [\"退号标志=\", \"退号标志=0\"]\n");
    let run = desk.run(words.into_iter().chain(["--json"])).expect(0);
    assert_eq!(run.json()["due"], 2, "{run}");
}

#[test]
fn one_row_is_not_counted_as_several() {
    let desk = Desk::new();
    let row = "A1,oSampleOpenidOfPatient000001,2026-11-30 09:00,其他\n";
    desk.file("one.csv", format!("appointment_id,openid,start,status\n{row}"));
    let words = ["remind", "--days", "7", "--now", "2026-11-23", "--dry-run", "one.csv"];
    let run = desk.run(words).expect(3);
    assert!(
        run.stderr.contains("one.csv: not even the only row in the window has a known status"),
        "{run}"
    );
}
