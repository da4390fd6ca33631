//! The account: its app id and secret, whether WeChat takes them, and what is left of the day.

use jiff::Timestamp;

use super::finding::{Check, Findings};
use super::source::Due;
use crate::cli::context::{Context, Rehearsal};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::config::secret::{self, Origin};
use crate::config::{self, Config};

const ID: &str = "account.id";
const SECRET: &str = "account.secret";
const TOKEN: &str = "account.token";
const QUOTA: &str = "account.quota";

/// WeChat, as far as it was asked.
pub struct WeChat {
    /// Asks with the account's credentials.
    pub client: wechat::Client,
    /// Whether it takes them.
    pub takes_us: bool,
}

impl WeChat {
    /// What WeChat's clock says; `None` when no answer told.
    pub fn time(&self) -> Option<Timestamp> {
        self.client.peer_time().and_then(|time| Timestamp::try_from(time).ok())
    }
}

/// Looks at the account; WeChat is asked only without `offline`.
pub async fn look(
    context: &mut Context,
    config: &Config,
    offline: bool,
    due: Option<&Due>,
) -> (Findings, Option<WeChat>) {
    let mut findings = Findings::default();
    let session = match context.session(config.clone(), &Rehearsal::default()).await {
        Ok(session) => session,
        Err(error) => {
            // Before there is an account, all the rest can be made ready.
            let ready = offline && matches!(config.account(), Err(config::Error::NoAppId { .. }));
            let check = Check::fail(ID, Exit::Configuration, error)
                .or_fix("Correct [account] in wxremind.toml, or the variable.");
            findings.add(if ready { check.no_worse_than_warn() } else { check });
            for rest in [SECRET, TOKEN, QUOTA] {
                findings.leave_out(rest, "no account is set up");
            }
            return (findings, None);
        }
    };
    findings.add(id(&session));
    let wechat = if offline {
        look_at_secret(&session, &mut findings);
        None
    } else {
        ask(&session, due, &mut findings).await
    };
    (findings, wechat)
}

fn id(session: &Session) -> Check {
    let account = &session.account;
    let section =
        account.name.as_ref().map_or_else(String::new, |name| format!(" of [accounts.{name}]"));
    let base = account.api_base.as_str();
    let simulated =
        if account.api_base.is_loopback() { ", a simulator on this machine" } else { "" };
    Check::pass(ID, format!("{}{section}; calls go to {base}{simulated}.", account.app_id))
}

/// Without asking anybody: a command may reach for a vault on another machine.
fn look_at_secret(session: &Session, findings: &mut Findings) {
    match secret::expected(&session.account, session.config.environment()) {
        Ok(Origin::Command(program)) => {
            findings
                .leave_out(SECRET, format!("--offline does not run secret_command ({program})"));
        }
        Ok(_) => {
            let found = session.client().map(|(_, origin)| origin);
            findings.add(found.map_or_else(no_secret, |origin| found_in(&origin)));
        }
        Err(error) => findings.add(no_secret(error.into())),
    }
    for rest in [TOKEN, QUOTA] {
        findings.leave_out(rest, "--offline");
    }
}

fn found_in(origin: &Origin) -> Check {
    Check::pass(SECRET, format!("The app secret comes from {origin}."))
}

fn no_secret(error: CommandError) -> Check {
    Check::fail(SECRET, Exit::Configuration, error)
        .or_fix("Try that place by hand, as this user: it must give the secret and nothing else.")
}

async fn ask(session: &Session, due: Option<&Due>, findings: &mut Findings) -> Option<WeChat> {
    let (client, origin) = match session.client() {
        Ok(found) => found,
        Err(error) => {
            findings.add(no_secret(error));
            for rest in [TOKEN, QUOTA] {
                findings.leave_out(rest, "there is no secret");
            }
            return None;
        }
    };
    findings.add(found_in(&origin));
    let token = client.token().await;
    let takes_us = token.is_ok();
    match token {
        Ok(_) => {
            findings
                .add(Check::pass(TOKEN, "WeChat takes the secret, and calls from this machine."));
            findings.add(quota(client.quota(wechat::SEND_PATH).await, due));
        }
        Err(error) => {
            let refused = error.errcode().is_some() && error.whitelist_ip().is_none();
            let mut error = CommandError::from(error);
            if refused {
                error = error.hint(format!("The secret that was tried comes from {origin}."));
            }
            let fix = format!(
                "See whether this machine reaches it: `curl -v {}/`; behind a proxy, set proxy under [send].",
                session.account.api_base.as_str()
            );
            findings.add(Check::fail(TOKEN, Exit::Credentials, error).or_fix(fix));
            findings.leave_out(QUOTA, "WeChat gave no token");
        }
    }
    Some(WeChat { client, takes_us })
}

fn quota(quota: Result<wechat::Quota, wechat::Error>, due: Option<&Due>) -> Check {
    let quota = match quota {
        Ok(quota) => quota,
        // A run works without knowing it.
        Err(error) => {
            let told = Check::fail(QUOTA, Exit::Refused, error.into())
                .or_fix("Ask again later: `wxremind auth status`.")
                .no_worse_than_warn();
            let message = format!("The quota left today is not known. {}", told.message);
            return Check { message, ..told };
        }
    };
    let message =
        format!("{} of {} template messages are left today", quota.remain, quota.daily_limit);
    let left = u64::try_from(quota.remain).unwrap_or(0);
    let due = due.map_or(0, Due::visits);
    if left == 0 || left < due {
        let because = if due > 0 { format!(", and {due} visits are due") } else { String::new() };
        let fix = "What does not fit is sent by the next run after midnight in China, nearest visit first.";
        return Check::warn(QUOTA, format!("{message}{because}."), fix);
    }
    Check::pass(QUOTA, format!("{message}."))
}
