//! Telephone numbers in one form, so that the same number written in two ways is found.

/// A number as E.164 (`+8613800000001`), or `None` when it is none that can be told.
///
/// Numbers without a country are those of the five places where the tool is used, told apart by their form: mainland
/// mobiles (11 digits, 13–19), Taiwanese mobiles (`09` and 8 digits) and Malaysian ones (`01` and 8 or 9 digits).
/// Eight digits alone may be Hong Kong's or Singapore's: `country` (`852`, `65`) says which. It also places a number
/// that begins with the zero dialled inside a country, as those of landlines do. A masked number (`138****0001`) is
/// none.
pub fn e164(text: &str, country: Option<&str>) -> Option<String> {
    let text = text.trim();
    let has_country = text.starts_with('+') || text.starts_with("00");
    let signs = |c: char| {
        matches!(c, ' ' | '-' | '(' | ')' | '.' | '/' | '\u{a0}' | '\u{2010}'..='\u{2015}')
    };
    let mut digits = String::with_capacity(text.len());
    for c in text.strip_prefix('+').unwrap_or(text).chars() {
        match c {
            '0'..='9' => digits.push(c),
            // Full-width digits.
            '\u{ff10}'..='\u{ff19}' => {
                digits.push(char::from(b'0' + u8::try_from(u32::from(c) - 0xff10).ok()?));
            }
            c if signs(c) => {}
            _ => return None,
        }
    }
    if has_country {
        let digits = if text.starts_with("00") { &digits[2..] } else { &digits };
        // `+60 (0)12-…`: the zero that is dialled at home only.
        let digits = digits.replacen("600", "60", usize::from(digits.starts_with("600")));
        return (8..=15).contains(&digits.len()).then(|| format!("+{digits}"));
    }
    let bytes = digits.as_bytes();
    let (country, national) = match (bytes.len(), bytes.first()?) {
        (11, b'1') if (b'3'..=b'9').contains(&bytes[1]) => ("86", &digits[..]),
        (13, b'8') if digits.starts_with("861") => ("86", &digits[2..]),
        (10, b'0') if bytes[1] == b'9' => ("886", &digits[1..]),
        (10 | 11, b'0') if bytes[1] == b'1' && country != Some("86") => ("60", &digits[1..]),
        (8, _) => {
            (country.filter(|country| matches!(*country, "852" | "853" | "65"))?, &digits[..])
        }
        (9..=12, b'0') => {
            (country.filter(|country| matches!(*country, "86" | "886" | "60"))?, &digits[1..])
        }
        _ => return None,
    };
    Some(format!("+{country}{national}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_has_one_form() {
        for text in [
            "13800000001",
            "138-0000-0001",
            "+86 138 0000 0001",
            "008613800000001",
            "8613800000001",
            "１３８０００００００１",
        ] {
            assert_eq!(e164(text, None).as_deref(), Some("+8613800000001"), "{text}");
        }
        assert_eq!(e164("0912-345-678", None).as_deref(), Some("+886912345678"));
        assert_eq!(e164("012-345 6789", None).as_deref(), Some("+60123456789"));
        assert_eq!(e164("+60 (0)12-345 6789", None).as_deref(), Some("+60123456789"));
        assert_eq!(e164("8123 4567", Some("65")).as_deref(), Some("+6581234567"));
        assert_eq!(e164("010-6255 1234", Some("86")).as_deref(), Some("+861062551234"));
        assert_eq!(e164("(02) 2312-3456", Some("886")).as_deref(), Some("+886223123456"));
    }

    #[test]
    fn what_cannot_be_told_is_no_number() {
        for text in
            ["", "138****0001", "1.38E+10", "81234567", "12345", "张三", "+1", "12800000001"]
        {
            assert_eq!(e164(text, None), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_form_or_none(text in "\\PC{0,20}|[+0-9() -]{0,20}") {
            if let Some(number) = e164(&text, Some("852")) {
                prop_assert!(number.len() <= 16 && number[1..].bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(e164(&number, None), Some(number.clone()));
            }
        }
    }
}
