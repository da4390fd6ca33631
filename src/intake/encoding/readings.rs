//! How a text of which nothing tells the encoding reads in each that it could be in: for a person to choose.

use csv::StringRecord;
use encoding_rs::{BIG5, Encoding, GB18030, WINDOWS_1252};

use super::super::alias::meaning;
use super::super::cell::clean;
use super::super::column::Column;
use super::super::error::{Error, Unlike};
use super::super::layout::{Layout, Score, Search};
use super::super::records::{Records, Rows};
use super::evidence::Evidence;
use crate::domain::privacy::mask_name;

/// How many rows are looked through for a cell that tells the encodings apart.
const DEPTH: usize = 10_000;

/// The error that shows the headers, and where these are the same the first cell that is not.
pub(super) fn ambiguous(search: &Search<'_>, evidence: &Evidence) -> Result<Error, Error> {
    let mut candidates = vec![GB18030, BIG5];
    let has_errors =
        |encoding: &&'static Encoding| encoding.decode_without_bom_handling(evidence.bytes()).1;
    // `José` in Singapore's spreadsheets is neither.
    if candidates.iter().all(has_errors) {
        candidates.push(WINDOWS_1252);
    }
    let mut layouts = Vec::new();
    for encoding in &candidates {
        layouts.push(search.under(encoding)?.map(|(_, layout): (Score, Layout)| layout));
    }
    let header = |layout: &Option<Layout>| {
        layout.as_ref().map(Layout::header_for_people).unwrap_or_default()
    };
    let readings: Vec<(&'static str, Vec<String>)> = candidates
        .iter()
        .zip(&layouts)
        .map(|(encoding, layout)| (encoding.name(), header(layout)))
        .collect();
    let same = readings.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let unlike = match layouts.first() {
        Some(Some(layout)) if same => first_unlike(search, &candidates, layout)?,
        _ => None,
    };
    Ok(Error::AmbiguousEncoding { name: search.spool.name().to_owned(), readings, unlike })
}

/// The first cell below the header that reads differently, one that is not personal before one that is.
fn first_unlike(
    search: &Search<'_>,
    candidates: &[&'static Encoding],
    layout: &Layout,
) -> Result<Option<Unlike>, Error> {
    let mut all = Vec::new();
    for encoding in candidates {
        let bytes = search.spool.bytes()?;
        all.push(Records::new(search.spool, bytes, encoding, layout.delimiter));
    }
    let mut rows = vec![StringRecord::new(); all.len()];
    let mut personal = None;
    for _ in 0..DEPTH {
        let mut line = None;
        for (records, row) in all.iter_mut().zip(&mut rows) {
            line = records.next(row).ok().flatten();
        }
        let Some(line) = line else { break };
        if line <= layout.head.line {
            continue;
        }
        for place in 0..rows[0].len() {
            let header = layout.head.header.get(place).map_or("", clean);
            let shown: Vec<String> =
                rows.iter().map(|row| show(header, row.get(place).map_or("", clean))).collect();
            if shown.windows(2).all(|pair| pair[0] == pair[1]) {
                continue;
            }
            let is_personal = !is_plain(header);
            let readings = candidates.iter().map(|encoding| encoding.name()).zip(shown).collect();
            let unlike = Unlike { line, header: header.to_owned(), readings };
            if !is_personal {
                return Ok(Some(unlike));
            }
            personal = personal.or(Some(unlike));
        }
    }
    Ok(personal)
}

/// Whether a column holds what may be shown to anybody.
fn is_plain(header: &str) -> bool {
    meaning(header).is_some_and(|meaning| {
        matches!(
            meaning.column,
            Column::Department
                | Column::Doctor
                | Column::Hospital
                | Column::Campus
                | Column::Location
                | Column::Status
                | Column::Start
                | Column::Time
        )
    })
}

fn show(header: &str, cell: &str) -> String {
    if is_plain(header) { Column::Start.show(cell) } else { mask_name(cell) }
}
