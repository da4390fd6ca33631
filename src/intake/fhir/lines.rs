//! A text that knows where it is, and can be read a line at a time.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Counts the lines and columns that pass; between [`begin`](Self::begin) and [`end`](Self::end) the text ends with the
/// line.
pub(super) struct Lines<R> {
    text: R,
    place: Place,
    /// Whether only the current line is read.
    one: bool,
}

/// Where a text is; shared with whoever reads it.
#[derive(Clone)]
pub(super) struct Place(Rc<Cell<[u64; 4]>>);

impl Place {
    /// The line, from 1.
    pub fn line(&self) -> u64 {
        self.0.get()[0]
    }

    /// The line and column, in bytes, of the last byte that was read and ended no line; from 1.
    pub fn last(&self) -> (u64, u64) {
        let [line, column, before, width] = self.0.get();
        if column == 0 { (before, width.max(1)) } else { (line, column) }
    }

    fn pass(&self, byte: u8) {
        let [line, column, before, width] = self.0.get();
        self.0.set(match (byte, column) {
            (b'\n', 0) => [line + 1, 0, before, width],
            (b'\n', _) => [line + 1, 0, line, column],
            _ => [line, column + 1, before, width],
        });
    }
}

impl<R: BufRead> Lines<R> {
    /// A text from its start.
    pub fn of(text: R) -> Self {
        Self { text, place: Place(Rc::new(Cell::new([1, 0, 1, 0]))), one: false }
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// What the text came from.
    pub fn into_inner(self) -> R {
        self.text
    }

    /// The next line is read, and nothing beyond; false at the end of the text.
    pub fn begin(&mut self) -> io::Result<bool> {
        self.one = true;
        Ok(!self.text.fill_buf()?.is_empty())
    }

    /// Passes what is left of the line, and its end.
    pub fn end(&mut self) -> io::Result<()> {
        self.one = false;
        let mut byte = [0];
        while self.read(&mut byte)? == 1 && byte[0] != b'\n' {}
        Ok(())
    }
}

impl<R: BufRead> Read for Lines<R> {
    /// A byte at a time, as the parser asks for them: what it has not read is not passed.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some(first), Some(byte)) =
            (buffer.first_mut(), self.text.fill_buf()?.first().copied())
        else {
            return Ok(0);
        };
        if self.one && byte == b'\n' {
            return Ok(0);
        }
        self.text.consume(1);
        self.place.pass(byte);
        *first = byte;
        Ok(1)
    }
}
