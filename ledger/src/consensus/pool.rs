//! What a validator of a pool does but voting: it keeps what waits, builds blocks and judges those of
//! others, and has each on the disk before anybody may vote for it.

mod drafting;
mod undecided;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::admit::admit_all;
use super::mempool::{Added, Mempool, MempoolLimits};
use crate::block::Block;
use crate::chain::{Chain, Executed, InvalidBlock};
use crate::code::{self, Rejection};
use crate::disk::Disk;
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::seal::{Certificate, Pool, Seal};
use crate::store::PendingCheckpoint;
use crate::time::Time;
use crate::transition::{Admission, Admitted};
use crate::view::View;
use drafting::Draft;
use undecided::{Kept, Undecided};

/// The most bytes of a block that travels between validators.
pub const MAX_BLOCK_BYTES: usize = 1024 * 1024;
/// How far ahead of one's own clock the time of a block may be that one votes for.
pub const MAX_DRIFT_MS: u64 = 2_000;
/// Blocks of one round that are looked at. An honest proposer has one.
const BLOCKS_OF_ROUND_MAX: usize = 4;
/// Rounds of one height whose blocks are kept.
const ROUNDS_MAX: usize = 128;

/// What a validator's part may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What may wait.
    pub mempool: MempoolLimits,
    /// The most transitions in a block that is built here.
    pub block_transitions: usize,
    /// Threads that verify the signatures of others' blocks.
    pub verifiers: usize,
}

/// All that a validator of a pool does but voting. An engine asks it for blocks, has it judge those of
/// others, and tells it what was decided.
pub struct PoolHost<A: Application> {
    chain: Chain<A>,
    admission: Admission<A>,
    limits: Limits,
    mempool: Mempool<A::Action>,
    draft: Option<Draft<A>>,
    undecided: Undecided,
    candidates: Candidates,
    pool: Arc<Pool>,
    dropped: Vec<(Hash, Rejection)>,
}

/// Blocks of the next height that were executed and are on the disk.
#[derive(Default)]
struct Candidates {
    bytes: BTreeMap<Hash, Arc<[u8]>>,
    ours: BTreeMap<u32, Hash>,
    by_round: BTreeMap<u32, Vec<Considered>>,
}

/// A block that was proposed in a round and found good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The earlier round in which validators had locked on it.
    pub valid_round: Option<u32>,
    /// The block's hash.
    pub hash: Hash,
}

/// What became of a transition that was handed in.
#[derive(Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It waits for a block.
    Waits,
    /// It waited before.
    Known,
    /// It stands in the log already.
    Duplicate {
        /// Its position.
        position: u64,
    },
    /// The rules refuse it as things stand: it does not wait.
    Declined(Rejection),
    /// There is no room.
    Full,
}

/// A block that was decided.
pub struct Decided<A: Application> {
    /// What it did.
    pub executed: Arc<Executed<A>>,
    /// A checkpoint to be written soon.
    pub checkpoint: Option<PendingCheckpoint>,
}

impl<A: Application> PoolHost<A> {
    /// The part of a validator on this chain; what was voted for and not decided is read back.
    pub fn open(chain: Chain<A>, disk: Arc<dyn Disk>, limits: Limits) -> Result<Self, Error> {
        let view = chain.view();
        let admission = Admission::new(chain.application().clone(), view.genesis());
        let (undecided, kept) = Undecided::open(disk)?;
        let pool = Arc::new(pool_after(&view)?);
        let mut host = Self {
            chain,
            admission,
            limits,
            mempool: Mempool::new(limits.mempool),
            draft: None,
            undecided,
            candidates: Candidates::default(),
            pool,
            dropped: Vec::new(),
        };
        for kept in kept {
            host.take_back(kept)?;
        }
        Ok(host)
    }

    /// The reading side.
    pub fn view(&self) -> View {
        self.chain.view()
    }

    /// The height that is being decided.
    pub fn next_height(&self) -> u64 {
        self.view().tip().header.height + 1
    }

    /// The pool that decides it.
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// How many transitions wait.
    pub fn waiting(&self) -> usize {
        self.mempool.len()
    }

    /// A transition that waits.
    pub fn waits(&self, id: &Hash) -> Option<&Arc<Admitted<A::Action>>> {
        self.mempool.get(id)
    }

