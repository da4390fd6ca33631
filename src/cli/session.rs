//! What the verbs that work on an account share: settings, clock, client, and with `--simulate` the simulator.

use secrecy::SecretString;
use tempfile::TempDir;
use wechat_simulator::{Running, SAMPLE_APP_ID, SAMPLE_SECRET, Simulator};

use super::context::{Context, Rehearsal};
use super::error::CommandError;
use super::exit::Exit;
use super::templates::rehearse;
use crate::clock::{self, Clock};
use crate::config::account::Account;
use crate::config::address::{ApiBase, LedgerAddress};
use crate::config::environment::Environment;
use crate::config::secret::{self, Origin};
use crate::config::{self, Config, Request, search};

/// How requests call themselves.
pub const USER_AGENT: &str = concat!("wxremind/", env!("CARGO_PKG_VERSION"));

/// How much of each wait a rehearsal with the built-in simulator really waits.
const REHEARSAL_WAITS: f64 = 0.02;

/// An account to work on. Keep it until the work is done: it holds the simulator and the throw-away ledger.
pub struct Session {
    /// The settings; with `--simulate` the ledger and the shipped templates' ids in them are the rehearsal's.
    pub config: Config,
    /// The time, or the pretended one.
    pub clock: Clock,
    /// The account; with `--simulate` the simulator's.
    pub account: Account,
    /// The simulator, with `--simulate`.
    pub simulator: Option<Running>,
    folder: Option<TempDir>,
}

impl Context {
    /// The settings, with a warning when others can read a password in them.
    pub fn config(&mut self) -> Result<Config, CommandError> {
        let config = self.quiet_config()?;
        if let Some(exposed) = exposed_password(&config) {
            self.ui.warn(format!("{}; run: {}", exposed.what, exposed.mend));
        }
        Ok(config)
    }

    /// The settings, without a word about them.
    pub fn quiet_config(&self) -> Result<Config, config::Error> {
        let request = Request {
            file: self.globals.config.as_deref(),
            account: self.globals.account.as_deref(),
        };
        Config::load(&request, Environment::of_process())
    }

    /// The clock that `--now` asks for: a pretended time sends nothing to patients, so it is refused where it could.
    pub fn clock(
        &self,
        config: &Config,
        rehearsal: &Rehearsal,
        dry_run: bool,
    ) -> Result<Clock, CommandError> {
        let Some(text) = rehearsal.now.as_deref() else { return Ok(Clock::System) };
        let at = clock::parse(text, &config.zone).map_err(|error| {
            CommandError::usage("The time of --now cannot be read.").hint(format!("It is {error}."))
        })?;
        let harmless = dry_run
            || rehearsal.simulate
            || config.account().is_ok_and(|account| account.api_base.is_loopback());
        if harmless {
            return Ok(Clock::pretended(at));
        }
        Err(CommandError::usage(
            "A pretended time (--now) would send real messages for the wrong day.",
        )
        .hint("Add --dry-run or --simulate, or point api_base at a simulator on this machine."))
    }

    /// The account to work on. Nothing is asked of WeChat and no secret is looked for until [`Session::client`].
    pub async fn session(
        &mut self,
        mut config: Config,
        rehearsal: &Rehearsal,
    ) -> Result<Session, CommandError> {
        let clock = self.clock(&config, rehearsal, false)?;
        let (account, simulator, folder) = if rehearsal.simulate {
            let (running, folder) = simulate(&mut config).await?;
            (sample_account(&running), Some(running), Some(folder))
        } else {
            (config.account()?, None, None)
        };
        check_pace(&config, &account)?;
        Ok(Session { config, clock, account, simulator, folder })
    }
}

impl Session {
    /// A client for the account, and where its secret came from. No request is made yet.
    pub fn client(&self) -> Result<(wechat::Client, Origin), CommandError> {
        let (secret, origin) = if self.simulator.is_some() {
            (SecretString::from(SAMPLE_SECRET), Origin::Sample)
        } else {
            secret::find(&self.account, self.config.environment())?
        };
        Ok((client(&self.config, &self.account, secret)?, origin))
    }

    /// Whether messages go to a rehearsal: the built-in simulator, or one on this machine.
    pub const fn is_rehearsal(&self) -> bool {
        self.account.api_base.is_loopback()
    }

    /// The folder of the throw-away ledger, with `--simulate`.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(TempDir::path)
    }
}

/// A settings file in which others can read a password.
pub struct Exposed {
    /// What is so, without a full stop.
    pub what: String,
    /// The command that mends it.
    pub mend: String,
}

/// Whether others can read a password in the settings file.
pub fn exposed_password(config: &Config) -> Option<Exposed> {
    let file = config.file.as_deref().filter(|file| search::is_open_to_others(file))?;
    let first = *config.passwords().first()?;
    let file = file.display();
    Some(Exposed {
        what: format!("Others on this machine can read {file}, which holds a password ({first})"),
        mend: format!("chmod 600 {file}"),
    })
}

