//! Proof of work: the target that a block's hash must not exceed, how it follows from the blocks
//! before, and what work a chain of blocks stands for.

mod asert;
mod sum;
mod target;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::block::{HEADER_BYTES, Header, NotABlock};
use crate::hash::Hash;
use crate::time::Time;

pub use sum::WorkSum;
pub use target::{NotATarget, Target};

/// The seal of a block by work: a nonce with which the block's hash is low enough.
///
/// The nonce stands outside the header's hash, so one execution gives one header, and a bad nonce
/// says nothing about the header that it was sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// What the work hash must not exceed.
    pub target: Target,
    /// What makes it low enough; a decimal text in JSON, whose numbers are not exact so far.
    #[serde(with = "nonce_text")]
    pub nonce: u64,
}

/// Why a block's work does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWork {
    /// The header names another target.
    #[error("the header names another target than {0}")]
    OtherTarget(Target),
    /// The target is easier than the genesis allows.
    #[error("the target {target} is easier than the genesis allows, which is {easiest}")]
    TooEasy {
        /// The seal's target.
        target: Target,
        /// The genesis' easiest target.
        easiest: Target,
    },
    /// The hash is higher than the target.
    #[error("the work hash {hash} is higher than the target {target}")]
    Missed {
        /// What the header and the nonce hash to.
        hash: Hash,
        /// The seal's target.
        target: Target,
    },
}

/// What a ledger of work is founded with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRules {
    /// No target is easier (higher).
    pub easiest_target: Target,
    /// The target of block 1.
    pub first_target: Target,
    /// The time that should lie between two blocks.
    pub spacing_ms: u64,
    /// The time of delay or haste after which the target has doubled or halved.
    pub half_life_ms: u64,
    /// How many blocks must follow one for it to be final.
    pub final_depth: u32,
}

/// The most blocks that may stand above the last final one: what a node keeps in memory.
pub const MAX_FINAL_DEPTH: u32 = 128;

/// A block's time may be ahead of the clock of who takes it in by so many spacings,
const DRIFT_SPACINGS: u64 = 10;
/// and by no more than two hours.
const DRIFT_MS_MAX: u64 = 2 * 60 * 60 * 1000;

impl WorkRules {
    /// What is wrong with the rules, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let day_ms = 24 * 60 * 60 * 1000;
        match () {
            () if self.first_target > self.easiest_target => {
                Some("first_target is easier than easiest_target")
            }
            () if !(10..=day_ms).contains(&self.spacing_ms) => {
                Some("spacing_ms is not between 10 ms and one day")
            }
            () if self.half_life_ms < self.spacing_ms || self.half_life_ms > 366 * day_ms => {
                Some("half_life_ms is not between spacing_ms and 366 days")
            }
            () if !(1..=MAX_FINAL_DEPTH).contains(&self.final_depth) => {
                Some("final_depth is not 1 to 128 blocks")
            }
            () => None,
        }
    }

    /// The target of the block after `parent`, by ASERT from block 0, which stands at `created`.
    pub fn target_after(&self, parent: &Header, created: Time) -> Target {
        let elapsed_ms = i128::from(parent.time.as_ms()) - i128::from(created.as_ms());
        let scheduled_ms = i128::from(self.spacing_ms) * i128::from(parent.height);
        asert::adjusted(
            &self.first_target,
            elapsed_ms - scheduled_ms,
            self.half_life_ms,
            &self.easiest_target,
        )
    }

    /// How far a block's time may be ahead of the clock of who takes it in.
    pub fn drift_ms(&self) -> u64 {
        self.spacing_ms.saturating_mul(DRIFT_SPACINGS).min(DRIFT_MS_MAX)
    }
}

/// What is compared with the target, as a big-endian number.
pub fn work_hash(block: &Hash, nonce: u64) -> Hash {
    Hash::of(&[b"chancery work 1\0", block.as_bytes(), &nonce.to_be_bytes()])
}

impl Work {
    /// Whether this is work on the header, at a target that the rules allow. Whether the target is the
    /// one that follows from the blocks before is for who knows these to say.
    pub fn verify(&self, header: &Header, rules: &WorkRules) -> Result<(), BadWork> {
        let (target, easiest) = (self.target, rules.easiest_target);
        if header.pool != target.hash() {
            return Err(BadWork::OtherTarget(target));
        }
        if target > easiest {
            return Err(BadWork::TooEasy { target, easiest });
        }
        let hash = work_hash(&header.hash(), self.nonce);
        if !target.is_met_by(&hash) {
            return Err(BadWork::Missed { hash, target });
        }
        Ok(())
    }
}

/// A header with the work that seals it, as it travels ahead of its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedHeader {
    /// What the block states.
    pub header: Header,
    /// Why it counts.
    pub work: Work,
}

/// The length of an encoded sealed header.
pub const SEALED_HEADER_BYTES: usize = HEADER_BYTES + 32 + 8;

impl SealedHeader {
    /// The header's layout, the target and the nonce, big-endian.
    pub fn encode(&self) -> [u8; SEALED_HEADER_BYTES] {
        let mut bytes = [0; SEALED_HEADER_BYTES];
        bytes[..HEADER_BYTES].copy_from_slice(&self.header.encode());
        bytes[HEADER_BYTES..HEADER_BYTES + 32].copy_from_slice(&self.work.target.to_bytes());
        bytes[HEADER_BYTES + 32..].copy_from_slice(&self.work.nonce.to_be_bytes());
        bytes
    }

    /// Reads [`SealedHeader::encode`]; nothing may follow.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotABlock> {
        let (header, work) =
            bytes.split_at_checked(HEADER_BYTES).ok_or(NotABlock("it ends too early"))?;
        let (target, nonce) =
            work.split_first_chunk::<32>().ok_or(NotABlock("it ends too early"))?;
        let nonce = nonce.try_into().map_err(|_| NotABlock("a nonce has eight bytes"))?;
        let target = Target::from_bytes(*target).ok_or(NotABlock("the target is zero"))?;
        let work = Work { target, nonce: u64::from_be_bytes(nonce) };
        Ok(Self { header: Header::decode(header)?, work })
    }
}

mod nonce_text {
    use super::*;

    pub(super) fn serialize<S: Serializer>(nonce: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(nonce)
        } else {
            serializer.serialize_u64(*nonce)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        if !deserializer.is_human_readable() {
            return u64::deserialize(deserializer);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        match text.parse::<u64>() {
            Ok(nonce) if nonce.to_string() == *text => Ok(nonce),
            _ => Err(de::Error::custom("a nonce is a decimal number below 2^64, written as text")),
        }
    }
}
