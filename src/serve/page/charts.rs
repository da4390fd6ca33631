//! `GET /charts`: counts of the last days.

use axum::response::Response;
use jiff::ToSpan;
use serde::Serialize;

use super::messages::broken;
use super::visitor::Visitor;
use crate::domain::state::State;
use crate::serve::keys::Scope;

/// Days counted, today included.
const DAYS: i32 = 14;

#[derive(Serialize)]
struct Charts {
    states: Vec<String>,
    days: Vec<Day>,
    /// Drawings, each with its title.
    charts: Vec<Chart>,
}

#[derive(Serialize)]
struct Day {
    date: String,
    counts: Vec<u64>,
    total: u64,
}

#[derive(Serialize)]
struct Chart {
    title: String,
    /// Drawn by the program itself, so it is safe as it is.
    svg: String,
}

/// The page.
pub(super) async fn show(visitor: Visitor) -> Response {
    if let Err(refused) = visitor.need(Scope::Read) {
        return refused;
    }
    let office = &visitor.shared.page.office;
    let zone = office.zone().clone();
    let today = office.now().to_zoned_datetime(zone.clone()).date();
    let first = today.saturating_sub((DAYS - 1).days());
    let past = today.saturating_add(1.day());
    let dates: Vec<_> = first.series(1.day()).take_while(|day| *day <= past).collect();
    let bounds = dates.iter().map(|day| day.to_zoned_datetime(zone.clone()).map(|at| at.timestamp()));
    let Ok(bounds) = bounds.collect::<Result<Vec<_>, _>>() else { return broken(&visitor) };
    let counted = visitor.shared.desk.call(move |ledger| ledger.stats_between(&bounds)).await;
    let Ok(counted) = counted else { return broken(&visitor) };
    let states: Vec<State> = State::ALL
        .into_iter()
        .filter(|state| counted.iter().flatten().any(|row| row.state == *state))
        .collect();
    let days = dates.iter().zip(&counted).rev().map(|(date, rows)| {
        let of = |state: &State| {
            rows.iter().filter(|row| row.state == *state).map(|row| row.count).sum::<u64>()
        };
        let counts: Vec<u64> = states.iter().map(of).collect();
        Day { date: date.to_string(), total: counts.iter().sum(), counts }
    });
    let word = |state: &State| visitor.words.say("state", state.as_str()).to_owned();
    let page = Charts {
        days: days.filter(|day| day.total > 0).collect(),
        states: states.iter().map(word).collect(),
        charts: Vec::new(),
    };
    visitor.show("charts.html", &page)
}
