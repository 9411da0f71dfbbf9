//! What a node of a ledger of work does but mining and sending: it follows all branches above the last
//! final block, executes the one with the most work, and builds blocks to be mined on it.
//!
//! The chain's files hold final blocks only, those that `final_depth` others follow. All that stands
//! above is in memory, with states of its own, and in the file `unfinal`. A branch that leaves below
//! the last final block is refused and reported, however much work it has.

mod branches;
mod finals;
mod judging;
mod news;
mod serving;
mod tree;
mod unfinal;

use std::collections::VecDeque;
use std::sync::Arc;

use super::mempool::{Added, Mempool};
use super::pool::{Limits, MAX_BLOCK_BYTES, Submitted};
use crate::block::Block;
use crate::chain::{Chain, InvalidBlock, Offer, OpenBlock};
use crate::code::Rejection;
use crate::disk::Disk;
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::seal::Seal;
use crate::store::PendingCheckpoint;
use crate::time::Time;
use crate::tip::Tip;
use crate::transition::{Admission, Admitted};
use crate::view::View;
use crate::work::{SealedHeader, Target, Work, WorkRules, WorkSum};
use finals::Finals;
use judging::follows;
pub use judging::{BadHeader, TakenHeader};
pub use news::{Found, Standing, TakenBlock, Template, WorkEvent};
use tree::{Body, Tree};
pub use tree::{HEADERS_MAX, ORPHANS_MAX};
use unfinal::Unfinal;

/// Bytes of blocks that are held without being executed.
pub const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Blocks that are executed and not final. Those of other branches are forgotten above this, and
/// executed again should their branch win.
const EXECUTED_MAX: usize = 512;
/// Blocks to be mined that are still known when their nonce is found.
const TEMPLATES_MAX: usize = 4;
/// What this node has begun to build is begun anew after this time.
const DRAFT_MAX_AGE_MS: u64 = 500;
/// The entries of a block leave room for its header and seal.
const MAX_ENTRIES_BYTES: usize = MAX_BLOCK_BYTES - 128 * 1024;
/// Branches below the last final block that were reported and are not reported again.
const REPORTED_MAX: usize = 64;

/// All that a node of a ledger of work does but mining and sending.
pub struct WorkHost<A: Application> {
    chain: Chain<A>,
    rules: WorkRules,
    created: Time,
    admission: Admission<A>,
    limits: Limits,
    mempool: Mempool<A::Action>,
    draft: Option<OpenBlock<A>>,
    templates: VecDeque<Hash>,
    tree: Tree,
    best: Arc<Tip>,
    held_bytes: usize,
    unfinal: Unfinal,
    finals: Finals,
    reported: VecDeque<Hash>,
    events: Vec<WorkEvent<A>>,
}

impl<A: Application> WorkHost<A> {
    /// A node on this chain; the blocks that were not final when it stopped are read back.
    ///
    /// # Errors
    /// When a file fails, or when the ledger is not one of work.
    pub fn open(chain: Chain<A>, disk: Arc<dyn Disk>, limits: Limits) -> Result<Self, Error> {
        let view = chain.view();
        let rules = view.genesis().work().ok_or(Error::NoWork)?.clone();
        let (unfinal, kept) = Unfinal::open(disk)?;
        let best = view.tip();
        let mut host = Self {
            admission: Admission::new(chain.application().clone(), view.genesis()),
            created: view.genesis().statement().created,
            limits,
            mempool: Mempool::new(limits.mempool),
            draft: None,
            templates: VecDeque::new(),
            tree: Tree::on(view.genesis(), rules.clone(), best.header.clone()),
            best,
            held_bytes: 0,
            unfinal,
            finals: Finals::of(&view)?,
            reported: VecDeque::new(),
            events: Vec::new(),
            rules,
            chain,
        };
        host.take_back(kept)?;
        Ok(host)
    }

    /// The reading side, which sees final blocks.
    pub fn view(&self) -> View {
        self.chain.view()
    }

    /// The rules of work.
    pub fn rules(&self) -> &WorkRules {
        &self.rules
    }

