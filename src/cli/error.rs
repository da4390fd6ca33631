//! What went wrong, as people are told it: one sentence, what to do next, and the exit code.
//!
//! Every typed error of the other rooms becomes a [`CommandError`] here and nowhere else: one `From` (or, where the
//! sentence needs to know more than the error does, one function) for each.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use wechat::Class;

use super::exit::Exit;
use crate::config::{self, Problem, secret};
use crate::{delivery, intake, ledger, prescribing, webhook};

/// A command that could not do its work.
#[derive(Debug)]
pub struct CommandError {
    /// The code the program ends with.
    pub exit: Exit,
    /// One whole sentence: what happened, and where.
    pub message: String,
    /// What to do next, one sentence each.
    pub hints: Vec<String>,
    /// What lies beneath, shown with `-v`.
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CommandError {
    /// An error of this code that says `message`.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hints: Vec::new(), source: None }
    }

    /// A command line that cannot be followed.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Settings that cannot be used.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, message)
    }

    /// The same with another code.
    #[must_use]
    pub fn coded(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Keeps what lies beneath, for `-v`.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What it tells by itself, against which causes are held.
    pub fn said(&self) -> Said {
        let all = [&self.message].into_iter().chain(&self.hints).map(|text| plain(text));
        Said(all.collect::<Vec<_>>().join("\n"))
    }

    /// The causes, nearest first.
    pub fn causes(&self) -> impl Iterator<Item = String> + '_ {
        std::iter::successors(self.source(), |cause| (*cause).source()).map(ToString::to_string)
    }
}

/// What an error has told already: a cause that says no more is not repeated.
pub struct Said(String);

impl Said {
    /// Whether every part of the cause is told already.
    pub fn holds(&self, cause: &str) -> bool {
        cause.split("; ").all(|part| self.0.contains(&plain(part)))
    }
}

