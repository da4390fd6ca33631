//! What is true of reminders without any clock, file, database or network.
//!
//! Values and rules only: everything here is a function of its arguments, so every rule can be tested by saying it.
//! Of crate `wechat` this room uses the message values (pure), never the client.

pub mod appointment;
pub mod compose;
pub mod event;
pub mod key;
pub mod mask;
pub mod message;
pub mod opt_out;
pub mod plan;
pub mod prescription;
pub mod privacy;
pub mod reason;
pub mod receipt;
pub mod state;
pub mod status;
pub mod template;
pub mod window;
