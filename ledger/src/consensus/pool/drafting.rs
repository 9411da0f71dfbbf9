//! The block that a validator would propose: built from what waits, and asked about what is handed in.

use std::sync::Arc;

use super::{MAX_BLOCK_BYTES, PoolHost};
use crate::chain::{Executed, Offer, OpenBlock};
use crate::code::Rejection;
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::time::Time;
use crate::transition::{Admitted, MAX_TRANSITION_BYTES};

/// What a validator has begun to build is begun anew after this time, so that its block's time is not
/// far behind.
const DRAFT_MAX_AGE_MS: u64 = 500;
/// The entries of a block leave room for its header and seal.
const MAX_ENTRIES_BYTES: usize = MAX_BLOCK_BYTES - 128 * 1024;

/// A block that is being built from what waits.
pub(super) struct Draft<A: Application> {
    pub(super) block: OpenBlock<A>,
    /// What arrived since was not offered to it yet.
    offered_before: u64,
}

impl<A: Application> PoolHost<A> {
    /// Whether a block could have held one more transition, of whatever size.
    pub fn had_room(&self, executed: &Executed<A>) -> bool {
        let bytes: usize = executed.ordered.iter().map(|ordered| ordered.entry().len()).sum();
        executed.ordered.len() < self.limits.block_transitions
            && bytes + MAX_TRANSITION_BYTES < MAX_ENTRIES_BYTES
    }

    /// Why the rules refuse a transition as things stand, if they do. What is good on the last block may
    /// stand in the next whatever waits before it: only what is not may build on what waits.
    pub(super) fn refusal(
        &mut self,
        transition: &Arc<Admitted<A::Action>>,
        now: Time,
    ) -> Result<Option<Rejection>, Error> {
        let mut alone = self.chain.begin(&self.view().tip().hash, now)?;
        let on_tip = self.chain.offer(&mut alone, transition.clone())?;
        if !matches!(on_tip, Offer::Declined(_)) {
            return Ok(None);
        }
        let mut draft = self.fresh_draft(now)?;
        self.offer_arrivals(&mut draft)?;
        // A full draft is not what this one will stand in: then it is judged when its turn comes.
        let refusal = if self.is_full(&draft.block) {
            None
        } else {
            match self.chain.offer(&mut draft.block, transition.clone())? {
                Offer::Declined(rejection) => Some(rejection),
                Offer::Ordered { .. } | Offer::Duplicate { .. } => None,
            }
        };
        self.draft = Some(draft);
        Ok(refusal)
    }

    fn drop_waiting(&mut self, id: &Hash, rejection: Rejection) {
        if self.mempool.remove(id).is_some() {
            self.dropped.push((*id, rejection));
        }
    }

    fn is_full(&self, draft: &OpenBlock<A>) -> bool {
        draft.len() >= self.limits.block_transitions || draft.bytes() >= MAX_ENTRIES_BYTES
    }

    /// What this node would propose now: what waits, on the last block.
    pub(super) fn fresh_draft(&mut self, now: Time) -> Result<Draft<A>, Error> {
        match self.draft.take() {
            Some(draft) if draft.block.time().plus_ms(DRAFT_MAX_AGE_MS) >= now => Ok(draft),
            _ => {
                let block = self.chain.begin(&self.view().tip().hash, now)?;
                let mut draft = Draft { block, offered_before: 0 };
                self.fill(&mut draft)?;
                Ok(draft)
            }
        }
    }

    /// Offers what should stand in the next block, of all that waits.
    pub(super) fn fill(&mut self, draft: &mut Draft<A>) -> Result<(), Error> {
        let chosen = self.mempool.select(self.limits.block_transitions, MAX_ENTRIES_BYTES);
        draft.offered_before = self.mempool.next_arrival();
        self.offer(&mut draft.block, chosen)
    }

    /// Offers what has come to wait since the draft was last filled.
    fn offer_arrivals(&mut self, draft: &mut Draft<A>) -> Result<(), Error> {
        let arrived = self.mempool.since(draft.offered_before).cloned().collect();
        draft.offered_before = self.mempool.next_arrival();
        self.offer(&mut draft.block, arrived)
    }

    fn offer(
        &mut self,
        block: &mut OpenBlock<A>,
        transitions: Vec<Arc<Admitted<A::Action>>>,
    ) -> Result<(), Error> {
        for transition in transitions {
            if self.is_full(block) {
                break;
            }
            let id = transition.id;
            match self.chain.offer(block, transition)? {
                Offer::Declined(rejection) => self.drop_waiting(&id, rejection),
                Offer::Ordered { .. } | Offer::Duplicate { .. } => {}
            }
        }
        Ok(())
    }
}
