//! The mempool: transitions that were admitted and wait for a block.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::hash::Hash;
use crate::key::PublicKey;
use crate::merkle;
use crate::time::Time;
use crate::transition::{Admitted, Entry, Outcome};

/// What a mempool may hold.
#[derive(Clone, Copy, Debug)]
pub struct MempoolLimits {
    /// Transitions of all signers.
    pub transitions: usize,
    /// Bytes of all transitions.
    pub bytes: usize,
    /// Transitions whose first signature is of the same key, so that none can keep the others out.
    pub transitions_each: usize,
}

/// Transitions that wait, in the order of their arrival.
pub struct Mempool<T> {
    limits: MempoolLimits,
    by_id: BTreeMap<Hash, u64>,
    by_leaf: BTreeMap<Hash, u64>,
    by_arrival: BTreeMap<u64, Arc<Admitted<T>>>,
    by_signer: BTreeMap<PublicKey, usize>,
    by_expiry: BTreeMap<(Time, u64), ()>,
    bytes: usize,
    /// The number of the first arrival, below which those are numbered that were put back.
    first: u64,
    next: u64,
}

/// What a mempool did with a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It waits now.
    Waits,
    /// It waited before.
    Known,
    /// There is no room for it.
    Full,
}

impl<T> Mempool<T> {
    /// A mempool in which nothing waits.
    pub fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            by_id: BTreeMap::new(),
            by_leaf: BTreeMap::new(),
            by_arrival: BTreeMap::new(),
            by_signer: BTreeMap::new(),
            by_expiry: BTreeMap::new(),
            bytes: 0,
            first: FIRST_ARRIVAL,
            next: FIRST_ARRIVAL,
        }
    }

    /// Lets a transition wait, if there is room for one more of its first signer.
    pub fn add(&mut self, transition: Arc<Admitted<T>>) -> Added {
        if self.by_id.contains_key(&transition.id) {
            return Added::Known;
        }
        let signer = first_signer(&transition);
        let of_signer = self.by_signer.get(&signer).copied().unwrap_or_default();
        let bytes = self.bytes + transition.bytes().len();
        if self.by_id.len() >= self.limits.transitions
            || bytes > self.limits.bytes
            || of_signer >= self.limits.transitions_each
        {
            return Added::Full;
        }
        self.insert(self.next, transition);
        self.next += 1;
        Added::Waits
    }

    /// Lets transitions wait again that stood in a block which counts no longer, before all others and
    /// whether or not there is room: they were taken in once, and the blocks that held them are few.
    pub fn put_back(&mut self, transitions: Vec<Arc<Admitted<T>>>) {
        for transition in transitions.into_iter().rev() {
            if !self.by_id.contains_key(&transition.id) {
                self.first -= 1;
                self.insert(self.first, transition);
            }
        }
    }

    fn insert(&mut self, arrival: u64, transition: Arc<Admitted<T>>) {
        self.bytes += transition.bytes().len();
        *self.by_signer.entry(first_signer(&transition)).or_default() += 1;
        self.by_id.insert(transition.id, arrival);
        self.by_leaf.insert(transition.applied_leaf, arrival);
        self.by_expiry.insert((transition.not_after, arrival), ());
        self.by_arrival.insert(arrival, transition);
    }

    /// A transition that waits.
    pub fn get(&self, id: &Hash) -> Option<&Arc<Admitted<T>>> {
        self.by_arrival.get(self.by_id.get(id)?)
    }

    /// The transition of exactly these bytes, if it waits: its signatures were verified.
    pub fn with_bytes(&self, bytes: &[u8]) -> Option<Arc<Admitted<T>>> {
        let leaf = merkle::leaf_hash(&Entry::encode(&Outcome::Applied, bytes));
        self.by_arrival.get(self.by_leaf.get(&leaf)?).cloned()
    }

    /// Takes a transition out.
    pub fn remove(&mut self, id: &Hash) -> Option<Arc<Admitted<T>>> {
        let arrival = self.by_id.remove(id)?;
        let transition = self.by_arrival.remove(&arrival)?;
        self.by_leaf.remove(&transition.applied_leaf);
        self.by_expiry.remove(&(transition.not_after, arrival));
        self.bytes -= transition.bytes().len();
        let signer = first_signer(&transition);
        if let Some(count) = self.by_signer.get_mut(&signer) {
            *count -= 1;
            if *count == 0 {
                self.by_signer.remove(&signer);
            }
        }
        Some(transition)
    }

    /// Takes out what may not stand in a block of this time or later.
    pub fn remove_expired(&mut self, time: Time) -> Vec<Arc<Admitted<T>>> {
        let mut expired = Vec::new();
        while let Some((&(not_after, arrival), ())) = self.by_expiry.first_key_value() {
            if not_after >= time {
                break;
            }
            let id = self.by_arrival.get(&arrival).map(|transition| transition.id);
            expired.extend(id.and_then(|id| self.remove(&id)));
        }
        expired
    }

    /// What to offer to a block that holds so many: all in the order of arrival while it fits, else
    /// as many of each first signer in turn, so that one who sends much delays only itself.
    pub fn select(&self, transitions: usize, bytes: usize) -> Vec<Arc<Admitted<T>>> {
        if self.by_id.len() <= transitions && self.bytes <= bytes {
            return self.by_arrival.values().cloned().collect();
        }
        let mut rank_of_signer: BTreeMap<PublicKey, usize> = BTreeMap::new();
        let mut ranked = Vec::with_capacity(self.by_arrival.len());
        for (arrival, transition) in &self.by_arrival {
            let rank = rank_of_signer.entry(first_signer(transition)).or_default();
            ranked.push((*rank, *arrival));
            *rank += 1;
        }
        ranked.sort_unstable();
        let mut room = bytes;
        let mut arrivals = Vec::with_capacity(transitions);
        for (_, arrival) in ranked {
            let len = self.by_arrival[&arrival].bytes().len();
            if arrivals.len() >= transitions || len > room {
                break;
            }
            room -= len;
            arrivals.push(arrival);
        }
        // A transition that builds on one of another signer came after it.
        arrivals.sort_unstable();
        arrivals.iter().map(|arrival| self.by_arrival[arrival].clone()).collect()
    }

    /// The number of the next arrival.
    pub fn next_arrival(&self) -> u64 {
        self.next
    }

    /// What waits and arrived with this number or later, in the order of arrival.
    pub fn since(&self, arrival: u64) -> impl Iterator<Item = &Arc<Admitted<T>>> {
        self.by_arrival.range(arrival..).map(|(_, transition)| transition)
    }

    /// How many transitions wait.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// How many bytes the waiting transitions have.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Half of all numbers are for what is put back.
const FIRST_ARRIVAL: u64 = 1 << 63;

/// Admission lets nothing through that nobody signed.
fn first_signer<T>(transition: &Admitted<T>) -> PublicKey {
    transition.signers[0].key
}
