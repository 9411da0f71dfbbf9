//! The chain: blocks built or checked on any known parent, and made final one after the other.

mod open_block;
mod replay;
mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

pub use open_block::{Executed, Offer, OpenBlock, Ordered};
pub use replay::replay;
use replay::{before_block_0, execute_genesis, execute_on, readmit, tip_at};
use seen::Seen;

use crate::block::{self, Block, Header};
use crate::disk::Disk;
use crate::error::Error;
use crate::execution::Application;
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::seal::Seal;
use crate::store::{self, Following, HeightRecord, PendingCheckpoint, PositionRecord, Store};
use crate::time::Time;
use crate::tip::Tip;
use crate::transition::{Admission, Admitted};
use crate::trie::Trie;
use crate::view::View;

/// A ledger to write to. There is one; its [`View`]s are many.
pub struct Chain<A: Application> {
    application: Arc<A>,
    view: View,
    seen: Seen,
    candidates: BTreeMap<Hash, Arc<Executed<A>>>,
    since_checkpoint: u64,
}

/// Blocks that are executed and not yet decided; more are refused until some are.
pub const MAX_CANDIDATES: usize = 4096;

/// Entries and blocks after which a checkpoint is due. Opening executes at most about as many again.
const CHECKPOINT_EVERY: u64 = 8_192;
/// What an empty block counts for.
const CHECKPOINT_BLOCK_WEIGHT: u64 = 4;

