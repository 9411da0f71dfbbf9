//! A disk in memory that crashes and fails on demand, so that a simulation can try every moment.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::sync::{RwLockReadGuard, RwLockWriteGuard};

use super::{Disk, DiskFile, cuts, parts_of, within};

/// Files in memory. Clones share the same files, as two handles on one directory would.
#[derive(Clone, Default)]
pub struct Memory {
    files: Arc<Mutex<BTreeMap<String, Arc<MemoryFile>>>>,
    faults: Arc<Faults>,
}

impl Memory {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// The disk as a power cut at this moment leaves it when nothing unsynced was lucky. This one
    /// goes on unchanged; the copy has no faults planned.
    pub fn crash(&self) -> Self {
        self.crash_keeping(&mut |_, synced, _| synced)
    }

    /// As [`Self::crash`], but of each file's unsynced tail a part survives: `kept` gets the name,
    /// the synced and the written length, and says how long the file is afterwards (held within
    /// these two).
    pub fn crash_keeping(&self, kept: &mut dyn FnMut(&str, u64, u64) -> u64) -> Self {
        let after = Self::new();
        for (name, file) in self.files().iter() {
            let content = file.content();
            let written = content.bytes.len() as u64;
            let len = kept(name, content.synced, written).clamp(content.synced, written);
            after.put(name, content.bytes[..len as usize].to_vec());
        }
        after
    }

    /// Lets `operations` more changes through (append, sync, truncate, replace, remove), then
    /// fails each one, as a full or dying disk does. Reading goes on.
    pub fn fail_after(&self, operations: u64) {
        self.faults.left.store(operations, Ordering::SeqCst);
    }

    /// Ends what [`Self::fail_after`] began.
    pub fn heal(&self) {
        self.fail_after(NEVER);
    }

    /// Counts a change to a file that is not kept here and yet stands on this disk: it fails as the
    /// disk's own would.
    pub fn change(&self) -> io::Result<()> {
        self.faults.pass()
    }

    /// The names of the files, in order.
    pub fn names(&self) -> Vec<String> {
        self.files().keys().cloned().collect()
    }

    /// Damages a byte where it stands, as a bad sector would: `mask` names the bits to flip.
    /// False when there is no such byte.
    pub fn flip(&self, name: &str, offset: u64, mask: u8) -> bool {
        let Some(file) = self.files().get(name).cloned() else {
            return false;
        };
        let mut content = file.content_mut();
        let byte = content.bytes.get_mut(offset as usize);
        byte.map(|byte| *byte ^= mask).is_some()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Arc<MemoryFile>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Arc<MemoryFile> {
        let synced = bytes.len() as u64;
        let file = Arc::new(MemoryFile {
            content: RwLock::new(Content { bytes, synced }),
            faults: self.faults.clone(),
        });
        self.files().insert(name.to_owned(), file.clone());
        file
    }
}

impl Disk for Memory {
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        parts_of(name)?;
        let known = self.files().get(name).cloned();
        Ok(known.unwrap_or_else(|| self.put(name, Vec::new())))
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        parts_of(name)?;
        let file = self.files().get(name).cloned();
        Ok(file.map(|file| file.content().bytes.clone()))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        parts_of(name)?;
        self.faults.pass()?;
        self.put(name, bytes.to_vec());
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        parts_of(name)?;
        self.faults.pass()?;
        self.files().remove(name);
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        format!("memory:{name}")
    }
}

struct MemoryFile {
    content: RwLock<Content>,
    faults: Arc<Faults>,
}

struct Content {
    bytes: Vec<u8>,
    /// How much of it a crash leaves.
    synced: u64,
}

impl MemoryFile {
    fn content(&self) -> RwLockReadGuard<'_, Content> {
        self.content.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn content_mut(&self) -> RwLockWriteGuard<'_, Content> {
        self.content.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiskFile for MemoryFile {
    fn len(&self) -> u64 {
        self.content().bytes.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let content = self.content();
        within(content.bytes.len() as u64, offset, into.len())?;
        let start = offset as usize;
        into.copy_from_slice(&content.bytes[start..start + into.len()]);
        Ok(())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.faults.pass()?;
        let mut content = self.content_mut();
        let offset = content.bytes.len() as u64;
        content.bytes.extend_from_slice(bytes);
        Ok(offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.faults.pass()?;
        let mut content = self.content_mut();
        content.synced = content.bytes.len() as u64;
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.faults.pass()?;
        let mut content = self.content_mut();
        cuts(content.bytes.len() as u64, len)?;
        content.bytes.truncate(len as usize);
        content.synced = len;
        Ok(())
    }

    fn allocated(&self) -> io::Result<u64> {
        Ok(self.len())
    }
}

/// So many operations never happen: no fault is planned.
const NEVER: u64 = u64::MAX;

struct Faults {
    /// Changes that still succeed.
    left: AtomicU64,
}

impl Default for Faults {
    fn default() -> Self {
        Self { left: AtomicU64::new(NEVER) }
    }
}

impl Faults {
    fn pass(&self) -> io::Result<()> {
        let count = |left: u64| match left {
            NEVER => Some(NEVER),
            _ => left.checked_sub(1),
        };
        self.left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count)
            .map(|_| ())
            .map_err(|_| io::Error::other("the simulated disk fails"))
    }
}
