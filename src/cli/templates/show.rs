//! `templates show`: a local template's fields, what fills them, and the variables there are.

use std::fmt;

use clap::Args;
use serde::Serialize;
use wechat::KeyKind;

use super::load;
use crate::cli::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::table::{row, table};
use crate::domain::template::VARIABLES;

/// The arguments of `templates show`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The local template.
    name: String,
    /// Print the file as it is, to begin an own template with.
    #[arg(long, conflicts_with = "json")]
    file: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    title: Option<String>,
    template_id: Option<String>,
    from: String,
    fields: Vec<Field>,
    opens_a_page: bool,
    variables: Vec<Variable>,
}

#[derive(Debug, Serialize)]
struct Field {
    key: String,
    texts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<usize>,
    takes: &'static str,
}

#[derive(Debug, Serialize)]
struct Variable {
    name: &'static str,
    holds: &'static str,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let config = context.config()?;
    let local = load::find(&config, &arguments.name)?;
    if arguments.file {
        context.ui.raw(local.text.as_bytes())?;
        return Ok(Exit::Done);
    }
    let template = local.template()?;
    let fields = template.fields().iter().map(|field| Field {
        key: field.key.clone(),
        texts: field.texts.clone(),
        max: field.max,
        takes: KeyKind::of(&field.key).rule(),
    });
    context.ui.out(&Shown {
        name: local.name.clone(),
        title: template.title().map(str::to_owned),
        template_id: load::id(&config, &template),
        from: local.place.to_string(),
        fields: fields.collect(),
        opens_a_page: template.has_link(),
        variables: VARIABLES.iter().map(|(name, holds)| Variable { name, holds }).collect(),
    })?;
    Ok(Exit::Done)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
        writeln!(f, "{}{title}", self.name)?;
        writeln!(f, "From: {}", self.from)?;
        writeln!(f, "WeChat id: {}", self.template_id.as_deref().unwrap_or("not set"))?;
        if self.opens_a_page {
            writeln!(f, "A touch opens a page.")?;
        }
        let mut fields = table(&["field", "filled with", "takes"]);
        for Field { key, texts, max, takes } in &self.fields {
            let takes = max
                .map_or_else(|| (*takes).to_owned(), |max| format!("{takes}; here at most {max}"));
            for (index, text) in texts.iter().enumerate() {
                let (key, takes) =
                    if index == 0 { (key.as_str(), takes.as_str()) } else { ("", "") };
                let text = if index == 0 { text.clone() } else { format!("or: {text}") };
                fields.add_row(row([key, &text, takes]));
            }
        }
        writeln!(f, "\n{}\n", fields.trim_fmt())?;
        let mut variables = table(&["variable", "holds"]);
        for Variable { name, holds } in &self.variables {
            variables.add_row(row([format!("{{{{ {name} }}}}"), (*holds).to_owned()]));
        }
        write!(f, "{}", variables.trim_fmt())
    }
}
