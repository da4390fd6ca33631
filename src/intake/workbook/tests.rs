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
