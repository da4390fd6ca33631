//! What a standard's source holds beside appointments: told where it holds no appointment at all.

use std::collections::BTreeMap;

use super::error::Error;

/// How many kinds are told apart; a kind comes from outside.
const MOST: usize = 12;

/// Kinds of messages or resources, and how many of each there were.
#[derive(Default)]
pub(super) struct Kinds(BTreeMap<String, u64>);

impl Kinds {
    /// One of this kind; of none, where it does not say what it is.
    pub fn add(&mut self, kind: Option<&str>) {
        let Some(kind) = kind else { return };
        let plain = |c: char| c.is_ascii_alphanumeric() || "^_-".contains(c);
        // What is no name of a kind may be anything, a patient's data too.
        let named = !kind.is_empty() && kind.len() <= 40 && kind.chars().all(plain);
        let kind = if named { kind } else { "unknown" };
        if let Some(count) = self.0.get_mut(kind) {
            *count += 1;
        } else {
            let kind = if self.0.len() < MOST { kind } else { "other" };
            *self.0.entry(kind.to_owned()).or_default() += 1;
        }
    }

    /// An error that says what there is and what is needed; none where there is nothing at all.
    pub fn refuse(&self, name: &str, needed: &'static str) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let found = self.0.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        Err(Error::NoAppointments { name: name.to_owned(), found, needed })
    }
}
