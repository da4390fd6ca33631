//! Tests of the engines on real databases: what arrives, what is refused, what happens when the connection ends.

mod cut;
mod days;
mod read_only;
#[path = "../../../tests/support/servers.rs"]
mod servers;
mod types;
mod views;

use secrecy::SecretString;

use super::engine::Task;
use super::fault::Fault;
use super::link::Link;
use super::query::{Query, Question};
use super::select::Select;

pub(super) use super::query::tests::query;

/// Every cell of every row of an answer.
fn read(url: &str, select: &str) -> Result<Vec<Vec<String>>, Fault> {
    answer(&query(url, Some(select)))
}

fn answer(query: &Query) -> Result<Vec<Vec<String>>, Fault> {
    let (target, question) = query.resolve()?;
    let Question::Select(text) = question else { panic!("a query is asked") };
    let select = Select::parse(&text, target.dialect())?;
    let link = Link::connect(target, query.clone())?;
    let fields = link.describe(select.clone())?;
    let sources = (0..fields.len()).map(Some).collect();
    let mut answer = link.read(Task { select, sources, period: query.period })?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next()? {
        rows.push(row.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

/// The only row of an answer.
fn row(url: &str, select: &str) -> Vec<String> {
    let rows = read(url, select).unwrap();
    assert_eq!(rows.len(), 1, "{select}");
    rows.into_iter().next().unwrap()
}

fn fault(url: &str, select: &str) -> Fault {
    read(url, select).unwrap_err()
}

/// The same question to another address.
fn at(url: &str, query: &Query) -> Query {
    Query { url: SecretString::from(url.to_owned()), ..query.clone() }
}
