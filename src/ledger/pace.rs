//! The account's shared pace: when the next message may start, for every run on the ledger.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Error;
use super::db::Db;
use super::exchange::Pause;

/// A claim takes what is sent within this time, so that runs take turns and an intent is young when its request leaves.
const SLICE: Duration = Duration::from_millis(500);
/// A run whose turn is further away than this claims nothing yet.
const AHEAD: i64 = 1_000_000;
/// The most that one claim takes.
pub(super) const MOST: usize = 256;
/// Further ahead than this no run's claim reaches, at the slowest rate; what is further is a clock that was set back.
const FURTHEST: i64 = 200_000_000;
/// How long 45011 slows the account down.
const SLOWED: i64 = 600_000_000;
const MINUTE: i64 = 60_000_000;

/// The account's row while this transaction holds it. Times are microseconds since 1970 by the database's clock.
pub(super) struct Pace {
    now: i64,
    next_start: i64,
    paused_until: i64,
    slowed_until: i64,
}

/// How many messages may be claimed now, and when they start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// At most so many.
    pub most: usize,
    /// The first one starts after this time.
    pub start_after: Duration,
    /// Each further one this much later.
    pub interval: Duration,
    /// When `most` is 0, ask again after this time.
    pub ask_again: Option<Duration>,
}

impl Pace {
    /// Makes the account's row where there is none.
    pub fn open(db: &Db, account: &str) -> Result<(), Error> {
        let sql =
            "INSERT INTO account (app_id, serial, next_start_us, paused_until_us, slowed_until_us)
            VALUES ($1, 0, 0, 0, 0) ON CONFLICT DO NOTHING";
        db.execute(sql, &[account.into()]).map(drop)
    }

    /// Updates the account's row, which serialises the claims of the account, and reads it.
    pub fn hold(db: &Db, account: &str) -> Result<Self, Error> {
        // The clock is read once the row is held, however long that took.
        let sql = format!(
            "UPDATE account SET serial = serial + 1 WHERE app_id = $1
             RETURNING {}, next_start_us, paused_until_us, slowed_until_us",
            db.clock()
        );
        let row = db.query(&sql, &[account.into()])?.pop();
        let mut row = row.ok_or(Error::RunGone)?;
        Ok(Self {
            now: db.read_clock(&mut row)?.as_microsecond(),
            next_start: row.int("next_start_us")?,
            paused_until: row.int("paused_until_us")?,
            slowed_until: row.int("slowed_until_us")?,
        })
    }

    /// Heeds 45011.
    pub fn pause(&mut self, pause: Option<Pause>) {
        let Some(pause) = pause else { return };
        let to_next_minute = Duration::from_micros(self.now.rem_euclid(MINUTE).abs_diff(MINUTE));
        let waits = micros_of(to_next_minute.mul_f64(pause.to_next_minute.clamp(0.0, 1.0)));
        self.paused_until = self.paused_until.max(self.now + waits);
        if pause.slower {
            self.slowed_until = self.now + SLOWED;
        }
    }

    /// The turn of a run whose rate is `rate` messages a second; none is unlimited.
    pub fn turn(&self, rate: Option<f64>) -> Turn {
        // A row from a clock that was far ahead must not stop the account for ever.
        let paused = self.paused_until - self.now;
        if (1..=MINUTE).contains(&paused) {
            return Turn::none(micros(paused));
        }
        let Some(rate) = rate else {
            return Turn {
                most: MOST,
                start_after: Duration::ZERO,
                interval: Duration::ZERO,
                ask_again: None,
            };
        };
        let slowed = (1..=SLOWED).contains(&(self.slowed_until - self.now));
        // `max` takes the number when the other is NaN.
        let rate = if slowed { rate / 2.0 } else { rate }.max(0.01);
        let interval = Duration::from_secs_f64(1.0 / rate).max(Duration::from_micros(1));
        let late = self.next_start - self.now;
        if late > AHEAD && late <= FURTHEST {
            return Turn::none(micros(late).saturating_sub(SLICE));
        }
        let start_after = if late > FURTHEST { Duration::ZERO } else { micros(late) };
        let most = SLICE.as_micros() / interval.as_micros().max(1);
        Turn {
            most: usize::try_from(most).unwrap_or(MOST).clamp(1, MOST),
            start_after,
            interval,
            ask_again: None,
        }
    }

