//! Evidence: what a person can hold and anyone can check, with the genesis and nothing else.

mod base45;
mod block_receipt;
mod cbor;
pub mod code;
mod compact;
mod confirmations;
pub mod cose;
mod credential;
mod entry;
mod read;
mod sealed;
mod signed;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::anchor::Anchor;
use crate::block::{Header, NotABlock};
use crate::execution::{NotAnObject, Stored, state_key};
use crate::hash::Hash;
use crate::merkle::{self, InclusionProof};
use crate::seal::{BadSeal, Seal};
use crate::time::Time;
use crate::transition::{Entry, NotAnOutcome, Outcome};
use crate::trie::{self, TrieProof};

pub use block_receipt::BlockReceipt;
pub use compact::{COMPACT_BYTES_MAX, MEDIA_TYPE, NoCompactForm, NotCompact};
use confirmations::shown_work;
pub use confirmations::{BadConfirmation, CONFIRMATIONS_MAX, Confirmation, ShownWork};
pub use credential::Credential;
pub use read::{EVIDENCE_BYTES_MAX, Unreadable};

/// Bytes, in JSON as base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// That a transition stands in the log with its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The log's entry: the outcome's name, a line feed, the transition as it was received.
    pub entry: Bytes,
    /// That the entry is in the log whose root the header states.
    pub inclusion: InclusionProof,
    /// The block's header, in its fixed layout.
    pub header: Bytes,
    /// Why the block counts.
    pub seal: Seal,
    /// The headers that follow, where blocks are sealed by work: the more, the surer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<Confirmation>,
}

/// That an object is, or is not, in the state as of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusProof {
    /// Which object: `register/kind/id`.
    pub object: String,
    /// Its stored form in DAG-CBOR; `null` when there is none.
    pub value: Option<Bytes>,
    /// The path to it, or to where it would be.
    pub proof: TrieProof,
    /// The block's header, in its fixed layout.
    pub header: Bytes,
    /// Why the block counts.
    pub seal: Seal,
    /// The headers that follow, where blocks are sealed by work: the more, the surer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<Confirmation>,
}

/// Any evidence, told apart by what it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Evidence {
    /// A receipt.
    Receipt(Receipt),
    /// A status proof.
    Status(StatusProof),
    /// A receipt by its block.
    InBlock(BlockReceipt),
}

