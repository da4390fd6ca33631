//! Delivers the outbox: the events that the ledger has written go to the webhook, one a request, signed, until each is
//! taken or given up.
//!
//! It never stands in the way of a message: it has a connection to the ledger of its own, and what goes wrong here is
//! a warning. Events are handed out oldest first and a few fly at once, so they arrive nearly in order; a run's end
//! is told after everything before it. At-least-once: receivers drop repetitions by `webhook-id`.
//!
//! | file | job |
//! |---|---|
//! | `settings` | whither, how signed, how patient |
//! | `signature` | Standard Webhooks: `v1,base64(HMAC-SHA256(key, id.timestamp.body))` |
//! | `post` | one request, and what its answer means |
//! | `schedule` | when a failed event is tried again, and when it is given up |
//! | `health` | whether the receiver is up, so that one that is down is left alone |
//! | `course` | events in hand: handed out, in flight, landed |
//! | `pump` | the loop: until stopped, or once through |

mod course;
mod health;
mod post;
mod pump;
mod schedule;
mod settings;
mod signature;

pub use pump::{Pump, Report};
pub use settings::{Error, Settings};
