//! MySQL's binary values as text.
//!
//! <https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/resultset-row>

use sqlx::mysql::{MySql, MySqlRow, MySqlTypeInfo};
use sqlx::{Column as _, Row as _, Type, TypeInfo as _, ValueRef as _};

use crate::intake::database::engine::unreadable;
use crate::intake::database::fault::Fault;
use crate::intake::database::scan::Dialect;

/// A type that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// An integer of so many bytes.
    Whole {
        bytes: usize,
        signed: bool,
    },
    Float,
    Double,
    /// A decimal number, which travels as its digits.
    Decimal,
    Text,
    Bit,
    Date,
    Time,
    Moment,
    /// The type of NULL alone.
    Null,
}

/// What a type is, if it can be read.
pub(super) fn known(info: &MySqlTypeInfo) -> Option<Known> {
    // Bytes without a character set are no text, whatever their length.
    if <str as Type<MySql>>::compatible(info) {
        return Some(Known::Text);
    }
    let whole = |bytes, signed| Some(Known::Whole { bytes, signed });
    match info.name() {
        "BOOLEAN" | "TINYINT" => whole(1, true),
        "TINYINT UNSIGNED" => whole(1, false),
        "SMALLINT" => whole(2, true),
        "SMALLINT UNSIGNED" | "YEAR" => whole(2, false),
        "INT" | "MEDIUMINT" => whole(4, true),
        "INT UNSIGNED" | "MEDIUMINT UNSIGNED" => whole(4, false),
        "BIGINT" => whole(8, true),
        "BIGINT UNSIGNED" => whole(8, false),
        "FLOAT" => Some(Known::Float),
        "DOUBLE" => Some(Known::Double),
        "DECIMAL" => Some(Known::Decimal),
        "BIT" => Some(Known::Bit),
        "DATE" => Some(Known::Date),
        "TIME" => Some(Known::Time),
        "DATETIME" | "TIMESTAMP" => Some(Known::Moment),
        "NULL" => Some(Known::Null),
        _ => None,
    }
}

/// A cell as text; empty for NULL, and for the days 0000-00-00 that MySQL writes instead.
pub(super) fn text(row: &MySqlRow, column: usize) -> Result<String, Fault> {
    let value = row.try_get_raw(column).map_err(|error| Fault::lost(&error))?;
    if value.is_null() {
        return Ok(String::new());
    }
    let info = value.type_info().into_owned();
    let bytes: &[u8] = row.try_get_unchecked(column).map_err(|error| Fault::lost(&error))?;
    known(&info).and_then(|known| read(bytes, known)).ok_or_else(|| {
        let name = row.columns().get(column).map_or("?", |column| column.name());
        unreadable(name, info.name(), Dialect::MySql)
    })
}

fn read(bytes: &[u8], known: Known) -> Option<String> {
    Some(match known {
        Known::Text | Known::Decimal => String::from_utf8_lossy(bytes).into_owned(),
        Known::Whole { bytes: size, signed } => whole(bytes.get(..size)?, signed)?,
        Known::Bit => bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)).to_string(),
        Known::Float => f32::from_le_bytes(bytes.try_into().ok()?).to_string(),
        Known::Double => f64::from_le_bytes(bytes.try_into().ok()?).to_string(),
        Known::Date => moment(bytes)?.0,
        Known::Moment => {
            let (day, time) = moment(bytes)?;
            format!("{day} {time}")
        }
        Known::Time => time(bytes)?,
        Known::Null => String::new(),
    })
}

fn whole(bytes: &[u8], signed: bool) -> Option<String> {
    Some(match (bytes.len(), signed) {
        (1, true) => i8::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (1, false) => u8::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (2, true) => i16::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (2, false) => u16::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (4, true) => i32::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (4, false) => u32::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (8, true) => i64::from_le_bytes(bytes.try_into().ok()?).to_string(),
        (8, false) => u64::from_le_bytes(bytes.try_into().ok()?).to_string(),
        _ => return None,
    })
}

/// Length, year, month, day, then hour, minute and second where they are not zero.
fn moment(bytes: &[u8]) -> Option<(String, String)> {
    let year = u16::from_le_bytes(bytes.get(1..3)?.try_into().ok()?);
    let day = format!("{year:04}-{:02}-{:02}", bytes.get(3)?, bytes.get(4)?);
    let part = |at| bytes.get(at).copied().unwrap_or(0);
    Some((day, format!("{:02}:{:02}:{:02}", part(5), part(6), part(7))))
}

/// Length, sign, four bytes of days, then hour, minute and second; nothing at all for 00:00.
fn time(bytes: &[u8]) -> Option<String> {
    let part = |at| bytes.get(at).copied().unwrap_or(0);
    let days = match bytes.get(2..6) {
        Some(days) => u32::from_le_bytes(days.try_into().ok()?),
        None => 0,
    };
    let sign = if part(1) == 1 { "-" } else { "" };
    let hours = u64::from(days) * 24 + u64::from(part(6));
    Some(format!("{sign}{hours:02}:{:02}:{:02}", part(7), part(8)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_and_times_are_written_as_people_write_them() {
        let read = |bytes: &[u8], known| read(bytes, known).unwrap();
        assert_eq!(read(&[4, 0xea, 7, 11, 30], Known::Date), "2026-11-30");
        assert_eq!(read(&[7, 0xea, 7, 11, 30, 8, 30, 5], Known::Moment), "2026-11-30 08:30:05");
        assert_eq!(read(&[4, 0xea, 7, 11, 30], Known::Moment), "2026-11-30 00:00:00");
        assert_eq!(read(&[8, 0, 0, 0, 0, 0, 8, 30, 0], Known::Time), "08:30:00");
        assert_eq!(read(&[0], Known::Time), "00:00:00");
        let signed = Known::Whole { bytes: 1, signed: true };
        assert_eq!(read(&[0xff], signed), "-1");
        assert_eq!(read(&[1, 2], Known::Bit), "258");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..14)) {
            for known in [Known::Float, Known::Double, Known::Bit, Known::Date, Known::Time, Known::Moment, Known::Text] {
                let _ = read(&bytes, known);
            }
            let _ = (whole(&bytes, true), whole(&bytes, false));
        }
    }
}
