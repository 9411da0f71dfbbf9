//! Opening: what the files hold, how far it can be trusted, and what is to be executed again.

use std::sync::Arc;

use super::checkpoint::{CHECKPOINT, Checkpoint, FILES, files_of};
use super::frame;
use super::{BLOCKS, Store, io_error};
use crate::disk::Disk;
use crate::error::Error;

/// A store as it was found.
pub(crate) struct Found {
    pub(crate) store: Store,
    /// How many blocks the files that follow hold, up to the checkpoint.
    pub(crate) kept_blocks: u64,
    /// Where the blocks behind the checkpoint stand: offset and length.
    pub(crate) to_execute: Vec<(u64, u64)>,
    /// What was set right, for the operator.
    pub(crate) notes: Vec<String>,
}

/// How much of `blocks` before the checkpoint is read again at opening.
const REREAD_BYTES: u64 = 1024 * 1024;

pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<Found, Error> {
    let store = Store::with(disk)?;
    // A process that ended between writing a block and syncing it leaves a whole one that a power cut
    // could take away after this one has told of it. From here on it is final: it is made durable.
    store.blocks.sync().map_err(io_error(&**store.disk(), BLOCKS))?;
    let mut notes = Vec::new();
    let known_blocks = store.block_count();
    let checkpoint = trusted_checkpoint(&store, &mut notes)?;
    last_blocks_fit(&store, &checkpoint)?;
    let (to_execute, end) = scan(&store, checkpoint.blocks)?;
    let kept_blocks = checkpoint.files[3].len / super::HeightRecord::BYTES as u64;
    // `heights` is written after a block is durable. If it knows of more blocks than `blocks`
    // holds, then blocks that were acknowledged are gone.
    if known_blocks > kept_blocks + to_execute.len() as u64 {
        let what = format!(
            "no whole block stands here, and {known_blocks} blocks were final; restore the file from a copy"
        );
        return Err(store.damaged(BLOCKS, end, &what));
    }
    cut_blocks(&store, end, &mut notes)?;
    for (file, (name, mark)) in
        files_of(&store).iter().zip(FILES.into_iter().zip(&checkpoint.files))
    {
        file.truncate(mark.len).map_err(io_error(&**store.disk(), name))?;
    }
    Ok(Found { store, kept_blocks, to_execute, notes })
}

/// The checkpoint, if the files still hold what it says; else the one before the first block.
fn trusted_checkpoint(store: &Store, notes: &mut Vec<String>) -> Result<Checkpoint, Error> {
    let disk = &**store.disk();
    let Some(checkpoint) = Checkpoint::read(disk)? else {
        // A young ledger has none yet; one that is there and does not fit itself was damaged.
        if disk.read(CHECKPOINT).map_err(io_error(disk, CHECKPOINT))?.is_some() {
            notes.push(format!(
                "{}: damaged; everything that follows from the blocks is made again",
                disk.path(CHECKPOINT)
            ));
        }
        return Ok(Checkpoint::default());
    };
    if let Some(name) = checkpoint.first_misfit(store)? {
        notes.push(format!(
            "{}: does not hold what it held; everything that follows from the blocks is made again",
            disk.path(name)
        ));
        return Ok(Checkpoint::default());
    }
    if store.blocks.len() < checkpoint.blocks {
        let what = format!("the file ends here, and {} bytes were final", checkpoint.blocks);
        return Err(store.damaged(BLOCKS, store.blocks.len(), &what));
    }
    Ok(checkpoint)
}

/// The blocks just before the checkpoint are read again: it is the file's end that suffers most.
fn last_blocks_fit(store: &Store, checkpoint: &Checkpoint) -> Result<(), Error> {
    let count = checkpoint.files[3].len / super::HeightRecord::BYTES as u64;
    for height in (0..count).rev() {
        let record = store.height_record(height)?;
        let offset = record.block_offset - frame::HEADER_BYTES as u64;
        if read_frame(store, offset)?.is_none() {
            return Err(store.damaged(
                BLOCKS,
                offset,
                &format!("block {height} fails its checksum"),
            ));
        }
        if offset + REREAD_BYTES < checkpoint.blocks {
            break;
        }
    }
    Ok(())
}

/// The whole frames from `start` on, and where they end.
fn scan(store: &Store, start: u64) -> Result<(Vec<(u64, u64)>, u64), Error> {
    let mut found = Vec::new();
    let mut offset = start;
    while let Some(len) = read_frame(store, offset)? {
        found.push((offset + frame::HEADER_BYTES as u64, len));
        offset += frame::HEADER_BYTES as u64 + len;
    }
    if let Some(later) = whole_frame_after(store, offset)? {
        let what = format!("no whole block stands here, but one does at offset {later}");
        return Err(store.damaged(BLOCKS, offset, &what));
    }
    Ok((found, offset))
}

/// The length of the payload of the frame at an offset, if it is whole and fits its checksums.
fn read_frame(store: &Store, offset: u64) -> Result<Option<u64>, Error> {
    let payload = frame::read(&*store.blocks, offset).map_err(io_error(&**store.disk(), BLOCKS))?;
    Ok(payload.map(|payload| payload.len() as u64))
}

/// The blocks from the first on, up to the first frame that is not whole.
pub(crate) struct Frames {
    store: Arc<Store>,
    offset: u64,
}

impl Frames {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, offset: 0 }
    }

    fn read_next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let failed = io_error(&**self.store.disk(), BLOCKS);
        if let Some(payload) = frame::read(&*self.store.blocks, self.offset).map_err(failed)? {
            self.offset += (frame::HEADER_BYTES + payload.len()) as u64;
            return Ok(Some(payload));
        }
        match whole_frame_after(&self.store, self.offset)? {
            Some(later) => {
                let what = format!("no whole block stands here, but one does at offset {later}");
                Err(self.store.damaged(BLOCKS, self.offset, &what))
            }
            None => Ok(None),
        }
    }
}

impl Iterator for Frames {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_next().transpose()
    }
}

/// Whether the middle is damaged, and not the tail torn: see [`frame::find_whole_behind`].
fn whole_frame_after(store: &Store, broken: u64) -> Result<Option<u64>, Error> {
    let failed = io_error(&**store.disk(), BLOCKS);
    frame::find_whole_behind(&*store.blocks, broken).map_err(failed)
}

/// Cuts a torn tail, after setting it aside: it was never acknowledged, but it is not ours to lose.
fn cut_blocks(store: &Store, end: u64, notes: &mut Vec<String>) -> Result<(), Error> {
    let torn = store.blocks.len() - end;
    if torn == 0 {
        return Ok(());
    }
    let disk = &**store.disk();
    let mut tail = vec![0; torn as usize];
    store.read(&store.blocks, BLOCKS, end, &mut tail)?;
    let aside = format!("blocks.cut-{end}");
    disk.replace(&aside, &tail).map_err(io_error(disk, &aside))?;
    store.blocks.truncate(end).map_err(io_error(disk, BLOCKS))?;
    notes.push(format!(
        "{}: {torn} bytes from offset {end} on were no whole block and were never acknowledged; they are kept in {}",
        disk.path(BLOCKS),
        disk.path(&aside)
    ));
    Ok(())
}
