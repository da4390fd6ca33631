//! The templates, filled: every value is escaped by the engine, and a value that is missing is an error.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

use super::words::{self, Words};

const TEMPLATES: [(&str, &str); 13] = [
    ("layout.html", include_str!("html/layout.html")),
    ("parts.html", include_str!("html/parts.html")),
    ("sign_in.html", include_str!("html/sign_in.html")),
    ("messages.html", include_str!("html/messages.html")),
    ("message.html", include_str!("html/message.html")),
    ("due.html", include_str!("html/due.html")),
    ("unreached.html", include_str!("html/unreached.html")),
    ("charts.html", include_str!("html/charts.html")),
    ("prescription.html", include_str!("html/prescription.html")),
    ("preview.html", include_str!("html/preview.html")),
    ("forbidden.html", include_str!("html/forbidden.html")),
    ("stale.html", include_str!("html/stale.html")),
    ("trouble.html", include_str!("html/trouble.html")),
];

/// The style sheet.
pub(super) const STYLE: &str = include_str!("html/page.css");

/// The engine with all templates.
pub(super) struct Views(Environment<'static>);

/// Who is signed in, for the head of every page.
#[derive(Serialize)]
pub(super) struct Who<'a> {
    /// The name of the key.
    pub name: &'a str,
    /// The token of the forms.
    pub token: &'a str,
    /// Whether the key may see the record.
    pub read: bool,
    /// Whether it may see names and numbers.
    pub contact: bool,
    /// Whether it may send prescriptions.
    pub prescribe: bool,
}

/// The page of a key that may not.
#[derive(Serialize)]
pub(super) struct Forbidden {
    pub scope: &'static str,
}

/// The page of something that cannot be done now.
#[derive(Serialize)]
pub(super) struct Broken<'a> {
    /// What is in the way, for whoever keeps the settings; may be empty.
    pub detail: &'a str,
}

#[derive(Serialize)]
struct Layout<'a, T> {
    t: &'a toml::Table,
    lang: &'a str,
    languages: Vec<Language<'a>>,
    /// The path and query asked for.
    path: &'a str,
    /// The path alone.
    here: &'a str,
    who: Option<Who<'a>>,
    page: &'a T,
}

#[derive(Serialize)]
struct Language<'a> {
    tag: &'a str,
    name: &'a str,
}

impl Views {
    /// Reads all templates; one that cannot be read is missing, which a test would see.
    pub fn new() -> Self {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.add_filter("fill", fill);
        for (name, text) in TEMPLATES {
            if let Err(error) = engine.add_template(name, text) {
                tracing::error!("the page's template {name} cannot be read: {error}");
            }
        }
        Self(engine)
    }

    /// The page of a template.
    pub fn show(
        &self,
        status: StatusCode,
        template: &str,
        words: &Words,
        path: &str,
        who: Option<Who<'_>>,
        page: &impl Serialize,
    ) -> Response {
        let languages = words::all().iter();
        let languages = languages.map(|words| Language { tag: words.tag, name: words.name });
        let layout = Layout {
            t: &words.table,
            lang: words.tag,
            languages: languages.collect(),
            path,
            here: path.split('?').next().unwrap_or(path),
            who,
            page,
        };
        let filled = self.0.get_template(template).and_then(|found| found.render(Serde(&layout)));
        match filled {
            Ok(text) => (status, Html(text)).into_response(),
            Err(error) => {
                // Without its values: they may be personal.
                tracing::error!(
                    "the page's template {template} cannot be filled ({:?}, line {:?})",
                    error.kind(),
                    error.line()
                );
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// The style sheet's answer.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// `{{ t.list.rows|fill(n=12) }}`: a sentence with values in the places of their names.
#[expect(clippy::needless_pass_by_value, reason = "a filter is handed its arguments")]
fn fill(text: &str, values: Kwargs) -> Result<String, minijinja::Error> {
    let names: Vec<String> = values.args().map(str::to_owned).collect();
    let mut filled = Vec::with_capacity(names.len());
    for name in &names {
        filled.push((name.as_str(), values.get::<Value>(name)?.to_string()));
    }
    Ok(words::fill(text, filled.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read() {
        let views = Views::new();
        for (name, _) in TEMPLATES {
            assert!(views.0.get_template(name).is_ok(), "{name}");
        }
    }
}
