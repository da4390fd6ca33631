//! `[serve]`: where receipts are taken, and who may call. The token and the keys themselves are secrets.
//!
//! Each secret is taken from a variable of the environment, else from a credential of systemd (`LoadCredential=`):
//! `WXREMIND_CALLBACK_TOKEN` or `callback_token`, `WXREMIND_ENCODING_AES_KEY` or `encoding_aes_key`,
//! `WXREMIND_API_KEY` or `api_key`. None is ever in the file, which holds hashes only.

use std::fmt::{self, Write as _};
use std::net::SocketAddr;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::document::{Section, Value};
use super::environment::Environment;
use super::error::Error;
use super::secret;

const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const API_KEY: &str = "WXREMIND_API_KEY";

/// A key shorter than this could be guessed.
const SHORTEST: usize = 16;

/// Calls of the connector a minute, unless set.
const CALLS: u32 = 600;

/// `[serve]`.
#[derive(Clone, Debug)]
pub struct Serve {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How many calls of the connector a key may make a minute.
    pub calls_per_minute: u32,
    /// Whether browsers reach it by https, through a web server in front.
    pub https: bool,
    /// Who may call: `[serve.keys]`, and the one of the environment, which may do everything.
    pub keys: Vec<ApiKey>,
    /// The Token of the console's 服务器配置.
    pub token: Option<SecretString>,
    /// The `EncodingAESKey` of the same page.
    pub aes_key: Option<SecretString>,
}

/// A caller.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its key.
    pub hash: [u8; 32],
    /// What it may do, in the words of [`SCOPES`].
    pub scopes: Vec<&'static str>,
}

/// The words for what a caller may do. What they mean is `serve`'s business.
pub const SCOPES: [&str; 5] = ["receipts", "send", "read", "contact", "prescribe"];

impl fmt::Debug for ApiKey {
    /// Without the hash: who has it could try keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("name", &self.name)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Serve {
    pub(super) fn read(mut section: Section<'_>, environment: &Environment) -> Result<Self, Error> {
        let keys = section.section("keys")?.entries();
        let mut keys =
            keys.map(|(name, value)| key(name, &value)).collect::<Result<Vec<_>, _>>()?;
        let listen = section.take("listen").map(|value| {
            value.parsed("an address and port such as \"127.0.0.1:8080\"", |text| text.parse().ok())
        });
        let listen = listen.transpose()?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let calls = section.take("calls_per_minute");
        let calls_per_minute = calls.map_or(Ok(CALLS), |value| value.whole(1, 100_000))?;
        let https = section.take("https").map(|value| value.boolean()).transpose()?;
        section.finish()?;
        if let Some(own) = outside(environment, API_KEY, "api_key")? {
            keys.push(of_environment(&own)?);
        }
        Ok(Self {
            listen,
            calls_per_minute,
            https: https.unwrap_or(false),
            keys,
            token: outside(environment, "WXREMIND_CALLBACK_TOKEN", "callback_token")?,
            aes_key: outside(environment, "WXREMIND_ENCODING_AES_KEY", "encoding_aes_key")?,
        })
    }
}

/// `sha256:` and the hash of a key, as the settings hold it.
pub fn hashed(key: &SecretString) -> String {
    format!("sha256:{}", hex(&Sha256::digest(key.expose_secret())))
}

fn key(name: &str, value: &Value<'_>) -> Result<ApiKey, Error> {
    let mut section = value.section()?;
    let hash = section.take("hash").ok_or_else(|| value.error("needs a hash"))?;
    let hash = hash.parsed(
        "\"sha256:\" and 64 hexadecimal digits, as `wxremind serve key` prints it",
        unhashed,
    )?;
    let scopes = section.take("scopes").ok_or_else(|| value.error("needs scopes"))?;
    let scopes = scopes
        .items()
        .iter()
        .map(|item| item.word(&SCOPES.map(|word| (word, word))))
        .collect::<Result<Vec<_>, _>>()?;
    section.finish()?;
    Ok(ApiKey { name: name.to_owned(), hash, scopes })
}

fn of_environment(key: &SecretString) -> Result<ApiKey, Error> {
    if key.expose_secret().len() < SHORTEST {
        let what =
            format!("must have at least {SHORTEST} characters; `wxremind serve key` makes one");
        return Err(Error::Environment { variable: API_KEY, what });
    }
    Ok(ApiKey {
        name: "environment".to_owned(),
        hash: Sha256::digest(key.expose_secret()).into(),
        scopes: SCOPES.to_vec(),
    })
}

/// What the variable holds, else the credential of this name.
fn outside(
    environment: &Environment,
    variable: &'static str,
    credential: &str,
) -> Result<Option<SecretString>, Error> {
    if let Some(text) = environment.text(variable)? {
        return Ok(Some(SecretString::from(text.trim().to_owned())));
    }
    let Some(folder) = environment.path(CREDENTIALS) else { return Ok(None) };
    secret::credential(&folder.join(credential)).transpose().map_err(|error| Error::Environment {
        variable: CREDENTIALS,
        what: format!("has a {credential} that cannot be used ({error})"),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhashed(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64)?;
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_and_anything_else_is_none() {
        let text = hashed(&SecretString::from("key"));
        assert_eq!(unhashed(&text), Some(Sha256::digest("key").into()));
        for wrong in [
            "",
            "sha256:",
            &text[7..],
            &text.replace("sha256", "md5"),
            "sha256:é",
            &format!("{text}0"),
        ] {
            assert_eq!(unhashed(wrong), None, "{wrong}");
        }
    }
}
