//! The genesis: what a ledger is founded with, and the one thing that a verifier must hold.

use serde::{Deserialize, Serialize};

use crate::block::Header;
use crate::hash::Hash;
use crate::key::PublicKey;
use crate::party::PartyId;
use crate::seal::Pool;
use crate::time::Time;
use crate::work::WorkRules;

/// The text a ledger is founded with. The ledger's id is the hash of its exact bytes.
#[derive(Clone, Debug)]
pub struct Genesis {
    bytes: Vec<u8>,
    ledger: Hash,
    statement: Statement,
}

/// What a genesis states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The version of the formats: 1.
    pub version: u32,
    /// What the ledger is called.
    pub name: String,
    /// When it was founded: the time of block 0.
    pub created: Time,
    /// The root authority.
    pub root: RootAuthority,
    /// How blocks are decided.
    pub consensus: Consensus,
    /// How far ahead a transition's `not_after` may lie.
    pub transition_window_ms: u64,
}

/// The keys of the root authority, `threshold` of which must sign. It is a party like any other,
/// with the ID code of its first key, and changes its keys like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootAuthority {
    /// How many of the keys must sign.
    pub threshold: u32,
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// How blocks are decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Consensus {
    /// By a pool of validators; one node by itself is a pool of one.
    Pool(Pool),
    /// By whoever finds a low enough hash; the chain with the most work counts.
    Work(WorkRules),
}

/// Why a text founds no ledger.
#[derive(Debug, thiserror::Error)]
pub enum BadGenesis {
    /// It does not parse.
    #[error("the genesis does not parse: {0}")]
    Json(#[from] serde_json::Error),
    /// It states what cannot be.
    #[error("the genesis cannot be: {0}")]
    Content(&'static str),
}

/// Seven days.
pub const DEFAULT_TRANSITION_WINDOW_MS: u64 = 7 * 24 * 60 * 60 * 1000;

impl Genesis {
    /// Reads a genesis from its exact bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadGenesis> {
        let statement: Statement = serde_json::from_slice(bytes)?;
        statement.check()?;
        Ok(Self { bytes: bytes.to_vec(), ledger: Hash::of(&[bytes]), statement })
    }

    /// Writes down a new genesis.
    pub fn found(statement: &Statement) -> Result<Self, BadGenesis> {
        let mut bytes = serde_json::to_vec_pretty(statement)?;
        bytes.push(b'\n');
        Self::parse(&bytes)
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The ledger's id.
    pub fn ledger(&self) -> Hash {
        self.ledger
    }

    /// What it states.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The root authority's party.
    pub fn root_party(&self) -> PartyId {
        // `check` has seen that there is a first key.
        PartyId::of_first_key(&self.statement.root.keys[0])
    }

    /// The pool that seals until a later one is in force; none on a ledger of work.
    pub fn pool(&self) -> Option<&Pool> {
        match &self.statement.consensus {
            Consensus::Pool(pool) => Some(pool),
            Consensus::Work(_) => None,
        }
    }

    /// The rules of work; none on a ledger that a pool seals.
    pub fn work(&self) -> Option<&WorkRules> {
        match &self.statement.consensus {
            Consensus::Pool(_) => None,
            Consensus::Work(rules) => Some(rules),
        }
    }

    /// What the header of block 0 names as its sealer.
    pub(crate) fn first_sealer(&self) -> Hash {
        match &self.statement.consensus {
            Consensus::Pool(pool) => pool.hash(),
            Consensus::Work(rules) => rules.first_target.hash(),
        }
    }

    /// What the header after `parent` must name as its target; nothing where a pool seals.
    pub(crate) fn target_after(&self, parent: &Header) -> Option<Hash> {
        let rules = self.work()?;
        Some(rules.target_after(parent, self.statement.created).hash())
    }
}

impl Statement {
    fn check(&self) -> Result<(), BadGenesis> {
        let wrong = |what| Err(BadGenesis::Content(what));
        let consensus_fault = match &self.consensus {
            Consensus::Pool(pool) if !pool.is_sound() => Some(
                "the pool has not 1 to 128 validators with distinct keys and powers of 1 to 2^32-1",
            ),
            Consensus::Pool(_) => None,
            Consensus::Work(rules) => rules.fault(),
        };
        if let Some(fault) = consensus_fault {
            return wrong(fault);
        }
        let root = &self.root;
        let distinct: std::collections::BTreeSet<_> = root.keys.iter().collect();
        match () {
            () if self.version != 1 => wrong("version is not 1"),
            () if self.name.is_empty() || self.name.len() > 100 => {
                wrong("name is not 1 to 100 bytes long")
            }
            () if root.keys.is_empty() || root.keys.len() > 32 => {
                wrong("the root authority has not 1 to 32 keys")
            }
            () if distinct.len() != root.keys.len() => wrong("a root key stands twice"),
            () if root.threshold == 0 || root.threshold as usize > root.keys.len() => {
                wrong("the root threshold is not between 1 and the number of its keys")
            }
            () if self.transition_window_ms < 1000
                || self.transition_window_ms > 366 * 24 * 60 * 60 * 1000 =>
            {
                wrong("transition_window_ms is not between one second and 366 days")
            }
            () => Ok(()),
        }
    }
}
