//! What WeChat took: the phones, what is under review, and what it remembers of repeats.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use crate::phone::{Delivered, Phone};

/// For so long a `client_msg_id` counts as a repeat (`/cgi-bin/message/template/send`).
const REMEMBERED: Duration = Duration::from_mins(10);

/// The sender's key of a message: openid and `client_msg_id`.
type Key = (String, String);

/// Everything that was accepted, in order.
#[derive(Default)]
pub(crate) struct Office {
    messages: Vec<Kept>,
    phones: BTreeMap<String, Vec<usize>>,
    held: Vec<Kept>,
    seen: HashMap<Key, Seen>,
    /// The keys of `seen`, oldest first, so that forgetting costs what is forgotten.
    ages: VecDeque<(Duration, Key)>,
    used: (u64, u64),
}

/// A message with its body as it was sent: a tree of values would take five times the memory.
pub(crate) struct Kept {
    /// Without its body.
    pub(crate) message: Delivered,
    /// Empty in a lean simulator.
    pub(crate) raw: Box<str>,
}

impl Kept {
    /// The message as callers see it.
    pub(crate) fn whole(&self) -> Delivered {
        Delivered {
            body: serde_json::from_str(&self.raw).unwrap_or_default(),
            ..self.message.clone()
        }
    }
}

/// What came of the first message with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) msgid: i64,
    pub(crate) held: bool,
}

impl Office {
    /// What came of an earlier message of this key within ten minutes.
    pub(crate) fn seen(
        &mut self,
        openid: &str,
        client_msg_id: &str,
        now: Duration,
    ) -> Option<Seen> {
        while let Some((_, key)) = self.ages.pop_front_if(|(age, _)| now >= *age + REMEMBERED) {
            self.seen.remove(&key);
        }
        self.seen.get(&(openid.to_owned(), client_msg_id.to_owned())).copied()
    }

    /// Puts a message on its phone, or under review.
    pub(crate) fn take(&mut self, kept: Kept, held: bool, now: Duration) {
        if let Some(id) = &kept.message.client_msg_id {
            let key = (kept.message.openid.clone(), id.clone());
            self.seen.insert(key.clone(), Seen { msgid: kept.message.msgid, held });
            self.ages.push_back((now, key));
        }
        if held { self.held.push(kept) } else { self.deliver(kept) }
    }

    fn deliver(&mut self, kept: Kept) {
        let places = self.phones.entry(kept.message.openid.clone()).or_default();
        places.push(self.messages.len());
        self.messages.push(kept);
    }

    /// The review is over: everything held reaches its phone. Whose it was, and the id that no answer told.
    pub(crate) fn release_held(&mut self) -> Vec<(String, i64)> {
        let held = std::mem::take(&mut self.held);
        let released =
            held.iter().map(|kept| (kept.message.openid.clone(), kept.message.msgid)).collect();
        for kept in held {
            self.deliver(kept);
        }
        released
    }

    pub(crate) fn messages(&self) -> &[Kept] {
        &self.messages
    }

    pub(crate) fn held(&self) -> &[Kept] {
        &self.held
    }

    pub(crate) fn openids(&self) -> impl Iterator<Item = &String> {
        self.phones.keys()
    }

    /// The phones, by openid.
    pub(crate) fn phones(&self) -> Vec<Phone> {
        let phone = |(openid, places): (&String, &Vec<usize>)| Phone {
            openid: openid.clone(),
            messages: places
                .iter()
                .filter_map(|place| self.messages.get(*place))
                .map(Kept::whole)
                .collect(),
        };
        self.phones.iter().map(phone).collect()
    }

    /// Sends that counted against the day's quota.
    pub(crate) fn used(&self, day: u64) -> u64 {
        if self.used.0 == day { self.used.1 } else { 0 }
    }

    pub(crate) fn use_one(&mut self, day: u64) {
        self.used = (day, self.used(day) + 1);
    }
}
