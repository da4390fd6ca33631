//! A workbook as Excel writes it, and bytes that only begin like one.

use proptest::prelude::*;

use super::super::settings::Settings;
use super::super::source::Source;
use super::*;

const BOOK: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/appointments.xlsx"));

const OLD: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/appointments.xls"));

/// A file whose copying was cut short: the library reads beyond its end.
#[test]
fn half_a_workbook_is_an_error_and_no_panic() {
    for bytes in [&OLD[..4096], &OLD[..600], &BOOK[..2000]] {
        let error = Source::from_reader(bytes, "x", &Settings::default()).err().unwrap();
        assert!(matches!(error, Error::Workbook { .. }), "{error}");
    }
}

#[test]
fn a_file_in_the_archive_is_measured_without_unpacking_it() {
    let spool = Spool::copy(BOOK, "x").unwrap();
    let size = |name| unpacked_size(spool.bytes().unwrap(), name);
    assert_eq!(size(b"xl/sharedStrings.xml"), Some(521));
    assert_eq!(size(b"xl/none.xml"), None);
    let text = Spool::copy(&b"PK\x05\x06 short"[..], "x").unwrap();
    assert_eq!(unpacked_size(text.bytes().unwrap(), b"x"), None);
}

#[test]
fn numbers_are_written_as_a_person_would() {
    assert_eq!(number_text(13_800_000_001.0), "13800000001");
    assert_eq!(number_text(8.5), "8.5");
    assert_eq!(number_text(110_101_199_003_070_010.0), "1.1010119900307002E+17");
    assert_eq!(number_text(-2e15), "-2E+15");
}

#[test]
fn an_xls_that_claims_more_than_a_sheet_can_hold_is_damaged() {
    let claim = [0x00, 0x02, 14, 0];
    let at = OLD.windows(4).position(|bytes| bytes == claim).unwrap();
    let mut book = OLD.to_vec();
    book[at + 4 + 4 + 3] = 0xff;
    assert!(Source::from_reader(&book[..], "x.xls", &Settings::default()).is_err());
}

/// A file of 512-byte sectors with this workbook, the last sector first.
fn scattered(book: &[u8]) -> Vec<u8> {
    let mut pieces: Vec<Vec<u8>> = book.chunks(512).map(<[u8]>::to_vec).collect();
    for piece in &mut pieces {
        piece.resize(512, 0);
    }
    let order: Vec<usize> = (0..pieces.len()).rev().collect();
    let count = u32::try_from(pieces.len()).unwrap();
    let mut next = vec![u32::MAX; 128];
    for pair in order.windows(2) {
        next[pair[0]] = u32::try_from(pair[1]).unwrap();
    }
    next[*order.last().unwrap()] = 0xffff_fffe;
    (next[pieces.len()], next[pieces.len() + 1]) = (0xffff_fffd, 0xffff_fffe);
    let mut file = OLD[..512].to_vec();
    let put = |file: &mut Vec<u8>, at: usize, number: u32| {
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
    };
    (44..512).step_by(4).for_each(|at| put(&mut file, at, u32::MAX));
    for (at, number) in [
        (44, 1),
        (48, count + 1),
        (52, 0),
        (56, 4096),
        (60, 0xffff_fffe),
        (64, 0),
        (68, 0xffff_fffe),
        (72, 0),
        (76, count),
    ] {
        put(&mut file, at, number);
    }
    file.resize(512 + pieces.len() * 512, 0);
    for (piece, sector) in pieces.iter().zip(&order) {
        file[512 + sector * 512..][..512].copy_from_slice(piece);
    }
    file.extend(next.iter().flat_map(|number| number.to_le_bytes()));
    let mut folder = vec![0; 512];
    for (at, name, kind) in [(0, "Root Entry", 5u8), (128, "Workbook", 2)] {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        folder[at..at + units.len()].copy_from_slice(&units);
        folder[at + 64] = u8::try_from(units.len() + 2).unwrap();
        folder[at + 66] = kind;
        (68..80).for_each(|byte| folder[at + byte] = 0xff);
    }
    let first = u32::try_from(order[0]).unwrap();
    put(&mut folder, 116, 0xffff_fffe);
    put(&mut folder, 128 + 116, first);
    put(&mut folder, 128 + 120, u32::try_from(book.len().max(4096)).unwrap());
    [file, folder].concat()
}

