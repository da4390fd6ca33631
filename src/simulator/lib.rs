//! An in-process WeChat.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod clock;
mod counts;
mod fault;
mod hold;
mod ids;
mod line;
mod magic;
mod office;
mod phone;
mod refusal;
mod server;
mod settings;
mod simulator;
mod state;
mod template;
mod token;
mod wire;

pub use counts::Counts;
pub use fault::{Fault, FaultKind, Times, Which};
pub use hold::{Hold, Moment};
pub use magic::{Magic, magic_openids};
pub use phone::{Delivered, Phone};
pub use server::Running;
pub use settings::{
    DAILY_QUOTA, DuplicateAnswer, SAMPLE_APP_ID, SAMPLE_SECRET, Settings, TOKEN_LIFETIME,
};
pub use simulator::Simulator;
pub use template::{
    TEMPLATE_E_PRESCRIPTION, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, TEMPLATE_VISIT, Template,
};
