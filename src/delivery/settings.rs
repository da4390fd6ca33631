//! How fast, how many at once, and how long each wait is.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// What a run of the engine may be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Messages a second, shared by all runs on the account; `None` is unlimited, for loopback only.
    pub rate: Option<f64>,
    /// Requests in flight in this process.
    pub concurrency: usize,
    /// How long each wait is.
    pub waits: Waits,
    /// Rung by whoever queues messages while the engine runs, so that it looks again at once.
    pub bell: Arc<Notify>,
}

impl Default for Settings {
    fn default() -> Self {
        let (waits, bell) = (Waits::default(), Arc::default());
        Self { rate: Some(20.0), concurrency: 10, waits, bell }
    }
}

/// The waits of a run.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Before each further try of a request that met −1, a 5xx or a transport fault; then the message is put off.
    pub backoff: [Duration; 4],
    /// How long a message is put off after that.
    pub put_off: Duration,
    /// How long a first-attempt 40241 waits: WeChat's own window is 60 s.
    pub duplicate: Duration,
    /// How long a recipient to whom WeChat says "too frequently" (43117) is left alone.
    pub recipient: Duration,
    /// How long a run waits for messages put off while nothing else is left.
    pub patience: Duration,
    /// How long a settled message may wait for its group to be written.
    pub settle: Duration,
    /// How much of a pause to the next minute (45011) is really waited; only a rehearsal shortens it.
    pub pause_scale: f64,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            backoff: [1, 2, 4, 8].map(Duration::from_secs),
            put_off: Duration::from_mins(1),
            duplicate: Duration::from_secs(61),
            recipient: Duration::from_mins(30),
            patience: Duration::from_mins(3),
            settle: Duration::from_millis(200),
            pause_scale: 1.0,
        }
    }
}

impl Waits {
    /// Every wait multiplied by `scale`, for rehearsals against a simulator.
    #[must_use]
    pub fn scaled(&self, scale: f64) -> Self {
        if scale >= 1.0 {
            return self.clone();
        }
        let scaled = |wait: Duration| wait.mul_f64(scale.max(0.0));
        Self {
            backoff: self.backoff.map(scaled),
            put_off: scaled(self.put_off),
            duplicate: scaled(self.duplicate),
            recipient: scaled(self.recipient),
            patience: scaled(self.patience),
            settle: self.settle,
            pause_scale: scale.max(0.0),
        }
    }
}
