//! How much memory the library would ask for to read an `.xls`: as much as the cells' own places claim, whether the file
//! holds so many cells or not ([MS-XLS] 2.4). The program would end without a word.

/// A sheet has 65,536 rows and 256 columns.
const ROWS: u32 = 65_536;
const COLUMNS: u32 = 256;

const BOUND_SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
const DIMENSIONS: u16 = 0x0200;
const SEVERAL: u16 = 0x00bd;
/// Formula, number, label, text with formats, boolean, rational, shared label.
const CELLS: [u16; 7] = [0x0006, 0x0203, 0x0204, 0x00d6, 0x0205, 0x027e, 0x00fd];

/// How many cells the tables of all sheets have, empty ones between others too; `None` where a cell stands outside any
/// sheet.
pub(super) fn cells(book: &[u8]) -> Option<u64> {
    let sheets = Records(book)
        .take_while(|(kind, _)| *kind != END)
        .filter(|(kind, _)| *kind == BOUND_SHEET)
        .filter_map(|(_, data)| Some(u32::from_le_bytes(*data.first_chunk()?)));
    let mut all = 0;
    for start in sheets {
        let from = usize::try_from(start).ok().and_then(|start| book.get(start..));
        all += table(Records(from.unwrap_or(&[])))?;
    }
    Some(all)
}

/// The size of the smallest table that holds all cells of a sheet.
fn table(records: Records<'_>) -> Option<u64> {
    let (mut begun, mut depth) = (false, 0usize);
    let mut bounds: Option<[u32; 4]> = None;
    for (kind, data) in records {
        match kind {
            // A chart inside the sheet has records of its own.
            BEGIN if begun => depth += 1,
            BEGIN => begun = true,
            END if depth > 0 => depth -= 1,
            END => break,
            _ if depth > 0 => {}
            DIMENSIONS if claims_too_much(data) => return None,
            kind if CELLS.contains(&kind) || kind == SEVERAL => {
                let [Some(row), Some(first)] = [narrow(data, 0), narrow(data, 2)] else { continue };
                let last = data.len().checked_sub(2).filter(|_| kind == SEVERAL);
                let last = last.and_then(|at| narrow(data, at)).unwrap_or(first);
                if first.max(last) >= COLUMNS {
                    return None;
                }
                let [top, bottom, left, right] = bounds.unwrap_or([row, row, first, last]);
                bounds = Some([top.min(row), bottom.max(row), left.min(first), right.max(last)]);
            }
            _ => {}
        }
    }
    let area = |[top, bottom, left, right]: [u32; 4]| {
        u64::from(bottom - top + 1) * u64::from(right.saturating_sub(left) + 1)
    };
    Some(bounds.map_or(0, area))
}

/// Whether a sheet says that it is larger than one can be (2.4.90).
fn claims_too_much(data: &[u8]) -> bool {
    let wide = |at: usize| Some(narrow(data, at)? | narrow(data, at + 2)? << 16);
    let claim = match data.len() {
        10 => (narrow(data, 0), narrow(data, 2), narrow(data, 6)),
        _ => (wide(0), wide(4), narrow(data, 10)),
    };
    match claim {
        (Some(first), Some(last), Some(columns)) => {
            first > last || last > ROWS || columns > COLUMNS
        }
        _ => false,
    }
}

/// Type and data of one record after another, to the first that is cut off.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let head: [u8; 4] = *self.0.first_chunk()?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (data, rest) = self.0[4..].split_at_checked(length)?;
        self.0 = rest;
        Some((kind, data))
    }
}

fn narrow(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|two| u32::from(u16::from_le_bytes(*two)))
}
