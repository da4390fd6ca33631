//! `wxremind`: reminders of visits and prescription references, from a hospital's own files to its patients' WeChat.
//!
//! This header is the architecture document. Two people rely on the program: a nurse, who needs a preview and a list
//! of whom to telephone, and an operator with cron, who needs an exit code, silence, nothing sent twice and nothing
//! lost. Behind both is a patient who must get the right message, once.
//!
//! # The way of the data
//!
//! ```text
//! source ─ decode ─ map columns ─┐
//! contacts ──────────────────────┴─▶ appointments ─▶ plan ─▶ queued ─▶ sending ─▶ accepted ─▶ delivered · undelivered
//!                                        │            │        (ledger)     │        receipts ┘
//!                                  refused rows   skipped rows              └▶ held · failed · unknown     events ─▶ webhook
//! ```
//!
//! # The rooms
//!
//! | room | what happens in it | may use |
//! |---|---|---|
//! | [`domain`] | what is true of reminders: words and rules, pure | message values of crate `wechat` |
//! | [`intake`] | where appointments and contacts come from | `domain` |
//! | [`ledger`] | the record and the queue: all SQL, once for SQLite and PostgreSQL | `domain` |
//! | [`prescribing`] | from a prescription as somebody names it to a message that may be sent | `intake`, `ledger`, `domain`, `clock` |
//! | [`delivery`] | the engine: claim, send, settle | `ledger`, `domain`, crate `wechat` |
//! | [`report`] | what is shown to people who look: figures, pictures, the telephone list | `ledger`, `domain`, the error dictionary of crate `wechat` |
//! | [`serve`] | what others call: WeChat's receipts, the connector, the page | `prescribing`, `delivery`, `report`, `ledger`, `domain`, crate `wechat` |
//! | [`webhook`] | delivers what the ledger wrote for others to know | `ledger`, `domain`, `clock` |
//! | [`config`] | settings from file, environment and flags; secrets | nothing above it |
//! | [`clock`] | the system's time, or a pretended one | – |
//! | [`cli`] | how people and cron talk to it; the only room that prints, and the only one that knows them all | all |
//!
//! Imports point downwards only, which `tests/house.rs` holds. Two member crates stand beside: `wechat` (`src/wechat`),
//! the client library, usable without this program, and `wechat-simulator` (`src/simulator`), an in-process WeChat for
//! tests, demos and training.
//!
//! # The promises
//!
//! 1. *Intent first*: a message is `sending` on disk before its request leaves.
//! 2. *Once*: an interrupted message is tried again with the same `client_msg_id` while WeChat drops copies, then it is
//!    `unknown`, and a policy or a person decides.
//! 3. *A run finishes what came before*, as far as its own source still says so. What others ask of a service belongs to
//!    nobody's run: whoever serves sends it, and a run of a service lasts as long as a burst of work.
//! 4. *Orphans are found at once*: a run lives as long as its lock, a file's on SQLite and the session's on PostgreSQL.
//! 5. *Many machines*: on PostgreSQL any number of runs share the work; when one dies, the others finish its part.
//! 6. *Little is kept*: a message's text is erased as it settles.
//! 7. *Others are told*: an event is written with the change it tells of, and delivered beside the work, never before
//!    it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod domain;
pub mod intake;
pub mod ledger;
pub mod prescribing;
pub mod report;
pub mod serve;
pub mod webhook;
