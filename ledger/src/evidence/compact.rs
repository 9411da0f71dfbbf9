//! Compact evidence: receipts and status proofs in deterministic CBOR, as short as they go.
//!
//! What the anchor says is not repeated (the ledger, the pool, the keys of its validators), nor what
//! the proof leads to (the root of the log, of the block or of the state, which the header holds). So a
//! change anywhere shows in the seal. docs/formats.md has the layout.

use super::cbor::{Reader, Writer, Wrong};
use super::sealed::{self, LedTo};
use super::{
    BadEvidence, BlockReceipt, Evidence, Receipt, StatusProof, credential, entry, object_key,
    signed,
};
use crate::anchor::Anchor;
use crate::block::Header;
use crate::hash::Hash;
use crate::merkle::{self, BODY_PATH_MAX, Beside, InclusionProof};
use crate::transition::{Entry, Outcome};
use crate::trie::{self, DEPTH_MAX, OtherLeaf, TrieProof, VALUE_BYTES_MAX};

/// The media type of compact evidence.
pub const MEDIA_TYPE: &str = "application/chancery-evidence+cbor";
/// No compact evidence is longer: the longest value and all that may stand around it.
pub const COMPACT_BYTES_MAX: usize = VALUE_BYTES_MAX + (1 << 16);

/// The first byte of a status proof, an array of seven, and that of all else, an array of six.
pub(super) const FIRST_BYTES: [u8; 2] = [0x86, 0x87];

const RECEIPT: u64 = 0;
const STATUS: u64 = 1;
const IN_BLOCK: u64 = 2;
/// A log of 2^53 entries has no longer path.
const LOG_PATH_MAX: usize = 53;

/// Why bytes are not compact evidence for this anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCompact {
    /// They are not laid out as they must be, or could be laid out otherwise.
    #[error("form: {0}")]
    Form(&'static str),
    /// It speaks of another ledger than the anchor.
    #[error("header: it is of another ledger than the anchor's")]
    OtherLedger,
    /// It was sealed by a pool, or one of its validators, that the anchor does not hold.
    #[error("seal: the block was sealed by a pool that the anchor does not hold")]
    OtherPool,
    /// The path does not fit the place in the log.
    #[error("inclusion: {0}")]
    Inclusion(#[from] merkle::BadProof),
    /// The proof is not about the object.
    #[error("state: {0}")]
    State(#[from] trie::BadProof),
    /// The object's path has not three parts.
    #[error("object: it is not register/kind/id")]
    ObjectPath,
    /// It is a credential alone.
    #[error(
        "form: it is a credential alone, signed and nothing more: no ledger vouches for it by this"
    )]
    Credential,
}

/// Evidence that has no compact form, because it could not hold: its proof leads elsewhere, or it is
/// not of the anchor's ledger and pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has no compact form: {0}")]
pub struct NoCompactForm(pub(super) &'static str);

impl NotCompact {
    /// The name of the check that fails.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Form(_) | Self::Credential => "form",
            Self::OtherLedger => "ledger",
            Self::OtherPool => "seal",
            Self::Inclusion(_) => "inclusion",
            Self::State(_) => "state",
            Self::ObjectPath => "object",
        }
    }
}

impl From<Wrong> for NotCompact {
    fn from(wrong: Wrong) -> Self {
        Self::Form(wrong)
    }
}

impl Evidence {
    /// The compact form, for those who hold the same anchor.
    pub fn to_compact(&self, anchor: &Anchor) -> Result<Vec<u8>, NoCompactForm> {
        let mut into = Writer::default();
        let header = Header::decode(&sealed::parts(self).0.0);
        let header = header.map_err(|error| NoCompactForm(error.0))?;
        let (items, kind) = match self {
            Self::Receipt(receipt) => leads(receipt.leads_to(&header)).map(|()| (6, RECEIPT)),
            Self::Status(status) => leads(status.leads_to(&header)).map(|()| (7, STATUS)),
            Self::InBlock(receipt) => leads(receipt.leads_to(&header)).map(|()| (6, IN_BLOCK)),
        }?;
        into.array(items);
        into.integer(kind);
        sealed::write(self, anchor, &mut into)?;
        match self {
            Self::Receipt(receipt) => write_receipt(receipt, &header.ledger, &mut into),
            Self::Status(status) => write_status(status, &mut into),
            Self::InBlock(receipt) => write_block_receipt(receipt, &header.ledger, &mut into)?,
        }
        if into.bytes.len() > COMPACT_BYTES_MAX {
            return Err(NoCompactForm("it is too long"));
        }
        Ok(into.bytes)
    }