    /// Lets a transition wait for a block, if it is good as things stand: on the last block and what
    /// waits already.
    pub fn submit(
        &mut self,
        transition: Arc<Admitted<A::Action>>,
        now: Time,
    ) -> Result<Submitted, Error> {
        if let Some(position) = self.chain.position_of(&transition.id) {
            return Ok(Submitted::Duplicate { position });
        }
        if self.mempool.get(&transition.id).is_some() {
            return Ok(Submitted::Known);
        }
        match self.refusal(&transition, now)? {
            Some(rejection) => Ok(Submitted::Declined(rejection)),
            None => Ok(self.wait(transition)),
        }
    }

    /// Lets a transition wait that another node has found good. It is judged when its turn comes.
    pub fn submit_unjudged(&mut self, transition: Arc<Admitted<A::Action>>) -> Submitted {
        if let Some(position) = self.chain.position_of(&transition.id) {
            return Submitted::Duplicate { position };
        }
        self.wait(transition)
    }

    fn wait(&mut self, transition: Arc<Admitted<A::Action>>) -> Submitted {
        match self.mempool.add(transition) {
            Added::Waits => Submitted::Waits,
            Added::Known => Submitted::Known,
            Added::Full => Submitted::Full,
        }
    }

    /// The block to propose in this round, on the disk when this returns. Asked again for the same
    /// height and round, also after a crash, it is the same again.
    pub fn propose(&mut self, round: u32, now: Time) -> Result<Hash, Error> {
        if let Some(hash) = self.candidates.ours.get(&round) {
            return Ok(*hash);
        }
        let mut draft = self.fresh_draft(now)?;
        self.fill(&mut draft)?;
        let executed = self.chain.propose(draft.block)?;
        let block = executed.encode(&unsealed());
        self.keep(executed.tip.hash, Kept { round, valid_round: None, ours: true, block })
    }

    /// A block of the next height as it is sent to others, with an empty seal.
    pub fn block(&self, hash: &Hash) -> Option<Arc<[u8]>> {
        self.candidates.bytes.get(hash).cloned()
    }

    /// What a block of the next height does that was found good.
    pub fn candidate(&self, hash: &Hash) -> Option<&Arc<Executed<A>>> {
        self.chain.candidate(hash)
    }

    /// The blocks that were proposed in a round of the next height and found good.
    pub fn considered(&self, round: u32) -> &[Considered] {
        self.candidates.by_round.get(&round).map_or(&[], Vec::as_slice)
    }

    /// Executes another's block. When this gives its hash, the block is good and on the disk, and may
    /// be voted for.
    pub fn consider(
        &mut self,
        round: u32,
        valid_round: Option<u32>,
        bytes: &[u8],
        now: Time,
    ) -> Result<Result<Hash, InvalidBlock>, Error> {
        let block = match self.read(bytes) {
            Ok(block) => block,
            Err(invalid) => return Ok(Err(invalid)),
        };
        if block.header.time > now.plus_ms(MAX_DRIFT_MS) {
            return Ok(Err(InvalidBlock::Early(block.header.time)));
        }
        let considered = Considered { valid_round, hash: block.header.hash() };
        if !self.candidates.have_room(round, &considered) {
            return Ok(Err(InvalidBlock::TooMany));
        }
        self.take(round, valid_round, &block)
    }

    /// Executes a block that others have sealed already: neither this node's clock judges it nor how
    /// many a lying proposer has sent before.
    pub fn consider_final(&mut self, bytes: &[u8]) -> Result<Result<Hash, InvalidBlock>, Error> {
        match self.read(bytes) {
            Ok(block) => self.take(0, None, &block),
            Err(invalid) => Ok(Err(invalid)),
        }
    }

    /// Makes a block of the next height final, if its pool has sealed it.
    pub fn decide(&mut self, hash: &Hash, certificate: Certificate) -> Result<Decided<A>, Error> {
        let seal = Seal::Pool(certificate);
        let candidate = self.chain.candidate(hash);
        let candidate = candidate.ok_or_else(|| Error::NoSuchBlock(hash.to_string()))?;
        let header = &candidate.tip.header;
        seal.verify(header, &self.pool)
            .map_err(|source| Error::Seal { height: header.height, source })?;
        let decided = self.chain.decide(hash, &seal)?;
        self.draft = None;
        self.candidates = Candidates::default();
        self.undecided.forget()?;
        for ordered in &decided.executed.ordered {
            self.mempool.remove(&ordered.transition.id);
        }
        let time = decided.executed.tip.header.time;
        for expired in self.mempool.remove_expired(time) {
            let rejection = code::EXPIRED.because("no block took it in before it expired");
            self.dropped.push((expired.id, rejection));
        }
        self.pool = Arc::new(pool_after(&self.view())?);
        Ok(Decided { executed: decided.executed, checkpoint: decided.checkpoint })
    }

