//! Paths within a block: that an entry is one of those that a header's body root stands for.
//!
//! A root commits to no number of entries, so a path does not name a place: it says of each hash on
//! which side it stands, and nothing that the root does not bind.

use rs_merkle::MerkleTree;
use serde::{Deserialize, Serialize};

use super::{Rfc6962, node_hash};
use crate::hash::Hash;

/// The longest path in a block: its number of entries has 32 bits.
pub const BODY_PATH_MAX: usize = 32;

/// A hash beside the way from an entry to the body root, with its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beside {
    /// It stands on the left, so it is hashed first.
    Left(Hash),
    /// It stands on the right.
    Right(Hash),
}

/// The root that a path leads to from a leaf.
pub fn body_root_from(leaf: &Hash, path: &[Beside]) -> Hash {
    path.iter().fold(*leaf, |hash, beside| match beside {
        Beside::Left(left) => node_hash(left, &hash),
        Beside::Right(right) => node_hash(&hash, right),
    })
}

/// The path of the leaf at an index among all leaf hashes of a block; `None` when it has no such leaf.
pub fn prove_in_body(leaves: &[Hash], index: usize) -> Option<Vec<Beside>> {
    if index >= leaves.len() {
        return None;
    }
    let hashes: Vec<[u8; 32]> = leaves.iter().map(|leaf| leaf.0).collect();
    let tree = MerkleTree::<Rfc6962>::from_leaves(&hashes);
    let proof = tree.proof(&[index]);
    let mut hashes = proof.proof_hashes().iter().copied().map(Hash);
    let (mut index, mut width) = (index, leaves.len());
    let mut path = Vec::new();
    while width > 1 {
        // The last of an odd number has no sibling and moves up as it is.
        if index % 2 == 1 {
            path.push(Beside::Left(hashes.next()?));
        } else if index + 1 < width {
            path.push(Beside::Right(hashes.next()?));
        }
        (index, width) = (index / 2, width.div_ceil(2));
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::super::{body_root, leaf_hash};
    use super::*;

    #[test]
    fn every_leaf_of_every_small_block_is_led_to_the_root() {
        for count in 1..=40_usize {
            let leaves: Vec<Hash> = (0..count).map(|number| leaf_hash(&[number as u8])).collect();
            let root = body_root(&leaves);
            for (index, leaf) in leaves.iter().enumerate() {
                let path = prove_in_body(&leaves, index).unwrap_or_default();
                assert_eq!(body_root_from(leaf, &path), root, "{index} of {count}");
                assert!(path.len() <= count.next_power_of_two().ilog2() as usize);
            }
            assert_eq!(prove_in_body(&leaves, count), None);
        }
    }
}
