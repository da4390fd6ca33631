//! What `remind` and `prescribe` share: a run of delivery on a ledger, watched at the terminal, and what it came to.

mod begun;
mod deliver;
mod outcome;
mod phones;
mod quota;

pub use begun::{Begun, Job, abandon, unknowns};
pub use deliver::pace;
pub use outcome::{Outcome, Rest};
pub use phones::show_phones;
pub use quota::say_quota;
