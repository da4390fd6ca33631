//! Where the settings file is.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::environment::Environment;
use super::error::Error;

/// The variable that names the file.
pub const VARIABLE: &str = "WXREMIND_CONFIG";
/// The file's name.
const NAME: &str = "wxremind.toml";
/// No settings file is larger; a wrong path must not fill the memory.
const MOST: u64 = 1 << 20;

/// The file that counts: the one named by `--config` or `$WXREMIND_CONFIG` (which must exist), else the first of the
/// usual places that exists, else none.
pub fn find(named: Option<&Path>, environment: &Environment) -> Result<Option<PathBuf>, Error> {
    let named = named.map(ToOwned::to_owned).or_else(|| environment.path(VARIABLE));
    if let Some(file) = named {
        return if file.exists() { Ok(Some(file)) } else { Err(Error::Missing(file)) };
    }
    Ok(usual().into_iter().find(|file| file.exists()))
}

/// The usual places, the nearest first.
pub fn usual() -> Vec<PathBuf> {
    let folder =
        etcetera::choose_base_strategy().ok().map(|folders| folders.config_dir().join("wxremind"));
    let folders = [Some(PathBuf::new()), folder, Some(PathBuf::from("/etc/wxremind"))];
    folders.into_iter().flatten().map(|folder| folder.join(NAME)).collect()
}

/// The file's text.
pub fn read(file: &Path) -> Result<String, Error> {
    let unreadable = |source| Error::Unreadable { file: file.to_owned(), source };
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(unreadable)?;
    opened.take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST {
        return Err(unreadable(std::io::Error::new(
            ErrorKind::FileTooLarge,
            "it is larger than 1 MiB",
        )));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        unreadable(std::io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
    })?;
    // Windows editors begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text))
}

/// Whether others can get at a file that is for this user alone. A file of another owner that this user reads as a
/// member of its group (`root:wxremind`, 0640) was opened to the group on purpose.
#[cfg(unix)]
pub fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    fs::metadata(file).is_ok_and(|metadata| {
        let own = metadata.uid() == rustix::process::geteuid().as_raw();
        metadata.permissions().mode() & if own { 0o077 } else { 0o007 } != 0
    })
}

/// Whether others can get at a file that is for this user alone; not known on this system.
#[cfg(not(unix))]
pub fn is_open_to_others(_file: &Path) -> bool {
    false
}
