//! Which column of a table is which: what the settings say, else what the headers say.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::alias::{BOOKING, LOOSE, Meaning, meaning, normalise};
use super::booking;
use super::cell::clean;
use super::column::Column;
use super::dates::Clock;
use super::error::Error;
use super::layout::is_date;
use super::settings::ColumnRef;
use super::understanding::{Mapped, Passed};

/// The header of a table, and the rows under it that help to tell what its columns hold.
pub(super) struct Head {
    /// The line of the header, from 1; 0 where there is none.
    pub line: u64,
    /// The header's cells.
    pub header: StringRecord,
    /// A few of the rows below.
    pub samples: Vec<StringRecord>,
}

impl Head {
    /// The head of a table of so many columns whose first row is data.
    pub fn without_names(columns: usize) -> Self {
        let header = std::iter::repeat_n("", columns).collect();
        Self { line: 0, header, samples: Vec::new() }
    }
}

/// Where each column stands in a row.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    places: Vec<Vec<usize>>,
    headers: Vec<String>,
    configured: Vec<Column>,
    passed: Vec<(Column, usize)>,
    /// How many cells a row must have.
    pub width: usize,
}

impl Mapping {
    /// Maps the columns of a table; `source` is its name in errors.
    pub fn new(
        head: &Head,
        configured: &BTreeMap<Column, Vec<ColumnRef>>,
        source: &str,
    ) -> Result<Self, Error> {
        let headers: Vec<String> = head.header.iter().map(|cell| clean(cell).to_owned()).collect();
        let named = headers
            .iter()
            .rposition(|header| !header.is_empty())
            .map_or(headers.len(), |last| last + 1);
        let mut mapping = Self {
            places: vec![Vec::new(); Column::COUNT],
            headers,
            configured: configured.keys().copied().collect(),
            passed: Vec::new(),
            width: named,
        };
        mapping.take_configured(head, configured, source)?;
        mapping.take_known(head);
        mapping.refuse_doubled(head, source)?;
        Ok(mapping)
    }

    /// The places of a column in a row; the first is the one to read, the others must agree with it.
    pub fn places(&self, column: Column) -> &[usize] {
        &self.places[column as usize]
    }

    /// Whether the table has the column.
    pub fn has(&self, column: Column) -> bool {
        !self.places(column).is_empty()
    }

    /// The header at a place, for people; its number where it is blank.
    pub fn header(&self, place: usize) -> String {
        match self.headers.get(place) {
            Some(header) if !header.is_empty() => header.clone(),
            _ => format!("column {}", place + 1),
        }
    }

    /// The source's name for a column, for people.
    pub fn name(&self, column: Column) -> String {
        self.places(column).first().map_or_else(|| column.to_string(), |place| self.header(*place))
    }

    /// How many columns the table has a name for.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The columns that are read, for people.
    pub fn mapped(&self) -> Vec<Mapped> {
        let one = |column, place: &usize| {
            let header = self.header(*place);
            let configured = self.configured.contains(&column);
            // Beside a day, 预约时间 is read as the time only where it is proven.
            let proven = !configured
                && column == Column::Time
                && meaning(&header).is_some_and(|known| known.or_time && known.rank == BOOKING)
                && meaning(&self.name(Column::Start)).is_none_or(|known| known.rank != BOOKING);
            Mapped { column, header, index: place + 1, configured, proven }
        };
        Column::ALL
            .into_iter()
            .flat_map(|column| self.places(column).iter().map(move |place| one(column, place)))
            .collect()
    }

    /// The columns that are not read although their names are known.
    pub fn passed(&self) -> Vec<Passed> {
        let one = |(column, place): &(Column, usize)| Passed {
            column: *column,
            header: self.header(*place),
            index: place + 1,
            is_booking: meaning(&self.header(*place)).is_some_and(|known| known.rank == BOOKING),
        };
        self.passed.iter().map(one).collect()
    }

    fn take_configured(
        &mut self,
        head: &Head,
        configured: &BTreeMap<Column, Vec<ColumnRef>>,
        source: &str,
    ) -> Result<(), Error> {
        for (column, wanted) in configured {
            for (nth, wanted) in wanted.iter().enumerate() {
                let place = self.find(head, *column, wanted, source)?;
                // `start = ["就诊日期", "时段"]`: the first is the day, the rest the time.
                let column =
                    if *column == Column::Start && nth > 0 { Column::Time } else { *column };
                self.places[column as usize].push(place);
                if !self.configured.contains(&column) {
                    self.configured.push(column);
                }
            }
        }
        Ok(())
    }

