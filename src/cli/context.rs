//! What every verb is handed.

use clap::Args;

use super::Globals;
use super::ui::Ui;

/// The terminal and the global options; settings, clock and session are made from it on demand.
pub struct Context {
    /// Where everything is printed and asked.
    pub ui: Ui,
    /// What was given on the command line for every verb.
    pub globals: Globals,
}

/// Arguments of the verbs that can be rehearsed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Rehearsal")]
pub struct Rehearsal {
    /// Talk to the built-in simulator instead of WeChat, with a throw-away ledger.
    #[arg(long)]
    pub simulate: bool,
    /// Pretend that it is TIME, as 2026-11-23 or "2026-11-23 08:00".
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}

impl Context {
    /// A context that prints through `ui`.
    pub const fn new(ui: Ui, globals: Globals) -> Self {
        Self { ui, globals }
    }
}
