//! Bytes become text: decoded, with one kind of line end, and never more than a row at a time.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{CoderResult, Decoder, Encoding};

use super::big5;

/// The most that is read of one row, in bytes of text: a quotation mark that is never closed must not fill the memory.
pub(super) const ROW_LIMIT: u64 = 1024 * 1024;

/// How many bytes are decoded at a time.
const CHUNK: usize = 64 * 1024;

/// What stands for a full-width comma where that divides the cells: ASCII's unit separator.
pub(super) const WIDE_COMMA: u8 = 0x1f;

/// What a text ends with where that is asked for: ASCII's group separator on a line of its own. A reader of rows that
/// meets it inside a row knows that a quotation mark was never closed.
pub(super) const END: &str = "\u{1d}";

/// The mark of byte order, which the encodings of Unicode may put before a text.
const MARK: &str = "\u{feff}";

/// How much may still be read before the next row must begin; shared between a [`Text`] and whoever cuts it into rows.
#[derive(Clone, Default)]
pub(super) struct Allowance(Rc<Cell<u64>>);

impl Allowance {
    /// A new row begins: what is buffered ahead is allowed on top.
    pub fn renew(&self) {
        self.0.set(ROW_LIMIT + 2 * CHUNK as u64);
    }

    /// Whether the row ran into its limit.
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// A reader of UTF-8 text with `\n` line ends, made from bytes in any encoding.
///
/// Bytes that are no text become U+FFFD, whose row is then rejected by name. A mark of byte order is dropped. The text
/// always ends with a line end.
pub(super) struct Text<R> {
    bytes: R,
    decoder: Decoder,
    raw: Vec<u8>,
    decoded: usize,
    ready: Vec<u8>,
    given: usize,
    allowance: Allowance,
    wishes: Wishes,
    half: Option<u8>,
    at_start: bool,
    after_return: bool,
    last: u8,
    ended: bool,
}

/// What is done to a text beside decoding it.
#[derive(Default)]
struct Wishes {
    wide_commas: bool,
    user_defined: bool,
    end: bool,
}

impl<R: Read> Text<R> {
    /// Decodes `bytes` from `encoding`.
    pub fn new(bytes: R, encoding: &'static Encoding, allowance: Allowance) -> Self {
        allowance.renew();
        Self {
            bytes,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::with_capacity(CHUNK),
            decoded: 0,
            ready: Vec::new(),
            given: 0,
            allowance,
            wishes: Wishes::default(),
            half: None,
            at_start: true,
            after_return: false,
            last: b'\n',
            ended: false,
        }
    }

    /// Characters that a user of Big5 defined are marked as no text: see [`big5`].
    pub fn mark_user_defined(&mut self, mark: bool) {
        self.wishes.user_defined = mark;
    }

    /// Full-width commas divide cells: they become [`WIDE_COMMA`].
    pub fn with_wide_commas(mut self, divide: bool) -> Self {
        self.wishes.wide_commas = divide;
        self
    }

    /// The text ends with a line that holds [`END`].
    pub fn with_end(mut self) -> Self {
        self.wishes.end = true;
        self
    }

    /// What the bytes came from.
    pub fn into_inner(self) -> R {
        self.bytes
    }

    fn refill(&mut self) -> io::Result<()> {
        self.given = 0;
        self.ready.clear();
        while self.ready.is_empty() && !self.ended {
            let last = self.read_raw()?;
            self.decode(last);
        }
        Ok(())
    }

    /// Makes sure that there are bytes to decode; true at the end of the source.
    fn read_raw(&mut self) -> io::Result<bool> {
        if self.decoded < self.raw.len() {
            return Ok(false);
        }
        self.raw.clear();
        self.decoded = 0;
        self.raw.extend(self.half.take());
        let count = self.bytes.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
        if self.wishes.user_defined && big5::mark(&mut self.raw) == 1 && count > 0 {
            self.half = self.raw.pop();
        }
        Ok(count == 0)
    }

