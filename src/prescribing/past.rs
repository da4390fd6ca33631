//! What the ledger says of a reference: whom it went to, and which copy this one would be.

use jiff::{Timestamp, ToSpan};

use super::order::Order;
use super::recipient::Recipient;
use super::refusal::{At, Refusal};
use crate::domain::key::Key;
use crate::domain::message::Message;
use crate::domain::plan::Existing;
use crate::domain::prescription::{REMEMBERED_DAYS, reference_hash};
use crate::domain::state::State;
use crate::ledger::{self, CancelledBy, Ledger, ReferenceUse};

/// What is to be done with a prescription that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which copy.
    pub copy: u32,
    /// The ledger's number of a message that an earlier run left unsent.
    pub queued: Option<i64>,
    /// Whether it went to another patient before.
    pub reassigned: bool,
}

/// What the person said.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// Whether the same reference may go to the same patient once more.
    pub again: bool,
    /// Why a reference that went to another patient may go to this one.
    pub reassign: Option<String>,
}

/// Weighs a prescription against the ledger.
pub fn weigh(
    ledger: Option<&mut Ledger>,
    app_id: &str,
    order: &Order,
    recipient: &Recipient,
    leave: &Leave,
    now: Timestamp,
) -> Result<Result<Verdict, Refusal>, ledger::Error> {
    let Some(ledger) = ledger else {
        return Ok(Ok(Verdict { copy: 0, queued: None, reassigned: false }));
    };
    let uses = ledger.reference_uses(&reference_hash(app_id, order.reference.as_str()))?;
    let elsewhere = uses.iter().find(|one| *one.openid != *recipient.openid && counts(one, now));
    if let Some(one) = elsewhere.filter(|_| leave.reassign.is_none()) {
        return Ok(Err(Refusal::WentElsewhere {
            openid: one.openid.clone(),
            at: At::Instant(one.at),
        }));
    }
    let mine = uses.iter().filter(|one| *one.openid == *recipient.openid);
    let known = mine.map(|one| one.copy).max().unwrap_or(0);
    let (copy, latest) = latest(ledger, app_id, order, recipient, known)?;
    let Some(latest) = latest else {
        return Ok(Ok(Verdict { copy: 0, queued: None, reassigned: elsewhere.is_some() }));
    };
    let before = uses.iter().find(|one| one.copy == copy && *one.openid == *recipient.openid);
    let at = before.map(|one| one.at);
    let forgotten = at.is_some_and(|at| !remembered(at, now));
    Ok(match latest.state {
        State::Queued => {
            Ok(Verdict { copy, queued: Some(latest.message), reassigned: elsewhere.is_some() })
        }
        state if counts_as_sent(state) && !leave.again && !forgotten => {
            Err(Refusal::WentAlready { state, at, message: before.map(|one| one.message_id) })
        }
        _ => Ok(Verdict { copy: copy + 1, queued: None, reassigned: elsewhere.is_some() }),
    })
}

/// Two people may send one reference to two patients at the same moment: both looked before either wrote. The later row
/// sees the earlier one, so it is called off here, before anything of this run is claimed. Returns the other recipient.
pub fn overtaken(
    ledger: &mut Ledger,
    messages: &[Message],
) -> Result<Option<Box<str>>, ledger::Error> {
    let mut lost = None;
    for message in messages {
        let Some(reference) = &message.reference else { continue };
        // Newest first: what follows our own row was there before it.
        let uses = ledger.reference_uses(&reference.hash)?;
        let mine = |one: &ReferenceUse| one.openid == message.openid && one.copy == message.copy;
        let Some(own) = uses.iter().position(mine) else { continue };
        let now = uses[own].at;
        let other =
            uses[own + 1..].iter().find(|one| one.openid != message.openid && counts(one, now));
        if let Some(other) = other {
            lost = Some(other.openid.clone());
        }
    }
    if lost.is_some() {
        let keys: Vec<Key> = messages.iter().map(|message| message.key).collect();
        let rows = ledger.known_prescription(&keys)?;
        let rows: Vec<i64> = rows.values().map(|existing| existing.message).collect();
        ledger.cancel(&rows, CancelledBy::Source)?;
    }
    Ok(lost)
}

/// A reference that goes to another patient now must not reach the earlier one after all: what still waits for them is
/// called off.
pub fn withdraw(
    ledger: &mut Ledger,
    reassigned: &[Message],
    actor: &str,
) -> Result<(), ledger::Error> {
    for message in reassigned {
        let Some(reference) = &message.reference else { continue };
        let uses = ledger.reference_uses(&reference.hash)?;
        let waits =
            |one: &&ReferenceUse| one.openid != message.openid && one.state == State::Queued;
        let rows: Vec<i64> = uses.iter().filter(waits).map(|one| one.message).collect();
        ledger.cancel(&rows, CancelledBy::Person { actor: actor.to_owned() })?;
    }
    Ok(())
}

/// The last copy that the ledger has for this recipient: `known` or a later one. Earlier ones may have been erased.
fn latest(
    ledger: &mut Ledger,
    app_id: &str,
    order: &Order,
    recipient: &Recipient,
    known: u32,
) -> Result<(u32, Option<Existing>), ledger::Error> {
    let mut latest = (0, None);
    for copy in known.. {
        let key = Key::prescription(app_id, &recipient.openid, order.reference.as_str(), copy);
        match ledger.known_prescription(&[key])?.remove(&key) {
            Some(existing) => latest = (copy, Some(existing)),
            None => break,
        }
    }
    Ok(latest)
}

/// Whether a use of a reference still stands in the way of another.
fn counts(one: &ReferenceUse, now: Timestamp) -> bool {
    counts_as_sent(one.state) && remembered(one.at, now)
}

/// A message that failed, was not delivered, expired or was cancelled did not give the reference away.
const fn counts_as_sent(state: State) -> bool {
    !matches!(
        state,
        State::Failed | State::Undelivered | State::Expired | State::Cancelled | State::Skipped
    )
}

fn remembered(at: Timestamp, now: Timestamp) -> bool {
    let hours = i64::from(REMEMBERED_DAYS) * 24;
    now.checked_sub(hours.hours()).is_ok_and(|since| at > since)
}
