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
    messages: Vec<Delivered>,
    phones: BTreeMap<String, Vec<usize>>,
    held: Vec<Delivered>,
    seen: HashMap<Key, Seen>,
    /// The keys of `seen`, oldest first, so that forgetting costs what is forgotten.
    ages: VecDeque<(Duration, Key)>,
    used: (u64, u64),
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
    pub(crate) fn take(&mut self, message: Delivered, held: bool, now: Duration) {
        if let Some(id) = &message.client_msg_id {
            let key = (message.openid.clone(), id.clone());
            self.seen.insert(key.clone(), Seen { msgid: message.msgid, held });
            self.ages.push_back((now, key));
        }
        if held { self.held.push(message) } else { self.deliver(message) }
    }

    fn deliver(&mut self, message: Delivered) {
        let places = self.phones.entry(message.openid.clone()).or_default();
        places.push(self.messages.len());
        self.messages.push(message);
    }

    /// The review is over: everything held reaches its phone.
    pub(crate) fn release_held(&mut self) -> usize {
        let held = std::mem::take(&mut self.held);
        let count = held.len();
        for message in held {
            self.deliver(message);
        }
        count
    }

    pub(crate) fn messages(&self) -> &[Delivered] {
        &self.messages
    }

    pub(crate) fn held(&self) -> &[Delivered] {
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
                .cloned()
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
