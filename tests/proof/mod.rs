//! What the program promises, proven on the program itself: what reached the phones, what the ledger says, the exit code.

mod bad_input;
pub mod clinic;
mod crash;
mod faults;
mod mornings;
mod refusals;
mod secrets;
mod together;
