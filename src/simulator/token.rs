//! Access tokens: two families that know nothing of each other, of which one is stable.
//!
//! Facts: `/cgi-bin/token` (each call gives a new token; the one before works 300 s longer) and
//! `/cgi-bin/stable_token` (the same token until its last 300 s; old and new overlap; at most 20
//! forced refreshes a day, 30 s apart). Two tokens of a family are alive at most.

use std::collections::HashMap;
use std::time::Duration;

/// A token this near to its end is replaced, and a replaced token lives this long.
const OVERLAP: Duration = Duration::from_mins(5);
/// A forced refresh this soon after another does nothing.
const FORCE_PAUSE: Duration = Duration::from_secs(30);
const FORCES_A_DAY: u32 = 20;
/// Dead tokens beyond this many are forgotten.
const REMEMBERED: usize = 1024;

/// Which endpoint a token is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Classic,
    Stable,
}

/// A token as an endpoint gives it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) token: String,
    pub(crate) expires_in: u64,
}

/// Every token of the account.
#[derive(Default)]
pub(crate) struct Tokens {
    lives: HashMap<String, Life>,
    /// The newest token of each family and the one before it.
    classic: [Option<String>; 2],
    stable: [Option<String>; 2],
    last_force: Option<Duration>,
    forces: (u64, u32),
}

/// When a token ends, and what is answered from then on.
struct Life {
    ends: Duration,
    then: i64,
}

/// What the clock and the settings say at a call.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) now: Duration,
    pub(crate) day: u64,
    pub(crate) lifetime: Duration,
}

impl Tokens {
    /// A new classic token at every call.
    pub(crate) fn classic(&mut self, at: Call, fresh: String) -> Grant {
        self.issue(Family::Classic, at, fresh)
    }

    /// The stable token; `fresh` is used when it is due or forced.
    pub(crate) fn stable(&mut self, at: Call, force: bool, fresh: String) -> Result<Grant, i64> {
        if force && self.may_force(at)? {
            return Ok(self.issue(Family::Stable, at, fresh));
        }
        if let Some(token) = &self.stable[0]
            && let Some(life) = self.lives.get(token)
            && let left = life.ends.saturating_sub(at.now)
            && left > OVERLAP
        {
            return Ok(Grant { token: token.clone(), expires_in: left.as_secs() });
        }
        Ok(self.issue(Family::Stable, at, fresh))
    }

    /// Whether a forced refresh does anything. What the 21st of a day is answered is not
    /// documented; 45009 is the simulator's guess.
    fn may_force(&mut self, at: Call) -> Result<bool, i64> {
        if self.last_force.is_some_and(|last| at.now < last + FORCE_PAUSE) {
            return Ok(false);
        }
        if self.forces.0 != at.day {
            self.forces = (at.day, 0);
        }
        if self.forces.1 >= FORCES_A_DAY {
            return Err(45009);
        }
        self.forces.1 += 1;
        self.last_force = Some(at.now);
        Ok(true)
    }

    fn issue(&mut self, family: Family, at: Call, fresh: String) -> Grant {
        let pair = match family {
            Family::Classic => &mut self.classic,
            Family::Stable => &mut self.stable,
        };
        let [newest, before] = pair;
        let oldest = std::mem::replace(before, newest.replace(fresh.clone()));
        let replaced = before.clone();
        self.end(oldest.as_deref(), at.now, 40001);
        self.end(replaced.as_deref(), at.now + OVERLAP, 40001);
        self.forget_the_dead(at.now);
        self.lives
            .insert(fresh.clone(), Life { ends: at.now.saturating_add(at.lifetime), then: 42001 });
        Grant { token: fresh, expires_in: at.lifetime.as_secs() }
    }

    /// Ends a token at `ends` unless it ends earlier.
    fn end(&mut self, token: Option<&str>, ends: Duration, then: i64) {
        if let Some(life) = token.and_then(|token| self.lives.get_mut(token))
            && ends < life.ends
        {
            *life = Life { ends, then };
        }
    }

    fn forget_the_dead(&mut self, now: Duration) {
        if self.lives.len() > REMEMBERED {
            self.lives.retain(|_, life| life.ends > now);
        }
    }

