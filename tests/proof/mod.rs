//! What the program promises, proven on the program itself: what reached the phones, what the ledger says, the exit code.

mod bad_input;
mod clinic;
pub mod crash;
mod faults;
mod mornings;
mod receipts;
mod refusals;
mod secrets;
mod together;
