//! What the other side's clock says, by the `Date` header of its last answer.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{DATE, HeaderMap};

/// The last date that was heard, and when on the monotonic clock.
#[derive(Default)]
pub(crate) struct PeerClock(Mutex<Option<(SystemTime, Instant)>>);

impl PeerClock {
    /// Notes the date of an answer. One without a readable date changes nothing.
    pub(crate) fn hear(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        if let Some(date) = date.and_then(|text| httpdate::parse_http_date(text).ok()) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((date, Instant::now()));
        }
    }

    /// The date heard last, carried on to the present.
    pub(crate) fn now(&self) -> Option<SystemTime> {
        let heard = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (date, since) = heard?;
        date.checked_add(since.elapsed().min(LONGEST))
    }
}

/// No process runs longer between two answers, and the sum stays on every calendar.
const LONGEST: Duration = Duration::from_hours(24 * 366);

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_last_readable_date_counts_and_runs_on() {
        let clock = PeerClock::default();
        let hear = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static(text));
            clock.hear(&headers);
        };
        assert_eq!(clock.now(), None);
        hear("Mon, 23 Nov 2026 00:30:00 GMT");
        for nonsense in ["", "yesterday", "Mon, 99 Nov 2026 00:30:00 GMT"] {
            hear(nonsense);
        }
        let said = UNIX_EPOCH + Duration::from_mins(29_923_230);
        let now = clock.now().unwrap();
        assert!(now >= said && now < said + Duration::from_mins(10), "{now:?}");
    }
}
