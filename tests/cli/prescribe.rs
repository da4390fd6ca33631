//! `prescribe`: what a table of prescriptions says of each of its lines, and what a dry run says before anything is sent.

use crate::support::{Desk, Run};

const OPENID: &str = "oSampleOpenidOfPatient000001";

#[test]
fn every_refused_line_of_a_table_is_named_even_the_last_and_the_only_one() {
    let desk = Desk::new();
    let header = "openid,reference\n";
    let bad = "oSampleOpenidOfPatient000001,1.2E+19\n";
    for (lines, named) in [(1, 1), (3, 3)] {
        desk.file("table.csv", format!("{header}{}", bad.repeat(lines)));
        for manner in [&["--simulate", "--dry-run"][..], &["--simulate"]] {
            let words = ["prescribe", "--from", "table.csv", "--json"];
            let run = desk.run(words.into_iter().chain(manner.iter().copied())).expect(1);
            assert_eq!(run.json()["rejected"].as_array().unwrap().len(), named, "{run}");
        }
    }
}

#[test]
fn a_line_is_named_once() {
    let desk = Desk::new();
    desk.file("table.csv", format!("openid,reference\n{OPENID}\n{OPENID},1.2E+19\nhalf,RX-1\n"));
    let words = ["prescribe", "--simulate", "--dry-run", "--from", "table.csv"];
    insta::assert_snapshot!(desk.run(words), @r#"
    --- stdout
    Not sent: line 2: the row has another number of cells than the header (1 cell, and the header has 2).
      hint: quote cells that contain the delimiter, or export again
    Not sent: line 3: reference: a spreadsheet program has destroyed the value (a spreadsheet turned the number into one with an exponent; export it as text).
      hint: export again without opening the file in a spreadsheet program
    Not sent: line 4: the openid cannot be one (it has 4 characters).
      hint: Copy it whole: an openid has about 28 letters, digits, hyphens and underscores, and begins with o.
    Nothing was sent: this was a dry run.
    --- exit 1
    "#);
    let said = desk.run(words.into_iter().chain(["--json"])).expect(1).json();
    assert!(said["rejected"][0]["reason"].as_str().unwrap().starts_with("the row has"), "{said}");
    assert_eq!(said["exit_code"], 1);
}

fn dry_run(desk: &Desk, more: &[&str]) -> Run {
    let usual = ["prescribe", "--dry-run", "--now", "2026-11-23 08:00"];
    desk.run(usual.into_iter().chain(more.iter().copied()))
}

#[test]
fn a_dry_run_refuses_what_a_real_run_would() {
    let desk = Desk::new();
    let mut said = Vec::new();
    for words in [
        &["--openid", OPENID, "--ref", "####"][..],
        &["--openid", OPENID, "--ref", "=\"1.2E+19\""],
        &["--openid", OPENID, "--ref", "12345678901230000000"],
        &["--openid", "short", "--ref", "RX-1"],
        &["--openid", "o 123456789012345678901234567", "--ref", "RX-1"],
        &["--openid", OPENID, "--ref", "RX-1", "--issued", "2099-01-01"],
        &["--openid", OPENID, "--ref", "RX-1", "--issued", "2026-11-24", "--expires", "2026-11-23"],
        &["--openid", OPENID, "--ref", "RX-1", "--url", "hospital.example/rx"],
    ] {
        said.push(dry_run(&desk, words).expect(3).stderr);
    }
    insta::assert_snapshot!(said.concat(), @r#"
    wxremind: error: The prescription was not sent: the reference is destroyed (a spreadsheet saved ### because the column was too narrow).
    hint: Copy it from the hospital's system itself, not from a spreadsheet.
    wxremind: error: The prescription was not sent: the reference is destroyed (a spreadsheet turned the number into one with an exponent; export it as text).
    hint: Copy it from the hospital's system itself, not from a spreadsheet.
    wxremind: error: The prescription was not sent: the reference is destroyed (a spreadsheet keeps 15 digits and wrote zeros for the rest; export it as text).
    hint: Copy it from the hospital's system itself, not from a spreadsheet.
    wxremind: error: The prescription was not sent: the openid cannot be one (it has 5 characters).
    hint: Copy it whole: an openid has about 28 letters, digits, hyphens and underscores, and begins with o.
    wxremind: error: The prescription was not sent: the openid cannot be one (it has 29 characters).
    hint: Copy it whole: an openid has about 28 letters, digits, hyphens and underscores, and begins with o.
    wxremind: error: The prescription was not sent: it would be issued on 2099年1月1日 00:00, which is more than a day ahead.
    hint: Check --issued. A prescription is sent once it is issued; until when it holds is --expires.
    wxremind: error: The prescription was not sent: it can be collected only until before it is issued.
    hint: Check --issued and --expires.
    wxremind: error: The prescription was not sent: the link must begin with https:// or http:// and have no spaces.
    hint: Write the whole address, as in --url https://hospital.example/rx; a blank in it is written %20.
    "#);
}

#[test]
fn a_dry_run_says_that_the_template_has_no_id() {
    let desk = Desk::with_account();
    let run = dry_run(&desk, &["--openid", OPENID, "--ref", "RX-1"]).expect(0);
    let lacks = "Not yet to be sent: The template prescription (built in) has no WeChat template id.\n  hint: `wxremind templates pull prescription --id=TEMPLATE_ID`";
    assert!(run.stdout.contains(lacks), "{run}");
    let run = dry_run(&desk, &["--openid", OPENID, "--ref", "RX-1", "--json"]).expect(0);
    assert_eq!(
        (run.json()["notes"].as_array().unwrap().len(), &run.json()["exit_code"]),
        (1, &0.into()),
        "{run}"
    );
    // A rehearsal has ids of its own.
    let run = dry_run(&desk, &["--openid", OPENID, "--ref", "RX-1", "--simulate"]).expect(0);
    assert!(!run.stdout.contains("no WeChat template id"), "{run}");
}

#[test]
fn a_reference_means_the_same_typed_or_in_a_table() {
    let desk = Desk::new();
    for (written, tail) in
        [("=\"00012345\"", "2345"), ("'00012345", "2345"), (" 00012345\u{a0}", "2345")]
    {
        let typed =
            dry_run(&desk, &["--openid", OPENID, "--ref", written, "--json"]).expect(0).json();
        desk.file(
            "table.csv",
            format!(
                "\u{feff}openid,reference\n{OPENID},{}\n",
                written.replace('"', "\"\"").replace("=\"\"00012345\"\"", "\"=\"\"00012345\"\"\"")
            ),
        );
        let listed = dry_run(&desk, &["--from", "table.csv", "--json"]).expect(0).json();
        for said in [typed, listed] {
            assert_eq!(said["prescriptions"][0]["reference"], format!("***{tail}"), "{written}");
        }
    }
}

#[test]
fn a_reason_without_words_is_none() {
    let desk = Desk::with_account();
    let run =
        desk.run(["prescribe", "--openid", "oA", "--ref", "RX1", "--reassign", " "]).expect(2);
    assert!(run.stderr.contains("say why, in a few words"), "{run}");
}
