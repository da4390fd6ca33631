//! Trying a database in trouble again, on a new connection, until the ledger's patience ends.
//!
//! On PostgreSQL the run's lock goes with the connection, and with it the right to claim. Another run may have found this
//! one dead meanwhile, put its messages in flight back and sent them: that is safe, since a settlement touches only
//! what is in flight in its own run, and the other sends under the same `client_msg_id`. Once the lock is held again,
//! under the account's row, the run lives again: no one can be between finding it dead and writing so.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::db::{Access, Db, placeholders};
use super::lock::Lock;
use super::pace::Pace;
use super::{Error, Ledger};

/// The first wait before a database in trouble is tried again; it doubles up to the second.
const FIRST_WAIT: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 100 });
const LONGEST_WAIT: Duration = Duration::from_secs(5);

impl Ledger {
    /// Tries until it succeeds, fails for good, the patience ends, or the desk closes. Safe for what may be done twice.
    pub fn patiently<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let give_up = Instant::now() + self.settings.patience;
        let mut wait = FIRST_WAIT;
        loop {
            let error = match self.hold_lock_again().and_then(|()| attempt(self)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if !error.is_transient() || Instant::now() + wait > give_up || !self.rest(wait) {
                return Err(error);
            }
            tracing::warn!(%error, "the ledger is in trouble; trying again");
            wait = (wait * 2).min(LONGEST_WAIT);
            if !error.keeps_connection() {
                self.reconnect();
            }
        }
    }

    /// Waits, unless the desk closes meanwhile: then `false`.
    fn rest(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            if self.hurry.load(Ordering::Relaxed) {
                return false;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(FIRST_WAIT));
        }
    }

    /// A new connection, if the database gives one; else the old one is tried again.
    fn reconnect(&mut self) {
        let db = match Db::open(&self.settings.address, Access::Write) {
            Ok(db) => db,
            Err(error) => {
                tracing::debug!(%error, "no new connection to the ledger");
                return;
            }
        };
        if let Err(error) = db.set_up() {
            tracing::debug!(%error, "the new connection could not be set up");
            return;
        }
        #[cfg(test)]
        db.skew.set(self.db.skew.get());
        self.db = db;
        if let Some(run) = &mut self.run {
            run.unlocked = run.lock.goes_with_the_connection();
        }
    }

    /// After a connection was lost: takes the run's lock again, opens its row where another run has closed it, and notes
    /// which of the messages in hand are no longer this run's.
    fn hold_lock_again(&mut self) -> Result<(), Error> {
        let Some(run) = self.run.as_ref().filter(|run| run.unlocked) else { return Ok(()) };
        let db = &self.db;
        let held: Vec<i64> = run.in_hand.keys().copied().collect();
        let taken_over = db.transaction(|| {
            Pace::hold(db, &run.account)?;
            Lock::take_again(db, run.run_id)?;
            let open = "UPDATE run SET ended_at = NULL, died = 0
                WHERE id = $1 AND (ended_at IS NULL OR died = 1)";
            if db.execute(open, &[run.id.into()])? == 0 {
                return Err(Error::RunGone);
            }
            not_flying(db, run.id, &held)
        })?;
        if let Some(run) = &mut self.run {
            run.unlocked = false;
            run.taken_over = taken_over.into_iter().collect();
        }
        Ok(())
    }
}

/// Which of these messages are not in flight in this run.
fn not_flying(db: &Db, run: i64, messages: &[i64]) -> Result<Vec<i64>, Error> {
    let mut others = Vec::new();
    for group in messages.chunks(256) {
        let places = placeholders(2, group.len());
        let sql = format!(
            "SELECT id FROM message WHERE id IN ({places}) AND (run <> $1 OR state <> 'sending')"
        );
        let values: Vec<_> =
            [run.into()].into_iter().chain(group.iter().map(|&id| id.into())).collect();
        for mut row in db.query(&sql, &values)? {
            others.push(row.int("id")?);
        }
    }
    Ok(others)
}
