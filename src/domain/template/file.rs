//! Reading a template file: what is wrong is found when it is loaded, not on the morning of a run.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::facts::VARIABLES;
use super::{Field, MiniProgram, Template, environment};

/// Why a text is no template file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Not TOML, or a key that a template does not have; the text names line and column.
    #[error("template {name} cannot be read: {detail}")]
    Toml {
        /// The template's name.
        name: String,
        /// What the TOML reader says, with line and column.
        detail: String,
    },
    /// `[fields]` is missing or empty.
    #[error("template {name} has no field; list its keys under [fields]")]
    NoFields {
        /// The template's name.
        name: String,
    },
    /// A field is neither a text nor a list of texts.
    #[error("template {name}: field {key} must be a text or a list of texts")]
    NoText {
        /// The template's name.
        name: String,
        /// The field's key.
        key: String,
    },
    /// A text is not a valid template source.
    #[error("template {name}: {key} is not a valid template text: {detail}")]
    Syntax {
        /// The template's name.
        name: String,
        /// The field's key, or `url`.
        key: String,
        /// What the template engine says.
        detail: String,
    },
    /// A text names a variable that does not exist.
    #[error(
        "template {name}: {key} names the unknown variable {variable}; did you mean {nearest}?"
    )]
    UnknownVariable {
        /// The template's name.
        name: String,
        /// The field's key, or `url`.
        key: String,
        /// The variable.
        variable: String,
        /// The known variable whose name is nearest.
        nearest: String,
    },
    /// A constant text breaks its field's rule, so that no message could ever be sent.
    #[error("template {name}: the text of {key} can never be sent: {detail}")]
    Unsendable {
        /// The template's name.
        name: String,
        /// The field's key.
        key: String,
        /// The rule that it breaks.
        detail: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Option<String>,
    template_id: Option<String>,
    url: Option<String>,
    miniprogram: Option<MiniProgramTable>,
    #[serde(default)]
    fields: toml::Table,
    #[serde(default)]
    max: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MiniProgramTable {
    app_id: String,
    #[serde(default)]
    page: String,
}

pub(super) fn read(name: &str, text: &str) -> Result<Template, TemplateError> {
    let file: File = toml::from_str(text).map_err(|error| TemplateError::Toml {
        name: name.to_owned(),
        detail: error.to_string().trim().to_owned(),
    })?;
    if file.fields.is_empty() {
        return Err(TemplateError::NoFields { name: name.to_owned() });
    }
    let mut fields = file
        .fields
        .into_iter()
        .map(|(key, value)| {
            Ok(Field { texts: texts(name, &key, value)?, max: file.max.get(&key).copied(), key })
        })
        .collect::<Result<Vec<_>, TemplateError>>()?;
    fields.sort_by_key(|field| position(&field.key));
    let miniprogram =
        file.miniprogram.map(|table| MiniProgram { app_id: table.app_id, page: table.page });
    let mut template = Template {
        name: name.to_owned(),
        title: file.title,
        wechat_id: file.template_id.filter(|id| !id.trim().is_empty()),
        fields,
        url: file.url,
        miniprogram,
        compiled: environment(),
    };
    compile(&mut template)?;
    template.check_constants()?;
    Ok(template)
}

/// `first` leads, `remark` ends, the others go by their number.
fn position(key: &str) -> (u8, u32, String) {
    let digits = key.trim_start_matches(|c: char| !c.is_ascii_digit());
    let rank = match key {
        "first" => 0,
        "remark" => 2,
        _ => 1,
    };
    (rank, digits.parse().unwrap_or(0), key.to_owned())
}

fn texts(name: &str, key: &str, value: toml::Value) -> Result<Vec<String>, TemplateError> {
    let no_text = || TemplateError::NoText { name: name.to_owned(), key: key.to_owned() };
    match value {
        toml::Value::String(text) => Ok(vec![text]),
        toml::Value::Array(list) if !list.is_empty() => list
            .into_iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(no_text))
            .collect(),
        _ => Err(no_text()),
    }
}

fn compile(template: &mut Template) -> Result<(), TemplateError> {
    let mut sources: Vec<(String, String, String)> = Vec::new();
    for field in &template.fields {
        for (index, text) in field.texts.iter().enumerate() {
            sources.push((source_name(&field.key, index), field.key.clone(), text.clone()));
        }
    }
    if let Some(url) = &template.url {
        sources.push((source_name("url", 0), "url".to_owned(), url.clone()));
    }
    if let Some(miniprogram) = &template.miniprogram {
        sources.push((source_name("page", 0), "page".to_owned(), miniprogram.page.clone()));
    }
    for (source, key, text) in sources {
        template.compiled.add_template_owned(source.clone(), text).map_err(|error| {
            TemplateError::Syntax {
                name: template.name.clone(),
                key: key.clone(),
                detail: error.detail().unwrap_or("it does not parse").to_owned(),
            }
        })?;
        check_variables(template, &source, &key)?;
    }
    Ok(())
}

/// The name under which a field's text is compiled.
pub(super) fn source_name(key: &str, index: usize) -> String {
    format!("{key}#{index}")
}

fn check_variables(template: &Template, source: &str, key: &str) -> Result<(), TemplateError> {
    let Ok(compiled) = template.compiled.get_template(source) else { return Ok(()) };
    let known = |variable: &String| {
        VARIABLES.iter().any(|(name, _)| name == variable)
            || template.compiled.globals().any(|(global, _)| global == variable)
    };
    let mut unknown: Vec<String> = compiled
        .undeclared_variables(false)
        .into_iter()
        .filter(|variable| !known(variable))
        .collect();
    unknown.sort();
    match unknown.into_iter().next() {
        None => Ok(()),
        Some(variable) => Err(TemplateError::UnknownVariable {
            name: template.name.clone(),
            key: key.to_owned(),
            nearest: nearest(&variable).to_owned(),
            variable,
        }),
    }
}

fn nearest(word: &str) -> &'static str {
    let distance = |name: &str| strsim::damerau_levenshtein(name, word);
    VARIABLES.iter().map(|(name, _)| *name).min_by_key(|name| distance(name)).unwrap_or_default()
}
