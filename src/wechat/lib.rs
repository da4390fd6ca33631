//! A client for the WeChat Official Account API: stable token, template messages, users, quota.
//!
//! | module | what is in it |
//! |---|---|
//! | [`Client`], [`Settings`] | the calls; one private function does the wire |
//! | [`callback`] | what WeChat pushes: the check of the URL, receipts, signatures and encryption |
//! | [`TemplateMessage`] | a message as a value, checked whole when it is built |
//! | [`field`] | what each kind of template key (`thing1`, `time2`, …) may hold |
//! | [`Error`], [`Class`], [`Outcome`] | what went wrong, what to do about it, and whether a send may have arrived |
//! | [`explain`], [`explanations`] | the dictionary of return codes, in English and Chinese |
//! | [`PrivateTemplate`], [`Industries`], [`Quota`], [`User`] | answers of the other calls |
//!
//! A message that is built cannot fail for its shape; what is left is what only WeChat can know:
//!
//! ```
//! use wechat::{Client, Error, Settings, TemplateMessage};
//! # use secrecy::SecretString;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = SecretString::from("…");
//! let client = Client::new("wx0123456789abcdef", secret, Settings::default())?;
//! let message = TemplateMessage::builder("oABCD-an-openid-of-this-acct", "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY")
//!     .field("thing1", "心内科门诊")
//!     .field("time2", "2026年11月30日 09:00")
//!     .client_msg_id("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
//!     .build()?;
//! match client.send(&message).await {
//!     Ok(accepted) => println!("queued as {:?}", accepted.msgid),
//!     Err(error) => println!("{error} ({:?}, {:?})", error.class(), error.outcome()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Neither the token nor the secret appears in any error, `Debug` text or trace of this crate: URLs, which carry
//! the token, are removed from errors, and whatever a peer answers is scrubbed before it is kept.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod callback;
mod client;
mod dictionary;
mod errcode;
mod error;
pub mod field;
mod industry;
mod message;
mod peer;
mod quota;
mod scrub;
mod settings;
mod template;
mod token;
mod user;
mod wire;

pub use client::{Accepted, Client};
pub use dictionary::{Again, Explanation, explain, explanations};
pub use errcode::{Class, Endpoint};
pub use error::{Error, Outcome};
pub use field::{FieldError, KeyKind, Problem};
pub use industry::{Industries, Industry};
pub use message::{MessageBuilder, MessageError, TemplateMessage};
pub use quota::{Quota, RateLimit};
pub use settings::Settings;
pub use template::{LabelledKey, PrivateTemplate};
pub use token::Token;
pub use user::User;
pub use wire::SEND_PATH;

#[cfg(test)]
mod tests;
