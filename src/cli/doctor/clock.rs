//! Whether the machine's clock is right, and what day it is in the clinic.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::account::WeChat;
use super::finding::{Check, Findings};
use crate::clock::Clock;
use crate::config::Config;

const TIME: &str = "clock.time";

/// A difference that does not matter: the header has whole seconds, and the answer was on its way.
const TOLERATED: SignedDuration = SignedDuration::from_mins(2);

/// Looks at both.
pub fn look(config: &Config, clock: &Clock, wechat: Option<&WeChat>) -> Findings {
    let mut findings = Findings::default();
    match wechat.map(WeChat::time) {
        Some(Some(theirs)) => findings.add(compared(Clock::System.now(), theirs)),
        Some(None) => findings.leave_out(TIME, "no answer of WeChat's told the time"),
        None => findings.leave_out(TIME, "WeChat was not asked"),
    }
    findings.add(zone(&config.zone, &TimeZone::system(), clock));
    findings
}

fn compared(ours: Timestamp, theirs: Timestamp) -> Check {
    let ahead = ours.duration_since(theirs);
    if ahead.abs() < TOLERATED {
        return Check::pass(TIME, "This machine's clock agrees with WeChat's.");
    }
    let minutes = ahead.abs().as_mins();
    let which = if ahead.is_positive() { "ahead of" } else { "behind" };
    Check::warn(
        TIME,
        format!("This machine's clock is {minutes} minutes {which} WeChat's."),
        "Let a time server set it: `timedatectl set-ntp true`. What is due, and what is too late, goes by this clock.",
    )
}

fn zone(clinic: &TimeZone, machine: &TimeZone, clock: &Clock) -> Check {
    let name = clinic.iana_name().unwrap_or("of the settings");
    let now = clock.now().to_zoned_datetime(clinic.clone());
    let pretended = if clock.is_pretended() { " (as --now says)" } else { "" };
    let here = match machine.iana_name() {
        Some(here) if here != name => {
            format!(" This machine's own zone is {here}, which does not matter.")
        }
        _ => String::new(),
    };
    let message = format!(
        "The clinic's zone is {name}: there it is {}{pretended}.{here}",
        now.strftime("%A, %Y-%m-%d %H:%M")
    );
    Check::pass("clock.zone", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::Status;

    #[test]
    fn a_clock_that_is_minutes_off_is_told_with_its_direction() {
        let at: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let off = |seconds| compared(at + SignedDuration::from_secs(seconds), at);
        for seconds in [0, 119, -119] {
            assert_eq!(off(seconds).status, Status::Pass, "{seconds}");
        }
        assert!(off(600).message.contains("10 minutes ahead of"), "{:?}", off(600));
        assert!(off(-7200).message.contains("120 minutes behind"), "{:?}", off(-7200));
    }
}
