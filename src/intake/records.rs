//! Text becomes records: cells, and the line of the file on which they begin.

use std::io::Read;

use csv::StringRecord;
use encoding_rs::Encoding;

use super::error::Error;
use super::spool::{Bytes, Spool};
use super::text::{Allowance, END, ROW_LIMIT, Text, WIDE_COMMA};

/// Rows, wherever they come from.
pub(super) trait Rows {
    /// Reads the next row into `record`, and answers the line on which it begins, from 1; `None` at the end.
    fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, Error>;
}

/// The rows of a delimited text, one at a time.
pub(super) struct Records<'a, R> {
    spool: &'a Spool,
    reader: csv::Reader<Text<R>>,
    allowance: Allowance,
}

impl Records<'_, Bytes> {
    /// The fingerprint of all that was read.
    pub fn fingerprint(self) -> [u8; 32] {
        self.reader.into_inner().into_inner().fingerprint()
    }
}

impl<'a, R: Read> Records<'a, R> {
    /// Reads `bytes`; `spool` lends its name to errors.
    pub fn new(spool: &'a Spool, bytes: R, encoding: &'static Encoding, delimiter: u8) -> Self {
        let allowance = Allowance::default();
        let text = Text::new(bytes, encoding, allowance.clone())
            .with_wide_commas(delimiter == WIDE_COMMA)
            .with_end();
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text);
        Self { spool, reader, allowance }
    }

    /// Characters that a user of Big5 defined are no text.
    pub fn marking_user_defined(mut self, mark: bool) -> Self {
        self.reader.get_mut().mark_user_defined(mark);
        self
    }

    /// Blank lines are passed over, so the row's first line is counted back from its last.
    fn first_line(&self, record: &StringRecord) -> u64 {
        let inside = record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.reader.position().line().saturating_sub(1 + inside)
    }
}

impl<R: Read> Rows for Records<'_, R> {
    fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, Error> {
        self.allowance.renew();
        let before = self.reader.position().line();
        match self.reader.read_record(record) {
            Ok(false) => Ok(None),
            Ok(true) if record.as_slice() == END => Ok(None),
            Ok(true) if record.as_slice().trim_end().ends_with(END) => {
                // Nothing ended the row: every line end up to here is inside it, and its last cell is the open one.
                let line = opens_on(record, record.len() - 1, self.first_line(record) + 1);
                Err(Error::Unclosed { name: self.spool.name().to_owned(), line })
            }
            Ok(true) => Ok(Some(self.first_line(record))),
            Err(_) if self.allowance.is_spent() => Err(Error::TooLong {
                name: self.spool.name().to_owned(),
                line: before,
                limit: ROW_LIMIT,
            }),
            Err(error) => Err(self.spool.unreadable(error.into())),
        }
    }
}

/// The line on which a cell begins, of a row that begins on `first`.
pub(super) fn opens_on(record: &StringRecord, place: usize, first: u64) -> u64 {
    let before = record.iter().take(place).map(|cell| cell.matches('\n').count() as u64);
    first + before.sum::<u64>()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        let spool = Spool::copy(text.as_bytes(), "x").unwrap();
        let mut records = Records::new(&spool, spool.bytes().unwrap(), encoding_rs::UTF_8, b',');
        let mut record = StringRecord::new();
        let mut rows = Vec::new();
        while let Some(line) = records.next(&mut record).unwrap() {
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
        rows
    }

    #[test]
    fn a_row_is_known_by_its_own_first_line() {
        let rows = lines("a,b\r\n\r\n\n1,\"x\r\ny\"\r2,z\n\"q\n\n\",w");
        let at: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(at, [1, 4, 6, 7]);
        assert_eq!(rows[1].1, ["1", "x\ny"]);
    }

    #[test]
    fn a_quotation_mark_open_to_the_end_is_an_error_with_its_line() {
        for (text, at) in [
            ("a,b\n1,2\n3,\"x\n4,5\n", 3),
            ("a,\"b", 1),
            ("a,b\n\"\"\"\n", 2),
            // The row begins two lines before the mark.
            ("a,b\n\"1\n\n\",\"x\n4,5\n", 4),
        ] {
            let spool = Spool::copy(text.as_bytes(), "x").unwrap();
            let bytes = spool.bytes().unwrap();
            let mut records = Records::new(&spool, bytes, encoding_rs::UTF_8, b',');
            let mut record = StringRecord::new();
            let error = loop {
                match records.next(&mut record) {
                    Ok(row) => assert!(row.is_some(), "{text}"),
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, Error::Unclosed { line, .. } if line == at), "{text} {error}");
        }
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_an_error_with_its_line() {
        let text = format!("a,b\n1,2\n3,\"{}", "x\n".repeat(2_000_000));
        let spool = Spool::copy(text.as_bytes(), "x").unwrap();
        let mut records = Records::new(&spool, spool.bytes().unwrap(), encoding_rs::UTF_8, b',');
        let mut record = StringRecord::new();
        records.next(&mut record).unwrap();
        records.next(&mut record).unwrap();
        assert!(matches!(records.next(&mut record), Err(Error::TooLong { line: 3, .. })));
    }

    proptest! {
        #[test]
        fn the_line_is_where_the_row_is_written(cells in proptest::collection::vec(("[a-z]{1,3}", "[a-z\n]{0,4}", 0usize..3), 1..20)) {
            let mut text = String::new();
            let mut expected = Vec::new();
            let mut line = 1;
            for (id, cell, blank) in &cells {
                text.push_str(&"\n".repeat(*blank));
                line += *blank as u64;
                expected.push(line);
                writeln!(text, "{id},\"{cell}\"").unwrap();
                line += 1 + cell.matches('\n').count() as u64;
            }
            let at: Vec<u64> = lines(&text).into_iter().map(|(line, _)| line).collect();
            prop_assert_eq!(at, expected);
        }
    }
}
