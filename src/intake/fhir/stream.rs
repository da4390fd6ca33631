//! Resources one at a time, whatever holds them: a Bundle is never in memory whole.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use encoding_rs::UTF_8;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::error::Error;
use super::super::spool::{Bytes, Spool};
use super::super::text::{Allowance, ROW_LIMIT, Text};

/// A resource, and where it was found.
pub(super) struct Found {
    /// The resource.
    pub resource: Value,
    /// The `fullUrl` of its entry in a Bundle, which references may use.
    pub full_url: Option<String>,
    /// The line on which it ends, from 1.
    pub line: u64,
}

/// Hands on each resource of the source, and gives the bytes back.
pub(super) fn resources(
    spool: &Spool,
    bytes: Bytes,
    each: &mut dyn FnMut(Found),
) -> Result<Bytes, Error> {
    let allowance = Allowance::default();
    let lines = Rc::new(Cell::new(1));
    let text = Text::new(bytes, UTF_8, allowance.clone());
    let mut counted = Counted { text: BufReader::new(text), lines: Rc::clone(&lines) };
    let mut json = serde_json::Deserializer::from_reader(&mut counted);
    let mut sink = Sink { each, allowance: &allowance, lines: &lines };
    while json.end().is_err() {
        let line = lines.get();
        if let Err(error) = Resources(&mut sink).deserialize(&mut json) {
            return Err(explain(spool, &error, &allowance, line));
        }
    }
    Ok(counted.text.into_inner().into_inner())
}

fn explain(spool: &Spool, error: &serde_json::Error, allowance: &Allowance, line: u64) -> Error {
    let name = spool.name().to_owned();
    if allowance.is_spent() {
        return Error::TooLong { name, line, limit: ROW_LIMIT };
    }
    match error.io_error_kind() {
        Some(kind) => spool.unreadable(kind.into()),
        None => Error::NotJson { name, line: error.line() as u64, column: error.column() as u64 },
    }
}

/// Counts the lines that pass.
struct Counted<R> {
    text: BufReader<R>,
    lines: Rc<Cell<u64>>,
}

impl<R: Read> Read for &mut Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        let ends = buffer[..count].split(|byte| *byte == b'\n').skip(1).count() as u64;
        self.lines.set(self.lines.get() + ends);
        Ok(count)
    }
}

struct Sink<'a> {
    each: &'a mut dyn FnMut(Found),
    allowance: &'a Allowance,
    lines: &'a Cell<u64>,
}

impl Sink<'_> {
    fn take(&mut self, resource: Value, full_url: Option<String>) {
        self.allowance.renew();
        (self.each)(Found { resource, full_url, line: self.lines.get() });
    }
}

/// A resource, a Bundle, or a list of resources.
struct Resources<'s, 'a>(&'s mut Sink<'a>);

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
        self.0.take(Value::Object(resource), None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(resource) = list.next_element()? {
            self.0.take(resource, None);
        }
        Ok(())
    }
}

/// The entries of a Bundle.
struct Entries<'s, 'a>(&'s mut Sink<'a>);

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
            self.0.take(resource, full_url);
        }
        Ok(())
    }
}
