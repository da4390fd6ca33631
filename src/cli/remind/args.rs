//! The command line of `remind`, and how it overrides the settings.

use clap::Args;
use jiff::civil::Date;

use crate::cli::context::Rehearsal;
use crate::cli::error::CommandError;
use crate::cli::inputs::{self, origin};
use crate::cli::values;
use crate::config::Config;
use crate::config::source::Origin;

/// How to map a file whose titles are not known; shown by `--help`.
const UNUSUAL: &str = "\
The source may be CSV text in any usual encoding, an Excel workbook (.xlsx, .xls), FHIR
appointments or HL7 v2 SIU messages; which it is is seen from the content. Titles such as
预约号, 门诊号, 就诊日期, 状态 or appointment_id are known.

--dry-run shows what each column was taken for. Where it is mistaken or refuses, say so in
wxremind.toml:

  [source]
  encoding = \"gbk\"                # as --encoding
  day_order = \"day-first\"         # 03/12/2026 is 3 December
  lookup = \"codes.csv\"            # column,code,name: department,110,内科
  [source.columns]
  openid = \"微信\"                 # by title
  patient = 3                     # by number; with numbers only, no header is needed
  start = [\"来院\", \"几点\"]        # the day, then the time
  status = [\"情况\", \"退号标志\"]   # all must allow
  [source.status]
  remind = [\"OK\", \"退号标志=0\"]   # the words that mean a booked visit
  never = [\"退号标志=1\"]

README.md has a worked example under \u{201c}A file with titles of its own\u{201d}.";

/// Send each patient whose visit is near a reminder, once.
///
/// Reads the appointments, picks those whose day (on the clinic's calendar) is N days ahead, and sends each patient a
/// template message. What was sent is recorded, so that the same visit is not reminded twice. Rows that cannot be
/// sent are listed with their line and the reason.
#[derive(Args, Clone, Debug, Default)]
#[command(after_long_help = UNUSUAL)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct RemindArgs {
    /// Where the appointments are: a file, - for standard input, or a database address without a password. Default:
    /// [source] url in the settings.
    #[arg(value_name = "SOURCE")]
    pub source: Option<String>,
    /// How many days ahead: 7, or 7,1 for two stages.
    #[arg(long, value_name = "N[,M]", value_delimiter = ',', num_args = 1, allow_negative_numbers = true, value_parser = values::days)]
    pub days: Vec<u16>,
    /// Also remind of visits up to K days nearer that have had no such reminder.
    #[arg(long, value_name = "K", allow_negative_numbers = true, value_parser = values::days)]
    pub catch_up: Option<u16>,
    /// Take this day instead of today + N.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    pub date: Option<Date>,
    /// The file or database that maps patients to openids, where the source has no openid column.
    #[arg(long, value_name = "FILE")]
    pub contacts: Option<String>,
    /// The encoding of the source, such as gbk or big5, when it is not to be found out.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The SELECT to run when the source is a database; :from, :to and :today stand for the days.
    #[arg(long, value_name = "SQL")]
    pub query: Option<String>,
    /// The local template to fill.
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Send at most so many, nearest visit first.
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = values::whole::<usize>)]
    pub limit: Option<usize>,
    /// Messages a second, over all runs on the account; 0 is unlimited, against a simulator only.
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = values::rate)]
    pub rate: Option<f64>,
    /// Requests in flight at once.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
    /// Refuse to send more than so many: the guard against a wrong file.
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = values::whole::<u64>)]
    pub max_send: Option<u64>,
    /// Show what would be sent; send nothing, write nothing, ask WeChat nothing.
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,
    /// Do not ask before sending.
    #[arg(short, long)]
    pub yes: bool,
    /// Send what earlier runs left queued, without reading a source.
    #[arg(long, conflicts_with_all = ["source", "days", "date", "catch_up", "contacts", "query", "retry_failed"])]
    pub resume: bool,
    /// Also send again what WeChat refused, even if nothing about it has changed.
    #[arg(long)]
    pub retry_failed: bool,
    /// Rehearsal.
    #[command(flatten)]
    pub rehearsal: Rehearsal,
}

impl RemindArgs {
    /// The settings as the command line overrides them.
    pub fn apply(&self, mut config: Config) -> Result<Config, CommandError> {
        if let Some(source) = &self.source {
            config.source.origin = Some(origin(source, "SOURCE", "WXREMIND_SOURCE")?);
            if source.contains("?table=") || source.contains("&table=") {
                (config.source.query, config.source.table) = (None, None);
            }
        }
        if let Some(contacts) = &self.contacts {
            config.contacts.origin =
                Some(origin(contacts, "--contacts", "[contacts] url in wxremind.toml")?);
        }
        if let Some(rate) = self.rate {
            config.send.rate = rate;
        }
        config.send.concurrency = self.concurrency.map_or(config.send.concurrency, usize::from);
        config.source.encoding = self.encoding.clone().or(config.source.encoding);
        if let Some(query) = &self.query {
            if !matches!(config.source.origin, Some(Origin::Database(_))) {
                return Err(CommandError::usage(
                    "--query is for a database, and the source is none.",
                )
                .hint(
                    "Name the database: url under [source] in wxremind.toml, or WXREMIND_SOURCE.",
                ));
            }
            (config.source.query, config.source.table) = (Some(query.clone()), None);
        }
        config.remind.catch_up = self.catch_up.unwrap_or(config.remind.catch_up);
        config.remind.max_send = self.max_send.or(config.remind.max_send);
        if let Some(template) = &self.template {
            config.remind.template.clone_from(template);
        }
        if !self.days.is_empty() {
            config.remind.days.clone_from(&self.days);
        }
        if config.remind.days.is_empty() && !self.resume {
            return Err(CommandError::usage("How many days ahead is not said.")
                .hint("Add --days 7, or set days = [7] under [remind] in wxremind.toml."));
        }
        let source_is_stdin = config.source.origin.as_ref().is_some_and(Origin::is_stdin);
        inputs::one_reader_of_stdin(&config, source_is_stdin, "The appointments")?;
        Ok(config)
    }
}
