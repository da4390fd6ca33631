//! Reads the settings file so that every complaint names file, line, column and key.
//!
//! The sections are taken apart by hand instead of by derived deserialisers: those cannot say where a value that parses
//! but means nothing stands, nor offer the nearest known key.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Error, Problem};

/// The text of a settings file and where it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The file, for messages and as the base of relative paths.
    pub file: &'a Path,
    /// Its whole text.
    pub text: &'a str,
}

impl<'a> Document<'a> {
    /// Parses the text as TOML.
    pub fn parse(self) -> Result<Spanned<DeTable<'a>>, Error> {
        DeTable::parse(self.text).map_err(|error| {
            // Of the parser's error only the message is shown: its full form quotes the line, which may hold a secret.
            self.error(
                error.span().unwrap_or(0..0),
                Problem::Syntax(error.message().replace('\n', ", ")),
            )
        })
    }

    fn error(self, span: Range<usize>, problem: Problem) -> Error {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::Place { file: self.file.to_owned(), line, column, problem: Box::new(problem) }
    }
}

/// One table of the file, from which known keys are taken until [`Section::finish`] finds what is left.
pub struct Section<'a> {
    document: Document<'a>,
    name: String,
    table: Option<&'a DeTable<'a>>,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The top of the file.
    pub fn top(document: Document<'a>, table: &'a DeTable<'a>) -> Self {
        Self { document, name: String::new(), table: Some(table), known: Vec::new() }
    }

    /// Whether the file has this section.
    pub const fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// Takes a value, if the file has it.
    pub fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        self.find(key)
    }

    /// A value that nobody should write; unlike [`Section::take`] it does not make its key a known one.
    pub fn find(&self, key: &str) -> Option<Value<'a>> {
        let value = self.table?.get(key)?;
        Some(Value { document: self.document, key: self.named(key), found: value })
    }

    /// Takes a table; one that the file lacks is empty.
    pub fn section(&mut self, key: &'static str) -> Result<Self, Error> {
        match self.take(key) {
            Some(value) => value.section(),
            None => Ok(Self {
                document: self.document,
                name: self.path(key),
                table: None,
                known: Vec::new(),
            }),
        }
    }

    /// Every key and value, for tables whose keys are not known beforehand.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let Self { document, name, table, .. } = self;
        table.into_iter().flat_map(|table| table.iter()).map(move |(key, value)| {
            let key: &'a str = key.get_ref();
            (key, Value { document, key: named(&name, key), found: value })
        })
    }

    /// Like [`Section::entries`], with keys that must be among `known`.
    pub fn known_entries(
        self,
        known: &[&'static str],
    ) -> Result<Vec<(&'static str, Value<'a>)>, Error> {
        self.only(known)?;
        Ok(self
            .entries()
            .filter_map(|(key, value)| {
                known.iter().find(|name| **name == key).map(|name| (*name, value))
            })
            .collect())
    }

    /// Refuses keys that were never asked for.
    pub fn finish(self) -> Result<(), Error> {
        self.only(&self.known)
    }

    fn only(&self, known: &[&'static str]) -> Result<(), Error> {
        let unknown = self.table.and_then(|table| {
            table.keys().find(|key| !known.iter().any(|known| key.get_ref() == known))
        });
        let Some(key) = unknown else { return Ok(()) };
        let problem = Problem::UnknownKey {
            key: key.get_ref().to_string(),
            section: self.name.clone(),
            nearest: nearest(key.get_ref(), known),
            known: known.iter().map(ToString::to_string).collect(),
        };
        Err(self.document.error(key.span(), problem))
    }

    fn named(&self, key: &str) -> String {
        named(&self.name, key)
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// One value of the file.
pub struct Value<'a> {
    document: Document<'a>,
    key: String,
    found: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    /// An error about this value.
    pub fn error(&self, what: impl Into<String>) -> Error {
        self.document
            .error(self.found.span(), Problem::Value { key: self.key.clone(), what: what.into() })
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        self.found.get_ref().is_table()
    }

    /// Whether it is text.
    pub fn is_text(&self) -> bool {
        self.found.get_ref().is_str()
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        self.found.get_ref().is_array()
    }

    /// Text that is not empty.
    pub fn text(&self) -> Result<&'a str, Error> {
        let text = self
            .found
            .get_ref()
            .as_str()
            .ok_or_else(|| self.expected("text in quotation marks"))?
            .trim();
        if text.is_empty() { Err(self.error("must not be empty")) } else { Ok(text) }
    }

    /// Text that `read` understands; `form` says what is.
    pub fn parsed<T>(&self, form: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
        read(self.text()?).ok_or_else(|| self.error(format!("must be {form}")))
    }

    /// One of some words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Error> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        found.ok_or_else(|| {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.error(format!("must be {}", words.join(" or ")))
        })
    }

    /// `true` or `false`.
    pub fn boolean(&self) -> Result<bool, Error> {
        self.found.get_ref().as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// A whole number from `least` to `most`.
    pub fn whole<T: TryFrom<i64>>(&self, least: i64, most: i64) -> Result<T, Error> {
        let form = || format!("a whole number from {least} to {most}");
        let digits = self.found.get_ref().as_integer().ok_or_else(|| self.expected(&form()))?;
        i64::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|number| (least..=most).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.error(format!("must be {}", form())))
    }

    /// A number, whole or not, from `least` to `most`.
    pub fn number(&self, least: f64, most: f64) -> Result<f64, Error> {
        let form = format!("a number from {least} to {most}");
        let value = self.found.get_ref();
        let written = value.as_float().map(toml::de::DeFloat::as_str);
        let written = written.or_else(|| {
            value
                .as_integer()
                .filter(|digits| digits.radix() == 10)
                .map(toml::de::DeInteger::as_str)
        });
        let number = written.ok_or_else(|| self.expected(&form))?.parse::<f64>().ok();
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.error(format!("must be {form}")))
    }

    /// A time span written as `"30s"`, `"2h"` or `"1h 30m"`, not negative and at most a day.
    pub fn duration(&self) -> Result<std::time::Duration, Error> {
        self.parsed("a time span such as \"30s\", \"15m\" or \"2h\"", |text| {
            let span = text.parse::<jiff::SignedDuration>().ok()?;
            std::time::Duration::try_from(span).ok().filter(|span| span.as_secs() <= 86_400)
        })
    }

    /// A path; a relative one starts at the settings file.
    pub fn path(&self) -> Result<PathBuf, Error> {
        Ok(beside(self.document.file, self.text()?))
    }

    /// The folder of the settings file, for what is relative to it.
    pub const fn file(&self) -> &'a Path {
        self.document.file
    }

    /// The items of a list; a single value counts as a list of itself.
    pub fn items(&self) -> Vec<Self> {
        let item = |value| Self { document: self.document, key: self.key.clone(), found: value };
        match self.found.get_ref().as_array() {
            Some(items) => items.iter().map(item).collect(),
            None => vec![item(self.found)],
        }
    }

    /// A list of texts that is not empty.
    pub fn texts(&self) -> Result<Vec<String>, Error> {
        if !self.is_list() {
            return Err(self.expected("a list of texts, as [\"a\", \"b\"]"));
        }
        let items = self.items();
        if items.is_empty() {
            return Err(self.error("must not be empty"));
        }
        items.iter().map(|item| item.text().map(str::to_owned)).collect()
    }

    /// A table.
    pub fn section(&self) -> Result<Section<'a>, Error> {
        let table = self.found.get_ref().as_table().ok_or_else(|| self.expected("a section"))?;
        let name = self.key.trim_start_matches('[').replacen("] ", ".", 1);
        Ok(Section { document: self.document, name, table: Some(table), known: Vec::new() })
    }

    fn expected(&self, form: &str) -> Error {
        let found = match self.found.get_ref().type_str() {
            "string" => "text",
            "integer" => "a number",
            "float" => "a number with a point",
            "boolean" => "true or false",
            "array" => "a list",
            "table" => "a section",
            other => other,
        };
        self.error(format!("must be {form}, not {found}"))
    }
}

/// `path` as seen from the folder of `file`.
pub fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or_else(|| Path::new("")).join(path)
}

/// The known word most like `word`, if one is like it at all.
pub fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let likeness = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best =
        known.iter().map(|known| (likeness(known), *known)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.75).then(|| best.1.to_owned())
}

/// `[section] key`, as people find it in the file.
fn named(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("[{section}] {key}") }
}
