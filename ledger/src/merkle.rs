//! The log's Merkle tree (RFC 6962): appending, the root, and where its nodes stand on disk.

mod body;
mod proof;

use rs_merkle::{Hasher, MerkleTree};
use serde::{Deserialize, Serialize};

use crate::hash::Hash;

pub use body::{BODY_PATH_MAX, Beside, body_root_from, prove_in_body};
pub use proof::{
    BadProof, ConsistencyProof, InclusionProof, ProveError, prove_consistency, prove_inclusion,
};

/// No log is longer: positions stay exact as JSON numbers.
pub const LOG_SIZE_MAX: u64 = 1 << 53;

/// The hash of a log entry: SHA-256(0x00 | entry), RFC 6962 2.1.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::of(&[&[0x00], entry])
}

/// The hash of two subtrees: SHA-256(0x01 | left | right), RFC 6962 2.1.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[0x01], left.as_bytes(), right.as_bytes()])
}

/// The roots of the complete subtrees of a log, the largest first: enough to append and to give
/// the root.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "UncheckedFrontier")]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The log's root: RFC 6962's MTH, SHA-256 of nothing when the log is empty.
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().copied().rev();
        joined.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(Hash::empty)
    }

    /// Appends; `emit` gets the leaf and then each node it completes, in the order in which they
    /// stand in the node file (post-order).
    pub fn push(&mut self, leaf: Hash, emit: &mut impl FnMut(Hash)) {
        emit(leaf);
        let mut hash = leaf;
        // A one at the end of the size is a complete subtree that has waited for its right half.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
                emit(hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The frontier of a log whose nodes are on disk.
    pub fn from_nodes<N: Nodes>(size: u64, nodes: &N) -> Result<Self, N::Error> {
        let peaks = peaks_of(0, size)
            .map(|(level, index)| nodes.node(level, index))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedFrontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl TryFrom<UncheckedFrontier> for Frontier {
    type Error = &'static str;

    fn try_from(unchecked: UncheckedFrontier) -> Result<Self, Self::Error> {
        let UncheckedFrontier { size, peaks } = unchecked;
        if size > LOG_SIZE_MAX || peaks.len() != size.count_ones() as usize {
            return Err("a log has one peak for each binary one of its size");
        }
        Ok(Self { size, peaks })
    }
}

/// Reading complete subtrees: level 0 are the leaves, and the subtree at `(level, index)` holds
/// the `2^level` leaves from `index * 2^level`.
pub trait Nodes {
    /// Why a node could not be read.
    type Error;

    /// The root of a complete subtree.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Where a complete subtree stands in the post-order node file, counted in hashes. Beyond any
/// file for numbers that no log reaches.
pub fn node_place(level: u32, index: u64) -> u64 {
    let width = 1_u64.checked_shl(level).unwrap_or(u64::MAX);
    let last_leaf = index.saturating_add(1).saturating_mul(width) - 1;
    // The last leaf of the subtree completes it, after the nodes on the way up to it.
    nodes_in(last_leaf).saturating_add(u64::from(level))
}

/// How many hashes the node file of a log of this size has.
pub fn nodes_in(size: u64) -> u64 {
    size.saturating_mul(2) - u64::from(size.count_ones())
}

/// The complete subtrees of the log's entries `begin..end`, the largest first. `begin` must be a
/// multiple of the power of two at or above the length, as it is for every subtree of RFC 6962.
fn peaks_of(begin: u64, end: u64) -> impl DoubleEndedIterator<Item = (u32, u64)> {
    let length = end - begin;
    let levels = u64::BITS - length.leading_zeros();
    (0..levels).rev().filter_map(move |level| {
        let complete = length >> level;
        (complete & 1 == 1).then(|| (level, (begin >> level) + complete - 1))
    })
}

/// The root of a block's body: `rs_merkle`'s tree over its leaf hashes, which with this hasher is
/// RFC 6962's, so a body's proof verifies like the log's.
pub fn body_root(leaf_hashes: &[Hash]) -> Hash {
    let leaves: Vec<[u8; 32]> = leaf_hashes.iter().map(|leaf| leaf.0).collect();
    MerkleTree::<Rfc6962>::from_leaves(&leaves).root().map_or_else(Hash::empty, Hash)
}

/// RFC 6962's hashing for `rs_merkle`, over leaves that are already hashed.
#[derive(Clone)]
pub struct Rfc6962;

impl Hasher for Rfc6962 {
    type Hash = [u8; 32];

    fn hash(data: &[u8]) -> [u8; 32] {
        leaf_hash(data).0
    }

    /// A node without a sibling moves up as it is; `rs_merkle`'s own default would hash pairs
    /// with the prefix of leaves.
    fn concat_and_hash(left: &[u8; 32], right: Option<&[u8; 32]>) -> [u8; 32] {
        right.map_or(*left, |right| node_hash(&Hash(*left), &Hash(*right)).0)
    }
}
