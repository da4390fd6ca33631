//! Signs that the file, not a row, is wrong: refused before anything is sent.

use super::gather::Tally;

/// Up to how much a run trusts a source without being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guards {
    /// The largest share of unreadable rows in the window, in percent.
    pub max_unreadable_percent: u64,
    /// The largest number of messages.
    pub max_send: u64,
}

impl Default for Guards {
    fn default() -> Self {
        Self { max_unreadable_percent: 20, max_send: 20_000 }
    }
}

/// Why a source as a whole is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Rows there are, but none later than today: yesterday's file, or the wrong one.
    #[error("no row is later than today")]
    Stale {
        /// Rows read.
        rows: u64,
    },
    /// Rows there are, and not one of them has a day that can be read.
    #[error("no row has a readable day")]
    NoDay {
        /// Rows read.
        rows: u64,
    },
    /// A status column, but no word in it that is known, in the whole window.
    #[error("none of the rows in the window has a known status")]
    NoKnownStatus {
        /// Rows in the window.
        rows: u64,
        /// The words seen.
        words: Vec<Box<str>>,
    },
    /// Too many rows that cannot be read.
    #[error("too many rows in the window cannot be read")]
    Unreadable {
        /// Rows that cannot be read.
        unreadable: u64,
        /// Rows in the window.
        rows: u64,
        /// The limit, in percent.
        percent: u64,
    },
    /// More messages than a run of this hospital should have.
    #[error("more messages than allowed")]
    TooMany {
        /// Messages planned.
        messages: u64,
        /// The limit.
        max: u64,
    },
}

impl Guards {
    /// What the rows alone tell.
    pub fn check_rows(&self, tally: &Tally) -> Result<(), Refusal> {
        let readable_in_window = tally.in_window - tally.unreadable_in_window;
        if tally.unreadable_in_window * 100 > tally.in_window * self.max_unreadable_percent {
            // One bad row of a clinic's three is a bad row, not a wrong file; unless none at all is allowed.
            if tally.unreadable_in_window > 1 || self.max_unreadable_percent == 0 {
                let (unreadable, rows) = (tally.unreadable_in_window, tally.in_window);
                return Err(Refusal::Unreadable {
                    unreadable,
                    rows,
                    percent: self.max_unreadable_percent,
                });
            }
        }
        if tally.rows > 0 && tally.undated == tally.rows {
            return Err(Refusal::NoDay { rows: tally.rows });
        }
        if tally.rows > 0 && tally.later_than_today == 0 && tally.in_window == 0 {
            return Err(Refusal::Stale { rows: tally.rows });
        }
        if readable_in_window > 0 && tally.known_status_in_window == 0 {
            let words = tally.unknown_statuses.keys().cloned().collect();
            return Err(Refusal::NoKnownStatus { rows: readable_in_window, words });
        }
        Ok(())
    }

    /// What the finished plan tells.
    pub fn check_messages(&self, messages: usize) -> Result<(), Refusal> {
        let messages = messages as u64;
        if messages > self.max_send {
            return Err(Refusal::TooMany { messages, max: self.max_send });
        }
        Ok(())
    }
}
