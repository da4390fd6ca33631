//! Where message templates come from: the hospital's own folder first, then those built into the program.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::cli::error::CommandError;
use crate::config::Config;
use crate::domain::compose::Composer;
use crate::domain::privacy::Privacy;
use crate::domain::template::{Rendering, Template, TemplateError};

/// The templates that the program brings, by name.
const SHIPPED: [(&str, &str); 2] = [
    ("prescription", include_str!("../../../templates/prescription.toml")),
    ("reminder", include_str!("../../../templates/reminder.toml")),
];

/// The folder beside the settings file that is used when `[templates] dir` is not set.
const FOLDER: &str = "templates";

/// Where a template's text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Built into the program.
    Shipped,
    /// A file of the hospital's own folder.
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipped => f.write_str("built in"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A template's text as it was found, not yet read.
#[derive(Clone, Debug)]
pub struct Local {
    /// The file's name without `.toml`.
    pub name: String,
    /// The TOML text.
    pub text: String,
    /// Where it was found.
    pub place: Place,
}

impl Local {
    /// Reads and checks the text.
    ///
    /// # Errors
    /// Exit 4, naming the place and the key at fault.
    pub fn template(&self) -> Result<Template, CommandError> {
        let unfilled = unfilled(&self.text);
        if !unfilled.is_empty() {
            return Err(CommandError::configuration(format!(
                "The template {} ({}) has fields that are still to be filled: {}.",
                self.name,
                self.place,
                unfilled.join(", ")
            ))
            .hint("Write a text between the quotes of each, such as \"{{ department }}\".")
            .hint(VARIABLES_HINT));
        }
        Template::parse(&self.name, &self.text).map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &TemplateError) -> CommandError {
        let told = CommandError::configuration(format!(
            "The template {} ({}) cannot be used: {error}.",
            self.name, self.place
        ));
        match error {
            TemplateError::UnknownVariable { .. } => told.hint(VARIABLES_HINT),
            _ => told,
        }
    }
}

const VARIABLES_HINT: &str = "`wxremind templates show reminder` lists the variables.";

/// The template of this name with all that filling it needs.
///
/// Its file is looked for in the folder of [`folder`] and then among the shipped ones; `[templates] ids` goes before
/// the file's own `template_id`.
///
/// # Errors
/// Exit 4: no such template, one that cannot be used, or one whose WeChat id is not known.
pub fn load(config: &Config, name: &str) -> Result<Composer, CommandError> {
    let local = find(config, name)?;
    let template = local.template()?;
    let template_id = id(config, &template).ok_or_else(|| no_id(config, &local))?;
    Ok(Composer { template, template_id, rendering: rendering(config), privacy: privacy(config) })
}

/// The template of this name for a look, as [`load`], but one whose WeChat id is not known yet will do.
pub fn load_for_show(config: &Config, name: &str) -> Result<Composer, CommandError> {
    let template = find(config, name)?.template()?;
    let template_id = id(config, &template).unwrap_or_else(|| "unknown".to_owned());
    Ok(Composer { template, template_id, rendering: rendering(config), privacy: privacy(config) })
}

/// What a dry run says of a template whose WeChat id is not known: a real run refuses it. A rehearsal knows its own.
pub fn lacks_id(
    config: &Config,
    name: &str,
    simulate: bool,
) -> Result<Option<String>, CommandError> {
    let local = find(config, name)?;
    if simulate || id(config, &local.template()?).is_some() {
        return Ok(None);
    }
    let CommandError { message, hints, .. } = no_id(config, &local);
    let hints: Vec<String> = hints.into_iter().map(|hint| format!("\n  hint: {hint}")).collect();
    Ok(Some(format!("Not yet to be sent: {message}{}", hints.concat())))
}

/// The text of the template of this name.
pub fn find(config: &Config, name: &str) -> Result<Local, CommandError> {
    check_name(name)?;
    if let Some(folder) = folder(config) {
        let path = folder.join(format!("{name}.toml"));
        match fs::read_to_string(&path) {
            Ok(text) => {
                return Ok(Local { name: name.to_owned(), text, place: Place::File(path) });
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&path, error)),
        }
    }
    let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
    match shipped {
        Some((_, text)) => {
            Ok(Local { name: name.to_owned(), text: (*text).to_owned(), place: Place::Shipped })
        }
        None => Err(no_such(config, name)),
    }
}

