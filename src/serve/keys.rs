//! Who may call: API keys by name, known by their hash alone, and compared in constant time.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tokio::time::Instant;

/// Wrong keys within [`MINUTE`] until all wrong ones are turned away unread; a right one is always let in.
const MOST_WRONG: u32 = 20;
const MINUTE: Duration = Duration::from_mins(1);
/// No key is longer.
const LONGEST: usize = 256;

/// A caller's key.
pub struct Key {
    /// What it is called, in the log and as the actor.
    pub name: String,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Key {
    /// Whether it may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it opens the page.
    pub fn opens_page(&self) -> bool {
        [Scope::Read, Scope::Contact, Scope::Prescribe].iter().any(|scope| self.may(*scope))
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Pass receipts on.
    Receipts,
    /// Send messages through the connector.
    Send,
    /// See what was sent and what is to be sent, without openids and telephone numbers.
    Read,
    /// See openids and telephone numbers too.
    Contact,
    /// Send prescriptions by the page's form.
    Prescribe,
}

/// A word that names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such scope; the scopes are receipts, send, read, contact and prescribe")]
pub struct UnknownScope;

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] =
        [Self::Receipts, Self::Send, Self::Read, Self::Contact, Self::Prescribe];

    /// The word of the settings and of the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receipts => "receipts",
            Self::Send => "send",
            Self::Read => "read",
            Self::Contact => "contact",
            Self::Prescribe => "prescribe",
        }
    }

    /// Whether who may do this makes the program send.
    const fn sends(self) -> bool {
        matches!(self, Self::Send | Self::Prescribe)
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word).ok_or(UnknownScope)
    }
}

/// Why a caller is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nobody has this key.
    Unknown,
    /// Nobody has it, and too many like it came before.
    TooMany,
    /// It may not do this.
    Scope,
}

/// The keys there are.
pub struct Keys {
    keys: Vec<Key>,
    wrong: Mutex<Wrong>,
}

/// How many wrong keys came since when.
struct Wrong {
    since: Instant,
    count: u32,
}

impl Keys {
    /// These and no others.
    pub fn new(keys: Vec<Key>) -> Self {
        Self { keys, wrong: Mutex::new(Wrong { since: Instant::now(), count: 0 }) }
    }

    /// How many there are.
    pub const fn all(&self) -> usize {
        self.keys.len()
    }

    /// How many there are that may do this.
    pub fn count(&self, scope: Scope) -> usize {
        self.keys.iter().filter(|key| key.scopes.contains(&scope)).count()
    }

    /// How many there are that open the page.
    pub fn opening_page(&self) -> usize {
        self.keys.iter().filter(|key| key.opens_page()).count()
    }

    /// Whether somebody may make the program send.
    pub fn may_send(&self) -> bool {
        self.keys.iter().flat_map(|key| &key.scopes).any(|scope| scope.sends())
    }

    /// Whose key this is, whatever it may do.
    pub(super) fn known(&self, given: &[u8], now: Instant) -> Result<&Key, Refused> {
        self.find(given).ok_or_else(|| self.count_wrong(now))
    }

    /// The key of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Whose key this is, if it may do this.
    pub(super) fn allow(&self, given: &[u8], scope: Scope, now: Instant) -> Result<&Key, Refused> {
        match self.find(given) {
            Some(key) if key.scopes.contains(&scope) => Ok(key),
            Some(_) => Err(Refused::Scope),
            None => Err(self.count_wrong(now)),
        }
    }

    /// Looks at every key, whichever fits, so that the time tells nothing.
    fn find(&self, given: &[u8]) -> Option<&Key> {
        if given.len() > LONGEST {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(given).into();
        let none = u32::MAX;
        let mut found = none;
        for (index, key) in (0..none).zip(&self.keys) {
            let same: Choice = key.hash.ct_eq(&hash);
            found.conditional_assign(&index, same);
        }
        self.keys.get(usize::try_from(found).ok()?)
    }

    fn count_wrong(&self, now: Instant) -> Refused {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(wrong.since) >= MINUTE {
            *wrong = Wrong { since: now, count: 0 };
        }
        wrong.count = wrong.count.saturating_add(1);
        if wrong.count > MOST_WRONG { Refused::TooMany } else { Refused::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let key = |name: &str, scopes: &[Scope]| Key {
            name: name.to_owned(),
            hash: Sha256::digest(name).into(),
            scopes: scopes.to_vec(),
        };
        Keys::new(vec![key("vendor", &[Scope::Receipts]), key("page", &[])])
    }

    #[test]
    fn the_right_key_is_let_in_whatever_wrong_ones_came_before() {
        let (keys, now) = (keys(), Instant::now());
        let allow = |given: &[u8], now| keys.allow(given, Scope::Receipts, now);
        assert_eq!(allow(b"vendor", now).map(|key| &*key.name).ok(), Some("vendor"));
        assert_eq!(allow(b"page", now).err(), Some(Refused::Scope));
        for _ in 0..MOST_WRONG {
            assert_eq!(allow(b"guess", now).err(), Some(Refused::Unknown));
        }
        assert_eq!(allow(b"", now).err(), Some(Refused::TooMany));
        assert!(allow(b"vendor", now).is_ok());
        assert_eq!(allow(&[7; 300], now + MINUTE * 2).err(), Some(Refused::Unknown));
    }

    #[test]
    fn without_keys_nobody_is_let_in() {
        assert!(Keys::new(Vec::new()).allow(b"", Scope::Receipts, Instant::now()).is_err());
    }
}
