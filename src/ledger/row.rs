//! Reading a row from left to right, into the domain's types.

use std::str::FromStr;
use std::vec::IntoIter;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::Error;
use crate::domain::appointment::Start;

/// One value of a row.
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    /// A type that this program never writes.
    Foreign,
}

/// A row, read column by column in the order of the SELECT. The names are for errors only.
pub(super) struct Row {
    cells: IntoIter<Cell>,
}

impl Row {
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells: cells.into_iter() }
    }

    /// The values not read yet.
    pub fn rest(self) -> IntoIter<Cell> {
        self.cells
    }

    pub fn opt_int(&mut self, column: &'static str) -> Result<Option<i64>, Error> {
        match self.cells.next() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Int(number)) => Ok(Some(number)),
            _ => Err(Error::Stored { column }),
        }
    }

    pub fn opt_text(&mut self, column: &'static str) -> Result<Option<String>, Error> {
        match self.cells.next() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(text)) => Ok(Some(text)),
            _ => Err(Error::Stored { column }),
        }
    }

    pub fn opt_bytes(&mut self, column: &'static str) -> Result<Option<[u8; 32]>, Error> {
        match self.cells.next() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(bytes)) => {
                bytes.try_into().map(Some).map_err(|_| Error::Stored { column })
            }
            _ => Err(Error::Stored { column }),
        }
    }

    pub fn int(&mut self, column: &'static str) -> Result<i64, Error> {
        self.opt_int(column)?.ok_or(Error::Stored { column })
    }

    pub fn count(&mut self, column: &'static str) -> Result<u64, Error> {
        u64::try_from(self.int(column)?).map_err(|_| Error::Stored { column })
    }

    /// A whole number of a smaller type.
    pub fn small<T: TryFrom<i64>>(&mut self, column: &'static str) -> Result<T, Error> {
        T::try_from(self.int(column)?).map_err(|_| Error::Stored { column })
    }

    pub fn opt_small<T: TryFrom<i64>>(&mut self, column: &'static str) -> Result<Option<T>, Error> {
        let number = self.opt_int(column)?;
        number.map(T::try_from).transpose().map_err(|_| Error::Stored { column })
    }

    pub fn text(&mut self, column: &'static str) -> Result<String, Error> {
        self.opt_text(column)?.ok_or(Error::Stored { column })
    }

    pub fn bytes(&mut self, column: &'static str) -> Result<[u8; 32], Error> {
        self.opt_bytes(column)?.ok_or(Error::Stored { column })
    }

    /// A text that is one of the domain's words, an id or a time.
    pub fn word<T: FromStr>(&mut self, column: &'static str) -> Result<T, Error> {
        self.text(column)?.parse().map_err(|_| Error::Stored { column })
    }

    /// As [`Row::word`]; none for NULL and for the empty text.
    pub fn opt_word<T: FromStr>(&mut self, column: &'static str) -> Result<Option<T>, Error> {
        let text = self.opt_text(column)?.filter(|text| !text.is_empty());
        text.map(|text| text.parse()).transpose().map_err(|_| Error::Stored { column })
    }

    pub fn opt_time(&mut self, column: &'static str) -> Result<Option<Timestamp>, Error> {
        self.opt_word(column)
    }

    /// The two columns `start` and `slot`.
    pub fn opt_start(&mut self) -> Result<Option<Start>, Error> {
        let (start, slot) = (self.opt_text("start")?, self.opt_text("slot")?);
        start
            .map(|start| read_start(&start, slot).ok_or(Error::Stored { column: "start" }))
            .transpose()
    }
}

/// `2026-11-30T09:00`, or `2026-11-30` where no time is known.
pub(super) fn start_text(start: &Start) -> String {
    start.time.map_or_else(
        || start.date.to_string(),
        |time| format!("{}T{:02}:{:02}", start.date, time.hour(), time.minute()),
    )
}

fn read_start(text: &str, slot: Option<String>) -> Option<Start> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time.parse::<Time>().ok()?)),
        None => (text, None),
    };
    Some(Start { date: date.parse::<Date>().ok()?, time, slot: slot.map(Into::into) })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn a_start_is_read_back_as_it_was_written() {
        let day = date(2026, 11, 30);
        for start in [
            Start::at(day, time(9, 5, 0, 0)),
            Start::at(day, time(9, 5, 0, 0)).with_slot("09:05-09:30"),
            Start::on(day, Some("上午")),
            Start::on(day, None),
        ] {
            let slot = start.slot.as_deref().map(str::to_owned);
            assert_eq!(read_start(&start_text(&start), slot), Some(start));
        }
    }
}
