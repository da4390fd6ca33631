//! Visits ahead by department, by doctor and by day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Figures;
use crate::ledger::{Cell, End};

/// The visits of one department, doctor or day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Its name; empty where the source named none.
    pub name: String,
    /// Beside the name of a doctor, that of the department.
    pub within: String,
    /// How many visits are ahead.
    pub visits: u64,
    /// What became of their reminders, in the order of [`End::ALL`]; a visit may have several.
    pub reminders: [u64; End::ALL.len()],
}

impl Share {
    /// How many reminders came to this.
    pub fn reminders(&self, end: End) -> u64 {
        End::ALL.iter().position(|one| *one == end).map_or(0, |index| self.reminders[index])
    }

    fn add(&mut self, cell: &Cell) {
        self.visits += cell.visits;
        if let Some(index) = End::ALL.iter().position(|end| *end == cell.outcome) {
            self.reminders[index] += cell.messages;
        }
    }
}

impl Figures {
    /// Visits ahead by department, the most first.
    pub fn departments(&self) -> Vec<Share> {
        most_first(self.shares(|cell| (cell.department.clone(), String::new())))
    }

    /// Visits ahead by doctor, the most first; a doctor of two departments counts in each.
    pub fn doctors(&self) -> Vec<Share> {
        most_first(self.shares(|cell| (cell.doctor.clone(), cell.department.clone())))
    }

    /// Visits ahead by day, the nearest first; days between without a visit too.
    pub fn visit_days(&self) -> Vec<(Date, Share)> {
        let by_day = self.shares(|cell| (cell.day.to_string(), String::new()));
        let by_day: BTreeMap<Date, Share> = by_day
            .into_iter()
            .filter_map(|share| Some((share.name.parse::<Date>().ok()?, share)))
            .collect();
        let (Some(first), Some(last)) = (by_day.keys().next(), by_day.keys().last()) else {
            return Vec::new();
        };
        let days = first.series(jiff::Span::new().days(1)).take_while(|day| day <= last);
        let share = |day: Date| by_day.get(&day).cloned().unwrap_or_default();
        days.map(|day| (day, Share { name: day.to_string(), ..share(day) })).collect()
    }

    fn shares(&self, by: impl Fn(&Cell) -> (String, String)) -> Vec<Share> {
        let mut shares: BTreeMap<(String, String), Share> = BTreeMap::new();
        for cell in &self.ahead {
            shares.entry(by(cell)).or_default().add(cell);
        }
        let named = shares.into_iter();
        named.map(|((name, within), share)| Share { name, within, ..share }).collect()
    }
}

fn most_first(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_by(|a, b| (b.visits, &a.name, &a.within).cmp(&(a.visits, &b.name, &b.within)));
    shares
}
