//! Following the best branch: executing it, leaving another for it, and making its lowest block final.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::tree::{Body, Node};
use super::{EXECUTED_MAX, WorkEvent, WorkHost, read_block};
use crate::block::Block;
use crate::chain::InvalidBlock;
use crate::code;
use crate::consensus::admit::admit_all;
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::seal::Seal;
use crate::time::Time;
use crate::tip::Tip;
use crate::work::SealedHeader;

impl<A: Application> WorkHost<A> {
    /// Follows the whole branch with the most work. Gives the blocks that turned out to break the rules.
    pub(super) fn settle(&mut self) -> Result<Vec<(Hash, InvalidBlock)>, Error> {
        let mut condemned = Vec::new();
        while let Some((heaviest, sum)) = self.tree.heaviest_whole() {
            if sum <= self.tree.sum(&self.best.hash) {
                break;
            }
            if let Err((hash, invalid)) = self.follow(&heaviest)? {
                self.release(&hash);
                self.tree.set_body(&hash, Body::Invalid);
                condemned.push((hash, invalid));
            }
        }
        let above = Arc::new(self.unfinal_headers());
        self.chain.view().above.store(above);
        if self.unfinal.is_long() {
            self.rewrite_unfinal()?;
        }
        Ok(condemned)
    }

    /// Executes what was not executed of a branch, and moves to it block by block as soon as it has more
    /// work than the best. The inner error: the first block that breaks the rules.
    fn follow(&mut self, hash: &Hash) -> Result<Result<(), (Hash, InvalidBlock)>, Error> {
        let path = self.tree.path(hash);
        for hash in &path {
            if self.chain.candidate(hash).is_none() {
                self.make_room_beside(&path);
                match self.execute(hash) {
                    Ok(()) => {}
                    Err(InvalidBlock::World(error)) => return Err(error),
                    Err(invalid) => return Ok(Err((*hash, invalid))),
                }
            } else {
                self.no_longer_a_template(hash);
            }
            if self.tree.sum(hash) > self.tree.sum(&self.best.hash)
                && let Some(executed) = self.chain.candidate(hash)
            {
                self.switch_to(executed.tip.clone());
                self.finalise()?;
            }
        }
        Ok(Ok(()))
    }

    fn execute(&mut self, hash: &Hash) -> Result<(), InvalidBlock> {
        let Some(Body::Held(bytes)) = self.tree.node(hash).map(|node| node.body.clone()) else {
            return Err(Error::NoSuchBlock(hash.to_string()).into());
        };
        let block = Block::decode(&bytes)?;
        let verifiers = self.limits.verifiers;
        let transitions = admit_all(&self.mempool, &self.admission, verifiers, &block)?;
        self.chain.validate(&block, transitions)?;
        self.release(hash);
        self.tree.set_body(hash, Body::Executed);
        Ok(())
    }

    /// Another has found a nonce for the very block that was built here. It is executed, and must not be
    /// forgotten as a template that grew old.
    fn no_longer_a_template(&mut self, hash: &Hash) {
        if self.templates.contains(hash) {
            self.templates.retain(|template| template != hash);
            self.release(hash);
            self.tree.set_body(hash, Body::Executed);
        }
    }

    /// Keeps a block's bytes until it is executed.
    pub(super) fn hold(&mut self, hash: &Hash, bytes: &[u8]) {
        self.held_bytes += bytes.len();
        self.tree.set_body(hash, Body::Held(bytes.into()));
    }

    /// Counts the bytes of a block no longer as held.
    fn release(&mut self, hash: &Hash) {
        if let Some(Body::Held(bytes)) = self.tree.node(hash).map(|node| &node.body) {
            self.held_bytes -= bytes.len();
        }
    }

    /// Makes another block the last of the best branch. What stood in the blocks that are left and does
    /// not stand in those that are taken up waits again, before all others.
    fn switch_to(&mut self, tip: Arc<Tip>) {
        let (left, taken) = (self.tree.path(&self.best.hash), self.tree.path(&tip.hash));
        let shared = left.iter().zip(&taken).take_while(|(one, other)| one == other).count();
        let (left, taken) = (&left[shared..], &taken[shared..]);
        let mut ordered = BTreeSet::new();
        for executed in taken.iter().filter_map(|hash| self.chain.candidate(hash)) {
            ordered.extend(executed.ordered.iter().map(|it| it.transition.id));
        }
        let returned: Vec<_> = left
            .iter()
            .filter_map(|hash| self.chain.candidate(hash))
            .flat_map(|executed| executed.ordered.iter().map(|it| it.transition.clone()))
            .filter(|transition| !ordered.contains(&transition.id))
            .collect();
        if !left.is_empty() {
            self.events.push(WorkEvent::Reorganised {
                depth: left.len() as u64,
                abandoned: left.to_vec(),
                returned: returned.iter().map(|transition| transition.id).collect(),
            });
        }
        self.mempool.put_back(returned);
        for id in &ordered {
            self.mempool.remove(id);
        }
        self.expire(tip.header.time);
        self.draft = None;
        let (hash, height) = (tip.hash, tip.header.height);
        self.best = tip;
        self.events.push(WorkEvent::NewTip { hash, height });
    }

