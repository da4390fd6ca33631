//! `GET /charts`: the report's pictures and their numbers, on the page.

use axum::response::Response;
use jiff::ToSpan;
use serde::Serialize;

use super::messages::broken;
use super::visitor::Visitor;
use crate::report::table::{self, Table};
use crate::report::{self, Figures, Language, chart};
use crate::serve::keys::Scope;

/// Days of messages, today included.
const DAYS: i64 = 14;

/// A picture and the numbers in it.
type Drawing = (&'static str, fn(&Figures, Language) -> String, fn(&Figures, Language) -> Table);

const DRAWINGS: [Drawing; 6] = [
    ("days", chart::days, table::days),
    ("failures", chart::failures, table::failures),
    ("departments", chart::departments, table::departments),
    ("doctors", chart::doctors, table::doctors),
    ("visit_days", chart::visit_days, table::visit_days),
    ("delays", chart::delays, table::delays),
];

#[derive(Serialize)]
struct Charts {
    since: String,
    until: String,
    pictures: Vec<Chart>,
}

#[derive(Serialize)]
struct Chart {
    title: String,
    /// Drawn by the program itself, so it is safe as it is.
    svg: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The page.
pub(super) async fn show(visitor: Visitor) -> Response {
    if let Err(refused) = visitor.need(Scope::Read) {
        return refused;
    }
    let settings = &visitor.shared.settings;
    let (account, zone, now) = (settings.account.clone(), settings.zone.clone(), (settings.now)());
    let until = now.to_zoned_datetime(zone.clone()).date();
    let since = until.saturating_sub((DAYS - 1).days());
    let read = visitor.shared.desks.reader.call(move |ledger| {
        let account = Some(account.as_str());
        let asked = report::Asked { account, since, until, now, zone: &zone };
        match report::figures(ledger, &asked) {
            Ok(figures) => Ok(Some(figures)),
            Err(report::Error::Ledger(error)) => Err(error),
            Err(report::Error::Days) => Ok(None),
        }
    });
    let Ok(Some(figures)) = read.await else { return broken(&visitor) };
    let language = visitor.words.language;
    let charts = DRAWINGS.iter().map(|(name, draw, count)| {
        let Table { header, rows } = count(&figures, language);
        let title = visitor.words.say("chart", name).to_owned();
        Chart { title, svg: draw(&figures, language), header, rows }
    });
    let (since, until) = (since.to_string(), until.to_string());
    visitor.show("charts.html", &Charts { since, until, pictures: charts.collect() })
}
