//! A block in which some entries are withheld: shown to those who may not read them all.
//!
//! In the place of a withheld entry stands its leaf hash, so that whoever holds the block still
//! checks its body root, the log's root and its seal.

use super::{HEADER_BYTES, Header, MAX_ENTRY_BYTES, NotABlock, Reader};
use crate::hash::Hash;
use crate::merkle;
use crate::seal::Seal;

/// The media type of a partial block.
pub const PARTIAL_BLOCK: &str = "application/vnd.chancery.partial-block";

/// Stands where the length of a withheld entry would: no entry is that long.
const WITHHELD: u32 = u32::MAX;

/// A block as far as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialBlock {
    /// What it states.
    pub header: Header,
    /// Why it counts.
    pub seal: Seal,
    /// Its entries in order, each shown or not.
    pub entries: Vec<PartialEntry>,
}

/// An entry of a partial block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartialEntry {
    /// The entry: see [`crate::transition::Entry`].
    Shown(Vec<u8>),
    /// The leaf hash of an entry that is not shown.
    Withheld(Hash),
}

impl PartialEntry {
    /// The hash of the log's leaf.
    pub fn leaf(&self) -> Hash {
        match self {
            Self::Shown(entry) => merkle::leaf_hash(entry),
            Self::Withheld(leaf) => *leaf,
        }
    }
}

impl PartialBlock {
    /// How many entries are withheld.
    pub fn withheld(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry, PartialEntry::Withheld(_))).count()
    }

    /// As a block, but for a withheld entry the length 2^32 - 1 and then its leaf hash.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + 1024);
        super::put_head(&mut bytes, &self.header, &self.seal, self.entries.len());
        for entry in &self.entries {
            match entry {
                PartialEntry::Shown(entry) => {
                    bytes.extend_from_slice(&(entry.len() as u32).to_be_bytes());
                    bytes.extend_from_slice(entry);
                }
                PartialEntry::Withheld(leaf) => {
                    bytes.extend_from_slice(&WITHHELD.to_be_bytes());
                    bytes.extend_from_slice(leaf.as_bytes());
                }
            }
        }
        bytes
    }

    /// Reads [`PartialBlock::encode`]; the leaves must be those that the header's body root names.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotABlock> {
        let mut reader = Reader(bytes);
        let (header, seal, count) = reader.head()?;
        let mut entries = Vec::with_capacity(count.min(bytes.len() / 4));
        for _ in 0..count {
            entries.push(match reader.u32()? {
                WITHHELD => PartialEntry::Withheld(reader.hash()?),
                len if len as usize > MAX_ENTRY_BYTES => {
                    return Err(NotABlock("an entry is too long"));
                }
                len => PartialEntry::Shown(reader.take(len as usize)?.to_vec()),
            });
        }
        reader.end()?;
        let leaves: Vec<Hash> = entries.iter().map(PartialEntry::leaf).collect();
        if merkle::body_root(&leaves) != header.body_root {
            return Err(NotABlock("the entries are not those that the header names"));
        }
        Ok(Self { header, seal, entries })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::block::Block;

    fn block() -> Block {
        let entries = vec![b"applied\n{}".to_vec(), b"applied\n{\"x\":1}".to_vec()];
        let leaves: Vec<Hash> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
        let header = Header {
            ledger: Hash::of(&[b"ledger"]),
            height: 7,
            previous: Hash::of(&[b"6"]),
            time: crate::time::Time::from_ms(1000).unwrap(),
            body_root: merkle::body_root(&leaves),
            log_size: 2,
            log_root: Hash::default(),
            state_root: Hash::default(),
            pool: Hash::default(),
        };
        Block { header, seal: Seal::Genesis, entries }
    }

    #[test]
    fn a_partial_block_keeps_its_root_whatever_it_withholds() {
        let Block { header, seal, entries } = block();
        for withheld in 0..4 {
            let entries: Vec<PartialEntry> = entries
                .iter()
                .enumerate()
                .map(|(index, entry)| match withheld >> index & 1 {
                    0 => PartialEntry::Shown(entry.clone()),
                    _ => PartialEntry::Withheld(merkle::leaf_hash(entry)),
                })
                .collect();
            let partial = PartialBlock { header: header.clone(), seal: seal.clone(), entries };
            assert_eq!(PartialBlock::decode(&partial.encode()), Ok(partial));
        }
    }

    #[test]
    fn a_whole_block_reads_as_a_partial_one_and_not_the_other_way_about() {
        let block = block();
        let whole = PartialBlock::decode(&block.encode()).unwrap();
        assert_eq!(whole.withheld(), 0);
        let mut partial = whole;
        partial.entries[1] = PartialEntry::Withheld(partial.entries[1].leaf());
        assert!(Block::decode(&partial.encode()).is_err());
        partial.entries[1] = PartialEntry::Withheld(Hash::of(&[b"another"]));
        assert!(PartialBlock::decode(&partial.encode()).is_err());
        let cut = block.encode();
        assert!(PartialBlock::decode(&cut[..cut.len() - 1]).is_err());
    }
}
