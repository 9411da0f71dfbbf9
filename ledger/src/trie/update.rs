//! Updating a root: a new root that shares with the old what did not change.

use std::collections::BTreeMap;

use super::node::{Node, goes_right, shared_bits};
use super::read::{astray, too_deep};
use super::{DEPTH_MAX, Key, Stands, Subtree, Trie, TrieError, VALUE_BYTES_MAX, record};

/// A key and its new value, or none to remove it.
type Change<'c> = (&'c Key, &'c Option<Vec<u8>>);

/// A key and the leaf that holds it.
type Leaf = (Key, Subtree);

impl Trie<'_> {
    /// The root after the changes: a value is put, nothing removes the key. The nodes above are
    /// hashed once, however many changes are below. Old nodes whose children's hashes go into the
    /// new root are checked by their own hash first.
    pub fn update(
        &self,
        root: &Subtree,
        changes: &BTreeMap<Key, Option<Vec<u8>>>,
    ) -> Result<Subtree, TrieError> {
        let changes: Vec<Change<'_>> = changes.iter().collect();
        for (key, value) in &changes {
            fits(key, value)?;
        }
        self.updated(root, 0, &changes)
    }

    /// Appends the nodes of a root that are only in memory to `out`, children before parents, and
    /// gives the same root on disk. `out` must then be appended to the node file so that it
    /// stands at `base_offset`: the nodes remember their places, and every fork that shares them
    /// counts on it. If the append fails, or the process dies before it is durable, no root
    /// names these nodes yet, and opening the store cuts them off.
    pub fn write(&self, root: &Subtree, base_offset: u64, out: &mut Vec<u8>) -> Subtree {
        if let Stands::Memory(standing) = &root.stands
            && standing.place().is_none()
        {
            if let Node::Inner { left, right } = &standing.node {
                self.write(left, base_offset, out);
                self.write(right, base_offset, out);
            }
            standing.written_at(base_offset + out.len() as u64);
            record::encode(&root.hash, &standing.node, out);
        }
        match root.place() {
            Some(place) => Subtree::on_disk(root.hash, place),
            None => Subtree::empty(),
        }
    }

    fn updated(
        &self,
        subtree: &Subtree,
        depth: usize,
        changes: &[Change<'_>],
    ) -> Result<Subtree, TrieError> {
        let Some((first, _)) = changes.first() else {
            return Ok(self.settled(subtree));
        };
        let Some(node) = self.checked_node(subtree)? else {
            return build(&new_leaves(changes), depth);
        };
        match node.as_ref() {
            Node::Inner { .. } if depth >= DEPTH_MAX => Err(too_deep(subtree)),
            Node::Inner { left, right } => {
                let (to_left, to_right) = split(changes, depth, |(key, _)| key);
                let new_left = self.updated(left, depth + 1, to_left)?;
                let new_right = self.updated(right, depth + 1, to_right)?;
                if new_left == *left && new_right == *right {
                    return Ok(self.settled(subtree));
                }
                self.joined(new_left, new_right)
            }
            Node::Leaf { key, .. } if shared_bits(key, first) < depth => Err(astray(subtree)),
            Node::Leaf { key, .. } => {
                let leaves = with_old_leaf(changes, key, self.settled(subtree));
                build(&leaves, depth)
            }
        }
    }

    /// Two children as one subtree. A leaf that is left alone moves up, so that the root does not
    /// tell which keys there once were.
    fn joined(&self, left: Subtree, right: Subtree) -> Result<Subtree, TrieError> {
        let alone = match (left.is_empty(), right.is_empty()) {
            (true, true) => return Ok(Subtree::empty()),
            (true, false) => Some(&right),
            (false, true) => Some(&left),
            (false, false) => None,
        };
        if let Some(alone) = alone
            && let Some(node) = self.checked_node(alone)?
            && matches!(node.as_ref(), Node::Leaf { .. })
        {
            return Ok(alone.clone());
        }
        Ok(inner(left, right))
    }

    /// The same subtree, but where its node has reached the file: pointed to there, so that a
    /// chain of blocks made in memory does not keep every node for ever.
    fn settled(&self, subtree: &Subtree) -> Subtree {
        match (&subtree.stands, subtree.place()) {
            (Stands::Memory(_), Some(place)) if place < self.file.len() => {
                Subtree::on_disk(subtree.hash, place)
            }
            _ => subtree.clone(),
        }
    }
}

fn fits(key: &Key, value: &Option<Vec<u8>>) -> Result<(), TrieError> {
    let length_bytes = value.as_ref().map_or(0, Vec::len);
    if length_bytes > VALUE_BYTES_MAX {
        let key = *key;
        return Err(TrieError::ValueTooLong { key, length_bytes });
    }
    Ok(())
}

fn inner(left: Subtree, right: Subtree) -> Subtree {
    Subtree::in_memory(Node::Inner { left, right })
}

/// Items in the order of their keys, divided by the bit at a depth. They share the bits before.
fn split<T>(items: &[T], depth: usize, key: impl Fn(&T) -> &Key) -> (&[T], &[T]) {
    items.split_at(items.partition_point(|item| !goes_right(key(item), depth)))
}

fn new_leaves(changes: &[Change<'_>]) -> Vec<Leaf> {
    changes.iter().filter_map(new_leaf).collect()
}

fn new_leaf((key, value): &Change<'_>) -> Option<Leaf> {
    let key = **key;
    let value = value.as_ref()?.clone();
    Some((key, Subtree::in_memory(Node::Leaf { key, value })))
}

/// The leaves after the changes where before there was one. A leaf whose value stays the same
/// keeps its place.
fn with_old_leaf(changes: &[Change<'_>], old_key: &Key, old: Subtree) -> Vec<Leaf> {
    let mut leaves = new_leaves(changes);
    let removed = || changes.binary_search_by_key(&old_key, |(key, _)| key).is_ok();
    match leaves.binary_search_by_key(old_key, |(key, _)| *key) {
        Ok(same) if leaves[same].1 == old => leaves[same].1 = old,
        Ok(_) => {}
        Err(_) if removed() => {}
        Err(place) => leaves.insert(place, (*old_key, old)),
    }
    leaves
}

/// The subtree of leaves that share the bits before a depth; distinct keys part before they end.
fn build(leaves: &[Leaf], depth: usize) -> Result<Subtree, TrieError> {
    match leaves {
        [] => Ok(Subtree::empty()),
        [(_, leaf)] => Ok(leaf.clone()),
        [(_, leaf), ..] if depth >= DEPTH_MAX => Err(too_deep(leaf)),
        _ => {
            let (left, right) = split(leaves, depth, |(key, _)| key);
            Ok(inner(build(left, depth + 1)?, build(right, depth + 1)?))
        }
    }
}
