//! Delimited text in any encoding, from bytes to rows.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| wxremind_fuzz::check(bytes));
