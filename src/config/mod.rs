//! The settings: default < file < environment < flag, each validated, each error with its line and column.
//!
//! | file | what it reads |
//! |---|---|
//! | `search` | where `wxremind.toml` is |
//! | `document` | the file's tables and values, with their places |
//! | `account`, `source`, `messages`, `sending`, `serve`, `webhook` | the sections |
//! | `address` | URLs: WeChat's, the ledger's, and others that may hold a password |
//! | `environment` | `WXREMIND_*` |
//! | `secret` | the app secret, from wherever it is kept |
//!
//! Only `cli` imports this room; it fills the settings types of the others.

pub mod account;
pub mod address;
pub mod document;
pub mod environment;
pub mod error;
pub mod keyring;
pub mod messages;
pub mod search;
pub mod secret;
pub mod sending;
pub mod serve;
pub mod source;
pub mod webhook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use account::{Account, Accounts};
use address::{ApiBase, LedgerAddress, SecretUrl};
use document::{Document, Section};
use environment::Environment;
pub use error::{Error, Problem};
use messages::{Prescribe, Privacy, Remind, Templates};
use sending::{Ledger, Send};
use serve::Serve;
use source::{Contacts, Origin, Source};
use webhook::Webhook;

/// The zone of the clinic unless `time_zone` says otherwise.
const ZONE: &str = "Asia/Shanghai";

/// What the command line says about settings.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// `--config`.
    pub file: Option<&'a Path>,
    /// `--account`.
    pub account: Option<&'a str>,
}

/// All settings, validated.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file they came from, if there is one.
    pub file: Option<PathBuf>,
    /// Whether the command line named it: then a command that is advised must name it too.
    pub is_named: bool,
    /// The clinic's zone.
    pub zone: TimeZone,
    /// `[defaults]`: a value for a canonical column that the source does not give.
    pub defaults: BTreeMap<&'static str, String>,
    /// `ledger` and `[ledger]`.
    pub ledger: Ledger,
    /// `[source]`.
    pub source: Source,
    /// `[contacts]`.
    pub contacts: Contacts,
    /// `[remind]`.
    pub remind: Remind,
    /// `[prescribe]`.
    pub prescribe: Prescribe,
    /// `[templates]`.
    pub templates: Templates,
    /// `[privacy]`.
    pub privacy: Privacy,
    /// `[send]`.
    pub send: Send,
    /// `[webhook]`.
    pub webhook: Webhook,
    /// `[serve]`.
    pub serve: Serve,
    accounts: Accounts,
    account: Option<String>,
    environment: Environment,
}

impl Config {
    /// Finds the file, if there is one, and reads it under the environment.
    pub fn load(request: &Request<'_>, environment: Environment) -> Result<Self, Error> {
        let found = search::find(request.file, &environment)?;
        let text = found.as_deref().map(search::read).transpose()?.unwrap_or_default();
        let file = found.as_deref().unwrap_or_else(|| Path::new(""));
        let document = Document { file, text: &text };
        let table = document.parse()?;
        let mut config = Self::read(Section::top(document, table.get_ref()), environment)?;
        config.account = request.account.map(ToOwned::to_owned);
        config.file.clone_from(&found);
        config.is_named = request.file.is_some();
        Ok(config)
    }

    fn read(mut top: Section<'_>, environment: Environment) -> Result<Self, Error> {
        let mut source = Source::read(top.section("source")?)?;
        if let Some(url) = environment.text(SOURCE)? {
            let refused = || Error::Environment {
                variable: SOURCE,
                what: "must be a file, - or a database address".to_owned(),
            };
            source.origin = Some(Origin::parse(url, Path::new("")).ok_or_else(refused)?);
        }
        let mut contacts = Contacts::read(top.section("contacts")?)?;
        if let Some(url) = environment.text(CONTACTS)? {
            let refused = || Error::Environment {
                variable: CONTACTS,
                what: "must be a file or a database address".to_owned(),
            };
            contacts.origin = Some(Origin::parse(url, Path::new("")).ok_or_else(refused)?);
        }
        let zone = top.take("time_zone");
        let zone = zone
            .map(|value| value.parsed("a time zone such as \"Asia/Shanghai\"", zone_named))
            .transpose()?;
        let config = Self {
            file: None,
            is_named: false,
            zone: zone.or_else(|| zone_named(ZONE)).unwrap_or(TimeZone::UTC),
            defaults: source::defaults(top.section("defaults")?)?,
            ledger: Ledger::read(&mut top, &environment)?,
            source,
            contacts,
            remind: Remind::read(top.section("remind")?)?,
            prescribe: Prescribe::read(top.section("prescribe")?)?,
            templates: Templates::read(top.section("templates")?)?,
            privacy: Privacy::read(top.section("privacy")?)?,
            send: Send::read(top.section("send")?)?,
            webhook: Webhook::read(top.section("webhook")?, &environment)?,
            serve: Serve::read(top.section("serve")?, &environment)?,
            accounts: Accounts::read(&mut top)?,
            account: None,
            environment,
        };
        top.finish()?;
        Ok(config)
    }

