//! What a reader may be told about a source; the defaults need no telling.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

use super::column::Column;
use super::lookup::Lookup;
use crate::domain::status::Vocabulary;

/// Which column of the source is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRef {
    /// By the text of its header; case, width, spaces and punctuation do not matter.
    Header(String),
    /// By its place, from 1.
    Index(usize),
}

/// The order of day and month in dates such as `03/04/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DayOrder {
    /// Day, month, year: Hong Kong, Singapore, Malaysia.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// How to read a source of appointments.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Columns whose header is no known name (`[source.columns]`); they replace what would be found. For `start` the
    /// first is the date and the rest the time, for `status` all must allow, for `location` they are joined.
    pub columns: BTreeMap<Column, Vec<ColumnRef>>,
    /// Values for columns that the source does not give, or whose cell is empty.
    pub defaults: BTreeMap<Column, String>,
    /// What the status words mean.
    pub vocabulary: Vocabulary,
    /// The clinic's zone: instants with an offset are turned into its wall clock.
    pub zone: TimeZone,
    /// The encoding's name (`gbk`, `big5`, `utf-8`, …) when it is not to be found out.
    pub encoding: Option<String>,
    /// The order of day and month, when the file itself need not prove it.
    pub day_order: Option<DayOrder>,
    /// Whether `2026-11-30T00:00:00Z` means the clinic's wall clock, as some exporters write it.
    pub instants_are_local: bool,
    /// Whether Excel's day numbers count from 1904, as in files from old Macs.
    pub excel_1904: bool,
    /// Identity columns that hold numbers, so that the `.0` a spreadsheet appended is dropped.
    pub numeric: BTreeSet<Column>,
    /// What codes stand for, where the source has codes instead of names.
    pub lookup: Option<Arc<Lookup>>,
    /// Only rows of these days are handed on; the others are counted and cost little.
    pub wanted_days: Option<RangeInclusive<Date>>,
    /// Of visits on other days a standard's reader need not know who and where, only which and when: so they take no
    /// memory.
    pub detailed_days: Option<RangeInclusive<Date>>,
    /// The clinic's today. Two different tables in one file are refused only for visits after it.
    pub today: Option<Date>,
    /// The sheet of a workbook, where several hold appointments.
    pub sheet: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            columns: BTreeMap::new(),
            defaults: BTreeMap::new(),
            vocabulary: Vocabulary::default(),
            zone: clinic_zone(),
            encoding: None,
            day_order: None,
            instants_are_local: false,
            excel_1904: false,
            numeric: BTreeSet::new(),
            lookup: None,
            wanted_days: None,
            detailed_days: None,
            today: None,
            sheet: None,
        }
    }
}

/// How to read contacts.
#[derive(Clone, Debug)]
pub struct ContactSettings {
    /// Columns whose header is no known name (`[contacts.columns]`).
    pub columns: BTreeMap<Column, Vec<ColumnRef>>,
    /// The column by which a patient is found: `patient_id` or `phone`.
    pub key: Column,
    /// The encoding's name when it is not to be found out.
    pub encoding: Option<String>,
    /// The clinic's zone, for `bound_at` with an offset.
    pub zone: TimeZone,
    /// The order of day and month in `birth_date` and `bound_at`.
    pub day_order: Option<DayOrder>,
}

impl Default for ContactSettings {
    fn default() -> Self {
        Self {
            columns: BTreeMap::new(),
            key: Column::PatientId,
            encoding: None,
            zone: clinic_zone(),
            day_order: None,
        }
    }
}

/// Asia/Shanghai, whose offset has been +08:00 for every year a visit can be in.
fn clinic_zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| TimeZone::fixed(offset(8)))
}
