//! `[webhook]`: who is told of every message. Address and keys are secrets.
//!
//! Either may come from the environment or from a credential of systemd (`LoadCredential=webhook_url:…`,
//! `webhook_secret:…`); the keys never from the file.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::address::ApiBase;
use super::document::Section;
use super::environment::Environment;
use super::error::Error;
use super::messages::duration;
use super::secret;

const URL: &str = "WXREMIND_WEBHOOK_URL";
const SECRET: &str = "WXREMIND_WEBHOOK_SECRET";
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

const URL_FORM: &str = "an https address; plain http only to this machine";
const SECRET_FORM: &str = "whsec_ and 24 to 64 random bytes in base64; several, divided by spaces, while keys are changed";

/// How long a key is, in bytes (Standard Webhooks, "Signature scheme").
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

/// `[webhook]`.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where events go; nobody is told unless it is set.
    pub url: Option<WebhookUrl>,
    /// What events say beside the usual.
    pub fields: Vec<Field>,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a run waits at its end for events that are not delivered yet.
    pub patience: Duration,
    /// The keys that events are signed with, the newest first.
    pub keys: Keys,
}

/// A field of events that must be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The hospital's number for the patient.
    PatientId,
    /// The end of a prescription's reference.
    Reference,
}

const FIELDS: [(&str, Field); 2] =
    [("patient_id", Field::PatientId), ("reference", Field::Reference)];

/// Keys to sign with; how many is all that is shown.
#[derive(Clone, Default)]
pub struct Keys(Vec<SecretSlice<u8>>);

/// The address of a webhook. It usually holds a signature in its query, or is itself the secret; so no more is shown
/// than its host and the last characters of its path.
#[derive(Clone)]
pub struct WebhookUrl(SecretString);

impl Webhook {
    pub(super) fn read(mut section: Section<'_>, environment: &Environment) -> Result<Self, Error> {
        let url = section.take("url").map(|value| value.parsed(URL_FORM, WebhookUrl::parse));
        let fields = section.take("fields").map(|value| {
            value.items().iter().map(|item| item.word(&FIELDS)).collect::<Result<Vec<_>, _>>()
        });
        let mut webhook = Self {
            url: url.transpose()?,
            fields: fields.transpose()?.unwrap_or_default(),
            timeout: duration(&mut section, "timeout")?.unwrap_or(Duration::from_secs(15)),
            patience: duration(&mut section, "patience")?.unwrap_or(Duration::from_secs(5)),
            keys: Keys::default(),
        };
        section.finish()?;
        if let Some(text) = outside(environment, URL, "webhook_url", URL_FORM)? {
            webhook.url = Some(parsed(URL, URL_FORM, WebhookUrl::parse(text.expose_secret()))?);
        }
        if let Some(text) = outside(environment, SECRET, "webhook_secret", SECRET_FORM)? {
            webhook.keys = parsed(SECRET, SECRET_FORM, Keys::parse(text.expose_secret()))?;
        }
        Ok(webhook)
    }

    /// Whether events go out unsigned, so that the receiver has only the address to trust.
    pub fn is_unsigned(&self) -> bool {
        self.url.is_some() && self.keys.0.is_empty()
    }
}

fn parsed<T>(variable: &'static str, form: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::Environment { variable, what: format!("must be {form}") })
}

/// What the variable holds, else the credential of this name.
fn outside(
    environment: &Environment,
    variable: &'static str,
    credential: &str,
    form: &str,
) -> Result<Option<SecretString>, Error> {
    if let Some(text) = environment.text(variable)? {
        return Ok(Some(SecretString::from(text.trim().to_owned())));
    }
    let Some(folder) = environment.path(CREDENTIALS) else { return Ok(None) };
    secret::credential(&folder.join(credential)).transpose().map_err(|error| Error::Environment {
        variable: CREDENTIALS,
        what: format!("has a {credential} that cannot be used ({error}); it must be {form}"),
    })
}

