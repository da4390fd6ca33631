//! Makes foreign text safe to show: terminal escapes, control characters and direction overrides go.
//!
//! Cells of a hospital's file and answers from the network reach a terminal through this; what is left can neither
//! move the cursor, change colours, set a title nor reorder the line it stands in.

use std::iter::Peekable;
use std::str::Chars;

/// Text that may have several lines: line feeds and tabs stay.
pub fn text(foreign: &str) -> String {
    clean(foreign, |control| matches!(control, '\n' | '\t').then_some(control))
}

/// Text for one line: what breaks a line or jumps in it becomes one space.
pub fn line(foreign: &str) -> String {
    clean(foreign, |control| matches!(control, '\n' | '\t' | '\r').then_some(' '))
}

fn clean(foreign: &str, replace: impl Fn(char) -> Option<char>) -> String {
    let mut kept = String::with_capacity(foreign.len());
    let mut rest = foreign.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_sequence(&mut rest),
            _ if reorders(character) => {}
            _ if character.is_control() || is_break(character) => kept.extend(replace(character)),
            _ => kept.push(character),
        }
    }
    kept
}

/// Skips what follows an escape character: a control sequence whole, an operating-system command to its end.
fn skip_escape(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_sequence(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_string(rest);
        }
        _ => {}
    }
}

/// Skips the parameters of a control sequence and its final letter (ECMA-48 §5.4). Anything else ends it unskipped.
fn skip_sequence(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|character| (' '..='?').contains(character)).is_some() {}
    rest.next_if(|character| ('@'..='~').contains(character));
}

/// Skips a command string up to its terminator; one that never ends is cut at the end of its line.
fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(character) = rest.next_if(|character| *character != '\n') {
        match character {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' if rest.next_if_eq(&'\\').is_some() => return,
            _ => {}
        }
    }
}

/// Direction overrides and isolates, which can make a line read as something else.
const fn reorders(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn is_break(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_go_and_words_stay() {
        assert_eq!(line("\u{1b}[31m王\u{1b}[0m小明"), "王小明");
        assert_eq!(line("\u{1b}]0;title\u{7}王"), "王");
        assert_eq!(line("\u{1b}]8;;https://example.org\u{1b}\\link"), "link");
        assert_eq!(line("a\r\nb\tc"), "a  b c");
        assert_eq!(text("a\r\nb\tc"), "a\nb\tc");
        assert_eq!(line("\u{9b}2Jx\u{202e}y"), "xy");
    }

    proptest! {
        #[test]
        fn leaves_nothing_that_acts_on_a_terminal(
            // Mostly the characters that matter: any text would seldom hold one.
            foreign in "[\\x{1b}\\x{9b}\\x{9c}\\x{7}\\x{202e}\\x{2066}\\x{2028}\\n\\r\\t\\[\\]\\\\;?0-9a-zA-Z王]{0,40}|\\PC*",
        ) {
            let shown = line(&foreign);
            prop_assert!(!shown.chars().any(|c| c.is_control() || reorders(c) || is_break(c)));
            prop_assert_eq!(line(&shown), shown);
            let shown = text(&foreign);
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }

        #[test]
        fn leaves_plain_words_alone(words in "[\\p{Han}a-zA-Z0-9 ,.:()（）。-]{0,40}") {
            prop_assert_eq!(line(&words), words);
        }
    }
}
