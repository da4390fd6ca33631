//! A number with its noun: `1 message`, `2 messages`.

/// So many of these; `one` is the noun for one of them.
pub fn count(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// So many messages.
pub fn messages(number: u64) -> String {
    count(number, "message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_none_are_many() {
        assert_eq!([0, 1, 2].map(messages), ["0 messages", "1 message", "2 messages"]);
    }
}