/// The names of all templates there are, sorted; a folder that is not there holds none.
pub fn names(config: &Config) -> Result<Vec<String>, CommandError> {
    let mut names: Vec<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
    if let Some(folder) = folder(config) {
        match names_in(&folder) {
            Ok(found) => names.extend(found),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&folder, error)),
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|extension| extension == "toml")
            && let Some(name) = name.filter(|name| is_name(name))
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// The hospital's own folder: `[templates] dir`, else `templates` beside the settings file, if there is one.
pub fn folder(config: &Config) -> Option<PathBuf> {
    let beside = || Some(config.file.as_deref()?.parent()?.join(FOLDER));
    config.templates.dir.clone().or_else(beside)
}

/// WeChat's id of a template, where the settings or its file name one.
pub fn id(config: &Config, template: &Template) -> Option<String> {
    let set = config.templates.ids.get(template.name()).map(String::as_str);
    set.or_else(|| template.template_id()).map(str::to_owned)
}

/// What clock fields need, from the settings.
pub fn rendering(config: &Config) -> Rendering {
    Rendering { sessions: config.source.sessions.clone() }
}

/// What a message may say, from the settings.
pub fn privacy(config: &Config) -> Privacy {
    let settings = &config.privacy;
    Privacy {
        mask_names: settings.mask_names,
        neutral_departments: settings.neutral_departments,
        sensitive: settings.sensitive_departments.iter().map(|part| part.to_lowercase()).collect(),
        named: settings.named_departments.clone(),
    }
}

/// A name that can be a file's, and nothing else: it reaches no other folder.
pub fn check_name(name: &str) -> Result<(), CommandError> {
    if is_name(name) {
        return Ok(());
    }
    Err(CommandError::usage("That is not a template's name.")
        .hint("A name is a file's name without .toml: letters, digits, - and _."))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// The fields that `templates pull` left to be filled: their text is empty. What is no TOML has none here; reading it
/// says what is wrong.
fn unfilled(text: &str) -> Vec<String> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let fields = table.get("fields").and_then(toml::Value::as_table);
    fields
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.as_str().is_some_and(|text| text.trim().is_empty()))
        .map(|(key, _)| key.clone())
        .collect()
}

fn no_id(config: &Config, local: &Local) -> CommandError {
    let name = &local.name;
    CommandError::configuration(format!(
        "The template {name} ({}) has no WeChat template id.",
        local.place
    ))
    .hint(format!("`{}` writes it from a template of the account.", pull(config, name)))
    .hint(format!("Or set it in wxremind.toml: [templates] ids = {{ {name} = \"TEMPLATE_ID\" }}"))
}

/// The command that writes this template, with the settings that this one was given.
pub fn pull(config: &Config, name: &str) -> String {
    let file = config.file.as_deref().filter(|_| config.is_named);
    let file = file.map_or_else(String::new, |file| {
        let shown = file.display().to_string();
        let plain = shown.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
        if plain { format!(" --config {shown}") } else { format!(" --config '{shown}'") }
    });
    format!("wxremind{file} templates pull {name} --id=TEMPLATE_ID")
}

fn no_such(config: &Config, name: &str) -> CommandError {
    let told = CommandError::configuration(format!("There is no template {name}."));
    let told = match names(config) {
        Ok(known) => told.hint(format!("The templates are: {}.", known.join(", "))),
        Err(_) => told,
    };
    match folder(config) {
        Some(folder) => told.hint(format!("Own templates are looked for in {}.", folder.display())),
        None => told.hint(
            "Own templates need a settings file: they stand in the folder templates beside it.",
        ),
    }
}

