//! `log receipts`: events of WeChat that somebody else received, taken in from a file or a pipe.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wechat::callback::forwarded;

use crate::cli::Context;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::ledger::Noted;
use crate::serve::news;

/// No more is read, in bytes: a day's quota of receipts has 30 MB.
const LARGEST: u64 = 256 * 1024 * 1024;
/// How many are recorded in one transaction.
const TOGETHER: usize = 256;
/// How many unreadable events are named.
const NAMED: usize = 20;

/// The arguments of `log receipts`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The file, or - for standard input: WeChat's events as XML or JSON; one, an array, or one a line.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Taken {
    events: usize,
    delivered: u64,
    undelivered: u64,
    repeated: u64,
    kept: u64,
    foreign: u64,
    follows: u64,
    unreadable: usize,
}

pub(super) async fn run(
    arguments: &Arguments,
    context: &mut Context,
) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let account = config.account()?.app_id;
    let body = read(arguments)?;
    let events = forwarded(&body).map_err(|error| {
        CommandError::new(Exit::Source, format!("Nothing was taken in: {error}.")).hint(
            "WeChat's events are wanted as they came: XML or JSON; one, an array, or one a line.",
        )
    })?;
    let mut taken = Taken::of(events.len());
    let mut news_of_all = Vec::with_capacity(events.len());
    for (number, event) in (1..).zip(events) {
        match event {
            Ok(event) => news_of_all.extend(news(event)),
            Err(error) => {
                taken.unreadable += 1;
                if taken.unreadable <= NAMED {
                    context.ui.warn(format!("Event {number}: {error}."));
                }
            }
        }
    }
    let desk = books::open(&config)?;
    for part in news_of_all.chunks(TOGETHER) {
        let (account, part) = (account.clone(), part.to_vec());
        taken.add(desk.call(move |ledger| ledger.note(&account, &part)).await?);
    }
    context.ui.out(&taken)?;
    Ok(match taken.unreadable {
        0 => Exit::Done,
        all if all == taken.events => Exit::Source,
        _ => Exit::Partly,
    })
}

fn read(arguments: &Arguments) -> Result<Vec<u8>, CommandError> {
    let (file, name) = (&arguments.file, arguments.file.display());
    let mut body = Vec::new();
    let outcome = if file.as_os_str() == "-" {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut body)
    } else {
        File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut body))
    };
    outcome.map_err(|error| {
        CommandError::new(Exit::Source, format!("{name} cannot be read: {error}."))
    })?;
    if body.len() as u64 > LARGEST {
        let megabytes = LARGEST / (1024 * 1024);
        return Err(CommandError::new(
            Exit::Source,
            format!("{name} has more than {megabytes} MB."),
        )
        .hint("Take it in in several parts; a receipt that comes twice changes nothing."));
    }
    Ok(body)
}

impl Taken {
    const fn of(events: usize) -> Self {
        Self {
            events,
            delivered: 0,
            undelivered: 0,
            repeated: 0,
            kept: 0,
            foreign: 0,
            follows: 0,
            unreadable: 0,
        }
    }

    const fn add(&mut self, noted: Noted) {
        self.delivered += noted.delivered;
        self.undelivered += noted.undelivered;
        self.repeated += noted.repeated;
        self.kept += noted.kept;
        self.foreign += noted.foreign;
        self.follows += noted.follows;
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<26}{}", "events taken in", self.events)?;
        for (label, count) in [
            ("delivered now", self.delivered),
            ("undelivered now", self.undelivered),
            ("known before", self.repeated),
            ("kept, message in flight", self.kept),
            ("about others' messages", self.foreign),
            ("changes of followers", self.follows),
            ("unreadable", self.unreadable as u64),
        ] {
            if count > 0 {
                write!(f, "\n  {label:<24}{count}")?;
            }
        }
        Ok(())
    }
}
