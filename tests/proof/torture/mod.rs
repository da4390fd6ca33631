//! The torture suite: the promises of delivery and ledger, tried with everything that can go wrong.

mod knobs;
mod matrix;
mod storm;
