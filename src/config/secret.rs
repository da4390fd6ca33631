//! The app secret: found where the operator keeps it, never in an argument and never in the settings file.
//!
//! Tried in this order; the first that has one counts, and one that is there but fails is an error, so that a broken
//! vault never falls back on an old secret:
//! 1. `$WXREMIND_APP_SECRET`
//! 2. `$CREDENTIALS_DIRECTORY/app_secret` (systemd's `LoadCredential=`)
//! 3. `secret_command` of the account
//! 4. the user's keyring, service `wxremind`, user = app id

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::account::Account;
use super::environment::Environment;
use super::error::Error as SettingsError;
use super::keyring;

/// How long `secret_command` may take: a person may have to unlock a vault.
const PATIENCE: Duration = Duration::from_mins(1);
/// No secret is longer; what is read of a file or command stops here.
const LONGEST: u64 = 4096;
const VARIABLE: &str = "WXREMIND_APP_SECRET";

/// Where a secret came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `$WXREMIND_APP_SECRET`.
    Environment,
    /// A credential file of systemd.
    Credential(PathBuf),
    /// `secret_command`, of which the program is shown and never the arguments.
    Command(String),
    /// The user's keyring.
    Keyring,
    /// Typed in or piped in just now.
    Given,
    /// The simulator's sample secret.
    Sample,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => write!(f, "${VARIABLE}"),
            Self::Credential(path) => write!(f, "the credential {}", path.display()),
            Self::Command(program) => write!(f, "secret_command ({program})"),
            Self::Keyring => f.write_str("the keyring"),
            Self::Given => f.write_str("standard input or the prompt"),
            Self::Sample => f.write_str("the simulator"),
        }
    }
}

/// No secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// None of the places has one; each with what it said.
    #[error("no app secret for {app_id}")]
    Nowhere {
        /// For which account.
        app_id: String,
        /// The places in the order they were tried, and what each said.
        tried: Vec<(String, String)>,
    },
    /// A place has one but could not give it.
    #[error("{origin} did not give the app secret: {what}")]
    Failed {
        /// Which place.
        origin: Origin,
        /// Why.
        what: String,
    },
    /// The environment cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// Finds the account's secret. Blocks while a command or the keyring answers.
pub fn find(account: &Account, environment: &Environment) -> Result<(SecretString, Origin), Error> {
    let mut tried = Vec::new();
    if let Some(text) = environment.text(VARIABLE)? {
        return Ok((trimmed(text), Origin::Environment));
    }
    tried.push((format!("${VARIABLE}"), "is not set".to_owned()));
    match environment.path("CREDENTIALS_DIRECTORY").map(|folder| folder.join("app_secret")) {
        None => tried.push(("$CREDENTIALS_DIRECTORY".to_owned(), "is not set".to_owned())),
        Some(path) => match credential(&path) {
            Some(read) => return given(Origin::Credential(path), read),
            None => tried.push((path.display().to_string(), "is not there".to_owned())),
        },
    }
    match account.secret_command.as_deref() {
        Some([program, arguments @ ..]) => {
            return given(Origin::Command(program.clone()), run(program, arguments, PATIENCE));
        }
        _ => tried.push(("secret_command".to_owned(), "is not set".to_owned())),
    }
    match keyring::read(&account.app_id) {
        Ok(Some(secret)) => return Ok((secret, Origin::Keyring)),
        Ok(None) => {
            tried.push(("the keyring".to_owned(), format!("has no secret for {}", account.app_id)));
        }
        Err(error) => tried.push(("the keyring".to_owned(), error.to_string())),
    }
    Err(Error::Nowhere { app_id: account.app_id.clone(), tried })
}

/// The place that [`find`] would take the secret from, as far as that shows without running `secret_command` or asking
/// the keyring: [`Origin::Keyring`] is only where it would look last.
pub fn expected(account: &Account, environment: &Environment) -> Result<Origin, Error> {
    if environment.text(VARIABLE)?.is_some() {
        return Ok(Origin::Environment);
    }
    let path = environment.path("CREDENTIALS_DIRECTORY").map(|folder| folder.join("app_secret"));
    if let Some(path) = path.filter(|path| path.exists()) {
        return Ok(Origin::Credential(path));
    }
    let program = account.secret_command.as_deref().and_then(<[String]>::first);
    Ok(program.map_or(Origin::Keyring, |program| Origin::Command(program.clone())))
}

