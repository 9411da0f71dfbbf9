//! Proofs about the log: that an entry stands in it, and that it only ever grew (RFC 9162 2.1).

use serde::{Deserialize, Serialize};

use super::{Nodes, node_hash, peaks_of};
use crate::hash::Hash;

/// An entry stands at a position of a log of some size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// Counted from zero.
    pub position: u64,
    /// Entries in the log whose root the proof leads to.
    pub log_size: u64,
    /// The sibling hashes from the leaf to the root.
    pub path: Vec<Hash>,
}

/// A log of `to` entries begins with the log of `from` entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyProof {
    /// Entries in the earlier log.
    pub from: u64,
    /// Entries in the later log.
    pub to: u64,
    /// RFC 9162's PROOF; empty when either log is empty or both are the same.
    pub path: Vec<Hash>,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// The position is not in the log, or the earlier log is the longer one.
    #[error("the proof is about a place outside the log")]
    OutOfRange,
    /// A tree of this size has a path of another length.
    #[error("the proof's path has the wrong length")]
    PathLength,
    /// The path leads elsewhere.
    #[error("the proof does not lead to the root")]
    Root,
}

/// Why there is no proof to give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The position is not in the log, or the earlier log is the longer one.
    #[error("{place} is not within a log of {log_size}")]
    OutOfRange {
        /// The position or the earlier size that was asked for.
        place: u64,
        /// Entries in the log.
        log_size: u64,
    },
    /// A node could not be read.
    #[error(transparent)]
    Nodes(#[from] E),
}

