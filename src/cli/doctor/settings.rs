//! Which settings file counts and why, and which others there are.

use std::path::Path;

use super::finding::{Check, Findings};
use super::place;
use crate::cli::exit::Exit;
use crate::config::{self, Config, search};

const FILE: &str = "settings.file";
const OTHERS: &str = "settings.others";

/// Settings that were read.
pub fn look(named: Option<&Path>, config: &Config) -> Findings {
    let mut findings = Findings::default();
    let is_named = named.is_some() || config.environment().path(search::VARIABLE).is_some();
    match &config.file {
        Some(file) => {
            findings.add(found(file, named.is_some(), is_named));
            findings.add(others(file, is_named));
        }
        None => findings.add(none()),
    }
    findings
}

/// Settings that cannot be read: nothing else can be looked at.
pub fn unusable(error: config::Error) -> Findings {
    let mut findings = Findings::default();
    let check = Check::fail(FILE, Exit::Configuration, error.into());
    findings.add(check.or_fix(
        "Correct it there; every setting and its form is in examples/wxremind.toml. A file must be TOML text in UTF-8 \
         that this user may read.",
    ));
    findings.leave_out("everything else", "it needs the settings");
    findings
}

fn found(file: &Path, by_flag: bool, is_named: bool) -> Check {
    let shown = place::absolute(file).display().to_string();
    let why = match (by_flag, is_named) {
        (true, _) => "named by --config".to_owned(),
        (false, true) => format!("named by ${}", search::VARIABLE),
        (false, false) if file.is_relative() => "found in this folder".to_owned(),
        (false, false) => "the first of the usual places that has one".to_owned(),
    };
    let message = format!("{shown}, {why}.");
    if !is_named && file.is_relative() {
        let fix = format!(
            "Cron and services start in another folder: give them `--config {}`.",
            place::quoted(file)
        );
        return Check::warn(FILE, message, fix);
    }
    Check::pass(FILE, message)
}

fn none() -> Check {
    let places: Vec<String> = search::usual().iter().map(|file| shown(file)).collect();
    Check::warn(
        FILE,
        "There is no settings file: the usual values and the environment count.",
        format!(
            "Copy examples/wxremind.toml to one of {}, and write your app id into it.",
            places.join(", ")
        ),
    )
}

/// The files in the usual places that are not read.
fn others(used: &Path, is_named: bool) -> Check {
    let same = |file: &Path| place::absolute(used) == place::absolute(file) || is_same(used, file);
    let usual = search::usual();
    let others: Vec<String> =
        usual.iter().filter(|file| file.exists() && !same(file)).map(|file| shown(file)).collect();
    if others.is_empty() {
        return Check::pass(OTHERS, "There is no other settings file.");
    }
    let message = format!("Not read, since only one file counts: {}.", others.join(", "));
    if is_named {
        return Check::pass(OTHERS, message);
    }
    Check::warn(
        OTHERS,
        message,
        "Other users, cron and the service may read that one: keep one file, or name it with --config everywhere.",
    )
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn shown(file: &Path) -> String {
    place::absolute(file).display().to_string()
}
