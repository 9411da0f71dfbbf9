//! Seals: why a block counts, checkable by a stranger who holds only the genesis.

mod ballot;
mod pools;

use std::collections::BTreeSet;

pub use ballot::{Step, ballot_bytes, proposal_bytes};
use data_encoding::BASE64URL_NOPAD;
pub use pools::{Pools, Term};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::block::Header;
use crate::hash::Hash;
use crate::key::{PublicKey, SecretKey};
use crate::work::{BadWork, Work, WorkRules};

/// One member of a validator pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Validator {
    /// What it is called.
    pub name: String,
    /// The key it votes with.
    pub key: PublicKey,
    /// The weight of its vote.
    pub power: u32,
}

/// A validator pool. More than two thirds of its power seal a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its members.
    pub validators: Vec<Validator>,
}

impl Pool {
    /// Whether there are 1 to 128 validators with distinct keys and some power each.
    pub fn is_sound(&self) -> bool {
        let keys: BTreeSet<_> = self.validators.iter().map(|validator| validator.key).collect();
        (1..=128).contains(&self.validators.len())
            && keys.len() == self.validators.len()
            && self.validators.iter().all(|validator| validator.power > 0)
    }

    /// What a header names this pool by: SHA-256 over each member's key and big-endian power.
    pub fn hash(&self) -> Hash {
        let mut bytes = b"chancery pool 1\0".to_vec();
        for validator in &self.validators {
            bytes.extend_from_slice(validator.key.as_bytes());
            bytes.extend_from_slice(&validator.power.to_be_bytes());
        }
        Hash::of(&[&bytes])
    }

    fn power(&self) -> u64 {
        self.validators.iter().map(|validator| u64::from(validator.power)).sum()
    }
}

/// Why a block counts. It stands outside the header's hash: two nodes may hold different sets of
/// signatures for one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Seal {
    /// Block 0, which follows from the genesis alone.
    Genesis,
    /// More than two thirds of the pool's power have signed.
    Pool(Certificate),
    /// A hash was found that is low enough.
    Work(Work),
}

/// The signatures of a pool over a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The round of agreement in which the block was decided.
    pub round: u32,
    /// The votes.
    pub signatures: Vec<Vote>,
}

/// One validator's signature over [`vote_bytes`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// The validator's key.
    pub validator: PublicKey,
    /// The signature, base64url in JSON.
    #[serde(with = "signature_text")]
    pub signature: [u8; 64],
}

/// Why a seal does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSeal {
    /// The header names another pool than the one given.
    #[error("the block was sealed by a pool that the anchor does not hold")]
    OtherPool,
    /// A vote is not of a member.
    #[error("a signature is of {0}, which is not in the pool")]
    Stranger(PublicKey),
    /// One validator's vote stands twice.
    #[error("the signature of {0} stands twice")]
    Repeated(PublicKey),
    /// A signature does not verify.
    #[error("the signature of {0} does not verify")]
    Signature(PublicKey),
    /// Two thirds or less have signed.
    #[error("validators with {signed} of {all} power have signed; more than two thirds must")]
    TooFew {
        /// The power of those that signed.
        signed: u64,
        /// The power of the pool.
        all: u64,
    },
    /// The seal of block 0 proves nothing by itself.
    #[error("block 0 carries no signature: replay the genesis to check it")]
    Genesis,
    /// It is sealed by work, and the ledger by a pool, or the other way round.
    #[error("the block is not sealed in the way that the genesis asks for")]
    OtherKind,
    /// The work does not hold.
    #[error(transparent)]
    Work(#[from] BadWork),
}

/// What a validator signs to decide a block: its precommit.
pub fn vote_bytes(ledger: &Hash, height: u64, round: u32, block: &Hash) -> Vec<u8> {
    ballot_bytes(Step::Precommit, ledger, height, round, Some(block))
}

impl Vote {
    /// A validator's vote for a block.
    pub fn cast(key: &SecretKey, header: &Header, round: u32) -> Self {
        let message = vote_bytes(&header.ledger, header.height, round, &header.hash());
        Self { validator: key.public(), signature: key.sign(&message) }
    }
}

impl Seal {
    /// Whether this pool has sealed this header.
    pub fn verify(&self, header: &Header, pool: &Pool) -> Result<(), BadSeal> {
        match self {
            Self::Genesis => Err(BadSeal::Genesis),
            Self::Work(_) => Err(BadSeal::OtherKind),
            Self::Pool(_) if header.pool != pool.hash() => Err(BadSeal::OtherPool),
            Self::Pool(certificate) => certificate.verify(header, pool),
        }
    }

    /// The same seal without the signatures that it holds without: the first that are more than two thirds
    /// of the pool's power are left.
    pub fn without_surplus(self, pool: &Pool) -> Self {
        let Self::Pool(Certificate { round, mut signatures }) = self else { return self };
        let (all, mut signed) = (pool.power(), 0);
        signatures.retain(|vote| {
            let needed = signed * 3 <= all * 2;
            let mut members = pool.validators.iter();
            let member = members.find(|member| member.key == vote.validator);
            signed += member.map_or(0, |member| u64::from(member.power));
            needed
        });
        Self::Pool(Certificate { round, signatures })
    }

    /// Whether this is work on this header, by these rules.
    pub fn verify_work(&self, header: &Header, rules: &WorkRules) -> Result<(), BadSeal> {
        match self {
            Self::Genesis => Err(BadSeal::Genesis),
            Self::Pool(_) => Err(BadSeal::OtherKind),
            Self::Work(work) => Ok(work.verify(header, rules)?),
        }
    }
}

impl Certificate {
    fn verify(&self, header: &Header, pool: &Pool) -> Result<(), BadSeal> {
        let message = vote_bytes(&header.ledger, header.height, self.round, &header.hash());
        let mut voted = BTreeSet::new();
        let mut signed = 0;
        for vote in &self.signatures {
            let key = vote.validator;
            let member = pool.validators.iter().find(|member| member.key == key);
            let member = member.ok_or(BadSeal::Stranger(key))?;
            if !voted.insert(key) {
                return Err(BadSeal::Repeated(key));
            }
            let verifier = key.verifier().map_err(|_| BadSeal::Signature(key))?;
            if !verifier.verify(&message, &vote.signature) {
                return Err(BadSeal::Signature(key));
            }
            signed += u64::from(member.power);
        }
        let all = pool.power();
        if signed * 3 <= all * 2 {
            return Err(BadSeal::TooFew { signed, all });
        }
        Ok(())
    }
}

mod signature_text {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        signature: &[u8; 64],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&BASE64URL_NOPAD.encode(signature))
        } else {
            serializer.serialize_bytes(signature)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 64], D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = [u8; 64];

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a signature of 64 bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<[u8; 64], E> {
                bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<[u8; 64], E> {
                let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(E::custom)?;
                self.visit_bytes(&bytes)
            }
        }

        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Visitor)
        } else {
            deserializer.deserialize_bytes(Visitor)
        }
    }
}
