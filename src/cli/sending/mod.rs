//! What `remind` and `prescribe` share: a run of delivery on a ledger, watched at the terminal, and what it came to.

mod deliver;
mod desk;
mod outcome;
mod quota;

pub use deliver::{Course, deliver};
pub use desk::{begin, look, open, place};
pub use outcome::{Outcome, messages};
pub use quota::say_quota;
