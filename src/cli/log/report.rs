//! `log report`: the figures of the record as one file for whoever looks at screens and not at terminals.

use std::env;
use std::fmt;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::days::{self, Days};
use super::filter;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{Context, Rehearsal};
use crate::domain::message::Kind;
use crate::report::{self, About, Asked, Figures, Language};

/// Days reported when none are named, today included.
const USUAL_DAYS: i32 = 30;

/// The arguments of `log report`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    days: Days,
    /// Write the report here; - is standard output, which is the usual place where it is no terminal.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The language of the report; that of $LANG unless given.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    /// Pretend that it is TIME.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Lang {
    /// English.
    En,
    /// 简体中文.
    Zh,
}

#[derive(Debug, Serialize)]
struct Written {
    output: PathBuf,
    since: String,
    until: String,
    reminders: u64,
    prescriptions: u64,
    connector: u64,
    appointments_ahead: u64,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let rehearsal = Rehearsal { simulate: false, now: arguments.now.clone() };
    let now = context.clock(&config, &rehearsal, true)?.now();
    let (since, until) = arguments.days.span(&config, now, USUAL_DAYS)?;
    let account = filter::account(&config, context.globals.account.is_some())?;
    let asked = Asked { account: account.as_deref(), since, until, now, zone: &config.zone };
    let figures = match books::look(&config)? {
        Some(mut ledger) => report::figures(&mut ledger, &asked),
        None => Figures::none(&asked),
    };
    let figures = figures.map_err(unusable)?;
    let made = now.to_zoned_datetime(config.zone.clone()).datetime();
    let about = About { account: account.as_deref(), made };
    let html = report::html(&figures, &about, language(arguments.lang)).map_err(|error| {
        CommandError::new(Exit::Partly, "The report could not be made.").caused_by(error)
    })?;
    let Some(path) = place(arguments.output.as_deref(), context.ui.json(), until) else {
        context.ui.raw(html.as_bytes())?;
        return Ok(Exit::Done);
    };
    write(&path, &html)?;
    context.ui.out(&Written {
        output: path,
        since: since.to_string(),
        until: until.to_string(),
        reminders: figures.messages(Kind::Reminder),
        prescriptions: figures.messages(Kind::Prescription),
        connector: figures.messages(Kind::Connector),
        appointments_ahead: figures.ahead.iter().map(|cell| cell.visits).sum(),
    })?;
    Ok(Exit::Done)
}

fn unusable(error: report::Error) -> CommandError {
    match error {
        report::Error::Ledger(error) => error.into(),
        report::Error::Days => days::impossible(),
    }
}

fn language(given: Option<Lang>) -> Language {
    match given {
        Some(Lang::En) => Language::En,
        Some(Lang::Zh) => Language::Zh,
        None => {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            let locale = names.iter().filter_map(|name| env::var(name).ok());
            let locale = locale.into_iter().find(|locale| !locale.is_empty());
            Language::of_locale(&locale.unwrap_or_default())
        }
    }
}

/// Where the report goes; `None` is standard output. A page of HTML helps nobody on a terminal, nor amid JSON.
fn place(given: Option<&Path>, json: bool, until: Date) -> Option<PathBuf> {
    match given {
        Some(path) if path == Path::new("-") => None,
        Some(path) => Some(path.to_owned()),
        None if json || std::io::stdout().is_terminal() => {
            Some(format!("wxremind-report-{until}.html").into())
        }
        None => None,
    }
}

/// The file is there whole or not at all, and its owner's alone: small counts can tell of somebody.
fn write(path: &Path, html: &str) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut file| {
            file.write_all(html.as_bytes())?;
            file.persist(path).map_err(|error| error.error)
        });
    written.map(drop).map_err(|error| {
        CommandError::new(Exit::Partly, format!("{} cannot be written.", path.display()))
            .caused_by(error)
            .hint("Name another place with --output.")
    })
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Wrote {}: {} from {} to {}, {} ahead.",
            self.output.display(),
            crate::cli::count::messages(self.reminders + self.prescriptions + self.connector),
            self.since,
            self.until,
            crate::cli::count::count(self.appointments_ahead, "appointment")
        )
    }
}
