//! An open block: transitions executed one after the other on a parent's state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::InvalidBlock;
use crate::block::{self, Header};
use crate::code::Rejection;
use crate::error::Error;
use crate::execution::{Application, Change, Context, Effects, Ground, State, execute};
use crate::hash::Hash;
use crate::merkle;
use crate::seal::Seal;
use crate::time::Time;
use crate::tip::Tip;
use crate::transition::admission::{not_expired, within_window};
use crate::transition::{Admitted, Entry, Outcome, OutcomeCode};
use crate::trie::Trie;
use crate::view::{StateAt, View};

/// A block that is being filled.
pub struct OpenBlock<A: Application> {
    application: Arc<A>,
    view: View,
    parent: Arc<Tip>,
    time: Time,
    overlay: Overlay,
    ordered: Vec<Ordered<A>>,
    ids: HashMap<Hash, u64>,
    bytes: usize,
}

/// A transition in its place, with what it did.
pub struct Ordered<A: Application> {
    /// The transition.
    pub transition: Arc<Admitted<A::Action>>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it changed nothing, if it was rejected.
    pub rejection: Option<Rejection>,
    /// What it changed, in key order; nothing if it was rejected.
    pub changes: Vec<Change>,
    /// By what authority; nothing if it was rejected.
    pub grounds: Vec<Ground>,
    /// The log entry with its leaf hash, where it is not the one of an applied transition.
    rejected: Option<(Vec<u8>, Hash)>,
}

impl<A: Application> Ordered<A> {
    /// Its entry in the log.
    pub fn entry(&self) -> &[u8] {
        self.rejected.as_ref().map_or(&self.transition.applied_entry, |(entry, _)| entry)
    }

    fn leaf(&self) -> Hash {
        self.rejected.as_ref().map_or(self.transition.applied_leaf, |(_, leaf)| *leaf)
    }
}

/// What an open block made of a transition.
#[derive(Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is in the block.
    Ordered {
        /// At this position of the log.
        position: u64,
        /// Why it changed nothing, when it lost a race against others in the block.
        rejection: Option<Rejection>,
    },
    /// The rules refuse it on the parent's state already: it is not ordered.
    Declined(Rejection),
    /// It was ordered before, at this position.
    Duplicate {
        /// The position.
        position: u64,
    },
}

/// A block that was executed and has no seal yet.
pub struct Executed<A: Application> {
    /// The block as the next one will see it.
    pub tip: Arc<Tip>,
    /// Its transitions, in order.
    pub ordered: Vec<Ordered<A>>,
    /// What the genesis put down; empty but for block 0.
    pub founded: Vec<Change>,
    pub(crate) log_nodes: Vec<Hash>,
    ids: HashMap<Hash, u64>,
}

/// What was read and written in the block so far. Looked up by key only, never walked, but for the
/// writes.
#[derive(Default)]
struct Overlay {
    writes: BTreeMap<Hash, Option<Vec<u8>>>,
    current: std::cell::RefCell<HashMap<Hash, Option<Arc<[u8]>>>>,
}

struct StateInBlock<'a> {
    overlay: &'a Overlay,
    below: StateAt<'a>,
}

impl State for StateInBlock<'_> {
    fn read(&self, key: &Hash) -> Result<Option<Arc<[u8]>>, Error> {
        if let Some(known) = self.overlay.current.borrow().get(key) {
            return Ok(known.clone());
        }
        let bytes = self.below.read(key)?;
        self.overlay.current.borrow_mut().insert(*key, bytes.clone());
        Ok(bytes)
    }
}

impl Overlay {
    fn write(&mut self, changes: &[Change]) {
        let current = self.current.get_mut();
        for change in changes {
            self.writes.insert(change.key, Some(change.after.to_vec()));
            current.insert(change.key, Some(change.after.clone()));
        }
    }
}

impl<A: Application> OpenBlock<A> {
    pub(crate) fn on(parent: Arc<Tip>, application: Arc<A>, view: View, time: Time) -> Self {
        Self {
            application,
            view,
            parent,
            time,
            overlay: Overlay::default(),
            ordered: Vec::new(),
            ids: HashMap::new(),
            bytes: 0,
        }
    }

    /// How many transitions are in it.
    pub fn len(&self) -> usize {
        self.ordered.len()
    }

    /// Whether no transition is in it.
    pub fn is_empty(&self) -> bool {
        self.ordered.is_empty()
    }

    /// How many bytes its entries have.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Its time.
    pub fn time(&self) -> Time {
        self.time
    }

    pub(crate) fn parent_hash(&self) -> Hash {
        self.parent.hash
    }

    /// Orders a transition if it is good, or was good before others in this block.
    pub(crate) fn offer(&mut self, transition: Arc<Admitted<A::Action>>) -> Result<Offer, Error> {
        if let Some(position) = self.ids.get(&transition.id) {
            return Ok(Offer::Duplicate { position: *position });
        }
        let rejection = match self.attempt(&transition, Upon::Block)? {
            Ok(effects) => {
                let position = self.push(transition, Ok(effects));
                return Ok(Offer::Ordered { position, rejection: None });
            }
            Err(rejection) => rejection,
        };
        // Good on the parent, bad in the block: it lost a race, and its signers are owed a receipt.
        if self.ordered.is_empty() || self.attempt(&transition, Upon::Parent)?.is_err() {
            return Ok(Offer::Declined(rejection));
        }
        let position = self.push(transition, Err(rejection.clone()));
        Ok(Offer::Ordered { position, rejection: Some(rejection) })
    }

