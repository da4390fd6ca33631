//! The lock of a run on a SQLite ledger: an operating-system lock on a file of its own beside the ledger.
//!
//! A run whose file is gone is dead too. Looking takes a shared lock for an instant, so that two who look do not take
//! each other for the run.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;

use crate::ledger::{Error, file};

/// A lock file that no row speaks of may belong to a run that is about to write its row; after a day it does not.
const STRAY: Duration = Duration::from_hours(24);

/// The lock file of a run that lives in this process.
pub struct LockFile {
    path: PathBuf,
    _file: File,
}

impl LockFile {
    /// Takes the lock of a new run.
    pub fn take(ledger: &Path, run: Uuid) -> Result<Self, Error> {
        let folder = folder(ledger);
        file::private_folder(&folder)
            .map_err(|source| Error::Lock { path: folder.clone(), source })?;
        let path = name(ledger, run);
        let wrong = |source| Error::Lock { path: path.clone(), source };
        let file = file::private_file(&path).map_err(wrong)?;
        file.try_lock().map_err(|error| wrong(error.into()))?;
        Ok(Self { path, _file: file })
    }

    /// Releases the lock and leaves no file.
    pub fn release(self) {
        remove(&self.path);
    }
}

/// Whether the run's process lives. Not for one's own run.
pub fn alive(ledger: &Path, run: Uuid) -> Result<bool, Error> {
    let path = name(ledger, run);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(Error::Lock { path, source }),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
    }
}

/// Removes the file of a run whose row says that it has ended.
pub fn forget(ledger: &Path, run: Uuid) {
    remove(&name(ledger, run));
}

/// Removes files left by runs that died between taking their lock and writing their row.
pub fn sweep_strays(ledger: &Path) {
    let Ok(entries) = fs::read_dir(folder(ledger)) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let run = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        let old = fs::metadata(&path)
            .and_then(|file| file.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STRAY));
        if let Some(run) = run
            && old
            && matches!(alive(ledger, run), Ok(false))
        {
            remove(&path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::debug!(%error, "a run's lock file was not removed");
    }
}

fn folder(ledger: &Path) -> PathBuf {
    file::beside(ledger, ".runs")
}

fn name(ledger: &Path, run: Uuid) -> PathBuf {
    folder(ledger).join(format!("{run}.lock"))
}
