//! What a node of a ledger of work tells: what became of headers, blocks and transitions.

use std::sync::Arc;

use super::judging::BadHeader;
use crate::block::Header;
use crate::chain::{Executed, InvalidBlock};
use crate::code::Rejection;
use crate::execution::Application;
use crate::hash::Hash;
use crate::store::PendingCheckpoint;
use crate::work::Target;

/// What became of a block.
#[derive(Debug)]
pub enum TakenBlock {
    /// It is new, and it is on the best branch now.
    Best,
    /// It is new, and it waits for blocks before it or for its branch to be the best.
    Kept,
    /// It was here before.
    Known,
    /// The block before it is not known: ask for the headers between.
    Orphan,
    /// There is no room for it now; it may be asked for again.
    NoRoom,
    /// Its header is refused.
    Refused(BadHeader),
    /// It breaks the rules.
    Invalid(InvalidBlock),
}

/// A block to look for a nonce for.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its header, executed: only the nonce is missing.
    pub header: Header,
    /// The header's hash.
    pub hash: Hash,
    /// What the work hash must not exceed.
    pub target: Target,
    /// How many transitions are in it.
    pub transitions: usize,
}

/// What became of a nonce that was found here.
#[derive(Debug)]
pub enum Found {
    /// The block counts, and is on the disk: send it to all.
    Sealed {
        /// Its hash.
        hash: Hash,
        /// Its bytes.
        block: Arc<[u8]>,
    },
    /// The template is not held any more: others were faster.
    Stale,
    /// The nonce does not meet the target.
    Missed,
}

/// How a transition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a block.
    Waiting,
    /// It is in a block of the best branch, which may still lose to another.
    InBlock {
        /// The block.
        block: Hash,
        /// The block's height.
        height: u64,
        /// Its position in the log, on this branch.
        position: u64,
        /// How many blocks follow.
        confirmations: u64,
    },
    /// It is in a block that is final.
    Final {
        /// Its position in the log.
        position: u64,
    },
}

/// What has happened.
pub enum WorkEvent<A: Application> {
    /// Another block is the last of the best branch.
    NewTip {
        /// The block.
        hash: Hash,
        /// Its height.
        height: u64,
    },
    /// Blocks count no longer, because another branch has more work. A [`WorkEvent::NewTip`] follows.
    Reorganised {
        /// How many blocks count no longer.
        depth: u64,
        /// These blocks, lowest first.
        abandoned: Vec<Hash>,
        /// The transitions that stood in them and not in the new branch: they wait again.
        returned: Vec<Hash>,
    },
    /// A block is final: as many others follow it as the genesis asks for.
    Finalised {
        /// What it did.
        executed: Arc<Executed<A>>,
        /// A checkpoint to be written soon.
        checkpoint: Option<PendingCheckpoint>,
    },
    /// A transition no longer waits and stands in no block.
    Dropped {
        /// Its id.
        id: Hash,
        /// Why.
        rejection: Rejection,
    },
    /// Somebody works on a branch that leaves this one below the last final block. It is refused; should
    /// most of the network be there, an operator has to decide.
    ForkBelowFinal {
        /// The first block of that branch.
        hash: Hash,
        /// Its height.
        height: u64,
    },
}
