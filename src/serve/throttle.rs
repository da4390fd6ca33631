//! A warning that a flood of calls does not turn into a flood of lines.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The least time between two lines of one kind.
const REST: Duration = Duration::from_secs(10);

/// Warns of one kind of thing.
pub(super) struct Throttle {
    what: &'static str,
    last: Mutex<(Option<Instant>, u64)>,
}

impl Throttle {
    pub const fn new(what: &'static str) -> Self {
        Self { what, last: Mutex::new((None, 0)) }
    }

    /// Counts one more, and says so unless it has just been said; the next line has the sum.
    pub fn warn(&self, why: &impl Display) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.1 += 1;
        if last.0.is_none_or(|at| at.elapsed() >= REST) {
            tracing::warn!(count = last.1, last = %why, "{}", self.what);
            *last = (Some(Instant::now()), 0);
        }
    }
}
