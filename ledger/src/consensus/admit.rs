//! The transitions of another's block, with their signatures verified on several threads.

use std::sync::Arc;

use super::mempool::Mempool;
use crate::audit::in_order;
use crate::block::Block;
use crate::chain::InvalidBlock;
use crate::execution::Application;
use crate::transition::{Admission, Admitted, Entry, KeyCache};

/// The block's transitions, each with its signatures verified: those that wait here were.
pub(super) fn admit_all<A: Application>(
    mempool: &Mempool<A::Action>,
    admission: &Admission<A>,
    verifiers: usize,
    block: &Block,
) -> Result<Vec<Arc<Admitted<A::Action>>>, InvalidBlock> {
    let verify = |keys: &mut KeyCache, (index, entry): (usize, &Vec<u8>)| {
        let entry = Entry::decode(entry).map_err(|_| InvalidBlock::Differs("outcome"))?;
        if let Some(known) = mempool.with_bytes(entry.transition) {
            return Ok(known);
        }
        let admitted = admission.admit_ordered(entry.transition, keys);
        admitted.map(Arc::new).map_err(|rejection| InvalidBlock::Entry { index, rejection })
    };
    let mut all = Vec::with_capacity(block.entries.len());
    let entries = block.entries.iter().enumerate();
    in_order::run(verifiers, entries, KeyCache::default, verify, |admitted| {
        all.push(admitted?);
        Ok::<_, InvalidBlock>(())
    })?;
    Ok(all)
}
