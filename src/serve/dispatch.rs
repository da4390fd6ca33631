//! Sends what was asked for here: the delivery engine, at work whenever something waits in the ledger.
//!
//! What is asked for is queued on disk before it is answered, and planned by nobody's run, so it is sent whatever becomes
//! of this process: by the next look after a restart, or by another machine that serves the same account.
//!
//! A run begins when something waits and ends when nothing has come for a moment, so that its numbers tell of one burst
//! of work and other runs see it gone. When WeChat refuses the account, nothing is tried for a while: what is asked for
//! meanwhile waits.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use wechat::Client;

use super::throttle::Throttle;
use crate::delivery::{self, Progress, Stop, Tally};
use crate::ledger::{self, Desk, InDoubt, Ledger, Left, NewRun, RunEnd, Unknowns, Waiting};

/// The verb of the runs of a service.
const VERB: &str = "serve";
/// How long a run stays open for more to come.
const LINGER: Duration = Duration::from_secs(2);
/// No run is longer, or its numbers would come too late.
const LONGEST: Duration = Duration::from_mins(10);
/// How often the ledger is looked at though nothing was asked for here: a machine that served it too may have died.
const LOOK: Duration = Duration::from_secs(30);
/// How many times longer than the first the longest rest is.
const LONGEST_REST: u32 = 16;

/// What sends.
pub struct Sending {
    /// The ledger, on a connection of its own: a run's lock goes with it.
    pub desk: Desk,
    /// The account.
    pub client: Client,
    /// The pace.
    pub pace: delivery::Settings,
    /// The clinic's time.
    pub now: Box<dyn Fn() -> Timestamp>,
    /// What may be sent again without a person's word. Of what is asked for here nothing is.
    pub policy: Unknowns,
    /// In whose name the runs are.
    pub actor: String,
    /// The machine's name, where known.
    pub host: Option<String>,
    /// What a run came to that left these messages, and found these in doubt; says it where somebody looks.
    pub ended: Box<dyn Fn(Tally, Left, InDoubt) -> RunEnd>,
}

/// The side of those who take orders.
pub(super) struct Orders {
    desk: Arc<Desk>,
    bell: Arc<Notify>,
}

impl Orders {
    /// Takes orders for this account at this desk, and rings this bell for each.
    pub async fn open(
        desk: &Arc<Desk>,
        account: &str,
        bell: &Arc<Notify>,
    ) -> Result<Self, ledger::Error> {
        let account = account.to_owned();
        desk.call(move |ledger| ledger.take_orders(&account)).await?;
        Ok(Self { desk: Arc::clone(desk), bell: Arc::clone(bell) })
    }

    /// Runs a job that queues messages ([`Ledger::ask`], [`Ledger::enqueue`], [`Ledger::confirm`]). When this returns, they
    /// are on disk, and will be sent.
    pub async fn queue<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Ledger) -> Result<T, ledger::Error> + Send + 'static,
    ) -> Result<T, ledger::Error> {
        let done = self.desk.call(job).await;
        self.bell.notify_one();
        done
    }
}

/// How long nothing is tried.
struct Rest {
    first: Duration,
    times: u32,
    /// Whether what is asked for meanwhile waits too.
    deaf: bool,
}

/// Sends what waits, until it is told to stop; then what flies lands and is settled.
pub(super) async fn dispatch(sending: Sending, account: String, stop: Stop) {
    let trouble = Throttle::new("messages could not be sent");
    let mut rest = Rest { first: sending.pace.waits.put_off, times: 0, deaf: false };
    while stop.asked().is_none() {
        let wait = match sending.turn(&account, &stop, &mut rest).await {
            Ok(wait) => wait,
            Err(error) => {
                trouble.warn(&error);
                rest.after(true)
            }
        };
        tokio::select! {
            () = stop.wait() => {}
            () = tokio::time::sleep(wait) => {}
            () = sending.pace.bell.notified(), if !rest.deaf => {}
        }
    }
}

/// Why a turn could not be taken.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    #[error("the ledger was lost while messages were being sent")]
    Lost(#[from] delivery::Error),
}

impl Sending {
    /// Looks, sends what waits, and says how long to wait for the next look.
    async fn turn(&self, account: &str, stop: &Stop, rest: &mut Rest) -> Result<Duration, Trouble> {
        let of = account.to_owned();
        let waiting = self.desk.call(move |ledger| ledger.waiting_for_service(&of)).await?;
        match waiting {
            Waiting::Nothing => {
                rest.over();
                return Ok(LOOK);
            }
            Waiting::Later(wait) => return Ok(wait.min(LOOK)),
            Waiting::Now => {}
        }
        let (halted, left) = self.run(account, stop).await?;
        if halted || left > 0 {
            return Ok(rest.after(halted));
        }
        rest.over();
        Ok(LOOK)
    }

    /// A run: whether WeChat refused the account, and how many messages are left.
    async fn run(&self, account: &str, stop: &Stop) -> Result<(bool, u64), Trouble> {
        let found = self.begin(account).await?;
        let mut tally = Tally::default();
        self.burst(stop, &mut tally).await?;
        let left = self.desk.call(Ledger::left).await?;
        let (halted, undone) = (tally.halt.is_some(), left.queued + left.open);
        if tally.is_empty() && undone + found.total() == 0 {
            self.desk.call(Ledger::abandon_run).await?;
        } else {
            let end = (self.ended)(tally, left, found);
            self.desk.call(move |ledger| ledger.finish_run(&end)).await?;
        }
        Ok((halted, undone))
    }

    /// Begins a run; answers with the messages of dead ones of which nobody knows whether they arrived.
    async fn begin(&self, account: &str) -> Result<InDoubt, ledger::Error> {
        let (account, actor, host) = (account.to_owned(), self.actor.clone(), self.host.clone());
        let (now, policy) = ((self.now)(), self.policy);
        let begin = move |ledger: &mut Ledger| {
            let (account, actor, host) = (&*account, &*actor, host.as_deref());
            ledger.begin_run(&NewRun { account, verb: VERB, actor, host })?;
            ledger.claim_orders();
            ledger.recover(now, policy).map(|recovered| recovered.unknown)
        };
        self.desk.call(begin).await
    }

    /// Sends until nothing has come for a moment. A run whose ledger was lost is left as a killed one would leave it.
    async fn burst(&self, stop: &Stop, tally: &mut Tally) -> Result<(), delivery::Error> {
        let begun = Instant::now();
        loop {
            let (seen, _) = watch::channel(Progress::default());
            let turn =
                delivery::run(&self.desk, &self.client, &self.pace, &*self.now, stop.clone(), seen);
            tally.add(turn.await?);
            if tally.halt.is_some() || begun.elapsed() >= LONGEST {
                return Ok(());
            }
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = self.pace.bell.notified() => {}
                () = tokio::time::sleep(LINGER) => return Ok(()),
            }
        }
    }
}

impl Rest {
    fn after(&mut self, deaf: bool) -> Duration {
        self.deaf = deaf;
        let wait = self.first * 2_u32.saturating_pow(self.times).min(LONGEST_REST);
        self.times += 1;
        wait
    }

    const fn over(&mut self) {
        self.times = 0;
        self.deaf = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_to_an_end_and_begin_anew_after_a_success() {
        let mut rest = Rest { first: Duration::from_mins(1), times: 0, deaf: false };
        let waits: Vec<u64> = (0..6).map(|_| rest.after(true).as_secs() / 60).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 16]);
        assert!(rest.deaf);
        rest.over();
        assert_eq!((rest.after(false), rest.deaf), (Duration::from_mins(1), false));
    }
}
