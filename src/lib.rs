//! wxremind
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod delivery;
pub mod domain;
pub mod ledger;
