//! What may fly: canaries first, stopped templates never, nothing after a stop.

use std::collections::{BTreeMap, HashMap};

use super::attempt::{Done, Lesson};
use super::tally::Halt;
use super::verdict::Scope;
use crate::ledger::Settled;

/// How many messages of a template go alone before the rest follow, however they fare.
const CANARIES: u32 = 5;
/// How often WeChat may refuse the same field, or the content, before the template is stopped.
const SAME_FAULT: u32 = 2;
/// On how many rows the same code of unknown meaning stops the template.
const SAME_UNKNOWN: u32 = 5;
/// 40249: blocked for illegal content.
const BLOCKED_CONTENT: i64 = 40249;

/// The state of the templates and of the run.
#[derive(Debug, Default)]
pub struct Gate {
    lanes: HashMap<Box<str>, Lane>,
    /// Templates that were stopped.
    pub stopped: BTreeMap<String, wechat::Error>,
    /// Why the run is to end.
    pub halt: Option<Halt>,
}

#[derive(Debug, Default)]
struct Lane {
    in_flight: u32,
    alone: u32,
    proven: bool,
    fields: HashMap<String, u32>,
    blocked: u32,
    unknown: HashMap<i64, u32>,
}

impl Gate {
    /// Whether a message of this template may leave now.
    pub fn admits(&self, template: &str) -> bool {
        if self.halt.is_some() || self.stopped.contains_key(template) {
            return false;
        }
        self.lanes
            .get(template)
            .is_none_or(|lane| lane.proven || lane.alone >= CANARIES || lane.in_flight == 0)
    }

    /// Whether a message of this template will never leave in this run.
    pub fn refuses(&self, template: &str) -> bool {
        self.halt.is_some() || self.stopped.contains_key(template)
    }

    /// A message of this template leaves.
    pub fn enter(&mut self, template: &str) {
        let lane = self.lanes.entry(template.into()).or_default();
        lane.in_flight += 1;
        if !lane.proven {
            lane.alone += 1;
        }
    }

    /// A message is back: what it teaches.
    pub fn learn(&mut self, done: &mut Done) {
        let template = done.claimed.template.clone();
        let lane = self.lanes.entry(template.clone()).or_default();
        lane.in_flight = lane.in_flight.saturating_sub(1);
        lane.proven |= matches!(done.settled, Settled::Accepted { .. } | Settled::Held { .. });
        let worn_out =
            done.error.as_ref().is_some_and(|error| lane.is_worn_out(error, &done.settled));
        let Some(error) = done.error.take() else { return };
        match done.lesson {
            Lesson::StopRun(scope) => self.halt(scope, error),
            Lesson::StopTemplate => self.stop(template.into(), error),
            Lesson::None | Lesson::Pause if worn_out => self.stop(template.into(), error),
            Lesson::None | Lesson::Pause => {}
        }
    }

    /// What stopped a template first is what is told.
    fn stop(&mut self, template: String, error: wechat::Error) {
        self.stopped.entry(template).or_insert(error);
    }

    /// The first reason to end is the one that is told.
    fn halt(&mut self, scope: Scope, error: wechat::Error) {
        let error = Box::new(error);
        self.halt.get_or_insert(match scope {
            Scope::Credentials => Halt::Credentials(error),
            Scope::Account => Halt::Account(error),
            Scope::Quota => Halt::Quota(error),
        });
    }
}

impl Lane {
    /// Whether refusals of single messages add up to a fault of the template.
    fn is_worn_out(&mut self, error: &wechat::Error, settled: &Settled) -> bool {
        let Settled::Failed { errcode, .. } = settled else { return false };
        if let Some(field) = error.field() {
            let count = self.fields.entry(field.to_owned()).or_default();
            *count += 1;
            return *count >= SAME_FAULT;
        }
        if *errcode == BLOCKED_CONTENT {
            self.blocked += 1;
            return self.blocked >= SAME_FAULT;
        }
        if error.class() == wechat::Class::Unknown {
            let count = self.unknown.entry(*errcode).or_default();
            *count += 1;
            return *count >= SAME_UNKNOWN;
        }
        false
    }
}