/// Reads a secret that is piped in: its first line.
pub fn from_reader(reader: impl Read) -> io::Result<SecretString> {
    let text = text_of(reader)?;
    let secret = trimmed(text.expose_secret().lines().next().unwrap_or_default());
    if secret.expose_secret().is_empty() { Err(empty()) } else { Ok(secret) }
}

fn given(origin: Origin, read: io::Result<SecretString>) -> Result<(SecretString, Origin), Error> {
    match read {
        Ok(secret) if secret.expose_secret().is_empty() => {
            Err(Error::Failed { origin, what: empty().to_string() })
        }
        Ok(secret) => Ok((secret, origin)),
        Err(error) => Err(Error::Failed { origin, what: error.to_string() }),
    }
}

/// The credential, if the file is there.
pub(super) fn credential(path: &Path) -> Option<io::Result<SecretString>> {
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        opened => Some(opened.and_then(text_of)),
    }
}

/// Runs a program without a shell; its standard error is passed on, its standard input is empty.
fn run(program: &str, arguments: &[String], patience: Duration) -> io::Result<SecretString> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or_else(|| io::Error::other("it has no output"))?;
    let (sender, receiver) = mpsc::channel();
    // A thread, because a pipe cannot be read with a limit of time. It ends with the pipe.
    std::thread::spawn(move || sender.send(text_of(output)));
    let Ok(text) = receiver.recv_timeout(patience) else {
        stop(&mut child);
        return Err(io::Error::new(
            ErrorKind::TimedOut,
            format!("it took longer than {} seconds", patience.as_secs()),
        ));
    };
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("it ended with {status}")));
    }
    text
}

fn stop(child: &mut Child) {
    // It may have ended by itself; either way it must be waited for.
    let _ = child.kill();
    let _ = child.wait();
}

fn text_of(reader: impl Read) -> io::Result<SecretString> {
    let mut text = String::new();
    let read = reader.take(LONGEST + 1).read_to_string(&mut text);
    let text = SecretString::from(text);
    read.map_err(|error| match error.kind() {
        ErrorKind::InvalidData => io::Error::new(ErrorKind::InvalidData, "it is not text"),
        _ => error,
    })?;
    if text.expose_secret().len() as u64 > LONGEST {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            format!("it is longer than {LONGEST} bytes"),
        ));
    }
    Ok(trimmed(text.expose_secret()))
}

fn trimmed(text: &str) -> SecretString {
    SecretString::from(text.trim().to_owned())
}

fn empty() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it is empty")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::address::ApiBase;

    fn account(command: Option<&[&str]>) -> Account {
        Account {
            name: None,
            app_id: "wx0123456789abcdef".to_owned(),
            api_base: ApiBase::default(),
            secret_command: command
                .map(|words| words.iter().map(|word| (*word).to_owned()).collect()),
        }
    }

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn the_environment_goes_before_the_credential_and_that_before_the_command() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("app_secret"), "from-file\n").unwrap();
        let credentials = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
        let account = account(Some(&["echo", "from-command"]));
        for (variables, secret) in [
            (vec![(VARIABLE, "from-variable"), credentials], "from-variable"),
            (vec![credentials], "from-file"),
            (vec![], "from-command"),
        ] {
            let (found, origin) = find(&account, &environment(&variables)).unwrap();
            assert_eq!(found.expose_secret(), secret, "{origin}");
            assert_eq!(expected(&account, &environment(&variables)).unwrap(), origin);
        }
    }

    #[test]
    fn a_command_that_fails_or_says_nothing_is_an_error_and_shows_no_argument() {
        for command in
            [&["false", "hunter2"][..], &["true", "hunter2"], &["/nowhere/vault", "hunter2"]]
        {
            let error = find(&account(Some(command)), &environment(&[])).unwrap_err();
            assert!(matches!(error, Error::Failed { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_command_that_never_ends_is_stopped() {
        let error = run("sleep", &["600".to_owned()], Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_flood_or_bytes_that_are_no_text_are_refused() {
        assert!(text_of(io::repeat(b'a')).is_err());
        assert!(text_of(&b"\xff\xfe"[..]).is_err());
        assert_eq!(from_reader(&b" abc \r\nrest"[..]).unwrap().expose_secret(), "abc");
        assert!(from_reader(&b"\n"[..]).is_err());
    }
}
