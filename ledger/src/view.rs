//! The reading side of a ledger: everything up to the tip, from any thread, without waiting.

mod pools;

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::block::{Block, Header};
use crate::error::Error;
use crate::evidence::{BlockReceipt, Bytes, Confirmation, Receipt, StatusProof};
use crate::execution::{Context, Draft, NamesPool, State, state_key};
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::merkle::{self, ConsistencyProof, Frontier, InclusionProof, Nodes, ProveError};
use crate::seal::Seal;
use crate::store::{self, HeightRecord, PositionRecord, Store};
use crate::tile::{TILE_HEIGHT, Tile, TileOf};
use crate::time::Time;
use crate::tip::Tip;
use crate::trie::{Subtree, Trie};
use crate::work::SealedHeader;

/// A ledger to read from. Clones are cheap and see the same tip.
#[derive(Clone)]
pub struct View {
    pub(crate) store: Arc<Store>,
    pub(crate) tip: Arc<ArcSwap<Tip>>,
    pub(crate) genesis: Arc<Genesis>,
    /// Headers of the best branch above the last final block, where blocks are sealed by work.
    pub(crate) above: Arc<ArcSwap<Vec<SealedHeader>>>,
    pub(crate) rules: Arc<dyn NamesPool>,
}

/// Where a transition stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The transition's id.
    pub id: Hash,
    /// Its position in the log.
    pub position: u64,
    /// The height of its block.
    pub height: u64,
}

impl View {
    /// The ledger's genesis.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The last final block.
    pub fn tip(&self) -> Arc<Tip> {
        self.tip.load_full()
    }

    /// A block's header and seal.
    pub fn sealed_header(&self, height: u64) -> Result<(Header, Seal), Error> {
        self.store.sealed_header(&self.height_record(height)?)
    }

    /// A block with its entries.
    pub fn block(&self, height: u64) -> Result<Block, Error> {
        let record = self.height_record(height)?;
        let bytes = self.store.block_bytes(&record)?;
        Block::decode(&bytes).map_err(|error| {
            self.store.damaged(store::BLOCKS, record.block_offset, &error.to_string())
        })
    }

    /// A block as it is kept and sent.
    pub fn block_bytes(&self, height: u64) -> Result<Vec<u8>, Error> {
        self.store.block_bytes(&self.height_record(height)?)
    }

    /// The time of a block, without reading the block.
    pub fn block_time(&self, height: u64) -> Result<Time, Error> {
        let record = self.height_record(height)?;
        Ok(Time::default().plus_ms(record.time_ms))
    }

    /// The positions of a block's entries.
    pub fn block_positions(&self, height: u64) -> Result<std::ops::Range<u64>, Error> {
        let end = self.height_record(height)?.log_size;
        let begin = match height.checked_sub(1) {
            Some(before) => self.height_record(before)?.log_size,
            None => 0,
        };
        Ok(begin..end)
    }

    /// The height of the last block at or before a time; `None` before block 0.
    pub fn height_at(&self, time: Time) -> Result<Option<u64>, Error> {
        let (mut low, mut high) = (0, self.tip().header.height + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.height_record(middle)?.time_ms <= time.as_ms() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low.checked_sub(1))
    }

    /// Where the transition at a position stands.
    pub fn place(&self, position: u64) -> Result<Place, Error> {
        let record = self.position_record(position)?;
        Ok(Place { id: record.id, position, height: record.height })
    }

    /// The exact bytes of the log entry at a position.
    pub fn entry(&self, position: u64) -> Result<Vec<u8>, Error> {
        self.store.entry(&self.position_record(position)?)
    }

    /// A tile of the log as a file has it; `None` when the log does not reach so far.
    pub fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, Error> {
        let there = Tile::of(tile.holds(), tile.index(), self.tip().header.log_size);
        if there.is_none_or(|there| there.width() < tile.width()) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        for index in tile.range() {
            match tile.holds() {
                TileOf::Hashes(level) => {
                    let node = self.store.node(TILE_HEIGHT * u32::from(level), index)?;
                    bytes.extend_from_slice(node.as_bytes());
                }
                TileOf::Entries => {
                    let entry = self.entry(index)?;
                    // An entry is bounded by what two bytes can say.
                    bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
                    bytes.extend_from_slice(&entry);
                }
            }
        }
        Ok(Some(bytes))
    }

