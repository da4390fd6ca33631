//! HL7 v2 messages. The input always begins like one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    wxremind_fuzz::check(bytes);
    wxremind_fuzz::check(&[b"MSH|^~\\&|", bytes].concat());
});