fn unreadable(path: &Path, error: io::Error) -> CommandError {
    CommandError::configuration(format!("{} cannot be read.", path.display()))
        .hint("Check its permissions, and that it is text in UTF-8.")
        .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit::Exit;
    use crate::config::Request;
    use crate::config::environment::Environment;

    fn config(folder: &Path, settings: &str) -> Config {
        let file = folder.join("wxremind.toml");
        fs::write(&file, settings).unwrap();
        let environment: Environment = std::iter::empty::<(String, &str)>().collect();
        Config::load(&Request { file: Some(&file), account: None }, environment).unwrap()
    }

    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("templates")).unwrap();
        home
    }

    #[test]
    fn the_shipped_templates_are_valid_and_lack_only_an_id() {
        let home = home();
        let bare = config(home.path(), "");
        for (name, _) in SHIPPED {
            let error = load(&bare, name).unwrap_err();
            assert_eq!(error.exit, Exit::Configuration);
            assert!(error.message.contains("has no WeChat template id"), "{error}");
            assert!(error.hints[0].contains(&format!("templates pull {name} --id=")));
        }
        let with = config(home.path(), "[templates]\nids = { reminder = \"abc\" }");
        assert_eq!(load(&with, "reminder").unwrap().template_id, "abc");
    }

    #[test]
    fn a_file_of_the_folder_goes_before_the_shipped_one_and_the_settings_id_before_the_files() {
        let home = home();
        let file = home.path().join("templates/reminder.toml");
        fs::write(&file, "template_id = \"own\"\n[fields]\nthing1 = \"{{ hospital }}\"\n").unwrap();
        let composer = load(&config(home.path(), ""), "reminder").unwrap();
        assert_eq!(composer.template_id, "own");
        assert_eq!(composer.template.fields()[0].key, "thing1");
        let set = config(home.path(), "[templates]\nids = { reminder = \"set\" }");
        assert_eq!(load(&set, "reminder").unwrap().template_id, "set");
        let elsewhere = config(home.path(), "[templates]\ndir = \"other\"");
        assert!(find(&elsewhere, "reminder").unwrap().place == Place::Shipped);
        assert_eq!(names(&elsewhere).unwrap(), ["prescription", "reminder"]);
    }

    #[test]
    fn a_field_that_is_still_to_be_filled_is_named() {
        let home = home();
        let file = home.path().join("templates/visit.toml");
        let text = "template_id = \"x\"\n[fields]\nthing1 = \"\"\nconst2 = \" \"\ntime3 = \"{{ start }}\"\n";
        fs::write(&file, text).unwrap();
        let error = load(&config(home.path(), ""), "visit").unwrap_err();
        assert_eq!(error.exit, Exit::Configuration);
        assert!(error.message.contains("still to be filled: const2, thing1."), "{error}");
    }

    #[test]
    fn a_name_reaches_no_other_folder() {
        let home = home();
        for name in ["", "../wxremind", "a/b", "a\\b", ".hidden", "C:x"] {
            assert_eq!(
                find(&config(home.path(), ""), name).unwrap_err().exit,
                Exit::Usage,
                "{name}"
            );
        }
        let error = find(&config(home.path(), ""), "就诊").unwrap_err();
        assert_eq!(error.exit, Exit::Configuration);
        assert!(error.hints[0].contains("prescription, reminder"), "{error}");
    }

    #[test]
    fn privacy_follows_the_settings() {
        let home = home();
        let set = config(
            home.path(),
            "[privacy]\nmask_names = false\nsensitive_departments = [\"Pain Clinic\"]",
        );
        let privacy = privacy(&set);
        assert!(!privacy.mask_names && privacy.is_sensitive("The PAIN clinic"));
    }
}
