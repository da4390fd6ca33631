//! Weighing every kept row: a message, a message of an earlier run confirmed, or a reason why not.

use std::collections::{HashMap, HashSet};

use super::contacts::{ContactKey, Contacts, Found};
use super::gather::{Due, Gathered, nearer_mark};
use super::items::{Action, Item, NotSent, Plan, Policy};
use super::known::{Existing, Known};
use super::person::Person;
use crate::domain::appointment::Appointment;
use crate::domain::key::Key;
use crate::domain::reason::{Reason, Refusal, Refused};
use crate::domain::state::State;
use crate::domain::status::Status;
use crate::domain::window::Window;

/// Makes the text of a message and returns the mark of template and content, or why it cannot be made.
pub type Composer<'a> = dyn Fn(&Appointment, &str, u16, &Key) -> Result<[u8; 32], Refusal> + 'a;

/// Why a patient, by openid and patient id, is to get no messages: has asked for none, or has left the account.
pub type OptOut<'a> = dyn Fn(Option<&str>, Option<&str>) -> Option<Reason> + 'a;

/// What settling asks of its surroundings.
pub struct Scales<'a> {
    /// The account.
    pub app_id: &'a str,
    /// The window.
    pub window: &'a Window,
    /// The openids found.
    pub contacts: &'a Contacts,
    /// The key under which contacts have a row's patient.
    pub contact_key: &'a ContactKey<'a>,
    /// What the ledger has.
    pub known: &'a Known,
    /// What the run has been told.
    pub policy: &'a Policy,
    /// Makes texts.
    pub compose: &'a Composer<'a>,
    /// Knows who wants no messages.
    pub opted_out: &'a OptOut<'a>,
}

impl Gathered {
    /// Weighs every kept row.
    pub fn settle(self, scales: &Scales<'_>) -> Plan {
        let Self { due, refused, pending, moved, nearer, nearer_span: _, unlisted, tally } = self;
        let mut settling = Settling::new(scales, &due);
        settling.plan.tally = tally;
        settling.plan.unlisted = unlisted;
        for message in &pending {
            let visit = (message.appointment_id.clone(), message.start.identity());
            settling.waiting.entry(visit).or_default().push(message.message);
        }
        settling.plan.cancelled.extend(moved.iter().map(|index| pending[*index].message));
        for row in refused {
            settling.refuse(row);
        }
        for due in due {
            settling.weigh(due);
        }
        let mut plan = settling.plan;
        plan.cancel_superseded(&pending);
        let confirmed: HashSet<i64> = plan.items.iter().filter_map(Item::confirms).collect();
        let called_off: HashSet<i64> = plan.cancelled.iter().copied().collect();
        let open = pending
            .iter()
            .filter(|message| message.state == State::Queued)
            .map(|message| message.message);
        plan.still_waiting =
            open.filter(|id| !confirmed.contains(id) && !called_off.contains(id)).count() as u64;
        let reminded = scales.known.reminded.iter().map(|(visit, at)| nearer_mark(visit, *at));
        let reminded: HashSet<u64> = reminded.collect();
        plan.nearer_without =
            nearer.iter().filter(|visit| !reminded.contains(*visit)).count() as u64;
        plan.order(scales.policy.limit);
        plan
    }
}

/// One appointment id at one start, over all rows that name it.
struct Visit {
    status: Status,
    person: Person,
    two_patients: bool,
}

struct Settling<'a> {
    scales: &'a Scales<'a>,
    visits: HashMap<(Box<str>, String), Visit>,
    taken: HashSet<Key>,
    highest_copy: u32,
    /// Messages of earlier runs that wait, of whatever stage and recipient, by visit.
    waiting: HashMap<(Box<str>, String), Vec<i64>>,
    plan: Plan,
}

impl<'a> Settling<'a> {
    fn new(scales: &'a Scales<'a>, due: &[Due]) -> Self {
        let mut visits: HashMap<(Box<str>, String), Visit> = HashMap::with_capacity(due.len());
        for row in due.iter().map(|due| &due.visit) {
            let person = Person::of(row);
            let visit = visits.entry(visit_id(row)).or_insert_with(|| Visit {
                status: row.status,
                person: person.clone(),
                two_patients: false,
            });
            visit.status = visit.status.and(row.status);
            visit.two_patients |= visit.person.differs(&person);
        }
        Self {
            scales,
            visits,
            taken: HashSet::new(),
            highest_copy: scales.known.highest_copy(),
            waiting: HashMap::new(),
            plan: Plan::default(),
        }
    }

    fn refuse(&mut self, row: Refused) {
        let stage = row.start.as_ref().and_then(|start| self.scales.window.stage_of(start.date));
        self.plan.not_sent.push(NotSent {
            refusal: row.refusal,
            stage: stage.map_or(0, |stage| stage.days),
            appointment_id: row.appointment_id,
            patient_id: row.patient_id,
            openid: None,
            start: row.start,
            department: None,
            doctor: None,
        });
    }

    fn weigh(&mut self, due: Due) {
        if let Err(refusal) = self.try_weigh(&due)
            && due.in_window
        {
            self.plan.not_sent.push(NotSent {
                refusal,
                stage: due.stage,
                appointment_id: Some(due.visit.appointment_id),
                patient_id: due.visit.patient_id,
                openid: due.visit.openid,
                start: Some(due.visit.start),
                department: due.visit.department,
                doctor: due.visit.doctor,
            });
        }
    }

