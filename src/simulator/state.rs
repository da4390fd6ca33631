//! Everything a simulator knows that changes, behind one lock.

use std::collections::HashSet;

use crate::clock::Clock;
use crate::counts::Tally;
use crate::fault::Faults;
use crate::ids::Ids;
use crate::office::Office;
use crate::settings::Settings;
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
        }
    }

    /// Empty phones, no faults, a new day's quota, counts from nothing. Tokens live on.
    pub(crate) fn reset(&mut self, settings: &Settings) {
        self.faults.clear();
        self.office = Office::default();
        self.tally.reset();
        self.templates = settings.templates.iter().cloned().map(Listed::from).collect();
        self.unfollowed.clear();
    }
}
