//! Addresses in the settings: where WeChat is, where the ledger is, and URLs that may hold a password.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

/// Where WeChat's calls go, e.g. `https://api.weixin.qq.com`: https, or plain http to this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBase {
    url: String,
    loopback: bool,
}

impl Default for ApiBase {
    fn default() -> Self {
        Self { url: "https://api.weixin.qq.com".to_owned(), loopback: false }
    }
}

impl ApiBase {
    /// What [`ApiBase::parse`] takes.
    pub const FORM: &str =
        "an https address such as \"https://api.weixin.qq.com\"; plain http only to this machine";

    /// Reads it; `None` for anything but scheme, host and port.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.is_empty()
            || authority.contains(|c: char| c.is_whitespace() || "/@?#\\".contains(c))
        {
            return None;
        }
        let loopback = is_loopback(authority);
        let allowed = scheme == "https" || scheme == "http" && loopback;
        allowed.then(|| Self { url: format!("{scheme}://{authority}"), loopback })
    }

    /// The address without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it is this machine: then the account is a simulator, and rehearsals are allowed.
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(host, _)| host),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A URL that may hold a password: it is shown without one.
#[derive(Clone)]
pub struct SecretUrl(SecretString);

impl SecretUrl {
    /// Keeps the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The whole text, password included.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether it holds a password.
    pub fn has_password(&self) -> bool {
        if let Some(string) = odbc(self.expose()) {
            let is_password = |(key, _): &(&str, &str)| {
                ["pwd", "password"].iter().any(|name| key.eq_ignore_ascii_case(name))
            };
            return attributes(string).iter().any(is_password);
        }
        userinfo(self.expose()).is_some_and(|(_, userinfo, _)| userinfo.contains(':'))
            || self
                .expose()
                .split_once('?')
                .is_some_and(|(_, query)| query.to_lowercase().contains("password="))
    }
}

impl fmt::Display for SecretUrl {
    /// Scheme and host; user, password and query are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.expose();
        if let Some(string) = odbc(text) {
            let shown = attributes(string)
                .into_iter()
                .filter(|(key, _)| ODBC_SHOWN.iter().any(|name| key.eq_ignore_ascii_case(name)));
            let shown: Vec<String> = shown.map(|(key, value)| format!("{key}={value}")).collect();
            return write!(f, "odbc:{}", shown.join(";"));
        }
        let bare = userinfo(text)
            .map_or_else(|| text.to_owned(), |(scheme, _, rest)| format!("{scheme}://***@{rest}"));
        f.write_str(bare.split(['?', '#']).next().unwrap_or_default())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The attributes of an ODBC connection string that are no secret.
const ODBC_SHOWN: [&str; 6] = ["dsn", "driver", "server", "servername", "port", "database"];

/// The connection string of an ODBC address.
fn odbc(text: &str) -> Option<&str> {
    text.strip_prefix("odbc:")
}

/// The attributes of a connection string: `key=value`, divided by semicolons, a value perhaps in braces.
fn attributes(mut string: &str) -> Vec<(&str, &str)> {
    let mut attributes = Vec::new();
    while let Some((key, rest)) = string.split_once('=') {
        // In braces a semicolon is the value's own, and }} a brace.
        let mut end = rest.find(';').unwrap_or(rest.len());
        if rest.trim_start().starts_with('{') {
            let mut braces = rest.match_indices('}').map(|(at, _)| at).peekable();
            end = rest.len();
            while let Some(at) = braces.next() {
                if braces.next_if_eq(&(at + 1)).is_none() {
                    end = at + rest[at..].find(';').unwrap_or(rest.len() - at);
                    break;
                }
            }
        }
        attributes.push((key.trim_matches([';', ' ']), rest[..end].trim()));
        string = rest[end..].trim_start_matches(';');
    }
    attributes
}

/// Scheme, user with password, and what follows the `@`. A password may itself hold an `@`, and one that should have been
/// written with % codes a `/`, `?` or `#`: the very last `@` counts, so that nothing of it is ever shown.
fn userinfo(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (userinfo, rest) = rest.rsplit_once('@')?;
    Some((scheme, userinfo, rest))
}

/// Where the ledger is.
#[derive(Clone, Debug)]
pub enum LedgerAddress {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(SecretUrl),
}

impl LedgerAddress {
    /// What [`LedgerAddress::parse`] takes.
    pub const FORM: &str = "\"sqlite:///path/ledger.db\" or \"postgres://host/database\"";