    /// That the entry at a position is in the log of the first `log_size` entries.
    pub fn prove_inclusion(&self, position: u64, log_size: u64) -> Result<InclusionProof, Error> {
        self.log_reaches(log_size)?;
        merkle::prove_inclusion(&*self.store, position, log_size).map_err(prove_error)
    }

    /// That the log of `to` entries begins with that of `from`.
    pub fn prove_consistency(&self, from: u64, to: u64) -> Result<ConsistencyProof, Error> {
        self.log_reaches(to)?;
        merkle::prove_consistency(&*self.store, from, to).map_err(prove_error)
    }

    /// The root of the log of the first `log_size` entries, once it is seen to lead to the root that the
    /// tip's seal is for: what is read from a damaged file must not be signed.
    pub fn log_root(&self, log_size: u64) -> Result<Hash, Error> {
        let tip = self.tip();
        let header = &tip.header;
        if log_size > header.log_size {
            return Err(Error::BeyondTip(log_size));
        }
        let root = Frontier::from_nodes(log_size, &*self.store)?.root();
        let proof = merkle::prove_consistency(&*self.store, log_size, header.log_size);
        match proof.map_err(prove_error)?.verify(&root, &header.log_root) {
            Ok(()) => Ok(root),
            Err(error) => Err(self.store.damaged(store::LOG, 0, &error.to_string())),
        }
    }

    /// An object's stored bytes as of a block.
    pub fn object(
        &self,
        register: &str,
        kind: &str,
        id: &str,
        height: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let root = self.state_root(height)?;
        Ok(Trie::new(&*self.store.state).get(&root, &state_key(register, kind, id))?)
    }

    /// What was stated, that it is in the log, and why the block counts.
    pub fn receipt(&self, position: u64) -> Result<Receipt, Error> {
        let record = self.position_record(position)?;
        let (header, seal) = self.sealed_header(record.height)?;
        let inclusion = self.prove_inclusion(position, header.log_size)?;
        let entry = self.store.entry(&record)?;
        let confirmations = self.confirmations(&header)?;
        Ok(Receipt::new(entry, inclusion, &header, seal).confirmed_by(confirmations))
    }

    /// What was stated, that it is in its block, and why the block counts: shorter than a receipt, as it
    /// does not show the place in the log.
    pub fn block_receipt(&self, position: u64) -> Result<BlockReceipt, Error> {
        let record = self.position_record(position)?;
        let (header, seal) = self.sealed_header(record.height)?;
        let positions = self.block_positions(record.height)?;
        let index = usize::try_from(position.saturating_sub(positions.start)).unwrap_or(usize::MAX);
        let leaves: Result<Vec<Hash>, Error> =
            positions.map(|position| self.store.node(0, position)).collect();
        let (leaves, entry) = (leaves?, self.store.entry(&record)?);
        let path = merkle::prove_in_body(&leaves, index).unwrap_or_default();
        if merkle::body_root_from(&merkle::leaf_hash(&entry), &path) != header.body_root {
            let what = "the leaves are not those of the block";
            return Err(self.store.damaged(store::LOG, 0, what));
        }
        let confirmations = self.confirmations(&header)?;
        Ok(BlockReceipt::new(entry, path, &header, seal).confirmed_by(confirmations))
    }

    /// An object, or that there is none, as of a block.
    pub fn status(
        &self,
        register: &str,
        kind: &str,
        id: &str,
        height: u64,
    ) -> Result<StatusProof, Error> {
        let (header, seal) = self.sealed_header(height)?;
        let root = self.height_record(height)?.state(header.state_root);
        let key = state_key(register, kind, id);
        let trie = Trie::new(&*self.store.state);
        let value = trie.get(&root, &key)?;
        let proof = trie.prove(&root, &key)?;
        let object = format!("{register}/{kind}/{id}");
        let confirmations = self.confirmations(&header)?;
        Ok(StatusProof::new(object, value, proof, &header, seal).confirmed_by(confirmations))
    }

