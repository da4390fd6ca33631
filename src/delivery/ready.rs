//! Claimed messages that wait for their moment: paced, and one per recipient.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::gate::Gate;
use crate::ledger::Claimed;

/// Claimed messages in order, each with the instant from which it may leave.
#[derive(Default)]
pub struct Ready {
    queue: VecDeque<(Instant, Claimed)>,
    recipients: HashSet<Box<str>>,
}

impl Ready {
    /// Takes a claim: the first may leave after `start_after`, each further one `interval` later.
    pub fn extend(&mut self, claimed: Vec<Claimed>, start_after: Duration, interval: Duration) {
        let mut at = Instant::now() + start_after;
        for message in claimed {
            self.queue.push_back((at, message));
            at += interval;
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The next message that may leave now: its moment has come, its template is admitted, and nothing else is on its
    /// way to its recipient.
    pub fn pop(&mut self, gate: &mut Gate) -> Option<Claimed> {
        let now = Instant::now();
        let free = |(at, message): &(Instant, Claimed)| {
            *at <= now
                && gate.admits(&message.template)
                && !self.recipients.contains(&message.openid)
        };
        let position = self.queue.iter().take_while(|(at, _)| *at <= now).position(free)?;
        let (_, message) = self.queue.remove(position)?;
        gate.enter(&message.template);
        self.recipients.insert(message.openid.clone());
        Some(message)
    }

    /// A message is back: its recipient is free.
    pub fn release(&mut self, openid: &str) {
        self.recipients.remove(openid);
    }

    /// When the next message may leave for which only its moment is missing.
    pub fn next_moment(&self) -> Option<Instant> {
        let now = Instant::now();
        self.queue.iter().map(|(at, _)| *at).find(|at| *at > now)
    }

    /// When the last of them may leave.
    pub fn last_moment(&self) -> Option<Instant> {
        self.queue.back().map(|(at, _)| *at)
    }

    /// Takes out every message that will not leave in this run.
    pub fn refused(&mut self, gate: &Gate, stopping: bool) -> Vec<Claimed> {
        let (out, stay) = self
            .queue
            .drain(..)
            .partition(|(_, message)| stopping || gate.refuses(&message.template));
        self.queue = stay;
        let out: VecDeque<(Instant, Claimed)> = out;
        out.into_iter().map(|(_, message)| message).collect()
    }
}
