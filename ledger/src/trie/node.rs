//! Nodes in memory and their hashes.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::{DEPTH_MAX, Key, Stands, Subtree};
use crate::hash::Hash;

/// A node, read from disk or made by an update.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Inner { left: Subtree, right: Subtree },
    Leaf { key: Key, value: Vec<u8> },
}

impl Node {
    pub(super) fn hash(&self) -> Hash {
        match self {
            Self::Inner { left, right } => inner_hash(&left.hash, &right.hash),
            Self::Leaf { key, value } => leaf_hash(key, &Hash::of(&[value])),
        }
    }
}

/// A node of a block in memory, and its place once it was written.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) node: Node,
    /// Told to every fork that shares the node, so that it is written once.
    place: OnceLock<u64>,
}

impl Standing {
    pub(super) fn place(&self) -> Option<u64> {
        self.place.get().copied()
    }

    /// The first place counts: a node is never written twice.
    pub(super) fn written_at(&self, place: u64) {
        let _ = self.place.set(place);
    }
}

impl Subtree {
    /// A node that is in memory only.
    pub(super) fn in_memory(node: Node) -> Self {
        let hash = node.hash();
        let place = OnceLock::new();
        let stands = Stands::Memory(Arc::new(Standing { node, place }));
        Self { hash, stands }
    }

    /// The node of a subtree in memory.
    pub(super) fn node_in_memory(&self) -> Option<Cow<'_, Node>> {
        match &self.stands {
            Stands::Memory(standing) => Some(Cow::Borrowed(&standing.node)),
            _ => None,
        }
    }
}

/// SHA-256(0x10 | key | SHA-256(value)): apart from the log's 0x00 and 0x01.
pub(super) fn leaf_hash(key: &Key, value_hash: &Hash) -> Hash {
    Hash::of(&[&[0x10], key.as_bytes(), value_hash.as_bytes()])
}

/// SHA-256(0x11 | left | right).
pub(super) fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[0x11], left.as_bytes(), right.as_bytes()])
}

/// Whether a key goes right at a depth, counted from the most significant bit. Deeper than keys
/// have bits everything goes left.
pub(super) fn goes_right(key: &Key, depth: usize) -> bool {
    let byte = key.0.get(depth / 8).copied().unwrap_or(0);
    byte & (0x80 >> (depth % 8)) != 0
}

/// How many leading bits two keys share.
pub(super) fn shared_bits(one: &Key, other: &Key) -> usize {
    let mut pairs = one.0.iter().zip(&other.0).enumerate();
    let differing = pairs.find(|(_, (a, b))| a != b);
    differing.map_or(DEPTH_MAX, |(byte, (a, b))| byte * 8 + (a ^ b).leading_zeros() as usize)
}
