//! `/v1/messages`, the connector: programs send through it, and ask what was sent and what is to be sent.
//!
//! | file | job |
//! |---|---|
//! | `json`, `body` | what a caller writes, and where it is wrong |
//! | `check` | from it to a message that may be queued |
//! | `send` | `POST`: queued on disk, then answered |
//! | `query`, `list` | `GET`: pages of the record |

mod body;
mod check;
mod json;
mod list;
mod query;
mod send;

pub use check::Layout;
pub(super) use list::list;
pub(super) use send::send;

/// The largest body in bytes: a message has a few hundred.
pub(super) const LARGEST: usize = 64 * 1024;
