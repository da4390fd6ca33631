//! `templates`: the local message templates, and the account's own held against them.

pub mod load;
