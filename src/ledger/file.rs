//! The SQLite file before SQLite sees it: made for its owner alone, and looked at before it is trusted.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::Error;

/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The length of its header (https://sqlite.org/fileformat2.html §1.3).
const HEADER: usize = 100;

/// Makes the file (0600, with new folders 0700) where there is none, else looks whether it can be a ledger.
pub(super) fn make_or_check(path: &Path) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder)
            .map_err(|source| Error::Unwritable { path: folder.to_owned(), source })?;
    }
    match private_file(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            OpenOptions::new().write(true).open(path).map_err(unwritable)?;
            check(path)
        }
        Err(error) => Err(unwritable(error)),
    }
}

/// Refuses a file that is no SQLite file or is cut short. An empty file passes.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut header = Vec::with_capacity(HEADER);
    file.take(HEADER as u64).read_to_end(&mut header).map_err(unreadable)?;
    if header.is_empty() {
        return Ok(());
    }
    let magic = header.len().min(MAGIC.len());
    if header[..magic] != MAGIC[..magic] {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    let expected = told_size(&header).unwrap_or(HEADER as u64);
    // After a crash the log may still hold the pages that the file lacks.
    if size < expected && !has_log(path) {
        return Err(Error::Truncated { path: path.to_owned(), size, expected });
    }
    Ok(())
}

/// The size that a whole header tells, in bytes; none when the header is not whole or tells none.
fn told_size(header: &[u8]) -> Option<u64> {
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?))
    };
    let (_whole, page) = (header.get(HEADER - 1)?, number(14)? & 0xffff);
    // The count of pages is valid only when these two counters agree.
    let pages = if number(24)? == number(92)? { number(28)? } else { 0 };
    let page = if page == 1 { 65_536 } else { page };
    Some(u64::from(page) * u64::from(pages))
}

/// Whether the log beside the file holds anything.
pub(super) fn has_log(path: &Path) -> bool {
    let log = beside(path, "-wal");
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// The path with this at its end.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes a folder, and those above it, for the owner alone. A folder that exists is left as it is.
pub(super) fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a new file for the owner alone.
pub(super) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
