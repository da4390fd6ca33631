//! `wxremind doctor`: looks at everything that a run needs, and says what to mend, the first thing first.
//!
//! It changes nothing, makes nothing and sends nothing. A thing that is absent is a line of the answer, never the end
//! of it; only a mistaken command line is.
//!
//! | file | what it looks at |
//! |---|---|
//! | `settings` | which settings file counts, and which do not |
//! | `clock` | the time, and the clinic's zone |
//! | `files` | who else can read what holds secrets or patients |
//! | `account` | app id, secret, token, the day's quota |
//! | `templates` | the local templates against the account's |
//! | `ledger` | which ledger, what is in it, whose it is, what it lies on |
//! | `source`, `contacts` | how they are read, who is due and can be reached |
//! | `webhook` | its address and its secret |
//! | `finding`, `report`, `flow` | a check, all checks, their lines |
//! | `place`, `mount` | what the system tells of a path |

mod account;
mod clock;
mod contacts;
mod files;
mod finding;
mod flow;
mod ledger;
mod mount;
mod place;
mod report;
mod settings;
mod source;
mod templates;
mod webhook;

use clap::Args;

use super::context::{Context, Rehearsal};
use super::error::CommandError;
use super::exit::Exit;
use super::remind::RemindArgs;
use crate::config::Config;
use crate::intake::database::Period;
use finding::Findings;
use report::Report;

/// The colours of the words that begin a line.
const COLOURS: [(&str, &str); 3] = [("pass", "32"), ("warn", "33"), ("fail", "31")];

const CODES: &str = "\
Exit codes:
  0  nothing failed; warnings do not count
  4  the settings are wrong or incomplete, or no secret is found
  5  credentials: WeChat does not take the secret, or this machine's address
  6  WeChat refused the account, or a template does not match
  7  the record (ledger) cannot be used
  3  the source or the contacts cannot be used
If several hold, the first of these counts.";

/// Check everything that a run needs, and say what to mend.
///
/// Looks at settings, clock, files, credentials, templates, record, appointments, contacts and webhook. Changes
/// nothing, makes nothing, sends nothing. Without --offline it asks WeChat for a token, the account's templates and
/// the quota.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = CODES)]
pub struct DoctorArgs {
    /// Where the appointments are, as `remind` is given it. Default: [source] url in the settings.
    #[arg(value_name = "SOURCE")]
    source: Option<String>,
    /// The table that maps patients to openids.
    #[arg(long, value_name = "FILE")]
    contacts: Option<String>,
    /// How many days ahead `remind` looks: 7, or 7,1 for two stages.
    #[arg(long, value_name = "N[,M]", value_delimiter = ',', num_args = 1, allow_negative_numbers = true, value_parser = super::values::days)]
    days: Vec<u16>,
    /// Ask neither WeChat nor any other machine; the account need not exist yet.
    #[arg(long)]
    offline: bool,
    /// Pretend that it is TIME, as 2026-11-23 or "2026-11-23 08:00".
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

impl DoctorArgs {
    /// The command line of the `remind` that is meant. Without any days there is nothing to plan, which is no mistake
    /// here; `resume` is what asks for none.
    fn remind(&self, config: &Config) -> RemindArgs {
        let days = self.days.clone();
        let resume = days.is_empty() && config.remind.days.is_empty();
        let (source, contacts) = (self.source.clone(), self.contacts.clone());
        RemindArgs { source, days, contacts, resume, ..RemindArgs::default() }
    }
}

/// Looks at everything.
pub async fn run(args: DoctorArgs, context: &mut Context) -> Result<Exit, CommandError> {
    let named = context.globals.config.clone();
    let findings = match context.quiet_config() {
        Ok(config) => {
            let mut findings = settings::look(named.as_deref(), &config);
            let remind = args.remind(&config);
            findings.append(examine(&args, context, &remind.apply(config)?).await?);
            findings
        }
        Err(error) => settings::unusable(error),
    };
    let report = Report::of(findings, context.ui.width());
    context.ui.out_painted(&report, &COLOURS)?;
    Ok(report.exit())
}

/// Everything but the settings file, in the order in which an operator mends things.
async fn examine(
    args: &DoctorArgs,
    context: &mut Context,
    config: &Config,
) -> Result<Findings, CommandError> {
    let rehearsal = Rehearsal { simulate: false, now: args.now.clone() };
    // Nothing is sent, so a pretended time does no harm.
    let clock = context.clock(config, &rehearsal, true)?;
    let now = clock.now();
    // Any day will do to see whether a database answers; the plan asks for its own.
    let period = Period::covering([], now.to_zoned_datetime(config.zone.clone()).date());
    let contacts = contacts::look(config, period, args.offline);
    let (source, due) = source::look(config, now, period, args.offline, contacts.is_sound());
    let (account, wechat) = account::look(context, config, args.offline, due.as_ref()).await;

    let mut findings = clock::look(config, &clock, wechat.as_ref());
    findings.append(files::look(config));
    findings.append(account);
    findings.append(templates::look(config, args.offline, wechat.as_ref()).await);
    findings.append(ledger::look(config, args.offline));
    findings.append(source);
    findings.append(contacts.with(due.as_ref()));
    findings.append(webhook::look(config));
    Ok(findings)
}
