//! Characters that a Big5 user defined: the same bytes are another character, or none, on any other computer.
//!
//! A decoder reads them as Hong Kong's supplementary characters without an error, so that a Taiwanese hospital's
//! home-made 堃 silently becomes another word. They are marked before decoding, unless the source says it is HKSCS.

/// Overwrites each user-defined pair with bytes that no decoder accepts.
///
/// `bytes` begins at the start of a character. The answer is how many bytes at the end are half a character and belong
/// to the next piece.
pub(super) fn mark(bytes: &mut [u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        let lead = bytes[at];
        if !(0x81..=0xfe).contains(&lead) {
            at += 1;
            continue;
        }
        let Some(&trail) = bytes.get(at + 1) else { return 1 };
        if !matches!(trail, 0x40..=0x7e | 0xa1..=0xfe) {
            at += 1;
            continue;
        }
        if is_user_defined(lead, trail) {
            bytes[at] = 0xff;
            bytes[at + 1] = 0xff;
        }
        at += 2;
    }
    0
}

/// 8140–A0FE, C6A1–C8FE and FA40–FEFE.
fn is_user_defined(lead: u8, trail: u8) -> bool {
    match lead {
        0x81..=0xa0 | 0xc7 | 0xc8 | 0xfa..=0xfe => true,
        0xc6 => trail >= 0xa1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn home_made_characters_are_marked_and_others_kept() {
        // 預 (B9 77), a home-made one (95 4A), a plain letter, FA 40, and half a character.
        let mut bytes = *b"\xb9\x77\x95\x4aA\xfa\x40\xb9";
        assert_eq!(mark(&mut bytes), 1);
        assert_eq!(&bytes, b"\xb9\x77\xff\xffA\xff\xff\xb9");
    }

    proptest! {
        #[test]
        fn ordinary_text_is_left_alone(text in "[預約號王小明內科A-Z,\n]{0,40}") {
            let (bytes, _, _) = encoding_rs::BIG5.encode(&text);
            let mut marked = bytes.to_vec();
            prop_assert_eq!(mark(&mut marked), 0);
            prop_assert_eq!(marked, bytes.to_vec());
        }

        #[test]
        fn any_bytes_do(mut bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let length = bytes.len();
            prop_assert!(mark(&mut bytes) <= length);
        }
    }
}