    /// Reads the compact form. Each evidence has one, so any other bytes are refused; whether it
    /// holds is for [`Evidence::verify`] to say.
    pub fn from_compact(bytes: &[u8], anchor: &Anchor) -> Result<Self, NotCompact> {
        if bytes.len() > COMPACT_BYTES_MAX {
            return Err(NotCompact::Form("it is too long"));
        }
        let mut from = Reader::new(bytes);
        let evidence = match (from.array()?, from.integer()?) {
            (6, RECEIPT) => Self::Receipt(read_receipt(&mut from, anchor)?),
            (7, STATUS) => Self::Status(read_status(&mut from, anchor)?),
            (6, IN_BLOCK) => Self::InBlock(read_block_receipt(&mut from, anchor)?),
            (6, credential::KIND) => return Err(NotCompact::Credential),
            _ => return Err(NotCompact::Form("it is of no kind of evidence")),
        };
        match evidence.to_compact(anchor) {
            Ok(again) if again == bytes => Ok(evidence),
            _ => Err(NotCompact::Form("it is not in its one encoding")),
        }
    }
}

/// Evidence whose proof leads elsewhere could not hold, and has no compact form.
fn leads(leads: bool) -> Result<(), NoCompactForm> {
    if leads { Ok(()) } else { Err(NoCompactForm("its proof does not lead to the header's root")) }
}

impl Receipt {
    fn leads_to(&self, header: &Header) -> bool {
        let root = self.inclusion.root(&merkle::leaf_hash(&self.entry.0));
        self.inclusion.log_size == header.log_size && root == Ok(header.log_root)
    }
}

impl StatusProof {
    fn leads_to(&self, header: &Header) -> bool {
        let value = self.value.as_ref().map(|bytes| bytes.0.as_slice());
        let Ok(key) = object_key(&self.object) else { return false };
        self.proof.verify(&header.state_root, &key, value).is_ok()
    }
}

impl BlockReceipt {
    fn leads_to(&self, header: &Header) -> bool {
        let leaf = merkle::leaf_hash(&self.entry.0);
        self.in_block.len() <= BODY_PATH_MAX
            && merkle::body_root_from(&leaf, &self.in_block) == header.body_root
    }
}

fn write_receipt(receipt: &Receipt, ledger: &Hash, into: &mut Writer) {
    entry::write(&receipt.entry.0, ledger, into);
    into.integer(receipt.inclusion.position);
    write_path(&receipt.inclusion.path, into);
}

fn read_receipt(from: &mut Reader<'_>, anchor: &Anchor) -> Result<Receipt, NotCompact> {
    let incomplete = sealed::read(from, LedTo::Log, anchor)?;
    let entry = entry::read(from, &incomplete.header.ledger)?;
    let position = from.integer()?;
    let path = read_path(from, LOG_PATH_MAX)?;
    from.end()?;
    Entry::decode(&entry).map_err(|_| "the entry begins with no outcome")?;
    let inclusion = InclusionProof { position, log_size: incomplete.header.log_size, path };
    let root = inclusion.root(&merkle::leaf_hash(&entry))?;
    let (header, seal, confirmations) = incomplete.complete(|header| header.log_root = root)?;
    Ok(Receipt::new(entry, inclusion, &header, seal).confirmed_by(confirmations))
}

