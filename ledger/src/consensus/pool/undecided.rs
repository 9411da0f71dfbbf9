//! Blocks on the disk that may be voted for and are not decided: after a crash a validator still has
//! what its votes speak of, and proposes nothing else than before.

use std::sync::Arc;

use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::store::{FRAME_HEADER_BYTES, encode_frame, find_whole_behind, io_error, read_frames};

/// The file: frames as in `blocks`, each with the round, the valid round, whose it is, and the block.
const UNDECIDED: &str = "undecided";
/// What was decided is cut off when it has grown to this.
const KEPT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Round, valid round and whose it is, before the block.
const HEAD_BYTES: usize = 4 + 4 + 1;
/// The valid round of a block that was not locked on before.
const NO_ROUND: u32 = u32::MAX;

/// A block as it is kept.
pub(super) struct Kept {
    /// The round it was proposed in.
    pub(super) round: u32,
    /// The earlier round in which validators had locked on it.
    pub(super) valid_round: Option<u32>,
    /// Whether this node proposed it.
    pub(super) ours: bool,
    /// The block with an empty seal.
    pub(super) block: Vec<u8>,
}

pub(super) struct Undecided {
    disk: Arc<dyn Disk>,
    file: Arc<dyn DiskFile>,
}

impl Undecided {
    /// Opens the file and reads what it holds, durably: it may be voted for when this returns. A torn
    /// end was not voted for yet: it is cut off.
    ///
    /// # Errors
    /// When a whole frame stands behind one that is not. Each was synced before the next was begun, so
    /// that is no torn end, and what this node has voted for is not known.
    pub(super) fn open(disk: Arc<dyn Disk>) -> Result<(Self, Vec<Kept>), Error> {
        let failed = io_error(&*disk, UNDECIDED);
        let file = disk.open(UNDECIDED).map_err(&failed)?;
        let (payloads, end) = read_frames(&*file).map_err(&failed)?;
        if let Some(later) = find_whole_behind(&*file, end).map_err(&failed)? {
            let what = format!("no whole block stands here, but one does at offset {later}");
            return Err(Error::Damaged { file: disk.path(UNDECIDED), offset: end, what });
        }
        if end < file.len() {
            file.truncate(end).map_err(&failed)?;
        }
        let kept = payloads.iter().filter_map(|payload| Kept::decode(payload)).collect();
        // A process that ended between writing and syncing leaves a whole frame that a power cut could
        // take away after this one has voted for it.
        file.sync().map_err(failed)?;
        Ok((Self { disk, file }, kept))
    }

    /// Writes a block down and waits for the disk.
    pub(super) fn keep(&self, kept: &Kept) -> Result<(), Error> {
        let failed = io_error(&*self.disk, UNDECIDED);
        self.file.append(&encode_frame(kept.encode())).map_err(&failed)?;
        // A crash before this returns may leave a torn frame: nobody has voted for that block.
        self.file.sync().map_err(failed)
    }

    /// The height is decided: what is kept may go. It is cut off now and then, for a cut waits for the
    /// disk; blocks of heights that are decided are passed over when the file is read.
    pub(super) fn forget(&self) -> Result<(), Error> {
        if self.file.len() < KEPT_BYTES_MAX {
            return Ok(());
        }
        self.file.truncate(0).map_err(io_error(&*self.disk, UNDECIDED))
    }
}

impl Kept {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.block.len() + FRAME_HEADER_BYTES);
        bytes.extend_from_slice(&self.round.to_be_bytes());
        bytes.extend_from_slice(&self.valid_round.unwrap_or(NO_ROUND).to_be_bytes());
        bytes.push(u8::from(self.ours));
        bytes.extend_from_slice(&self.block);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (round, rest) = bytes.split_first_chunk::<4>()?;
        let (valid_round, rest) = rest.split_first_chunk::<4>()?;
        let (ours, block) = rest.split_first()?;
        let valid_round = u32::from_be_bytes(*valid_round);
        Some(Self {
            round: u32::from_be_bytes(*round),
            valid_round: (valid_round != NO_ROUND).then_some(valid_round),
            ours: *ours == 1,
            block: block.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::disk::Memory;

    fn open(disk: &Memory) -> (Undecided, Vec<Vec<u8>>) {
        let (undecided, kept) = Undecided::open(Arc::new(disk.clone())).unwrap();
        (undecided, kept.into_iter().map(|kept| kept.block).collect())
    }

    fn kept(number: u8) -> Kept {
        Kept { round: 3, valid_round: Some(1), ours: true, block: vec![number; 50] }
    }

    /// Wherever the process ends, what the next one reads back and may vote for survives a power cut.
    #[test]
    fn what_was_read_back_is_there_after_a_power_cut() {
        for changes in 0..8 {
            let disk = Memory::new();
            let (undecided, _) = open(&disk);
            disk.fail_after(changes);
            let done = (0..4).take_while(|number| undecided.keep(&kept(*number)).is_ok()).count();
            disk.heal();
            let read_back = open(&disk).1;
            assert!(read_back.len() >= done, "after {changes} changes");
            assert_eq!(open(&disk.crash()).1, read_back, "after {changes} changes");
        }
    }

    #[test]
    fn a_torn_end_is_cut_off_and_the_rest_stays() {
        let disk = Memory::new();
        let (undecided, _) = open(&disk);
        undecided.keep(&kept(1)).unwrap();
        undecided.file.append(&encode_frame(kept(2).encode())).unwrap();
        let torn = disk.crash_keeping(&mut |_, synced, _| synced + 40);
        let (undecided, read_back) = open(&torn);
        assert_eq!(read_back, [vec![1; 50]]);
        undecided.keep(&kept(3)).unwrap();
        assert_eq!(open(&torn.crash()).1, [vec![1; 50], vec![3; 50]]);
    }

    /// The last one cannot be told from a torn one; any other was voted for.
    #[test]
    fn a_changed_byte_is_refused_but_in_the_last_block_which_is_cut_off() {
        let disk = Memory::new();
        for number in 1..4 {
            open(&disk).0.keep(&kept(number)).unwrap();
        }
        let frame = disk.open(UNDECIDED).unwrap().len() / 3;
        for offset in 0..frame * 3 {
            for bit in 0..8 {
                let damaged = disk.crash();
                assert!(damaged.flip(UNDECIDED, offset, 1 << bit));
                let begin = offset / frame * frame;
                match Undecided::open(Arc::new(damaged.clone())) {
                    Ok((_, read_back)) => {
                        assert_eq!((begin, read_back.len()), (frame * 2, 2), "byte {offset}");
                        assert_eq!(open(&damaged).1, [vec![1; 50], vec![2; 50]]);
                    }
                    Err(error) => {
                        let named = format!("undecided: damaged at offset {begin}:");
                        assert!(error.to_string().contains(&named), "byte {offset}: {error}");
                        assert!(begin < frame * 2, "byte {offset}: {error}");
                        // What is there stays there, for whoever looks into it.
                        assert_eq!(damaged.open(UNDECIDED).unwrap().len(), frame * 3);
                    }
                }
            }
        }
    }
}
