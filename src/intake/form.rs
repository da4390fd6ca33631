//! What holds a table: a delimited text in some encoding, or a sheet of a workbook.

use std::collections::BTreeMap;
use std::io;

use encoding_rs::Encoding;
use jiff::tz::TimeZone;

use super::binary;
use super::column::Column;
use super::encoding;
use super::error::Error;
use super::layout::{Layout, Needs, Search};
use super::records::{Records, Rows};
use super::settings::ColumnRef;
use super::spool::Spool;
use super::workbook::{self, Kind};

/// What must be known to open a table.
pub(super) struct Wish<'a> {
    /// The columns that the settings name.
    pub columns: &'a BTreeMap<Column, Vec<ColumnRef>>,
    /// What the header must have.
    pub needs: &'a Needs,
    /// The encoding's name, where it is set.
    pub encoding: Option<&'a str>,
    /// The clinic's zone, which tells where Big5 is at home.
    pub zone: &'a TimeZone,
    /// The sheet's name, where it is set.
    pub sheet: Option<&'a str>,
}

/// What holds a table.
pub(super) enum Form {
    /// A delimited text.
    Text {
        /// Its encoding.
        encoding: &'static Encoding,
        /// How the encoding was found, for people.
        because: String,
        /// Whether characters that a user of Big5 defined are no text.
        marks_user_defined: bool,
        /// What divides the cells.
        delimiter: u8,
    },
    /// A sheet of a workbook.
    Sheet {
        /// The workbook's kind.
        kind: Kind,
        /// The sheet's name.
        name: String,
    },
}

impl Form {
    /// Finds the table in a source, with its header.
    pub fn open(spool: &Spool, prefix: &[u8], wish: &Wish<'_>) -> Result<(Self, Layout), Error> {
        let search = Search { spool, prefix, configured: wish.columns, needs: wish.needs };
        if let Some(kind) = workbook::recognise(prefix) {
            return Self::open_sheet(kind, &search, wish.sheet);
        }
        binary::refuse(prefix, spool.name())?;
        let choice = encoding::choose(&search, wish.encoding, wish.zone)?;
        let layout = search.settle(choice.layout)?;
        let form = Self::Text {
            encoding: choice.encoding,
            because: choice.because,
            marks_user_defined: choice.marks_user_defined,
            delimiter: layout.delimiter,
        };
        Ok((form, layout))
    }

    /// The only sheet that has all that is needed, of those that can be seen; or the one that is asked for.
    fn open_sheet(
        kind: Kind,
        search: &Search<'_>,
        wanted: Option<&str>,
    ) -> Result<(Self, Layout), Error> {
        let (mut best, mut complete) = (None, Vec::new());
        let source = || search.spool.name().to_owned();
        let mut sheets = kind.sheets(search.spool)?;
        if let Some(wanted) = wanted {
            if !sheets.iter().any(|sheet| sheet == wanted) {
                let wanted = wanted.to_owned();
                return Err(Error::NoSuchSheet { name: source(), wanted, sheets });
            }
            sheets.retain(|sheet| sheet == wanted);
        }
        for name in sheets {
            let found = kind.read(search.spool, &name, |rows| search.among(rows))?;
            let Some((score, layout)) = found else { continue };
            // A sheet with a header and no rows, such as next month's, stands in nobody's way.
            if score.complete && !layout.head.samples.is_empty() {
                complete.push(name.clone());
            }
            let rank = (score, !layout.head.samples.is_empty());
            if best.as_ref().is_none_or(|(so_far, _, _)| rank > *so_far) {
                best = Some((rank, (score, layout), name));
            }
        }
        if complete.len() > 1 {
            return Err(Error::SeveralSheets { name: source(), sheets: complete });
        }
        let (found, name) = best.map(|(_, found, name)| (found, name)).unzip();
        let layout = search.settle(found)?;
        Ok((Self::Sheet { kind, name: name.unwrap_or_default() }, layout))
    }

    /// Reads the table from its start; the answer comes with the SHA-256 of the source's bytes.
    pub fn read<T>(
        &self,
        spool: &Spool,
        read: impl FnOnce(&mut dyn Rows) -> Result<T, Error>,
    ) -> Result<(T, [u8; 32]), Error> {
        match self {
            Self::Text { encoding, marks_user_defined, delimiter, .. } => {
                let bytes = spool.bytes()?.fingerprinted();
                let mut records = Records::new(spool, bytes, encoding, *delimiter)
                    .marking_user_defined(*marks_user_defined);
                Ok((read(&mut records)?, records.fingerprint()))
            }
            Self::Sheet { kind, name } => {
                let answer = kind.read(spool, name, read)?;
                let mut bytes = spool.bytes()?.fingerprinted();
                io::copy(&mut bytes, &mut io::sink()).map_err(|source| spool.unreadable(source))?;
                Ok((answer, bytes.fingerprint()))
            }
        }
    }

    /// The encoding's name, or the workbook's kind.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text { encoding, .. } => encoding.name(),
            Self::Sheet { kind, .. } => kind.name(),
        }
    }

    /// How the encoding was found, or which sheet is read; for people.
    pub fn because(&self) -> String {
        match self {
            Self::Text { because, .. } => because.clone(),
            Self::Sheet { name, .. } => format!("sheet \u{201c}{name}\u{201d}"),
        }
    }
}