    /// The last block of the best branch.
    pub fn best(&self) -> &Arc<Tip> {
        &self.best
    }

    /// The header with the most work before it, whether or not its block is here: what the network has
    /// come to as far as this node was told.
    pub fn best_header_height(&self) -> u64 {
        let heaviest = self.tree.heaviest_header().map(|sealed| sealed.header.height);
        heaviest.unwrap_or(self.best.header.height)
    }

    /// The target of the next block on the best branch.
    pub fn next_target(&self) -> Target {
        self.rules.target_after(&self.best.header, self.created)
    }

    /// The work of the blocks of the best branch that are not final.
    pub fn work_above_final(&self) -> WorkSum {
        let works = self.unfinal_headers();
        works.iter().map(|sealed| sealed.work.target.work()).sum()
    }

    /// The sealed headers of the best branch that are not final, lowest first.
    pub fn unfinal_headers(&self) -> Vec<SealedHeader> {
        let path = self.tree.path(&self.best.hash);
        path.iter().filter_map(|hash| Some(self.tree.node(hash)?.sealed.clone())).collect()
    }

    /// How many headers stand above the last final block, and how many wait for the one before them.
    pub fn headers_held(&self) -> (usize, usize) {
        (self.tree.len(), self.tree.orphans())
    }

    /// How many branches above the last final block end beside the best one.
    pub fn branches(&self) -> usize {
        self.tree.leaves().saturating_sub(1)
    }

    /// A transition that waits for a block.
    pub fn waits(&self, id: &Hash) -> Option<&Arc<Admitted<A::Action>>> {
        self.mempool.get(id)
    }

    /// How many transitions wait.
    pub fn waiting(&self) -> usize {
        self.mempool.len()
    }

    /// What has happened since the last time this was asked.
    pub fn take_events(&mut self) -> Vec<WorkEvent<A>> {
        std::mem::take(&mut self.events)
    }

    /// A checkpoint of everything that is final, for an orderly stop.
    pub fn checkpoint(&mut self) -> Result<PendingCheckpoint, Error> {
        self.unfinal.sync()?;
        self.chain.checkpoint()
    }

    /// How a transition stands. One that has expired since it was final may not be found.
    pub fn standing(&self, id: &Hash) -> Option<Standing> {
        if self.mempool.get(id).is_some() {
            return Some(Standing::Waiting);
        }
        for block in self.tree.path(&self.best.hash).iter().rev() {
            let executed = self.chain.candidate(block)?;
            if let Some(position) = executed.position_of(id) {
                let height = executed.tip.header.height;
                let confirmations = self.best.header.height - height;
                return Some(Standing::InBlock { block: *block, height, position, confirmations });
            }
        }
        self.chain.position_of(id).map(|position| Standing::Final { position })
    }

    /// Lets a transition wait for a block, if it is good as things stand: on the best branch and what
    /// waits already.
    pub fn submit(
        &mut self,
        transition: Arc<Admitted<A::Action>>,
        now: Time,
    ) -> Result<Submitted, Error> {
        if let Some(known) = self.ordered_or_waiting(&transition.id) {
            return Ok(known);
        }
        let mut draft = self.fresh_draft(now)?;
        // A full draft is not what this one will stand in: then it is judged when its turn comes.
        let declined = if self.is_full(&draft) {
            None
        } else {
            match self.chain.offer(&mut draft, transition.clone())? {
                Offer::Declined(rejection) => Some(rejection),
                Offer::Ordered { .. } | Offer::Duplicate { .. } => None,
            }
        };
        self.draft = Some(draft);
        Ok(declined.map_or_else(|| self.wait(transition), Submitted::Declined))
    }

    /// Lets a transition wait that another node has found good. It is judged when its turn comes.
    pub fn submit_unjudged(&mut self, transition: Arc<Admitted<A::Action>>) -> Submitted {
        self.ordered_or_waiting(&transition.id).unwrap_or_else(|| self.wait(transition))
    }

