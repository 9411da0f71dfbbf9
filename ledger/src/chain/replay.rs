//! Blocks executed again: the genesis, final blocks on the state as it was before them, and others'
//! blocks that are checked.

use std::sync::Arc;

use super::{Executed, InvalidBlock, OpenBlock};
use crate::block::Header;
use crate::error::Error;
use crate::execution::{Application, Context, Draft, GENESIS_POSITION};
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::merkle::Frontier;
use crate::store::{self, Store};
use crate::time::Time;
use crate::tip::Tip;
use crate::transition::{Admission, Admitted};
use crate::trie::{Subtree, Trie};
use crate::view::{StateAt, View};

/// Executes a final block again, on the state as it was before it: what it changed, for those who
/// follow behind. Block 0 gives what the genesis put down.
pub fn replay<A: Application>(
    view: &View,
    application: &Arc<A>,
    height: u64,
) -> Result<Executed<A>, Error> {
    if height == 0 {
        return execute_genesis(&**application, view);
    }
    let record = view.height_record(height)?;
    let damaged = |error: InvalidBlock| match error {
        InvalidBlock::World(error) => error,
        other => view.store.damaged(store::BLOCKS, record.block_offset, &other.to_string()),
    };
    let block = view.block(height)?;
    let admission = Admission::new(application.clone(), &view.genesis);
    let transitions = readmit(&admission, &block.entries).map_err(damaged)?;
    let parent = Arc::new(tip_at(&view.store, height - 1)?);
    execute_on(parent, application, view, &block.header, transitions).map_err(damaged)
}

/// Executes a block's transitions on a parent and compares with what its header states.
pub(super) fn execute_on<A: Application>(
    parent: Arc<Tip>,
    application: &Arc<A>,
    view: &View,
    header: &Header,
    transitions: Vec<Arc<Admitted<A::Action>>>,
) -> Result<Executed<A>, InvalidBlock> {
    if header.time <= parent.header.time {
        return Err(InvalidBlock::Differs("time"));
    }
    let mut open = OpenBlock::on(parent, application.clone(), view.clone(), header.time);
    for (index, transition) in transitions.into_iter().enumerate() {
        open.include(transition)?.map_err(|rejection| InvalidBlock::Entry { index, rejection })?;
    }
    let executed = open.finish()?;
    executed.is_stated_by(header)?;
    Ok(executed)
}

/// Admits what stands in a block of one's own, whose signatures were verified before it was written.
pub(super) fn readmit<A: Application>(
    admission: &Admission<A>,
    entries: &[Vec<u8>],
) -> Result<Vec<Arc<Admitted<A::Action>>>, InvalidBlock> {
    let readmit = |(index, entry): (usize, &Vec<u8>)| {
        let entry = crate::transition::Entry::decode(entry)
            .map_err(|_| InvalidBlock::Differs("outcome"))?;
        admission
            .readmit(entry.transition)
            .map(Arc::new)
            .map_err(|rejection| InvalidBlock::Entry { index, rejection })
    };
    entries.iter().enumerate().map(readmit).collect()
}

/// What block 0 stands on: nothing at all.
pub(super) fn before_block_0(genesis: &Genesis) -> Tip {
    let header = Header {
        ledger: genesis.ledger(),
        height: 0,
        previous: Hash::default(),
        time: Time::default(),
        body_root: Hash::empty(),
        log_size: 0,
        log_root: Hash::empty(),
        state_root: Hash::default(),
        pool: genesis.first_sealer(),
    };
    let tip = Tip::new(header, Subtree::empty(), Frontier::default());
    Tip { hash: Hash::default(), ..tip }
}

/// Block 0: the genesis executed, with no transition.
pub(super) fn execute_genesis<A: Application>(
    application: &A,
    view: &View,
) -> Result<Executed<A>, Error> {
    let nothing = before_block_0(&view.genesis);
    let genesis = &*view.genesis;
    let created = genesis.statement().created;
    let context = Context {
        genesis,
        height: 0,
        time: created,
        position: GENESIS_POSITION,
        id: genesis.ledger(),
        signers: &[],
    };
    let state = StateAt { store: &view.store, root: &nothing.state };
    let mut draft = Draft::new(context, &state);
    application.found(&mut draft);
    let changes = draft.finish()?;
    let writes = changes.iter().map(|change| (change.key, Some(change.after.to_vec()))).collect();
    let root = Trie::new(&*view.store.state).update(&nothing.state, &writes)?;
    let header = Header { time: created, state_root: root.hash(), ..nothing.header };
    Ok(Executed::of_genesis(Tip::new(header, root, Frontier::default()), changes))
}

pub(super) fn tip_at(store: &Store, height: u64) -> Result<Tip, Error> {
    let record = store.height_record(height)?;
    let (header, _) = store.sealed_header(&record)?;
    let frontier = Frontier::from_nodes(header.log_size, store)?;
    if frontier.root() != header.log_root {
        let what = format!("the log's root is not the one that block {height} states");
        return Err(store.damaged(store::LOG, store.log.len(), &what));
    }
    let state = record.state(header.state_root);
    Ok(Tip::new(header, state, frontier))
}
