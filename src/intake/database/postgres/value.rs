//! PostgreSQL's binary values as text. Types by their object ids, which have never changed.
//!
//! <https://www.postgresql.org/docs/15/catalog-pg-type.html>, `src/backend/utils/adt/*.c` (`…send`).

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use sqlx::postgres::{PgRow, PgTypeInfo, PgTypeKind, PgValueRef};
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

use crate::intake::database::civil;
use crate::intake::database::engine::unreadable;
use crate::intake::database::fault::Fault;
use crate::intake::database::scan::Dialect;

/// A type that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Uuid,
}

/// What a type is, if it can be read.
pub(super) fn known(info: &PgTypeInfo) -> Option<Known> {
    let by_id = match info.oid().map(|oid| oid.0) {
        Some(16) => Some(Known::Bool),
        Some(20) => Some(Known::Int8),
        Some(21) => Some(Known::Int2),
        Some(23) => Some(Known::Int4),
        Some(26) => Some(Known::Oid),
        Some(700) => Some(Known::Float4),
        Some(701) => Some(Known::Float8),
        Some(1700) => Some(Known::Numeric),
        // "char", name, text, json, unknown, char(n), varchar
        Some(18 | 19 | 25 | 114 | 705 | 1042 | 1043) => Some(Known::Text),
        Some(1082) => Some(Known::Date),
        Some(1083) => Some(Known::Time),
        Some(1114) => Some(Known::Timestamp),
        Some(1184) => Some(Known::Timestamptz),
        Some(2950) => Some(Known::Uuid),
        _ => None,
    };
    by_id.or_else(|| match info.kind() {
        PgTypeKind::Enum(_) => Some(Known::Text),
        PgTypeKind::Domain(base) => known(base),
        // Texts of extensions and of databases that descend from PostgreSQL.
        PgTypeKind::Simple => ["citext", "varchar2", "nvarchar2", "nvarchar"]
            .iter()
            .any(|name| info.name().eq_ignore_ascii_case(name))
            .then_some(Known::Text),
        _ => None,
    })
}

/// A cell as text; empty for NULL.
pub(super) fn text(row: &PgRow, column: usize, zone: &TimeZone) -> Result<String, Fault> {
    let value = row.try_get_raw(column).map_err(|error| Fault::lost(&error))?;
    if value.is_null() {
        return Ok(String::new());
    }
    let info = value.type_info().into_owned();
    read(&value, known(&info), zone).ok_or_else(|| {
        let name = row.columns().get(column).map_or("?", |column| column.name());
        unreadable(name, info.name(), Dialect::Postgres)
    })
}

fn read(value: &PgValueRef<'_>, known: Option<Known>, zone: &TimeZone) -> Option<String> {
    let bytes = value.as_bytes().ok()?;
    Some(match known? {
        // Bytes that are no UTF-8 become replacement characters, and the row says so.
        Known::Text => String::from_utf8_lossy(bytes).into_owned(),
        Known::Bool => (bytes.first()? != &0).to_string(),
        Known::Int2 => i16::from_be_bytes(bytes.try_into().ok()?).to_string(),
        Known::Int4 => i32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        Known::Oid => u32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        Known::Int8 => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        Known::Float4 => float(f32::from_be_bytes(bytes.try_into().ok()?)),
        Known::Float8 => float(f64::from_be_bytes(bytes.try_into().ok()?)),
        Known::Numeric => numeric(bytes)?,
        // A day that is no day, such as infinity, is refused with its row.
        Known::Date => {
            civil::day(i32::from_be_bytes(bytes.try_into().ok()?)).unwrap_or_else(endless)
        }
        Known::Time => civil::time(i64::from_be_bytes(bytes.try_into().ok()?))?,
        Known::Timestamp => {
            civil::wall(i64::from_be_bytes(bytes.try_into().ok()?)).unwrap_or_else(endless)
        }
        Known::Timestamptz => {
            civil::instant(i64::from_be_bytes(bytes.try_into().ok()?), zone).unwrap_or_else(endless)
        }
        Known::Uuid => uuid::Uuid::from_slice(bytes).ok()?.to_string(),
    })
}

fn endless() -> String {
    "infinity".to_owned()
}

/// A rounded number, as PostgreSQL writes those that are none.
fn float(number: impl std::fmt::Display) -> String {
    match number.to_string().as_str() {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        text => text.to_owned(),
    }
}

/// An exact number: digits in base 10,000, the weight of the first, the sign, and how many decimals are shown.
fn numeric(bytes: &[u8]) -> Option<String> {
    let word = |at: usize| Some(i16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let (count, weight) = (word(0)?, word(2)?);
    let (sign, scale) = (word(4)?.cast_unsigned(), usize::try_from(word(6)?).ok()?);
    match sign {
        0x0000 | 0x4000 => {}
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => return None,
    }
    let digit = |place: i16| {
        if (0..count).contains(&place) {
            word(8 + 2 * usize::try_from(place).ok()?).filter(|digit| (0..10_000).contains(digit))
        } else {
            Some(0)
        }
    };
    let mut whole = String::new();
    for place in 0..=weight.max(-1) {
        write!(whole, "{:04}", digit(place)?).ok()?;
    }
    let whole = whole.trim_start_matches('0');
    let mut text = String::new();
    if sign == 0x4000 {
        text.push('-');
    }
    text.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        let mut decimals = String::new();
        let mut place = weight.checked_add(1)?;
        while decimals.len() < scale {
            write!(decimals, "{:04}", if place < 0 { 0 } else { digit(place)? }).ok()?;
            place = place.checked_add(1)?;
        }
        decimals.truncate(scale);
        text.push('.');
        text.push_str(&decimals);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(words: &[i16]) -> Option<String> {
        numeric(&words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>())
    }

    #[test]
    fn a_number_is_exact() {
        for (words, text) in [
            // count, weight, sign, scale, digits
            (&[0, 0, 0, 0][..], "0"),
            (&[1, 0, 0, 0, 7], "7"),
            (&[2, 1, 0, 0, 1, 2345], "12345"),
            (&[1, 2, 0, 0, 1], "100000000"),
            (&[2, 0, 0x4000, 2, 12, 3400], "-12.34"),
            (&[1, -1, 0, 4, 500], "0.0500"),
            (&[1, -2, 0, 8, 5], "0.00000005"),
            (&[5, 4, 0, 0, 1234, 5678, 9012, 3456, 7890], "12345678901234567890"),
        ] {
            assert_eq!(number(words).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_number_is_called_by_its_name() {
        for (sign, text) in [(0xC000_u16, "NaN"), (0xD000, "Infinity"), (0xF000, "-Infinity")] {
            assert_eq!(number(&[0, 0, sign.cast_signed(), 0]).as_deref(), Some(text));
        }
        assert_eq!(float(f64::NAN), "NaN");
        assert_eq!((float(f32::NEG_INFINITY), float(1.5_f64)), ("-Infinity".into(), "1.5".into()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            // A number of any weight would be long: the weight is the third and fourth byte.
            let mut bytes = bytes;
            if let Some(high) = bytes.get_mut(2) { *high &= 0x81; }
            let _ = numeric(&bytes);
        }
    }
}
