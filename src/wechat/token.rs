//! The access token: one in memory, fetched by one caller at a time for all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Error;

/// How long before its end a token is renewed: WeChat itself rolls it over 5 minutes before
/// (`/cgi-bin/stable_token`), and the old and the new one both work in between.
const MARGIN: Duration = Duration::from_mins(5);
/// A token is used at least this long, however little was left of it, so that a short one starts no storm.
const LEAST_USE: Duration = Duration::from_secs(5);
/// WeChat documents "a value within 7200"; nothing longer is believed.
const LONGEST: u64 = 7200;

/// An access token and how much longer it is valid. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token.
    pub value: SecretString,
    /// What is left of it.
    pub expires_in: Duration,
}

/// A token in use, with the number of the fetch that brought it: a later fetch may bring the very same text, and
/// is still another token when one asks "is this the one that failed?".
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) value: SecretString,
    fetch: u64,
    since: Instant,
    life: Duration,
}

impl Held {
    fn is_due(&self) -> bool {
        self.since.elapsed() >= use_for(self.life)
    }

    pub(crate) fn token(&self) -> Token {
        Token {
            value: self.value.clone(),
            expires_in: self.life.saturating_sub(self.since.elapsed()),
        }
    }
}

/// How long a token that lives so long is used.
fn use_for(life: Duration) -> Duration {
    life.saturating_sub(MARGIN).max(LEAST_USE.min(life / 2))
}

/// The current token. Whoever finds none, or one that is due, fetches while all others wait for the lock; if that
/// caller is dropped, the lock is free again and the next one fetches.
#[derive(Default)]
pub(crate) struct TokenCell {
    state: Mutex<State>,
    /// How many fetches have failed so far; read without the lock, to learn whether one failed while waiting for it.
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    fetches: u64,
    failure: Option<Error>,
}

impl TokenCell {
    /// The current token, fetched with `fetch` where needed. `failed` is a token that WeChat refused: it is dropped,
    /// if nobody has replaced it yet.
    ///
    /// A fetch that fails while others wait fails for them too: they had wanted the same answer.
    pub(crate) async fn get<F>(&self, failed: Option<&Held>, fetch: F) -> Result<Held, Error>
    where
        F: AsyncFnOnce() -> Result<(SecretString, u64), Error>,
    {
        let failures = self.failures.load(Ordering::SeqCst);
        let mut state = self.state.lock().await;
        if failed.is_some_and(|failed| {
            state.held.as_ref().is_some_and(|held| held.fetch == failed.fetch)
        }) {
            state.held = None;
        }
        if let Some(held) = state.held.as_ref().filter(|held| !held.is_due()) {
            return Ok(held.clone());
        }
        if self.failures.load(Ordering::SeqCst) != failures
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        // Its life is counted from before the request: the answer may have been long on its way.
        let since = Instant::now();
        match fetch().await {
            Ok((value, seconds)) => {
                state.fetches += 1;
                let life = Duration::from_secs(seconds.min(LONGEST));
                let held = Held { value, fetch: state.fetches, since, life };
                state.held = Some(held.clone());
                Ok(held)
            }
            Err(failure) => {
                state.failure = Some(failure.clone());
                self.failures.fetch_add(1, Ordering::SeqCst);
                Err(failure)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use secrecy::ExposeSecret;
    use tokio::sync::Notify;

    use super::*;

    type Fetched = Result<(SecretString, u64), Error>;

    fn good(text: &str) -> (SecretString, u64) {
        (SecretString::from(text), 7200)
    }

    fn bad() -> Error {
        Error::settings("no".to_owned())
    }

    #[test]
    fn a_token_is_renewed_300_seconds_before_its_end_and_a_short_one_is_used_a_little() {
        let used = |seconds| use_for(Duration::from_secs(seconds)).as_secs();
        assert_eq!((used(7200), used(1000), used(345)), (6900, 700, 45));
        assert_eq!((used(300), used(8), used(0)), (5, 4, 0));
    }

    #[tokio::test]
    async fn a_due_token_is_fetched_again_and_a_long_life_is_not_believed() {
        let cell = TokenCell::default();
        cell.get(None, async || Ok((SecretString::from("a"), 0))).await.unwrap();
        let next = cell.get(None, async || Ok((SecretString::from("b"), u64::MAX))).await.unwrap();
        assert_eq!((next.value.expose_secret(), next.life), ("b", Duration::from_hours(2)));
    }

    #[tokio::test]
    async fn only_the_token_that_failed_is_dropped_even_if_the_next_one_is_the_same_text() {
        let cell = TokenCell::default();
        let first = cell.get(None, async || Ok(good("same"))).await.unwrap();
        let second = cell.get(Some(&first), async || Ok(good("same"))).await.unwrap();
        assert_ne!(first.fetch, second.fetch);
        let kept = cell
            .get(Some(&first), async || panic!("the failed one is gone already"))
            .await
            .unwrap();
        assert_eq!(kept.fetch, second.fetch);
    }

    #[tokio::test]
    async fn a_failed_fetch_fails_for_all_who_waited_and_the_next_caller_tries_again() {
        let cell = Arc::new(TokenCell::default());
        let fetches = Arc::new(AtomicUsize::new(0));
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let first = tokio::spawn({
            let (cell, begun, go) = (cell.clone(), begun.clone(), go.clone());
            async move {
                cell.get(None, async || {
                    begun.notify_one();
                    go.notified().await;
                    Err(bad())
                })
                .await
                .is_err()
            }
        });
        begun.notified().await;
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (cell, fetches) = (cell.clone(), fetches.clone());
            waiting.spawn(async move {
                let fetch = async || {
                    fetches.fetch_add(1, Ordering::SeqCst);
                    Ok(good("late"))
                };
                cell.get(None, fetch).await.is_err()
            });
        }
        // On one thread, this lets each of them run until it waits for the lock.
        tokio::task::yield_now().await;
        go.notify_one();
        assert!(first.await.unwrap());
        assert_eq!(waiting.join_all().await, [true; 8]);
        assert_eq!(fetches.load(Ordering::SeqCst), 0);
        assert!(cell.get(None, async || Ok(good("next"))).await.is_ok());
    }

    #[tokio::test]
    async fn a_caller_dropped_while_fetching_does_not_block_the_others() {
        let cell = Arc::new(TokenCell::default());
        let begun = Arc::new(Notify::new());
        let dropped = tokio::spawn({
            let (cell, begun) = (cell.clone(), begun.clone());
            async move {
                let never = async || {
                    begun.notify_one();
                    std::future::pending::<Fetched>().await
                };
                cell.get(None, never).await.is_ok()
            }
        });
        begun.notified().await;
        let next = tokio::spawn({
            let cell = cell.clone();
            async move {
                cell.get(None, async || Ok(good("mine")))
                    .await
                    .unwrap()
                    .value
                    .expose_secret()
                    .to_owned()
            }
        });
        tokio::task::yield_now().await;
        dropped.abort();
        assert_eq!(next.await.unwrap(), "mine");
    }
}
