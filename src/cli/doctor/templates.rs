//! The local templates: whether they can be filled, and whether the account's own are like them.

use std::collections::BTreeSet;

use wechat::PrivateTemplate;

use super::account::WeChat;
use super::finding::{Check, Detail, Findings};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::templates::check::{Finding, One, check, has_no_id};
use crate::cli::templates::load;
use crate::config::Config;

const ACCOUNT: &str = "templates.account";

/// Looks at the templates that `remind` and `prescribe` use, and at all others that have an id.
pub async fn look(config: &Config, offline: bool, wechat: Option<&WeChat>) -> Findings {
    let mut findings = Findings::default();
    let account = theirs(offline, wechat, &mut findings).await;
    let used = [&config.remind.template, &config.prescribe.template];
    let mut names: BTreeSet<String> = used.into_iter().cloned().collect();
    match load::names(config) {
        Ok(found) => names
            .extend(found.into_iter().filter(|name| matches!(has_no_id(config, name), Ok(false)))),
        Err(error) => findings.add(Check::fail("templates.folder", Exit::Configuration, error)),
    }
    for name in names {
        let shown = format!("templates.{name}");
        let is_urgent = name == config.remind.template && !offline;
        let needs_id = matches!(has_no_id(config, &name), Ok(true));
        let looked = match check(config, name, account.as_deref()) {
            Ok(one) => told(shown, one, account.is_some()),
            Err(error) => Check::fail(shown, Exit::Configuration, error)
                .or_fix("Correct the name under [remind] or [prescribe], or the file."),
        };
        // Not every hospital sends prescriptions, and before there is an account there is no id.
        findings.add(if needs_id && !is_urgent { looked.no_worse_than_warn() } else { looked });
    }
    findings
}

/// The account's own templates, as far as they can be had.
async fn theirs(
    offline: bool,
    wechat: Option<&WeChat>,
    findings: &mut Findings,
) -> Option<Vec<PrivateTemplate>> {
    let Some(wechat) = wechat.filter(|wechat| wechat.takes_us) else {
        let because = match wechat {
            _ if offline => "--offline",
            Some(_) => "WeChat gave no token",
            None => "WeChat was not asked",
        };
        findings.leave_out(ACCOUNT, because);
        return None;
    };
    match wechat.client.templates().await {
        Ok(templates) => {
            let count = templates.len();
            let message = format!("The account has {count} of its own.");
            findings.add(if count == 0 {
                let fix = "Add one at mp.weixin.qq.com under 模板消息, such as 就诊提醒.";
                Check::fail(
                    ACCOUNT,
                    Exit::Refused,
                    CommandError::new(Exit::Refused, message).hint(fix),
                )
            } else {
                Check::pass(ACCOUNT, message)
            });
            Some(templates)
        }
        Err(error) => {
            let check = Check::fail(ACCOUNT, Exit::Refused, error.into());
            findings.add(check.or_fix("Ask again later: `wxremind templates list`."));
            None
        }
    }
}

fn told(name: String, one: One, is_compared: bool) -> Check {
    if let Some(error) = one.error {
        let error =
            one.hints.into_iter().fold(CommandError::new(one.exit, error), CommandError::hint);
        return Check::fail(name, one.exit, error).or_fix("Correct the file.");
    }
    let details = one.findings.iter().map(|finding| {
        let weight = if finding.is_problem() { "problem" } else { "note" };
        Detail::new(weight, finding.to_string(), "")
    });
    let problems = one.findings.iter().any(Finding::is_problem);
    let looked = match (problems, is_compared) {
        (false, true) => Check::pass(name, "Matches the account's template."),
        (false, false) => {
            Check::pass(name, "Its fields take what fills them; not held against the account's.")
        }
        (true, _) => {
            let error = CommandError::new(one.exit, "Messages of this template would be refused, or not say what they should.")
                .hint("Correct its file, or write it anew: `wxremind templates pull NAME --id=TEMPLATE_ID --force`; `wxremind templates list` shows the ids.");
            Check::fail(name, one.exit, error)
        }
    };
    looked.with(details)
}
