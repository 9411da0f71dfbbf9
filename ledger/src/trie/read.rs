//! Reading a root: one value, all values, or a proof.

use std::borrow::Cow;

use super::node::{Node, goes_right};
use super::{DEPTH_MAX, Key, OtherLeaf, Stands, Subtree, Trie, TrieError, TrieProof, record};
use crate::hash::Hash;

impl Trie<'_> {
    /// The value of a key under a root. Every record on the way is checked by its checksum, the
    /// leaf by its hash.
    pub fn get(&self, root: &Subtree, key: &Key) -> Result<Option<Vec<u8>>, TrieError> {
        let mut subtree = root.clone();
        for depth in 0..=DEPTH_MAX {
            let Some(node) = self.node(&subtree)? else {
                return Ok(None);
            };
            let next = match node.as_ref() {
                Node::Inner { left, right } => child_of(key, depth, left, right).0.clone(),
                Node::Leaf { key: found, .. } if found != key => return Ok(None),
                Node::Leaf { .. } => {
                    is_what_its_hash_says(&subtree, &node)?;
                    return Ok(value_of(node.into_owned()));
                }
            };
            subtree = next;
        }
        Err(too_deep(&subtree))
    }

    /// The proof of a key's value under a root, or of its absence. Every node on the way is
    /// checked by its hash, so a proof from a damaged file is an error and not a lie.
    pub fn prove(&self, root: &Subtree, key: &Key) -> Result<TrieProof, TrieError> {
        let mut siblings = Vec::new();
        let mut subtree = root.clone();
        for depth in 0..=DEPTH_MAX {
            let Some(node) = self.checked_node(&subtree)? else {
                return Ok(TrieProof { siblings, leaf: None });
            };
            let next = match node.as_ref() {
                Node::Inner { left, right } => {
                    let (next, sibling) = child_of(key, depth, left, right);
                    siblings.push(sibling.hash);
                    next.clone()
                }
                Node::Leaf { key: found, value } => {
                    let leaf = (found != key)
                        .then(|| OtherLeaf { key: *found, value_hash: Hash::of(&[value]) });
                    return Ok(TrieProof { siblings, leaf });
                }
            };
            subtree = next;
        }
        Err(too_deep(&subtree))
    }

    /// Visits every key and value of a root in the order of the keys, until the visitor returns
    /// an error. Every node is checked by its hash.
    pub fn walk<E: From<TrieError>>(
        &self,
        root: &Subtree,
        visit: &mut impl FnMut(&Key, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut ahead = vec![(root.clone(), 0)];
        while let Some((subtree, depth)) = ahead.pop() {
            if depth > DEPTH_MAX {
                return Err(too_deep(&subtree).into());
            }
            match self.checked_node(&subtree)?.as_deref() {
                Some(Node::Inner { left, right }) => {
                    ahead.push((right.clone(), depth + 1));
                    ahead.push((left.clone(), depth + 1));
                }
                Some(Node::Leaf { key, value }) => visit(key, value)?,
                None => {}
            }
        }
        Ok(())
    }

    /// The node of a subtree, or nothing when it is empty. A record from disk has passed its
    /// checksum.
    pub(super) fn node<'s>(
        &self,
        subtree: &'s Subtree,
    ) -> Result<Option<Cow<'s, Node>>, TrieError> {
        match subtree.stands {
            Stands::Nowhere => Ok(None),
            Stands::Memory(_) => Ok(subtree.node_in_memory()),
            Stands::Disk(place) => {
                let node = record::read(self.file, &subtree.hash, place)?;
                Ok(Some(Cow::Owned(node)))
            }
        }
    }

    /// As [`Self::node`], and a record from disk has also proved to be what its hash says: what
    /// goes into a new root or a proof must not rest on a checksum.
    pub(super) fn checked_node<'s>(
        &self,
        subtree: &'s Subtree,
    ) -> Result<Option<Cow<'s, Node>>, TrieError> {
        let node = self.node(subtree)?;
        if let Some(node) = &node {
            is_what_its_hash_says(subtree, node)?;
        }
        Ok(node)
    }
}

fn is_what_its_hash_says(subtree: &Subtree, node: &Node) -> Result<(), TrieError> {
    match subtree.stands {
        Stands::Disk(offset) if node.hash() != subtree.hash => {
            Err(TrieError::Damaged { offset, what: "the node's hash does not fit" })
        }
        _ => Ok(()),
    }
}

fn value_of(node: Node) -> Option<Vec<u8>> {
    match node {
        Node::Leaf { value, .. } => Some(value),
        Node::Inner { .. } => None,
    }
}

/// The child on a key's way, and the other one.
fn child_of<'n>(
    key: &Key,
    depth: usize,
    left: &'n Subtree,
    right: &'n Subtree,
) -> (&'n Subtree, &'n Subtree) {
    if goes_right(key, depth) { (right, left) } else { (left, right) }
}

/// Keys have no bit left to choose by.
pub(super) fn too_deep(subtree: &Subtree) -> TrieError {
    wrong(subtree, "the trie is deeper than its keys")
}

/// The bits on the way to a leaf are the first of its key.
pub(super) fn astray(subtree: &Subtree) -> TrieError {
    wrong(subtree, "the leaf is not on the way of its key")
}

fn wrong(subtree: &Subtree, what: &'static str) -> TrieError {
    let offset = subtree.place().unwrap_or(0);
    TrieError::Damaged { offset, what }
}
