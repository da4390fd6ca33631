//! The parameters of a statement, and their places in its text.

use jiff::Timestamp;

/// A parameter of a statement.
#[derive(Clone)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Owned(String),
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Param<'_> {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Param<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u16> for Param<'_> {
    fn from(number: u16) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Param<'_> {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Param<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

impl From<Timestamp> for Param<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Owned(text(at))
    }
}

impl<'a> From<&'a [u8; 32]> for Param<'a> {
    fn from(bytes: &'a [u8; 32]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A time as the ledger writes it: UTC, milliseconds, `Z`, always 24 characters, so that text order is time order.
pub fn text(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// `$first, …` for so many parameters.
pub fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// `($first, …), (…)` for so many rows of parameters, to stand after `VALUES`.
///
/// `types` says of each column what it is: a NULL alone does not tell PostgreSQL. `None` leaves a column to the value,
/// which then must not be NULL in the first row.
pub fn rows(first: usize, count: usize, types: &[Option<&str>]) -> String {
    let width = types.len();
    let row = |number: usize| {
        let places = types.iter().enumerate().map(|(column, kind)| {
            let place = first + number * width + column;
            match kind.filter(|_| number == 0) {
                Some(kind) => format!("CAST(${place} AS {kind})"),
                None => format!("${place}"),
            }
        });
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

/// How many values a statement is written for that takes `count`: a power of two, so that few texts are prepared.
/// The last value is repeated to fill it.
pub fn size_class(count: usize) -> usize {
    count.next_power_of_two()
}

/// So many of them, the last one repeated as often as [`size_class`] asks.
pub fn padded<T>(values: &[T]) -> impl Iterator<Item = &T> {
    let more = size_class(values.len()) - values.len();
    values.iter().chain(std::iter::repeat_n(values.last(), more).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_row_by_row_and_the_first_row_tells_the_types() {
        assert_eq!(placeholders(3, 2), "$3, $4");
        let types = [Some("BIGINT"), None];
        assert_eq!(rows(2, 2, &types), "(CAST($2 AS BIGINT), $3), ($4, $5)");
    }

    #[test]
    fn a_list_is_filled_with_its_last_value_up_to_its_size_class() {
        assert_eq!(padded(&[1, 2, 3]).collect::<Vec<_>>(), [&1, &2, &3, &3]);
        assert_eq!(padded(&[1, 2]).count(), 2);
        assert_eq!(padded(&[1]).count(), 1);
    }
}
