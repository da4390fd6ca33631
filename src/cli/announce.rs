//! Telling others: the webhook's pump beside a run, and what is said when it could not deliver.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::books;
use super::error::CommandError;
use super::session::{Session, USER_AGENT};
use super::signal;
use super::ui::Ui;
use crate::config::Config;
use crate::config::webhook::Field;
use crate::domain::event::EventFields;
use crate::ledger::{self, Desk, Undelivered};
use crate::webhook::{Pump, Report, Settings};

/// What events say, if anybody is told.
pub fn fields(config: &Config) -> Option<EventFields> {
    let has = |field| config.webhook.fields.contains(&field);
    config.webhook.url.as_ref().map(|_| EventFields {
        patient_id: has(Field::PatientId),
        reference: has(Field::Reference),
    })
}

/// A pump for the events of these accounts; `None` when no webhook is set.
pub fn pump(config: &Config, accounts: Vec<String>) -> Result<Option<Pump>, CommandError> {
    let Some(url) = &config.webhook.url else { return Ok(None) };
    let proxy = config.send.proxy.as_ref().map(|proxy| SecretString::from(proxy.expose()));
    let settings = Settings {
        url: url.expose().clone(),
        keys: config.webhook.keys.expose().to_vec(),
        timeout: config.webhook.timeout,
        accounts,
        zone: config.zone.clone(),
        meaning,
        user_agent: USER_AGENT.to_owned(),
        proxy,
        ca_file: config.send.ca_file.clone(),
    };
    Ok(Some(Pump::new(settings)?))
}

/// What a code of WeChat means, in a few words.
pub fn meaning(code: i64) -> Option<String> {
    let meaning = wechat::explain(code)?.meaning_en;
    meaning.split([';', '.']).next().map(str::to_owned).filter(|clause| !clause.is_empty())
}

/// A pump at work beside a run, on a connection to the ledger of its own.
pub struct Announcer {
    account: String,
    /// The webhook as it may be shown.
    place: String,
    work: Result<Work, CommandError>,
}

struct Work {
    desk: Arc<Desk>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Report, ledger::Error>>,
}

impl Announcer {
    /// Begins to deliver the account's events; `None` when no webhook is set. What goes wrong is told by
    /// [`Announcer::finish`]: the run has more important things to do.
    pub fn start(session: &Session) -> Option<Self> {
        Self::beside(&session.config, &session.account.app_id)
    }

    /// The same for a service, which has no session.
    pub fn beside(config: &Config, account: &str) -> Option<Self> {
        let place = config.webhook.url.as_ref()?.to_string();
        Some(Self { place, work: Work::begin(config, account), account: account.to_owned() })
    }

    /// Gives what is not delivered yet its last moment, and warns about what is left.
    pub async fn finish(self, ui: &mut Ui) {
        let told = match self.work {
            Ok(work) => work.finish(self.account).await,
            Err(error) => Err(error),
        };
        match told {
            Ok((report, left)) => warn(ui, &self.place, &report, &left),
            Err(error) => ui.warn(format!(
                "{} The events are kept; `wxremind log events --flush` delivers them.",
                error.message
            )),
        }
    }
}

impl Work {
    fn begin(config: &Config, account: &str) -> Result<Self, CommandError> {
        let no_webhook = || CommandError::configuration("No webhook is set.");
        let pump = pump(config, vec![account.to_owned()])?.ok_or_else(no_webhook)?;
        let desk = Arc::new(books::open(config)?);
        let (stop, stopped) = oneshot::channel::<()>();
        let (patience, at) = (config.webhook.patience, Arc::clone(&desk));
        let task = tokio::spawn(async move {
            // Dropping the other side is a stop too.
            let stopped = async { drop(stopped.await) };
            pump.run(&at, stopped, patience).await
        });
        Ok(Self { desk, stop, task })
    }

    async fn finish(self, account: String) -> Result<(Report, Undelivered), CommandError> {
        let Self { desk, stop, mut task } = self;
        drop(stop);
        let report = tokio::select! {
            ended = &mut task => match ended {
                Ok(report) => report?,
                Err(_) => Report { trouble: Some("the program stumbled".to_owned()), ..Report::default() },
            },
            () = signal::stop() => {
                task.abort();
                Report { trouble: Some("interrupted".to_owned()), ..Report::default() }
            }
        };
        let left = desk.call(move |ledger| ledger.undelivered_events(&[account])).await?;
        Ok((report, left))
    }
}

/// Warns where this run met trouble and events are left. What others have in hand, or what waits for its turn, is no
/// news.
fn warn(ui: &mut Ui, place: &str, report: &Report, left: &Undelivered) {
    if let Some(why) = report.trouble.as_deref().filter(|_| left.pending > 0) {
        ui.warn(format!(
            "{} to the webhook {place}: {why}. They are kept; `wxremind log events --flush` delivers them, and so does \
             the next run.",
            not_delivered(left.pending)
        ));
    }
    if report.died > 0 {
        ui.warn(format!(
            "{} given up after three days of trying; once the webhook works, `wxremind log events --replay --since 7d \
             --state dead` makes them pending again.",
            if report.died == 1 { "1 event was".to_owned() } else { format!("{} events were", report.died) }
        ));
    }
}

fn not_delivered(count: u64) -> String {
    if count == 1 {
        "1 event is not delivered".to_owned()
    } else {
        format!("{count} events are not delivered")
    }
}
