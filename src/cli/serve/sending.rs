//! What `serve` sends with: the account, its secret, the pace, and a word in the log on what each burst came to.

use crate::cli::Context;
use crate::cli::actor;
use crate::cli::books;
use crate::cli::error::CommandError;
use crate::cli::sending::{Outcome, Rest, pace, unknowns};
use crate::cli::session::{check_pace, client};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::secret;
use crate::delivery::{Halt, Tally};
use crate::ledger::{InDoubt, Left, RunEnd, Unknowns};
use crate::serve::{Keys, Sending};

/// What sends, where a key may make it send and the account's secret is known. Without the secret the rest is served all
/// the same: receipts must not wait for it.
pub(super) fn sending(
    config: &Config,
    keys: &Keys,
    context: &mut Context,
) -> Result<Option<Sending>, CommandError> {
    if !keys.may_send() {
        return Ok(None);
    }
    let account = config.account()?;
    check_pace(config, &account)?;
    let secret = match secret::find(&account, config.environment()) {
        Ok((secret, _)) => secret,
        Err(error) => {
            let told = CommandError::from(error);
            context.ui.warn(format!(
                "Nothing can be sent through /v1/messages until the app secret is known: {}",
                told.message
            ));
            return Ok(None);
        }
    };
    let policy = unknowns(config);
    Ok(Some(Sending {
        desk: books::open(config)?,
        client: client(config, &account, secret)?,
        pace: pace(&config.send),
        now: Box::new(|| Clock::System.now()),
        policy,
        actor: actor::actor(),
        host: books::hostname(),
        ended: Box::new(move |tally, left, found| ended(tally, left, found, policy)),
    }))
}

/// What a burst came to, for its row; what went wrong for the log.
fn ended(mut tally: Tally, left: Left, found: InDoubt, policy: Unknowns) -> RunEnd {
    // The service was stopped, and nothing waited: that is how it should end.
    if left == Left::default() && matches!(tally.halt, Some(Halt::Interrupted)) {
        tally.halt = None;
    }
    let outcome = Outcome::of(tally, left, policy, Rest::Service).found(found.waiting(policy));
    if let Some(stopped) = &outcome.stopped {
        tracing::warn!(left_queued = left.queued, hints = outcome.advice.join(" "), "{stopped}");
    }
    outcome.run_end(outcome.exit())
}
