//! Everything a simulator knows that changes, behind one lock.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::counts::Tally;
use crate::fault::Faults;
use crate::ids::Ids;
use crate::magic::{self, Receipt};
use crate::office::Office;
use crate::push::{News, Noise, Push, Pushes};
use crate::settings::{Receipts, Settings};
use crate::template::Listed;
use crate::token::Tokens;

/// The account as it stands.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) tokens: Tokens,
    pub(crate) faults: Faults,
    pub(crate) office: Office,
    pub(crate) tally: Tally,
    pub(crate) templates: Vec<Listed>,
    pub(crate) unfollowed: HashSet<String>,
    pub(crate) receipts: Option<Receipts>,
    /// Pushes that nobody has begun to deliver.
    pub(crate) outgoing: VecDeque<Push>,
    pub(crate) pushes: Pushes,
    /// By openid: told when the receipt that is to come before the answer has been delivered.
    pub(crate) early: HashMap<String, oneshot::Receiver<()>>,
}

impl State {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            clock: Clock::default(),
            ids: Ids::default(),
            tokens: Tokens::default(),
            faults: Faults::default(),
            office: Office::default(),
            tally: Tally::default(),
            templates: settings.templates.iter().cloned().map(Listed::from).collect(),
            unfollowed: HashSet::new(),
            receipts: settings.receipts.clone(),
            outgoing: VecDeque::new(),
            pushes: Pushes::default(),
            early: HashMap::new(),
        }
    }

    /// Pushes the receipt of a message that was accepted, or whose review is over.
    pub(crate) fn push_receipt(&mut self, openid: &str, msgid: i64) {
        let Some(receipts) = &self.receipts else { return };
        let magic = magic::receipt(openid);
        if magic == Some(Receipt::Never) {
            return;
        }
        let without_id = receipts.without_id || magic == Some(Receipt::WithoutId);
        let status = match magic {
            Some(Receipt::Status(status)) => status,
            _ => "success",
        };
        let early = receipts.early || magic == Some(Receipt::Early);
        let msgid = if without_id { 0 } else { msgid };
        self.push(openid, News::Receipt { msgid, status });
        if early && let Some(push) = self.outgoing.back_mut() {
            let (done, delivered) = oneshot::channel();
            push.done = Some(done);
            self.early.insert(openid.to_owned(), delivered);
        }
    }

    /// Pushes this, if there is a callback URL.
    pub(crate) fn push(&mut self, openid: &str, news: News) {
        if self.receipts.is_some() {
            let push = Push { openid: openid.to_owned(), at: self.clock.unix(), news, done: None };
            self.outgoing.push_back(push);
            self.pushes.made += 1;
            self.pushes.waiting += 1;
        }
    }

    pub(crate) fn noise(&mut self) -> Noise {
        Noise { nonce: self.ids.nonce(), random: self.ids.random() }
    }

    /// Empty phones, no faults, a new day's quota, counts from nothing. Tokens live on.
    pub(crate) fn reset(&mut self, settings: &Settings) {
        self.faults.clear();
        self.office = Office::default();
        self.tally.reset();
        self.templates = settings.templates.iter().cloned().map(Listed::from).collect();
        self.unfollowed.clear();
        self.receipts.clone_from(&settings.receipts);
        self.pushes.waiting -= self.outgoing.len() as u64;
        self.outgoing.clear();
        self.pushes = Pushes { waiting: self.pushes.waiting, ..Pushes::default() };
    }
}
