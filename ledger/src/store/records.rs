//! The fixed records of `heights` and `positions`, integers big-endian.

use crate::hash::Hash;
use crate::trie::Subtree;

/// What `heights` holds for a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeightRecord {
    /// Where the encoded block stands in `blocks`.
    pub(crate) block_offset: u64,
    /// How long it is.
    pub(crate) block_len: u64,
    /// The block's time.
    pub(crate) time_ms: u64,
    /// The log's size with this block.
    pub(crate) log_size: u64,
    /// Where the root of the state stands in `state`; [`NO_ROOT`] for an empty state.
    pub(crate) state_place: u64,
    /// The length of `state` with this block.
    pub(crate) state_len: u64,
}

const NO_ROOT: u64 = u64::MAX;

impl HeightRecord {
    pub(crate) const BYTES: usize = 48;

    pub(crate) fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let fields = [
            self.block_offset,
            self.block_len,
            self.time_ms,
            self.log_size,
            self.state_place,
            self.state_len,
        ];
        for (slot, field) in bytes.chunks_exact_mut(8).zip(fields) {
            slot.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; Self::BYTES]) -> Self {
        let field = |index: usize| be_u64(&bytes[index * 8..]);
        Self {
            block_offset: field(0),
            block_len: field(1),
            time_ms: field(2),
            log_size: field(3),
            state_place: field(4),
            state_len: field(5),
        }
    }

    pub(crate) fn place_of(root: &Subtree) -> u64 {
        root.place().unwrap_or(NO_ROOT)
    }

    /// The root of the state after this block, whose hash the header states.
    pub(crate) fn state(&self, root: Hash) -> Subtree {
        match self.state_place {
            NO_ROOT => Subtree::empty(),
            place => Subtree::on_disk(root, place),
        }
    }
}

/// What `positions` holds for an entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PositionRecord {
    /// Where the entry stands in `blocks`.
    pub(crate) entry_offset: u64,
    /// How long it is.
    pub(crate) entry_len: u64,
    /// The block that it is in.
    pub(crate) height: u64,
    /// The transition's `not_after`.
    pub(crate) not_after_ms: u64,
    /// The transition's id.
    pub(crate) id: Hash,
}

impl PositionRecord {
    pub(crate) const BYTES: usize = 64;

    pub(crate) fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let fields = [self.entry_offset, self.entry_len, self.height, self.not_after_ms];
        for (slot, field) in bytes.chunks_exact_mut(8).zip(fields) {
            slot.copy_from_slice(&field.to_be_bytes());
        }
        bytes[32..].copy_from_slice(self.id.as_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; Self::BYTES]) -> Self {
        let field = |index: usize| be_u64(&bytes[index * 8..]);
        let mut id = Hash::default();
        id.0.copy_from_slice(&bytes[32..]);
        Self {
            entry_offset: field(0),
            entry_len: field(1),
            height: field(2),
            not_after_ms: field(3),
            id,
        }
    }
}

fn be_u64(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}
