//! How personal values look where people and logs may see them.

/// The mark left in place of what is not shown.
const HIDDEN: &str = "***";

/// An openid: its first two and last four characters.
pub fn openid(openid: &str) -> String {
    ends(openid, 2, 4)
}

/// A telephone number: its last four digits.
pub fn phone(phone: &str) -> String {
    ends(phone, 0, 4)
}

/// A patient or appointment id: its last three characters.
pub fn id(id: &str) -> String {
    ends(id, 0, 3)
}

/// A prescription reference: its [`reference_tail`].
pub fn reference(reference: &str) -> String {
    format!("{HIDDEN}{}", reference_tail(reference))
}

/// The last characters of a reference: at most four, and never more than half, since short pick-up codes exist.
pub fn reference_tail(reference: &str) -> String {
    let length = reference.chars().count();
    tail(reference, (length / 2).min(4))
}

/// Any other value that may be personal: its length only.
pub fn value(value: &str) -> String {
    format!("({} characters)", value.chars().count())
}

fn ends(text: &str, first: usize, last: usize) -> String {
    // What would show half of the text or more shows nothing of it.
    if text.chars().count() < 2 * (first + last) {
        return HIDDEN.to_owned();
    }
    let head: String = text.chars().take(first).collect();
    format!("{head}{HIDDEN}{}", tail(text, last))
}

fn tail(text: &str, count: usize) -> String {
    let length = text.chars().count();
    text.chars().skip(length - count.min(length)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_the_ends_only() {
        assert_eq!(openid("oSampleOpenidOfAPatient00001"), "oS***0001");
        assert_eq!(phone("13800000001"), "***0001");
        assert_eq!(reference("RX20261201A0007"), "***0007");
        assert_eq!(reference("4711"), "***11");
    }

    proptest! {
        #[test]
        fn never_shows_more_than_half(text in ".{0,40}") {
            let length = text.chars().count();
            for shown in [openid(&text), phone(&text), id(&text), reference(&text)] {
                prop_assert!((shown.chars().count() - HIDDEN.len()) * 2 <= length);
            }
        }
    }
}
