//! Sentences broken at words, so that they stay in their column at a terminal.

use dialoguer::console::measure_text_width;

/// Breaks `text` into lines that end before `width`, each but the first indented. What stands between backquotes is a
/// command to be copied, and stays whole; so does a word that is longer than a line. Without a width only the line
/// breaks of the text itself are kept.
pub fn flow(text: &str, indent: usize, width: Option<usize>) -> String {
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent));
    let lines: Vec<String> = text.lines().flat_map(|line| broken(line, room)).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

fn broken(line: &str, room: usize) -> Vec<String> {
    let start = line.len() - line.trim_start().len();
    let mut lines = vec![line[..start].to_owned()];
    let (mut used, mut first) = (start, true);
    for word in words(line.trim_start()) {
        let width = measure_text_width(word);
        if !first && used.saturating_add(1 + width) > room {
            lines.push(String::new());
            (used, first) = (0, true);
        }
        if let Some(current) = lines.last_mut() {
            if !first {
                current.push(' ');
            }
            current.push_str(word);
        }
        used += width + usize::from(!first);
        first = false;
    }
    lines
}

/// The words of a line; a span between backquotes is part of one word.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut begin, mut quoted) = (0, false);
    for (at, character) in line.char_indices() {
        match character {
            '`' => quoted = !quoted,
            ' ' if !quoted => {
                words.push(&line[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    words.push(&line[begin..]);
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_stay_whole_and_wide_characters_count_twice() {
        assert_eq!(
            flow("Run `chmod 600 wxremind.toml` now, please.", 2, Some(22)),
            "Run\n  `chmod 600 wxremind.toml`\n  now, please."
        );
        assert_eq!(flow("就诊 就诊 就诊", 0, Some(9)), "就诊 就诊\n就诊");
        assert_eq!(flow("a\n  b c", 4, None), "a\n      b c");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-z`就 \n]{0,60}", indent in 0usize..8, width in 0usize..40) {
            let bare = |text: &str| text.replace(char::is_whitespace, "");
            prop_assert_eq!(bare(&flow(&text, indent, Some(width))), bare(&text));
        }
    }
}