/// Why evidence shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvidence {
    /// The header does not parse.
    #[error("header: {0}")]
    Header(#[from] NotABlock),
    /// It speaks of another ledger than the anchor.
    #[error("header: it is of ledger {0}, which is not the anchor's")]
    OtherLedger(Hash),
    /// The seal does not hold.
    #[error("seal: {0}")]
    Seal(#[from] BadSeal),
    /// The entry does not parse.
    #[error("entry: {0}")]
    Entry(#[from] NotAnOutcome),
    /// The proof is for a log of another size than the header's.
    #[error("inclusion: the proof is for a log of {proof} entries, the header's has {header}")]
    LogSize {
        /// What the proof says.
        proof: u64,
        /// What the header says.
        header: u64,
    },
    /// The entry is not in the log.
    #[error("inclusion: {0}")]
    Inclusion(#[from] merkle::BadProof),
    /// The entry is not in the block.
    #[error("block: {0}")]
    InBlock(merkle::BadProof),
    /// The object is not, or is, in the state.
    #[error("state: {0}")]
    State(#[from] trie::BadProof),
    /// The object's path has not three parts.
    #[error("object: it is not register/kind/id")]
    ObjectPath,
    /// The value is no stored object.
    #[error("value: {0}")]
    Value(#[from] NotAnObject),
    /// A header that is said to follow does not confirm.
    #[error("confirmations: header {index}: {what}")]
    Confirmation {
        /// Which, from 0.
        index: usize,
        /// What is wrong with it.
        what: BadConfirmation,
    },
}

impl BadEvidence {
    /// The name of the check that fails: the same in every verifier.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Header(_) => "header",
            Self::OtherLedger(_) => "ledger",
            Self::Seal(_) => "seal",
            Self::Entry(_) => "entry",
            Self::LogSize { .. } | Self::Inclusion(_) => "inclusion",
            Self::InBlock(_) => "block",
            Self::State(_) => "state",
            Self::ObjectPath => "object",
            Self::Value(_) => "value",
            Self::Confirmation { .. } => "confirmations",
        }
    }
}

/// What checked evidence shows, and each check by name.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The ledger.
    pub ledger: Hash,
    /// The height of the block that shows it.
    pub height: u64,
    /// The time of that block: the evidence says nothing about later.
    pub as_of: Time,
    /// The root of the log with that block.
    pub log_root: Hash,
    /// What was shown.
    pub shown: Statement,
    /// The work behind it; nothing where a pool has sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<ShownWork>,
    /// Each thing that was checked: its name, and in words what holds.
    pub checks: Vec<&'static str>,
}

/// What evidence says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statement {
    /// A transition was ordered.
    Ordered {
        /// Its position in the log.
        position: u64,
        /// What became of it.
        outcome: String,
        /// The transition as it was received.
        transition: Box<serde_json::value::RawValue>,
    },
    /// A transition was ordered in the block, at a place that is not shown.
    InBlock {
        /// What became of it.
        outcome: String,
        /// The transition as it was received.
        transition: Box<serde_json::value::RawValue>,
    },
    /// An object is in the state.
    Stands {
        /// Which.
        object: String,
        /// Its version.
        version: u64,
        /// The log position of the transition behind this version.
        position: u64,
    },
    /// There is no such object.
    Absent {
        /// Which.
        object: String,
    },
}

impl Receipt {
    pub(crate) fn new(
        entry: Vec<u8>,
        inclusion: InclusionProof,
        header: &Header,
        seal: Seal,
    ) -> Self {
        let header = Bytes(header.encode().to_vec());
        let confirmations = Vec::new();
        Self { entry: Bytes(entry), inclusion, header, seal, confirmations }
    }

    pub(crate) fn confirmed_by(self, confirmations: Vec<Confirmation>) -> Self {
        Self { confirmations, ..self }
    }

    /// Checks everything against what is trusted. A pure function: no network, no clock.
    pub fn verify(&self, anchor: &Anchor) -> Result<Shown, BadEvidence> {
        let header = sealed_header(&self.header, &self.seal, anchor)?;
        let work = shown_work(&header, &self.seal, &self.confirmations, anchor)?;
        if self.inclusion.log_size != header.log_size {
            let (proof, header) = (self.inclusion.log_size, header.log_size);
            return Err(BadEvidence::LogSize { proof, header });
        }
        self.inclusion.verify(&merkle::leaf_hash(&self.entry.0), &header.log_root)?;
        let (outcome, transition) = stated_in(&self.entry)?;
        let position = self.inclusion.position;
        let shown = Statement::Ordered { position, outcome, transition };
        Ok(Shown::of(&header, work, shown, &[IN_LOG]))
    }

    /// The outcome that the entry states, whether or not it was checked.
    pub fn outcome(&self) -> Option<Outcome> {
        Entry::decode(&self.entry.0).ok().map(|entry| entry.outcome)
    }
}

impl StatusProof {
    pub(crate) fn new(
        object: String,
        value: Option<Vec<u8>>,
        proof: TrieProof,
        header: &Header,
        seal: Seal,
    ) -> Self {
        let header = Bytes(header.encode().to_vec());
        let (value, confirmations) = (value.map(Bytes), Vec::new());
        Self { object, value, proof, header, seal, confirmations }
    }

    pub(crate) fn confirmed_by(self, confirmations: Vec<Confirmation>) -> Self {
        Self { confirmations, ..self }
    }

    /// Checks everything against what is trusted. A pure function: no network, no clock.
    pub fn verify(&self, anchor: &Anchor) -> Result<Shown, BadEvidence> {
        let header = sealed_header(&self.header, &self.seal, anchor)?;
        let work = shown_work(&header, &self.seal, &self.confirmations, anchor)?;
        let key = object_key(&self.object)?;
        let value = self.value.as_ref().map(|bytes| bytes.0.as_slice());
        self.proof.verify(&header.state_root, &key, value)?;
        let object = self.object.clone();
        let Some(value) = value else {
            let shown = Statement::Absent { object };
            return Ok(Shown::of(&header, work, shown, &[NOT_IN_STATE]));
        };
        let stored = Stored::<serde::de::IgnoredAny>::decode(value)?;
        let (version, position) = (stored.version, stored.position);
        let shown = Statement::Stands { object, version, position };
        Ok(Shown::of(&header, work, shown, &[IN_STATE]))
    }
}

impl Evidence {
    /// The same evidence with no more signatures of the pool than it takes, for codes.
    pub fn without_surplus(mut self, anchor: &Anchor) -> Self {
        let (Self::Receipt(Receipt { header, seal, .. })
        | Self::InBlock(BlockReceipt { header, seal, .. })
        | Self::Status(StatusProof { header, seal, .. })) = &mut self;
        let height = Header::decode(&header.0).map(|header| header.height);
        if let Some(pool) = height.ok().and_then(|height| anchor.pool(height)) {
            *seal = seal.clone().without_surplus(pool);
        }
        self
    }

    /// Checks everything against what is trusted.
    pub fn verify(&self, anchor: &Anchor) -> Result<Shown, BadEvidence> {
        match self {
            Self::Receipt(receipt) => receipt.verify(anchor),
            Self::Status(status) => status.verify(anchor),
            Self::InBlock(receipt) => receipt.verify(anchor),
        }
    }

    /// The log's entry, of a receipt of either kind.
    pub fn entry(&self) -> Option<&[u8]> {
        match self {
            Self::Receipt(Receipt { entry, .. }) | Self::InBlock(BlockReceipt { entry, .. }) => {
                Some(&entry.0)
            }
            Self::Status(_) => None,
        }
    }
}

/// The outcome and the transition of an entry.
fn stated_in(entry: &Bytes) -> Result<(String, Box<serde_json::value::RawValue>), BadEvidence> {
    let entry = Entry::decode(&entry.0)?;
    let transition = serde_json::from_slice(entry.transition);
    let transition = transition.map_err(|_| BadEvidence::Entry(NotAnOutcome))?;
    Ok((entry.outcome.to_string(), transition))
}

const IN_LOG: &str = "inclusion: the entry is in the log whose root the header states (RFC 6962)";
const IN_BLOCK: &str = "block: the entry is in the block: one of those that the header's body root stands for (RFC 6962)";
const IN_STATE: &str = "state: the object is in the state whose root the header states";
const NOT_IN_STATE: &str = "state: no such object is in the state whose root the header states";
const OF_ANCHOR: &str = "ledger: the header is of the ledger that the anchor founded";
const SEALED: &str =
    "seal: more than two thirds of the anchor's pool have signed the header (Ed25519, strict)";
const WORKED: &str =
    "seal: the header was worked on, at a target that the genesis allows (SHA-256)";
const CONFIRMED: &str = "confirmations: each header that follows was worked on, at the target that follows from the one before (ASERT)";

impl Shown {
    fn of(
        header: &Header,
        work: Option<ShownWork>,
        shown: Statement,
        checks: &[&'static str],
    ) -> Self {
        let sealed: &[&'static str] = match work {
            None => &[OF_ANCHOR, SEALED],
            Some(ShownWork { confirmations: 0, .. }) => &[OF_ANCHOR, WORKED],
            Some(_) => &[OF_ANCHOR, WORKED, CONFIRMED],
        };
        Self {
            ledger: header.ledger,
            height: header.height,
            as_of: header.time,
            log_root: header.log_root,
            shown,
            work,
            checks: sealed.iter().chain(checks).copied().collect(),
        }
    }
}

/// Where an object that is named `register/kind/id` is kept in the state.
fn object_key(object: &str) -> Result<trie::Key, BadEvidence> {
    let mut parts = object.splitn(3, '/');
    let (Some(register), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(BadEvidence::ObjectPath);
    };
    Ok(state_key(register, kind, id))
}

fn sealed_header(bytes: &Bytes, seal: &Seal, anchor: &Anchor) -> Result<Header, BadEvidence> {
    let header = Header::decode(&bytes.0)?;
    if header.ledger != anchor.ledger() {
        return Err(BadEvidence::OtherLedger(header.ledger));
    }
    anchor.verify(&header, seal)?;
    Ok(header)
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes, in JSON as base64url without padding")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                BASE64URL_NOPAD.decode(text.as_bytes()).map(Bytes).map_err(E::custom)
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }

        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Visitor)
        } else {
            deserializer.deserialize_bytes(Visitor)
        }
    }
}
