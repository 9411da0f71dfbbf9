//! What may wait, and how large a block may be that is built here; the same whoever decides.

use chancery_ledger::consensus::mempool::MempoolLimits;
use chancery_ledger::consensus::pool::Limits;

use super::queue::CAPACITY;

/// The most transitions in a block.
const BLOCK_TRANSITIONS: usize = 4_096;
/// Bytes of transitions that may wait.
const MEMPOOL_BYTES: usize = 64 * 1024 * 1024;

/// The limits of a node with so many threads that verify signatures.
pub(super) fn limits(verifiers: usize) -> Limits {
    Limits {
        mempool: MempoolLimits {
            transitions: 2 * CAPACITY,
            bytes: MEMPOOL_BYTES,
            transitions_each: CAPACITY,
        },
        block_transitions: BLOCK_TRANSITIONS,
        verifiers,
    }
}
