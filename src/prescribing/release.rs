//! Into the queue, unless somebody else was faster.

use super::past::{self, Leave};
use super::prepare::Ready;
use super::refusal::{At, Refusal};
use crate::domain::message::Message;
use crate::ledger::{self, Action, Confirmation, Ledger};

/// Prescriptions that a person released, and who.
pub struct Release {
    messages: Vec<Message>,
    /// Messages that an earlier run left unsent.
    known: Vec<Confirmation>,
    reassigned: Vec<Message>,
    reason: Option<String>,
    actor: String,
}

impl Release {
    /// All of these, by `actor`.
    pub fn of(ready: &[Ready], leave: &Leave, actor: String) -> Self {
        let reassigned = ready.iter().filter(|one| one.verdict.reassigned);
        Self {
            messages: ready
                .iter()
                .filter(|one| one.verdict.queued.is_none())
                .map(Ready::message)
                .collect(),
            known: ready.iter().filter_map(Ready::confirmation).collect(),
            reassigned: reassigned.map(Ready::message).collect(),
            reason: leave.reassign.clone(),
            actor,
        }
    }

    /// Queues them for the run that has begun, and records who gave a reference to another patient and why.
    ///
    /// # Errors
    /// The ledger's. That another run gave a reference to somebody else meanwhile is an answer: then none is queued.
    pub fn queue(self, ledger: &mut Ledger) -> Result<Result<(), Refusal>, ledger::Error> {
        for message in &self.reassigned {
            let subject = message.key.client_msg_id();
            let (subject, detail) = (Some(subject.as_str()), self.reason.as_deref());
            ledger.record(&Action { actor: &self.actor, verb: "reassign", subject, detail })?;
        }
        past::withdraw(ledger, &self.reassigned, &self.actor)?;
        ledger.enqueue(&self.messages)?;
        let lost = match self.reason {
            Some(_) => None,
            None => past::overtaken(ledger, &self.messages)?,
        };
        ledger.confirm(&self.known)?;
        Ok(match lost {
            Some(openid) => Err(Refusal::WentElsewhere { openid, at: At::JustNow }),
            None => Ok(()),
        })
    }
}
