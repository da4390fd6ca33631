//! Which openid belongs to which patient, for the patients who are due.

use std::collections::{HashMap, HashSet};

use crate::domain::appointment::Appointment;

/// What contacts say of one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One openid.
    One(Box<str>),
    /// Several, and nothing says which is newest.
    Several,
    /// Perhaps one, but the row on this line of contacts is at fault.
    Damaged(u64),
}

/// The openids found, by the key of contacts: the patient's number or telephone.
pub type Contacts = HashMap<Box<str>, Found>;

/// The patients whose openid is looked for, by the same key.
pub type Wanted = HashSet<Box<str>>;

/// The key of a row's patient in contacts, in the form in which contacts have it; none where the row has none.
pub type ContactKey<'a> = dyn Fn(&Appointment) -> Option<Box<str>> + 'a;
