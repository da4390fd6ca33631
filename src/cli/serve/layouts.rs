//! The templates whose keys are known here, so that the connector's messages are held against them before they are taken.

use crate::cli::templates::load;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::domain::template::Template;
use crate::serve::Layout;

/// Every local template that can be used and whose WeChat id is known. The others are warned of: a message with their id
/// is held against WeChat's rules only.
pub(super) fn layouts(config: &Config, ui: &mut Ui) -> Vec<Layout> {
    let names = load::names(config).unwrap_or_default();
    let mut layouts = Vec::new();
    for name in names {
        match load::find(config, &name).and_then(|local| local.template()) {
            Ok(template) => layouts.extend(layout(config, &template)),
            Err(error) => ui.warn(format!("{} Its keys are not checked.", error.message)),
        }
    }
    layouts
}

fn layout(config: &Config, template: &Template) -> Option<Layout> {
    let max = |field: &crate::domain::template::Field| Some((field.key.clone(), field.max?));
    Some(Layout {
        template_id: load::id(config, template)?,
        keys: template.fields().iter().map(|field| field.key.clone()).collect(),
        max: template.fields().iter().filter_map(max).collect(),
    })
}
