//! Checkpoints: how far the files that follow from `blocks` are known to be on the disk.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{HEIGHTS, LOG, POSITIONS, STATE, Store, io_error};
use crate::disk::{Disk, DiskFile};
use crate::error::Error;

pub(crate) const CHECKPOINT: &str = "checkpoint";

/// How much of each file's end a checkpoint has a checksum of.
const TAIL_BYTES: u64 = 256 * 1024;

/// What the file `checkpoint` holds, with a CRC-32C behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// The length of `blocks` up to which all the others follow.
    pub(crate) blocks: u64,
    /// Lengths of log, positions, state and heights, and checksums of their ends.
    pub(crate) files: [FileMark; 4],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileMark {
    pub(crate) len: u64,
    tail_crc: u32,
}

/// The files a checkpoint speaks of, in its order.
pub(crate) const FILES: [&str; 4] = [LOG, POSITIONS, STATE, HEIGHTS];

/// A checkpoint that is still to be written. Writing it waits for the disk, so it may be done by
/// another thread than the one that appends, one after the other in their order.
pub struct PendingCheckpoint {
    disk: Arc<dyn Disk>,
    files: [Arc<dyn DiskFile>; 4],
    lens: [u64; 4],
    blocks: u64,
}

impl PendingCheckpoint {
    /// `blocks` is where the last block ends that the other files follow from.
    pub(crate) fn of(store: &Store, blocks: u64) -> Self {
        let files = files_of(store);
        let lens = std::array::from_fn(|index| files[index].len());
        Self { disk: store.disk.clone(), files, lens, blocks }
    }

    /// Waits until the files are on the disk, then says so. A crash before the last step leaves the
    /// checkpoint before this one, which still holds.
    pub fn write(self) -> Result<(), Error> {
        let mut checkpoint = Checkpoint { blocks: self.blocks, ..Checkpoint::default() };
        for (index, name) in FILES.into_iter().enumerate() {
            let failed = io_error(&*self.disk, name);
            self.files[index].sync().map_err(&failed)?;
            let (file, len) = (&*self.files[index], self.lens[index]);
            let tail_crc = tail_crc(file, len).map_err(failed)?;
            checkpoint.files[index] = FileMark { len, tail_crc };
        }
        let mut bytes = serde_ipld_dagcbor::to_vec(&checkpoint)
            .map_err(|error| Error::Unencodable(error.to_string()))?;
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
        self.disk.replace(CHECKPOINT, &bytes).map_err(io_error(&*self.disk, CHECKPOINT))
    }
}

impl Checkpoint {
    /// The checkpoint on the disk; nothing when there is none or it does not fit itself.
    pub(crate) fn read(disk: &dyn Disk) -> Result<Option<Self>, Error> {
        let bytes = disk.read(CHECKPOINT).map_err(io_error(disk, CHECKPOINT))?;
        Ok(bytes.and_then(|bytes| {
            let (content, crc) = bytes.split_last_chunk::<4>()?;
            let fits = crc32c::crc32c(content).to_be_bytes() == *crc;
            fits.then(|| serde_ipld_dagcbor::from_slice(content).ok())?
        }))
    }

    /// The first file that does not hold what it held at the checkpoint.
    pub(crate) fn first_misfit(&self, store: &Store) -> Result<Option<&'static str>, Error> {
        let files = files_of(store);
        for (index, mark) in self.files.iter().enumerate() {
            let file = &*files[index];
            let failed = io_error(&*store.disk, FILES[index]);
            if file.len() < mark.len || tail_crc(file, mark.len).map_err(failed)? != mark.tail_crc {
                return Ok(Some(FILES[index]));
            }
        }
        Ok(None)
    }
}

pub(crate) fn files_of(store: &Store) -> [Arc<dyn DiskFile>; 4] {
    [&store.log, &store.positions, &store.state, &store.heights].map(Arc::clone)
}

fn tail_crc(file: &dyn DiskFile, len: u64) -> std::io::Result<u32> {
    let mut tail = vec![0; len.min(TAIL_BYTES) as usize];
    file.read_at(len - tail.len() as u64, &mut tail)?;
    Ok(crc32c::crc32c(&tail))
}
