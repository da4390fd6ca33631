//! The shape of a delimited text: what divides its cells, and which row is the header.

use std::collections::BTreeMap;

use csv::StringRecord;
use encoding_rs::Encoding;

use super::alias::{meaning, normalise};
use super::cell::clean;
use super::column::Column;
use super::dates::{Rules, Trouble, When};
use super::error::Error;
use super::mapping::Head;
use super::records::{Records, Rows};
use super::settings::ColumnRef;
use super::spool::Spool;
use super::text::WIDE_COMMA;

/// What may divide cells, the likelier first: of equals the first is taken.
const DELIMITERS: [u8; 5] = [b',', b'\t', b';', b'|', WIDE_COMMA];

/// How many rows under the header are kept to tell what the columns hold.
const SAMPLES: usize = 20;

/// How many rows are looked through for the header.
const DEPTH: usize = 5000;

/// How many cells above the header are remembered, since printed reports repeat them on every page.
const TITLES: usize = 40;

/// Which columns a source must have: one of each list.
pub(super) type Needs = [&'static [Column]];

/// A delimited text's shape.
pub(super) struct Layout {
    /// What divides the cells, as [`Records`] takes it.
    pub delimiter: u8,
    /// The header and a few rows.
    pub head: Head,
    /// The cells of the rows above the header.
    pub titles: Vec<String>,
}

/// A search for the header of one source.
pub(super) struct Search<'a> {
    /// The source.
    pub spool: &'a Spool,
    /// Its first bytes.
    pub prefix: &'a [u8],
    /// The columns that the settings name.
    pub configured: &'a BTreeMap<Column, Vec<ColumnRef>>,
    /// What the header must have.
    pub needs: &'a Needs,
}

impl Search<'_> {
    /// The row that is most like a header when the bytes are in `encoding`, under the delimiter that shows most of it;
    /// `None` when there is no text at all.
    pub fn under(&self, encoding: &'static Encoding) -> Result<Option<(Score, Layout)>, Error> {
        let mut best: Option<(Score, Layout)> = None;
        for delimiter in delimiters(self.prefix, encoding) {
            let mut records = Records::new(self.spool, self.prefix, encoding, delimiter);
            let Some((score, layout)) = self.among(&mut records)? else { continue };
            let layout = Layout { delimiter, ..layout };
            if best.as_ref().is_none_or(|(so_far, _)| score > *so_far) {
                best = Some((score, layout));
            }
        }
        Ok(best)
    }

    /// The layout, if it has all that is needed; else an error that says what is missing and what there is.
    pub fn settle(&self, found: Option<(Score, Layout)>) -> Result<Layout, Error> {
        let empty = || Error::Empty { name: self.spool.name().to_owned() };
        let (score, layout) = found.ok_or_else(empty)?;
        if score.complete { Ok(layout) } else { Err(self.missing(&layout.head, self.spool.name())) }
    }
}

impl Layout {
    /// The header's cells for people, unless the row looks like a patient's data.
    pub fn header_for_people(&self) -> Vec<String> {
        if looks_like_data(&self.head.header) {
            return Vec::new();
        }
        self.head.header.iter().map(|cell| clean(cell).to_owned()).collect()
    }

    /// The delimiter for people.
    pub fn delimiter(&self) -> char {
        if self.delimiter == WIDE_COMMA { '，' } else { char::from(self.delimiter) }
    }
}

/// The delimiters to try: all, or the one that a first line `sep=;` states.
fn delimiters(prefix: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    let (start, _) = encoding.decode_with_bom_removal(&prefix[..prefix.len().min(64)]);
    let start = start.to_lowercase();
    let stated = start.trim_start_matches('"').strip_prefix("sep=");
    match stated.and_then(|rest| rest.chars().next()) {
        Some('，') => vec![WIDE_COMMA],
        Some(c) if c.is_ascii() && !c.is_ascii_alphanumeric() && c != '"' && c != '\n' => {
            vec![u8::try_from(c).unwrap_or(b',')]
        }
        _ => {
            // What is nowhere divides nothing. A full-width comma is other bytes in every encoding.
            let mut seen = DELIMITERS.to_vec();
            seen.retain(|byte| matches!(*byte, b',' | WIDE_COMMA) || prefix.contains(byte));
            seen.retain(|byte| *byte != WIDE_COMMA || has_wide_comma(prefix, encoding));
            seen
        }
    }
}

fn has_wide_comma(prefix: &[u8], encoding: &'static Encoding) -> bool {
    let (text, _) = encoding.decode_without_bom_handling(prefix);
    text.contains('，')
}

/// How much a row is like the header that is looked for; more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score {
    /// Whether every needed column is there.
    pub complete: bool,
    /// How many columns are known, by name or number.
    pub known: usize,
    /// How many columns are known by name.
    pub named: usize,
}