    /// Puts a transition in as another's block has it, whatever becomes of it. The inner error: it
    /// may not stand in a block at all.
    pub(crate) fn include(
        &mut self,
        transition: Arc<Admitted<A::Action>>,
    ) -> Result<Result<(), Rejection>, Error> {
        if self.ids.contains_key(&transition.id) {
            return Ok(Err(crate::code::DUPLICATE.because("it stands in the block twice")));
        }
        if let Err(rejection) = self.window(&transition) {
            return Ok(Err(rejection));
        }
        let done = self.attempt(&transition, Upon::Block)?;
        self.push(transition, done);
        Ok(Ok(()))
    }

    /// The rule that bounds for how long an id must be remembered.
    fn window(&self, transition: &Admitted<A::Action>) -> Result<(), Rejection> {
        let window_ms = self.view.genesis().statement().transition_window_ms;
        not_expired(transition.not_after, self.time)?;
        within_window(transition.not_after, self.time, window_ms)
    }

    fn attempt(
        &self,
        transition: &Admitted<A::Action>,
        upon: Upon,
    ) -> Result<Result<Effects, Rejection>, Error> {
        if let Err(rejection) = self.window(transition) {
            return Ok(Err(rejection));
        }
        let context = Context {
            genesis: self.view.genesis(),
            height: self.parent.header.height + 1,
            time: self.time,
            position: self.next_position(),
            id: transition.id,
            signers: &transition.signers,
        };
        let below = StateAt { store: &self.view.store, root: &self.parent.state };
        match upon {
            Upon::Parent => execute(&*self.application, transition, context, &below),
            Upon::Block => {
                let state = StateInBlock { overlay: &self.overlay, below };
                execute(&*self.application, transition, context, &state)
            }
        }
    }

    fn next_position(&self) -> u64 {
        self.parent.frontier.size() + self.ordered.len() as u64
    }

    fn push(
        &mut self,
        transition: Arc<Admitted<A::Action>>,
        done: Result<Effects, Rejection>,
    ) -> u64 {
        let position = self.next_position();
        let (outcome, rejection, effects) = match done {
            Ok(effects) => (Outcome::Applied, None, effects),
            Err(rejection) => {
                let outcome = Outcome::Rejected(OutcomeCode::of(&rejection));
                (outcome, Some(rejection), Effects::default())
            }
        };
        let Effects { changes, grounds } = effects;
        self.overlay.write(&changes);
        self.ids.insert(transition.id, position);
        let rejected = rejection.is_some().then(|| {
            let entry = Entry::encode(&outcome, transition.bytes());
            let leaf = merkle::leaf_hash(&entry);
            (entry, leaf)
        });
        let ordered = Ordered { transition, outcome, rejection, changes, grounds, rejected };
        self.bytes += ordered.entry().len();
        self.ordered.push(ordered);
        position
    }

    pub(crate) fn finish(self) -> Result<Executed<A>, Error> {
        let leaves: Vec<Hash> = self.ordered.iter().map(Ordered::leaf).collect();
        let mut frontier = self.parent.frontier.clone();
        let mut log_nodes = Vec::with_capacity(leaves.len() * 2);
        for leaf in &leaves {
            frontier.push(*leaf, &mut |node| log_nodes.push(node));
        }
        let trie = Trie::new(&*self.view.store.state);
        let state = trie.update(&self.parent.state, &self.overlay.writes)?;
        let height = self.parent.header.height + 1;
        let header = Header {
            height,
            previous: self.parent.hash,
            time: self.time,
            body_root: merkle::body_root(&leaves),
            log_size: frontier.size(),
            log_root: frontier.root(),
            state_root: state.hash(),
            pool: self.view.sealer_after(&self.parent)?,
            ..self.parent.header.clone()
        };
        let tip = Arc::new(Tip::new(header, state, frontier));
        let (ordered, ids) = (self.ordered, self.ids);
        Ok(Executed { tip, ordered, founded: Vec::new(), log_nodes, ids })
    }
}

#[derive(Clone, Copy)]
enum Upon {
    Parent,
    Block,
}

impl<A: Application> Executed<A> {
    pub(crate) fn of_genesis(tip: Tip, founded: Vec<Change>) -> Self {
        let (ordered, log_nodes, ids) = (Vec::new(), Vec::new(), HashMap::new());
        Self { tip: Arc::new(tip), ordered, founded, log_nodes, ids }
    }

    /// Whether this is what the header states.
    pub(crate) fn is_stated_by(&self, header: &Header) -> Result<(), InvalidBlock> {
        let ours = &self.tip.header;
        let differing = [
            ("ledger", ours.ledger == header.ledger),
            ("height", ours.height == header.height),
            ("previous block", ours.previous == header.previous),
            ("time", ours.time == header.time),
            ("body root", ours.body_root == header.body_root),
            ("log size", ours.log_size == header.log_size),
            ("log root", ours.log_root == header.log_root),
            ("state root", ours.state_root == header.state_root),
            ("pool", ours.pool == header.pool),
        ];
        match differing.into_iter().find(|(_, same)| !same) {
            Some((what, _)) => Err(InvalidBlock::Differs(what)),
            None => Ok(()),
        }
    }

    /// The position of a transition of this block.
    pub fn position_of(&self, id: &Hash) -> Option<u64> {
        self.ids.get(id).copied()
    }

    /// The log position of the first entry.
    pub fn first_position(&self) -> u64 {
        self.tip.header.log_size - self.ordered.len() as u64
    }

    /// The block as it is kept and sent, with this seal.
    pub fn encode(&self, seal: &Seal) -> Vec<u8> {
        let entries = self.ordered.iter().map(Ordered::entry);
        block::encode_parts(&self.tip.header, seal, self.ordered.len(), entries)
    }
}
