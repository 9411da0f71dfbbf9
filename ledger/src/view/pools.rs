//! Which pool seals which height, and the proofs that lead from one pool to the next.

use super::{StateAt, View};
use crate::anchor::Anchor;
use crate::error::Error;
use crate::evidence::StatusProof;
use crate::execution::Object;
use crate::hash::Hash;
use crate::seal::{Pool, Pools, Term};
use crate::tip::Tip;
use crate::trie::Subtree;

impl View {
    /// The pool that seals the block at a height, up to the one after the tip.
    pub fn pool_at(&self, height: u64) -> Result<Pool, Error> {
        match height.checked_sub(1) {
            None => self.founding_pool().cloned(),
            Some(before) => self.pool_by(&self.state_root(before)?, height),
        }
    }

    /// What evidence of the block at a height needs of an anchor: the genesis, and the pool that seals it.
    pub fn anchor_at(&self, height: u64) -> Result<Anchor, Error> {
        match self.genesis.work() {
            Some(_) => Ok(Anchor::from(self.genesis())),
            None => Ok(Anchor::of_height(self.genesis(), height, self.pool_at(height)?)),
        }
    }

    /// The pool that seals the block at a later height, as far as the tip's state foretells it.
    pub(crate) fn pool_foretold(&self, height: u64) -> Result<Pool, Error> {
        self.pool_by(&self.tip().state, height)
    }

    /// The pool that a state, that of the block before or of an earlier one, names for a height.
    pub(crate) fn pool_by(&self, state: &Subtree, height: u64) -> Result<Pool, Error> {
        let founding = self.founding_pool()?;
        let state = StateAt { store: &self.store, root: state };
        let named = self.rules.named_pool(&state, height)?;
        Ok(named.unwrap_or_else(|| founding.clone()))
    }

    /// What the header of the block after `parent` names as its sealer: a pool, or a target.
    pub(crate) fn sealer_after(&self, parent: &Tip) -> Result<Hash, Error> {
        match self.genesis.target_after(&parent.header) {
            Some(target) => Ok(target),
            None => Ok(self.pool_by(&parent.state, parent.header.height + 1)?.hash()),
        }
    }

    fn founding_pool(&self) -> Result<&Pool, Error> {
        self.genesis.pool().ok_or(Error::NoPool)
    }

    /// The first term, that of the genesis's pool.
    pub fn first_term(&self) -> Result<Term, Error> {
        self.founding_pool().map(|pool| Pools::founded(pool).in_force)
    }

    /// The first term that begins after a height, with the height of the block that named it; `None`
    /// while no block has.
    pub fn term_after(&self, after: u64) -> Result<Option<(u64, Term)>, Error> {
        let tip = self.tip().header.height;
        if self.last_named(tip)?.from <= after {
            return Ok(None);
        }
        // Terms are named in their order and never replaced, so the first block that knows of one
        // which begins later is the one that named it.
        let (mut low, mut high) = (0, tip);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.last_named(middle)?.from > after {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(Some((low, self.last_named(low)?)))
    }

    /// The proof that hands over to the first pool whose term begins after a height, as of the block that
    /// named it; `None` while no block has.
    pub fn handover_after(&self, after: u64) -> Result<Option<StatusProof>, Error> {
        let Some((named_in, _)) = self.term_after(after)? else { return Ok(None) };
        self.handover_in(named_in).map(Some)
    }

    /// The proof that hands over to the pool that the block at a height named.
    pub fn handover_in(&self, height: u64) -> Result<StatusProof, Error> {
        self.status(Pools::REGISTER, Pools::KIND, Pools::ID, height)
    }

    /// The last term that the state after a block knows of.
    fn last_named(&self, height: u64) -> Result<Term, Error> {
        let root = self.state_root(height)?;
        let stated = Pools::read(&StateAt { store: &self.store, root: &root })?;
        let last = stated.map(|Pools { in_force, next }| next.unwrap_or(in_force));
        last.map_or_else(|| self.first_term(), Ok)
    }
}
