//! One real file: appended by `pwrite`, read through a memory map that is larger than the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use arc_swap::ArcSwapOption;
use memmap2::{MmapOptions, MmapRaw};

use super::{DiskFile, cuts, within};

/// Room to grow: a file is mapped again only when it has doubled past this.
const MAP_LEN_MIN: u64 = 64 << 20;

/// Linux counts blocks of this size whatever the filesystem's own is.
const BLOCK_BYTES: u64 = 512;

/// An append-only file. Reading takes no lock and no system call once the map covers the range.
pub(super) struct AppendFile {
    file: File,
    /// What readers may see; raised after the bytes are written, lowered before they are cut.
    len: AtomicU64,
    map: ArcSwapOption<MmapRaw>,
    /// Held by whoever changes the length or the map.
    change: Mutex<()>,
}

impl AppendFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file =
            File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let len = AtomicU64::new(file.metadata()?.len());
        Ok(Self { file, len, map: ArcSwapOption::empty(), change: Mutex::default() })
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies from the current map; false when it does not cover the range.
    fn read_mapped(&self, offset: u64, into: &mut [u8]) -> io::Result<bool> {
        // The map before the length: `truncate` lowers the length, then waits for the readers of
        // the map it took away, so a range within a length read after the map is still there.
        let map = self.map.load();
        within(self.len(), offset, into.len())?;
        let Some(map) = map.as_ref() else {
            return Ok(false);
        };
        let covered = within(map.len() as u64, offset, into.len()).is_ok();
        if covered {
            copy(map, offset as usize, into);
        }
        Ok(covered)
    }

    /// Maps the file with room to grow, unless another reader just did.
    fn map_again(&self) -> io::Result<()> {
        let _change = self.change();
        let len = self.len();
        let mapped = self.map.load().as_ref().map_or(0, |map| map.len() as u64);
        if mapped > len {
            return Ok(());
        }
        let room = len.saturating_add(1).next_power_of_two().max(MAP_LEN_MIN);
        let room = usize::try_from(room).map_err(io::Error::other)?;
        let map = MmapOptions::new().len(room).map_raw_read_only(&self.file)?;
        self.map.store(Some(Arc::new(map)));
        Ok(())
    }

    /// Takes the map away and returns when no reader is within it.
    fn unmap(&self) {
        if let Some(map) = self.map.swap(None) {
            while Arc::strong_count(&map) > 1 {
                thread::yield_now();
            }
        }
    }
}

impl DiskFile for AppendFile {
    fn len(&self) -> u64 {
        self.len.load(Ordering::SeqCst)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        if self.read_mapped(offset, into)? {
            return Ok(());
        }
        // No address space for a map is no reason to stop: the same bytes come by `pread`.
        if self.map_again().is_ok() && self.read_mapped(offset, into)? {
            return Ok(());
        }
        self.file.read_exact_at(into, offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let _change = self.change();
        let offset = self.len();
        self.file.write_all_at(bytes, offset)?;
        self.len.store(offset + bytes.len() as u64, Ordering::SeqCst);
        Ok(offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let _change = self.change();
        cuts(self.len(), len)?;
        self.len.store(len, Ordering::SeqCst);
        self.unmap();
        self.file.set_len(len)?;
        // Durable before anything new is appended: else a crash could mix the old tail with it.
        self.file.sync_all()
    }

    fn allocated(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.blocks() * BLOCK_BYTES)
    }
}

/// The caller has checked that the range lies within the map and within the file.
#[allow(unsafe_code)]
fn copy(map: &MmapRaw, offset: usize, into: &mut [u8]) {
    // SAFETY: the range is inside the map, which lives as long as the borrow, and inside the file,
    // so its pages exist. Its bytes do not change: we only append, `truncate` waits until no reader
    // holds the map, and the folder's lock keeps other processes out.
    unsafe {
        std::ptr::copy_nonoverlapping(map.as_ptr().add(offset), into.as_mut_ptr(), into.len())
    }
}