    /// The sealed headers that follow a final one, as many as the genesis asks for, where blocks are
    /// sealed by work: final ones, then those of the best branch.
    fn confirmations(&self, header: &Header) -> Result<Vec<Confirmation>, Error> {
        let Some(rules) = self.genesis.work() else { return Ok(Vec::new()) };
        let most = rules.final_depth as usize;
        let mut all = Vec::with_capacity(most);
        let mut last = header.hash();
        for height in (header.height + 1..=self.tip().header.height).take(most) {
            let (header, seal) = self.sealed_header(height)?;
            last = header.hash();
            all.push(Confirmation { header: Bytes(header.encode().to_vec()), seal });
        }
        // The two are not read in one step: what stands above is found by its link.
        for sealed in self.above.load().iter() {
            if all.len() < most && sealed.header.previous == last {
                last = sealed.header.hash();
                all.push(Confirmation::of(sealed));
            }
        }
        Ok(all)
    }

    /// Answers a question from the state as of a block, and names the objects that the answer rests
    /// on, each as `register/kind/id`: their proofs are its proof.
    pub fn ask<R>(
        &self,
        height: u64,
        question: impl FnOnce(&Draft<'_>) -> R,
    ) -> Result<(R, BTreeSet<String>), Error> {
        let record = self.height_record(height)?;
        let root = self.state_root(height)?;
        let context = Context {
            genesis: &self.genesis,
            height,
            time: Time::default().plus_ms(record.time_ms),
            position: record.log_size,
            id: Hash::default(),
            signers: &[],
        };
        let state = StateAt { store: &self.store, root: &root };
        let draft = Draft::to_ask(context, &state);
        let answer = question(&draft);
        Ok((answer, draft.answered()?))
    }

    /// Bytes that the ledger takes on the disk, by file.
    pub fn bytes_on_disk(&self) -> Result<Vec<(&'static str, u64)>, Error> {
        let files = [
            (store::BLOCKS, &self.store.blocks),
            (store::LOG, &self.store.log),
            (store::POSITIONS, &self.store.positions),
            (store::STATE, &self.store.state),
            (store::HEIGHTS, &self.store.heights),
        ];
        let disk = &**self.store.disk();
        let size = |(name, file): (&'static str, &Arc<dyn crate::disk::DiskFile>)| {
            Ok((name, file.allocated().map_err(store::io_error(disk, name))?))
        };
        files.into_iter().map(size).collect()
    }

    pub(crate) fn state_root(&self, height: u64) -> Result<Subtree, Error> {
        let tip = self.tip();
        if height == tip.header.height {
            return Ok(tip.state.clone());
        }
        let record = self.height_record(height)?;
        let (header, _) = self.store.sealed_header(&record)?;
        Ok(record.state(header.state_root))
    }

    pub(crate) fn height_record(&self, height: u64) -> Result<HeightRecord, Error> {
        if height > self.tip().header.height {
            return Err(Error::BeyondTip(height));
        }
        self.store.height_record(height)
    }

    pub(crate) fn position_record(&self, position: u64) -> Result<PositionRecord, Error> {
        if position >= self.tip().header.log_size {
            return Err(Error::BeyondTip(position));
        }
        self.store.position_record(position)
    }

    fn log_reaches(&self, size: u64) -> Result<(), Error> {
        if size > self.tip().header.log_size {
            return Err(Error::BeyondTip(size));
        }
        Ok(())
    }
}

fn prove_error(error: ProveError<Error>) -> Error {
    match error {
        ProveError::OutOfRange { place, .. } => Error::BeyondTip(place),
        ProveError::Nodes(error) => error,
    }
}

/// The state as of one root.
pub(crate) struct StateAt<'a> {
    pub(crate) store: &'a Store,
    pub(crate) root: &'a Subtree,
}

impl State for StateAt<'_> {
    fn read(&self, key: &Hash) -> Result<Option<Arc<[u8]>>, Error> {
        Ok(Trie::new(&*self.store.state).get(self.root, key)?.map(Arc::from))
    }
}
