//! A node as bytes in the node file.
//!
//! ```text
//! inner  checksum 4 | 0x11 | left hash 32 | left place 6 | right hash 32 | right place 6
//! leaf   checksum 4 | 0x10 | key 32 | value length 4 | value
//! ```
//!
//! Numbers are little-endian. The checksum is the CRC-32C of the node's hash followed by the record
//! behind the checksum. The reader knows the hash from the parent, so a place that leads to
//! another node is noticed like a damaged byte, without the cost of hashing.

use super::node::Node;
use super::{Key, Subtree, TrieError, VALUE_BYTES_MAX};
use crate::disk::DiskFile;
use crate::hash::Hash;

const CHECKSUM_BYTES: usize = 4;
const TAG_LEAF: u8 = 0x10;
const TAG_INNER: u8 = 0x11;
/// 2^48 bytes are 281 terabytes.
const PLACE_BYTES: usize = 6;
const CHILD_BYTES: usize = 32 + PLACE_BYTES;
const INNER_BYTES: usize = CHECKSUM_BYTES + 1 + 2 * CHILD_BYTES;
const LEAF_HEAD_BYTES: usize = CHECKSUM_BYTES + 1 + 32 + 4;

/// Appends the record of a node whose children are on disk.
pub(super) fn encode(hash: &Hash, node: &Node, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend([0; CHECKSUM_BYTES]);
    match node {
        Node::Inner { left, right } => {
            out.push(TAG_INNER);
            encode_child(left, out);
            encode_child(right, out);
        }
        Node::Leaf { key, value } => {
            out.push(TAG_LEAF);
            out.extend(key.as_bytes());
            out.extend((value.len() as u32).to_le_bytes());
            out.extend(value);
        }
    }
    let body = start + CHECKSUM_BYTES;
    let checksum = checksum(hash, &[&out[body..]]);
    out[start..body].copy_from_slice(&checksum);
}

fn encode_child(child: &Subtree, out: &mut Vec<u8>) {
    let place = child.place().unwrap_or(0);
    out.extend(child.hash.as_bytes());
    out.extend(&place.to_le_bytes()[..PLACE_BYTES]);
}

fn checksum(hash: &Hash, parts: &[&[u8]]) -> [u8; CHECKSUM_BYTES] {
    let start = crc32c::crc32c(hash.as_bytes());
    let sum = parts.iter().fold(start, |sum, part| crc32c::crc32c_append(sum, part));
    sum.to_le_bytes()
}

/// Reads the node of a hash at an offset.
pub(super) fn read(file: &dyn DiskFile, hash: &Hash, offset: u64) -> Result<Node, TrieError> {
    let record = Record { file, hash, offset };
    let room = file.len().saturating_sub(offset);
    let mut buffer = [0; INNER_BYTES];
    let head = &mut buffer[..room.min(INNER_BYTES as u64) as usize];
    record.fill(0, head)?;
    match head.get(CHECKSUM_BYTES) {
        Some(&TAG_INNER) => record.inner(head),
        Some(&TAG_LEAF) => record.leaf(head, room),
        _ => Err(record.damaged("no node stands here")),
    }
}

/// A record that is being read.
struct Record<'a> {
    file: &'a dyn DiskFile,
    hash: &'a Hash,
    offset: u64,
}

impl Record<'_> {
    fn inner(&self, head: &[u8]) -> Result<Node, TrieError> {
        let children = (head.len() == INNER_BYTES).then(|| &head[CHECKSUM_BYTES + 1..]);
        let children = children.ok_or_else(|| self.damaged("the node is cut off"))?;
        self.sums(head, &[])?;
        let (left, right) = children.split_at(CHILD_BYTES);
        Ok(Node::Inner { left: self.child(left)?, right: self.child(right)? })
    }

    fn child(&self, bytes: &[u8]) -> Result<Subtree, TrieError> {
        let (hash, place) = bytes.split_at(32);
        let child = Subtree::on_disk(array(hash), number(place));
        // Children are written first; so a damaged file cannot lead in circles.
        match child.place() {
            Some(place) if place >= self.offset => {
                Err(self.damaged("the node stands before its child"))
            }
            _ => Ok(child),
        }
    }

    fn leaf(&self, head: &[u8], room: u64) -> Result<Node, TrieError> {
        if head.len() < LEAF_HEAD_BYTES {
            return Err(self.damaged("the leaf is cut off"));
        }
        let (head, begun) = head.split_at(LEAF_HEAD_BYTES);
        let (key, length) = head[CHECKSUM_BYTES + 1..].split_at(32);
        let length = number(length) as usize;
        // Before anything is allocated for it.
        if length > VALUE_BYTES_MAX || (LEAF_HEAD_BYTES + length) as u64 > room {
            return Err(self.damaged("the leaf's value is cut off"));
        }
        let mut value = vec![0; length];
        let here = begun.len().min(length);
        value[..here].copy_from_slice(&begun[..here]);
        self.fill(LEAF_HEAD_BYTES + here, &mut value[here..])?;
        self.sums(head, &value)?;
        let key: Key = array(key);
        Ok(Node::Leaf { key, value })
    }

    fn sums(&self, head: &[u8], rest: &[u8]) -> Result<(), TrieError> {
        let (sum, body) = head.split_at(CHECKSUM_BYTES);
        if checksum(self.hash, &[body, rest]) != sum {
            return Err(self.damaged("the checksum does not fit"));
        }
        Ok(())
    }

    fn fill(&self, skip: usize, into: &mut [u8]) -> Result<(), TrieError> {
        let offset = self.offset.saturating_add(skip as u64);
        if into.is_empty() {
            return Ok(());
        }
        self.file
            .read_at(offset, into)
            .map_err(|source| TrieError::Unreadable { offset: self.offset, source })
    }

    fn damaged(&self, what: &'static str) -> TrieError {
        let offset = self.offset;
        TrieError::Damaged { offset, what }
    }
}

/// The first 32 bytes.
fn array(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(&bytes[..32]);
    Hash(hash)
}

/// A little-endian number of at most eight bytes.
fn number(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(wide)
}
