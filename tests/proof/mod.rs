//! What the program promises, proven on the program itself: what reached the phones, what the ledger says, the exit code.

mod bad_input;
mod circle;
pub mod clinic;
mod connector;
mod contacts;
pub mod crash;
mod databases;
mod doubts;
mod events;
mod faults;
mod machines;
mod mornings;
mod outage;
mod page;
mod power_platform;
mod prescriptions;
mod quiet;
pub mod receipts;
mod refusals;
mod secrets;
mod serve;
mod shared;
mod together;
mod torture;
