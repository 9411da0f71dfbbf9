//! Targets: the number that a work hash must not exceed.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use ruint::aliases::U256;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::WorkSum;
use crate::hash::Hash;

/// A number from 1 to 2^256-1 that a work hash must not exceed, written as 64 lower-case hexadecimal
/// digits. A higher target is an easier one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target(U256);

impl Target {
    /// The easiest target there is: every hash meets it.
    pub const MAX: Self = Self(U256::MAX);

    /// The hardest target there is.
    pub(super) const MIN: Self = Self(U256::ONE);

    /// A target from its 32 bytes, big-endian; zero is none.
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        Self::from_number(U256::from_be_bytes(bytes))
    }

    pub(super) fn from_number(number: U256) -> Option<Self> {
        (!number.is_zero()).then_some(Self(number))
    }

    pub(super) fn number(&self) -> U256 {
        self.0
    }

    /// Its 32 bytes, big-endian.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_be_bytes()
    }

    /// What a header names this target by.
    pub fn hash(&self) -> Hash {
        Hash::of(&[b"chancery target 1\0", &self.to_bytes()])
    }

    /// Whether a hash, read as a big-endian number, is low enough.
    pub fn is_met_by(&self, hash: &Hash) -> bool {
        U256::from_be_bytes(hash.0) <= self.0
    }

    /// How many hashes it takes on the average to meet it: 2^256 / (target + 1), rounded down.
    pub fn work(&self) -> WorkSum {
        WorkSum::of_target(self.0)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.to_bytes()))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a text must be to name a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a target is 64 lower-case hexadecimal digits, not all of them zero")]
pub struct NotATarget;

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotATarget)?;
        let bytes = bytes.try_into().map_err(|_| NotATarget)?;
        Self::from_bytes(bytes).ok_or(NotATarget)
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.to_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A hash has the same 32 bytes and the same digits.
        let bytes = Hash::deserialize(deserializer)?.0;
        Self::from_bytes(bytes).ok_or_else(|| de::Error::custom(NotATarget))
    }
}
