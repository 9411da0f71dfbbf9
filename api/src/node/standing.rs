//! How a transition stands that is not final yet, and what else happens before blocks are final.

use std::collections::{BTreeMap, VecDeque};

use chancery_ledger::code::Rejection;
use chancery_ledger::consensus::work::Standing;
use chancery_ledger::hash::Hash;

/// How a transition stands. In proof of work it may go back from a block to waiting.
#[derive(Clone, Debug)]
pub enum TransitionStanding {
    /// It waits, stands in a block, or is final.
    Known(Standing),
    /// It was taken in, and then turned out not to be good any more; it stands in no block.
    Dropped(Rejection),
}

/// What happens on a ledger of work before blocks are final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkNews {
    /// Another block is the last of the best branch.
    Tip {
        /// Its hash.
        hash: Hash,
        /// Its height.
        height: u64,
    },
    /// Blocks count no longer, because another branch has more work.
    Reorganised {
        /// How many.
        depth: u64,
        /// Which, lowest first.
        abandoned: Vec<Hash>,
        /// The transitions that wait again because of it.
        returned: Vec<Hash>,
    },
    /// A block is final.
    Final {
        /// Its hash.
        hash: Hash,
        /// Its height.
        height: u64,
    },
    /// A transition no longer waits and stands in no block.
    Dropped {
        /// Its id.
        id: Hash,
    },
    /// Somebody works on a branch that leaves this one below the last final block. It is refused.
    ForkBelowFinal {
        /// The first block of that branch.
        hash: Hash,
        /// Its height.
        height: u64,
    },
}

/// Transitions that were dropped lately, for those who ask what became of them.
#[derive(Default)]
pub(super) struct Dropped {
    why: BTreeMap<Hash, Rejection>,
    order: VecDeque<Hash>,
}

/// How many are remembered.
const DROPPED_MAX: usize = 4_096;

impl Dropped {
    pub(super) fn add(&mut self, id: Hash, rejection: Rejection) {
        if self.why.insert(id, rejection).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > DROPPED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.why.remove(&oldest);
        }
    }

    pub(super) fn why(&self, id: &Hash) -> Option<&Rejection> {
        self.why.get(id)
    }
}