    fn ordered_or_waiting(&self, id: &Hash) -> Option<Submitted> {
        match self.standing(id)? {
            Standing::Waiting => Some(Submitted::Known),
            Standing::InBlock { position, .. } | Standing::Final { position } => {
                Some(Submitted::Duplicate { position })
            }
        }
    }

    fn wait(&mut self, transition: Arc<Admitted<A::Action>>) -> Submitted {
        match self.mempool.add(transition) {
            Added::Waits => Submitted::Waits,
            Added::Known => Submitted::Known,
            Added::Full => Submitted::Full,
        }
    }

    /// A block of what waits, on the best branch, to be mined.
    pub fn template(&mut self, now: Time) -> Result<Template, Error> {
        let mut draft = self.fresh_draft(now)?;
        self.fill(&mut draft)?;
        self.make_room_beside(&[]);
        let executed = self.chain.propose(draft)?;
        let (header, hash) = (executed.tip.header.clone(), executed.tip.hash);
        self.templates.retain(|template| *template != hash);
        self.templates.push_back(hash);
        if self.templates.len() > TEMPLATES_MAX
            && let Some(oldest) = self.templates.pop_front()
        {
            self.chain.forget(&oldest);
        }
        let target = self.next_target();
        Ok(Template { header, hash, target, transitions: executed.ordered.len() })
    }

    /// Seals a block that was built here. It is on the disk when this says so.
    pub fn found(&mut self, template: &Hash, nonce: u64) -> Result<Found, Error> {
        let known = self.templates.contains(template);
        let executed = self.chain.candidate(template).filter(|_| known).cloned();
        let Some(executed) = executed else { return Ok(Found::Stale) };
        let header = executed.tip.header.clone();
        let Some(target) = self.target_of(&header.previous) else { return Ok(Found::Stale) };
        let work = Work { target, nonce };
        if work.verify(&header, &self.rules).is_err() {
            return Ok(Found::Missed);
        }
        let block = executed.encode(&Seal::Work(work));
        let latest = header.time;
        match self.tree.insert(SealedHeader { header, work }, latest) {
            TakenHeader::New => {}
            TakenHeader::Known | TakenHeader::Orphan | TakenHeader::Refused(_) => {
                return Ok(Found::Stale);
            }
        }
        self.templates.retain(|other| other != template);
        self.tree.set_body(template, Body::Executed);
        // A crash before the sync returns: the block was told to nobody, and is as if never found.
        self.unfinal.keep(block.clone())?;
        self.unfinal.sync()?;
        self.settle()?;
        Ok(Found::Sealed { hash: *template, block: block.into() })
    }

    fn target_of(&self, parent: &Hash) -> Option<Target> {
        let header = match self.tree.node(parent) {
            Some(node) => &node.sealed.header,
            None if parent == self.tree.root().0 => self.tree.root().1,
            None => return None,
        };
        Some(self.rules.target_after(header, self.created))
    }

    /// Takes in a header of others: its link, work, target and time are checked before its block is
    /// asked for.
    pub fn take_header(&mut self, sealed: SealedHeader, now: Time) -> Result<TakenHeader, Error> {
        if sealed.header.height <= self.tree.root().1.height {
            return self.take_low_header(&sealed);
        }
        Ok(self.tree.insert(sealed, now.plus_ms(self.rules.drift_ms())))
    }

    /// A header at a height that is final here: known, or the first of a branch that is refused.
    fn take_low_header(&mut self, sealed: &SealedHeader) -> Result<TakenHeader, Error> {
        let (header, view) = (&sealed.header, self.view());
        let hash = header.hash();
        if view.sealed_header(header.height)?.0.hash() == hash {
            return Ok(TakenHeader::Known);
        }
        let refused = TakenHeader::Refused(BadHeader::BelowFinal(header.height));
        let Some(below) = header.height.checked_sub(1) else { return Ok(refused) };
        let (parent, _) = view.sealed_header(below)?;
        let leaves_here = header.previous == parent.hash()
            && header.ledger == parent.ledger
            && follows(header, &parent, &self.rules, self.created).is_ok()
            && sealed.work.verify(header, &self.rules).is_ok();
        if leaves_here && !self.reported.contains(&hash) {
            self.reported.push_back(hash);
            if self.reported.len() > REPORTED_MAX {
                self.reported.pop_front();
            }
            self.events.push(WorkEvent::ForkBelowFinal { hash, height: header.height });
        }
        Ok(refused)
    }

