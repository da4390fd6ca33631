//! The WeChat account a command works for.

use super::address::ApiBase;
use super::document::{Section, Value};
use super::environment::Environment;
use super::error::Error;

/// One Official Account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name of its section, `None` for `[account]`.
    pub name: Option<String>,
    /// `wx` and 16 hexadecimal digits (any word with a simulator).
    pub app_id: String,
    /// Where its calls go.
    pub api_base: ApiBase,
    /// A command that prints the secret: program and arguments, run without a shell.
    pub secret_command: Option<Vec<String>>,
}

/// An account section as written: what it leaves out may come from the environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub app_id: Option<String>,
    pub api_base: Option<ApiBase>,
    pub secret_command: Option<Vec<String>>,
}

/// All accounts of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    pub unnamed: Option<Written>,
    pub named: Vec<(String, Written)>,
}

impl Accounts {
    /// Reads `[account]` and `[accounts.NAME]`.
    pub fn read(top: &mut Section<'_>) -> Result<Self, Error> {
        let unnamed = top.take("account").map(|value| Written::read(&value)).transpose()?;
        let named = top.section("accounts")?.entries();
        let named = named.map(|(name, value)| Ok((name.to_owned(), Written::read(&value)?)));
        Ok(Self { unnamed, named: named.collect::<Result<_, Error>>()? })
    }

    /// The account that is meant: the one named, else `[account]` or the environment's, else the only one there is.
    pub fn choose(
        self,
        name: Option<&str>,
        environment: &Environment,
        file: Option<&std::path::Path>,
    ) -> Result<Account, Error> {
        let known = || self.named.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let (variable_id, variable_base) = from_environment(environment)?;
        let (name, written) = if let Some(name) = name {
            let found = self.named.iter().find(|(known, _)| known == name).cloned();
            let (name, written) = found
                .ok_or_else(|| Error::UnknownAccount { name: name.to_owned(), known: known() })?;
            (Some(name), written)
        } else if self.unnamed.is_some() || variable_id.is_some() {
            (None, self.unnamed.unwrap_or_default())
        } else {
            match self.named.as_slice() {
                [] => (None, Written::default()),
                [(name, written)] => (Some(name.clone()), written.clone()),
                _ => return Err(Error::NoAccountChosen { known: known() }),
            }
        };
        // A flag goes before the environment: --account names an account, and so its app id.
        let app_id = if name.is_some() {
            written.app_id.or(variable_id)
        } else {
            variable_id.or(written.app_id)
        };
        let api_base = variable_base.or(written.api_base).unwrap_or_default();
        let app_id = app_id.ok_or_else(|| Error::NoAppId { file: file.map(ToOwned::to_owned) })?;
        if !is_app_id(&app_id) && !api_base.is_loopback() {
            return Err(Error::Environment {
                variable: APP_ID,
                what: format!("must be {APP_ID_FORM}"),
            });
        }
        Ok(Account { name, app_id, api_base, secret_command: written.secret_command })
    }
}

impl Accounts {
    /// Where calls go, for an account whose app id is not known yet.
    pub fn api_base(
        &self,
        name: Option<&str>,
        environment: &Environment,
    ) -> Result<ApiBase, Error> {
        let (_, variable) = from_environment(environment)?;
        let written = match name {
            Some(name) => {
                self.named.iter().find(|(known, _)| known == name).map(|(_, written)| written)
            }
            None => self.unnamed.as_ref(),
        };
        Ok(variable.or_else(|| written?.api_base.clone()).unwrap_or_default())
    }
}

const APP_ID: &str = "WXREMIND_APP_ID";
const API_BASE: &str = "WXREMIND_API_BASE";
const APP_ID_FORM: &str = "\"wx\" and 16 digits or letters a to f, as mp.weixin.qq.com shows it under Settings and Development";

impl Written {
    fn read(value: &Value<'_>) -> Result<Self, Error> {
        let mut section = value.section()?;
        let api_base = section.take("api_base");
        let api_base =
            api_base.map(|value| value.parsed(ApiBase::FORM, ApiBase::parse)).transpose()?;
        let loopback = api_base.as_ref().is_some_and(ApiBase::is_loopback);
        // Known from a mistake that people make; the secret itself must not be shown, nor "did you mean secret_command".
        for key in ["secret", "app_secret", "appsecret"] {
            if let Some(value) = section.find(key) {
                return Err(value.error(
                    "does not belong in the settings file: store it with `wxremind auth login`, or set secret_command",
                ));
            }
        }
        let app_id = section.take("app_id").map(|value| {
            let fits = |text: &str| (loopback || is_app_id(text)).then(|| text.to_owned());
            value.parsed(APP_ID_FORM, fits)
        });
        let written = Self {
            app_id: app_id.transpose()?,
            api_base,
            secret_command: section
                .take("secret_command")
                .map(|value| value.texts())
                .transpose()?,
        };
        section.finish()?;
        Ok(written)
    }
}

fn from_environment(environment: &Environment) -> Result<(Option<String>, Option<ApiBase>), Error> {
    let base = environment.text(API_BASE)?.map(|text| {
        let refused = || Error::Environment {
            variable: API_BASE,
            what: format!("must be {}", ApiBase::FORM),
        };
        ApiBase::parse(text).ok_or_else(refused)
    });
    Ok((environment.text(APP_ID)?.map(str::to_owned), base.transpose()?))
}

/// `wx` and 16 hexadecimal digits: the shape of every app id seen.
pub fn is_app_id(text: &str) -> bool {
    text.strip_prefix("wx").is_some_and(|rest| {
        rest.len() == 16
            && rest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}