fn write_block_receipt(
    receipt: &BlockReceipt,
    ledger: &Hash,
    into: &mut Writer,
) -> Result<(), NoCompactForm> {
    let entry = Entry::decode(&receipt.entry.0);
    let entry = entry.map_err(|_| NoCompactForm("the entry begins with no outcome"))?;
    into.array(5);
    into.text(&entry.outcome.to_string());
    signed::write(entry.transition, ledger, into);
    let (mut sides, mut path) = (0, Vec::with_capacity(receipt.in_block.len()));
    for (level, beside) in receipt.in_block.iter().enumerate() {
        match beside {
            Beside::Left(hash) => {
                sides |= 1 << level;
                path.push(*hash);
            }
            Beside::Right(hash) => path.push(*hash),
        }
    }
    into.integer(sides);
    write_path(&path, into);
    Ok(())
}

fn read_block_receipt(from: &mut Reader<'_>, anchor: &Anchor) -> Result<BlockReceipt, NotCompact> {
    let incomplete = sealed::read(from, LedTo::Body, anchor)?;
    from.array_with(5)?;
    let outcome =
        from.text()?.parse::<Outcome>().map_err(|_| "the entry begins with no outcome")?;
    let transition = signed::read(from, &incomplete.header.ledger)?;
    let entry = Entry::encode(&outcome, &transition);
    let sides = from.integer()?;
    let path = read_path(from, BODY_PATH_MAX)?;
    from.end()?;
    let beside = |(level, hash): (usize, Hash)| match sides >> level & 1 {
        0 => Beside::Right(hash),
        _ => Beside::Left(hash),
    };
    let path: Vec<Beside> = path.into_iter().enumerate().map(beside).collect();
    let root = merkle::body_root_from(&merkle::leaf_hash(&entry), &path);
    let (header, seal, confirmations) = incomplete.complete(|header| header.body_root = root)?;
    Ok(BlockReceipt::new(entry, path, &header, seal).confirmed_by(confirmations))
}

fn write_status(status: &StatusProof, into: &mut Writer) {
    into.text(&status.object);
    match &status.value {
        Some(value) => into.bytes(&value.0),
        None => into.null(),
    }
    write_path(&status.proof.siblings, into);
    match &status.proof.leaf {
        Some(OtherLeaf { key, value_hash }) => into.bytes(&[key.0, value_hash.0].concat()),
        None => into.null(),
    }
}

fn read_status(from: &mut Reader<'_>, anchor: &Anchor) -> Result<StatusProof, NotCompact> {
    let incomplete = sealed::read(from, LedTo::State, anchor)?;
    let object = from.text()?.to_owned();
    let value = if from.null() { None } else { Some(from.bytes()?.to_vec()) };
    let siblings = read_path(from, DEPTH_MAX)?;
    let leaf = if from.null() { None } else { Some(read_leaf(from)?) };
    from.end()?;
    let proof = TrieProof { siblings, leaf };
    let key = object_key(&object).map_err(|_: BadEvidence| NotCompact::ObjectPath)?;
    let root = proof.root(&key, value.as_deref())?;
    let (header, seal, confirmations) = incomplete.complete(|header| header.state_root = root)?;
    Ok(StatusProof::new(object, value, proof, &header, seal).confirmed_by(confirmations))
}

fn read_leaf(from: &mut Reader<'_>) -> Result<OtherLeaf, Wrong> {
    let bytes = from.array_of::<64>()?;
    let (mut key, mut value_hash) = (Hash::default(), Hash::default());
    key.0.copy_from_slice(&bytes[..32]);
    value_hash.0.copy_from_slice(&bytes[32..]);
    Ok(OtherLeaf { key, value_hash })
}

pub(super) fn write_path(path: &[Hash], into: &mut Writer) {
    let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
    into.bytes(&bytes);
}

pub(super) fn read_path(from: &mut Reader<'_>, most: usize) -> Result<Vec<Hash>, Wrong> {
    let (hashes, rest) = from.bytes()?.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() > most {
        return Err("a path is no row of hashes, or is too long");
    }
    Ok(hashes.iter().copied().map(Hash).collect())
}
