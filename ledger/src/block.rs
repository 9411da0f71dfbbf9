//! Blocks: a header of fixed layout, the seal, and the entries it orders.

mod partial;

pub use partial::{PARTIAL_BLOCK, PartialBlock, PartialEntry};

use crate::hash::Hash;
use crate::merkle;
use crate::seal::Seal;
use crate::time::Time;

/// The longest entry that a log may carry (C2SP tlog-tiles: an entry's length is 16 bits).
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// What a block states; its hash is the block's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The ledger's id: the hash of its genesis.
    pub ledger: Hash,
    /// How many blocks stand before this one.
    pub height: u64,
    /// The hash of the block before; zero for block 0.
    pub previous: Hash,
    /// When its transitions took effect; later than the block before.
    pub time: Time,
    /// The RFC 6962 root over this block's entries alone.
    pub body_root: Hash,
    /// The size of the log with this block.
    pub log_size: u64,
    /// The RFC 6962 root of the log with this block.
    pub log_root: Hash,
    /// The root of the state after this block.
    pub state_root: Hash,
    /// What must seal this block: the hash of a pool, or of a target of work.
    pub pool: Hash,
}

/// The version of the header's layout.
const VERSION: u32 = 1;
/// The length of an encoded header.
pub const HEADER_BYTES: usize = 4 + 32 + 8 + 32 + 8 + 32 + 8 + 32 + 32 + 32;

/// Bytes that are not a header or a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a block: {0}")]
pub struct NotABlock(pub &'static str);

impl Header {
    /// The fixed layout: version, then the fields in their order, integers big-endian.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut at = 0;
        let mut put = |part: &[u8]| {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        };
        put(&VERSION.to_be_bytes());
        put(self.ledger.as_bytes());
        put(&self.height.to_be_bytes());
        put(self.previous.as_bytes());
        put(&self.time.as_ms().to_be_bytes());
        put(self.body_root.as_bytes());
        put(&self.log_size.to_be_bytes());
        put(self.log_root.as_bytes());
        put(self.state_root.as_bytes());
        put(self.pool.as_bytes());
        bytes
    }

    /// Reads the fixed layout; nothing may follow.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotABlock> {
        let mut reader = Reader(bytes);
        let header = Self::read(&mut reader)?;
        reader.end()?;
        Ok(header)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, NotABlock> {
        if reader.u32()? != VERSION {
            return Err(NotABlock("the header's version is not 1"));
        }
        Ok(Self {
            ledger: reader.hash()?,
            height: reader.u64()?,
            previous: reader.hash()?,
            time: Time::from_ms(reader.u64()?)
                .ok_or(NotABlock("the time is past the year 9999"))?,
            body_root: reader.hash()?,
            log_size: reader.u64()?,
            log_root: reader.hash()?,
            state_root: reader.hash()?,
            pool: reader.hash()?,
        })
    }

    /// The block's name: SHA-256 of the layout.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&self.encode()])
    }
}

/// A block as it is kept and sent: header, seal, entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it states.
    pub header: Header,
    /// Why it counts.
    pub seal: Seal,
    /// The log's entries: see [`crate::transition::Entry`].
    pub entries: Vec<Vec<u8>>,
}

impl Block {
    /// Header, seal (length and DAG-CBOR), number of entries, and each entry with its length.
    pub fn encode(&self) -> Vec<u8> {
        let entries = self.entries.iter().map(Vec::as_slice);
        encode_parts(&self.header, &self.seal, self.entries.len(), entries)
    }

    /// Reads [`Block::encode`]; the entries must be those that the header's body root names.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotABlock> {
        let mut reader = Reader(bytes);
        let (header, seal, count) = reader.head()?;
        let mut entries = Vec::with_capacity(count.min(bytes.len() / 4));
        for _ in 0..count {
            let len = reader.u32()? as usize;
            if len > MAX_ENTRY_BYTES {
                return Err(NotABlock("an entry is too long"));
            }
            entries.push(reader.take(len)?.to_vec());
        }
        reader.end()?;
        let leaves: Vec<Hash> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
        if merkle::body_root(&leaves) != header.body_root {
            return Err(NotABlock("the entries are not those that the header names"));
        }
        Ok(Self { header, seal, entries })
    }
}

/// [`Block::encode`] without owning the entries.
pub(crate) fn encode_parts<'a>(
    header: &Header,
    seal: &Seal,
    count: usize,
    entries: impl Iterator<Item = &'a [u8]> + Clone,
) -> Vec<u8> {
    let entry_bytes: usize = entries.clone().map(|entry| 4 + entry.len()).sum();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + 1024 + entry_bytes);
    put_head(&mut bytes, header, seal, count);
    for entry in entries {
        bytes.extend_from_slice(&(entry.len() as u32).to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    bytes
}

/// Writes what stands before the entries.
fn put_head(bytes: &mut Vec<u8>, header: &Header, seal: &Seal, count: usize) {
    bytes.extend_from_slice(&header.encode());
    // A seal is a plain tree of integers and bytes: its encoding does not fail.
    let seal = serde_ipld_dagcbor::to_vec(seal).unwrap_or_default();
    bytes.extend_from_slice(&(seal.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&seal);
    bytes.extend_from_slice(&(count as u32).to_be_bytes());
}

/// Where the first entry's length stands in an encoded block with this seal.
pub(crate) fn entries_offset(encoded_seal_len: usize) -> usize {
    HEADER_BYTES + 4 + encoded_seal_len + 4
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], NotABlock> {
        let (part, rest) = self.0.split_at_checked(len).ok_or(NotABlock("it ends too early"))?;
        self.0 = rest;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotABlock> {
        self.take(N)?.try_into().map_err(|_| NotABlock("it ends too early"))
    }

    fn u32(&mut self) -> Result<u32, NotABlock> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, NotABlock> {
        self.array().map(u64::from_be_bytes)
    }

    fn hash(&mut self) -> Result<Hash, NotABlock> {
        self.array().map(Hash)
    }

    /// Header, seal and the number of entries.
    fn head(&mut self) -> Result<(Header, Seal, usize), NotABlock> {
        let header = Header::read(self)?;
        let seal_len = self.u32()? as usize;
        let seal = serde_ipld_dagcbor::from_slice(self.take(seal_len)?)
            .map_err(|_| NotABlock("the seal does not parse"))?;
        Ok((header, seal, self.u32()? as usize))
    }

    fn end(&self) -> Result<(), NotABlock> {
        if self.0.is_empty() { Ok(()) } else { Err(NotABlock("bytes follow its end")) }
    }
}