/// A block that is not what the rules make of its transitions.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBlock {
    /// Its parent is not known, or was decided against.
    #[error("its parent {0} is not known")]
    Parent(Hash),
    /// An entry is no transition that could be ordered.
    #[error("entry {index}: {rejection}")]
    Entry {
        /// Which entry.
        index: usize,
        /// Why.
        rejection: crate::code::Rejection,
    },
    /// Executing it gives something else than it states.
    #[error("executing it gives another {0} than it states")]
    Differs(&'static str),
    /// Its bytes are no block.
    #[error(transparent)]
    NotABlock(#[from] block::NotABlock),
    /// Its time is too far ahead of the clock of who judges it.
    #[error("its time {0} is too far ahead of this node's clock")]
    Early(Time),
    /// It is larger than a block may be.
    #[error("it has {0} bytes, more than a block may have")]
    TooLarge(usize),
    /// Too many blocks were proposed for this height.
    #[error("too many blocks were proposed for this height")]
    TooMany,
    /// The world failed while checking.
    #[error(transparent)]
    World(#[from] Error),
}

/// A block that is final.
pub struct Final<A: Application> {
    /// What it did.
    pub executed: Arc<Executed<A>>,
    /// A checkpoint to be written soon, now or on another thread.
    pub checkpoint: Option<PendingCheckpoint>,
}

/// A chain as it was opened.
pub struct Opened<A: Application> {
    /// The chain.
    pub chain: Chain<A>,
    /// How many blocks behind the checkpoint were executed again.
    pub executed_again: u64,
    /// What was set right, for the operator.
    pub notes: Vec<String>,
}

impl<A: Application> Chain<A> {
    /// Founds a ledger in an empty disk: writes the genesis and block 0.
    pub fn found(
        disk: Arc<dyn Disk>,
        genesis: &Genesis,
        application: Arc<A>,
    ) -> Result<Opened<A>, Error> {
        let failed = store::io_error(&*disk, store::GENESIS);
        match disk.read(store::GENESIS).map_err(&failed)? {
            Some(bytes) if bytes != genesis.bytes() => {
                return Err(Error::OtherGenesis(disk.path(store::GENESIS)));
            }
            Some(_) => {}
            // A crash after this leaves a genesis without blocks, which opening founds again.
            None => disk.replace(store::GENESIS, genesis.bytes()).map_err(failed)?,
        }
        Self::open(disk, application)
    }

    /// Opens a ledger after any stop or crash, at its last complete block.
    pub fn open(disk: Arc<dyn Disk>, application: Arc<A>) -> Result<Opened<A>, Error> {
        let genesis = Arc::new(read_genesis(&*disk)?);
        let store::Found { store, kept_blocks, to_execute, notes } = store::open(disk)?;
        let store = Arc::new(store);
        founded_by(&store, &genesis)?;
        let tip = match kept_blocks.checked_sub(1) {
            Some(height) => tip_at(&store, height)?,
            None => before_block_0(&genesis),
        };
        let tip = Arc::new(ArcSwap::from_pointee(tip));
        let rules = application.clone();
        let above = Arc::default();
        let view = View { store, tip, genesis, above, rules };
        let seen = Seen::of(&view, kept_blocks)?;
        let candidates = BTreeMap::new();
        let mut chain = Self { application, view, seen, candidates, since_checkpoint: 0 };
        let executed_again = to_execute.len() as u64;
        chain.execute_again(kept_blocks, &to_execute)?;
        if kept_blocks == 0 && to_execute.is_empty() {
            chain.append_block_0()?;
        }
        Ok(Opened { chain, executed_again, notes })
    }

    /// The reading side.
    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// The rules.
    pub fn application(&self) -> &Arc<A> {
        &self.application
    }

    /// Begins a block on the tip or on a candidate.
    pub fn begin(&self, parent: &Hash, time: Time) -> Result<OpenBlock<A>, Error> {
        let parent = self.parent(parent).ok_or_else(|| Error::NoSuchBlock(parent.to_string()))?;
        let time = time.max(parent.header.time.plus_ms(1));
        Ok(OpenBlock::on(parent, self.application.clone(), self.view.clone(), time))
    }

    /// Offers a transition to an open block: see [`Offer`].
    pub fn offer(
        &self,
        block: &mut OpenBlock<A>,
        transition: impl Into<Arc<Admitted<A::Action>>>,
    ) -> Result<Offer, Error> {
        let transition = transition.into();
        if let Some(position) = self.position_before(block.parent_hash(), &transition.id) {
            return Ok(Offer::Duplicate { position });
        }
        block.offer(transition)
    }

    /// Ends an open block and keeps it until it is decided.
    pub fn propose(&mut self, block: OpenBlock<A>) -> Result<Arc<Executed<A>>, Error> {
        let executed = Arc::new(block.finish()?);
        self.keep(&executed)?;
        Ok(executed)
    }

    /// Executes another's block on its parent and keeps it, if it is exactly what the rules make of
    /// its transitions. `transitions` are its entries, in order, admitted with their signatures.
    pub fn validate(
        &mut self,
        block: &Block,
        transitions: Vec<Arc<Admitted<A::Action>>>,
    ) -> Result<Arc<Executed<A>>, InvalidBlock> {
        let executed = Arc::new(self.execute(block, transitions)?);
        self.keep(&executed)?;
        Ok(executed)
    }

    /// Makes a candidate on the tip final: one append, one sync. Other candidates on the same parent
    /// are dropped; their transitions are for the caller to offer again.
    pub fn decide(&mut self, hash: &Hash, seal: &Seal) -> Result<Final<A>, Error> {
        let executed = self.candidates.remove(hash);
        let executed = executed.ok_or_else(|| Error::NoSuchBlock(hash.to_string()))?;
        if executed.tip.header.previous != self.view.tip().hash {
            return Err(Error::NoSuchBlock(executed.tip.header.previous.to_string()));
        }
        let bytes = executed.encode(seal);
        // A crash before this: nobody was told. After this: the block is final.
        let len = bytes.len() as u64;
        let offset = self.view.store.append_block(bytes)?;
        self.follow(&executed, seal, offset, len)?;
        let height = executed.tip.header.height;
        self.candidates.retain(|_, candidate| candidate.tip.header.height > height);
        let checkpoint = self.checkpoint_if_due(executed.ordered.len() as u64)?;
        Ok(Final { executed, checkpoint })
    }

    /// A block that was executed and is not decided.
    pub fn candidate(&self, hash: &Hash) -> Option<&Arc<Executed<A>>> {
        self.candidates.get(hash)
    }

    /// Forgets a block that was executed and not decided. What stands on it stays.
    pub(crate) fn forget(&mut self, hash: &Hash) {
        self.candidates.remove(hash);
    }

    /// How many blocks were executed and are not decided.
    pub(crate) fn candidates(&self) -> usize {
        self.candidates.len()
    }

    /// A checkpoint of everything that is final, for an orderly stop.
    pub fn checkpoint(&mut self) -> Result<PendingCheckpoint, Error> {
        self.since_checkpoint = 0;
        self.view.store.checkpoint()
    }

    /// Where a transition stands, if it was ordered on the tip's chain and is not yet forgotten:
    /// those whose `not_after` has passed are.
    pub fn position_of(&self, id: &Hash) -> Option<u64> {
        self.seen.position(id)
    }

    fn parent(&self, hash: &Hash) -> Option<Arc<Tip>> {
        let tip = self.view.tip();
        if tip.hash == *hash {
            return Some(tip);
        }
        self.candidates.get(hash).map(|candidate| candidate.tip.clone())
    }

    fn position_before(&self, mut parent: Hash, id: &Hash) -> Option<u64> {
        while let Some(candidate) = self.candidates.get(&parent) {
            if let Some(position) = candidate.position_of(id) {
                return Some(position);
            }
            parent = candidate.tip.header.previous;
        }
        self.seen.position(id)
    }

    fn keep(&mut self, executed: &Arc<Executed<A>>) -> Result<(), Error> {
        if self.candidates.len() >= MAX_CANDIDATES {
            return Err(Error::TooManyCandidates);
        }
        self.candidates.insert(executed.tip.hash, executed.clone());
        Ok(())
    }

    fn execute(
        &self,
        block: &Block,
        transitions: Vec<Arc<Admitted<A::Action>>>,
    ) -> Result<Executed<A>, InvalidBlock> {
        let header = &block.header;
        let parent = self.parent(&header.previous).ok_or(InvalidBlock::Parent(header.previous))?;
        for (index, transition) in transitions.iter().enumerate() {
            if self.position_before(parent.hash, &transition.id).is_some() {
                let rejection = crate::code::DUPLICATE.because("it stands in an earlier block");
                return Err(InvalidBlock::Entry { index, rejection });
            }
        }
        execute_on(parent, &self.application, &self.view, header, transitions)
    }

    /// What follows from a durable block: its records, its nodes, the new tip. A crash anywhere in
    /// here costs nothing: opening does it again.
    fn follow(
        &mut self,
        executed: &Executed<A>,
        seal: &Seal,
        block_offset: u64,
        block_len: u64,
    ) -> Result<(), Error> {
        let store = &self.view.store;
        let mut state_nodes = Vec::new();
        let state_start = store.state.len();
        let state =
            Trie::new(&*store.state).write(&executed.tip.state, state_start, &mut state_nodes);
        let header = &executed.tip.header;
        let height = HeightRecord {
            block_offset,
            block_len,
            time_ms: header.time.as_ms(),
            log_size: header.log_size,
            state_place: HeightRecord::place_of(&state),
            state_len: state_start + state_nodes.len() as u64,
        };
        let following = Following {
            log_nodes: executed.log_nodes.clone(),
            positions: position_records(executed, seal, block_offset),
            state_nodes,
            height,
        };
        store.append_following(&following)?;
        self.seen.add(executed);
        let tip = Tip { state, ..(*executed.tip).clone() };
        self.view.tip.store(Arc::new(tip));
        Ok(())
    }

    fn checkpoint_if_due(&mut self, entries: u64) -> Result<Option<PendingCheckpoint>, Error> {
        self.since_checkpoint += entries + CHECKPOINT_BLOCK_WEIGHT;
        (self.since_checkpoint >= CHECKPOINT_EVERY).then(|| self.checkpoint()).transpose()
    }

    fn execute_again(&mut self, first: u64, blocks: &[(u64, u64)]) -> Result<(), Error> {
        let admission = Admission::new(self.application.clone(), &self.view.genesis);
        for (height, (offset, len)) in (first..).zip(blocks) {
            let damaged = |view: &View, what: String| {
                let what = format!("block {height}: {what}");
                view.store.damaged(store::BLOCKS, *offset, &what)
            };
            let mut bytes = vec![0; *len as usize];
            self.view.store.read(&self.view.store.blocks, store::BLOCKS, *offset, &mut bytes)?;
            let block =
                Block::decode(&bytes).map_err(|error| damaged(&self.view, error.to_string()))?;
            let transitions = readmit(&admission, &block.entries)
                .map_err(|error| damaged(&self.view, error.to_string()))?;
            let entries = transitions.len() as u64;
            self.rebuild(&block, transitions, *offset, *len).map_err(|error| match error {
                InvalidBlock::World(error) => error,
                other => damaged(&self.view, other.to_string()),
            })?;
            if let Some(checkpoint) = self.checkpoint_if_due(entries)? {
                checkpoint.write()?;
            }
        }
        Ok(())
    }

    /// A chain without blocks, not even the first, for an audit to rebuild on an empty disk.
    pub(crate) fn bare(
        scratch: Arc<dyn Disk>,
        genesis: &Genesis,
        application: Arc<A>,
    ) -> Result<Self, Error> {
        let store = Arc::new(Store::with(scratch)?);
        let genesis = Arc::new(genesis.clone());
        let tip = Arc::new(ArcSwap::from_pointee(before_block_0(&genesis)));
        let rules = application.clone();
        let above = Arc::default();
        let view = View { store, tip, genesis, above, rules };
        let (seen, candidates) = (Seen::default(), BTreeMap::new());
        Ok(Self { application, view, seen, candidates, since_checkpoint: 0 })
    }

    /// Executes the next block and puts down what follows from it, but not the block itself.
    pub(crate) fn rebuild(
        &mut self,
        block: &Block,
        transitions: Vec<Arc<Admitted<A::Action>>>,
        offset: u64,
        len: u64,
    ) -> Result<(), InvalidBlock> {
        let executed = if self.view.tip().hash == Hash::default() {
            let executed = execute_genesis(&*self.application, &self.view)?;
            executed.is_stated_by(&block.header)?;
            executed
        } else {
            self.execute(block, transitions)?
        };
        Ok(self.follow(&executed, &block.seal, offset, len)?)
    }

    fn append_block_0(&mut self) -> Result<(), Error> {
        let executed = execute_genesis(&*self.application, &self.view)?;
        let bytes = executed.encode(&Seal::Genesis);
        let len = bytes.len() as u64;
        let offset = self.view.store.append_block(bytes)?;
        self.follow(&executed, &Seal::Genesis, offset, len)
    }
}

fn read_genesis(disk: &dyn Disk) -> Result<Genesis, Error> {
    let failed = store::io_error(disk, store::GENESIS);
    let bytes = disk.read(store::GENESIS).map_err(&failed)?;
    let bytes = bytes.ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))?;
    Genesis::parse(&bytes).map_err(|error| Error::Damaged {
        file: disk.path(store::GENESIS),
        offset: 0,
        what: error.to_string(),
    })
}