    /// The transitions that no longer wait, since the last time this was asked, and stand in no block.
    pub fn take_dropped(&mut self) -> Vec<(Hash, Rejection)> {
        std::mem::take(&mut self.dropped)
    }

    /// A checkpoint of everything that is final, for an orderly stop.
    pub fn checkpoint(&mut self) -> Result<PendingCheckpoint, Error> {
        self.chain.checkpoint()
    }

    fn read(&self, bytes: &[u8]) -> Result<Block, InvalidBlock> {
        if bytes.len() > MAX_BLOCK_BYTES {
            return Err(InvalidBlock::TooLarge(bytes.len()));
        }
        let block = Block::decode(bytes)?;
        let tip = self.view().tip();
        if block.header.previous != tip.hash || block.header.height != tip.header.height + 1 {
            return Err(InvalidBlock::Parent(block.header.previous));
        }
        Ok(block)
    }

    fn take(
        &mut self,
        round: u32,
        valid_round: Option<u32>,
        block: &Block,
    ) -> Result<Result<Hash, InvalidBlock>, Error> {
        let hash = block.header.hash();
        if self.considered(round).contains(&Considered { valid_round, hash }) {
            return Ok(Ok(hash));
        }
        let executed = match self.chain.candidate(&hash) {
            Some(executed) => Ok(executed.clone()),
            None => self.admit(block).and_then(|all| self.chain.validate(block, all)),
        };
        match executed {
            Ok(executed) => {
                let block = executed.encode(&unsealed());
                self.keep(hash, Kept { round, valid_round, ours: false, block }).map(Ok)
            }
            Err(InvalidBlock::World(error)) => Err(error),
            Err(invalid) => Ok(Err(invalid)),
        }
    }

    fn admit(&self, block: &Block) -> Result<Vec<Arc<Admitted<A::Action>>>, InvalidBlock> {
        admit_all(&self.mempool, &self.admission, self.limits.verifiers, block)
    }

    fn keep(&mut self, hash: Hash, kept: Kept) -> Result<Hash, Error> {
        if !self.candidates.has(hash, &kept) {
            self.undecided.keep(&kept)?;
            self.candidates.add(hash, kept);
        }
        Ok(hash)
    }

    /// What was on the disk before a stop. What does not stand on the tip was decided, or decided
    /// against.
    fn take_back(&mut self, kept: Kept) -> Result<(), Error> {
        let Ok(block) = self.read(&kept.block) else { return Ok(()) };
        let hash = block.header.hash();
        if self.chain.candidate(&hash).is_none() {
            let executed = self.admit(&block).and_then(|all| self.chain.validate(&block, all));
            match executed {
                Ok(_) => {}
                Err(InvalidBlock::World(error)) => return Err(error),
                Err(_) => return Ok(()),
            }
        }
        self.candidates.add(hash, kept);
        Ok(())
    }
}

/// What stands where the seal will be while a block is on its way.
fn unsealed() -> Seal {
    Seal::Pool(Certificate { round: 0, signatures: Vec::new() })
}

fn pool_after(view: &View) -> Result<Pool, Error> {
    view.pool_at(view.tip().header.height + 1)
}

impl Candidates {
    fn have_room(&self, round: u32, for_one: &Considered) -> bool {
        match self.by_round.get(&round) {
            Some(of_round) => of_round.len() < BLOCKS_OF_ROUND_MAX || of_round.contains(for_one),
            None => self.by_round.len() < ROUNDS_MAX,
        }
    }

    fn has(&self, hash: Hash, kept: &Kept) -> bool {
        let considered = Considered { valid_round: kept.valid_round, hash };
        let known = self.by_round.get(&kept.round).is_some_and(|all| all.contains(&considered));
        known && (!kept.ours || self.ours.contains_key(&kept.round))
    }

    fn add(&mut self, hash: Hash, kept: Kept) {
        if kept.ours {
            self.ours.insert(kept.round, hash);
        }
        let considered = Considered { valid_round: kept.valid_round, hash };
        let of_round = self.by_round.entry(kept.round).or_default();
        if !of_round.contains(&considered) {
            of_round.push(considered);
        }
        self.bytes.insert(hash, kept.block.into());
    }
}
