//! A cursor over a short text, with the few moves that the grammar makes.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The text as the grammar reads it: trimmed, full-width signs made plain, every dash a `-`, every tilde a `~`.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii() && !text.contains(['\n', '\t']) {
        return Cow::Borrowed(text);
    }
    let folded = text.nfkc().map(|c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' => '-',
        '\u{301c}' | '\u{223c}' => '~',
        '\u{3000}' | '\u{a0}' | '\n' | '\t' => ' ',
        c => c,
    });
    Cow::Owned(folded.collect())
}

/// What is left to read.
#[derive(Clone, Debug)]
pub(super) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub fn rest(&self) -> &'a str {
        self.rest
    }

    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Passes spaces; true when there was one.
    pub fn spaces(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(' ');
        self.rest.len() < before
    }

    /// How many digits stand next.
    pub fn digits_ahead(&self) -> usize {
        self.rest.bytes().take_while(u8::is_ascii_digit).count()
    }

    /// Takes exactly `count` digits, which are there.
    pub fn take_digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.rest.get(..count)?;
        if count == 0 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value = digits.parse().ok()?;
        self.rest = &self.rest[count..];
        Some(value)
    }

    /// Takes all the digits that stand next, when their number is between `least` and `most`.
    pub fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.digits_ahead();
        if count < least || count > most { None } else { self.take_digits(count) }
    }

    /// Takes the character if it stands next.
    pub fn eat(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes the first of the words that stands next, whatever the case of its Latin letters.
    pub fn eat_any<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        let found = words.iter().copied().find(|word| {
            self.rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        })?;
        self.rest = &self.rest[found.len()..];
        Some(found)
    }
}
