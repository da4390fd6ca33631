//! From drafts to messages that may be sent: readable, the right person, not sent before, within the template.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::error::Error;
use super::order::{Draft, Named, Order};
use super::past::{self, Leave, Verdict};
use super::recipient::{self, Recipient};
use super::refusal::{At, Refusal};
use super::settings::Settings;
use crate::domain::compose::{Composer, Content};
use crate::domain::key::Key;
use crate::domain::message::{Kind, Message};
use crate::domain::opt_out::is_opted_out;
use crate::domain::privacy::Privacy;
use crate::domain::receipt::follower_mark;
use crate::ledger::{self, Confirmation, Ledger};

/// What prescriptions are prepared with.
pub struct Bench<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The instant of the run.
    pub now: Timestamp,
    /// Makes the texts.
    pub composer: &'a Composer,
    /// What the person said.
    pub leave: &'a Leave,
}

/// What may be sent and what not.
pub struct Prepared {
    /// Messages that may be sent.
    pub ready: Vec<Ready>,
    /// Prescriptions that are refused.
    pub rejected: Vec<Rejected>,
}

/// A prescription, its recipient, and what the ledger says of it.
pub type Answer = (Order, Recipient, Result<Verdict, Refusal>);

/// A prescription that may be sent.
pub struct Ready {
    /// What it is.
    pub order: Order,
    /// Who gets it.
    pub recipient: Recipient,
    /// Which copy it is.
    pub verdict: Verdict,
    /// Its key.
    pub key: Key,
    content: Content,
    template: Box<str>,
    template_id: Box<str>,
    app_id: Box<str>,
}

/// A prescription that is refused.
#[derive(Clone)]
pub struct Rejected {
    /// The line of the table; none for a single one.
    pub line: Option<u64>,
    /// Why.
    pub refusal: Refusal,
}

/// What the ledger is asked, all at once: it may live on another thread.
pub struct Questions {
    app_id: String,
    now: Timestamp,
    leave: Leave,
    cases: Vec<(Order, Recipient)>,
}

impl Questions {
    /// Whom each reference went to, and which copy this one would be. No ledger knows of nothing.
    pub fn ask(self, mut ledger: Option<&mut Ledger>) -> Result<Vec<Answer>, ledger::Error> {
        let opted_out: HashSet<[u8; 32]> = match &mut ledger {
            Some(ledger) => ledger.opted_out()?,
            None => HashSet::new(),
        };
        let unsubscribed = match &mut ledger {
            Some(ledger) => ledger.unsubscribed()?,
            None => HashSet::new(),
        };
        let mut answers = Vec::with_capacity(self.cases.len());
        for (order, recipient) in self.cases {
            let (openid, patient) =
                (Some(recipient.openid.as_str()), order.named.patient_id.as_deref());
            let verdict = if is_opted_out(&opted_out, &self.app_id, openid, patient) {
                Err(Refusal::OptedOut)
            } else if unsubscribed.contains(&follower_mark(&self.app_id, &recipient.openid)) {
                Err(Refusal::Unsubscribed)
            } else {
                past::weigh(
                    ledger.as_deref_mut(),
                    &self.app_id,
                    &order,
                    &recipient,
                    &self.leave,
                    self.now,
                )?
            };
            answers.push((order, recipient, verdict));
        }
        Ok(answers)
    }
}

