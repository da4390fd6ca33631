//! The simulator's time: the machine's, moved on by what a test pretends has passed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;
/// No test needs more, and sums of times stay far from overflowing.
const CENTURY: Duration = Duration::from_secs(100 * 365 * DAY);

/// Real time plus what was pretended.
pub(crate) struct Clock {
    started: Instant,
    pretended: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self { started: Instant::now(), pretended: Duration::ZERO }
    }
}

impl Clock {
    /// Time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed().saturating_add(self.pretended)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.pretended = self.pretended.saturating_add(by).min(CENTURY);
    }

    /// The date and time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator is WeChat: it has a clock of its own"
    )]
    pub(crate) fn date(&self) -> SystemTime {
        SystemTime::now() + self.pretended
    }

    /// Seconds since 1970.
    pub(crate) fn unix(&self) -> u64 {
        self.date().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    /// The day of the quota. It begins with the start, so that no test meets a midnight.
    pub(crate) fn day(&self) -> u64 {
        self.now().as_secs() / DAY
    }
}
