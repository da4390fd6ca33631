//! `templates pull`: writes a local template from one of the account.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::draft::{self, Field};
use super::{account, load};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{Context, Rehearsal};

/// The arguments of `templates pull`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The name of the local template: NAME.toml is written.
    name: String,
    /// The template's id, as `templates list` and mp.weixin.qq.com show it; it may begin with a dash.
    #[arg(long, value_name = "TEMPLATE_ID", allow_hyphen_values = true)]
    id: String,
    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    rehearsal: Rehearsal,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Pulled {
    name: String,
    path: PathBuf,
    template_id: String,
    title: String,
    filled: Vec<Field>,
    to_fill: Vec<Field>,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context) -> Result<Exit, CommandError> {
    let Arguments { name, id, force, rehearsal } = arguments;
    load::check_name(&name)?;
    let folder = load::folder(&context.config()?).ok_or_else(no_folder)?;
    let path = folder.join(format!("{name}.toml"));
    if path.exists() && !force {
        return Err(exists(&path));
    }
    let (config, templates) = account::templates(context, &rehearsal).await?;
    let found = templates.iter().find(|template| template.template_id == id);
    let template = found.ok_or_else(|| not_in_account(templates.len()))?;
    let draft = draft::draft(template);
    write(&folder, &path, &draft.text, force)?;
    if config.templates.ids.get(&name).is_some_and(|set| *set != id) && !rehearsal.simulate {
        context.ui.warn(format!(
            "The settings give {name} another template id under [templates] ids, which goes before the file's; \
             remove it there."
        ));
    }
    context.ui.out(&Pulled {
        name,
        path,
        template_id: id,
        title: template.title.clone(),
        filled: draft.filled,
        to_fill: draft.to_fill,
    })?;
    Ok(Exit::Done)
}

fn write(folder: &Path, path: &Path, text: &str, force: bool) -> Result<(), CommandError> {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = fs::create_dir_all(folder)
        .and_then(|()| options.open(path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => unwritable(path, error),
    })
}

fn no_folder() -> CommandError {
    CommandError::configuration("No folder is set for own templates.")
        .hint("Write wxremind.toml; own templates then stand in the folder templates beside it, or in [templates] dir.")
}

fn exists(path: &Path) -> CommandError {
    CommandError::usage(format!("{} is there already and was left as it is.", path.display()))
        .hint("Choose another name, or replace it with --force.")
}

fn not_in_account(count: usize) -> CommandError {
    CommandError::new(
        Exit::Refused,
        format!("No template of the account has this id; it has {count} templates."),
    )
    .hint("`wxremind templates list` shows their ids; a template is added at mp.weixin.qq.com under 模板消息.")
}

fn unwritable(path: &Path, error: io::Error) -> CommandError {
    CommandError::configuration(format!("{} cannot be written.", path.display()))
        .hint("Check the folder of [templates] dir and its permissions.")
        .caused_by(error)
}

impl fmt::Display for Pulled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.filled.len() + self.to_fill.len();
        let filled = self.filled.len();
        writeln!(f, "Wrote {}: {filled} of {fields} fields are filled.", self.path.display())?;
        if self.to_fill.is_empty() {
            return writeln!(f, "See it with: wxremind templates preview {}", self.name);
        }
        writeln!(f, "Still to be filled in the file, before it can be sent:")?;
        for Field { key, label } in &self.to_fill {
            let label = if label.is_empty() { "no label" } else { label };
            writeln!(f, "  {key} ({label})")?;
        }
        writeln!(f, "The variables are shown by: wxremind templates show reminder")
    }
}