    fn expire(&mut self, time: Time) {
        for expired in self.mempool.remove_expired(time) {
            let rejection = code::EXPIRED.because("no block took it in before it expired");
            self.events.push(WorkEvent::Dropped { id: expired.id, rejection });
        }
    }

    /// Makes final what enough blocks follow.
    fn finalise(&mut self) -> Result<(), Error> {
        let depth = u64::from(self.rules.final_depth);
        let best = self.tree.path(&self.best.hash);
        for hash in &best {
            let Some(node) = self.tree.node(hash) else { break };
            let (height, work) = (node.sealed.header.height, node.sealed.work);
            if self.best.header.height - height < depth {
                break;
            }
            // A crash before this returns: the block is in `unfinal`, or others have it.
            let done = self.chain.decide(hash, &Seal::Work(work))?;
            for (dropped, body) in self.tree.advance(hash) {
                if let Body::Held(bytes) = body {
                    self.held_bytes -= bytes.len();
                }
                self.chain.forget(&dropped);
            }
            self.finals.add(*hash, height);
            let (executed, checkpoint) = (done.executed, done.checkpoint);
            self.events.push(WorkEvent::Finalised { executed, checkpoint });
        }
        Ok(())
    }

    /// Forgets what was executed on other branches, should there be much of it: it is held as bytes
    /// again.
    pub(super) fn make_room_beside(&mut self, path: &[Hash]) {
        if self.chain.candidates() < EXECUTED_MAX {
            return;
        }
        let best = self.tree.path(&self.best.hash);
        let executed = |(hash, node): (&Hash, &Node)| {
            matches!(node.body, Body::Executed).then_some((*hash, node.sealed.work))
        };
        let mut beside: Vec<_> = self.tree.nodes().filter_map(executed).collect();
        beside.retain(|(hash, _)| !path.contains(hash) && !best.contains(hash));
        for (hash, work) in beside {
            if let Some(candidate) = self.chain.candidate(&hash) {
                let bytes = candidate.encode(&Seal::Work(work));
                self.hold(&hash, &bytes);
                self.chain.forget(&hash);
            }
        }
    }

    fn rewrite_unfinal(&mut self) -> Result<(), Error> {
        let in_order = |(hash, node): (&Hash, &Node)| (node.order(), *hash);
        let mut all: Vec<_> = self.tree.nodes().map(in_order).collect();
        all.sort_unstable();
        let blocks: Vec<_> = all.iter().filter_map(|(_, hash)| self.block_above(hash)).collect();
        self.unfinal.rewrite(blocks.into_iter())
    }

    /// A block above the last final one, with its seal.
    pub(super) fn block_above(&self, hash: &Hash) -> Option<Vec<u8>> {
        let node = self.tree.node(hash)?;
        match &node.body {
            Body::Held(bytes) => Some(bytes.to_vec()),
            Body::Executed => {
                Some(self.chain.candidate(hash)?.encode(&Seal::Work(node.sealed.work)))
            }
            Body::Missing | Body::Invalid => None,
        }
    }

    /// What was not final when the node stopped, in the order in which it came.
    pub(super) fn take_back(&mut self, kept: Vec<Vec<u8>>) -> Result<(), Error> {
        let read = |bytes: Vec<u8>| {
            let (block, work) = read_block(&bytes).ok()?;
            Some((SealedHeader { header: block.header, work }, bytes))
        };
        let kept: Vec<_> = kept.into_iter().filter_map(read).collect();
        let mut headers: Vec<_> = kept.iter().map(|(sealed, _)| sealed.clone()).collect();
        headers.sort_by_key(|sealed| sealed.header.height);
        for sealed in headers {
            // It was taken in before: this clock has nothing to say.
            let latest = sealed.header.time;
            self.tree.insert(sealed, latest);
        }
        for (sealed, bytes) in kept {
            let hash = sealed.header.hash();
            if let Some(Body::Missing) = self.tree.node(&hash).map(|node| &node.body) {
                self.hold(&hash, &bytes);
            }
        }
        self.settle().map(|_| ())
    }
}
