//! One result as a table, as JSON or as CSV.

use std::fmt::Display;

use clap::ValueEnum;
use serde::Serialize;

use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::sanitise;
use crate::cli::ui::Ui;

/// How a list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people.
    #[default]
    Table,
    /// One JSON value.
    Json,
    /// Comma-separated values for spreadsheet programs.
    Csv,
}

/// What can be written as CSV.
pub trait Rows {
    /// The header.
    fn header(&self) -> Vec<&'static str>;
    /// The cells of each row.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// Hands the value over in this form; `--json` is the same as `--format json`.
pub fn show<T: Display + Serialize + Rows>(
    ui: &mut Ui,
    format: Option<Format>,
    value: &T,
) -> Result<(), CommandError> {
    match format {
        Some(Format::Csv) if ui.json() => {
            Err(CommandError::usage("--json and --format csv exclude each other."))
        }
        Some(Format::Csv) => {
            let bytes = csv(value).map_err(|error| {
                CommandError::new(Exit::Partly, "The result could not be written as CSV.")
                    .caused_by(error)
            })?;
            ui.raw(&bytes)
        }
        Some(Format::Json) => ui.out_json(value),
        Some(Format::Table) | None => ui.out(value),
    }
}

/// UTF-8 with a byte order mark, without which Excel reads Chinese text as something else.
fn csv(value: &impl Rows) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record(value.header())?;
    for row in value.rows() {
        writer.write_record(row.iter().map(|cell| safe(cell)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell on one line, without characters that act on a terminal, that a spreadsheet program neither runs as a formula
/// nor destroys as a number: an apostrophe goes before a formula, before more digits than it keeps, and before a zero
/// that it would drop.
fn safe(cell: &str) -> String {
    let cell = sanitise::line(cell);
    let cell = cell.trim();
    let digits = cell.bytes().all(|byte| byte.is_ascii_digit());
    let destroyed = digits && (cell.len() > 15 || cell.len() > 1 && cell.starts_with('0'));
    // Programs in Chinese and Japanese take the wide signs too.
    let formula = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if destroyed || formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sample(Vec<Vec<String>>);

    impl Rows for Sample {
        fn header(&self) -> Vec<&'static str> {
            vec!["patient", "phone"]
        }

        fn rows(&self) -> Vec<Vec<String>> {
            self.0.clone()
        }
    }

    #[test]
    fn a_spreadsheet_reads_chinese_runs_no_formula_and_destroys_no_number() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let sample = Sample(vec![
            row("王,小明", "13800000001"),
            row("=HYPERLINK(\"x\")", "+8613800000001"),
            row("@a", "02087654321"),
            row("1234567890123456", "0"),
            row("\t=1+1", "\r\n＝A1\u{1b}[2J"),
            row("two\nlines\u{0}", "\u{202e}-1"),
        ]);
        let text = String::from_utf8(csv(&sample).unwrap()).unwrap();
        insta::assert_snapshot!(text.trim_start_matches('\u{feff}'), @r#"
        patient,phone
        "王,小明",13800000001
        "'=HYPERLINK(""x"")",'+8613800000001
        '@a,'02087654321
        '1234567890123456,0
        '=1+1,'＝A1
        two lines,'-1
        "#);
        assert!(text.starts_with('\u{feff}'));
    }
}
