//! Excel workbooks: `.xlsx` read cell by cell, `.xls` read whole and so only up to a size.
//!
//! Saving as CSV is what breaks numbers and dates; a workbook still has them. A date is read as the date it is, and a
//! number of sixteen or more digits is refused, since Excel keeps fifteen.

mod claims;
mod compound;

use std::io::{BufReader, Read, Seek, SeekFrom};

use calamine::{Data, DataRef, DataType, ExcelDateTime, Range, Reader, SheetVisible, Xls, Xlsx};
use csv::StringRecord;
use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::error::Error;
use super::foreign::guarded;
use super::records::Rows;
use super::spool::{Bytes, Spool};
use super::text::ROW_LIMIT;

/// The most that the table of texts of an `.xlsx` may hold, unpacked: it is in memory whole.
const TEXTS_LIMIT: u64 = 32 * 1024 * 1024;
/// The largest `.xls`: it is in memory whole, several times over.
const XLS_LIMIT: u64 = 8 * 1024 * 1024;
/// The most that the cells of an `.xls`, with the empty ones between them, may take in memory.
const CELLS_LIMIT: u64 = 64 * 1024 * 1024;
/// The size of one of them.
const CELL: u64 = size_of::<Data>() as u64;
/// Excel's own last column.
const COLUMNS: usize = 16_384;

/// Which kind of workbook a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Office Open XML, since 2007.
    Xlsx,
    /// The binary format before.
    Xls,
}

/// What the first bytes show.
pub(super) fn recognise(prefix: &[u8]) -> Option<Kind> {
    if prefix.starts_with(b"PK\x03\x04") {
        Some(Kind::Xlsx)
    } else if prefix.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Some(Kind::Xls)
    } else {
        None
    }
}

impl Kind {
    /// The format's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "Excel workbook (.xlsx)",
            Self::Xls => "Excel workbook (.xls)",
        }
    }

    /// The names of the sheets that can be seen.
    pub fn sheets(self, spool: &Spool) -> Result<Vec<String>, Error> {
        self.is_small_enough(spool)?;
        let sheets = match self {
            Self::Xlsx => xlsx(spool)?.sheets_metadata().to_vec(),
            Self::Xls => xls(spool)?.sheets_metadata().to_vec(),
        };
        let visible = sheets.into_iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
        Ok(visible.map(|sheet| sheet.name).collect())
    }

    /// Reads the rows of a sheet from its start.
    pub fn read<T>(
        self,
        spool: &Spool,
        sheet: &str,
        read: impl FnOnce(&mut dyn Rows) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let damaged = || damaged(spool);
        match self {
            Self::Xlsx => {
                let mut book = xlsx(spool)?;
                let mut cells = guarded(|| book.worksheet_cells_reader(sheet).ok())
                    .flatten()
                    .ok_or_else(damaged)?;
                let mut next = || {
                    let cell = guarded(|| {
                        let cell = cells.next_cell().ok()?;
                        Some(cell.map(|cell| (cell.get_position(), text_of(cell.get_value()))))
                    });
                    cell.flatten().ok_or_else(damaged)
                };
                read(&mut Cells::new(spool, &mut next))
            }
            Self::Xls => {
                let mut book = xls(spool)?;
                let range: Range<Data> =
                    guarded(|| book.worksheet_range(sheet).ok()).flatten().ok_or_else(damaged)?;
                let (top, left) = range.start().unwrap_or((0, 0));
                let mut cells = range.used_cells();
                let mut next = || {
                    Ok(cells.next().map(|(row, column, value)| {
                        let place = |start: u32, at: usize| start + u32::try_from(at).unwrap_or(0);
                        ((place(top, row), place(left, column)), text_of(value))
                    }))
                };
                read(&mut Cells::new(spool, &mut next))
            }
        }
    }

    fn is_small_enough(self, spool: &Spool) -> Result<(), Error> {
        let (size, limit, what) = match self {
            Self::Xlsx => {
                let texts = unpacked_size(spool.bytes()?, b"xl/sharedStrings.xml").unwrap_or(0);
                (texts, TEXTS_LIMIT, "its table of texts")
            }
            Self::Xls => (spool.length(), XLS_LIMIT, "an .xls file"),
        };
        if size <= limit {
            return Ok(());
        }
        Err(Error::TooLarge { name: spool.name().to_owned(), what, size, limit })
    }
}

fn xlsx(spool: &Spool) -> Result<Xlsx<BufReader<Bytes>>, Error> {
    let bytes = BufReader::new(spool.bytes()?);
    guarded(|| Xlsx::new(bytes).ok()).flatten().ok_or_else(|| damaged(spool))
}

fn xls(spool: &Spool) -> Result<Xls<BufReader<Bytes>>, Error> {
    let mut whole = Vec::new();
    BufReader::new(spool.bytes()?).read_to_end(&mut whole).map_err(|_| damaged(spool))?;
    // The library asks for memory for every cell between the first and the last, before it has seen them.
    let claimed = compound::workbook(&whole).and_then(|book| claims::cells(&book));
    let size = claimed.ok_or_else(|| damaged(spool))?.saturating_mul(CELL);
    if size > CELLS_LIMIT {
        let (name, what) = (spool.name().to_owned(), "the table from its first to its last cell");
        return Err(Error::TooLarge { name, what, size, limit: CELLS_LIMIT });
    }
    drop(whole);
    let bytes = BufReader::new(spool.bytes()?);
    guarded(|| Xls::new(bytes).ok()).flatten().ok_or_else(|| damaged(spool))
}

fn damaged(spool: &Spool) -> Error {
    Error::Workbook { name: spool.name().to_owned() }
}

type Place = (u32, u32);
type NextCell<'a> = &'a mut dyn FnMut() -> Result<Option<(Place, String)>, Error>;

