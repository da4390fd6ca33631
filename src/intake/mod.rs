//! Where appointments come from: files and pipes as hospitals export them, and hospital databases, read as a stream.
//!
//! A [`Source`] is opened (which decides how to read it, and says so in its [`Understanding`]) and then read, row by
//! row, into [`Appointment`](crate::domain::appointment::Appointment)s and
//! [`Refused`](crate::domain::reason::Refused) rows. [`contacts()`] reads the table that maps patients to openids.
//!
//! Three laws: nothing is repaired by guess, a bad row never stops a good one, and memory does not grow with the file.

mod alias;
mod big5;
mod binary;
mod booking;
mod cell;
mod column;
mod contacts;
pub mod database;
pub mod dates;
mod draft;
mod encoding;
mod error;
mod fhir;
mod foreign;
mod form;
mod found;
mod hl7;
mod layout;
mod listing;
mod lookup;
mod mapping;
mod margin;
mod names;
mod order;
mod phone;
mod prescriptions;
mod records;
mod row;
mod section;
mod settings;
mod source;
mod spool;
mod standard;
mod table;
mod tables;
mod text;
mod understanding;
mod workbook;

pub use column::{Column, UnknownColumn};
pub use contacts::{
    Candidates, Contact, ContactsReading, RefusedContact, SeveralOpenids, birth_date, contacts,
    contacts_of_database, destroyed, typed,
};
pub use error::Error;
pub use lookup::Lookup;
pub use phone::e164;
pub use prescriptions::{PrescriptionRow, prescriptions};
pub use settings::{ColumnRef, ContactSettings, DayOrder, Settings};
pub use source::{Origin, Reading, Row, Source};
pub use understanding::{Mapped, Passed, Understanding};
