//! Opening the ledger: for a look, or on a thread of its own for a run.

use crate::cli::actor;
use crate::cli::announce;
use crate::cli::error::CommandError;
use crate::config::Config;
use crate::config::address::LedgerAddress;
use crate::ledger::{Desk, Ledger, NewRun, RunId, Settings};

/// Where the ledger is and how it keeps, by the settings.
fn settings(config: &Config) -> Result<Settings, CommandError> {
    match config.ledger.address()? {
        LedgerAddress::Sqlite(path) => {
            let keep_content = config.ledger.keep_content;
            let events = announce::fields(config);
            Ok(Settings { keep_content, events, ..Settings::new(path) })
        }
        LedgerAddress::Postgres(_) => {
            Err(CommandError::configuration("A ledger on PostgreSQL is not supported yet.")
                .hint("Set ledger = \"sqlite:///path/ledger.db\" in wxremind.toml."))
        }
    }
}

/// The ledger on its own thread, created where there is none.
pub fn open(config: &Config) -> Result<Desk, CommandError> {
    Ok(Desk::open(settings(config)?)?)
}

/// The ledger as it is, for a look; `None` where there is none yet. Creates and changes nothing.
pub fn look(config: &Config) -> Result<Option<Ledger>, CommandError> {
    Ok(Ledger::open_reading(&settings(config)?)?)
}

/// The machine's name, where the system tells it.
fn hostname() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"));
    name.ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Begins a run of this verb for this account.
pub async fn begin(desk: &Desk, app_id: &str, verb: &'static str) -> Result<RunId, CommandError> {
    let (account, actor, host) = (app_id.to_owned(), actor::actor(), hostname());
    let run = desk.call(move |ledger| {
        ledger.begin_run(&NewRun { account: &account, verb, actor: &actor, host: host.as_deref() })
    });
    Ok(run.await?)
}

/// Where the ledger is, for a question.
pub fn place(config: &Config) -> String {
    match config.ledger.address() {
        Ok(LedgerAddress::Sqlite(path)) => path.display().to_string(),
        _ => "PostgreSQL".to_owned(),
    }
}
