//! The store: blocks that are the truth, and files that follow from them.
//!
//! | file | holds | when a crash comes |
//! |---|---|---|
//! | `genesis.json` | the genesis, byte for byte | written once, before all else |
//! | `blocks` | framed, checksummed blocks | synced for every block: the one sync that makes it final |
//! | `log` | hashes of the RFC 6962 tree, in post-order | follows from `blocks` |
//! | `positions` | for each entry: where it stands, its id and expiry | follows from `blocks` |
//! | `state` | nodes of the state trie, block by block | follows from `blocks` |
//! | `heights` | for each block: where it stands, its time, its roots | follows from `blocks`, written last |
//! | `checkpoint` | how far the four that follow are known to be on the disk | replaced atomically |
//!
//! Opening cuts what follows back to the checkpoint and executes the blocks behind it again, by the
//! same code that executed them first. A tail of `blocks` that is no whole frame was never
//! acknowledged; it is set aside and cut. Anything else that does not fit is refused, by name.

mod checkpoint;
mod frame;
mod opening;
mod records;

use std::io;
use std::sync::Arc;

pub use checkpoint::PendingCheckpoint;
pub(crate) use checkpoint::{FILES, files_of};
pub(crate) use frame::{
    HEADER_BYTES as FRAME_HEADER_BYTES, encode as encode_frame, find_whole_behind,
    read_all as read_frames,
};
pub(crate) use opening::{Found, Frames, open};
pub(crate) use records::{HeightRecord, PositionRecord};

use crate::block::{self, Header};
use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::hash::Hash;
use crate::merkle::{self, Nodes};
use crate::seal::Seal;

pub(crate) const GENESIS: &str = "genesis.json";
pub(crate) const BLOCKS: &str = "blocks";
pub(crate) const LOG: &str = "log";
pub(crate) const POSITIONS: &str = "positions";
pub(crate) const STATE: &str = "state";
pub(crate) const HEIGHTS: &str = "heights";

/// The open files of a ledger. One writer, many readers.
pub(crate) struct Store {
    disk: Arc<dyn Disk>,
    pub(crate) blocks: Arc<dyn DiskFile>,
    pub(crate) log: Arc<dyn DiskFile>,
    pub(crate) positions: Arc<dyn DiskFile>,
    pub(crate) state: Arc<dyn DiskFile>,
    pub(crate) heights: Arc<dyn DiskFile>,
}

/// What one block adds to the files that follow from `blocks`.
pub(crate) struct Following {
    pub(crate) log_nodes: Vec<Hash>,
    pub(crate) positions: Vec<PositionRecord>,
    pub(crate) state_nodes: Vec<u8>,
    pub(crate) height: HeightRecord,
}

impl Store {
    pub(crate) fn with(disk: Arc<dyn Disk>) -> Result<Self, Error> {
        let open = |name| disk.open(name).map_err(io_error(&*disk, name));
        Ok(Self {
            blocks: open(BLOCKS)?,
            log: open(LOG)?,
            positions: open(POSITIONS)?,
            state: open(STATE)?,
            heights: open(HEIGHTS)?,
            disk,
        })
    }

    /// Appends a block and waits for the disk: after this it is final. Returns where its bytes stand.
    pub(crate) fn append_block(&self, bytes: Vec<u8>) -> Result<u64, Error> {
        let failed = io_error(&*self.disk, BLOCKS);
        let offset = self.blocks.append(&frame::encode(bytes)).map_err(&failed)?;
        // A crash before this returns may leave a torn frame: opening cuts it, and nobody was told.
        self.blocks.sync().map_err(&failed)?;
        Ok(offset + frame::HEADER_BYTES as u64)
    }

    /// Appends what follows from a block. A crash in between leaves files of different lengths,
    /// all of them beyond the checkpoint: opening makes them again.
    pub(crate) fn append_following(&self, following: &Following) -> Result<(), Error> {
        let hashes: Vec<u8> = following.log_nodes.iter().flat_map(|hash| hash.0).collect();
        let positions: Vec<u8> =
            following.positions.iter().flat_map(PositionRecord::encode).collect();
        for (file, name, bytes) in [
            (&self.log, LOG, hashes.as_slice()),
            (&self.positions, POSITIONS, &positions),
            (&self.state, STATE, &following.state_nodes),
            // Last, so that a height stands here only if its block is durable.
            (&self.heights, HEIGHTS, &following.height.encode()),
        ] {
            file.append(bytes).map_err(io_error(&*self.disk, name))?;
        }
        Ok(())
    }

