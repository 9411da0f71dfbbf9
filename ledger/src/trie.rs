//! The state's Merkle trie: a persistent map from 256-bit keys to values, each root of which stays
//! readable.
//!
//! A leaf stands at the shallowest depth where it is alone, inner nodes are binary, an absent
//! subtree hashes to zero. The same map has the same root whatever the order of its updates.
//! Updating copies the nodes on the way and shares the rest, so a fork is just another root; new
//! nodes live in memory until [`Trie::write`] lays them down behind the others in the node file.

mod node;
mod proof;
mod read;
mod record;
mod update;

use std::io;
use std::sync::Arc;

use crate::disk::DiskFile;
use crate::hash::Hash;

use node::Standing;

pub use proof::{BadProof, OtherLeaf, TrieProof};

/// Where a value is kept: a hash, so that keys spread evenly.
pub type Key = Hash;

/// No value is longer.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// Keys have so many bits, and a trie so many levels.
pub const DEPTH_MAX: usize = 256;

/// A subtree: nothing, or its hash and where it stands, on disk or in the memory of a block that
/// is not yet written. Cloning is cheap and shares the nodes.
#[derive(Clone, Debug)]
pub struct Subtree {
    hash: Hash,
    stands: Stands,
}

#[derive(Clone, Debug)]
enum Stands {
    Nowhere,
    Disk(u64),
    Memory(Arc<Standing>),
}

impl Subtree {
    /// The subtree without a leaf; its hash is zero.
    pub fn empty() -> Self {
        Self { hash: Hash::default(), stands: Stands::Nowhere }
    }

    /// A subtree that stands in the node file, as a block's record tells.
    pub fn on_disk(hash: Hash, place: u64) -> Self {
        if hash == Hash::default() {
            return Self::empty();
        }
        let stands = Stands::Disk(place);
        Self { hash, stands }
    }

    /// The hash; that of a root commits to the whole map.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The offset in the node file, when it was written there.
    pub fn place(&self) -> Option<u64> {
        match &self.stands {
            Stands::Nowhere => None,
            Stands::Disk(place) => Some(*place),
            Stands::Memory(node) => node.place(),
        }
    }

    /// Whether there is no leaf.
    pub fn is_empty(&self) -> bool {
        matches!(self.stands, Stands::Nowhere)
    }
}

impl Default for Subtree {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Subtree {
    /// The hash says it all: equal subtrees may stand in different places.
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Subtree {}

/// A node file, and with it every root whose nodes are in it or in memory.
#[derive(Clone, Copy)]
pub struct Trie<'a> {
    file: &'a dyn DiskFile,
}

impl<'a> Trie<'a> {
    /// The tries over a node file.
    pub fn new(file: &'a dyn DiskFile) -> Self {
        Self { file }
    }
}

/// Why the trie could not answer.
#[derive(Debug, thiserror::Error)]
pub enum TrieError {
    /// What stands there is not the node that its parent, or the block, names.
    #[error("state file damaged at offset {offset}: {what}")]
    Damaged {
        /// Where the node stands.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The disk failed.
    #[error("state file unreadable at offset {offset}: {source}")]
    Unreadable {
        /// Where the node stands.
        offset: u64,
        /// What the disk said.
        source: io::Error,
    },
    /// A change asked for a value beyond [`VALUE_BYTES_MAX`].
    #[error("a value of {length_bytes} bytes for {key} is longer than {VALUE_BYTES_MAX}")]
    ValueTooLong {
        /// Whose value.
        key: Key,
        /// How long it is.
        length_bytes: usize,
    },
}

impl TrieError {
    /// Where in the node file the trouble is, if it is there.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Damaged { offset, .. } | Self::Unreadable { offset, .. } => Some(*offset),
            Self::ValueTooLong { .. } => None,
        }
    }
}
