//! Whither events go, how they are signed, and how patient the deliverer is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy, Url};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// What a [`Pump`](super::Pump) is told.
#[derive(Clone)]
pub struct Settings {
    /// Where events are posted; https, or http to this machine. It usually holds a signature of its own.
    pub url: SecretString,
    /// The keys that requests are signed with, the newest first; none leaves them unsigned.
    pub keys: Vec<SecretSlice<u8>>,
    /// For one request, from connecting to the end of the answer.
    pub timeout: Duration,
    /// The app ids whose events go there.
    pub accounts: Vec<String>,
    /// The clinic's zone, for the start of a visit.
    pub zone: TimeZone,
    /// What a code of WeChat means, in a few words.
    pub meaning: fn(i64) -> Option<String>,
    /// How requests call themselves.
    pub user_agent: String,
    /// The proxy to go through; not to this machine.
    pub proxy: Option<SecretString>,
    /// Certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// Settings that no request can be made with. No variant shows the address.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error("the webhook's address cannot be read")]
    Address,
    /// The proxy's address is none.
    #[error("the proxy's address cannot be read")]
    Proxy,
    /// The file of certificates is of no use.
    #[error("the certificates in {} cannot be used", .0.display())]
    Certificates(PathBuf),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}

impl Settings {
    /// The address, read.
    pub(super) fn address(&self) -> Result<Url, Error> {
        Url::parse(self.url.expose_secret()).map_err(|_| Error::Address)
    }

    /// A client that follows no redirect: it would carry the event elsewhere.
    pub(super) fn client(&self, address: &Url) -> Result<Client, Error> {
        let mut builder = Client::builder()
            .user_agent(&self.user_agent)
            .timeout(self.timeout)
            .redirect(Policy::none())
            .referer(false)
            .pool_idle_timeout(Duration::from_secs(20));
        if is_loopback(address) {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.proxy {
            let proxy = Proxy::all(proxy.expose_secret()).map_err(|_| Error::Proxy)?;
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &self.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        builder.build().map_err(|error| Error::Client(error.without_url().to_string()))
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let refused = || Error::Certificates(path.to_owned());
    let pem = std::fs::read(path).map_err(|_| refused())?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|_| refused())?;
    if found.is_empty() { Err(refused()) } else { Ok(found) }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
