//! What a block's transitions changed: from the block itself, which is executed again when it was
//! not followed live.

use std::collections::VecDeque;
use std::sync::Arc;

use actix_web::web;
use chancery_ledger::chain::{self, Executed, Ordered};
use chancery_ledger::execution::Change;
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_registries::access::is_private;
use chancery_registries::{Registers, kind};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, broadcast, watch};

use super::problem::{self, Problem};
use crate::node::Node;
use crate::projection::Projected;

/// Blocks that are kept for those who ask again.
const BLOCKS_KEPT: usize = 8;

/// What a block's transitions changed.
pub(super) struct BlockChanges {
    pub(super) height: u64,
    pub(super) time: Time,
    /// Position, id and changes of each transition, in order.
    pub(super) transitions: Vec<Deed>,
}

/// What one transition did.
pub(super) struct Deed {
    pub(super) position: u64,
    pub(super) id: Hash,
    /// Register and name of each action.
    pub(super) actions: Vec<(&'static str, &'static str)>,
    /// Who signed.
    pub(super) signers: Vec<String>,
    pub(super) changes: Vec<ChangedObject>,
}

/// An object that a transition changed.
pub(super) struct ChangedObject {
    pub(super) register: &'static str,
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) version: u64,
    /// Who stood or stands in a relation to it.
    pub(super) parties: Vec<String>,
}

/// The changes of blocks, recent ones at hand.
pub(super) struct Changes {
    node: Node,
    kept: Mutex<VecDeque<Arc<BlockChanges>>>,
    /// Executing again costs a processor: one at a time.
    replays: Semaphore,
    /// The height up to which blocks are final, for those who wait for the next.
    height: watch::Sender<u64>,
}

impl Changes {
    pub(super) fn new(node: Node) -> Self {
        let (height, _) = watch::channel(node.view().tip().header.height);
        let replays = Semaphore::new(1);
        Self { node, kept: Mutex::default(), replays, height }
    }

    /// The height of the tip, as it grows.
    pub(super) fn heights(&self) -> watch::Receiver<u64> {
        self.height.subscribe()
    }

    /// Follows the node until it stops. Blocks are looked into only while someone waits for them.
    pub(super) async fn follow(&self) {
        let mut blocks = self.node.final_blocks();
        loop {
            match blocks.recv().await {
                Ok(block) => {
                    if self.height.receiver_count() > 0 {
                        self.keep(Arc::new(BlockChanges::of(&block)));
                    }
                    self.height.send_replace(block.tip.header.height);
                }
                // What was missed is executed again for whoever asks.
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// The changes of a block.
    pub(super) async fn of(&self, height: u64) -> Result<Arc<BlockChanges>, Problem> {
        if let Some(known) = self.known(height) {
            return Ok(known);
        }
        let one_at_a_time = self.replays.acquire().await;
        let _permit = one_at_a_time.map_err(|error| problem::internal(&error))?;
        // Someone before may have asked for the same.
        if let Some(known) = self.known(height) {
            return Ok(known);
        }
        let block = Arc::new(BlockChanges::of(&self.replay(height).await?));
        self.keep(block.clone());
        Ok(block)
    }

    /// What each transition of a block left of one object: its position, and the bytes that the state
    /// held from then on. The block is executed again.
    pub(super) async fn versions_in(
        &self,
        height: u64,
        key: Hash,
    ) -> Result<Vec<(u64, Arc<[u8]>)>, Problem> {
        let one_at_a_time = self.replays.acquire().await;
        let _permit = one_at_a_time.map_err(|error| problem::internal(&error))?;
        let block = self.replay(height).await?;
        let ordered = (block.first_position()..).zip(&block.ordered);
        let versions = ordered.flat_map(|(position, ordered)| {
            let of_object = ordered.changes.iter().filter(|change| change.key == key);
            of_object.map(move |change| (position, change.after.clone()))
        });
        Ok(versions.collect())
    }

    /// One at a time: whoever calls this holds the permit.
    async fn replay(&self, height: u64) -> Result<Executed<Registers>, Problem> {
        let view = self.node.view().clone();
        let replay = move || chain::replay(&view, &Arc::new(Registers), height);
        Ok(web::block(replay).await??)
    }

    fn known(&self, height: u64) -> Option<Arc<BlockChanges>> {
        self.kept.lock().iter().find(|block| block.height == height).cloned()
    }

    fn keep(&self, block: Arc<BlockChanges>) {
        let mut kept = self.kept.lock();
        if kept.len() >= BLOCKS_KEPT {
            kept.pop_front();
        }
        kept.push_back(block);
    }
}

impl BlockChanges {
    fn of(block: &Executed<Registers>) -> Self {
        let header = &block.tip.header;
        let first = header.log_size.saturating_sub(block.ordered.len() as u64);
        let transitions = (first..).zip(&block.ordered).map(deed).collect();
        Self { height: header.height, time: header.time, transitions }
    }

    /// What the transition at a position did.
    pub(super) fn at(&self, position: u64) -> Option<&Deed> {
        let first = self.transitions.first()?.position;
        self.transitions.get(usize::try_from(position.checked_sub(first)?).ok()?)
    }
}

impl Deed {
    /// The private registers that its actions are of, or whose objects it changed.
    pub(super) fn private_registers(&self) -> Vec<&'static str> {
        let named = self.actions.iter().map(|(register, _)| *register);
        let changed = self.changes.iter().map(|change| change.register);
        let mut private: Vec<_> = named.chain(changed).filter(|name| is_private(name)).collect();
        private.sort_unstable();
        private.dedup();
        private
    }
}

fn deed((position, ordered): (u64, &Ordered<Registers>)) -> Deed {
    let transition = &ordered.transition;
    let signers = transition.signers.iter().map(|signer| signer.party.to_string());
    Deed {
        position,
        id: transition.id,
        actions: transition.actions.iter().map(Registers::action_name).collect(),
        signers: signers.collect(),
        changes: ordered.changes.iter().map(changed_object).collect(),
    }
}

fn changed_object(change: &Change) -> ChangedObject {
    let kind = kind(change.register, change.kind);
    let relations = |bytes: &[u8]| kind.map(|kind| (kind.relations)(bytes)).unwrap_or_default();
    let before = change.before.as_deref().map(relations).unwrap_or_default();
    let after = relations(&change.after);
    let mut parties: Vec<String> =
        before.into_iter().chain(after).map(|(_, party)| party).collect();
    parties.sort_unstable();
    parties.dedup();
    ChangedObject {
        register: change.register,
        kind: change.kind,
        id: change.id.clone(),
        version: change.version,
        parties,
    }
}