    /// A checkpoint of the files as they are now, still to be written. They may lag behind `blocks`
    /// while opening executes its blocks again, so it speaks of the blocks that `heights` knows.
    pub(crate) fn checkpoint(&self) -> Result<PendingCheckpoint, Error> {
        let blocks = match self.block_count().checked_sub(1) {
            Some(last) => {
                let last = self.height_record(last)?;
                last.block_offset + last.block_len
            }
            None => 0,
        };
        Ok(PendingCheckpoint::of(self, blocks))
    }

    /// How many blocks `heights` knows.
    pub(crate) fn block_count(&self) -> u64 {
        self.heights.len() / HeightRecord::BYTES as u64
    }

    pub(crate) fn height_record(&self, height: u64) -> Result<HeightRecord, Error> {
        let mut bytes = [0; HeightRecord::BYTES];
        let offset = height.saturating_mul(HeightRecord::BYTES as u64);
        self.read(&self.heights, HEIGHTS, offset, &mut bytes)?;
        Ok(HeightRecord::decode(&bytes))
    }

    pub(crate) fn position_record(&self, position: u64) -> Result<PositionRecord, Error> {
        let mut bytes = [0; PositionRecord::BYTES];
        let offset = position.saturating_mul(PositionRecord::BYTES as u64);
        self.read(&self.positions, POSITIONS, offset, &mut bytes)?;
        Ok(PositionRecord::decode(&bytes))
    }

    /// The encoded block at a height.
    pub(crate) fn block_bytes(&self, record: &HeightRecord) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; record.block_len as usize];
        self.read(&self.blocks, BLOCKS, record.block_offset, &mut bytes)?;
        Ok(bytes)
    }

    /// The header and seal of a block, without its body.
    pub(crate) fn sealed_header(&self, record: &HeightRecord) -> Result<(Header, Seal), Error> {
        let mut bytes = [0; block::HEADER_BYTES + 4];
        self.read(&self.blocks, BLOCKS, record.block_offset, &mut bytes)?;
        let (header, seal_len) = bytes.split_at(block::HEADER_BYTES);
        let seal_len = seal_len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        let damaged = |what: &str| self.damaged(BLOCKS, record.block_offset, what);
        if seal_len > record.block_len as usize {
            return Err(damaged("the seal is longer than the block"));
        }
        let mut seal = vec![0; seal_len];
        let offset = record.block_offset + bytes.len() as u64;
        self.read(&self.blocks, BLOCKS, offset, &mut seal)?;
        let header = Header::decode(header).map_err(|error| damaged(&error.to_string()))?;
        let seal = serde_ipld_dagcbor::from_slice(&seal)
            .map_err(|_| damaged("the seal does not parse"))?;
        Ok((header, seal))
    }

    /// The exact bytes of a log entry.
    pub(crate) fn entry(&self, record: &PositionRecord) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; record.entry_len as usize];
        self.read(&self.blocks, BLOCKS, record.entry_offset, &mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn read(
        &self,
        file: &Arc<dyn DiskFile>,
        name: &str,
        offset: u64,
        into: &mut [u8],
    ) -> Result<(), Error> {
        file.read_at(offset, into).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged(name, offset, "the file ends here"),
            _ => io_error(&*self.disk, name)(error),
        })
    }

    pub(crate) fn damaged(&self, name: &str, offset: u64, what: &str) -> Error {
        Error::Damaged { file: self.disk.path(name), offset, what: what.to_owned() }
    }

    pub(crate) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }
}

/// The log's nodes, from its file.
impl Nodes for Store {
    type Error = Error;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        let mut hash = [0; 32];
        let offset = merkle::node_place(level, index).saturating_mul(32);
        self.read(&self.log, LOG, offset, &mut hash)?;
        Ok(Hash(hash))
    }
}

pub(crate) fn io_error(disk: &dyn Disk, name: &str) -> impl Fn(io::Error) -> Error + use<> {
    let file = disk.path(name);
    move |source| Error::Io { file: file.clone(), source }
}
