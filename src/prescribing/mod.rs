//! From a prescription as somebody names it to a message that may be sent: readable, the right person, not sent before,
//! within the template. The terminal, a table and the page all come through here.
//!
//! | file | job |
//! |---|---|
//! | `order` | what was typed, and the prescription it makes |
//! | `recipient` | who gets it: exactly one openid, and the patient who was named |
//! | `past` | what the ledger says of its reference |
//! | `prepare` | all of it in order, for one or for many |
//! | `card` | what a person compares with the patient before saying yes |
//! | `release` | into the queue, unless somebody else was faster |
//! | `refusal` | why one is not sent |
//! | `settings` | where contacts are, and what the clinic's clock says |

mod card;
mod error;
mod order;
mod past;
mod prepare;
mod recipient;
mod refusal;
mod release;
mod settings;

pub use card::Card;
pub use error::Error;
pub use order::{Draft, Named, Order};
pub use past::{Leave, Verdict};
pub use prepare::{Answer, Bench, Prepared, Questions, Ready, Rejected};
pub use recipient::Recipient;
pub use refusal::{At, Identifier, Refusal};
pub use release::Release;
pub use settings::{Contacts, Settings};