impl Keys {
    fn parse(text: &str) -> Option<Self> {
        let key = |word: &str| {
            let bytes = STANDARD.decode(word.strip_prefix("whsec_")?).ok()?;
            KEY.contains(&bytes.len()).then(|| SecretSlice::from(bytes))
        };
        let keys: Vec<_> = text.split_whitespace().map(key).collect::<Option<_>>()?;
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The keys themselves.
    pub fn expose(&self) -> &[SecretSlice<u8>] {
        &self.0
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl WebhookUrl {
    /// Reads it: https to anywhere, http to this machine.
    fn parse(text: &str) -> Option<Self> {
        let (origin, _) = split(text)?;
        let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
        ApiBase::parse(origin).filter(|_| plain).map(|_| Self(SecretString::from(text.to_owned())))
    }

    /// The whole address.
    pub const fn expose(&self) -> &SecretString {
        &self.0
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let base = split(self.0.expose_secret()).and_then(|(origin, _)| ApiBase::parse(origin));
        base.is_some_and(|base| base.is_loopback())
    }
}

/// Scheme with host and port, and what follows them.
fn split(text: &str) -> Option<(&str, &str)> {
    let start = text.find("://")? + "://".len();
    let rest = text.get(start..)?;
    Some(text.split_at(start + rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (origin, rest) = split(self.0.expose_secret()).unwrap_or_default();
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let length = path.chars().count();
        // The last four characters of a path long enough to keep the rest of it secret.
        let tail: String = path.chars().skip(length - if length < 16 { 0 } else { 4 }).collect();
        write!(f, "{origin}/***{tail}")
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POWER_AUTOMATE: &str = "https://prod-00.westeurope.logic.azure.com:443/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers&sv=1.0&sig=hunter2";

    #[test]
    fn of_an_address_host_and_the_end_of_its_path_are_shown() {
        for (text, shown) in [
            (POWER_AUTOMATE, "https://prod-00.westeurope.logic.azure.com:443/***voke"),
            (
                "https://hooks.example.org/services/T0/B0/abcdefgh",
                "https://hooks.example.org/***efgh",
            ),
            ("https://hooks.example.org/short", "https://hooks.example.org/***"),
            ("http://127.0.0.1:9?sig=x", "http://127.0.0.1:9/***"),
        ] {
            let url = WebhookUrl::parse(text).unwrap();
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
            assert_eq!(url.is_loopback(), text.contains("127"));
        }
        for text in [
            "http://hooks.example.org/x",
            "https://user:hunter2@hooks.example.org/x",
            "https://hooks.example.org/a b",
            "hooks.example.org",
            "https://",
        ] {
            assert!(WebhookUrl::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_key_is_whsec_and_base64_of_24_bytes_or_more_and_there_may_be_several() {
        let (one, other) = (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_d3hyZW1pbmQgc2FtcGxlIGtleSwgbm8gc2VjcmV0",
        );
        let keys = Keys::parse(&format!(" {one}\n{other} ")).unwrap();
        assert_eq!(keys.expose().len(), 2);
        assert_eq!(keys.expose()[1].expose_secret(), b"wxremind sample key, no secret");
        assert_eq!(format!("{keys:?}"), "Keys(2)");
        for text in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_aHVudGVyMg==",
            "whsec_?",
            "whsk_MfKQ9r8G",
        ] {
            assert!(Keys::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn variables_go_before_credentials_and_a_mistake_shows_no_value() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let read = |variables: &[(&str, &str)]| {
            let folder = folder.path().to_str().unwrap();
            let variables = variables.iter().copied().chain([(CREDENTIALS, folder)]);
            let environment = variables.map(|(name, value)| (name.to_owned(), value)).collect();
            let document = super::super::document::Document { file: "w.toml".as_ref(), text: "" };
            let table = document.parse().unwrap();
            Webhook::read(Section::top(document, table.get_ref()), &environment)
        };
        assert!(!read(&[]).unwrap().is_unsigned());
        write("webhook_url", "https://credential.example/x\n");
        assert!(read(&[]).unwrap().is_unsigned());
        write("webhook_secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
        assert!(!read(&[]).unwrap().is_unsigned());
        let url = read(&[(URL, "https://variable.example/x")]).unwrap().url.unwrap();
        assert_eq!(url.to_string(), "https://variable.example/***");
        write("webhook_secret", "whsec_hunter2");
        let error = read(&[]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
