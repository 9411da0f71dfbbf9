//! Compact evidence: receipts and status proofs in deterministic CBOR, as short as they go.
//!
//! What the anchor says is not repeated (the ledger, the pool, the keys of its validators), nor what
//! the proof leads to (the root of the log or of the state, which the header holds). So a change
//! anywhere shows in the seal. docs/formats.md has the layout.

use super::cbor::{Reader, Writer, Wrong};
use super::{BadEvidence, Bytes, Evidence, Receipt, StatusProof, entry, object_key};
use crate::anchor::Anchor;
use crate::block::Header;
use crate::hash::Hash;
use crate::merkle::{self, InclusionProof};
use crate::seal::{Certificate, Pool, Seal, Vote};
use crate::time::Time;
use crate::transition::Entry;
use crate::trie::{self, DEPTH_MAX, OtherLeaf, TrieProof, VALUE_BYTES_MAX};

/// The media type of compact evidence.
pub const MEDIA_TYPE: &str = "application/chancery-evidence+cbor";
/// No compact evidence is longer: the longest value and all that may stand around it.
pub const COMPACT_BYTES_MAX: usize = VALUE_BYTES_MAX + (1 << 16);

/// The first byte of a receipt, an array of six, and that of a status proof, an array of seven.
pub(super) const FIRST_BYTES: [u8; 2] = [0x86, 0x87];

const RECEIPT: u64 = 0;
const STATUS: u64 = 1;
/// A log of 2^53 entries has no longer path.
const LOG_PATH_MAX: usize = 53;
const VOTES_MAX: usize = 128;
/// So many bytes of a ledger's or a pool's hash say which is meant; the seal binds all of it.
const NAME_BYTES: usize = 4;

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
}

/// Evidence that has no compact form, because it could not hold: its proof leads elsewhere, or it is
/// not of the anchor's ledger and pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has no compact form: {0}")]
pub struct NoCompactForm(&'static str);

impl NotCompact {
    /// The name of the check that fails.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Form(_) => "form",
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
        let (Self::Receipt(Receipt { confirmations, .. })
        | Self::Status(StatusProof { confirmations, .. })) = self;
        if !confirmations.is_empty() || anchor.genesis().work().is_some() {
            return Err(NoCompactForm("it is sealed by work, whose headers are too many for one"));
        }
        let mut into = Writer::default();
        match self {
            Self::Receipt(receipt) => write_receipt(receipt, anchor, &mut into)?,
            Self::Status(status) => write_status(status, anchor, &mut into)?,
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
        let evidence = match from.array()? {
            6 if from.integer()? == RECEIPT => Self::Receipt(read_receipt(&mut from, anchor)?),
            7 if from.integer()? == STATUS => Self::Status(read_status(&mut from, anchor)?),
            _ => return Err(NotCompact::Form("it is neither a receipt nor a status proof")),
        };
        match evidence.to_compact(anchor) {
            Ok(again) if again == bytes => Ok(evidence),
            _ => Err(NotCompact::Form("it is not in its one encoding")),
        }
    }
}

fn write_receipt(
    receipt: &Receipt,
    anchor: &Anchor,
    into: &mut Writer,
) -> Result<(), NoCompactForm> {
    let (header, pool) = header_of(&receipt.header, anchor)?;
    let proof = &receipt.inclusion;
    let root = proof.root(&merkle::leaf_hash(&receipt.entry.0));
    if proof.log_size != header.log_size || root != Ok(header.log_root) {
        return Err(NoCompactForm("the entry is not in the header's log"));
    }
    into.array(6);
    into.integer(RECEIPT);
    write_header(&header, &header.state_root, into);
    write_seal(&receipt.seal, pool, into)?;
    entry::write(&receipt.entry.0, &header.ledger, into);
    into.integer(proof.position);
    write_path(&proof.path, into);
    Ok(())
}

fn read_receipt(from: &mut Reader<'_>, anchor: &Anchor) -> Result<Receipt, NotCompact> {
    let (mut header, state_root, pool) = read_header(from, anchor)?;
    let seal = read_seal(from, pool)?;
    let entry = entry::read(from, &header.ledger)?;
    let position = from.integer()?;
    let path = read_path(from, LOG_PATH_MAX)?;
    from.end()?;
    Entry::decode(&entry).map_err(|_| "the entry begins with no outcome")?;
    let inclusion = InclusionProof { position, log_size: header.log_size, path };
    header.log_root = inclusion.root(&merkle::leaf_hash(&entry))?;
    header.state_root = state_root;
    Ok(Receipt::new(entry, inclusion, &header, seal))
}

fn write_status(
    status: &StatusProof,
    anchor: &Anchor,
    into: &mut Writer,
) -> Result<(), NoCompactForm> {
    let (header, pool) = header_of(&status.header, anchor)?;
    let value = status.value.as_ref().map(|bytes| bytes.0.as_slice());
    let key = object_key(&status.object)
        .map_err(|_| NoCompactForm("the object is not register/kind/id"))?;
    if status.proof.verify(&header.state_root, &key, value).is_err() {
        return Err(NoCompactForm("the proof does not lead to the header's state"));
    }
    into.array(7);
    into.integer(STATUS);
    write_header(&header, &header.log_root, into);
    write_seal(&status.seal, pool, into)?;
    into.text(&status.object);
    match value {
        Some(value) => into.bytes(value),
        None => into.null(),
    }
    write_path(&status.proof.siblings, into);
    match &status.proof.leaf {
        Some(OtherLeaf { key, value_hash }) => into.bytes(&[key.0, value_hash.0].concat()),
        None => into.null(),
    }
    Ok(())
}

fn read_status(from: &mut Reader<'_>, anchor: &Anchor) -> Result<StatusProof, NotCompact> {
    let (mut header, log_root, pool) = read_header(from, anchor)?;
    let seal = read_seal(from, pool)?;
    let object = from.text()?.to_owned();
    let value = if from.null() { None } else { Some(from.bytes()?.to_vec()) };
    let siblings = read_path(from, DEPTH_MAX)?;
    let leaf = if from.null() { None } else { Some(read_leaf(from)?) };
    from.end()?;
    let proof = TrieProof { siblings, leaf };
    let key = object_key(&object).map_err(|_: BadEvidence| NotCompact::ObjectPath)?;
    header.state_root = proof.root(&key, value.as_deref())?;
    header.log_root = log_root;
    Ok(StatusProof::new(object, value, proof, &header, seal))
}

fn read_leaf(from: &mut Reader<'_>) -> Result<OtherLeaf, Wrong> {
    let bytes = from.array_of::<64>()?;
    let (mut key, mut value_hash) = (Hash::default(), Hash::default());
    key.0.copy_from_slice(&bytes[..32]);
    value_hash.0.copy_from_slice(&bytes[32..]);
    Ok(OtherLeaf { key, value_hash })
}

/// The header, and the pool that seals it.
fn header_of<'a>(bytes: &Bytes, anchor: &'a Anchor) -> Result<(Header, &'a Pool), NoCompactForm> {
    let header = Header::decode(&bytes.0).map_err(|error| NoCompactForm(error.0))?;
    let pool = anchor.pool(header.height).filter(|pool| header.pool == pool.hash());
    match pool {
        Some(pool) if header.ledger == anchor.ledger() => Ok((header, pool)),
        _ => Err(NoCompactForm("it is not of the anchor's ledger and pool")),
    }
}

