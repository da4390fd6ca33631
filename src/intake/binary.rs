//! Files that are no text at all, told by how they begin.

use super::error::Error;

const KINDS: &[(&[u8], &str)] = &[
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"{\\rtf", "a formatted text (RTF)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
];

/// Texts that hold no rows, by how they begin, lower case. Some systems save a web page under the name `.xls`.
const TEXTS: &[(&[u8], &str)] = &[
    (b"<!doctype html", PAGE),
    (b"<html", PAGE),
    (b"<table", PAGE),
    (b"<meta", PAGE),
    (b"<?xml", "an XML document, whatever its name"),
];

const JSON: &str = "JSON, and holds no FHIR resource";

const PAGE: &str = "a web page (HTML), whatever its name";

/// Refuses what begins like a known kind of file, or holds NUL bytes as no text does.
pub(super) fn refuse(prefix: &[u8], source: &str) -> Result<(), Error> {
    let known = KINDS.iter().find(|(start, _)| prefix.starts_with(start));
    // `MZ` may begin a header such as MZHM; a program holds NUL bytes as well.
    let known = known.filter(|(start, _)| *start != b"MZ" || prefix.contains(&0));
    let what = match known {
        Some((_, what)) => what,
        None if let Some(what) = text(prefix) => what,
        None if prefix.contains(&0) && !is_utf16(prefix) => "binary data",
        None => return Ok(()),
    };
    Err(Error::Binary { name: source.to_owned(), what })
}

fn text(prefix: &[u8]) -> Option<&'static str> {
    let start = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix).trim_ascii_start();
    let begins = |(wanted, _): &&(&[u8], &str)| {
        start.get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted))
    };
    let known = TEXTS.iter().find(begins).map(|(_, what)| *what);
    known.or_else(|| is_json(start).then_some(JSON))
}

/// Whether a text begins as an object does, or a list of objects or texts; a title in brackets does not.
pub(super) fn is_json(start: &[u8]) -> bool {
    let after = |bracket: &[u8]| {
        start.strip_prefix(bracket).and_then(|rest| rest.trim_ascii_start().first().copied())
    };
    matches!(after(b"{"), Some(b'"' | b'}')) || matches!(after(b"["), Some(b'{' | b'"' | b']'))
}

/// Whether the bytes carry UTF-16's mark, or its pattern of NUL bytes at every second place.
fn is_utf16(prefix: &[u8]) -> bool {
    prefix.starts_with(b"\xff\xfe")
        || prefix.starts_with(b"\xfe\xff")
        || super::encoding::utf16(prefix).is_some()
}
