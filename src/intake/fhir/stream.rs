//! Resources one at a time, whatever holds them: a Bundle is never in memory whole.

use std::fmt;
use std::io::BufReader;

use encoding_rs::Encoding;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::error::Error;
use super::super::spool::{Bytes, Spool};
use super::super::standard::plain_text;
use super::super::text::{Allowance, ROW_LIMIT, Text};
use super::lines::Lines;

/// A resource, and where it was found.
pub(super) struct Found {
    /// The resource.
    pub resource: Value,
    /// The `fullUrl` of its entry in a Bundle, which references may use.
    pub full_url: Option<String>,
    /// The line on which it ends, from 1.
    pub line: u64,
}

/// What a source holds, one after the other.
pub(super) enum Piece {
    /// A resource.
    Resource(Found),
    /// A line of NDJSON that is no JSON, or no resource. The lines around it are in order.
    Damaged {
        /// The line, from 1.
        line: u64,
        /// The column at which reading ended, from 1.
        column: u64,
    },
}

/// Hands on each piece of the source, and gives the bytes back.
pub(super) fn resources(
    spool: &Spool,
    bytes: Bytes,
    encoding: &'static Encoding,
    each: &mut dyn FnMut(Piece),
) -> Result<Bytes, Error> {
    let allowance = Allowance::default();
    let mut lines = Lines::of(BufReader::new(Text::new(bytes, encoding, allowance.clone())));
    if has_resource_lines(&plain_text(&spool.prefix()?)) {
        by_line(spool, &mut lines, &allowance, each)?;
    } else {
        whole(spool, &mut lines, &allowance, each)?;
    }
    Ok(lines.into_inner().into_inner().into_inner())
}

/// Whether a source is NDJSON: one of its first lines is a resource by itself, and it begins with one or with what is
/// left of one. A file of a single line is read as if it were not.
fn has_resource_lines(start: &[u8]) -> bool {
    let mut lines = start.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let filled = lines.by_ref().filter(|line| !line.is_empty());
    let few: Vec<&[u8]> = filled.take(200).collect();
    let is_resource = |line: &&[u8]| {
        line.starts_with(b"{")
            && serde_json::from_slice::<Map<String, Value>>(line)
                .is_ok_and(|resource| resource.contains_key("resourceType"))
    };
    few.len() > 1 && few[0].starts_with(b"{") && few.iter().any(is_resource)
}

/// One document, or several one after the other: a fault leaves nothing to go on with.
fn whole(
    spool: &Spool,
    lines: &mut Lines<BufReader<Text<Bytes>>>,
    allowance: &Allowance,
    each: &mut dyn FnMut(Piece),
) -> Result<(), Error> {
    let place = lines.place();
    let mut json = serde_json::Deserializer::from_reader(lines);
    let mut give = |resource, full_url| {
        allowance.renew();
        each(Piece::Resource(Found { resource, full_url, line: place.line() }));
    };
    while json.end().is_err() {
        let line = place.line();
        if let Err(error) = Resources(&mut give).deserialize(&mut json) {
            let name = spool.name().to_owned();
            return Err(match (allowance.is_spent(), error.io_error_kind()) {
                (true, _) => Error::TooLong { name, line, limit: ROW_LIMIT },
                (false, Some(kind)) => spool.unreadable(kind.into()),
                (false, None) => {
                    // What ends with its line is at fault there, not before the first column of the next.
                    let (line, column) = match (error.line(), error.column()) {
                        (_, 0) => place.last(),
                        (line, column) => (line as u64, column as u64),
                    };
                    Error::NotJson { name, line, column }
                }
            });
        }
    }
    Ok(())
}

/// A line at a time: a damaged one is told by its number, and the next one read.
fn by_line(
    spool: &Spool,
    lines: &mut Lines<BufReader<Text<Bytes>>>,
    allowance: &Allowance,
    each: &mut dyn FnMut(Piece),
) -> Result<(), Error> {
    let place = lines.place();
    while lines.begin().map_err(|error| spool.unreadable(error))? {
        let line = place.line();
        let mut json = serde_json::Deserializer::from_reader(&mut *lines);
        // A resource is handed on once what follows it is in order too.
        let mut held = None;
        let mut give = |resource, full_url| {
            allowance.renew();
            if let Some(found) = held.replace(Found { resource, full_url, line }) {
                each(Piece::Resource(found));
            }
        };
        let mut fault = None;
        while fault.is_none() && json.end().is_err() {
            fault = Resources(&mut give).deserialize(&mut json).err();
        }
        let column = place.last().1;
        match (held, fault) {
            (Some(found), None) => each(Piece::Resource(found)),
            (_, Some(error)) => {
                if allowance.is_spent() {
                    let name = spool.name().to_owned();
                    return Err(Error::TooLong { name, line, limit: ROW_LIMIT });
                }
                if let Some(kind) = error.io_error_kind() {
                    return Err(spool.unreadable(kind.into()));
                }
                each(Piece::Damaged { line, column });
            }
            (None, None) => {}
        }
        lines.end().map_err(|error| {
            let name = spool.name().to_owned();
            if allowance.is_spent() {
                Error::TooLong { name, line, limit: ROW_LIMIT }
            } else {
                spool.unreadable(error)
            }
        })?;
        allowance.renew();
    }
    Ok(())
}

/// Takes a resource and its `fullUrl`.
type Give<'a> = dyn FnMut(Value, Option<String>) + 'a;

/// A resource, a Bundle, or a list of resources.
struct Resources<'s, 'a>(&'s mut Give<'a>);

impl<'de> DeserializeSeed<'de> for Resources<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Resources<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a FHIR resource")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut resource = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "entry" {
                map.next_value_seed(Entries(&mut *self.0))?;
            } else {
                resource.insert(key, map.next_value()?);
            }
        }
        if !resource.contains_key("resourceType") {
            return Err(A::Error::custom("no resourceType"));
        }
        (self.0)(Value::Object(resource), None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(resource) = list.next_element()? {
            (self.0)(resource, None);
        }
        Ok(())
    }
}

/// The entries of a Bundle.
struct Entries<'s, 'a>(&'s mut Give<'a>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the entries of a Bundle")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(mut entry) = list.next_element::<Value>()? {
            let full_url = entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
            let resource = entry.get_mut("resource").map_or(Value::Null, Value::take);
            (self.0)(resource, full_url);
        }
        Ok(())
    }
}
