//! A prescription reference: what the patient shows at the pharmacy, never cut and never repaired.

use std::fmt;

use super::key::mark;
use super::mask;
use super::message::ReferenceMark;

/// The longest reference there is: the national codes of the systems we know have 20 and 30 characters.
pub const MAX_LENGTH: usize = 64;

/// For how long a reference is remembered: until then another recipient, or a second copy, needs a word from a person.
pub const REMEMBERED_DAYS: i32 = 90;

/// A reference, whole, as it will be sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reference(Box<str>);

/// Why a text is no reference that may be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing is there.
    #[error("the reference is empty")]
    Empty,
    /// Longer than any reference.
    #[error("the reference has {0} characters; no reference has more than {MAX_LENGTH}")]
    TooLong(usize),
    /// A blank or a control character inside.
    #[error("the reference contains a blank or a control character (character {0})")]
    Blank(usize),
    /// A spreadsheet program turned the number into `1.2E+19`.
    #[error("a spreadsheet program has destroyed the reference (it is written as a power of ten)")]
    PowerOfTen,
    /// A spreadsheet program replaced the digits after the 15th by zeros.
    #[error(
        "a spreadsheet program has destroyed the reference (16 or more digits that end in 00000)"
    )]
    LostDigits,
}

impl Reference {
    /// Takes a reference as it was typed or read; only blanks around it are dropped.
    pub fn new(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        let length = text.chars().count();
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if length > MAX_LENGTH {
            return Err(ReferenceError::TooLong(length));
        }
        if let Some(at) = text.chars().position(|c| c.is_whitespace() || c.is_control()) {
            return Err(ReferenceError::Blank(at + 1));
        }
        if is_power_of_ten(text) {
            return Err(ReferenceError::PowerOfTen);
        }
        if has_lost_digits(text) {
            return Err(ReferenceError::LostDigits);
        }
        Ok(Self(text.into()))
    }

    /// The reference itself, for the message.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the ledger keeps of it.
    pub fn marked(&self, app_id: &str) -> ReferenceMark {
        ReferenceMark {
            hash: reference_hash(app_id, &self.0),
            tail: mask::reference_tail(&self.0).into(),
        }
    }
}

/// The mark by which the ledger finds a reference again.
pub fn reference_hash(app_id: &str, reference: &str) -> [u8; 32] {
    mark("reference", &[app_id, reference])
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask::reference(&self.0))
    }
}

/// `1.2E+19`, as spreadsheet programs write a long number.
pub fn is_power_of_ten(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let whole_and_rest = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    whole_and_rest.0.len() == 1
        && digits(whole_and_rest.0)
        && digits(whole_and_rest.1)
        && exponent.strip_prefix('+').is_some_and(digits)
}

/// 16 or more digits that end in 00000: a spreadsheet program keeps 15 and writes zeros for the rest.
pub fn has_lost_digits(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|b| b.is_ascii_digit()) && text.ends_with("00000")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_what_pharmacies_use() {
        for text in [
            "83C40E-A23856-00123W",
            "160.000.000.000.000.00",
            "4711",
            "RX20261201A0007",
            "4E149+",
            "4243A0-A99968-4E149+",
        ] {
            assert_eq!(Reference::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn refuses_what_a_spreadsheet_destroyed() {
        assert_eq!(Reference::new("1.2E+19"), Err(ReferenceError::PowerOfTen));
        assert_eq!(Reference::new("3E+10"), Err(ReferenceError::PowerOfTen));
        assert_eq!(Reference::new("12345678901234500000"), Err(ReferenceError::LostDigits));
        assert!(
            Reference::new("123456789100000").is_ok(),
            "15 digits are within what a spreadsheet keeps"
        );
    }

    proptest! {
        #[test]
        fn is_whole_or_refused(text in "\\PC{0,80}") {
            if let Ok(reference) = Reference::new(&text) {
                prop_assert_eq!(reference.as_str(), text.trim());
                let shown = format!("{reference:?}");
                prop_assert!(shown.trim_matches('*').chars().count() * 2 <= text.trim().chars().count());
            }
        }
    }
}
