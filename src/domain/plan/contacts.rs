//! Which openid belongs to which patient, for the patients who are due.

use std::collections::HashMap;

/// What contacts say of one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One openid.
    One(Box<str>),
    /// Several, and nothing says which is newest.
    Several,
}

struct Best {
    found: Found,
    bound_at: Option<Box<str>>,
}

/// The openids of the patients who are due, gathered while contacts stream by.
#[derive(Default)]
pub struct Contacts {
    patients: HashMap<Box<str>, Option<Best>>,
}

impl Contacts {
    /// Contacts that look for these patients only.
    pub fn wanting(patients: impl IntoIterator<Item = Box<str>>) -> Self {
        Self { patients: patients.into_iter().map(|patient| (patient, None)).collect() }
    }

    /// Whether no patient is looked for.
    pub fn is_empty(&self) -> bool {
        self.patients.is_empty()
    }

    /// Takes one contact. `bound_at` sorts as text (ISO dates and times do).
    ///
    /// The same pair twice is one; of several openids the newest `bound_at` counts, where all have one.
    pub fn add(&mut self, patient: &str, openid: &str, bound_at: Option<&str>) {
        let Some(slot) = self.patients.get_mut(patient) else { return };
        let new = Best { found: Found::One(openid.into()), bound_at: bound_at.map(Into::into) };
        let Some(old) = slot else {
            *slot = Some(new);
            return;
        };
        let same = old.found == new.found;
        match (&old.bound_at, &new.bound_at) {
            (Some(before), Some(now)) if now > before => *old = new,
            (Some(before), Some(now)) if now < before => {}
            _ if same => old.bound_at = new.bound_at.or(old.bound_at.take()),
            _ => old.found = Found::Several,
        }
    }

    /// What was found for a patient.
    pub fn get(&self, patient: &str) -> Option<&Found> {
        self.patients.get(patient)?.as_ref().map(|best| &best.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contacts(rows: &[(&str, Option<&str>)]) -> Contacts {
        let mut contacts = Contacts::wanting(["P1".into()]);
        for (openid, bound_at) in rows {
            contacts.add("P1", openid, *bound_at);
        }
        contacts
    }

    #[test]
    fn the_same_pair_twice_is_one() {
        assert_eq!(
            contacts(&[("o1", None), ("o1", None)]).get("P1"),
            Some(&Found::One("o1".into()))
        );
    }

    #[test]
    fn the_newest_binding_counts_in_any_order() {
        let (old, new) = (("o1", Some("2026-01-01")), ("o2", Some("2026-06-01")));
        assert_eq!(contacts(&[old, new]).get("P1"), Some(&Found::One("o2".into())));
        assert_eq!(contacts(&[new, old]).get("P1"), Some(&Found::One("o2".into())));
    }

    #[test]
    fn two_openids_without_a_date_are_no_answer() {
        assert_eq!(contacts(&[("o1", None), ("o2", None)]).get("P1"), Some(&Found::Several));
        assert_eq!(
            contacts(&[("o1", Some("2026")), ("o2", Some("2026"))]).get("P1"),
            Some(&Found::Several)
        );
    }

    #[test]
    fn a_patient_nobody_looks_for_is_not_kept() {
        let mut contacts = contacts(&[]);
        contacts.add("P2", "o3", None);
        assert_eq!(contacts.get("P2"), None);
    }
}
