//! The bytes of a source that tell its encoding: those that are not ASCII, and what stands around them.

use std::io::Read;

use super::super::error::Error;
use super::super::spool::Spool;

/// How many bytes beyond ASCII are enough to judge by.
const ENOUGH: usize = 400;
/// How many bytes are kept.
const MOST: usize = 64 * 1024;

/// Lines with bytes beyond ASCII.
pub(super) struct Evidence {
    lines: Vec<u8>,
}

/// What UTF-8 makes of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Utf8 {
    /// There is nothing beyond ASCII.
    Ascii,
    /// Valid, with characters that no text in another encoding shows by chance.
    Certain,
    /// All but a few bytes are valid.
    Damaged,
    /// Valid, but every character is of two bytes, as GBK's `预约` also reads.
    Doubtful,
    /// Not UTF-8.
    Invalid,
}

impl Evidence {
    /// From the first bytes; from the whole source when those hold too little.
    pub fn gather(spool: &Spool, prefix: &[u8]) -> Result<Self, Error> {
        let mut evidence = Self { lines: Vec::new() };
        let mut rest = Vec::new();
        evidence.take_lines(prefix, &mut rest);
        if evidence.is_enough() {
            return Ok(evidence);
        }
        let mut bytes = spool.bytes()?;
        let mut skipped = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = bytes.read(&mut buffer).map_err(|source| spool.unreadable(source))?;
            if count == 0 {
                break;
            }
            // What the prefix held is there already.
            let new = prefix.len().saturating_sub(skipped).min(count);
            skipped += count;
            evidence.take_lines(&buffer[new..count], &mut rest);
            if evidence.is_enough() {
                return Ok(evidence);
            }
        }
        evidence.take_line(&rest);
        Ok(evidence)
    }

    /// The lines, for the detector.
    pub fn bytes(&self) -> &[u8] {
        &self.lines
    }

    /// How many bytes are not ASCII.
    pub fn beyond_ascii(&self) -> usize {
        self.lines.iter().filter(|byte| !byte.is_ascii()).count()
    }

    fn is_enough(&self) -> bool {
        self.beyond_ascii() >= ENOUGH
    }

    /// Takes the whole lines of a piece that hold more than ASCII; `rest` carries what a line began with before it.
    fn take_lines(&mut self, piece: &[u8], rest: &mut Vec<u8>) {
        if piece.is_ascii() && rest.is_ascii() {
            // Only the line that the next piece goes on with is of use, and nothing of it when it is long.
            rest.clear();
            return;
        }
        let mut lines = piece.split(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(mut line) = lines.next() else { return };
        for next in lines {
            rest.extend_from_slice(line);
            self.take_line(rest);
            rest.clear();
            line = next;
        }
        if rest.len() + line.len() > MOST {
            rest.clear();
        }
        rest.extend_from_slice(line);
    }

    fn take_line(&mut self, line: &[u8]) {
        if !line.is_ascii() && self.lines.len() + line.len() < MOST {
            self.lines.extend_from_slice(line);
            self.lines.push(b'\n');
        }
    }

    /// How the lines read as UTF-8.
    pub fn utf8(&self) -> Utf8 {
        let (mut long, mut latin, mut other, mut invalid) = (0usize, 0usize, 0usize, 0usize);
        for chunk in self.lines.utf8_chunks() {
            let mut after_letter = false;
            for c in chunk.valid().chars() {
                match c {
                    '\0'..='\x7f' => {}
                    // `José`: a letter with an accent among plain ones.
                    '\u{c0}'..='\u{24f}' if after_letter => latin += 1,
                    '\u{c0}'..='\u{24f}' | '\u{80}'..='\u{7ff}' => other += 1,
                    '\u{1e00}'..='\u{1eff}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => {
                        long += 1;
                    }
                    c if c >= '\u{f900}' => long += 1,
                    _ => other += 1,
                }
                after_letter = c.is_alphabetic() && c < '\u{250}';
            }
            invalid += usize::from(!chunk.invalid().is_empty());
        }
        let valid = long + latin;
        match () {
            () if self.lines.is_empty() => Utf8::Ascii,
            () if invalid == 0 && long > other => Utf8::Certain,
            () if invalid == 0 && latin > other => Utf8::Certain,
            () if invalid == 0 => Utf8::Doubtful,
            () if valid >= 10 * invalid => Utf8::Damaged,
            () => Utf8::Invalid,
        }
    }
}
