//! A source as bytes that can be read more than once, whatever it was.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::error::Error;

/// How much is looked at to tell what a source is.
pub(super) const PREFIX: usize = 256 * 1024;

/// The bytes of a source: the file itself, or the copy of a pipe in a file without a name that only this process can
/// read.
pub(super) struct Spool {
    name: String,
    file: File,
    opened: Option<Stamp>,
    length: u64,
}

/// What tells that a file was written to.
#[derive(PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Spool {
    /// The file at `path`; anything that is no regular file (a pipe, a device) is copied.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let failed = |source| Error::Open { name: name.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(Error::Folder { name: name.to_owned() });
        }
        if !metadata.is_file() {
            return Self::copy(file, name);
        }
        let opened = Stamp::of(&metadata);
        let length = opened.length;
        Self { name: name.to_owned(), file, opened: Some(opened), length }.unless_empty()
    }

    /// Everything that `reader` gives, copied to an unnamed file of mode 0600.
    pub fn copy(mut reader: impl Read, name: &str) -> Result<Self, Error> {
        let failed = |source| Error::Spool { name: name.to_owned(), source };
        let mut file = tempfile::tempfile().map_err(failed)?;
        let length = io::copy(&mut reader, &mut file).map_err(failed)?;
        Self { name: name.to_owned(), file, opened: None, length }.unless_empty()
    }

    fn unless_empty(self) -> Result<Self, Error> {
        if self.length == 0 {
            return Err(Error::Empty { name: self.name });
        }
        Ok(self)
    }

    /// The name for people: the file's, or `standard input`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The first bytes, at most [`PREFIX`].
    pub fn prefix(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.bytes()?
            .take(PREFIX as u64)
            .read_to_end(&mut bytes)
            .map_err(|source| self.unreadable(source))?;
        Ok(bytes)
    }

    /// All bytes from the start, as many as there were when the source was opened.
    pub fn bytes(&self) -> Result<Bytes, Error> {
        let file = self.file.try_clone().map_err(|source| self.unreadable(source))?;
        Ok(Bytes { file, at: 0, end: self.length, hash: None })
    }

    /// An error when the file is not what it was when it was opened: someone is still writing it.
    pub fn unchanged(&self) -> Result<(), Error> {
        let Some(opened) = &self.opened else { return Ok(()) };
        let now = self.file.metadata().map_err(|source| self.unreadable(source))?;
        if Stamp::of(&now) == *opened {
            Ok(())
        } else {
            Err(Error::Changed { name: self.name.clone() })
        }
    }

    /// The error for a read that failed.
    pub fn unreadable(&self, source: io::Error) -> Error {
        Error::Read { name: self.name.clone(), source }
    }
}

/// One reading of all bytes, hashed where asked for.
///
/// The system's place in the file is shared by all readings, so each keeps its own and goes there before it reads; ask
/// for large pieces.
pub(super) struct Bytes {
    file: File,
    at: u64,
    end: u64,
    hash: Option<Sha256>,
}

impl Bytes {
    /// The same bytes, with a fingerprint taken on the way.
    pub fn fingerprinted(mut self) -> Self {
        self.hash = Some(Sha256::new());
        self
    }

    /// SHA-256 of all that was read; of nothing when no fingerprint was asked for.
    pub fn fingerprint(self) -> [u8; 32] {
        self.hash.unwrap_or_default().finalize().into()
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        self.file.seek(SeekFrom::Start(self.at))?;
        let count = self.file.read(&mut buffer[..most])?;
        self.at += count as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..count]);
        }
        Ok(count)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let outside = || io::Error::from(io::ErrorKind::InvalidInput);
        self.at = place.filter(|at| *at <= self.end).ok_or_else(outside)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_pipe_can_be_read_twice() {
        let spool = Spool::copy(&b"a,b\n1,2\n"[..], "standard input").unwrap();
        for _ in 0..2 {
            let mut text = String::new();
            spool.bytes().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "a,b\n1,2\n");
        }
    }

    #[test]
    fn nothing_at_all_is_an_error_of_its_own() {
        assert!(matches!(Spool::copy(io::empty(), "x"), Err(Error::Empty { .. })));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Spool::open(file.path(), "x"), Err(Error::Empty { .. })));
    }

    #[test]
    fn a_file_that_grows_is_noticed_and_read_to_where_it_ended() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"one\n").unwrap();
        let spool = Spool::open(file.path(), "x").unwrap();
        spool.unchanged().unwrap();
        file.write_all(b"two\n").unwrap();
        let mut text = String::new();
        spool.bytes().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\n");
        assert!(matches!(spool.unchanged(), Err(Error::Changed { .. })));
    }

    #[test]
    fn a_folder_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Spool::open(folder.path(), "x"), Err(Error::Folder { .. })));
    }
}
