//! `prescribe`: what a table of prescriptions says of each of its lines.

use crate::support::Desk;

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
fn a_reason_without_words_is_none() {
    let desk = Desk::with_account();
    let run =
        desk.run(["prescribe", "--openid", "oA", "--ref", "RX1", "--reassign", " "]).expect(2);
    assert!(run.stderr.contains("say why, in a few words"), "{run}");
}
