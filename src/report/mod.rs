//! What is shown to people who look: figures of the record, their pictures, the report file, the telephone list.
//!
//! Everything here is made of counts, but for the telephone list. The figures are read once ([`figures`]) and are a
//! value; [`chart`] draws them as SVG that needs no script, no style and no font of its own, [`table`] writes the same
//! numbers in rows. A command, a page and a file therefore show the same.
//!
//! | file | job |
//! |---|---|
//! | `figures` | the figures, read of the ledger |
//! | `shares` | visits ahead by department, doctor and day |
//! | `delays` | how long messages took, in steps |
//! | `chart` | the figures as pictures |
//! | `table` | the figures as rows |
//! | `file` | the report: pictures and rows in one file |
//! | `telephone` | whom to telephone |
//! | `words`, `reasons` | what states and reasons are called, in English and Chinese |

pub mod chart;
mod delays;
mod figures;
mod file;
mod reasons;
mod shares;
pub mod table;
pub mod telephone;
#[cfg(test)]
mod tests;
mod words;

pub use delays::{Delays, STEPS};
pub use figures::{Asked, Day, Error, Failure, Figures, figures};
pub use file::{About, html};
pub use shares::Share;
pub use words::{Language, end, reason, state, why};
