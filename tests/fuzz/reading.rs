//! What every reader promises, whatever the bytes: rows in order, each counted once, and the same rows each time.

use jiff::civil::{Date, date};
use wxremind::intake::{Error, Reading, Row, Settings, Source};

/// The days of the samples.
const WANTED: (Date, Date) = (date(2026, 11, 30), date(2026, 12, 2));

/// One row as far as a reader may be held to it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    line: u64,
    day: Option<Date>,
    refused: bool,
}

/// Reads everything twice: every day, then only some, which must be the same rows without the other days.
pub fn check(bytes: &[u8]) {
    let Ok((all, reading)) = read(bytes, &Settings::default()) else { return };
    assert_eq!(reading.rows, all.len() as u64 + reading.elsewhere, "every row is counted once");
    let wanted = Settings { wanted_days: Some(WANTED.0..=WANTED.1), ..Settings::default() };
    let (some, narrow) = read(bytes, &wanted).expect("what can be read once can be read twice");
    assert_eq!(narrow.rows, reading.rows, "the days that are wanted do not change what is a row");
    let expected: Vec<&Seen> = all
        .iter()
        .filter(|seen| {
            !seen.refused && seen.day.is_some_and(|day| WANTED.0 <= day && day <= WANTED.1)
        })
        .collect();
    let found: Vec<&Seen> = some.iter().filter(|seen| !seen.refused).collect();
    assert_eq!(expected, found, "no visit of a wanted day is lost, none is invented");
}

fn read(bytes: &[u8], settings: &Settings) -> Result<(Vec<Seen>, Reading), Error> {
    let mut source = Source::from_reader(bytes, "fuzz", settings)?;
    let _ = format!("{:?}", source.understanding());
    let mut rows = Vec::new();
    let reading = source.rows(|row| {
        rows.push(match row {
            Row::Visit(visit) => {
                Seen { line: visit.line, day: Some(visit.start.date), refused: false }
            }
            Row::Refused(refused) => Seen {
                line: refused.refusal.line,
                day: refused.start.as_ref().map(|start| start.date),
                refused: true,
            },
        });
    })?;
    Ok((rows, reading))
}
