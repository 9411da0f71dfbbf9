//! Every block that was made by the rules, by whomever, with the work before it: what only the simulation
//! can know, and what members are measured by.

use std::collections::{BTreeMap, BTreeSet};

use chancery_ledger::block::{Block, Header};
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::time::Time;
use chancery_ledger::work::{SealedHeader, WorkRules, WorkSum};

pub(super) struct MadeBlock {
    pub(super) height: u64,
    pub(super) previous: Hash,
    pub(super) time: Time,
    /// The work of all blocks from block 1 up to this one.
    pub(super) sum: WorkSum,
    /// Who has told of it as their own, and has not lost its disk since. Two that have built the same
    /// block may both find a nonce.
    tellers: BTreeSet<usize>,
}

pub(super) struct Made {
    blocks: BTreeMap<Hash, MadeBlock>,
    by_work: BTreeSet<(WorkSum, Hash)>,
}

impl Made {
    /// Nothing but block 0.
    pub(super) fn on(header: &Header) -> Self {
        let hash = header.hash();
        let block_0 = MadeBlock {
            height: header.height,
            previous: header.previous,
            time: header.time,
            sum: WorkSum::ZERO,
            tellers: BTreeSet::new(),
        };
        Self {
            blocks: BTreeMap::from([(hash, block_0)]),
            by_work: BTreeSet::from([(WorkSum::ZERO, hash)]),
        }
    }

    /// A block that was found on one that is known here; false if it stands on none.
    pub(super) fn add(&mut self, sealed: &SealedHeader) -> bool {
        let header = &sealed.header;
        let Some(parent) = self.blocks.get(&header.previous) else { return false };
        let (hash, sum) = (header.hash(), parent.sum + sealed.work.target.work());
        self.by_work.insert((sum, hash));
        self.blocks.entry(hash).or_insert_with(|| MadeBlock {
            height: header.height,
            previous: header.previous,
            time: header.time,
            sum,
            tellers: BTreeSet::new(),
        });
        true
    }

    /// A member tells of a block as its own.
    pub(super) fn tells(&mut self, member: usize, hash: &Hash) {
        if let Some(block) = self.blocks.get_mut(hash) {
            block.tellers.insert(member);
        }
    }

    /// A member has lost its disk, with the blocks that it found.
    pub(super) fn loses_disk(&mut self, member: usize) {
        for block in self.blocks.values_mut() {
            block.tellers.remove(&member);
        }
    }

    pub(super) fn get(&self, hash: &Hash) -> Option<&MadeBlock> {
        self.blocks.get(hash)
    }

    /// Whether these bytes are a block that was made by the rules, with its transitions and with work.
    pub(super) fn is(&self, hash: &Hash, bytes: &[u8], rules: &WorkRules) -> bool {
        let Ok(block) = Block::decode(bytes) else { return false };
        let Seal::Work(work) = block.seal else { return false };
        self.blocks.contains_key(hash) && work.verify(&block.header, rules).is_ok()
    }

    pub(super) fn hashes(&self) -> impl Iterator<Item = &Hash> {
        self.blocks.keys()
    }

    /// The blocks that a member has told of as its own.
    pub(super) fn told_by(&self, member: usize) -> impl Iterator<Item = &Hash> {
        self.blocks.iter().filter(move |(_, block)| block.tellers.contains(&member)).map(|it| it.0)
    }

    /// Blocks with more work up to them than this.
    pub(super) fn with_more_work(&self, sum: WorkSum) -> impl Iterator<Item = &Hash> {
        self.by_work.range((sum, Hash([0xFF; 32]))..).map(|(_, hash)| hash)
    }

    /// The block at a height of the branch that ends here.
    pub(super) fn at_height(&self, mut hash: Hash, height: u64) -> Option<Hash> {
        loop {
            let block = self.blocks.get(&hash)?;
            match block.height {
                at if at == height => return Some(hash),
                at if at < height => return None,
                _ => hash = block.previous,
            }
        }
    }

    /// How many blocks each of two branches has above the last one that both have.
    pub(super) fn apart(&self, one: Hash, other: Hash) -> Option<(u64, u64)> {
        let (from, to) = (self.blocks.get(&one)?.height, self.blocks.get(&other)?.height);
        let (mut left, mut right) = (one, other);
        loop {
            let (a, b) = (self.blocks.get(&left)?, self.blocks.get(&right)?);
            match () {
                () if left == right => return Some((from - a.height, to - a.height)),
                () if a.height >= b.height => left = a.previous,
                () => right = b.previous,
            }
        }
    }
}
