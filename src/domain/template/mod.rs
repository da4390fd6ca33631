//! A message template: which WeChat template, and how each of its fields is filled.
//!
//! A template is a file `NAME.toml`:
//!
//! ```toml
//! title = "就诊提醒"                       # for people; optional
//! template_id = "…"                        # or [templates] ids in the configuration
//! url = "https://h.example/v/{{ appointment_id|urlencode }}"   # optional
//! [fields]
//! keyword1 = "{{ appointment_id }}"
//! keyword2 = ["{{ date }} {{ slot }}", "{{ start }}"]          # the first that renders and fits
//! [max]
//! keyword1 = 32                            # raises the 20 characters of a keyword
//! ```

mod facts;
mod file;
mod render;
#[cfg(test)]
mod tests;

pub use facts::{Facts, VARIABLES, clock, day};
pub use file::TemplateError;
pub use render::{Misfit, Rendered, Rendering};

use minijinja::{Environment, UndefinedBehavior};

/// One key of the WeChat template and the texts that may fill it, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key without `.DATA`: `thing1`, `keyword2`.
    pub key: String,
    /// Minijinja sources, best first; never empty.
    pub texts: Vec<String>,
    /// A limit that replaces a keyword's 20 characters.
    pub max: Option<usize>,
}

/// A mini program that the message opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MiniProgram {
    /// Its app id, which must be linked with the Official Account.
    pub app_id: String,
    /// The page inside it, a minijinja source.
    pub page: String,
}

/// A template, read and checked.
pub struct Template {
    name: String,
    title: Option<String>,
    wechat_id: Option<String>,
    fields: Vec<Field>,
    url: Option<String>,
    miniprogram: Option<MiniProgram>,
    compiled: Environment<'static>,
}

impl Template {
    /// Reads and checks a template file's text.
    ///
    /// # Errors
    /// [`TemplateError`] where the text is no such file, a source does not parse, names an unknown variable, or a
    /// constant text breaks its field's rule.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        file::read(name, text)
    }

    /// The file's name without `.toml`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// WeChat's id, where the file names one.
    pub fn template_id(&self) -> Option<&str> {
        self.wechat_id.as_deref()
    }

    /// The fields, in the order a message shows them: `first`, the numbered keys, `remark`.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether the template opens a page when touched.
    pub fn has_link(&self) -> bool {
        self.url.is_some() || self.miniprogram.is_some()
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template")
            .field("name", &self.name)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// Sources are compiled once, strictly: a variable that a row does not have is an error, not an empty field.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}
