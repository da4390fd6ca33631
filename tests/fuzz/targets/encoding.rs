//! The detector: any bytes have an encoding or an error, and naming the encoding that was found changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxremind::intake::{Settings, Source};

fuzz_target!(|bytes: &[u8]| {
    let Ok(found) = Source::from_reader(bytes, "fuzz", &Settings::default()) else { return };
    let found = found.understanding().clone();
    // A workbook has none.
    if found.encoding.contains(' ') {
        return;
    }
    let settings =
        Settings { encoding: Some(found.encoding.to_lowercase()), ..Settings::default() };
    let named = Source::from_reader(bytes, "fuzz", &settings).expect("its own encoding reads it");
    let named = named.understanding();
    assert_eq!((named.encoding, named.header_line), (found.encoding, found.header_line));
    assert_eq!(named.columns, found.columns);
});