    /// Takes in a block of others, and follows its branch if that is the best now.
    pub fn take_block(&mut self, bytes: &[u8], now: Time) -> Result<TakenBlock, Error> {
        let (header, work) = match read_block(bytes) {
            Ok((block, work)) => (block.header, work),
            Err(invalid) => return Ok(TakenBlock::Invalid(invalid)),
        };
        let (hash, previous) = (header.hash(), header.previous);
        match self.take_header(SealedHeader { header, work }, now)? {
            TakenHeader::New | TakenHeader::Known => {}
            TakenHeader::Orphan => return Ok(TakenBlock::Orphan),
            TakenHeader::Refused(bad) => return Ok(TakenBlock::Refused(bad)),
        }
        match self.tree.node(&hash).map(|node| &node.body) {
            Some(Body::Missing) => {}
            Some(Body::Invalid) => return Ok(TakenBlock::Refused(BadHeader::Invalid)),
            Some(Body::Held(_) | Body::Executed) | None => return Ok(TakenBlock::Known),
        }
        let extends_best = previous == self.best.hash;
        if !extends_best && self.held_bytes + bytes.len() > HELD_BYTES_MAX {
            return Ok(TakenBlock::NoRoom);
        }
        self.hold(&hash, bytes);
        let condemned = self.settle()?;
        if let Some((_, invalid)) = condemned.into_iter().find(|(of, _)| *of == hash) {
            return Ok(TakenBlock::Invalid(invalid));
        }
        if let Some(Body::Invalid) = self.tree.node(&hash).map(|node| &node.body) {
            return Ok(TakenBlock::Refused(BadHeader::Invalid));
        }
        self.unfinal.keep(bytes.to_vec())?;
        let kept = self.tree.node(&hash).is_some();
        if kept && !self.tree.path(&self.best.hash).contains(&hash) {
            return Ok(TakenBlock::Kept);
        }
        Ok(TakenBlock::Best)
    }

    fn drop_waiting(&mut self, id: &Hash, rejection: Rejection) {
        if self.mempool.remove(id).is_some() {
            self.events.push(WorkEvent::Dropped { id: *id, rejection });
        }
    }

    fn is_full(&self, draft: &OpenBlock<A>) -> bool {
        draft.len() >= self.limits.block_transitions || draft.bytes() >= MAX_ENTRIES_BYTES
    }

    /// What this node would have mined now: what waits, on the best branch.
    fn fresh_draft(&mut self, now: Time) -> Result<OpenBlock<A>, Error> {
        match self.draft.take() {
            Some(draft) if draft.time().plus_ms(DRAFT_MAX_AGE_MS) >= now => Ok(draft),
            _ => {
                let mut draft = self.chain.begin(&self.best.hash, now)?;
                self.fill(&mut draft)?;
                Ok(draft)
            }
        }
    }

    fn fill(&mut self, draft: &mut OpenBlock<A>) -> Result<(), Error> {
        for transition in self.mempool.select(self.limits.block_transitions, MAX_ENTRIES_BYTES) {
            if self.is_full(draft) {
                break;
            }
            let id = transition.id;
            match self.chain.offer(draft, transition)? {
                Offer::Declined(rejection) => self.drop_waiting(&id, rejection),
                Offer::Ordered { .. } | Offer::Duplicate { .. } => {}
            }
        }
        Ok(())
    }
}

/// Reads a block that is sealed by work.
fn read_block(bytes: &[u8]) -> Result<(Block, Work), InvalidBlock> {
    if bytes.len() > MAX_BLOCK_BYTES {
        return Err(InvalidBlock::TooLarge(bytes.len()));
    }
    let block = Block::decode(bytes)?;
    match block.seal {
        Seal::Work(work) => Ok((block, work)),
        Seal::Genesis | Seal::Pool(_) => Err(InvalidBlock::Differs("kind of seal")),
    }
}
