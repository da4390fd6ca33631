//! Whether the receiver is up: one that is down is left alone for a while and then asked with one event.

use std::time::Duration;

use tokio::time::Instant;

use super::post::Answer;

/// Requests in flight while the receiver takes events.
pub(super) const IN_FLIGHT: usize = 8;

/// From how many failures in a row on the receiver counts as down.
const DOWN: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What is known of the receiver.
#[derive(Default)]
pub(super) struct Health {
    /// Failures since the last success.
    failures: u32,
    /// How often it was left alone since.
    pauses: u32,
    until: Option<Instant>,
    gone: bool,
    why: Option<String>,
}

impl Health {
    /// Takes note of an answer.
    pub fn note(&mut self, answer: &Answer, now: Instant) {
        let Answer::Refused { why, wait, gone } = answer else {
            (self.failures, self.pauses, self.until) = (0, 0, None);
            return;
        };
        // One that names a time is up, and busy.
        self.failures += u32::from(wait.is_none());
        self.gone |= gone;
        self.why = Some(why.clone());
        // Requests that flew together fail together: that is one pause.
        if self.is_paused(now) {
            return;
        }
        let pause = wait.or_else(|| (self.failures >= DOWN).then(|| self.pause()));
        if let Some(pause) = pause {
            self.pauses += 1;
            self.until = Some(now + pause);
        }
    }

    fn pause(&self) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << self.pauses.min(8)).min(LONGEST_PAUSE)
    }

    /// How many requests may be in flight.
    pub fn room(&self, now: Instant) -> usize {
        match self.failures {
            _ if self.gone || self.is_paused(now) => 0,
            DOWN.. => 1,
            _ => IN_FLIGHT,
        }
    }

    fn is_paused(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// Whether it takes no events, as far as is known: it failed again and again, or said that it wants none (410).
    pub const fn is_down(&self) -> bool {
        self.gone || self.failures >= DOWN
    }

    /// When it is asked again, if it is left alone now.
    pub fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// Why the last request failed that did.
    pub fn why(self) -> Option<String> {
        self.why
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(wait: Option<Duration>, gone: bool) -> Answer {
        Answer::Refused { why: "HTTP 500".to_owned(), wait, gone }
    }

    #[test]
    fn after_three_failures_it_is_left_alone_then_asked_with_one_event() {
        let (mut health, mut now) = (Health::default(), Instant::now());
        for _ in 0..2 {
            health.note(&refused(None, false), now);
            assert_eq!(health.room(now), IN_FLIGHT);
        }
        for pause in [5, 10, 20, 40, 60, 60] {
            health.note(&refused(None, false), now);
            assert_eq!((health.room(now), health.is_down()), (0, true));
            // What flew with it changes nothing.
            health.note(&refused(None, false), now);
            now += Duration::from_secs(pause);
            assert_eq!(health.room(now - Duration::from_millis(1)), 0, "{pause}");
            assert_eq!(health.room(now), 1, "{pause}");
        }
        health.note(&Answer::Taken, now);
        assert_eq!((health.room(now), health.is_down()), (IN_FLIGHT, false));
    }

    #[test]
    fn a_receiver_that_names_a_time_is_asked_then_and_one_that_is_gone_never() {
        let (mut health, mut now) = (Health::default(), Instant::now());
        let wait = Duration::from_mins(7);
        health.note(&refused(Some(wait), false), now);
        assert_eq!((health.until(now), health.is_down()), (Some(now + wait), false));
        now += wait;
        assert_eq!(health.room(now), IN_FLIGHT);
        health.note(&refused(None, true), now);
        assert_eq!((health.room(now + wait), health.is_down()), (0, true));
        assert_eq!(health.why().as_deref(), Some("HTTP 500"));
    }
}
