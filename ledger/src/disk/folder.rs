//! The real disk: a directory that one process at a time may hold.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::file::AppendFile;
use super::{Disk, DiskFile, parts_of};

/// A directory of files, locked against other processes for as long as this lives.
pub struct Folder {
    path: PathBuf,
    /// Two handles on one file would track two lengths, so each name has one.
    open: Mutex<BTreeMap<String, Weak<AppendFile>>>,
    _lock: File,
}

impl Folder {
    /// Opens the directory, creating it when absent. `ResourceBusy` when another process holds it:
    /// two nodes writing to one folder would destroy it.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        let lock = lock(&path)?;
        Ok(Self { path, open: Mutex::default(), _lock: lock })
    }

    /// The path of a file, in a directory that exists durably.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        let (folder, file) = parts_of(name)?;
        let Some(folder) = folder else {
            return Ok(self.path.join(file));
        };
        let folder = self.path.join(folder);
        if !folder.is_dir() {
            fs::create_dir(&folder)?;
        }
        // Synced even when it was there: an earlier process may have died between the two steps.
        sync_folder(&self.path)?;
        Ok(folder.join(file))
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<String, Weak<AppendFile>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for Folder {
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let place = self.place(name)?;
        let mut opened = self.opened();
        if let Some(file) = opened.get(name).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = Arc::new(AppendFile::open(&place)?);
        sync_parent(&place)?;
        opened.insert(name.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        parts_of(name)?;
        match fs::read(self.path.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let place = self.place(name)?;
        let mut new_name = place.clone().into_os_string();
        new_name.push(".tmp");

        // A crash up to the rename leaves the old content and a `.tmp` that the next replace
        // overwrites; after it the new content, whole, because it was synced before.
        let mut new = File::create(&new_name)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        let mut opened = self.opened();
        fs::rename(&new_name, &place)?;
        opened.remove(name);
        // Only now may anyone rely on it: before, a crash could bring the old content back.
        sync_parent(&place)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let place = self.place(name)?;
        let mut opened = self.opened();
        match fs::remove_file(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        opened.remove(name);
        sync_parent(&place)
    }

    fn path(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }
}

fn lock(folder: &Path) -> io::Result<File> {
    let path = folder.join("LOCK");
    let file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let message =
                format!("another node is using {}: it holds {}", folder.display(), path.display());
            Err(io::Error::new(io::ErrorKind::ResourceBusy, message))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn sync_parent(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