/// The proof that the entry at `position` is in the log of the first `log_size` entries:
/// RFC 9162 2.1.3.1, PATH.
pub fn prove_inclusion<N: Nodes>(
    nodes: &N,
    position: u64,
    log_size: u64,
) -> Result<InclusionProof, ProveError<N::Error>> {
    if position >= log_size {
        let place = position;
        return Err(ProveError::OutOfRange { place, log_size });
    }
    let (mut begin, mut end) = (0, log_size);
    let mut path = Vec::new();
    while end - begin > 1 {
        let middle = begin + left_half(end - begin);
        if position < middle {
            path.push(subtree_root(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree_root(nodes, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(InclusionProof { position, log_size, path })
}

/// The proof that the log of `to` entries begins with that of `from`: RFC 9162 2.1.4.1, PROOF.
pub fn prove_consistency<N: Nodes>(
    nodes: &N,
    from: u64,
    to: u64,
) -> Result<ConsistencyProof, ProveError<N::Error>> {
    if from > to {
        let (place, log_size) = (from, to);
        return Err(ProveError::OutOfRange { place, log_size });
    }
    let (mut begin, mut end) = (0, to);
    let mut path = Vec::new();
    while from > 0 && end != from {
        let middle = begin + left_half(end - begin);
        if from <= middle {
            path.push(subtree_root(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree_root(nodes, begin, middle)?);
            begin = middle;
        }
    }
    // When the earlier log is a subtree by itself, the verifier has its root already.
    if begin > 0 {
        path.push(subtree_root(nodes, begin, end)?);
    }
    path.reverse();
    Ok(ConsistencyProof { from, to, path })
}

/// The largest power of two below a length of at least two: where RFC 6962 divides a tree.
fn left_half(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

fn subtree_root<N: Nodes>(nodes: &N, begin: u64, end: u64) -> Result<Hash, N::Error> {
    let mut peaks = peaks_of(begin, end).rev();
    let Some((level, index)) = peaks.next() else {
        return Ok(Hash::empty());
    };
    let mut root = nodes.node(level, index)?;
    for (level, index) in peaks {
        root = node_hash(&nodes.node(level, index)?, &root);
    }
    Ok(root)
}

impl InclusionProof {
    /// Checks that the proof leads from the leaf to the root: RFC 9162 2.1.3.2. A root does not
    /// commit to its log's size, so take both from one checkpoint and compare `log_size` first.
    pub fn verify(&self, leaf: &Hash, root: &Hash) -> Result<(), BadProof> {
        leads_to(&self.root(leaf)?, root)
    }

    /// The root that the proof leads to from the leaf.
    pub(crate) fn root(&self, leaf: &Hash) -> Result<Hash, BadProof> {
        if self.position >= self.log_size {
            return Err(BadProof::OutOfRange);
        }
        let mut climb = Climb::new(self.position, self.log_size - 1);
        let mut hash = *leaf;
        for sibling in &self.path {
            hash = match climb.step()? {
                Side::Left => node_hash(sibling, &hash),
                Side::Right => node_hash(&hash, sibling),
            };
        }
        climb.ends()?;
        Ok(hash)
    }
}

impl ConsistencyProof {
    /// Checks that the later log begins with the earlier one: RFC 9162 2.1.4.2, and for an
    /// empty or equal earlier log that nothing is left to prove. A root does not commit to its
    /// log's size, so take each with its root from one checkpoint and compare them first.
    pub fn verify(&self, from_root: &Hash, to_root: &Hash) -> Result<(), BadProof> {
        if self.from > self.to {
            return Err(BadProof::OutOfRange);
        }
        if self.from == 0 || self.from == self.to {
            return self.verify_trivial(from_root, to_root);
        }
        let mut climb = Climb::new(self.from - 1, self.to - 1);
        climb.skip(self.from.trailing_zeros());
        let (start, path) = if self.from.is_power_of_two() {
            (from_root, &self.path[..])
        } else {
            self.path.split_first().ok_or(BadProof::PathLength)?
        };
        let (mut from_hash, mut to_hash) = (*start, *start);
        for sibling in path {
            match climb.step()? {
                Side::Left => {
                    from_hash = node_hash(sibling, &from_hash);
                    to_hash = node_hash(sibling, &to_hash);
                }
                Side::Right => to_hash = node_hash(&to_hash, sibling),
            }
        }
        climb.ends()?;
        leads_to(&from_hash, from_root)?;
        leads_to(&to_hash, to_root)
    }

    fn verify_trivial(&self, from_root: &Hash, to_root: &Hash) -> Result<(), BadProof> {
        if !self.path.is_empty() {
            return Err(BadProof::PathLength);
        }
        if self.from == 0 {
            leads_to(from_root, &Hash::empty())?;
        }
        if self.to == 0 {
            leads_to(to_root, &Hash::empty())?;
        }
        if self.from == self.to {
            leads_to(from_root, to_root)?;
        }
        Ok(())
    }
}

fn leads_to(hash: &Hash, root: &Hash) -> Result<(), BadProof> {
    if hash == root { Ok(()) } else { Err(BadProof::Root) }
}

/// On which side of the climbing hash its sibling stands.
enum Side {
    Left,
    Right,
}

/// The way from a leaf to the root: `fn` and `sn` of RFC 9162, the positions of the climbing node
/// and of the last node at its level.
struct Climb {
    node: u64,
    last: u64,
}

impl Climb {
    fn new(node: u64, last: u64) -> Self {
        Self { node, last }
    }

    /// Goes up without a sibling.
    fn skip(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }

    /// Takes one hash of the path.
    fn step(&mut self) -> Result<Side, BadProof> {
        if self.last == 0 {
            return Err(BadProof::PathLength);
        }
        if self.node & 1 == 0 && self.node != self.last {
            self.skip(1);
            return Ok(Side::Right);
        }
        // A last node without a sibling moves up as it is, until it stands on the right.
        if self.node & 1 == 0 {
            self.skip(self.node.trailing_zeros());
        }
        self.skip(1);
        Ok(Side::Left)
    }

    fn ends(&self) -> Result<(), BadProof> {
        if self.last == 0 { Ok(()) } else { Err(BadProof::PathLength) }
    }
}
