//! The page: what was sent, what is to be sent, why it failed, whom to telephone, and a form for prescriptions; for
//! staff who have a browser and no terminal.
//!
//! It works without scripts and asks nothing of any other server. Behind a key: somebody types an API key once, its
//! scopes decide what is shown, and a signed cookie stands for it until the browser or a shift ends. Without it nothing
//! about any patient is answered. Every change is a `POST` with a token that only the page itself can know.
//!
//! | file | job |
//! |---|---|
//! | `routes` | which path is whose, and the headers of every answer |
//! | `session` | the signed cookie, and the token of the forms |
//! | `visitor` | who asks: the key behind the cookie, its scopes, the language |
//! | `sign_in` | the key, typed once; and leaving again |
//! | `messages` | the record, filtered and paged |
//! | `message` | one message: where it stands and what to do |
//! | `due` | what is to be sent: the queue, and the plan of the next run |
//! | `unreached` | whom to telephone |
//! | `charts` | counts and pictures |
//! | `prescription` | the form, its preview, and the sending |
//! | `refused` | a prescription's refusal in the visitor's language |
//! | `record` | a message of the record as it is shown |
//! | `office` | what only the settings know, asked of whoever started the server |
//! | `words` | the languages |
//! | `view` | the templates |
//! | `html`, `words/` | the templates and the sentences themselves |

mod charts;
mod due;
mod message;
mod messages;
mod office;
mod prescription;
mod record;
mod refused;
mod routes;
mod session;
mod sign_in;
mod unreached;
mod view;
mod visitor;
mod words;

pub use office::{Ahead, Due, LeftOut, Office, Stage, Trouble};
pub(super) use routes::routes;

use due::Plans;
use session::Sessions;
use std::sync::Arc;

use view::Views;

use super::Settings;

/// What the handlers of the page share beside what all handlers do.
pub(super) struct Page {
    sessions: Sessions,
    views: Views,
    plans: Plans,
    office: Arc<dyn Office>,
    /// Whether browsers reach it by https, whatever a request says.
    https: bool,
}

impl Page {
    /// The page of these settings.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(settings: &Settings) -> Result<Self, getrandom::Error> {
        Ok(Self {
            sessions: Sessions::new()?,
            views: Views::new(),
            plans: Plans::default(),
            office: Arc::clone(&settings.office),
            https: settings.https,
        })
    }
}
