//! The user's keyring: macOS Keychain, Windows Credential Manager, or the Secret Service of a Linux desktop.
//!
//! A headless server has none. Asking a bus that does not answer could take for ever, so every call has a limit.

use std::sync::mpsc;
use std::time::Duration;

use keyring::Entry;
use secrecy::{ExposeSecret, SecretString};

/// The name under which secrets are stored.
const SERVICE: &str = "wxremind";
/// A desktop may ask its user to unlock the keyring first.
const PATIENCE: Duration = Duration::from_secs(30);

/// A keyring that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is none for this user, as on most servers.
    #[error("is not available: {0}")]
    Absent(String),
    /// There is one, but it refused.
    #[error("cannot be used: {0}")]
    Refused(String),
    /// It did not answer.
    #[error("did not answer within {} seconds", PATIENCE.as_secs())]
    Silent,
}

/// The secret stored for an app id.
pub fn read(app_id: &str) -> Result<Option<SecretString>, Error> {
    with_entry(app_id, |entry| match entry.get_password() {
        Ok(secret) => Ok(Some(SecretString::from(secret))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(refused(&error)),
    })
}

/// Stores the secret of an app id, replacing an older one.
pub fn store(app_id: &str, secret: &SecretString) -> Result<(), Error> {
    let secret = secret.clone();
    with_entry(app_id, move |entry| {
        entry.set_password(secret.expose_secret()).map_err(|error| refused(&error))
    })
}

/// Removes the secret of an app id; says whether there was one.
pub fn remove(app_id: &str) -> Result<bool, Error> {
    with_entry(app_id, |entry| match entry.delete_credential() {
        Ok(()) => Ok(true),
        Err(keyring::Error::NoEntry) => Ok(false),
        Err(error) => Err(refused(&error)),
    })
}

/// Does something with the entry on a thread of its own, so that the wait has an end (and so that the store's own
/// blocking runtime never meets ours).
fn with_entry<T: Send + 'static>(
    app_id: &str,
    work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let app_id = app_id.to_owned();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let worked = open(&app_id).and_then(|entry| work(&entry));
        // Nobody listens any more when the wait has ended.
        let _ = sender.send(worked);
    });
    receiver.recv_timeout(PATIENCE).map_err(|_| Error::Silent)?
}

fn open(app_id: &str) -> Result<Entry, Error> {
    // Without a store `Entry::new` says only that there is none; the reason is in the store's own status.
    if let Err(error) = Entry::store_status() {
        return Err(Error::Absent(short(error)));
    }
    Entry::new(SERVICE, app_id).map_err(|error| refused(&error))
}

fn refused(error: &keyring::Error) -> Error {
    Error::Refused(short(error))
}

/// The kind of error in words. The variants that carry bytes of the secret are not printed.
fn short(error: &keyring::Error) -> String {
    match error {
        keyring::Error::BadEncoding(_) => "the stored secret is not text".to_owned(),
        keyring::Error::PlatformFailure(cause) | keyring::Error::NoStorageAccess(cause) => {
            cause.to_string()
        }
        keyring::Error::NoDefaultStore => "this system has no keyring".to_owned(),
        _ => "it could not use the entry".to_owned(),
    }
}
