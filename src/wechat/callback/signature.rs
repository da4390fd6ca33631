//! The signature of a push: SHA-1 over the sorted parts, compared in constant time.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// Bytes of a SHA-1.
const LENGTH: usize = 20;

/// SHA-1 over the parts, sorted by their bytes and joined with nothing between (official page of message pushes).
pub(super) fn digest(parts: &[&str]) -> [u8; LENGTH] {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Lower-case hexadecimal digits, as WeChat writes a signature.
pub(super) fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether `given` (hexadecimal digits of either case) is the signature of these parts. How long the comparison takes
/// tells nothing of where they differ.
pub(super) fn is_of(given: &str, parts: &[&str]) -> bool {
    let Some(given) = unhex(given) else { return false };
    digest(parts).ct_eq(&given).into()
}

fn unhex(text: &str) -> Option<[u8; LENGTH]> {
    let digits = text.as_bytes();
    if digits.len() != LENGTH * 2 {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? * 16 + low?).ok()?;
    }
    Some(bytes)
}
