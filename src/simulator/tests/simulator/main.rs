//! The simulator over real HTTP, as any client sees it.
#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod account;
mod control;
mod faults;
mod holds;
mod receipts;
mod send;
mod support;
mod token;
