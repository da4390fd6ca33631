//! One cell: cleaned of what exporters and spreadsheets wrap around values, and told apart from what they destroyed.

/// The value of a cell without surrounding space of any kind, `="…"` or a leading apostrophe.
///
/// Zero-width characters at the ends go too; those inside a text are the text's own.
pub(super) fn clean(cell: &str) -> &str {
    let cell = trim(cell);
    let inner = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.or_else(|| cell.strip_prefix('\''));
    inner.map_or(cell, trim)
}

/// Trims white space, zero-width characters and marks of byte order.
fn trim(text: &str) -> &str {
    // Almost every cell begins and ends with something visible.
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (None, _) | (_, None) => text,
        (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(is_space),
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_zero_width(c)
}

/// Characters without width, which copying and pasting leaves behind: joiners, marks of direction and byte order.
pub(super) fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{180e}')
}

/// Whether the cell holds bytes that were no text in the file's encoding, or a hospital's own character, which any
/// other computer shows as another or not at all.
pub(super) fn is_unreadable(cell: &str) -> bool {
    !cell.is_ascii() && cell.contains(|c| matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}'))
}

/// What a spreadsheet did to a value, so that it cannot be known any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// `1.38E+10`: the digits after the sixth are gone.
    Exponent,
    /// `#####`: the column was too narrow.
    Hashes,
    /// 16 or more digits with zeros from where Excel, which keeps fifteen, writes them.
    Zeros,
    /// `NaN` or an infinity: where a number should be, a calculation left none.
    NoNumber,
}

impl Damage {
    /// What happened, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Exponent => {
                "a spreadsheet turned the number into one with an exponent; export it as text"
            }
            Self::Hashes => "a spreadsheet saved ### because the column was too narrow",
            Self::Zeros => {
                "a spreadsheet keeps 15 digits and wrote zeros for the rest; export it as text"
            }
            Self::NoNumber => "it is no number, and identifies nothing",
        }
    }
}

/// Whether a spreadsheet has destroyed a value that identifies something.
pub(super) fn damage(cell: &str) -> Option<Damage> {
    let bytes = cell.as_bytes();
    match bytes.first()? {
        b'N' | b'I' | b'-' if matches!(cell, "NaN" | "Infinity" | "-Infinity") => {
            Some(Damage::NoNumber)
        }
        b'#' if is_hashes(cell) => Some(Damage::Hashes),
        b'0'..=b'9' | b'-' | b'+' | b'.' if is_exponent(bytes) => Some(Damage::Exponent),
        b'0'..=b'9' if is_padded(bytes) => Some(Damage::Zeros),
        _ => None,
    }
}

/// `####`, any length from two: what a narrow column saves instead of any value.
pub(super) fn is_hashes(cell: &str) -> bool {
    cell.len() >= 2 && cell.bytes().all(|byte| byte == b'#')
}

/// `1.38E+10`, `3E+11`, `1e+10`; never a code such as `12E4`, which has no sign.
fn is_exponent(bytes: &[u8]) -> bool {
    let Some(e) = bytes.iter().position(|byte| matches!(byte, b'e' | b'E')) else { return false };
    let (number, exponent) = (&bytes[..e], &bytes[e + 1..]);
    let number = number.strip_prefix(b"-").unwrap_or(number);
    let mantissa = number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    mantissa
        && number.first().is_some_and(u8::is_ascii_digit)
        && matches!(exponent.first(), Some(b'+' | b'-'))
        && exponent.len() >= 2
        && exponent[1..].iter().all(u8::is_ascii_digit)
}

/// Excel keeps fifteen digits. Of an identity card's eighteen it makes `110101199003070000`; of sixteen or seventeen a
/// genuine number may well end in a zero or two, so five are asked for.
fn is_padded(bytes: &[u8]) -> bool {
    let zeros = |from: usize| bytes.iter().skip(from).all(|byte| *byte == b'0');
    let padded = match bytes.len() {
        0..16 => false,
        16 | 17 => bytes.ends_with(b"00000"),
        _ => zeros(15),
    };
    padded && bytes.iter().all(u8::is_ascii_digit)
}

/// `12345.0` without the `.0` that a spreadsheet or a data frame appended to a whole number.
pub(super) fn without_fraction(cell: &str) -> &str {
    let whole = cell.trim_end_matches('0').strip_suffix('.');
    match whole {
        Some(digits)
            if !digits.is_empty()
                && digits.len() < cell.len() - 1
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            digits
        }
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn protections_and_odd_spaces_are_stripped() {
        for (raw, value) in [
            ("=\"0012\"", "0012"),
            ("'0012", "0012"),
            ("\u{3000}张三\u{a0}", "张三"),
            ("\u{feff}A1\u{200b}", "A1"),
            ("O'Neil", "O'Neil"),
            ("=\"", "=\""),
            ("", ""),
        ] {
            assert_eq!(clean(raw), value, "{raw}");
        }
    }

    #[test]
    fn what_excel_destroys_is_told_apart() {
        for cell in ["1.38E+10", "2.98725E+13", "3E+11", "-1.5e+20"] {
            assert_eq!(damage(cell), Some(Damage::Exponent), "{cell}");
        }
        assert_eq!(damage("########"), Some(Damage::Hashes));
        for cell in ["NaN", "Infinity", "-Infinity"] {
            assert_eq!(damage(cell), Some(Damage::NoNumber), "{cell}");
        }
        for cell in ["123456789012300000", "110101199003070000", "1234567890100000"] {
            assert_eq!(damage(cell), Some(Damage::Zeros), "{cell}");
        }
        for cell in [
            "A1",
            "12E4",
            "1E5",
            "100000",
            "1000000000000001",
            "#1",
            "E+10",
            "Nan",
            "-12",
            "13800000001",
            "110101199003070010",
            "1234567890123450",
        ] {
            assert_eq!(damage(cell), None, "{cell}");
        }
    }

    #[test]
    fn only_a_zero_fraction_of_a_whole_number_is_dropped() {
        assert_eq!(without_fraction("12348.0"), "12348");
        assert_eq!(without_fraction("12340.00"), "12340");
        for cell in ["12348", "12340", "1.5", ".0", "A.0", "1.", "10."] {
            assert_eq!(without_fraction(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at_without_panic(text in "\\PC{0,40}|[0-9.E+#='\"]{0,24}") {
            let cleaned = clean(&text);
            prop_assert!(text.contains(cleaned));
            let _ = damage(cleaned);
            prop_assert!(cleaned.starts_with(without_fraction(cleaned)));
        }
    }
}
