//! Appointments and contacts from a hospital's database: one SELECT, or one view.
//!
//! | file | what it is for |
//! |---|---|
//! | `query` | what is asked: where, what, of which days |
//! | `scan`, `select` | the SQL of the settings: quotation marks, placeholders, that it only reads |
//! | `engine` | what every engine does; `postgres`, `mysql`, `sqlite`, `odbc` do it |
//! | `link` | the thread on which an engine lives, and the short channel its rows come through |
//! | `opened` | which column of the answer is which, and the rows |
//! | `appointments` | rows become appointments, by the rules for files |
//! | `fault` | what can go wrong |
//!
//! Three promises: the session can only read; what is bound is never pasted into the SQL; an answer that was cut off is
//! an error, never a shorter answer.

mod appointments;
mod civil;
mod engine;
mod fault;
mod link;
mod mysql;
mod network;
#[cfg(feature = "odbc")]
mod odbc;
mod opened;
mod postgres;
mod query;
mod scan;
mod select;
mod sqlite;

pub(super) use appointments::Appointments;
pub use fault::Fault;
pub(super) use opened::{Opened, Wish};
pub use query::{Period, Query};

use super::error::Error;
use select::Select;

/// Whether a query of the settings can be sent to the database of this address; no server is asked.
pub fn check(query: &Query) -> Result<(), Error> {
    let checked = query.resolve().and_then(|(target, question)| match question {
        query::Question::Select(text) => Select::parse(&text, target.dialect()).map(drop),
        query::Question::Table(_) => Ok(()),
    });
    checked.map_err(|fault| fault.at(&query.name))
}

#[cfg(test)]
mod tests;
