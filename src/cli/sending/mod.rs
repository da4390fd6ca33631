//! What `remind` and `prescribe` share: a run of delivery on a ledger, watched at the terminal, and what it came to.

mod deliver;
mod desk;
mod outcome;

pub use deliver::{Course, deliver};
pub use desk::{begin, look, open};
pub use outcome::Outcome;
