//! The audit: a ledger built anew from its blocks, beside the old one, and compared byte for byte.
//!
//! It trusts nothing but the genesis: every frame, header, seal, signature and rule is checked again,
//! and it stops at the first thing that does not fit.

pub(crate) mod in_order;
mod unseen;

use std::sync::Arc;

use serde::Serialize;

use crate::anchor::Anchor;
use crate::block::{Block, Header, PartialBlock, PartialEntry};
use crate::chain::{Chain, InvalidBlock};
use crate::code::Rejection;
use crate::disk::{Disk, Memory};
use crate::error::Error;
use crate::execution::Application;
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::merkle;
use crate::seal::{BadSeal, Pool, Seal};
use crate::store::{self, BLOCKS, Store};
use crate::transition::{Admission, Admitted, Entry, KeyCache};
use unseen::Roots;

pub use unseen::Unseen;

/// What an audit went through.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuditReport {
    /// The ledger's id.
    pub ledger: Hash,
    /// How many blocks were checked.
    pub blocks: u64,
    /// How many transitions were executed again.
    pub transitions: u64,
    /// How many signatures were verified.
    pub signatures: u64,
    /// The hash of the last block.
    pub tip: Hash,
    /// The root of the log.
    pub log_root: Hash,
    /// The root of the state.
    pub state_root: Hash,
    /// How many bytes of the files that follow from the blocks were compared.
    pub compared_bytes: u64,
    /// What is odd and yet no fault.
    pub notes: Vec<String>,
    /// What was withheld, and could not be checked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
}

/// The first thing that does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// The genesis is not the anchor's, or there is none.
    #[error("genesis: {0}")]
    Genesis(String),
    /// A block does not hold.
    #[error("block {height}: {what}")]
    Block {
        /// Its height.
        height: u64,
        /// What does not fit.
        what: String,
    },
    /// A file does not hold what follows from the blocks.
    #[error("{file}: at offset {offset}: {what}")]
    File {
        /// Which file.
        file: String,
        /// Where.
        offset: u64,
        /// What does not fit.
        what: String,
    },
    /// The world failed.
    #[error(transparent)]
    World(#[from] Error),
}

/// Blocks checked one after the other, from block 0 on.
pub struct Auditor<A: Application> {
    anchor: Anchor,
    chain: Chain<A>,
    report: AuditReport,
    next_offset: u64,
    /// In the place of the chain once an entry was withheld.
    roots: Option<Roots>,
}

/// A block whose signatures were verified, as far as it is shown.
struct Verified<A: Application> {
    height: u64,
    len: u64,
    shown: Shown<A>,
}

enum Shown<A: Application> {
    Whole(Block, Vec<Arc<Admitted<A::Action>>>),
    Part { block: PartialBlock, signatures: usize },
}

impl<A: Application> Auditor<A> {
    /// An auditor that keeps the state it builds on `scratch`, which must be empty. It finds out by
    /// itself which pool seals at which height, but for blocks behind an entry that is withheld: for
    /// those, `anchor` must have followed the handovers.
    pub fn new(
        anchor: &Anchor,
        application: Arc<A>,
        scratch: Arc<dyn Disk>,
    ) -> Result<Self, Finding> {
        let chain = Chain::bare(scratch, anchor.genesis(), application)?;
        let report = AuditReport { ledger: anchor.ledger(), ..AuditReport::default() };
        Ok(Self { anchor: anchor.clone(), chain, report, next_offset: 0, roots: None })
    }

    /// Checks the blocks that `blocks` gives as they are sent, whole or in part, with their
    /// signatures verified by `threads` threads. `progress` is called after each.
    ///
    /// From the first block on in which an entry is withheld, the rules cannot be executed any more:
    /// the report says what was left unchecked.
    pub fn check_all(
        &mut self,
        blocks: impl Iterator<Item = Result<Vec<u8>, Finding>> + Send,
        threads: usize,
        progress: &mut dyn FnMut(&AuditReport),
    ) -> Result<(), Finding> {
        self.check_each(blocks, threads, Form::AsSent, &mut |auditor| {
            progress(&auditor.report);
            Ok(())
        })
    }

    /// What was gone through so far.
    pub fn report(&self) -> &AuditReport {
        &self.report
    }

    fn check_each(
        &mut self,
        blocks: impl Iterator<Item = Result<Vec<u8>, Finding>> + Send,
        threads: usize,
        form: Form,
        after_each: &mut dyn FnMut(&Self) -> Result<(), Finding>,
    ) -> Result<(), Finding> {
        let admission =
            Admission::new(self.chain.application().clone(), self.chain.view().genesis());
        let numbered = (self.report.blocks..).zip(blocks);
        in_order::run(
            threads,
            numbered,
            KeyCache::default,
            |keys, (height, bytes)| verify::<A>(&admission, height, &bytes?, form, keys),
            |verified| {
                self.take(verified?)?;
                after_each(self)
            },
        )
    }