    fn decode(&mut self, last: bool) {
        // Three bytes of UTF-8 for each byte is the most that any encoding needs.
        self.ready.resize(3 * (self.raw.len() - self.decoded) + 16, 0);
        let (result, read, written, _) =
            self.decoder.decode_to_utf8(&self.raw[self.decoded..], &mut self.ready, last);
        self.decoded += read;
        self.ready.truncate(written);
        if std::mem::take(&mut self.at_start) && self.ready.starts_with(MARK.as_bytes()) {
            self.ready.drain(..MARK.len());
        }
        self.one_kind_of_line_end();
        if self.wishes.wide_commas {
            self.ready = replace(&self.ready, "，".as_bytes(), WIDE_COMMA);
        }
        if last && result == CoderResult::InputEmpty {
            if self.last != b'\n' {
                self.ready.push(b'\n');
            }
            if self.wishes.end {
                self.ready.extend_from_slice(END.as_bytes());
                self.ready.push(b'\n');
            }
            self.ended = true;
        }
    }

    /// CR LF and CR become LF. A CR at the end of one chunk and the LF at the start of the next are one line end.
    fn one_kind_of_line_end(&mut self) {
        if self.after_return || self.ready.contains(&b'\r') {
            let mut after_return = self.after_return;
            self.ready.retain_mut(|byte| {
                let second_half = after_return && *byte == b'\n';
                after_return = *byte == b'\r';
                if after_return {
                    *byte = b'\n';
                }
                !second_half
            });
            self.after_return = after_return;
        }
        if let Some(last) = self.ready.last() {
            self.last = *last;
        }
    }
}

/// `text` with each `wanted` as one byte; a decoded piece never ends inside a character.
fn replace(text: &[u8], wanted: &[u8], by: u8) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(wanted) {
            replaced.push(by);
            rest = after;
        } else {
            replaced.push(*first);
            rest = after;
        }
    }
    replaced
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.refill()?;
        }
        let left = self.allowance.0.get();
        let ready = &self.ready[self.given..];
        let count = ready.len().min(buffer.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
        if count == 0 && !ready.is_empty() && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the row is too long"));
        }
        buffer[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        self.allowance.0.set(left - count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time, so that every boundary is met.
    struct Dribble<'a>(&'a [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(bytes: &[u8], encoding: &'static Encoding) -> String {
        let mut text = String::new();
        Text::new(Dribble(bytes, 3), encoding, Allowance::default())
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn every_line_end_is_one_and_the_last_is_there() {
        assert_eq!(read(b"a\r\nb\rc\nd\r\r\ne", encoding_rs::UTF_8), "a\nb\nc\nd\n\ne\n");
        assert_eq!(read(b"a\r\n", encoding_rs::UTF_8), "a\n");
    }

    #[test]
    fn the_mark_of_byte_order_is_dropped_and_bad_bytes_are_marked() {
        assert_eq!(read(b"\xef\xbb\xbfa\xffb", encoding_rs::UTF_8), "a\u{fffd}b\n");
    }

    #[test]
    fn a_row_without_end_is_stopped() {
        let endless = io::repeat(b'x');
        let allowance = Allowance::default();
        let mut text = Text::new(endless, encoding_rs::UTF_8, allowance.clone());
        let read = io::copy(&mut text, &mut io::sink());
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(allowance.is_spent());
    }

    proptest! {
        #[test]
        fn what_is_decoded_is_what_was_written(text in "[a-z预约張三\n,\"]{0,200}") {
            let mut expected = text.clone();
            if !text.is_empty() && !text.ends_with('\n') {
                expected.push('\n');
            }
            prop_assert_eq!(read(text.as_bytes(), encoding_rs::UTF_8), expected.clone());
            let (gbk, _, lost) = encoding_rs::GB18030.encode(&text);
            prop_assert!(!lost);
            prop_assert_eq!(read(&gbk, encoding_rs::GB18030), expected);
        }
    }
}
