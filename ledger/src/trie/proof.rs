//! Proofs about the state: a key has a value, or it has none.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::node::{goes_right, inner_hash, leaf_hash, shared_bits};
use super::{DEPTH_MAX, Key};
use crate::hash::Hash;

/// The way from a root to where a key's leaf stands, or would stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrieProof {
    /// The hashes beside the way, from the root down; zero where there is nothing. At most
    /// [`DEPTH_MAX`].
    #[serde(deserialize_with = "at_most_depth_max")]
    pub siblings: Vec<Hash>,
    /// The leaf that stands there when it is another key's, which proves absence.
    pub leaf: Option<OtherLeaf>,
}

/// A leaf that stands where the key would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherLeaf {
    /// Its key, which begins with the bits that lead there.
    pub key: Key,
    /// SHA-256 of its value: the value itself is nobody's business here.
    pub value_hash: Hash,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// The way is longer than a key.
    #[error("the proof is deeper than its key")]
    TooDeep,
    /// It names another key's leaf where the key's own should stand, or the key's own as another.
    #[error("the proof is not about this key")]
    OtherKey,
    /// The way leads elsewhere.
    #[error("the proof does not lead to the root")]
    Root,
}

impl TrieProof {
    /// Checks that under the root the key has this value, or with `None` that it has none.
    pub fn verify(&self, root: &Hash, key: &Key, value: Option<&[u8]>) -> Result<(), BadProof> {
        if self.root(key, value)? == *root { Ok(()) } else { Err(BadProof::Root) }
    }

    /// The root that the proof leads to if the key has this value, or none.
    pub(crate) fn root(&self, key: &Key, value: Option<&[u8]>) -> Result<Hash, BadProof> {
        if self.siblings.len() > DEPTH_MAX {
            return Err(BadProof::TooDeep);
        }
        let end = self.end(key, value)?;
        let ways = self.siblings.iter().enumerate().rev();
        Ok(ways.fold(end, |hash, (depth, sibling)| {
            if goes_right(key, depth) {
                inner_hash(sibling, &hash)
            } else {
                inner_hash(&hash, sibling)
            }
        }))
    }

    /// The hash of what the proof says stands at the end of the way.
    fn end(&self, key: &Key, value: Option<&[u8]>) -> Result<Hash, BadProof> {
        match (value, &self.leaf) {
            (Some(value), None) => Ok(leaf_hash(key, &Hash::of(&[value]))),
            (None, None) => Ok(Hash::default()),
            (None, Some(other)) if other.stands_in_the_way(key, self.siblings.len()) => {
                Ok(leaf_hash(&other.key, &other.value_hash))
            }
            (_, Some(_)) => Err(BadProof::OtherKey),
        }
    }
}

impl OtherLeaf {
    /// A leaf is alone in its subtree: in that of the key at this depth, so the key is not there.
    fn stands_in_the_way(&self, key: &Key, depth: usize) -> bool {
        self.key != *key && shared_bits(&self.key, key) >= depth
    }
}

fn at_most_depth_max<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
    let siblings = Vec::deserialize(deserializer)?;
    if siblings.len() > DEPTH_MAX {
        return Err(de::Error::custom(BadProof::TooDeep));
    }
    Ok(siblings)
}
