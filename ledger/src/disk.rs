//! The files beneath the store: append-only, durable when asked, and losable in a simulation.
//!
//! Two small traits with two real users: [`Folder`] keeps files in a directory, [`Memory`] keeps
//! them in memory and can crash, losing what was not synced.

mod file;
mod folder;
mod memory;

use std::io;
use std::sync::Arc;

pub use folder::Folder;
pub use memory::Memory;

/// A set of named files. A name is `file` or `folder/file`, of plain components; names that end
/// in `.tmp` and the name `LOCK` are taken.
pub trait Disk: Send + Sync {
    /// Opens a file, creating it when absent. The name is durable when this returns, so a file
    /// whose content was synced cannot lose its name in a crash. Opening a file that is already
    /// open gives the same file.
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// The whole of a small file, or nothing when it does not exist.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Puts new content in place of the old, atomically and durably: a crash leaves either the
    /// one or the other, whole. Handles opened before keep the old content.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file, durably; one that does not exist is removed already.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Where a file is, for messages to people.
    fn path(&self, name: &str) -> String;
}

/// One append-only file: a single writer, many readers at the same time.
pub trait DiskFile: Send + Sync {
    /// How many bytes were appended, synced or not.
    fn len(&self) -> u64;

    /// Whether nothing was appended yet.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `into` from `offset`; `UnexpectedEof` when that reaches past [`Self::len`].
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;

    /// Appends and returns the offset where the bytes stand. Readers see all of them or none; a
    /// crash before [`Self::sync`] may keep any part of them. After an error nothing was appended
    /// as far as readers see, but rubbish may stand beyond the end until the next append: it is
    /// for opening to cut it off.
    fn append(&self, bytes: &[u8]) -> io::Result<u64>;

    /// Returns when everything appended before is durable. After an error nobody knows what is:
    /// the only safe step is to stop and open the file again.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to `len`, durably; `InvalidInput` when it is shorter. Meant for opening,
    /// where the tail behind the last complete block goes.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Bytes the file takes on the disk, for metrics.
    fn allocated(&self) -> io::Result<u64>;
}

/// Splits a name into folder and file, refusing whatever could leave the root or clash with our
/// own files.
fn parts_of(name: &str) -> io::Result<(Option<&str>, &str)> {
    let (folder, file) = match name.split_once('/') {
        Some((folder, file)) => (Some(folder), file),
        None => (None, name),
    };
    let plain = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '\0'])
    };
    let taken = file.ends_with(".tmp") || name == "LOCK";
    if taken || !plain(file) || !folder.is_none_or(plain) {
        let message = format!("{name:?} cannot name a file of the store");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok((folder, file))
}

/// Whether `length` bytes from `offset` lie within a file of `file_len` bytes.
fn within(file_len: u64, offset: u64, length: usize) -> io::Result<()> {
    match offset.checked_add(length as u64) {
        Some(end) if end <= file_len => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// A file cannot be cut to more than it has.
fn cuts(file_len: u64, len: u64) -> io::Result<()> {
    if len > file_len {
        let message = format!("cannot cut {file_len} bytes to {len}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(())
}
