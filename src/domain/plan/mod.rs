//! The plan: the messages a run will send, and every row it will not, with the reason.
//!
//! A [`Gatherer`] watches the rows of a source stream by and keeps only those that are due or that a message already
//! in the ledger waits for. Contacts then give openids to the kept rows, and [`Gathered::settle`] weighs each against
//! what the ledger knows. Nothing here reads or writes anything: a plan that is refused or only shown leaves no trace.

mod contacts;
mod gather;
mod guard;
mod items;
mod known;
mod person;
mod settle;
#[cfg(test)]
mod tests;

pub use contacts::{ContactKey, Contacts, Found, Wanted};
pub use gather::{Due, Gathered, Gatherer, Tally};
pub use guard::{Guards, Refusal as PlanRefusal};
pub use items::{Action, Item, NotSent, Plan, Policy};
pub use known::{Existing, Known, Pending, visit_mark};
pub use person::Person;
pub use settle::{Composer, OptOut, Scales};
