//! The workbook inside an `.xls`: a stream whose sectors may stand anywhere in the file ([MS-CFB] 2.2 to 2.6).

/// Numbers from here on are no sectors: the end of a chain, or a free one.
const NO_SECTOR: u32 = 0xffff_fffa;
const ENTRY: usize = 128;
const MINI: usize = 64;
/// Streams shorter than this are kept in small sectors of their own.
const SHORT: usize = 4096;

/// The bytes of the stream `Workbook` (or `Book`, as before 1997) in their order; `None` where the file does not hold
/// together. Never more than the file has, and found as the library finds it.
pub(super) fn workbook(file: &[u8]) -> Option<Vec<u8>> {
    let file = Compound::open(file)?;
    let folder = file.chain(file.number(48)?)?;
    let root = folder.chunks_exact(ENTRY).next()?;
    if file.number(64)? > 0 {
        // The library reads the small sectors whether the workbook is among them or not.
        file.chain(long(root, 116)?)?;
        file.chain(file.number(60)?)?;
    }
    let stream = |wanted: &str| {
        let is_wanted = |entry: &&[u8]| name(entry).eq_ignore_ascii_case(wanted);
        file.stream(root, folder.chunks_exact(ENTRY).find(is_wanted)?)
    };
    stream("Workbook").or_else(|| stream("Book"))
}

struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// The number of the sector that follows each.
    next: Vec<u32>,
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = bytes.get(30).copied().filter(|shift| matches!(shift, 9 | 12))?;
        let mut file = Self { bytes, sector: 1 << shift, next: Vec::new() };
        let mut tables = numbers(bytes.get(76..512)?);
        let mut more = file.number(68)?;
        while more < NO_SECTOR && tables.len() <= bytes.len() / file.sector {
            let mut further = numbers(file.at(usize::try_from(more).ok()?)?);
            more = further.pop()?;
            tables.extend(further);
        }
        for table in tables.into_iter().filter(|table| *table < NO_SECTOR) {
            let numbers = numbers(file.at(usize::try_from(table).ok()?)?);
            file.next.extend(numbers);
        }
        Some(file)
    }

    fn number(&self, at: usize) -> Option<u32> {
        long(self.bytes, at)
    }

    /// A sector; the last of the file may be cut.
    fn at(&self, sector: usize) -> Option<&'a [u8]> {
        let from = sector.checked_add(1)?.checked_mul(self.sector)?;
        self.bytes.get(from..self.bytes.len().min(from + self.sector))
    }

    /// The bytes of an entry's stream; the folder's first entry holds the small sectors.
    fn stream(&self, root: &[u8], entry: &[u8]) -> Option<Vec<u8>> {
        let (start, length) = (long(entry, 116)?, usize::try_from(long(entry, 120)?).ok()?);
        let mut bytes = if length < SHORT {
            let (short, table) = (self.chain(long(root, 116)?)?, self.chain(self.number(60)?)?);
            follow(start, &numbers(&table), |sector| short.get(sector * MINI..(sector + 1) * MINI))?
        } else {
            self.chain(start)?
        };
        bytes.truncate(length);
        Some(bytes)
    }

    fn chain(&self, start: u32) -> Option<Vec<u8>> {
        follow(start, &self.next, |sector| self.at(sector))
    }
}

/// The sectors of a chain from its start; `None` where it runs in a circle, which the library would follow for ever.
fn follow<'a>(start: u32, next: &[u32], at: impl Fn(usize) -> Option<&'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut sector, mut count) = (start, 0);
    while sector < NO_SECTOR {
        let place = usize::try_from(sector).ok()?;
        bytes.extend_from_slice(at(place)?);
        sector = *next.get(place)?;
        count += 1;
        if count > next.len() {
            return None;
        }
    }
    Some(bytes)
}

fn name(entry: &[u8]) -> String {
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]])).min(MINI);
    let units = entry[..length].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map_while(Result::ok).take_while(|c| *c != '\0').collect()
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|four| long(four, 0)).collect()
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}