impl Score {
    /// How much a row is like a header with these columns.
    pub fn of(
        record: &StringRecord,
        configured: &BTreeMap<Column, Vec<ColumnRef>>,
        needs: &Needs,
    ) -> Self {
        let mut columns: Vec<Column> = Vec::new();
        for cell in record {
            if let Some(meaning) = meaning(clean(cell)) {
                columns.push(meaning.column);
            }
        }
        let mut numbered = 0;
        for (column, wanted) in configured {
            let by_name = wanted.iter().any(|wanted| matches!(wanted, ColumnRef::Header(_)));
            let found = |wanted: &ColumnRef| match wanted {
                // A number fits any row that is long enough: it proves nothing by itself.
                ColumnRef::Index(index) => (1..=record.len()).contains(index),
                ColumnRef::Header(text) => {
                    let key = normalise(text);
                    record.iter().any(|cell| {
                        cell.len() <= 4 * text.len() + 16 && normalise(clean(cell)) == key
                    })
                }
            };
            if wanted.iter().all(found) {
                numbered += usize::from(!by_name && !columns.contains(column));
                columns.push(*column);
            }
        }
        columns.sort_unstable();
        columns.dedup();
        let has = |column: &Column| {
            columns.contains(column)
                || (*column == Column::Start && columns.contains(&Column::Time))
        };
        let known = columns.len();
        Self {
            complete: needs.iter().all(|either| either.iter().any(has)),
            known,
            named: known - numbered,
        }
    }
}

impl Search<'_> {
    /// The first row that has all that is needed, else the row with most of it.
    ///
    /// Where the settings say by number which column is the date, names prove nothing: the header is then the row
    /// above the first date, and there is none when the first row has one.
    pub fn among(&self, rows: &mut dyn Rows) -> Result<Option<(Score, Layout)>, Error> {
        let dated = self.date_by_number();
        let mut best: Option<(Score, Head)> = None;
        let mut above: Option<Head> = None;
        let mut titles = Vec::new();
        let mut record = StringRecord::new();
        for _ in 0..DEPTH {
            let Some(line) = next_filled(rows, &mut record, best.is_none())? else { break };
            if let Some((Score { complete: true, .. }, head)) = &mut best {
                if head.samples.len() == SAMPLES {
                    break;
                }
                head.samples.push(record.clone());
                continue;
            }
            if let Some(place) = dated {
                if !record.get(place).is_some_and(|cell| is_date(clean(cell))) {
                    above = Some(Head { line, header: record.clone(), samples: Vec::new() });
                    continue;
                }
                let mut head = above.take().unwrap_or_else(|| Head::without_names(record.len()));
                let score = self.score(&head.header);
                head.samples.push(record.clone());
                best = Some((score, head));
                if !score.complete {
                    break;
                }
                continue;
            }
            let score = self.score(&record);
            if !score.complete && titles.len() < TITLES {
                titles.extend(
                    record.iter().map(clean).filter(|cell| !cell.is_empty()).map(str::to_owned),
                );
            }
            if best.as_ref().is_none_or(|(so_far, _)| score > *so_far) {
                let head = Head { line, header: record.clone(), samples: Vec::new() };
                best = Some((score, head));
            }
        }
        let best = best.or_else(|| above.map(|head| (self.score(&head.header), head)));
        Ok(best.map(|(score, head)| (score, Layout { delimiter: b',', head, titles })))
    }

    /// The place of the date, from 0, where the settings give it by number.
    fn date_by_number(&self) -> Option<usize> {
        match self.configured.get(&Column::Start)?.first()? {
            ColumnRef::Index(index) => index.checked_sub(1),
            ColumnRef::Header(_) => None,
        }
    }

    /// How much a row is like the header that is looked for.
    fn score(&self, record: &StringRecord) -> Score {
        Score::of(record, self.configured, self.needs)
    }

    fn missing(&self, head: &Head, source: &str) -> Error {
        let columns: Vec<Column> = head
            .header
            .iter()
            .filter_map(|cell| meaning(clean(cell)))
            .map(|meaning| meaning.column)
            .chain(self.configured.keys().copied())
            .collect();
        let missing = self
            .needs
            .iter()
            .filter(|either| !either.iter().any(|column| columns.contains(column)))
            .map(|either| either.to_vec())
            .collect();
        let found = if looks_like_data(&head.header) {
            Vec::new()
        } else {
            head.header.iter().map(|cell| clean(cell).to_owned()).collect()
        };
        Error::MissingColumns { name: source.to_owned(), line: head.line, missing, found }
    }
}

/// The next row that is not blank. A row cut off by the end of the prefix may be misread, and does no harm; only where
/// nothing came before it is it told that its quotation mark is never closed.
fn next_filled(
    rows: &mut dyn Rows,
    record: &mut StringRecord,
    first: bool,
) -> Result<Option<u64>, Error> {
    loop {
        let line = match rows.next(record) {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(Error::Unclosed { .. }) if !first => break,
            Err(error) => return Err(error),
        };
        if record.iter().any(|cell| !clean(cell).is_empty()) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

/// Whether a cell is a day, whatever the order of its parts.
pub(super) fn is_date(cell: &str) -> bool {
    let zone = jiff::tz::TimeZone::UTC;
    let rules = Rules {
        zone: &zone,
        order: None,
        instants_are_local: true,
        excel_1904: false,
        births: false,
    };
    matches!(When::read(cell, &rules), Ok(_) | Err(Trouble::NeedsOrder(_)))
}

/// Whether a row without any known name may hold a patient's data, which no error may show.
fn looks_like_data(row: &StringRecord) -> bool {
    let known = row.iter().any(|cell| meaning(clean(cell)).is_some());
    !known && has_figures(row)
}

/// Whether a cell has four digits or more, as numbers and dates have and titles have not.
pub(super) fn has_figures(row: &StringRecord) -> bool {
    row.iter().any(|cell| cell.chars().filter(|c| c.is_numeric()).count() >= 4)
}
