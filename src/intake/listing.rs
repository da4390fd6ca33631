//! A table whose rows are lists of known columns, such as contacts and prescriptions; read as a stream.

use csv::StringRecord;

use super::cell::{clean, damage, is_unreadable, without_fraction};
use super::column::Column;
use super::error::Error;
use super::form::{Form, Wish};
use super::layout::Layout;
use super::mapping::Mapping;
use super::settings::ContactSettings;
use super::spool::Spool;
use crate::domain::reason::{Reason, Refusal};

/// An opened table.
pub(super) struct Listing<'a> {
    spool: &'a Spool,
    form: Form,
    layout: Layout,
    /// Which column is which.
    pub mapping: Mapping,
}

/// One row of it.
pub(super) struct Listed<'a> {
    /// The line on which the row begins, from 1.
    pub line: u64,
    record: &'a StringRecord,
    mapping: &'a Mapping,
}

impl<'a> Listing<'a> {
    /// Finds out how to read the table; one column of each entry of `needs` must be there.
    pub fn open(
        spool: &'a Spool,
        settings: &ContactSettings,
        needs: &[&'static [Column]],
    ) -> Result<Self, Error> {
        let wish = Wish {
            columns: &settings.columns,
            needs,
            encoding: settings.encoding.as_deref(),
            zone: &settings.zone,
            sheet: None,
        };
        let (form, layout) = Form::open(spool, &spool.prefix()?, &wish)?;
        let mapping = Mapping::new(&layout.head, &settings.columns, spool.name())?;
        Ok(Self { spool, form, layout, mapping })
    }

    /// Hands on each row that is not blank; returns the SHA-256 of the bytes.
    pub fn rows(&self, mut each: impl FnMut(&Listed<'_>)) -> Result<[u8; 32], Error> {
        let ((), fingerprint) = self.form.read(self.spool, |rows| {
            let mut record = StringRecord::new();
            while let Some(line) = rows.next(&mut record)? {
                let blank = record.iter().all(|cell| clean(cell).is_empty());
                if line > self.layout.head.line && !blank {
                    each(&Listed::new(line, &record, &self.mapping));
                }
            }
            Ok(())
        })?;
        self.spool.unchanged()?;
        Ok(fingerprint)
    }
}

impl<'a> Listed<'a> {
    /// A row with its number, under a mapping.
    pub fn new(line: u64, record: &'a StringRecord, mapping: &'a Mapping) -> Self {
        Self { line, record, mapping }
    }

    /// Refuses a row with fewer cells than the header, or with further ones that are not empty.
    pub fn check_width(&self) -> Result<(), Refusal> {
        let (cells, width) = (self.record.len(), self.mapping.width);
        if cells >= width && self.record.iter().skip(width).all(|cell| clean(cell).is_empty()) {
            return Ok(());
        }
        let plural = if cells == 1 { "" } else { "s" };
        let detail = format!("{cells} cell{plural}, and the header has {width}").into();
        Err(Refusal { line: self.line, column: None, reason: Reason::Ragged, detail: Some(detail) })
    }

    /// The text of a column; `None` when there is none or the cell is empty.
    pub fn text(&self, column: Column) -> Result<Option<&'a str>, Refusal> {
        let Some(&place) = self.mapping.places(column).first() else { return Ok(None) };
        let mut cell = self.record.get(place).map_or("", clean);
        if column == Column::Phone {
            cell = without_fraction(cell);
        }
        let fault = |reason, detail: Option<Box<str>>| {
            let column = Some(self.mapping.header(place).into());
            Err(Refusal { line: self.line, column, reason, detail })
        };
        if is_unreadable(cell) && column != Column::Patient {
            return fault(Reason::UnreadableText, None);
        }
        if let Some(damage) = damage(cell).filter(|_| column.is_identity()) {
            return fault(Reason::Destroyed, Some(damage.describe().into()));
        }
        Ok(Some(cell).filter(|cell| !cell.is_empty()))
    }
}
