//! Blocks that are not final yet, on the disk, so that a node that was stopped has them back.

use std::sync::Arc;

use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::store::{encode_frame, io_error, read_frames};

/// The file: frames as in `blocks`, each with a sealed block, in the order in which they came.
const UNFINAL: &str = "unfinal";
/// What is final by now is cut off when the file has grown by this.
const GROWN_BYTES: u64 = 16 * 1024 * 1024;

pub(super) struct Unfinal {
    disk: Arc<dyn Disk>,
    file: Arc<dyn DiskFile>,
    /// The length at which the file is written anew.
    rewrite_at: u64,
}

impl Unfinal {
    /// Opens the file and reads what it holds, up to the first frame that is not whole. What stands
    /// behind is cut off: frames are not synced one by one, so a power cut may leave any of them, and
    /// others have those blocks.
    pub(super) fn open(disk: Arc<dyn Disk>) -> Result<(Self, Vec<Vec<u8>>), Error> {
        let failed = io_error(&*disk, UNFINAL);
        let file = disk.open(UNFINAL).map_err(&failed)?;
        let (kept, end) = read_frames(&*file).map_err(&failed)?;
        if end < file.len() {
            file.truncate(end).map_err(&failed)?;
        }
        let rewrite_at = end + GROWN_BYTES;
        Ok((Self { disk, file, rewrite_at }, kept))
    }

    /// Writes a block down. It is in no hurry: after a power cut others have it.
    pub(super) fn keep(&self, block: Vec<u8>) -> Result<(), Error> {
        let failed = io_error(&*self.disk, UNFINAL);
        self.file.append(&encode_frame(block)).map(|_| ()).map_err(failed)
    }

    /// Waits for the disk: a block that was found here and told to nobody is nowhere else.
    pub(super) fn sync(&self) -> Result<(), Error> {
        self.file.sync().map_err(io_error(&*self.disk, UNFINAL))
    }

    /// Whether it holds much that is final by now.
    pub(super) fn is_long(&self) -> bool {
        self.file.len() > self.rewrite_at
    }

    /// Puts these blocks in place of all it holds. A crash leaves either the one or the other.
    pub(super) fn rewrite(&mut self, blocks: impl Iterator<Item = Vec<u8>>) -> Result<(), Error> {
        let failed = io_error(&*self.disk, UNFINAL);
        let bytes: Vec<u8> = blocks.flat_map(encode_frame).collect();
        self.disk.replace(UNFINAL, &bytes).map_err(&failed)?;
        self.file = self.disk.open(UNFINAL).map_err(&failed)?;
        self.rewrite_at = bytes.len() as u64 + GROWN_BYTES;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::disk::Memory;

    #[test]
    fn what_was_kept_is_there_again_also_after_it_was_written_anew() {
        let disk = Memory::new();
        let open = |disk: &Memory| Unfinal::open(Arc::new(disk.clone())).unwrap();
        let (mut unfinal, kept) = open(&disk);
        assert!(kept.is_empty());
        for block in 0..9 {
            unfinal.keep(vec![block; 100]).unwrap();
        }
        assert_eq!(open(&disk).1.len(), 9);
        unfinal.rewrite([7, 8].map(|block| vec![block; 100]).into_iter()).unwrap();
        unfinal.keep(vec![9; 100]).unwrap();
        let firsts = |disk: &Memory| open(disk).1.iter().map(|block| block[0]).collect::<Vec<_>>();
        assert_eq!(firsts(&disk), [7, 8, 9]);
        // What was not synced may be lost or torn; what is before it is not.
        assert_eq!(firsts(&disk.crash()), [7, 8]);
        let torn = disk.crash_keeping(&mut |_, synced, _| synced + 40);
        assert_eq!(firsts(&torn), [7, 8]);
        let (unfinal, _) = open(&torn);
        unfinal.keep(vec![1; 100]).unwrap();
        unfinal.sync().unwrap();
        assert_eq!(firsts(&torn.crash()), [7, 8, 1]);
    }

    /// Of a damaged file what stands before the damage is read, as it was, and nothing else.
    #[test]
    fn a_changed_byte_costs_the_blocks_from_there_on_and_changes_none() {
        let disk = Memory::new();
        let open = |disk: &Memory| Unfinal::open(Arc::new(disk.clone())).unwrap();
        let blocks = [7, 8, 9].map(|block| vec![block; 40]);
        for block in &blocks {
            open(&disk).0.keep(block.clone()).unwrap();
        }
        let frame = disk.open(UNFINAL).unwrap().len() / 3;
        for offset in 0..frame * 3 {
            for bit in 0..8 {
                let damaged = disk.crash_keeping(&mut |_, _, written| written);
                assert!(damaged.flip(UNFINAL, offset, 1 << bit));
                let before = (offset / frame) as usize;
                assert_eq!(open(&damaged).1, blocks[..before], "bit {bit} of byte {offset}");
                assert_eq!(damaged.open(UNFINAL).unwrap().len(), before as u64 * frame);
            }
        }
    }
}
