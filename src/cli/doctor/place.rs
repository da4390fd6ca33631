//! Facts about a path that the operating system tells: who owns it, who may read it, what room there is.
//! Nothing here opens, makes or changes a file.

use std::path::{Path, PathBuf};

use super::mount::{self, Mount};

/// The path from the root, as people can use it anywhere.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The path itself where it exists, else the nearest folder above it that does.
pub fn nearest_existing(path: &Path) -> PathBuf {
    let path = absolute(path);
    path.ancestors().find(|above| above.exists()).unwrap_or(&path).to_owned()
}

/// What the path lies, or would lie, on; `None` where the system does not tell.
pub fn mount(path: &Path) -> Option<Mount> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    mount::of(&nearest_existing(path).canonicalize().ok()?, &mounts)
}

/// A path in a command line, in quotation marks where a shell needs them.
pub fn quoted(path: &Path) -> String {
    let path = absolute(path).display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(unix)]
pub use unix::{
    free_bytes, is_changeable_by_everybody, is_open_to_everybody, is_writable, owner, user,
};

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    use rustix::fs::Access;

    /// The number of the user that this process acts as.
    pub fn user() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// The number of the file's owner.
    pub fn owner(path: &Path) -> Option<u32> {
        fs::metadata(path).ok().map(|file| file.uid())
    }

    /// Whether every user of the machine may read or change the file.
    pub fn is_open_to_everybody(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o006 != 0)
    }

    /// Whether every user of the machine may change the file.
    pub fn is_changeable_by_everybody(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o002 != 0)
    }

    /// Whether this user may write the file, or make files in the folder.
    pub fn is_writable(path: &Path) -> bool {
        let wanted =
            if path.is_dir() { Access::WRITE_OK | Access::EXEC_OK } else { Access::WRITE_OK };
        rustix::fs::access(path, wanted).is_ok()
    }

    /// The bytes that this user can still write there.
    pub fn free_bytes(path: &Path) -> Option<u64> {
        let room = rustix::fs::statvfs(path).ok()?;
        Some(room.f_bavail.saturating_mul(room.f_frsize))
    }
}

#[cfg(not(unix))]
pub use elsewhere::{
    free_bytes, is_changeable_by_everybody, is_open_to_everybody, is_writable, owner, user,
};

/// Systems that do not tell these things in a way that is known here: nothing is claimed.
#[cfg(not(unix))]
mod elsewhere {
    use std::path::Path;

    /// The number of the user that this process acts as.
    pub const fn user() -> u32 {
        0
    }

    /// The number of the file's owner.
    pub fn owner(_: &Path) -> Option<u32> {
        None
    }

    /// Whether every user of the machine may read or change the file.
    pub fn is_open_to_everybody(_: &Path) -> bool {
        false
    }

    /// Whether every user of the machine may change the file.
    pub fn is_changeable_by_everybody(_: &Path) -> bool {
        false
    }

    /// Whether this user may write the file, or make files in the folder.
    pub fn is_writable(path: &Path) -> bool {
        path.metadata().is_ok_and(|file| !file.permissions().readonly())
    }

    /// The bytes that this user can still write there.
    pub fn free_bytes(_: &Path) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_the_shell_where_it_must_be() {
        assert_eq!(quoted(Path::new("/srv/预约.csv")), "/srv/预约.csv");
        assert_eq!(quoted(Path::new("/srv/a b's.csv")), "'/srv/a b'\\''s.csv'");
    }

    #[test]
    fn what_does_not_exist_is_judged_by_the_folder_above() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/ledger.db");
        assert_eq!(nearest_existing(&path), folder.path());
        assert!(is_writable(folder.path()) && !path.exists());
    }
}
