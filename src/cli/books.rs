//! Opening the ledger: for a look, or on a thread of its own for a run.

use crate::cli::actor;
use crate::cli::announce;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::config::Config;
use crate::config::address::LedgerAddress;
use crate::ledger::{Address, Desk, Ledger, NewRun, RunId, Settings};

/// Where the ledger is and how it keeps, by the settings.
pub fn settings(config: &Config) -> Result<Settings, CommandError> {
    let address = address(config.ledger.address()?)?;
    let usual = Settings::new(address);
    // A rehearsal waits for nothing, nor for a database that is lost.
    let patience = usual.patience.mul_f64(config.send.wait_scale.clamp(0.0, 1.0));
    let (keep_content, events) = (config.ledger.keep_content, announce::fields(config));
    Ok(Settings { keep_content, events, patience, ..usual })
}

/// The ledger room's own form of an address.
pub fn address(address: &LedgerAddress) -> Result<Address, CommandError> {
    match address {
        LedgerAddress::Sqlite(path) => Ok(Address::Sqlite(path.clone())),
        LedgerAddress::Postgres(url) => Address::postgres(url.expose())
            .map_err(|error| CommandError::from(error).coded(Exit::Configuration)),
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
pub fn hostname() -> Option<String> {
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

/// Where the ledger is, for a question: the file, or host and database.
pub fn place(config: &Config) -> String {
    let known = config.ledger.address().ok().and_then(|known| address(known).ok());
    known.map_or_else(|| "not set".to_owned(), |address| address.to_string())
}
