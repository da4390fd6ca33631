//! The exit codes, and which one wins when several hold.

use std::process::ExitCode;

/// How a command ended, for cron and scripts. The numbers are a promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Exit {
    /// 0: done, or nothing was due. Rows skipped by rule are part of this.
    #[default]
    Done,
    /// 1: done, but some messages failed or stay put off, or some rows were rejected.
    Partly,
    /// 2: the command line is wrong.
    Usage,
    /// 3: the source as a whole was refused; nothing was sent.
    Source,
    /// 4: the settings are wrong or incomplete.
    Configuration,
    /// 5: the token endpoint refused: secret, address not on the whitelist, frozen account.
    Credentials,
    /// 6: WeChat refused the account or the template, or the quota is spent; the rest stays queued.
    Refused,
    /// 7: the ledger cannot be used.
    Ledger,
    /// 8: an outcome is unknown and waits for a person.
    Unknown,
    /// 130: interrupted; what was in flight is settled.
    Interrupted,
}

impl Exit {
    /// Every code, the one that wins a merge first.
    pub const ALL: [Self; 10] = [
        Self::Interrupted,
        Self::Ledger,
        Self::Credentials,
        Self::Refused,
        Self::Unknown,
        Self::Partly,
        // These three arise only before anything is sent, so they meet no other but Done.
        Self::Configuration,
        Self::Source,
        Self::Usage,
        Self::Done,
    ];

    /// The number that the operating system gets.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Partly => 1,
            Self::Usage => 2,
            Self::Source => 3,
            Self::Configuration => 4,
            Self::Credentials => 5,
            Self::Refused => 6,
            Self::Ledger => 7,
            Self::Unknown => 8,
            Self::Interrupted => 130,
        }
    }

    /// The one of two that is reported: the first of 130, 7, 5, 6, 8, 1, then 4, 3, 2.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self::ALL.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or_default()
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl FromIterator<Exit> for Exit {
    /// Merges all; `Done` when there is none.
    fn from_iter<I: IntoIterator<Item = Self>>(exits: I) -> Self {
        exits.into_iter().fold(Self::Done, Self::merge)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn the_documented_order_decides() {
        let order: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(order, [130, 7, 5, 6, 8, 1, 4, 3, 2, 0]);
        assert_eq!(Exit::Partly.merge(Exit::Unknown), Exit::Unknown);
        assert_eq!(
            [Exit::Partly, Exit::Interrupted, Exit::Ledger].into_iter().collect::<Exit>(),
            Exit::Interrupted
        );
    }

    proptest! {
        #[test]
        fn merging_is_associative_commutative_idempotent_and_done_is_neutral(
            a in select(&Exit::ALL[..]), b in select(&Exit::ALL[..]), c in select(&Exit::ALL[..]),
        ) {
            prop_assert_eq!(a.merge(b).merge(c), a.merge(b.merge(c)));
            prop_assert_eq!(a.merge(b), b.merge(a));
            prop_assert_eq!(a.merge(a), a);
            prop_assert_eq!(a.merge(Exit::Done), a);
        }
    }
}