    fn take(&mut self, Verified { height, len, shown }: Verified<A>) -> Result<(), Finding> {
        let (header, seal) = match &shown {
            Shown::Whole(block, _) => (&block.header, &block.seal),
            Shown::Part { block, .. } => (&block.header, &block.seal),
        };
        if header.height != height {
            let what = format!("it says that it is block {}", header.height);
            return Err(Finding::Block { height, what });
        }
        match (seal, height) {
            (Seal::Genesis, 0) => {}
            (seal, _) => self.sealed(header, seal)?,
        }
        let header = header.clone();
        match shown {
            Shown::Whole(block, transitions) if self.roots.is_none() => {
                self.execute(height, len, &block, transitions)?;
            }
            Shown::Whole(block, transitions) => {
                let leaves: Vec<Hash> =
                    block.entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
                let signatures = transitions.iter().map(|it| it.signers.len()).sum();
                self.follow(&block.header, &leaves, signatures, 0)?;
            }
            Shown::Part { block, signatures } => {
                let leaves: Vec<Hash> = block.entries.iter().map(PartialEntry::leaf).collect();
                self.follow(&block.header, &leaves, signatures, block.withheld() as u64)?;
            }
        }
        self.report.blocks += 1;
        self.report.tip = header.hash();
        self.report.log_root = header.log_root;
        self.report.state_root = header.state_root;
        Ok(())
    }

    /// Whether a block is sealed by the pool of its height, or by work. Whether the work is as much as
    /// the blocks before ask for shows when the block is executed.
    fn sealed(&self, header: &Header, seal: &Seal) -> Result<(), Finding> {
        let height = header.height;
        let sealed = match self.anchor.genesis().work() {
            Some(rules) => seal.verify_work(header, rules),
            None => seal.verify(header, &self.pool_of(height)?),
        };
        sealed.map_err(|error: BadSeal| Finding::Block { height, what: error.to_string() })
    }

    /// The pool that must have sealed the block at a height: the state names it. Behind an entry that
    /// is withheld the state is not known, and what it last foretold or the anchor was told since
    /// counts, whichever is newer.
    fn pool_of(&self, height: u64) -> Result<Pool, Error> {
        let view = self.chain.view();
        match &self.roots {
            None => view.pool_at(height),
            Some(_) if self.anchor.last_from() <= view.tip().header.height => {
                view.pool_foretold(height)
            }
            Some(_) => match self.anchor.pool(height) {
                Some(pool) => Ok(pool.clone()),
                None => view.pool_foretold(height),
            },
        }
    }

    fn execute(
        &mut self,
        height: u64,
        len: u64,
        block: &Block,
        transitions: Vec<Arc<Admitted<A::Action>>>,
    ) -> Result<(), Finding> {
        let signatures: usize = transitions.iter().map(|transition| transition.signers.len()).sum();
        let count = transitions.len();
        let offset = self.next_offset + store::FRAME_HEADER_BYTES as u64;
        self.chain.rebuild(block, transitions, offset, len).map_err(|error| match error {
            InvalidBlock::World(error) => Finding::World(error),
            other => Finding::Block { height, what: other.to_string() },
        })?;
        self.next_offset = offset + len;
        self.report.transitions += count as u64;
        self.report.signatures += signatures as u64;
        Ok(())
    }

    /// What is left to check when the state is not known.
    fn follow(
        &mut self,
        header: &Header,
        leaves: &[Hash],
        signatures: usize,
        withheld: u64,
    ) -> Result<(), Finding> {
        let height = self.report.blocks;
        let tip = self.chain.view().tip();
        let roots = self.roots.get_or_insert_with(|| Roots::after(&tip));
        let target = self.anchor.genesis().target_after(roots.header());
        roots.follow(header, leaves, target).map_err(|what| Finding::Block { height, what })?;
        self.report.unseen.get_or_insert_with(|| Unseen::from(height)).withheld += withheld;
        self.report.transitions += leaves.len() as u64;
        self.report.signatures += signatures as u64;
        Ok(())
    }
}

/// Which forms of a block are taken.
#[derive(Clone, Copy)]
enum Form {
    /// As it is kept: whole.
    AsKept,
    /// As it is sent: whole or in part.
    AsSent,
}

fn verify<A: Application>(
    admission: &Admission<A>,
    height: u64,
    bytes: &[u8],
    form: Form,
    keys: &mut KeyCache,
) -> Result<Verified<A>, Finding> {
    let wrong = |what: String| Finding::Block { height, what };
    let mut admit = |(index, entry): (usize, &Vec<u8>)| {
        let entry =
            Entry::decode(entry).map_err(|error| wrong(format!("entry {index}: {error}")))?;
        admission
            .admit_ordered(entry.transition, keys)
            .map_err(|rejection: Rejection| wrong(format!("entry {index}: {rejection}")))
    };
    let len = bytes.len() as u64;
    if let Form::AsSent = form {
        let block = PartialBlock::decode(bytes).map_err(|error| wrong(error.to_string()))?;
        if block.withheld() > 0 {
            let mut signatures = 0;
            for (index, entry) in block.entries.iter().enumerate() {
                if let PartialEntry::Shown(entry) = entry {
                    signatures += admit((index, entry))?.signers.len();
                }
            }
            return Ok(Verified { height, len, shown: Shown::Part { block, signatures } });
        }
    }
    let block = Block::decode(bytes).map_err(|error| wrong(error.to_string()))?;
    let admit = |entry| admit(entry).map(Arc::new);
    let transitions = block.entries.iter().enumerate().map(admit).collect::<Result<_, _>>()?;
    Ok(Verified { height, len, shown: Shown::Whole(block, transitions) })
}

