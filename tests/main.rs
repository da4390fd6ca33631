//! End-to-end tests: the program itself, run as people and cron run it, against the simulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests say what went wrong by failing"
)]

mod cli;
mod house;
mod intake;
mod proof;
mod readme;
mod supplies;
mod support;