impl Bench<'_> {
    /// Checks every draft; `ask` puts the questions to the ledger, where there is one.
    pub fn prepare(
        &self,
        drafts: Vec<Draft>,
        rejected: Vec<Rejected>,
        ask: impl FnOnce(Questions) -> Result<Vec<Answer>, ledger::Error>,
    ) -> Result<Prepared, Error> {
        let mut prepared = Prepared { ready: Vec::new(), rejected };
        let orders = self.orders(drafts, &mut prepared.rejected);
        let named: Vec<&Named> = orders.iter().map(|order| &order.named).collect();
        let found = recipient::find(self.settings, &named, self.now)?;
        let mut cases = Vec::with_capacity(orders.len());
        for (order, found) in orders.into_iter().zip(found) {
            match found {
                Ok(recipient) => cases.push((order, recipient)),
                Err(refusal) => prepared.rejected.push(Rejected { line: order.line, refusal }),
            }
        }
        let (app_id, leave) = (self.settings.app_id.clone(), self.leave.clone());
        let mut taken: HashMap<String, String> = HashMap::new();
        for (order, recipient, verdict) in ask(Questions { app_id, now: self.now, leave, cases })? {
            let line = order.line;
            match self.ready(order, recipient, verdict, &mut taken) {
                Ok(ready) => prepared.ready.extend(ready),
                Err(refusal) => prepared.rejected.push(Rejected { line, refusal }),
            }
        }
        prepared.rejected.sort_by_key(|rejected| rejected.line);
        Ok(prepared)
    }

    fn orders(&self, drafts: Vec<Draft>, rejected: &mut Vec<Rejected>) -> Vec<Order> {
        let mut orders = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let line = draft.line;
            match draft.check(self.settings, self.now) {
                Ok(order) => orders.push(order),
                Err(refusal) => rejected.push(Rejected { line, refusal }),
            }
        }
        orders
    }

    /// `None` for a row that repeats another one of the same table.
    fn ready(
        &self,
        order: Order,
        recipient: Recipient,
        verdict: Result<Verdict, Refusal>,
        taken: &mut HashMap<String, String>,
    ) -> Result<Option<Ready>, Refusal> {
        let verdict = verdict?;
        if !could_be_an_openid(&recipient.openid) {
            return Err(Refusal::NoOpenid(recipient.openid.chars().count()));
        }
        let reference = order.reference.as_str().to_owned();
        match taken.get(&reference) {
            Some(openid) if *openid == recipient.openid => return Ok(None),
            Some(openid) => {
                let openid = openid.as_str().into();
                return Err(Refusal::WentElsewhere { openid, at: At::SameTable });
            }
            None => taken.insert(reference, recipient.openid.clone()),
        };
        let key = Key::prescription(
            &self.settings.app_id,
            &recipient.openid,
            order.reference.as_str(),
            verdict.copy,
        );
        let name = order.named.patient.as_deref().or(recipient.patient.as_deref());
        let privacy: &Privacy = &self.composer.privacy;
        let facts = order.facts(name.and_then(|name| privacy.name(name)), &self.settings.zone);
        let composed = self.composer.compose(&facts, &recipient.openid, &key, order.url.as_deref());
        Ok(Some(Ready {
            content: composed?,
            template: self.composer.template.name().into(),
            template_id: self.composer.template_id.as_str().into(),
            app_id: self.settings.app_id.as_str().into(),
            order,
            recipient,
            verdict,
            key,
        }))
    }
}

/// Those seen have 28 characters, the first of them an o; WeChat promises neither, so only what can be none is refused:
/// half of one, or something else.
fn could_be_an_openid(openid: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (20..=64).contains(&openid.len()) && openid.bytes().all(known)
}

impl Ready {
    /// A one-way mark of what the message says.
    pub const fn content_hash(&self) -> &[u8; 32] {
        &self.content.hash
    }

    /// The fields as the patient reads them.
    pub fn fields(&self) -> Vec<(String, String)> {
        self.content.fields()
    }

    /// What the ledger stores of it.
    pub fn message(&self) -> Message {
        Message {
            key: self.key,
            kind: Kind::Prescription,
            stage: None,
            copy: self.verdict.copy,
            openid: self.recipient.openid.as_str().into(),
            patient_id: self.order.named.patient_id.as_deref().map(Into::into),
            appointment_id: None,
            start: None,
            visit_at: None,
            not_after: self.order.expires,
            template: self.template.clone(),
            template_id: self.template_id.clone(),
            content: self.content.body.clone(),
            content_hash: self.content.hash,
            reference: Some(self.order.reference.marked(&self.app_id)),
        }
    }

    /// For a message that an earlier run left unsent.
    pub fn confirmation(&self) -> Option<Confirmation> {
        Some(Confirmation {
            message: self.verdict.queued?,
            content: self.content.body.clone(),
            content_hash: self.content.hash,
            template: self.template.clone(),
            template_id: self.template_id.clone(),
        })
    }
}