/// Without the capital that begins a sentence and the full stop that ends it.
fn plain(text: &str) -> String {
    text.trim().trim_end_matches('.').to_lowercase()
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<config::Error> for CommandError {
    fn from(error: config::Error) -> Self {
        use config::Error;

        let told = Self::configuration(sentence(&error.to_string()));
        match &error {
            Error::Missing(_) => told.hint("Check the path given by --config or $WXREMIND_CONFIG."),
            Error::Unreadable { .. } | Error::Environment { .. } => told,
            Error::Place { problem, .. } => hinted(told, problem),
            Error::UnknownAccount { known, .. } | Error::NoAccountChosen { known }
                if known.is_empty() =>
            {
                told.hint("Add a section [accounts.NAME], or leave --account out to use [account].")
            }
            Error::UnknownAccount { known, .. } | Error::NoAccountChosen { known } => {
                told.hint(format!("Choose one with --account: {}.", known.join(", ")))
            }
            Error::NoAppId { file } => told
                .hint(match file {
                    Some(file) => format!("Add to {}: [account] app_id = \"wx…\"", file.display()),
                    None => {
                        "Write wxremind.toml with: [account] app_id = \"wx…\"; or set $WXREMIND_APP_ID."
                            .to_owned()
                    }
                })
                .hint("Without an account, --simulate rehearses with the built-in simulator."),
            Error::NoLedger => {
                told.hint("Set ledger = \"sqlite:///path/ledger.db\" in wxremind.toml.")
            }
        }
    }
}

/// What to do about a place of the settings file.
fn hinted(told: CommandError, problem: &Problem) -> CommandError {
    match problem {
        Problem::UnknownKey { nearest: Some(near), .. } => {
            told.hint(format!("Did you mean {near}?"))
        }
        Problem::UnknownKey { known, .. } if !known.is_empty() => {
            told.hint(format!("The keys here are: {}.", known.join(", ")))
        }
        Problem::Syntax(what) if what.contains("unquoted key") => told
            .hint("A key with Chinese characters needs quotation marks, as \"上午\" = \"08:00\"."),
        _ => told,
    }
}

impl From<secret::Error> for CommandError {
    fn from(error: secret::Error) -> Self {
        match error {
            secret::Error::Settings(error) => error.into(),
            secret::Error::Failed { .. } => {
                Self::new(Exit::Configuration, sentence(&error.to_string()))
            }
            secret::Error::Nowhere { app_id, tried } => {
                let tried: Vec<String> =
                    tried.iter().map(|(place, said)| format!("  {place} {said}")).collect();
                Self::configuration(format!("No app secret for {app_id} was found:\n{}", tried.join("\n")))
                    .hint("Store it with `wxremind auth login`, or set secret_command or $WXREMIND_APP_SECRET.")
            }
        }
    }
}

impl From<ledger::Error> for CommandError {
    fn from(error: ledger::Error) -> Self {
        told_with_fix(Exit::Ledger, &format!("The ledger cannot be used: {error}")).caused_by(error)
    }
}

impl From<intake::Error> for CommandError {
    fn from(error: intake::Error) -> Self {
        let exit = match error {
            intake::Error::UnknownEncoding { .. } => Exit::Usage,
            intake::Error::Database { ref fault, .. } if fault.is_of_settings() => {
                Exit::Configuration
            }
            _ => Exit::Source,
        };
        let told = told_with_fix(exit, &error.to_string());
        let told = match &error {
            intake::Error::Open { source, .. } if source.kind() == ErrorKind::NotFound => {
                told.hint("Check the path; a relative one begins where the command is run, in wxremind.toml beside that file.")
            }
            _ => told,
        };
        told.caused_by(error)
    }
}

impl From<prescribing::Error> for CommandError {
    fn from(error: prescribing::Error) -> Self {
        match error {
            prescribing::Error::Contacts(error) => error.into(),
            prescribing::Error::Ledger(error) => error.into(),
        }
    }
}

impl From<delivery::Error> for CommandError {
    fn from(error: delivery::Error) -> Self {
        let delivery::Error::Ledger { source, tally } = error;
        let sent = tally.accepted + tally.held;
        Self::new(Exit::Ledger, format!("The ledger failed while messages were being sent: {source}."))
            .hint(format!("{sent} were sent until then; what was not sent is still in the ledger."))
            .hint("Once the ledger can be used again, run the same command: it goes on, and sends nothing twice.")
            .caused_by(source)
    }
}

impl From<webhook::Error> for CommandError {
    fn from(error: webhook::Error) -> Self {
        Self::configuration(format!("Events cannot be delivered: {error}.")).hint(
            "Check url under [webhook], and proxy and ca_file under [send], in wxremind.toml.",
        )
    }
}

impl From<wechat::Error> for CommandError {
    fn from(error: wechat::Error) -> Self {
        let told = Self::new(exit_of(&error), told_by_wechat(&error));
        let told = match (error.whitelist_ip(), error.errcode()) {
            (Some(address), _) => told.hint(format!(
                "Add {address} at mp.weixin.qq.com under 设置与开发 > 基本配置 > IP白名单 (IP whitelist), then try again."
            )),
            (None, Some(code)) => match wechat::explain(code).filter(|known| known.is_full()) {
                Some(known) => {
                    told.hint(known.advice_en).hint(format!("`wxremind explain {code}` says more, also in Chinese."))
                }
                None => told,
            },
            (None, None) if error.is_untrusted() => told.hint(
                "Where a proxy opens TLS, name its certificate authority: ca_file under [send] in wxremind.toml. \
                 Else check this machine's clock, and ask who runs the network.",
            ),
            (None, None) => told,
        };
        told.caused_by(error)
    }
}

/// Typed errors say what happened and, after a semicolon, what to do next: a sentence and its hint.
fn told_with_fix(exit: Exit, error: &str) -> CommandError {
    let error = &without_numbers(error);
    match error.rsplit_once("; ") {
        Some((what, fix)) => CommandError::new(exit, sentence(what)).hint(sentence(fix)),
        None => CommandError::new(exit, sentence(error)),
    }
}

/// What the system says, without its number: `No such file or directory (os error 2)` helps nobody more than the words.
fn without_numbers(error: &str) -> String {
    let mut told = error.to_owned();
    while let Some(start) = told.find(" (os error ")
        && let Some(length) = told[start..].find(')')
    {
        told.replace_range(start..=start + length, "");
    }
    told.replace("No such file or directory", "there is no such file or folder")
}

/// The code of a call that failed outside a run; a run settles its messages and merges its own.
fn exit_of(error: &wechat::Error) -> Exit {
    if error.at_token_endpoint() || error.token_refused() {
        return Exit::Credentials;
    }
    match error.class() {
        _ if error.endpoint().is_none() => Exit::Configuration,
        Class::Account | Class::Template | Class::Quota => Exit::Refused,
        _ => Exit::Partly,
    }
}

fn told_by_wechat(error: &wechat::Error) -> String {
    if let Some(address) = error.whitelist_ip() {
        return format!(
            "WeChat does not accept calls from this machine's address, {address} (40164)."
        );
    }
    let Some(code) = error.errcode() else { return sentence(&error.to_string()) };
    let meaning =
        wechat::explain(code).map(|known| known.meaning_en).filter(|_| !error.token_refused());
    match meaning {
        Some(meaning) => format!("WeChat refused the call ({code}): {}", sentence(meaning)),
        None => sentence(&error.to_string()),
    }
}

/// A fragment as a sentence: a full stop at its end, and a capital where a word begins it.
fn sentence(fragment: &str) -> String {
    let fragment = fragment.trim().trim_end_matches('.');
    let mut characters = fragment.chars();
    let first = characters.next().filter(char::is_ascii_lowercase);
    // Paths, keys and variables keep their case.
    let is_word =
        fragment.split(' ').next().is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    match first.filter(|_| is_word) {
        Some(first) => format!("{}{}.", first.to_ascii_uppercase(), characters.as_str()),
        None => format!("{fragment}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_words_come_without_its_numbers() {
        for (said, told) in [
            (
                "a.csv cannot be opened (No such file or directory (os error 2))",
                "a.csv cannot be opened (there is no such file or folder)",
            ),
            (
                "it cannot be read (Permission denied (os error 13))",
                "it cannot be read (Permission denied)",
            ),
            ("an unclosed one (os error 2", "an unclosed one (os error 2"),
        ] {
            assert_eq!(without_numbers(said), told);
        }
    }

    #[test]
    fn fragments_become_sentences_and_names_keep_their_case() {
        assert_eq!(sentence("no app id is set"), "No app id is set.");
        assert_eq!(
            sentence("wxremind.toml:1:2: unknown key x"),
            "wxremind.toml:1:2: unknown key x."
        );
        assert_eq!(sentence("$WXREMIND_LEDGER must be text."), "$WXREMIND_LEDGER must be text.");
    }
}
