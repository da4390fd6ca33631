//! `wxremind completions` and `wxremind man`: files for shells and manuals, made from the command line's definition.

use std::path::PathBuf;

use clap_complete::Shell;

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;

/// Print the completions for a shell.
#[derive(clap::Args, Debug)]
pub struct CompletionArgs {
    /// Which shell.
    shell: Shell,
}

/// Print the manual page, or write one for each command.
#[derive(clap::Args, Debug)]
pub struct ManArgs {
    /// Write the pages of all commands into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn completions(
    arguments: &CompletionArgs,
    context: &mut Context,
) -> Result<Exit, CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::definition(), "wxremind", &mut text);
    context.ui.raw(&text)?;
    Ok(Exit::Done)
}

pub(super) fn man(arguments: &ManArgs, context: &mut Context) -> Result<Exit, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::new(Exit::Partly, "The manual could not be written.").caused_by(error)
    };
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(super::definition(), folder).map_err(failed)?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(super::definition()).render(&mut page).map_err(failed)?;
    context.ui.raw(&page)?;
    Ok(Exit::Done)
}