    fn try_weigh(&mut self, due: &Due) -> Result<(), Refusal> {
        let visit = &due.visit;
        let refusal = |reason| Refusal { line: visit.line, column: None, reason, detail: None };
        self.check_status(due)?;
        if self.too_late(due) {
            return Err(refusal(Reason::TooLate));
        }
        let openid = self.openid(visit)?;
        if let Some(reason) = (self.scales.opted_out)(Some(&openid), visit.patient_id.as_deref()) {
            return Err(refusal(reason));
        }
        let begins = visit
            .start
            .instant(&self.scales.window.zone)
            .ok_or_else(|| refusal(Reason::UnreadableDate))?;
        let first = self.key(due, &openid, 0);
        if !self.taken.insert(first) {
            self.plan.repeated += 1;
            return Ok(());
        }
        let (copy, existing) = self.latest_copy(due, &openid);
        let Some(copy) = self.decide(due, &openid, copy, existing)? else { return Ok(()) };
        let key = self.key(due, &openid, copy);
        let content_hash = (self.scales.compose)(visit, &openid, due.stage, &key)?;
        let action = match self.scales.known.reminders.get(&key) {
            Some(existing) => Action::Confirm { message: existing.message },
            None => Action::Enqueue,
        };
        let (visit, stage) = (visit.clone(), due.stage);
        self.plan.items.push(Item {
            visit,
            openid,
            stage,
            copy,
            key,
            begins,
            content_hash,
            action,
        });
        Ok(())
    }

    /// The visit's status over all its rows; a called-off visit also calls off what waits for it.
    fn check_status(&mut self, due: &Due) -> Result<(), Refusal> {
        let visit = &due.visit;
        let Some(all) = self.visits.get(&visit_id(visit)) else { return Ok(()) };
        if all.two_patients {
            return Err(Refusal {
                line: visit.line,
                column: None,
                reason: Reason::TwoPatients,
                detail: None,
            });
        }
        let reason = match all.status {
            Status::Absent | Status::Remind => return Ok(()),
            Status::Hold => Reason::OnHold,
            Status::Never => Reason::NotTakingPlace,
            Status::Unknown => Reason::UnknownStatus,
        };
        if reason == Reason::NotTakingPlace {
            self.call_off(due);
        }
        Err(Refusal { line: visit.line, column: None, reason, detail: visit.status_word.clone() })
    }

    fn call_off(&mut self, due: &Due) {
        let waiting = self.waiting.remove(&visit_id(&due.visit)).unwrap_or_default();
        self.plan.cancelled.extend(waiting);
    }

    fn too_late(&self, due: &Due) -> bool {
        let window = self.scales.window;
        match window.stage_of(due.visit.start.date) {
            Some(stage) => window.too_late(&due.visit.start, stage),
            None => window.has_begun(&due.visit.start),
        }
    }

    fn openid(&self, visit: &Appointment) -> Result<Box<str>, Refusal> {
        if let Some(openid) = &visit.openid {
            return Ok(openid.clone());
        }
        let key = (self.scales.contact_key)(visit);
        let found = key.as_deref().and_then(|patient| self.scales.contacts.get(patient));
        let (reason, detail) = match found {
            Some(Found::One(openid)) => return Ok(openid.clone()),
            Some(Found::Several) => (Reason::SeveralOpenids, None),
            Some(Found::Damaged(line)) => {
                (Reason::DamagedContact, Some(format!("line {line} of contacts").into()))
            }
            None => (Reason::NoOpenid, None),
        };
        Err(Refusal { line: visit.line, column: None, reason, detail })
    }

    fn key(&self, due: &Due, openid: &str, copy: u32) -> Key {
        Key::reminder(
            self.scales.app_id,
            due.stage,
            openid,
            &due.visit.appointment_id,
            &due.visit.start,
            copy,
        )
    }

    /// The last copy that the ledger has of a message, if it has any. Earlier ones may have been erased.
    fn latest_copy(&self, due: &Due, openid: &str) -> (u32, Option<&'a Existing>) {
        let known = &self.scales.known.reminders;
        (0..=self.highest_copy)
            .rev()
            .find_map(|copy| Some((copy, Some(known.get(&self.key(due, openid, copy))?))))
            .unwrap_or((0, None))
    }

    /// Which copy is to be sent, if any.
    fn decide(
        &mut self,
        due: &Due,
        openid: &str,
        copy: u32,
        existing: Option<&Existing>,
    ) -> Result<Option<u32>, Refusal> {
        let Some(existing) = existing else { return Ok(Some(0)) };
        match existing.state {
            State::Queued => Ok(Some(copy)),
            State::Cancelled if existing.cancelled_by_source => Ok(Some(copy)),
            State::Unknown if self.scales.policy.resend_unknown => Ok(Some(copy)),
            State::Unknown => Ok(counted(&mut self.plan.waiting_for_person)),
            State::Failed => self.decide_failed(due, openid, copy, existing),
            State::Held => Ok(counted(&mut self.plan.held_before)),
            State::Undelivered => Ok(counted(&mut self.plan.undelivered)),
            State::Cancelled => Ok(counted(&mut self.plan.called_off_by_person)),
            _ => Ok(counted(&mut self.plan.already)),
        }
    }

    /// A refused message is sent again, as the next copy, when its text is another one now.
    fn decide_failed(
        &mut self,
        due: &Due,
        openid: &str,
        copy: u32,
        existing: &Existing,
    ) -> Result<Option<u32>, Refusal> {
        let next = copy + 1;
        let hash =
            (self.scales.compose)(&due.visit, openid, due.stage, &self.key(due, openid, next))?;
        if Some(hash) != existing.content_hash || self.scales.policy.retry_failed {
            return Ok(Some(next));
        }
        self.plan.failed_before += 1;
        Ok(None)
    }
}

/// One more row without a message.
const fn counted(number: &mut u64) -> Option<u32> {
    *number += 1;
    None
}

fn visit_id(row: &Appointment) -> (Box<str>, String) {
    (row.appointment_id.clone(), row.start.identity())
}
