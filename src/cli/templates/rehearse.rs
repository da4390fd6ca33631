//! Giving the simulator the hospital's own templates, so that a rehearsal uses them as they are.

use wechat::KeyKind;
use wechat_simulator::{TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::load::{self, Place};
use crate::cli::error::CommandError;
use crate::config::Config;
use crate::domain::template::Template;

/// How many characters a template id has.
const ID: usize = 43;

/// The templates that the simulator's account needs beside its own; `config` learns all their ids.
///
/// # Errors
/// As [`load::names`]. A template that cannot be used is left out: only a command that asks for it must fail.
pub fn templates(config: &mut Config) -> Result<Vec<wechat_simulator::Template>, CommandError> {
    let mut own = Vec::new();
    for name in load::names(config)? {
        let local = load::find(config, &name)?;
        let Ok(template) = local.template() else { continue };
        let id = match (&local.place, name.as_str()) {
            (Place::Shipped, "reminder") => TEMPLATE_REMINDER.to_owned(),
            (Place::Shipped, _) => TEMPLATE_PRESCRIPTION.to_owned(),
            (Place::File(_), _) => load::id(config, &template).unwrap_or_else(|| made_up(&name)),
        };
        if local.place != Place::Shipped {
            own.push(as_the_account_has_it(&template, &id));
        }
        config.templates.ids.insert(name, id);
    }
    Ok(own)
}

/// The labels are not known here, so the keys stand for them; `first` and `remark` have none.
fn as_the_account_has_it(template: &Template, id: &str) -> wechat_simulator::Template {
    let line = |key: &str| match KeyKind::of(key) {
        KeyKind::Unshown => format!("{{{{{key}.DATA}}}}"),
        _ => format!("{key}：{{{{{key}.DATA}}}}"),
    };
    let content: Vec<String> = template.fields().iter().map(|field| line(&field.key)).collect();
    wechat_simulator::Template {
        template_id: id.to_owned(),
        title: template.title().unwrap_or(template.name()).to_owned(),
        primary_industry: String::new(),
        deputy_industry: String::new(),
        content: content.join("\n"),
        example: String::new(),
    }
}

fn made_up(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("rehearsal_{plain:_<ID$}").chars().take(ID).collect()
}
