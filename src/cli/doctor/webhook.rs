//! The webhook: its address and its secret. No event is sent, and neither is shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::finding::{Check, Findings};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::config::Config;

const ADDRESS: &str = "webhook.address";
const SECRET: &str = "webhook.secret";
const VARIABLE: &str = "WXREMIND_WEBHOOK_SECRET";

/// How a secret begins, and how many bytes it has behind that (Standard Webhooks, "Signature scheme").
const PREFIX: &str = "whsec_";
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Looks at both, where a webhook is set.
pub fn look(config: &Config) -> Findings {
    let mut findings = Findings::default();
    let Some(url) = &config.webhook.url else {
        findings.add(Check::pass(ADDRESS, "No webhook is set: events go nowhere."));
        return findings;
    };
    // The settings have refused what is neither https nor on this machine.
    findings.add(if is_written_well(url.expose()) {
        Check::pass(
            ADDRESS,
            format!("Events go to {}; the rest of the address is not shown.", url.host()),
        )
    } else {
        let error = CommandError::configuration(format!(
            "The address of the webhook at {} has characters that no address has.",
            url.host()
        ))
        .hint("Copy it anew; spaces and Chinese characters in it are written with %.");
        Check::fail(ADDRESS, Exit::Configuration, error)
    });
    findings.add(match config.environment().text(VARIABLE) {
        Ok(secret) => look_at_secret(secret),
        Err(error) => Check::fail(SECRET, Exit::Configuration, error.into()),
    });
    findings
}

/// Only what RFC 3986 §2 allows.
fn is_written_well(url: &str) -> bool {
    url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

fn look_at_secret(secret: Option<&str>) -> Check {
    let wrong = |message: &str| {
        let error = CommandError::configuration(message)
            .hint(format!("Set ${VARIABLE} to {PREFIX} and the base64 of 24 to 64 random bytes: `echo {PREFIX}$(openssl rand -base64 32)` makes one."))
            .hint("The receiver needs the same.");
        Check::fail(SECRET, Exit::Configuration, error)
    };
    let Some(secret) = secret else {
        return wrong(&format!("The webhook has no secret to sign its events with (${VARIABLE})."));
    };
    let Some(rest) = secret.strip_prefix(PREFIX) else {
        return wrong(&format!("The webhook's secret does not begin with {PREFIX}."));
    };
    match STANDARD.decode(rest) {
        Ok(bytes) if BYTES.contains(&bytes.len()) => {
            Check::pass(SECRET, format!("The events are signed with the secret in ${VARIABLE}."))
        }
        Ok(_) => wrong("The webhook's secret is too short or too long."),
        Err(_) => wrong("The webhook's secret is not base64."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::Status;

    #[test]
    fn a_secret_is_a_prefix_and_base64_and_never_shown() {
        let good = format!("{PREFIX}{}", STANDARD.encode([7; 32]));
        assert_eq!(look_at_secret(Some(&good)).status, Status::Pass);
        let short = format!("{PREFIX}{}", STANDARD.encode([7; 23]));
        let long = format!("{PREFIX}{}", STANDARD.encode([7; 65]));
        for secret in [None, Some("hunter2"), Some("whsec_hunter2!"), Some(&*short), Some(&*long)] {
            let check = look_at_secret(secret);
            assert_eq!(
                (check.status, check.exit),
                (Status::Fail, Exit::Configuration),
                "{secret:?}"
            );
            assert!(!format!("{check:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_no_address_has_is_found() {
        assert!(is_written_well("https://hooks.example.org/a%20b?sig=x%2F_-~&c=1"));
        for url in ["https://x/a b", "https://x/预约", "https://x/{id}", "https://x/\n"] {
            assert!(!is_written_well(url), "{url}");
        }
    }
}