    fn find(
        &self,
        head: &Head,
        column: Column,
        wanted: &ColumnRef,
        source: &str,
    ) -> Result<usize, Error> {
        let missing = |wanted: String| Error::NoSuchColumn {
            name: source.to_owned(),
            line: head.line,
            column,
            wanted,
            found: self.headers.clone(),
        };
        let text = match wanted {
            ColumnRef::Index(index) if (1..=self.headers.len()).contains(index) => {
                return Ok(index - 1);
            }
            ColumnRef::Index(index) => return Err(missing(index.to_string())),
            ColumnRef::Header(text) => text,
        };
        let key = normalise(text);
        let mut places =
            (0..self.headers.len()).filter(|place| normalise(&self.headers[*place]) == key);
        match (places.next(), places.next()) {
            (None, _) => Err(missing(format!("\u{201c}{text}\u{201d}"))),
            (Some(place), None) => Ok(place),
            (Some(first), Some(second)) => Err(Error::Doubled {
                name: source.to_owned(),
                line: head.line,
                column,
                header: text.clone(),
                first: first + 1,
                second: second + 1,
            }),
        }
    }

    /// Columns known by their headers, where the settings do not say otherwise.
    fn take_known(&mut self, head: &Head) {
        let taken: Vec<usize> = self.places.iter().flatten().copied().collect();
        let known: Vec<(usize, Meaning)> = (0..self.headers.len())
            .filter(|place| !taken.contains(place))
            .filter_map(|place| meaning(&self.headers[place]).map(|meaning| (place, meaning)))
            .collect();
        let mut known = moments(known, head, self.has(Column::Start));
        let has_day = self.has(Column::Start)
            || known.iter().any(|(_, meaning)| meaning.column == Column::Start);
        known.retain(|(place, meaning)| {
            // 诊别 may be the session, and it may be 初诊 or 专家门诊.
            let is_other = meaning.column == Column::Time
                && meaning.rank == LOOSE
                && has_day
                && no_times(*place, &head.samples);
            if is_other {
                self.passed.push((Column::Time, *place));
            }
            !is_other
        });
        for column in Column::ALL {
            if self.configured.contains(&column) {
                continue;
            }
            let of_column = || known.iter().filter(|(_, meaning)| meaning.column == column);
            let Some(best) = of_column().map(|(_, meaning)| meaning.rank).min() else { continue };
            for (place, meaning) in of_column() {
                // Every status column must allow; of the others the best is read.
                if meaning.rank == best || column == Column::Status {
                    self.places[column as usize].push(*place);
                } else {
                    self.passed.push((column, *place));
                }
            }
        }
        if !self.has(Column::Start) && !self.configured.contains(&Column::Time) {
            // A column called 时间 alone holds the whole moment.
            self.places.swap(Column::Start as usize, Column::Time as usize);
        }
    }

    /// Two columns with the very same header need a person to choose; status columns are all read.
    fn refuse_doubled(&self, head: &Head, source: &str) -> Result<(), Error> {
        for column in Column::ALL {
            if column == Column::Status || self.configured.contains(&column) {
                continue;
            }
            let places = self.places(column);
            for (nth, first) in places.iter().enumerate() {
                let same = |other: &&usize| {
                    normalise(&self.headers[**other]) == normalise(&self.headers[*first])
                };
                if let Some(second) = places[nth + 1..].iter().find(same) {
                    return Err(Error::Doubled {
                        name: source.to_owned(),
                        line: head.line,
                        column,
                        header: self.header(*first),
                        first: first + 1,
                        second: second + 1,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Decides what 就诊时间 and 预约时间 are: the time beside a day, or a moment of their own. A time whose own day is not
/// the visit's (预约日期 beside 就诊日期) is passed over with that day: it says when the visit was booked. So is 预约时间
/// beside 就诊日期 alone, unless its cells prove that they are times of visits.
fn moments(known: Vec<(usize, Meaning)>, head: &Head, has_day: bool) -> Vec<(usize, Meaning)> {
    let day_ranks: Vec<u8> = known
        .iter()
        .filter(|(_, meaning)| meaning.column == Column::Start && !meaning.or_time)
        .map(|(_, meaning)| meaning.rank)
        .collect();
    let best = day_ranks.iter().min().copied();
    known
        .into_iter()
        .map(|(place, meaning)| {
            let is_time = if day_ranks.contains(&meaning.rank) {
                best == Some(meaning.rank)
            } else if meaning.rank == BOOKING {
                (has_day || best.is_some()) && booking::are_visits(filled(place, &head.samples))
            } else {
                only_times(place, &head.samples)
            };
            if meaning.or_time && is_time {
                (place, Meaning { column: Column::Time, ..meaning })
            } else {
                (place, meaning)
            }
        })
        .collect()
}

/// Whether a column's cells are clock times, slots or sessions without any day.
fn only_times(place: usize, samples: &[StringRecord]) -> bool {
    let mut cells = filled(place, samples).peekable();
    cells.peek().is_some() && cells.all(|cell| Clock::read(cell).is_some())
}

/// Whether a column has cells, and none of them is a time of day.
fn no_times(place: usize, samples: &[StringRecord]) -> bool {
    let mut cells = filled(place, samples).peekable();
    cells.peek().is_some() && !cells.any(|cell| Clock::read(cell).is_some() || is_date(cell))
}

fn filled(place: usize, samples: &[StringRecord]) -> impl Iterator<Item = &str> {
    samples.iter().filter_map(move |row| row.get(place)).map(clean).filter(|cell| !cell.is_empty())
}
