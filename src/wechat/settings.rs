//! How the client reaches WeChat, and the refusal of ways that would expose the token.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, Proxy, Url, redirect};

use crate::Error;

/// How the client reaches WeChat.
#[derive(Clone, Eq, PartialEq)]
pub struct Settings {
    /// Scheme and host, with a path in front of `/cgi-bin/…` where a gateway wants one. `https`, or `http` to loopback.
    ///
    /// `https://api.weixin.qq.com`; `https://api2.weixin.qq.com` is its documented replacement in a disaster, and
    /// `sh.`, `sz.` and `hk.api.weixin.qq.com` are the regional points.
    pub base_url: String,
    /// How long one request may take, connecting and reading included: 30 s.
    pub timeout: Duration,
    /// How long connecting, TLS included, may take: 10 s.
    pub connect_timeout: Duration,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// A proxy's URL; none means what the environment says. Never used towards loopback.
    pub proxy: Option<String>,
    /// A PEM file with certificate authorities to trust beside the system's own.
    pub ca_file: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "https://api.weixin.qq.com".to_owned(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("wechat-rs/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            ca_file: None,
        }
    }
}

/// Leaves out the proxy, whose URL may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("user_agent", &self.user_agent)
            .field("proxy", &self.proxy.as_ref().map(|_| "set"))
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The base URL, checked: nothing in it may expose the token or be mistaken for a part of it.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        let base = Url::parse(&self.base_url).map_err(|fault| {
            Error::settings(format!(
                "the base URL cannot be read ({fault}); use one like https://api.weixin.qq.com"
            ))
        })?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(Error::settings(
                "the base URL holds a user name or password; remove it".to_owned(),
            ));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(Error::settings(
                "the base URL holds `?` or `#`; give scheme, host and path only".to_owned(),
            ));
        }
        match base.scheme() {
            "https" => Ok(base),
            "http" if is_loopback(&base) => Ok(base),
            "http" => Err(Error::settings(
                "the base URL is plain http, which would show the token to the network; use https"
                    .to_owned(),
            )),
            _ => Err(Error::settings(
                "the base URL is neither https nor http to this machine; use https".to_owned(),
            )),
        }
    }

    /// The HTTP client these settings describe. Redirects are never followed: they would carry the token elsewhere.
    pub(crate) fn http(self, base: &Url) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(self.user_agent)
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            .redirect(redirect::Policy::none())
            .referer(false)
            // A connection that the other side closes while a message is written leaves that message in doubt, so
            // idle ones are given up early; how long WeChat keeps them is not documented.
            .pool_idle_timeout(Duration::from_secs(20));
        if is_loopback(base) {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.proxy {
            let proxy = Proxy::all(proxy).map_err(|_| {
                Error::settings(
                    "the proxy's URL cannot be read; use one like http://proxy.example:3128"
                        .to_owned(),
                )
            })?;
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &self.ca_file {
            builder = builder.tls_certs_merge(authorities(path)?);
        }
        builder.build().map_err(|fault| {
            let fault = fault.without_url();
            Error::settings(format!(
                "the HTTP client cannot be set up: {fault}; check the user agent, proxy and CA file"
            ))
        })
    }
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, Error> {
    let shown = path.display();
    let pem = std::fs::read(path)
        .map_err(|fault| Error::settings(format!("the CA file {shown} cannot be read: {fault}")))?;
    let found = Certificate::from_pem_bundle(&pem)
        .map_err(|_| Error::settings(format!("the CA file {shown} is not PEM")))?;
    if found.is_empty() {
        return Err(Error::settings(format!("the CA file {shown} holds no certificate")));
    }
    Ok(found)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Result<Url, Error> {
        Settings { base_url: url.to_owned(), ..Settings::default() }.base()
    }

    #[test]
    fn https_and_loopback_are_accepted_and_nothing_else() {
        for good in [
            "https://api.weixin.qq.com",
            "http://127.0.0.1:8080",
            "http://localhost:1",
            "http://[::1]:9",
            "https://gw.example/wx",
        ] {
            assert!(base(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.weixin.qq.com",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
            "api.weixin.qq.com",
            "",
            "https://u:p@x.example",
            "https://x.example/?a=b",
        ] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_the_proxy_or_base_url_is_never_shown() {
        let settings =
            Settings { proxy: Some("http://me:hunter2@[proxy".to_owned()), ..Settings::default() };
        let error = settings.clone().http(&settings.base().unwrap()).unwrap_err();
        let refused = base("https://me:hunter2@x.example").unwrap_err();
        assert!(
            !format!("{settings:?} {error:?} {error} {refused:?} {refused}").contains("hunter2")
        );
    }

    #[test]
    fn a_missing_or_empty_ca_file_is_named() {
        let settings =
            Settings { ca_file: Some(PathBuf::from("/nowhere/ca.pem")), ..Settings::default() };
        assert!(
            settings
                .clone()
                .http(&settings.base().unwrap())
                .unwrap_err()
                .to_string()
                .contains("/nowhere/ca.pem")
        );
    }
}