    /// Whether a call with this token passes.
    pub(crate) fn verify(&self, token: Option<&str>, now: Duration) -> Result<(), i64> {
        let token = token.filter(|token| !token.is_empty()).ok_or(41001)?;
        let life = self.lives.get(token).ok_or(40001)?;
        if now < life.ends { Ok(()) } else { Err(life.then) }
    }

    /// Ends one token at once; whether it lived.
    pub(crate) fn kill(&mut self, token: &str, now: Duration, then: i64) -> bool {
        let lived = self.lives.get(token).is_some_and(|life| now < life.ends);
        self.end(Some(token), now, then);
        lived
    }

    /// Ends every token at once.
    pub(crate) fn kill_all(&mut self, now: Duration, then: i64) {
        for life in self.lives.values_mut().filter(|life| now < life.ends) {
            *life = Life { ends: now, then };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_hours(2);

    fn at(seconds: u64) -> Call {
        Call { now: Duration::from_secs(seconds), day: 0, lifetime: LIFETIME }
    }

    fn verify(tokens: &Tokens, token: &str, seconds: u64) -> Result<(), i64> {
        tokens.verify(Some(token), Duration::from_secs(seconds))
    }

    fn stable(tokens: &mut Tokens, seconds: u64, fresh: &str) -> (String, u64) {
        let grant = tokens.stable(at(seconds), false, fresh.to_owned()).unwrap();
        (grant.token, grant.expires_in)
    }

    #[test]
    fn the_stable_token_stays_the_same_until_its_last_300_seconds() {
        let mut tokens = Tokens::default();
        assert_eq!(stable(&mut tokens, 0, "a"), ("a".to_owned(), 7200));
        assert_eq!(stable(&mut tokens, 6899, "b"), ("a".to_owned(), 301));
        assert_eq!(stable(&mut tokens, 6900, "b"), ("b".to_owned(), 7200));
        assert_eq!(verify(&tokens, "a", 7199), Ok(()));
        assert_eq!(verify(&tokens, "a", 7200), Err(42001));
        assert_eq!(verify(&tokens, "b", 7200), Ok(()));
    }

    #[test]
    fn the_two_families_leave_each_other_alone() {
        let mut tokens = Tokens::default();
        stable(&mut tokens, 0, "s");
        for name in ["a", "b", "c"] {
            tokens.classic(at(1), name.to_owned());
        }
        assert_eq!(verify(&tokens, "s", 2), Ok(()));
        assert_eq!(verify(&tokens, "a", 2), Err(40001), "two are alive at most");
        assert_eq!(verify(&tokens, "b", 300), Ok(()));
        assert_eq!(verify(&tokens, "b", 301), Err(40001), "replaced, not expired");
        assert_eq!(verify(&tokens, "c", 301), Ok(()));
    }

    #[test]
    fn forcing_rotates_but_not_twice_in_30_seconds_nor_21_times_a_day() {
        let mut tokens = Tokens::default();
        stable(&mut tokens, 0, "a");
        for turn in 0..20 {
            let fresh = format!("f{turn}");
            let grant = tokens.stable(at(30 * turn), true, fresh.clone()).unwrap();
            assert_eq!(grant.token, fresh);
        }
        let soon = tokens.stable(at(30 * 19 + 29), true, "no".to_owned()).unwrap();
        assert_eq!(soon.token, "f19");
        assert_eq!(tokens.stable(at(30 * 20), true, "no".to_owned()), Err(45009));
        let tomorrow = Call { day: 1, ..at(86_400) };
        assert_eq!(tokens.stable(tomorrow, true, "new".to_owned()).unwrap().token, "new");
    }

    #[test]
    fn a_killed_token_is_replaced_at_the_next_call() {
        let mut tokens = Tokens::default();
        stable(&mut tokens, 0, "a");
        tokens.kill("a", Duration::from_secs(5), 42001);
        assert_eq!(verify(&tokens, "a", 5), Err(42001));
        assert_eq!(stable(&mut tokens, 5, "b").0, "b");
        tokens.kill_all(Duration::from_secs(6), 40001);
        assert_eq!(verify(&tokens, "b", 6), Err(40001));
        assert_eq!(verify(&tokens, "a", 6), Err(42001), "the dead keep their cause");
        assert_eq!(tokens.verify(None, Duration::ZERO), Err(41001));
        assert_eq!(verify(&tokens, "other", 0), Err(40001));
    }
}
