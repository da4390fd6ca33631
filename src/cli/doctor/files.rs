//! Who else on this machine can read what holds secrets or patients.

use std::path::{Path, PathBuf};

use super::finding::{Check, Findings};
use super::place;
use crate::cli::session::exposed_password;
use crate::config::address::LedgerAddress;
use crate::config::source::Origin;
use crate::config::{Config, search};

/// Where README puts the secret for the service.
const SERVICE_SECRET: &str = "/etc/wxremind/app_secret";

/// The credentials that there may be.
const CREDENTIALS: [&str; 3] = ["app_secret", "webhook_url", "webhook_secret"];

/// Looks at the permissions of every file that a run reads or writes.
pub fn look(config: &Config) -> Findings {
    let mut findings = Findings::default();
    if let Some(file) = &config.file {
        findings.add(settings(config, file));
    }
    if let Some(check) = secrets(config) {
        findings.add(check);
    }
    if let Ok(LedgerAddress::Sqlite(path)) = config.ledger.address()
        && path.exists()
    {
        findings.add(ledger(path));
    }
    let tables = [
        ("files.source", "appointments", &config.source.origin),
        ("files.contacts", "contacts", &config.contacts.origin),
    ];
    for (name, what, origin) in tables {
        if let Some(Origin::File(path)) = origin
            && path.exists()
        {
            findings.add(table(name, what, path));
        }
    }
    findings
}

fn settings(config: &Config, file: &Path) -> Check {
    const NAME: &str = "files.settings";
    if let Some(exposed) = exposed_password(config) {
        let fix = format!("Run `{}`; if it was so for long, change the password.", exposed.mend);
        return Check::warn(NAME, format!("{}.", exposed.what), fix);
    }
    if place::is_changeable_by_everybody(file) {
        let message = format!(
            "Everybody on this machine can change {}, and so what this program runs and where it sends.",
            place::absolute(file).display()
        );
        return Check::warn(NAME, message, format!("Run `chmod o-w {}`.", place::quoted(file)));
    }
    Check::pass(NAME, "Nobody else can read a password in the settings file, or change it.")
}

/// The files that secrets are read from. A credential of systemd's own folder may show its access list as group bits.
fn secrets(config: &Config) -> Option<Check> {
    const NAME: &str = "files.secret";
    let folder = config.environment().path("CREDENTIALS_DIRECTORY");
    let credentials = CREDENTIALS.into_iter().filter_map(|name| Some(folder.as_ref()?.join(name)));
    let known: Vec<PathBuf> =
        credentials.chain([PathBuf::from(SERVICE_SECRET)]).filter(|file| file.exists()).collect();
    let open = known.iter().find(|file| place::is_open_to_everybody(file));
    match (open, known.first()) {
        (Some(file), _) => Some(Check::warn(
            NAME,
            format!("Everybody on this machine can read the secret in {}.", file.display()),
            format!("Run `chmod 600 {}`, and have the secret replaced.", place::quoted(file)),
        )),
        (None, Some(_)) => Some(Check::pass(NAME, "No secret's file is open to everybody.")),
        (None, None) => None,
    }
}

/// The file, its log and shared memory, and the folder of the runs' locks.
fn ledger(path: &Path) -> Check {
    const NAME: &str = "files.ledger";
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let open: Vec<PathBuf> = ["", "-wal", "-shm", ".runs"]
        .map(beside)
        .into_iter()
        .filter(|file| search::is_open_to_others(file))
        .collect();
    let Some(first) = open.first() else {
        return Check::pass(NAME, "Only its owner can read the ledger.");
    };
    let files: Vec<String> = open.iter().map(|file| place::quoted(file)).collect();
    Check::warn(
        NAME,
        format!("Others on this machine can read {}.", place::absolute(first).display()),
        format!("Run `chmod go-rwx {}`.", files.join(" ")),
    )
}

/// An export with patients in it. A group may be meant to read it.
fn table(name: &str, what: &str, path: &Path) -> Check {
    if place::is_open_to_everybody(path) {
        let can = if place::is_changeable_by_everybody(path) { "change" } else { "read" };
        return Check::warn(
            name,
            format!(
                "Everybody on this machine can {can} the {what} in {}.",
                place::absolute(path).display()
            ),
            format!("Run `chmod o-rwx {}`, and have the export written so.", place::quoted(path)),
        );
    }
    Check::pass(name, format!("The file of {what} is not open to everybody."))
}