    /// The account this command works for. Asked for only by what needs one, so that a dry run or `log list` works
    /// with no account at all.
    pub fn account(&self) -> Result<Account, Error> {
        self.accounts.clone().choose(
            self.account.as_deref(),
            &self.environment,
            self.file.as_deref(),
        )
    }

    /// The app ids of the account that is meant, or of all where none was chosen.
    pub fn app_ids(&self) -> Result<Vec<String>, Error> {
        match self.account() {
            Err(Error::NoAccountChosen { known }) => known
                .iter()
                .map(|name| {
                    let accounts = self.accounts.clone();
                    let chosen =
                        accounts.choose(Some(name), &self.environment, self.file.as_deref());
                    Ok(chosen?.app_id)
                })
                .collect(),
            account => Ok(vec![account?.app_id]),
        }
    }

    /// Where calls go when no account is set up yet: the environment's word or WeChat itself.
    pub fn api_base(&self) -> Result<ApiBase, Error> {
        self.accounts.api_base(self.account.as_deref(), &self.environment)
    }

    /// The environment the settings were read under.
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Which settings of the file hold a password, so that others should not be able to read it. What a variable
    /// replaced did not come from the file.
    pub fn passwords(&self) -> Vec<&'static str> {
        let url = |address: Option<&SecretUrl>| address.is_some_and(SecretUrl::has_password);
        let database = |origin: Option<&Origin>| match origin {
            Some(Origin::Database(address)) => address.has_password(),
            _ => false,
        };
        let ledger = match self.ledger.address() {
            Ok(LedgerAddress::Postgres(address)) => address.has_password(),
            _ => false,
        };
        [
            ("ledger", "WXREMIND_LEDGER", ledger),
            ("[source] url", SOURCE, database(self.source.origin.as_ref())),
            ("[contacts] url", CONTACTS, database(self.contacts.origin.as_ref())),
            ("[send] proxy", "", url(self.send.proxy.as_ref())),
            // A webhook's address usually holds its own signature.
            ("[webhook] url", "WXREMIND_WEBHOOK_URL", self.webhook.url.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, variable, holds)| {
            (holds && self.environment.path(variable).is_none()).then_some(name)
        })
        .collect()
    }
}

const SOURCE: &str = "WXREMIND_SOURCE";
const CONTACTS: &str = "WXREMIND_CONTACTS";

fn zone_named(name: &str) -> Option<TimeZone> {
    // `TimeZone::get` also takes POSIX rules, which are not names.
    TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every section and key there is.
    const WHOLE: &str = include_str!("sample.toml");

    fn read(text: &str) -> Result<Config, Error> {
        let document = Document { file: Path::new("/etc/wxremind/wxremind.toml"), text };
        let table = document.parse()?;
        Config::read(Section::top(document, table.get_ref()), Environment::default())
    }

    #[test]
    fn nothing_set_is_the_documented_defaults() {
        let config = read("").unwrap();
        assert_eq!(config.zone.iana_name(), Some("Asia/Shanghai"));
        assert_eq!((config.send.rate, config.send.concurrency), (20.0, 10));
        assert_eq!((config.remind.catch_up, config.remind.template.as_str()), (0, "reminder"));
        assert_eq!((config.ledger.keep_days, config.ledger.keep_content), (90, false));
        assert!(config.privacy.mask_names && config.privacy.neutral_departments);
        assert!(matches!(config.account(), Err(Error::NoAppId { .. })));
    }

    #[test]
    fn every_documented_key_is_read_and_relative_paths_start_at_the_file() {
        let config = read(WHOLE).unwrap();
        let Some(Origin::File(source)) = &config.source.origin else { panic!("{config:?}") };
        assert_eq!(source, Path::new("/etc/wxremind/exports/appointments.csv"));
        assert_eq!(config.templates.dir.as_deref(), Some(Path::new("/etc/wxremind/templates")));
        assert_eq!(config.source.columns["start"].len(), 2);
        assert_eq!(config.remind.days, [1, 7]);
        assert!(config.account().unwrap().api_base == ApiBase::default());
        assert_eq!(config.ledger.address().unwrap().to_string(), "/var/lib/wxremind/ledger.db");
    }

    #[test]
    fn debug_shows_no_password() {
        let config =
            read("ledger = \"postgres://u:hunter2@db/x\"\n[send]\nproxy = \"http://u:hunter2@p\"")
                .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        assert_eq!(config.passwords(), ["ledger", "[send] proxy"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            let _ = read(&text);
        }

        #[test]
        fn a_settings_file_with_any_part_replaced_never_panics(
            at in 0..WHOLE.chars().count(), length in 0..30_usize, instead in "[\\[\\]=\".a-z0-9\n-]{0,6}",
        ) {
            let start = WHOLE.chars().take(at);
            let text: String = start.chain(instead.chars()).chain(WHOLE.chars().skip(at + length)).collect();
            let _ = read(&text).and_then(|config| config.account());
        }
    }
}
