//! Counts of what was asked of a simulator.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

/// What was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Calls of the two token endpoints, whatever the answer.
    pub tokens: u64,
    /// Tokens that a fault ended while they lived.
    pub ended: u64,
    /// Calls of the send endpoint, whatever the answer.
    pub sends: u64,
    /// Sends that put a message on a phone.
    pub accepted: u64,
    /// Sends kept for review (40252).
    pub held: u64,
    /// Sends that repeated an openid and `client_msg_id` within ten minutes.
    pub duplicates: u64,
    /// Calls answered 412 because they came chunked.
    pub chunked: u64,
    /// Calls of the WeChat side by path.
    pub paths: BTreeMap<String, u64>,
    /// Errcodes answered, by code, without 0.
    pub errcodes: BTreeMap<i64, u64>,
    /// Sends under way now.
    pub in_flight: usize,
    /// The most sends that were under way at once.
    pub most_in_flight: usize,
    /// The most sends to one openid that were under way at once.
    pub most_for_one_openid: usize,
    /// Sends that wait at a hold now.
    pub waiting: usize,
}

/// The counts and what is needed to keep them.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    flying: HashMap<String, usize>,
}

impl Tally {
    pub(crate) fn call(&mut self, path: &str) {
        // Only known paths are kept by name, so that a scan cannot fill the memory.
        let known = crate::wire::PATHS.iter().any(|(known, _)| *known == path);
        let name = if known { path } else { "other" };
        match self.counts.paths.get_mut(name) {
            Some(count) => *count += 1,
            None => _ = self.counts.paths.insert(name.to_owned(), 1),
        }
    }

    pub(crate) fn departs(&mut self, openid: Option<&str>) {
        self.counts.in_flight += 1;
        self.counts.most_in_flight = self.counts.most_in_flight.max(self.counts.in_flight);
        if let Some(openid) = openid {
            let flying = self.flying.entry(openid.to_owned()).or_default();
            *flying += 1;
            self.counts.most_for_one_openid = self.counts.most_for_one_openid.max(*flying);
        }
    }

    pub(crate) fn lands(&mut self, openid: Option<&str>) {
        self.counts.in_flight = self.counts.in_flight.saturating_sub(1);
        let Some(openid) = openid else { return };
        if let Some(flying) = self.flying.get_mut(openid) {
            *flying -= 1;
            if *flying == 0 {
                self.flying.remove(openid);
            }
        }
    }

    /// Begins anew; what is under way stays so.
    pub(crate) fn reset(&mut self) {
        let in_flight = self.counts.in_flight;
        self.counts = Counts { in_flight, most_in_flight: in_flight, ..Counts::default() };
    }
}