#[test]
fn a_claim_that_goes_on_in_another_sector_is_seen() {
    let mut book = compound::workbook(OLD).unwrap();
    let at = book.windows(4).rposition(|bytes| bytes == [0x00, 0x02, 14, 0]).unwrap();
    // A record of no meaning before it moves it across a border.
    let length = (1024 - 8 - at % 512 - 4) % 512;
    let filler =
        [&[0xff, 0x0f], &u16::try_from(length).unwrap().to_le_bytes()[..], &vec![0; length]];
    book.splice(at..at, filler.concat());
    let at = at + 4 + length;
    assert_eq!(at % 512, 504);
    let read = |book: &[u8]| {
        Source::from_reader(&scattered(book)[..], "x.xls", &Settings::default())
            .map(|source| source.understanding().header_line)
            .map_err(|error| error.to_string())
    };
    assert_eq!(read(&book), Ok(3));
    book[at + 4 + 4 + 3] = 0xff;
    assert!(read(&book).is_err());
}

#[test]
fn cells_outside_any_sheet_and_a_table_too_large_are_refused() {
    let shared = [0xfd, 0x00, 10, 0];
    let at = OLD.windows(4).rposition(|bytes| bytes == shared).unwrap();
    let fails = |changes: &[(usize, u8)]| {
        let mut book = OLD.to_vec();
        for (place, byte) in changes {
            book[at + 4 + place] = *byte;
        }
        Source::from_reader(&book[..], "x.xls", &Settings::default())
            .err()
            .map(|error| error.to_string())
    };
    insta::assert_snapshot!(fails(&[(3, 0x3f)]).unwrap(), @"x.xls begins like an Excel workbook but cannot be read as one; open it in Excel and save it again");
    insta::assert_snapshot!(fails(&[(0, 0xff), (1, 0xff), (2, 0xff)]).unwrap(), @"x.xls: the table from its first to its last cell is 513 MiB, and at most 64 MiB of it can be read; save the sheet as CSV UTF-8");
}

/// Found by the fuzz target: cells far apart, for whose table the library asked for gigabytes, and sectors in a circle,
/// which it followed until the memory was full.
#[test]
fn what_would_fill_the_memory_is_damaged() {
    const FOUND: [&[u8]; 3] = [
        include_bytes!("../../../tests/fuzz/corpus/workbook/far_cells"),
        include_bytes!("../../../tests/fuzz/corpus/workbook/far_columns"),
        include_bytes!("../../../tests/fuzz/corpus/workbook/circle"),
    ];
    for bytes in FOUND {
        let error = Source::from_reader(bytes, "x.xls", &Settings::default()).err().unwrap();
        assert!(matches!(error, Error::Workbook { .. } | Error::TooLarge { .. }), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_workbook_is_an_error(at in 0..BOOK.len(), byte in any::<u8>(), cut in 0..BOOK.len()) {
        let mut bytes = BOOK.to_vec();
        bytes[at] = byte;
        let settings = Settings::default();
        for bytes in [&bytes[..], &BOOK[..cut]] {
            if let Ok(mut source) = Source::from_reader(bytes, "x.xlsx", &settings) {
                let _ = source.rows(|_| {});
            }
        }
        let mut changed = OLD.to_vec();
        changed[at % OLD.len()] = byte;
        for bytes in [&changed[..], &OLD[..cut.min(OLD.len())]] {
            if let Ok(mut source) = Source::from_reader(bytes, "x.xls", &settings) {
                let _ = source.rows(|_| {});
            }
        }
        let old = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &bytes].concat();
        prop_assert!(Source::from_reader(&old[..], "x.xls", &settings).is_err());
    }
}
