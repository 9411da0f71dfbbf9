//! Anchors: what a verifier trusts. The genesis, and the pools that it was led to from there.

use crate::block::Header;
use crate::evidence::{BadEvidence, StatusProof};
use crate::execution::{NotAnObject, Object, Stored};
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::seal::{BadSeal, Pool, Pools, Seal, Term};

/// What a verifier trusts: the genesis, and each pool that a pool it knew has named as its successor.
///
/// A pool is trusted for the heights from which it is in force until the next one known is. So an
/// anchor that is behind takes what former validators sign for later blocks: follow the handovers
/// before you rely on recent evidence.
#[derive(Clone, Debug)]
pub struct Anchor {
    genesis: Genesis,
    pools: Vec<(u64, Pool)>,
}

/// Why a status proof leads an anchor to no further pool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadHandover {
    /// It proves nothing.
    #[error(transparent)]
    Evidence(#[from] BadEvidence),
    /// The ledger is sealed by work: it has no pools.
    #[error("seal: the ledger is sealed by work, and no pool follows another")]
    NoPool,
    /// It is about another object, or about none.
    #[error("object: a handover is a proof of validators/pool/pool")]
    NotThePool,
    /// Its pool is not one that can be.
    #[error("value: the next pool has not 1 to 128 validators with distinct keys and some power")]
    Unsound,
    /// A handover before this one is missing.
    #[error(
        "seal: the pool in force since block {0} is not known here: a handover before this one is missing"
    )]
    Gap(u64),
    /// It names another next pool than an earlier handover did.
    #[error("seal: two pools were named for block {0}")]
    Conflict(u64),
}

impl From<NotAnObject> for BadHandover {
    fn from(source: NotAnObject) -> Self {
        Self::Evidence(source.into())
    }
}

impl BadHandover {
    /// The name of the check that fails: the same in every verifier.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Evidence(error) => error.check(),
            Self::NotThePool => "object",
            Self::Unsound => "value",
            Self::NoPool | Self::Gap(_) | Self::Conflict(_) => "seal",
        }
    }
}

impl From<Genesis> for Anchor {
    fn from(genesis: Genesis) -> Self {
        let pools = genesis.pool().map(|pool| (0, pool.clone())).into_iter().collect();
        Self { genesis, pools }
    }
}

impl From<&Genesis> for Anchor {
    fn from(genesis: &Genesis) -> Self {
        genesis.clone().into()
    }
}

impl Anchor {
    /// One that knows of no other pool than that of a height: for who holds the ledger itself.
    pub(crate) fn of_height(genesis: &Genesis, height: u64, pool: Pool) -> Self {
        Self { genesis: genesis.clone(), pools: vec![(height, pool)] }
    }

    /// The genesis, with which it begins.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The ledger's id.
    pub fn ledger(&self) -> Hash {
        self.genesis.ledger()
    }

    /// The pool that seals the block at a height, as far as is known here.
    pub fn pool(&self, height: u64) -> Option<&Pool> {
        let known = self.pools.iter().rev().find(|(from, _)| *from <= height);
        known.map(|(_, pool)| pool)
    }

    /// The pools that are known, each with the height from which it seals.
    pub fn pools(&self) -> &[(u64, Pool)] {
        &self.pools
    }

    /// The last two of them: who may sign for the ledger now, as the last may not be in force yet.
    pub fn last_pools(&self) -> &[(u64, Pool)] {
        &self.pools[self.pools.len().saturating_sub(2)..]
    }

    /// The height from which the last pool that is known here seals.
    pub fn last_from(&self) -> u64 {
        self.pools.last().map_or(0, |(from, _)| *from)
    }

    /// Whether the header was sealed: by the pool of its height, or by work as the genesis asks for.
    pub fn verify(&self, header: &Header, seal: &Seal) -> Result<(), BadSeal> {
        if let Some(rules) = self.genesis.work() {
            return seal.verify_work(header, rules);
        }
        let pool = self.pool(header.height).ok_or(BadSeal::OtherPool)?;
        seal.verify(header, pool)
    }

    /// Follows a status proof of `validators/pool/pool` to the next pool, if it names one. A proof that
    /// says what is known already changes nothing.
    ///
    /// # Errors
    /// When the proof does not hold, when a pool before it is not known, or when it contradicts what is.
    pub fn follow(&mut self, handover: &StatusProof) -> Result<(), BadHandover> {
        let height = handover.verify(self)?.height;
        if self.genesis.pool().is_none() {
            return Err(BadHandover::NoPool);
        }
        let of_pools = format!("{}/{}/{}", Pools::REGISTER, Pools::KIND, Pools::ID);
        let value = handover.value.as_ref().filter(|_| handover.object == of_pools);
        let value = value.ok_or(BadHandover::NotThePool)?;
        let pools = Stored::<Pools>::decode(&value.0)?.value;
        self.is_in_force(pools.at(height), height)?;
        match pools.pending_at(height) {
            Some(next) => self.take_in(next),
            None => Ok(()),
        }
    }

    /// The pool that a handover says is in force at its height must be the one that is known for it, with
    /// the height it began at: else one between would be passed over.
    fn is_in_force(&self, term: &Term, height: u64) -> Result<(), BadHandover> {
        match self.pools.iter().rev().find(|(from, _)| *from <= height) {
            Some((from, pool)) if *from == term.from => is_the_same(pool, term),
            _ => Err(BadHandover::Gap(term.from)),
        }
    }

    fn take_in(&mut self, next: &Term) -> Result<(), BadHandover> {
        let pool = next.pool();
        if !pool.is_sound() {
            return Err(BadHandover::Unsound);
        }
        if next.from <= self.last_from() {
            let known = self.pools.iter().find(|(from, _)| *from == next.from);
            let (_, known) = known.ok_or(BadHandover::Conflict(next.from))?;
            return is_the_same(known, next);
        }
        self.pools.push((next.from, pool));
        Ok(())
    }
}

/// Names are no part of what a pool is known by.
fn is_the_same(known: &Pool, term: &Term) -> Result<(), BadHandover> {
    match known.hash() == term.pool().hash() {
        true => Ok(()),
        false => Err(BadHandover::Conflict(term.from)),
    }
}