/// A client for this account with this secret.
pub fn client(
    config: &Config,
    account: &Account,
    secret: SecretString,
) -> Result<wechat::Client, CommandError> {
    let settings = wechat::Settings {
        base_url: account.api_base.as_str().to_owned(),
        timeout: config.send.timeout,
        connect_timeout: config.send.connect_timeout,
        user_agent: USER_AGENT.to_owned(),
        proxy: config.send.proxy.as_ref().map(|proxy| proxy.expose().to_owned()),
        ca_file: config.send.ca_file.clone(),
    };
    Ok(wechat::Client::new(account.app_id.clone(), secret, settings)?)
}

/// Starts the simulator on this runtime, with a ledger that goes when the session does.
async fn simulate(config: &mut Config) -> Result<(Running, TempDir), CommandError> {
    let failed = |what: &str, error: std::io::Error| {
        CommandError::new(Exit::Configuration, format!("The rehearsal could not start: {what}."))
            .caused_by(error)
    };
    let mut settings = wechat_simulator::Settings::default();
    settings.templates.extend(rehearse::templates(config)?);
    let running = Simulator::new(settings).start().await;
    let running = running
        .map_err(|error| failed("no port of this machine is free for the simulator", error))?;
    let folder = tempfile::Builder::new().prefix("wxremind-").tempdir();
    let folder = folder
        .map_err(|error| failed("no folder for the throw-away ledger could be made", error))?;
    config.ledger =
        config.ledger.clone().at(LedgerAddress::Sqlite(folder.path().join("ledger.db")));
    // Nobody is told of messages to invented phones.
    config.webhook.url = None;
    // A rehearsal waits for nothing: its minutes are a second or two.
    config.send.wait_scale = config.send.wait_scale.min(REHEARSAL_WAITS);
    Ok((running, folder))
}

fn sample_account(running: &Running) -> Account {
    Account {
        name: None,
        app_id: SAMPLE_APP_ID.to_owned(),
        api_base: ApiBase::parse(&running.base_url()).unwrap_or_default(),
        secret_command: None,
    }
}

/// What shortens waits or lifts the limit is for rehearsals: it would harm a real account.
pub fn check_pace(config: &Config, account: &Account) -> Result<(), CommandError> {
    if account.api_base.is_loopback() {
        return Ok(());
    }
    let refused = |key: &str| {
        CommandError::configuration(format!(
            "The settings have {key}, which is for rehearsals only."
        ))
        .hint("Remove it, or use --simulate or a simulator on this machine.")
    };
    if config.send.wait_scale < 1.0 {
        return Err(refused("[send] wait_scale below 1"));
    }
    if config.send.rate <= 0.0 {
        return Err(refused("[send] rate = 0 (unlimited)"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Globals;
    use crate::cli::ui::{Manner, Ui};

    fn config(variables: &[(&str, &str)]) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wxremind.toml");
        std::fs::write(&file, "[account]\napp_id = \"wx0123456789abcdef\"\n").unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), *value));
        Config::load(&Request { file: Some(&file), account: None }, variables.collect()).unwrap()
    }

    fn clock(
        config: &Config,
        now: &str,
        simulate: bool,
        dry_run: bool,
    ) -> Result<Clock, CommandError> {
        let context = Context::new(Ui::kept(Manner::default()).0, Globals::default());
        context.clock(config, &Rehearsal { simulate, now: Some(now.to_owned()) }, dry_run)
    }

    #[test]
    fn a_pretended_time_is_refused_where_it_could_reach_patients() {
        let real = config(&[]);
        let refused = clock(&real, "2026-11-23", false, false).unwrap_err();
        assert_eq!(refused.exit, Exit::Usage);
        for (config, simulate, dry_run) in [
            (&real, true, false),
            (&real, false, true),
            (&config(&[("WXREMIND_API_BASE", "http://127.0.0.1:1")]), false, false),
        ] {
            assert!(
                clock(config, "2026-11-23", simulate, dry_run)
                    .is_ok_and(|clock| clock.is_pretended())
            );
        }
        assert_eq!(clock(&real, "soon", true, false).unwrap_err().exit, Exit::Usage);
    }

    #[tokio::test]
    async fn a_rehearsal_has_its_own_account_and_ledger_and_leaves_nothing() {
        let mut context = Context::new(Ui::kept(Manner::default()).0, Globals::default());
        let rehearsal = Rehearsal { simulate: true, now: None };
        let session = context.session(config(&[]), &rehearsal).await.unwrap();
        assert_eq!(session.account.app_id, SAMPLE_APP_ID);
        assert!(session.is_rehearsal() && session.client().unwrap().1 == Origin::Sample);
        let folder = session.folder().unwrap().to_owned();
        assert!(
            session
                .config
                .ledger
                .address()
                .unwrap()
                .to_string()
                .starts_with(folder.to_str().unwrap())
        );
        drop(session);
        assert!(!folder.exists());
    }
}