/// The cells of a sheet, gathered into rows.
struct Cells<'a> {
    spool: &'a Spool,
    next: NextCell<'a>,
    ahead: Option<(Place, String)>,
    ended: bool,
    widest: usize,
}

impl<'a> Cells<'a> {
    fn new(spool: &'a Spool, next: NextCell<'a>) -> Self {
        Self { spool, next, ahead: None, ended: false, widest: 0 }
    }

    /// The next cell; after the last one the reader is not asked again.
    fn cell(&mut self) -> Result<Option<(Place, String)>, Error> {
        if self.ahead.is_some() || self.ended {
            return Ok(self.ahead.take());
        }
        let cell = (self.next)()?;
        self.ended = cell.is_none();
        Ok(cell)
    }
}

impl Rows for Cells<'_> {
    fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, Error> {
        record.clear();
        let Some(first) = self.cell()? else { return Ok(None) };
        let row = first.0.0;
        let mut cell = Some(first);
        while let Some(((at, column), text)) = cell {
            if at != row {
                self.ahead = Some(((at, column), text));
                break;
            }
            let column = usize::try_from(column).unwrap_or(COLUMNS);
            if column >= COLUMNS || record.len() > column {
                return Err(damaged(self.spool));
            }
            (record.len()..column).for_each(|_| record.push_field(""));
            record.push_field(&text);
            if record.as_slice().len() as u64 > ROW_LIMIT {
                let name = self.spool.name().to_owned();
                return Err(Error::TooLong { name, line: u64::from(row) + 1, limit: ROW_LIMIT });
            }
            cell = self.cell()?;
        }
        // A sheet does not store empty cells at the end of a row.
        self.widest = self.widest.max(record.len());
        (record.len()..self.widest).for_each(|_| record.push_field(""));
        Ok(Some(u64::from(row) + 1))
    }
}

/// A cell as it would be written by someone who saw the whole value.
fn text_of<C: DataType + Cell>(value: &C) -> String {
    if let Some(moment) = value.moment() {
        return moment_text(&moment);
    }
    match value.get_float().or_else(|| {
        #[expect(clippy::cast_precision_loss, reason = "checked against fifteen digits below")]
        value.get_int().map(|number| number as f64)
    }) {
        Some(number) => number_text(number),
        None => value.words(),
    }
}

/// What the two value types of calamine have in common beyond its own trait.
trait Cell {
    fn moment(&self) -> Option<ExcelDateTime>;
    fn words(&self) -> String;
}

impl Cell for DataRef<'_> {
    fn moment(&self) -> Option<ExcelDateTime> {
        if let DataRef::DateTime(moment) = self { Some(*moment) } else { None }
    }

    fn words(&self) -> String {
        match self {
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                text.clone()
            }
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Bool(value) => value.to_string(),
            // `#N/A` and its like hold no value; a formula's fault is seen as the damage it is.
            DataRef::Error(_) => "####".to_owned(),
            _ => String::new(),
        }
    }
}

impl Cell for Data {
    fn moment(&self) -> Option<ExcelDateTime> {
        if let Data::DateTime(moment) = self { Some(*moment) } else { None }
    }

    fn words(&self) -> String {
        match self {
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
            Data::Bool(value) => value.to_string(),
            Data::Error(_) => "####".to_owned(),
            _ => String::new(),
        }
    }
}

/// A day, a time of day, or both; whole seconds.
fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let small = |value: u8| i8::try_from(value).unwrap_or(0);
    let civil = DateTime::new(
        i16::try_from(year).unwrap_or(0),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        i32::from(milli) * 1_000_000,
    );
    // A fraction of a day is never exact: half a second is more than is lost.
    let civil = civil.and_then(|at| at.checked_add(SignedDuration::from_millis(500)));
    match civil {
        Ok(at) if (0.0..1.0).contains(&moment.as_f64()) => {
            at.time().strftime("%H:%M:%S").to_string()
        }
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => format!("{}", moment.as_f64()),
    }
}

/// A whole number without a point; one beyond Excel's fifteen digits in the form that is known as destroyed.
fn number_text(number: f64) -> String {
    if number.abs() >= 1e15 {
        format!("{number:E}").replace('E', "E+")
    } else {
        format!("{number}")
    }
}

/// The unpacked size of a file in a zip archive, from the archive's directory; `None` when it is not there.
fn unpacked_size(mut bytes: Bytes, wanted: &[u8]) -> Option<u64> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let length = bytes.seek(SeekFrom::End(0)).ok()?;
    bytes.seek(SeekFrom::Start(length.saturating_sub(66_000))).ok()?;
    let mut tail = Vec::new();
    bytes.by_ref().read_to_end(&mut tail).ok()?;
    let end = tail.windows(4).rposition(|window| window == END)?;
    let number = |from: &[u8], at: usize, size: usize| {
        let digits = from.get(at..at + size)?;
        Some(digits.iter().rev().fold(0u64, |value, digit| value << 8 | u64::from(*digit)))
    };
    bytes.seek(SeekFrom::Start(number(&tail, end + 16, 4)?)).ok()?;
    let mut directory = Vec::new();
    bytes.take(number(&tail, end + 12, 4)?.min(1 << 20)).read_to_end(&mut directory).ok()?;
    let mut rest = directory.as_slice();
    while rest.starts_with(ENTRY) {
        let lengths = [28, 30, 32].map(|at| number(rest, at, 2).unwrap_or(0));
        let name_length = usize::try_from(lengths[0]).ok()?;
        if rest.get(46..46 + name_length)? == wanted {
            return number(rest, 24, 4);
        }
        rest = rest.get(46 + usize::try_from(lengths.iter().sum::<u64>()).ok()?..)?;
    }
    None
}

#[cfg(test)]
mod tests;
