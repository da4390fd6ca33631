//! The access token: one in memory, fetched by one caller at a time for all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Error;

/// How long before its end a token is renewed: WeChat itself rolls it over 5 minutes before
/// (`/cgi-bin/stable_token`), and the old and the new one both work in between.
const MARGIN: Duration = Duration::from_secs(300);
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
        let used_for = self.life.saturating_sub(MARGIN).max(LEAST_USE.min(self.life / 2));
        self.since.elapsed() >= used_for
    }

    pub(crate) fn token(&self) -> Token {
        Token {
            value: self.value.clone(),
            expires_in: self.life.saturating_sub(self.since.elapsed()),
        }
    }
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
