//! `ledger` and `[send]`: the record and the pace.

use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use jiff::civil::Time;

use super::address::{LedgerAddress, SecretUrl};
use super::document::Section;
use super::environment::Environment;
use super::error::Error;
use super::messages::duration;

/// `ledger = "…"`, or `[ledger]` with `url`.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Where it is; `None` when neither set nor a home folder exists ([`Ledger::address`] says so).
    address: Option<LedgerAddress>,
    /// Who says so.
    pub set_by: LedgerSetBy,
    /// After how many days records are erased.
    pub keep_days: u32,
    /// Whether a message's content outlives its settling.
    pub keep_content: bool,
}

/// Who says where the ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerSetBy {
    /// Nobody: it is in the user's state folder, another one for each user.
    Nobody,
    /// The settings file.
    File,
    /// `$WXREMIND_LEDGER`.
    Variable,
}

/// `[send]`.
#[derive(Clone, Debug)]
pub struct Send {
    /// Messages a second, for the whole account; 0 is unlimited, on loopback only.
    pub rate: f64,
    /// Messages in flight, for this process.
    pub concurrency: usize,
    /// When reminders are not sent.
    pub quiet_hours: Option<QuietHours>,
    /// How long one call may take.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// A proxy's address; it may hold a password.
    pub proxy: Option<SecretUrl>,
    /// Certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Every wait is multiplied by this; below 1 for rehearsals only.
    pub wait_scale: f64,
}

/// A part of the day, which may reach past midnight. It includes `from` and excludes `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// Its beginning.
    pub from: Time,
    /// Its end.
    pub to: Time,
}

impl Ledger {
    /// Where the ledger is.
    pub fn address(&self) -> Result<&LedgerAddress, Error> {
        self.address.as_ref().ok_or(Error::NoLedger)
    }

    /// The same settings for another place, such as the throw-away ledger of a rehearsal.
    #[must_use]
    pub fn at(self, address: LedgerAddress) -> Self {
        Self { address: Some(address), ..self }
    }

    pub(super) fn read(top: &mut Section<'_>, environment: &Environment) -> Result<Self, Error> {
        const VARIABLE: &str = "WXREMIND_LEDGER";
        let mut ledger = Self {
            address: usual_ledger(),
            set_by: LedgerSetBy::Nobody,
            keep_days: 90,
            keep_content: false,
        };
        if let Some(value) = top.take("ledger") {
            let folder = value.file().parent().unwrap_or_else(|| Path::new("")).to_owned();
            let parse = |text: &str| LedgerAddress::parse(text, &folder);
            if value.is_table() {
                let mut section = value.section()?;
                if let Some(url) = section.take("url") {
                    ledger.set(url.parsed(LedgerAddress::FORM, parse)?, LedgerSetBy::File);
                }
                if let Some(days) = section.take("keep_days") {
                    ledger.keep_days = days.whole(1, 36_500)?;
                }
                if let Some(keep) = section.take("keep_content") {
                    ledger.keep_content = keep.boolean()?;
                }
                section.finish()?;
            } else {
                ledger.set(value.parsed(LedgerAddress::FORM, parse)?, LedgerSetBy::File);
            }
        }
        if let Some(text) = environment.text(VARIABLE)? {
            let refused = || Error::Environment {
                variable: VARIABLE,
                what: format!("must be {}", LedgerAddress::FORM),
            };
            let address = LedgerAddress::parse(text, Path::new("")).ok_or_else(refused)?;
            ledger.set(address, LedgerSetBy::Variable);
        }
        Ok(ledger)
    }

    fn set(&mut self, address: LedgerAddress, by: LedgerSetBy) {
        self.address = Some(address);
        self.set_by = by;
    }
}

/// `wxremind/ledger.db` in the user's state folder (`$XDG_STATE_HOME`).
fn usual_ledger() -> Option<LedgerAddress> {
    let folders = etcetera::choose_base_strategy().ok()?;
    let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Some(LedgerAddress::Sqlite(folder.join("wxremind").join("ledger.db")))
}

impl Send {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let number = |value: Option<super::document::Value<'_>>, least, most, usual| {
            value.map_or(Ok(usual), |value| value.number(least, most))
        };
        let send = Self {
            rate: number(section.take("rate"), 0.0, 1000.0, 20.0)?,
            concurrency: section.take("concurrency").map_or(Ok(10), |value| value.whole(1, 100))?,
            quiet_hours: section
                .take("quiet_hours")
                .map(|value| value.parsed("two times such as \"21:00-08:00\"", QuietHours::parse))
                .transpose()?,
            timeout: duration(&mut section, "timeout")?.unwrap_or(Duration::from_secs(30)),
            connect_timeout: duration(&mut section, "connect_timeout")?
                .unwrap_or(Duration::from_secs(10)),
            proxy: section
                .take("proxy")
                .map(|value| {
                    value.parsed("an address such as \"http://proxy.example:3128\"", proxy)
                })
                .transpose()?,
            ca_file: section.take("ca_file").map(|value| value.path()).transpose()?,
            wait_scale: number(section.take("wait_scale"), 0.0, 1.0, 1.0)?,
        };
        section.finish()?;
        Ok(send)
    }
}

impl QuietHours {
    /// Reads `21:00-08:00`; an empty span is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(['-', '–', '~'])?;
        let time = |text: &str| text.trim().parse::<Time>().ok();
        let hours = Self { from: time(from)?, to: time(to)? };
        (hours.from != hours.to).then_some(hours)
    }

    /// Whether a time of day lies in them.
    pub fn contains(self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

fn proxy(text: &str) -> Option<SecretUrl> {
    let (scheme, rest) = text.split_once("://")?;
    (matches!(scheme, "http" | "https" | "socks5" | "socks5h") && !rest.is_empty())
        .then(|| SecretUrl::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_reach_past_midnight() {
        let night = QuietHours::parse("21:00-08:00").unwrap();
        let noon = QuietHours::parse(" 12:00 - 13:30 ").unwrap();
        for (text, in_night, in_noon) in [
            ("20:59", false, false),
            ("21:00", true, false),
            ("03:00", true, false),
            ("08:00", false, false),
            ("12:00", false, true),
            ("13:30", false, false),
        ] {
            let time = text.parse().unwrap();
            assert_eq!((night.contains(time), noon.contains(time)), (in_night, in_noon), "{text}");
        }
        assert_eq!(QuietHours::parse("08:00-08:00"), None);
    }
}
