//! The engine: claim, send, settle, until nothing is left or something says stop.
//!
//! One current-thread runtime, a set of in-flight futures and one ledger thread. An attempt with its backoff is one
//! future that holds its slot; at most one ledger exchange (settle + claim, one transaction) is under way while
//! requests fly. Nothing is sent whose intent is not committed, because only a committed claim hands a message out.

mod attempt;
mod gate;
mod ready;
mod run;
mod settings;
mod stop;
mod tally;
mod verdict;

pub use run::{Error, run};
pub use settings::{Settings, Waits};
pub use stop::{Stop, Stopper, Why, stopper};
pub use tally::{Halt, Progress, Tally};
