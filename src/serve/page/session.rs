//! The signed cookie that stands for a key, and the token of the forms.
//!
//! The key of the signatures is made when the server starts and is never stored, so that a restart ends every session.
//! Time is counted from the start too: no change of the system's clock lengthens a session.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::time::Instant;

/// How long a session lasts: a shift. The cookie itself goes with the browser.
const LIFE: Duration = Duration::from_hours(8);

/// Bytes of a session's own number.
const NUMBER: usize = 16;

/// Signs and reads cookies.
pub(super) struct Sessions {
    key: [u8; 64],
    since: Instant,
    /// Sessions that were left, and when they would have ended.
    left: Mutex<HashMap<[u8; NUMBER], u64>>,
}

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// The name of the key that opened it.
    pub key: String,
    number: [u8; NUMBER],
    /// Seconds since the server started.
    ends: u64,
}

impl Sessions {
    /// A new key of signatures.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0; 64];
        getrandom::fill(&mut key)?;
        Ok(Self { key, since: Instant::now(), left: Mutex::default() })
    }

    /// Opens a session for the key of this name, and gives its cookie's value.
    pub fn open(&self, key: &str, now: Instant) -> Result<String, getrandom::Error> {
        let mut number = [0; NUMBER];
        getrandom::fill(&mut number)?;
        let ends = self.seconds(now) + LIFE.as_secs();
        let mut bytes = number.to_vec();
        bytes.extend(ends.to_be_bytes());
        bytes.extend(key.as_bytes());
        let signature = self.sign("session", &bytes).finalize().into_bytes();
        Ok(format!("{}.{}", BASE64.encode(bytes), BASE64.encode(signature)))
    }

    /// The open session of a cookie's value.
    pub fn read(&self, cookie: &str, now: Instant) -> Option<Session> {
        let (bytes, signature) = cookie.split_once('.')?;
        let (bytes, signature) = (BASE64.decode(bytes).ok()?, BASE64.decode(signature).ok()?);
        self.sign("session", &bytes).verify_slice(&signature).ok()?;
        let (number, rest) = bytes.split_first_chunk::<NUMBER>()?;
        let (ends, key) = rest.split_first_chunk::<8>()?;
        let ends = u64::from_be_bytes(*ends);
        let key = String::from_utf8(key.to_vec()).ok()?;
        let is_left = self.left().contains_key(number);
        (self.seconds(now) < ends && !is_left).then_some(Session { key, number: *number, ends })
    }

    /// Ends a session before its time.
    pub fn leave(&self, session: &Session, now: Instant) {
        let now = self.seconds(now);
        let mut left = self.left();
        left.retain(|_, ends| *ends > now);
        left.insert(session.number, session.ends);
    }

    /// The token of the session's forms: another page cannot know it.
    pub fn token(&self, session: &Session) -> String {
        BASE64.encode(self.sign("form", &session.number).finalize().into_bytes())
    }

    /// Whether a form came from a page of this session; compared in constant time.
    pub fn is_token(&self, session: &Session, given: &str) -> bool {
        let Ok(given) = BASE64.decode(given) else { return false };
        self.sign("form", &session.number).verify_slice(&given).is_ok()
    }

    /// A mark of what somebody has seen, which they hand back when they say yes to it.
    pub fn seal(&self, session: &Session, seen: &[&[u8]]) -> String {
        BASE64.encode(self.sealed(session, seen).finalize().into_bytes())
    }

    /// Whether this is the mark of just that.
    pub fn is_seal(&self, session: &Session, seen: &[&[u8]], given: &str) -> bool {
        let Ok(given) = BASE64.decode(given) else { return false };
        self.sealed(session, seen).verify_slice(&given).is_ok()
    }

    fn sealed(&self, session: &Session, seen: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.sign("seen", &session.number);
        for part in seen {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }

    fn sign(&self, what: &str, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac
    }

    fn seconds(&self, now: Instant) -> u64 {
        now.duration_since(self.since).as_secs()
    }

    fn left(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; NUMBER], u64>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cookie_is_read_back_until_its_time_or_until_it_is_left() {
        let (sessions, now) = (Sessions::new().unwrap(), Instant::now());
        let cookie = sessions.open("ward-3", now).unwrap();
        let session = sessions.read(&cookie, now).unwrap();
        assert_eq!(session.key, "ward-3");
        assert!(sessions.read(&cookie, now + LIFE - Duration::from_secs(2)).is_some());
        assert!(sessions.read(&cookie, now + LIFE).is_none());
        let other = sessions.open("ward-3", now).unwrap();
        sessions.leave(&session, now);
        assert!(sessions.read(&cookie, now).is_none());
        assert!(sessions.read(&other, now).is_some());
        assert!(Sessions::new().unwrap().read(&other, now).is_none());
    }

    #[test]
    fn a_token_is_of_one_session_and_a_seal_of_what_was_seen() {
        let (sessions, now) = (Sessions::new().unwrap(), Instant::now());
        let open = || sessions.read(&sessions.open("a", now).unwrap(), now).unwrap();
        let (one, other) = (open(), open());
        assert!(sessions.is_token(&one, &sessions.token(&one)));
        assert!(!sessions.is_token(&one, &sessions.token(&other)));
        assert!(!sessions.is_token(&one, ""));
        let seal = sessions.seal(&one, &[b"ab", b"c"]);
        assert!(sessions.is_seal(&one, &[b"ab", b"c"], &seal));
        assert!(!sessions.is_seal(&one, &[b"a", b"bc"], &seal));
        assert!(!sessions.is_seal(&other, &[b"ab", b"c"], &seal));
    }

    proptest! {
        #[test]
        fn no_text_is_a_session(text in "\\PC{0,80}", at in 0..60_usize, instead in any::<u8>()) {
            let (sessions, now) = (Sessions::new().unwrap(), Instant::now());
            prop_assert!(sessions.read(&text, now).is_none());
            let mut bytes = sessions.open("k", now).unwrap().into_bytes();
            let before = std::mem::replace(&mut bytes[at], instead);
            if let Ok(changed) = String::from_utf8(bytes) {
                // The last digit of a group has bits that say nothing; the decoder refuses those that are set.
                prop_assert!(before == instead || sessions.read(&changed, now).is_none());
            }
        }
    }
}
