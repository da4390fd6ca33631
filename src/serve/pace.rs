//! How often a key may call: so many times a minute, saved up for a minute at the most.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// The calls that each key has left.
pub(super) struct Pace {
    a_minute: u32,
    keys: Mutex<HashMap<String, Left>>,
}

struct Left {
    calls: f64,
    at: Instant,
}

impl Pace {
    /// So many calls a minute, at least one.
    pub fn new(a_minute: u32) -> Self {
        Self { a_minute: a_minute.max(1), keys: Mutex::default() }
    }

    /// Takes one call of this key.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&self, key: &str, now: Instant) -> Result<(), Duration> {
        let most = f64::from(self.a_minute);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let left = keys.entry(key.to_owned()).or_insert(Left { calls: most, at: now });
        let saved = now.duration_since(left.at).as_secs_f64() / MINUTE.as_secs_f64() * most;
        *left = Left { calls: (left.calls + saved).min(most), at: now };
        if left.calls < 1.0 {
            return Err(MINUTE.mul_f64((1.0 - left.calls) / most));
        }
        left.calls -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_calls_and_gets_them_back_with_time() {
        let (pace, now) = (Pace::new(2), Instant::now());
        assert_eq!([(); 2].map(|()| pace.take("a", now)), [Ok(()), Ok(())]);
        assert_eq!(pace.take("a", now), Err(MINUTE / 2));
        assert_eq!(pace.take("b", now), Ok(()));
        assert_eq!(pace.take("a", now + MINUTE / 2), Ok(()));
        assert!(pace.take("a", now + MINUTE / 2).is_err());
        assert!(Pace::new(0).take("a", now).is_ok(), "nobody is shut out by a setting");
    }
}
