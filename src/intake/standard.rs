//! Sources that are no tables: FHIR and HL7 v2, recognised by how they begin and never by their names.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::binary::is_json;
use super::encoding;
use super::error::Error;
use super::hl7;
use super::settings::Settings;
use super::spool::Spool;
use super::understanding::Understanding;

/// Which standard a source follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    /// FHIR R4 or R5 as JSON: one resource, a Bundle, or a resource on each line.
    Fhir,
    /// HL7 version 2 messages, one after the other.
    Hl7,
}

/// An encoding and how it was found.
pub(super) struct Known {
    pub encoding: &'static Encoding,
    pub because: String,
}

/// What the first bytes show, in UTF-16 too.
pub(super) fn recognise(prefix: &[u8]) -> Option<Standard> {
    let text = plain_text(prefix);
    let start = text.trim_ascii_start();
    let start = start.strip_prefix(b"\x0b").unwrap_or(start);
    let hl7 = [&b"MSH"[..], b"FHS", b"BHS"].iter().any(|segment| {
        let after = start.strip_prefix(*segment).and_then(|rest| rest.first());
        after.is_some_and(|byte| byte.is_ascii_punctuation() && *byte != b',' && *byte != b'_')
    });
    let json = is_json(start)
        && (start.windows(14).any(|window| window == b"\"resourceType\"") || is_empty_list(start));
    match (hl7, json) {
        (true, _) => Some(Standard::Hl7),
        (false, true) => Some(Standard::Fhir),
        (false, false) => None,
    }
}

/// The bytes as those of a text that is ASCII where it matters: without a mark of byte order, and not in UTF-16.
pub(super) fn plain_text(prefix: &[u8]) -> Cow<'_, [u8]> {
    match encoding::plain(prefix) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            let (text, _) = encoding.decode_with_bom_removal(prefix);
            Cow::Owned(text.into_owned().into_bytes())
        }
        _ => Cow::Borrowed(prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix)),
    }
}

/// An answer without a single resource; as good an answer as a header without rows.
fn is_empty_list(start: &[u8]) -> bool {
    let inside = start.trim_ascii_end().strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

impl Standard {
    /// The encoding of a source of this standard.
    pub fn encoding(
        self,
        spool: &Spool,
        prefix: &[u8],
        settings: &Settings,
    ) -> Result<Known, Error> {
        match self {
            // JSON that is exchanged is UTF-8 (RFC 8259, section 8.1); Windows' shell saves it as UTF-16.
            Self::Fhir => {
                let (encoding, because) = encoding::plain(prefix).unwrap_or((UTF_8, "as JSON is"));
                Ok(Known { encoding, because: because.to_owned() })
            }
            Self::Hl7 => {
                let stated = hl7::stated_encoding(prefix);
                encoding::choose_text(spool, prefix, settings, stated)
                    .map(|(encoding, because)| Known { encoding, because })
            }
        }
    }

    /// How the source is read, for people.
    pub fn understanding(self, known: &Known, _settings: &Settings) -> Understanding {
        Understanding {
            form: if self == Self::Hl7 { "HL7 v2" } else { "FHIR" },
            server: None,
            encoding: known.encoding.name(),
            encoding_because: known.because.clone(),
            delimiter: if self == Self::Hl7 { '|' } else { '\n' },
            header_line: 0,
            columns: Vec::new(),
            passed_over: Vec::new(),
            ignored: 0,
            has_status: true,
            id_is_derived: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_is_known_by_its_beginning() {
        for text in ["MSH|^~\\&|A", "\u{b}MSH|^~\\&", "\u{feff}FHS|^~\\&|", "\r\nBHS|x"] {
            assert_eq!(recognise(text.as_bytes()), Some(Standard::Hl7), "{text}");
        }
        for text in [
            " {\"resourceType\": \"Bundle\"}",
            "[{\"a\":1,\"resourceType\":\"Patient\"}]",
            "[ \n{ \"resourceType\":\"Patient\"}]",
            "[]\n",
            " [ ]",
        ] {
            assert_eq!(recognise(text.as_bytes()), Some(Standard::Fhir), "{text}");
        }
        for text in ["MSH,date", "{\"a\": 1}", "预约号,日期", "mshid|date", "[预约]", "{}", ""]
        {
            assert_eq!(recognise(text.as_bytes()), None, "{text}");
        }
    }
}