fn name_of(hash: &Hash) -> &[u8] {
    &hash.as_bytes()[..NAME_BYTES]
}

/// `root` is the one that the evidence's proof does not lead to.
fn write_header(header: &Header, root: &Hash, into: &mut Writer) {
    into.array(6);
    into.bytes(name_of(&header.ledger));
    into.bytes(name_of(&header.pool));
    into.integer(header.height);
    into.integer(header.time.as_ms());
    into.integer(header.log_size);
    write_path(&[header.previous, header.body_root, *root], into);
}

/// The header without its two later roots, the one that is given, and the pool that seals it.
fn read_header<'a>(
    from: &mut Reader<'_>,
    anchor: &'a Anchor,
) -> Result<(Header, Hash, &'a Pool), NotCompact> {
    from.array_with(6)?;
    let ledger = anchor.ledger();
    if from.array_of::<NAME_BYTES>()? != name_of(&ledger) {
        return Err(NotCompact::OtherLedger);
    }
    let named = from.array_of::<NAME_BYTES>()?;
    let height = from.integer()?;
    let members = anchor.pool(height).ok_or(NotCompact::OtherPool)?;
    let pool = members.hash();
    if named != name_of(&pool) {
        return Err(NotCompact::OtherPool);
    }
    let time = Time::from_ms(from.integer()?).ok_or("the time is past the year 9999")?;
    let log_size = from.integer()?;
    let [previous, body_root, root] = read_path(from, 3)?[..] else {
        return Err(NotCompact::Form("the header has other than three hashes"));
    };
    let unknown = Hash::default();
    let header = Header {
        ledger,
        height,
        previous,
        time,
        body_root,
        log_size,
        log_root: unknown,
        state_root: unknown,
        pool,
    };
    Ok((header, root, members))
}

fn write_seal(seal: &Seal, pool: &Pool, into: &mut Writer) -> Result<(), NoCompactForm> {
    let Seal::Pool(Certificate { round, signatures }) = seal else {
        into.null();
        return Ok(());
    };
    if signatures.len() > VOTES_MAX {
        return Err(NoCompactForm("the seal has too many signatures"));
    }
    into.array(2);
    into.integer(u64::from(*round));
    into.array(signatures.len() * 2);
    for vote in signatures {
        let place = pool.validators.iter().position(|member| member.key == vote.validator);
        let place = place.ok_or(NoCompactForm("a signature is of no member of the pool"))?;
        into.integer(place as u64);
        into.bytes(&vote.signature);
    }
    Ok(())
}

fn read_seal(from: &mut Reader<'_>, pool: &Pool) -> Result<Seal, NotCompact> {
    if from.null() {
        return Ok(Seal::Genesis);
    }
    from.array_with(2)?;
    let round = u32::try_from(from.integer()?).map_err(|_| "the round is not below 2^32")?;
    let items = from.array()?;
    if items % 2 == 1 || items > 2 * VOTES_MAX {
        return Err(NotCompact::Form("the signatures do not stand in pairs, or are too many"));
    }
    let mut signatures = Vec::with_capacity(items / 2);
    for _ in 0..items / 2 {
        let place = usize::try_from(from.integer()?).ok();
        let member = place.and_then(|place| pool.validators.get(place));
        let validator = member.ok_or(NotCompact::OtherPool)?.key;
        signatures.push(Vote { validator, signature: from.array_of()? });
    }
    Ok(Seal::Pool(Certificate { round, signatures }))
}

fn write_path(path: &[Hash], into: &mut Writer) {
    let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
    into.bytes(&bytes);
}

fn read_path(from: &mut Reader<'_>, most: usize) -> Result<Vec<Hash>, Wrong> {
    let (hashes, rest) = from.bytes()?.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() > most {
        return Err("a path is no row of hashes, or is too long");
    }
    Ok(hashes.iter().copied().map(Hash).collect())
}