/// Audits the files of a ledger without changing them. `anchor` is the genesis that is trusted; the
/// one in the folder must be the same. What is built anew for comparison goes to `scratch`.
pub fn audit<A: Application>(
    disk: Arc<dyn Disk>,
    anchor: Option<&Genesis>,
    application: Arc<A>,
    scratch: Arc<dyn Disk>,
    threads: usize,
    progress: &mut dyn FnMut(&AuditReport),
) -> Result<AuditReport, Finding> {
    let bytes = disk
        .read(store::GENESIS)
        .map_err(store::io_error(&*disk, store::GENESIS))?
        .ok_or_else(|| Finding::Genesis(format!("{}: there is none", disk.path(store::GENESIS))))?;
    let genesis = Genesis::parse(&bytes).map_err(|error| Finding::Genesis(error.to_string()))?;
    if anchor.is_some_and(|anchor| anchor.ledger() != genesis.ledger()) {
        return Err(Finding::Genesis("it is not the anchor's".to_owned()));
    }
    let store = Arc::new(Store::with(disk)?);
    let mut auditor = Auditor::new(&genesis.into(), application, scratch)?;
    let mut compared = Compared::default();
    let frames = store::Frames::new(store.clone());
    auditor.check_each(
        frames.map(|frame| frame.map_err(Finding::from)),
        threads,
        Form::AsKept,
        &mut |auditor| {
            compared.next(&store, &auditor.chain.view().store)?;
            progress(&auditor.report);
            Ok(())
        },
    )?;
    let end = auditor.next_offset;
    compared.end(&store, &auditor.chain.view().store, end)?;
    let Auditor { mut report, .. } = auditor;
    report.compared_bytes = compared.offsets.iter().sum();
    report.notes = compared.notes;
    if report.blocks == 0 {
        return Err(Finding::Genesis("there is no block 0".to_owned()));
    }
    Ok(report)
}

/// How far each file that follows from the blocks was compared.
#[derive(Default)]
struct Compared {
    offsets: [u64; 4],
    notes: Vec<String>,
}

impl Compared {
    /// Compares what the last block has added.
    fn next(&mut self, ours: &Store, anew: &Store) -> Result<(), Finding> {
        let (old_files, new_files) = (store::files_of(ours), store::files_of(anew));
        for (index, name) in store::FILES.into_iter().enumerate() {
            let (old, new) = (&*old_files[index], &*new_files[index]);
            let start = self.offsets[index];
            let end = new.len().min(old.len());
            let mut expected = vec![0; end.saturating_sub(start) as usize];
            let mut found = expected.clone();
            anew.read(&new_files[index], name, start, &mut expected)?;
            ours.read(&old_files[index], name, start, &mut found)?;
            if expected != found {
                let differs = expected.iter().zip(&found).position(|(one, other)| one != other);
                let at = differs.unwrap_or_default() as u64;
                let (file, offset) = (ours.disk().path(name), start + at);
                let what = "not what follows from the blocks".to_owned();
                return Err(Finding::File { file, offset, what });
            }
            self.offsets[index] = end.max(start);
        }
        Ok(())
    }

    /// After the last whole block nothing may follow that was once final.
    fn end(&mut self, ours: &Store, anew: &Store, end: u64) -> Result<(), Finding> {
        let beyond = |name: &str, offset: u64, what: String| Finding::File {
            file: ours.disk().path(name),
            offset,
            what,
        };
        if ours.block_count() > anew.block_count() {
            let what = format!("no whole block stands here, and {} were final", ours.block_count());
            return Err(beyond(BLOCKS, end, what));
        }
        let torn = ours.blocks.len() - end;
        if torn > 0 {
            let what = format!("{torn} bytes at its end are no whole block and were never final");
            self.notes.push(format!("{}: {what}", ours.disk().path(BLOCKS)));
        }
        let (old_files, new_files) = (store::files_of(ours), store::files_of(anew));
        for (index, name) in store::FILES.into_iter().enumerate() {
            let (old, new) = (old_files[index].len(), new_files[index].len());
            if old > new {
                return Err(beyond(name, new, "it goes on beyond what the blocks hold".to_owned()));
            }
            if old < new {
                let what = format!("{} bytes are still to follow from the blocks", new - old);
                self.notes.push(format!("{}: {what}; opening adds them", ours.disk().path(name)));
            }
        }
        Ok(())
    }
}

/// A place for what an audit builds, in memory.
pub fn scratch_in_memory() -> Arc<dyn Disk> {
    Arc::new(Memory::new())
}
