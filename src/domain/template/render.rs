//! From a template and the facts of one visit to the fields of one message; pure, and nothing is ever cut to fit.

use std::collections::BTreeMap;

use jiff::civil::Time;
use minijinja::{ErrorKind, Value};
use wechat::field::{self, KeyKind};

use super::file::source_name;
use super::{Facts, Field, Template, TemplateError};
use crate::domain::reason::Reason;

/// What rendering needs besides the template and the facts.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    /// The clock time of a session, by the source's word for it: 上午 = 08:00. Used by `time` and `date` fields only.
    pub sessions: BTreeMap<String, Time>,
}

/// The fields of one message, each within its rule.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Key and value, in the order a message shows them.
    pub fields: Vec<(String, String)>,
    /// The page that opens when the message is touched.
    pub url: Option<String>,
    /// The mini program that opens, by app id and page.
    pub miniprogram: Option<(String, String)>,
}

/// Why a message cannot be made of a row: the field and what is wrong, never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {detail}")]
pub struct Misfit {
    /// The template key.
    pub key: String,
    /// The reason that the row is rejected with.
    pub reason: Reason,
    /// What was tried and what was expected.
    pub detail: String,
}

impl Template {
    /// Fills every field: the first of its texts that renders and fits.
    ///
    /// # Errors
    /// [`Misfit`] for the first field of which no text does.
    pub fn render(&self, facts: &Facts, rendering: &Rendering) -> Result<Rendered, Misfit> {
        let text = facts.for_text();
        let clock =
            facts.for_clock(facts.session().and_then(|word| rendering.sessions.get(word)).copied());
        let mut fields = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let values = if takes_clock(&field.key) { &clock } else { &text };
            fields.push((field.key.clone(), self.fill(field, values, facts)?));
        }
        Ok(Rendered {
            fields,
            url: self.link("url", self.url.as_ref(), &text)?,
            miniprogram: self.mini(&text)?,
        })
    }

    fn fill(&self, field: &Field, values: &Value, facts: &Facts) -> Result<String, Misfit> {
        let mut first = None;
        for index in 0..field.texts.len() {
            match self.attempt(field, index, values, facts) {
                Ok(value) => return Ok(value),
                // The best text's trouble is what the user wants to hear of.
                Err(misfit) => first = first.or(Some(misfit)),
            }
        }
        Err(first.unwrap_or_else(|| {
            misfit(&field.key, Reason::MissingValue, "no text is given".to_owned())
        }))
    }

    fn attempt(
        &self,
        field: &Field,
        index: usize,
        values: &Value,
        facts: &Facts,
    ) -> Result<String, Misfit> {
        let value = self.source(&field.key, index, values).map_err(|error| {
            if takes_clock(&field.key) && facts.lacks_clock_time() {
                let word = facts.session().unwrap_or("");
                let detail = format!(
                    "the row has no clock time; set one for {word:?} under [source.sessions]"
                );
                return misfit(&field.key, Reason::NoClockTime, detail);
            }
            error
        })?;
        let value = value.trim();
        field::check(&field.key, value, field.max)
            .map_err(|error| misfit(&field.key, Reason::DoesNotFit, error.problem.to_string()))?;
        Ok(value.to_owned())
    }

    fn source(&self, key: &str, index: usize, values: &Value) -> Result<String, Misfit> {
        let compiled = self.compiled.get_template(&source_name(key, index));
        compiled.and_then(|compiled| compiled.render(values.clone())).map_err(|error| {
            match error.kind() {
                ErrorKind::UndefinedError => {
                    misfit(key, Reason::MissingValue, self.missing(key, index, values))
                }
                kind => {
                    misfit(key, Reason::MissingValue, format!("the text does not render ({kind})"))
                }
            }
        })
    }

    /// Names the variables of a text that the row does not have.
    fn missing(&self, key: &str, index: usize, values: &Value) -> String {
        let Ok(compiled) = self.compiled.get_template(&source_name(key, index)) else {
            return String::new();
        };
        let absent = |name: &String| values.get_attr(name).is_ok_and(|value| value.is_undefined());
        let mut names: Vec<String> =
            compiled.undeclared_variables(false).into_iter().filter(absent).collect();
        names.sort();
        format!("the row has no {}", names.join(", "))
    }

    fn link(
        &self,
        key: &str,
        source: Option<&String>,
        values: &Value,
    ) -> Result<Option<String>, Misfit> {
        source.map(|_| self.source(key, 0, values)).transpose()
    }

    fn mini(&self, values: &Value) -> Result<Option<(String, String)>, Misfit> {
        let Some(mini) = &self.miniprogram else { return Ok(None) };
        Ok(Some((mini.app_id.clone(), self.source("page", 0, values)?)))
    }

    /// A text without a variable is the same for every row: if it breaks its rule, no message could ever be sent.
    pub(super) fn check_constants(&self) -> Result<(), TemplateError> {
        for field in &self.fields {
            for text in
                field.texts.iter().filter(|text| !text.contains("{{") && !text.contains("{%"))
            {
                field::check(&field.key, text.trim(), field.max).map_err(|error| {
                    TemplateError::Unsendable {
                        name: self.name.clone(),
                        key: field.key.clone(),
                        detail: error.problem.to_string(),
                    }
                })?;
            }
        }
        Ok(())
    }
}

/// `time12` and `date3` hold clock times; every other field is text.
fn takes_clock(key: &str) -> bool {
    matches!(KeyKind::of(key), KeyKind::Time | KeyKind::Date)
}

fn misfit(key: &str, reason: Reason, detail: String) -> Misfit {
    Misfit { key: key.to_owned(), reason, detail }
}
