//! Which of `03/04/2026` is the month: what the file itself proves, with `30/04/2026` or `04/30/2026`.

use csv::StringRecord;
use jiff::tz::TimeZone;

use super::cell::clean;
use super::dates::{Rules, Trouble, When};
use super::error::Error;
use super::records::Rows;
use super::settings::DayOrder;

/// Reads every date; a file that proves both orders, or none, is not guessed at.
pub(super) fn prove(
    rows: &mut dyn Rows,
    header_line: u64,
    places: &[usize],
    asked_on: u64,
    source: &str,
) -> Result<DayOrder, Error> {
    let (mut dmy, mut mdy) = (None, None);
    let mut record = StringRecord::new();
    while let Some(line) = rows.next(&mut record)? {
        if line <= header_line {
            continue;
        }
        for cell in places.iter().filter_map(|place| record.get(*place)) {
            match proof(clean(cell)) {
                Some(DayOrder::Dmy) => dmy = dmy.or(Some(line)),
                Some(DayOrder::Mdy) => mdy = mdy.or(Some(line)),
                None => {}
            }
        }
        if let (Some(dmy), Some(mdy)) = (dmy, mdy) {
            return Err(Error::MixedDayOrder { name: source.to_owned(), dmy, mdy });
        }
    }
    match (dmy, mdy) {
        (Some(_), None) => Ok(DayOrder::Dmy),
        (None, Some(_)) => Ok(DayOrder::Mdy),
        _ => Err(Error::UnknownDayOrder { name: source.to_owned(), line: asked_on }),
    }
}

fn proof(cell: &str) -> Option<DayOrder> {
    let zone = TimeZone::UTC;
    let rules = Rules {
        zone: &zone,
        order: None,
        instants_are_local: true,
        excel_1904: false,
        births: false,
    };
    match When::read(cell, &rules) {
        Err(Trouble::NeedsOrder(order)) => order,
        _ => None,
    }
}
