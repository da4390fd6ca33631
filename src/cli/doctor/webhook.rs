//! The webhook: its address and its keys. No event is sent, and neither is shown.
//!
//! Whether they are well-formed, the settings have decided: what is not is their error.

use super::finding::{Check, Findings};
use crate::config::Config;

const ADDRESS: &str = "webhook.address";
const SECRET: &str = "webhook.secret";

/// Looks at both, where a webhook is set.
pub fn look(config: &Config) -> Findings {
    let mut findings = Findings::default();
    let Some(url) = &config.webhook.url else {
        findings.add(Check::pass(ADDRESS, "No webhook is set: events go nowhere."));
        return findings;
    };
    findings.add(Check::pass(ADDRESS, format!("Events go to {url}.")));
    findings.add(if config.webhook.is_unsigned() {
        Check::warn(
            SECRET,
            "Events go out unsigned: whoever knows the address can send the receiver false ones.",
            "Set $WXREMIND_WEBHOOK_SECRET to whsec_ and the base64 of 24 to 64 random bytes, and give the receiver the \
             same: `echo whsec_$(openssl rand -base64 32)` makes one.",
        )
    } else {
        Check::pass(SECRET, "Events are signed.")
    });
    findings
}