    /// Notes that so many messages will start in this turn.
    pub fn take(&mut self, turn: &Turn, claimed: usize) {
        if claimed > 0 && !turn.interval.is_zero() {
            let claimed = u32::try_from(claimed).unwrap_or(u32::MAX);
            let lasts = turn.start_after + turn.interval.saturating_mul(claimed);
            self.next_start = self.now + micros_of(lasts);
        }
    }

    /// Writes the row back.
    pub fn write(&self, db: &Db, account: &str) -> Result<(), Error> {
        let sql = "UPDATE account SET next_start_us = $2, paused_until_us = $3, slowed_until_us = $4 WHERE app_id = $1";
        let values = [
            account.into(),
            self.next_start.into(),
            self.paused_until.into(),
            self.slowed_until.into(),
        ];
        db.execute(sql, &values).map(drop)
    }

    /// The instant of this transaction, by the database's clock.
    pub fn now(&self) -> Result<Timestamp, Error> {
        Timestamp::from_microsecond(self.now).map_err(|_| Error::Stored { column: "clock" })
    }
}

impl Turn {
    const fn none(ask_again: Duration) -> Self {
        Self {
            most: 0,
            start_after: Duration::ZERO,
            interval: Duration::ZERO,
            ask_again: Some(ask_again),
        }
    }
}

/// So many microseconds; none for a negative number.
fn micros(number: i64) -> Duration {
    Duration::from_micros(u64::try_from(number).unwrap_or(0))
}

fn micros_of(time: Duration) -> i64 {
    SignedDuration::try_from(time)
        .ok()
        .and_then(|time| i64::try_from(time.as_micros()).ok())
        .unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: i64) -> Pace {
        Pace { now, next_start: 0, paused_until: 0, slowed_until: 0 }
    }

    #[test]
    fn a_turn_is_half_a_second_of_the_rate_and_the_next_one_follows_it() {
        let mut pace = at(1_000_000_000);
        let turn = pace.turn(Some(20.0));
        assert_eq!((turn.most, turn.interval), (10, Duration::from_millis(50)));
        pace.take(&turn, 10);
        let next = pace.turn(Some(20.0));
        assert_eq!(next.start_after, SLICE);
    }

    #[test]
    fn a_third_of_a_message_a_second_is_still_one_at_a_time() {
        let mut pace = at(1_000_000_000);
        let turn = pace.turn(Some(0.3));
        assert_eq!(turn.most, 1);
        pace.take(&turn, 1);
        let next = pace.turn(Some(0.3));
        assert_eq!(next.most, 0);
        pace.now += micros_of(next.ask_again.unwrap());
        assert_eq!(pace.turn(Some(0.3)).most, 1);
    }

    #[test]
    fn whatever_the_runs_claim_no_second_holds_more_than_the_rate() {
        let (mut pace, mut starts) = (at(1_000_000_000), Vec::new());
        for step in 0..200 {
            let turn = pace.turn(Some(20.0));
            let first = pace.now + micros_of(turn.start_after);
            let starting = (0i64..).take(turn.most);
            starts.extend(starting.map(|n| first + micros_of(turn.interval) * n));
            pace.take(&turn, turn.most);
            pace.now += [0, 10_000, 300_000][step % 3];
        }
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 50_000));
    }

    #[test]
    fn too_many_calls_pause_to_the_next_minute_and_halve_the_rate() {
        let mut pace = at(90_000_000);
        pace.pause(Some(Pause { to_next_minute: 1.0, slower: true }));
        let turn = pace.turn(Some(20.0));
        assert_eq!((turn.most, turn.ask_again), (0, Some(Duration::from_secs(30))));
        pace.now += 30_000_000;
        assert_eq!(pace.turn(Some(20.0)).interval, Duration::from_millis(100));
        pace.now += SLOWED;
        assert_eq!(pace.turn(Some(20.0)).interval, Duration::from_millis(50));
    }

    #[test]
    fn a_clock_set_back_does_not_stop_the_account() {
        let pace = Pace {
            now: 1_000_000_000,
            next_start: i64::MAX / 2,
            paused_until: i64::MAX / 2,
            slowed_until: i64::MAX / 2,
        };
        assert_eq!(pace.turn(Some(20.0)).most, 10);
    }
}
