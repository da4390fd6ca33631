//! A database, connected and understood: which column of the answer is which, and how its rows are read.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::engine::{Field, Kind, Task, quoted, unreadable};
use super::fault::Fault;
use super::link::{Answer, Link};
use super::query::{Query, Question};
use super::scan::Dialect;
use super::select::{Parameter, Select};
use crate::intake::alias::meaning;
use crate::intake::column::Column;
use crate::intake::error::Error;
use crate::intake::layout::{Needs, Score};
use crate::intake::mapping::{Head, Mapping};
use crate::intake::settings::ColumnRef;

/// What must be known to open a database.
pub(in crate::intake) struct Wish<'a> {
    /// The columns that the settings name.
    pub columns: &'a BTreeMap<Column, Vec<ColumnRef>>,
    /// What the answer must have.
    pub needs: &'a Needs,
    /// The section that maps columns: `[source.columns]`.
    pub section: &'static str,
}

/// A connected database whose columns are known.
pub(in crate::intake) struct Opened {
    link: Link,
    task: Task,
    name: String,
    /// Which column is which.
    pub mapping: Mapping,
}

impl Opened {
    /// Connects, and asks what columns there are. No row is read.
    pub fn open(query: &Query, wish: &Wish<'_>) -> Result<Self, Error> {
        Self::understand(query, wish).map_err(|fault| fault.at(&query.name))
    }

    fn understand(query: &Query, wish: &Wish<'_>) -> Result<Self, Fault> {
        let (target, question) = query.resolve()?;
        let dialect = target.dialect();
        let select = match &question {
            Question::Select(text) => Some(Select::parse(text, dialect)?),
            Question::Table(_) => None,
        };
        let link = Link::connect(target, query.clone())?;
        let (fields, select) = match (select, &question) {
            (Some(select), _) => (link.describe(select.clone())?, Some(select)),
            (None, question) => (link.describe(empty(&link, question))?, None),
        };
        let mapping = map(&fields, wish, dialect)?;
        let mut task = Task {
            sources: sources(&mapping, fields.len()),
            select: select.clone().unwrap_or_else(|| Select::plain(String::new())),
            period: query.period,
        };
        if select.is_none() {
            view(&mut task, &link, &question, &fields, &mapping, dialect);
        }
        Ok(Self { link, task, name: query.name.clone(), mapping })
    }

    /// The address for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's name and version.
    pub fn server(&self) -> &str {
        &self.link.traits.server
    }

    /// Begins to read the rows; each call asks anew.
    pub fn rows(&self) -> Result<Rows<'_>, Error> {
        let answer = self.link.read(self.task.clone()).map_err(|fault| fault.at(&self.name))?;
        Ok(Rows { answer, name: &self.name, row: 0 })
    }
}

/// The rows of a database.
pub(in crate::intake) struct Rows<'a> {
    answer: Answer,
    name: &'a str,
    row: u64,
}

impl Rows<'_> {
    /// The next row and its number, from 1; an error when the answer was cut off.
    pub fn next(&mut self) -> Result<Option<(u64, StringRecord)>, Error> {
        let row = self.answer.next().map_err(|fault| fault.at(self.name))?;
        self.row += u64::from(row.is_some());
        Ok(row.map(|row| (self.row, row)))
    }
}

impl Fault {
    /// This fault of the database with this name.
    pub(in crate::intake) fn at(self, name: &str) -> Error {
        Error::Database { name: name.to_owned(), fault: Box::new(self) }
    }
}

/// Which column is which, by the settings and by the names; all that is needed must be there and be readable.
fn map(fields: &[Field], wish: &Wish<'_>, dialect: Dialect) -> Result<Mapping, Fault> {
    let header: StringRecord = fields.iter().map(|field| field.name.as_str()).collect();
    // A column of times tells by its type what in a file only the cells would: 就诊时间 is the time beside a day.
    let sample = fields.iter().map(|field| if field.kind == Kind::Time { "08:30" } else { "" });
    let head = Head { line: 0, header, samples: vec![sample.collect()] };
    let found = || fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
    if !Score::of(&head.header, wish.columns, wish.needs).complete {
        let missing = missing(&head.header, wish);
        if !missing.is_empty() {
            return Err(Fault::MissingColumns { missing, found: found(), section: wish.section });
        }
    }
    let mapping = Mapping::new(&head, wish.columns, "").map_err(|error| match error {
        Error::Doubled { header, .. } => Fault::Doubled { header },
        Error::NoSuchColumn { wanted, column, .. } => {
            Fault::NoSuchColumn { wanted, column, found: found() }
        }
        _ => Fault::NoQuestion,
    })?;
    for place in Column::ALL.into_iter().flat_map(|column| mapping.places(column)) {
        if let Some(Field { name, kind: Kind::Unreadable(kind) }) = fields.get(*place) {
            return Err(unreadable(name, kind, dialect));
        }
    }
    Ok(mapping)
}

/// What is needed, and neither named by the answer nor by the settings.
fn missing(header: &StringRecord, wish: &Wish<'_>) -> String {
    let known: Vec<Column> = header
        .iter()
        .filter_map(|name| meaning(name).map(|meaning| meaning.column))
        .chain(wish.columns.keys().copied())
        .collect();
    let lacking = wish.needs.iter().filter(|either| !either.iter().any(|one| known.contains(one)));
    let names = lacking
        .map(|either| either.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(" or "));
    names.collect::<Vec<_>>().join(" and none for ")
}

/// Each column that means something fills its own cell; what means nothing is not read.
fn sources(mapping: &Mapping, width: usize) -> Vec<Option<usize>> {
    let read = |place: usize| {
        Column::ALL.into_iter().any(|column| mapping.places(column).contains(&place))
    };
    (0..width).map(|place| read(place).then_some(place)).collect()
}

/// A table's columns without its rows.
fn empty(link: &Link, question: &Question) -> Select {
    Select::plain(format!("SELECT * FROM {} WHERE 1 = 0", table(link, question)))
}

fn table(link: &Link, question: &Question) -> String {
    let Question::Table(parts) = question else { return String::new() };
    let quoted = parts.iter().map(|part| quoted(part, link.traits.quote));
    quoted.collect::<Vec<_>>().join(".")
}

/// The statement that reads a view: the columns that mean something, and of the days that are wanted where the
/// database can tell them.
fn view(
    task: &mut Task,
    link: &Link,
    question: &Question,
    fields: &[Field],
    mapping: &Mapping,
    dialect: Dialect,
) {
    let quote = link.traits.quote;
    let mut asked = Vec::new();
    for source in &mut task.sources {
        if let Some(place) = *source {
            *source = Some(asked.len());
            asked.push(quoted(&fields[place].name, quote));
        }
    }
    let table = table(link, question);
    let mut select = Select::plain(format!("SELECT {} FROM {table}", asked.join(", ")));
    let day = mapping.places(Column::Start).first();
    if let Some(place) = day.filter(|place| link.traits.has_dates && is_moment(fields, **place)) {
        let column = quoted(&fields[*place].name, quote);
        select.sql.push_str(&[" WHERE ", &column, " >= "].concat());
        select.bind(Parameter::From, dialect);
        select.sql.push_str(&[" AND ", &column, " < "].concat());
        select.bind(Parameter::To, dialect);
    }
    task.select = select;
}

fn is_moment(fields: &[Field], place: usize) -> bool {
    fields.get(place).is_some_and(|field| field.kind == Kind::Moment)
}
