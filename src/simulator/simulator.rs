//! The handle by which tests and tools look into a simulator and steer it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::counts::Counts;
use crate::fault::Fault;
use crate::hold::{Gate, Hold, Moment};
use crate::office::Kept;
use crate::phone::{Delivered, Phone};
use crate::push::{Letter, News, Push, Pushes};
use crate::server::Running;
use crate::settings::{Receipts, Settings};
use crate::state::State;

/// A WeChat with one account. Cloning gives another handle on the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    settings: Settings,
    state: Mutex<State>,
    gate: Gate,
    /// Told when there is something to push.
    mail: Notify,
    stopping: watch::Sender<bool>,
}

impl Simulator {
    /// An account with empty phones. It answers once it is started, served or routed to.
    pub fn new(settings: Settings) -> Self {
        let state = Mutex::new(State::new(&settings));
        let stopping = watch::Sender::new(false);
        Self(Arc::new(Inner {
            settings,
            state,
            gate: Gate::default(),
            mail: Notify::new(),
            stopping,
        }))
    }

    /// Starts it on a free port of 127.0.0.1, as a task of the caller's runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(self) -> io::Result<Running> {
        Running::start(self).await
    }

    /// Starts it on a free port of 127.0.0.1, on a thread of its own; for callers without a runtime.
    ///
    /// # Errors
    /// When no port, thread or runtime can be had.
    pub fn start_on_thread(self) -> io::Result<Running> {
        Running::start_on_thread(self)
    }

    /// Serves on a listener until `until` is done and the open calls are answered.
    ///
    /// # Errors
    /// When the listener is not on loopback: a simulator has no protection of its own.
    pub async fn serve(
        self,
        listener: tokio::net::TcpListener,
        until: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        crate::server::serve(self, listener, until).await
    }

    /// Everything it answers, for a server of the caller's. Only [`serve`](Self::serve) and
    /// [`start`](Self::start) can close a connection without an answer; elsewhere those faults
    /// answer HTTP 500.
    pub fn router(&self) -> axum::Router {
        crate::wire::router(self.clone())
    }

    /// The phones that got a message, by openid.
    pub fn phones(&self) -> Vec<Phone> {
        self.state().office.phones()
    }

    /// Every message on a phone, in order of arrival.
    pub fn messages(&self) -> Vec<Delivered> {
        self.state().office.messages().iter().map(Kept::whole).collect()
    }

    /// The messages under review (40252), which are on no phone.
    pub fn held(&self) -> Vec<Delivered> {
        self.state().office.held().iter().map(Kept::whole).collect()
    }

    /// Ends the review: what was held reaches its phone, and its receipt tells an id that no answer told. Says how many.
    pub fn release_held(&self) -> usize {
        let state = &mut *self.state();
        let released = state.office.release_held();
        for (openid, msgid) in &released {
            state.push_receipt(openid, *msgid);
        }
        self.0.mail.notify_one();
        released.len()
    }

    /// Sets the callback URL, or takes it away; for what is accepted from now on.
    pub fn receipts(&self, receipts: Option<Receipts>) {
        self.state().receipts = receipts;
    }

    /// What came of the pushes so far.
    pub fn pushes(&self) -> Pushes {
        self.state().pushes.clone()
    }

    /// What was asked so far.
    pub fn requests(&self) -> Counts {
        let counts = self.state().tally.counts.clone();
        Counts { waiting: self.0.gate.waiting(), ..counts }
    }

    /// Adds a rule after those in force.
    pub fn fault(&self, fault: Fault) {
        self.state().faults.add(fault);
    }

    /// Forgets every rule.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Makes every token 40001 at once; the next call of a token endpoint gives a new one.
    pub fn revoke_token(&self) {
        self.end_tokens(40001);
    }

    /// Makes every token 42001 at once; the next call of a token endpoint gives a new one.
    pub fn expire_token(&self) {
        self.end_tokens(42001);
    }

    fn end_tokens(&self, code: i64) {
        let state = &mut *self.state();
        state.tokens.kill_all(state.clock.now(), code);
    }

    /// Pretends that time passes: tokens age, repeats are forgotten after ten minutes, and after
    /// 24 hours the day's quota is whole again.
    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// The patient stops following: sends answer 43004, `user/info` says `subscribe: 0`, the callback URL hears of it.
    pub fn unfollow(&self, openid: impl Into<String>) {
        let (state, openid) = (&mut *self.state(), openid.into());
        state.push(&openid, News::Unsubscribe);
        state.unfollowed.insert(openid);
        self.0.mail.notify_one();
    }

    /// The patient follows again; the callback URL hears of it.
    pub fn follow(&self, openid: &str) {
        let state = &mut *self.state();
        state.push(openid, News::Subscribe);
        state.unfollowed.remove(openid);
        self.0.mail.notify_one();
    }

    /// Empties the phones and begins anew with the quota, the counts, the faults, the followers
    /// and the templates. Tokens stay valid.
    pub fn reset(&self) {
        self.state().reset(&self.0.settings);
    }

    /// Every send waits on arrival, before WeChat has its message, until the [`Hold`] is dropped.
    pub fn hold(&self) -> Hold {
        self.hold_after(Moment::Arrival, 0)
    }

    /// Every send waits when only its answer is missing, until the [`Hold`] is dropped.
    pub fn hold_answers(&self) -> Hold {
        self.hold_after(Moment::Answer, 0)
    }

    /// Lets `free` sends pass, then holds the others at this moment. One hold at a time: a
    /// second takes the place of the first.
    pub fn hold_after(&self, moment: Moment, free: u64) -> Hold {
        self.0.gate.shut(moment, free)
    }

    /// The next push to deliver, once there is one.
    pub(crate) async fn next_push(&self) -> Option<Push> {
        let next = self.state().outgoing.pop_front();
        if next.is_none() {
            self.0.mail.notified().await;
        }
        next
    }

    /// A push as it goes over the wire, with the receiver's time; `None` without a callback URL.
    pub(crate) fn letter(&self, push: &Push) -> Option<(Letter, Duration)> {
        let state = &mut *self.state();
        let noise = state.noise();
        let receipts = state.receipts.as_ref()?;
        let letter = push.letter(&self.0.settings.app_id, receipts, &noise);
        Some((letter, Duration::from_millis(receipts.patience_ms)))
    }

    /// Lets the pushes of a send go; waits for the receipt where it is to come before the answer.
    pub(crate) async fn post(&self, openid: Option<&str>) {
        let early = openid.and_then(|openid| self.state().early.remove(openid));
        self.0.mail.notify_one();
        let Some(delivered) = early else { return };
        let mut stopping = self.0.stopping.subscribe();
        tokio::select! {
            _ = delivered => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// The state; never keep it across an await. A panic elsewhere leaves nothing half done.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks the server as running or stopping; stopping ends every wait.
    pub(crate) fn set_stopping(&self, stopping: bool) {
        self.0.stopping.send_replace(stopping);
        if stopping {
            self.0.gate.open();
        }
    }

    /// Waits, but no longer than the server runs.
    pub(crate) async fn wait(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let mut stopping = self.0.stopping.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}
