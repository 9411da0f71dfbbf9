//! What the engine names things by: heights, validators, blocks.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use malachitebft_core_types as engine;

/// The height of a block that is being agreed on.
#[derive(
    Copy,
    Clone,
    Default,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Height(pub u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl engine::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, by: u64) -> Self {
        Self(self.0.saturating_add(by))
    }

    fn decrement_by(&self, by: u64) -> Option<Self> {
        self.0.checked_sub(by).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// A validator's address: the bytes of its key.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Address(pub [u8; 32]);

impl Address {
    /// The address of a validator with this key.
    pub fn of(key: &PublicKey) -> Self {
        Self(*key.as_bytes())
    }

    /// The key.
    pub fn key(&self) -> PublicKey {
        PublicKey::from_bytes(self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key().fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl engine::Address for Address {}

/// The hash of a block's header: what is voted on.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct BlockHash(pub [u8; 32]);

impl BlockHash {
    /// As the ledger has it.
    pub fn hash(&self) -> Hash {
        Hash(self.0)
    }
}

impl From<Hash> for BlockHash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash().fmt(f)
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl engine::Value for BlockHash {
    type Id = Self;

    fn id(&self) -> Self {
        *self
    }
}
