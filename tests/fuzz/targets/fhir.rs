//! FHIR as JSON. The input always begins like it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    wxremind_fuzz::check(bytes);
    wxremind_fuzz::check(&[b"{\"resourceType\":\"Appointment\",", bytes].concat());
});