    /// Reads it; a relative SQLite path (`sqlite:ledger.db`) starts in `folder`.
    pub fn parse(text: &str, folder: &Path) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                (!path.is_empty() && !path.contains(['?', '\0']))
                    .then(|| Self::Sqlite(folder.join(path)))
            }
            "postgres" | "postgresql" if rest.starts_with("//") => {
                Some(Self::Postgres(SecretUrl::new(text)))
            }
            _ => None,
        }
    }
}

impl fmt::Display for LedgerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for (text, loopback) in [
            ("https://api.weixin.qq.com", false),
            ("https://hk.api.weixin.qq.com/", false),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:8080/", true),
            ("http://[::1]:8080", true),
            ("https://127.0.0.1", true),
        ] {
            assert_eq!(
                ApiBase::parse(text).map(|base| base.is_loopback()),
                Some(loopback),
                "{text}"
            );
        }
        for text in [
            "http://api.weixin.qq.com",
            "http://127.0.0.1@example.org",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org:80",
            "https://",
            "ftp://127.0.0.1",
            "api.weixin.qq.com",
            "https://example.org/path",
            "http://example.org\\@127.0.0.1",
        ] {
            assert_eq!(ApiBase::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (text, shown) in [
            (
                "postgres://clinic:p@ss@db.example/wx?sslmode=require",
                "postgres://***@db.example/wx",
            ),
            ("postgres://db.example/wx?password=x", "postgres://db.example/wx"),
            ("postgres://clinic:p#a/s?s@db.example/wx", "postgres://***@db.example/wx"),
            ("https://hooks.example.org/a?sig=1", "https://hooks.example.org/a"),
            (
                "odbc:Driver={SQL Server; 18};Server=his;UID=reader;PWD={a;Server=}}b};Database=HIS",
                "odbc:Driver={SQL Server; 18};Server=his;Database=HIS",
            ),
            ("odbc:DSN=his;PWD=secret", "odbc:DSN=his"),
        ] {
            assert_eq!(SecretUrl::new(text).to_string(), shown);
            assert_eq!(format!("{:?}", SecretUrl::new(text)), shown);
        }
    }

    #[test]
    fn a_password_is_found_wherever_an_address_can_hold_one() {
        for url in [
            "postgres://u:p@h/d",
            "postgres://h/d?password=p",
            "postgres://u:p#x@h/d",
            "odbc:DSN=his;pwd=p",
            "odbc:DSN=his;UID={a;b};Password={p}",
        ] {
            assert!(SecretUrl::new(url).has_password(), "{url}");
        }
        for url in ["postgres://u@h/d", "odbc:DSN=his;UID={PWD=x}", "sqlite:his.db?table=v"] {
            assert!(!SecretUrl::new(url).has_password(), "{url}");
        }
    }

    #[test]
    fn a_ledger_is_a_file_or_a_postgresql_database() {
        let folder = Path::new("/etc/wxremind");
        let shown = |text| LedgerAddress::parse(text, folder).map(|address| address.to_string());
        assert_eq!(shown("sqlite:///var/lib/l.db").as_deref(), Some("/var/lib/l.db"));
        assert_eq!(shown("sqlite://l.db").as_deref(), Some("/etc/wxremind/l.db"));
        assert_eq!(shown("sqlite:l.db").as_deref(), Some("/etc/wxremind/l.db"));
        assert_eq!(shown("postgres://u:p@db/wx").as_deref(), Some("postgres://***@db/wx"));
        for text in ["l.db", "mysql://db/wx", "sqlite:", "postgres:db", "sqlite://l.db?mode=ro"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_here_panics_or_shows_a_password(text in "\\PC{0,30}", password in "[a-z@:]{6,12}") {
            let _ = (ApiBase::parse(&text), LedgerAddress::parse(&text, Path::new("/")));
            let url = SecretUrl::new(format!("postgres://user:{password}@db.example/x"));
            prop_assert!(!url.to_string().contains(&password));
        }
    }
}