/// The first block names the genesis that the ledger was founded with.
fn founded_by(store: &Store, genesis: &Genesis) -> Result<(), Error> {
    if store.blocks.is_empty() {
        return Ok(());
    }
    let mut header = [0; block::HEADER_BYTES];
    let offset = store::FRAME_HEADER_BYTES as u64;
    store.read(&store.blocks, store::BLOCKS, offset, &mut header)?;
    let header = Header::decode(&header)
        .map_err(|error| store.damaged(store::BLOCKS, offset, &error.to_string()))?;
    if header.ledger != genesis.ledger() {
        let what = format!(
            "this is not the genesis of the ledger {}, whose blocks are here",
            header.ledger
        );
        return Err(store.damaged(store::GENESIS, 0, &what));
    }
    Ok(())
}

/// Where each entry of a block stands in `blocks`.
pub(crate) fn position_records<A: Application>(
    executed: &Executed<A>,
    seal: &Seal,
    block_offset: u64,
) -> Vec<PositionRecord> {
    let seal_len = serde_ipld_dagcbor::to_vec(seal).map_or(0, |bytes| bytes.len());
    let mut offset = block_offset + block::entries_offset(seal_len) as u64;
    let record = |ordered: &Ordered<A>| {
        let entry_len = ordered.entry().len() as u64;
        let entry_offset = offset + 4;
        offset = entry_offset + entry_len;
        PositionRecord {
            entry_offset,
            entry_len,
            height: executed.tip.header.height,
            not_after_ms: ordered.transition.not_after.as_ms(),
            id: ordered.transition.id,
        }
    };
    executed.ordered.iter().map(record).collect()
}
