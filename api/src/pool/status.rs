//! How the agreement goes, for those who watch.

use std::collections::BTreeMap;
use std::time::Instant;

use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::Pool;
use chancery_ledger::time::Time;
use parking_lot::Mutex;

use crate::node::status::{Direction, PeerStatus};

/// How the agreement goes.
#[derive(Default)]
pub(crate) struct AgreementStatus(Mutex<Agreement>);

/// A picture of the agreement.
#[derive(Clone, Default)]
pub(crate) struct Agreement {
    /// The height that is being decided.
    pub(crate) height: u64,
    /// Its round.
    pub(crate) round: u32,
    /// The proposer of the round.
    pub(crate) proposer: Option<PublicKey>,
    /// When a height was last decided, or the node began.
    pub(crate) decided: Option<Instant>,
    /// When the height was begun; none between heights.
    pub(crate) begun: Option<Instant>,
    /// The peers that have proven to be validators, or not.
    pub(crate) peers: Vec<AgreementPeer>,
    /// The last height that each validator has signed.
    pub(crate) last_signed: BTreeMap<PublicKey, u64>,
    /// Whether the engine's write-ahead log was found damaged.
    pub(crate) wal_damaged: bool,
}

/// A connected node.
#[derive(Clone)]
pub(crate) struct AgreementPeer {
    /// Its network identity.
    pub(crate) id: String,
    /// Its address.
    pub(crate) address: String,
    /// Whether this node dialled it.
    pub(crate) outbound: bool,
    /// Whether the configuration names it.
    pub(crate) configured: bool,
    /// When it was first seen connected.
    pub(crate) since: Time,
    /// The validator key that it has proven to hold.
    pub(crate) validator: Option<PublicKey>,
}

impl AgreementPeer {
    /// What operators are told of it.
    pub(crate) fn status(&self) -> PeerStatus {
        PeerStatus {
            id: self.id.clone(),
            address: self.address.clone(),
            direction: if self.outbound { Direction::Outbound } else { Direction::Inbound },
            since: self.since,
            score: 0,
        }
    }
}

impl AgreementStatus {
    /// A picture of it now.
    pub(crate) fn picture(&self) -> Agreement {
        self.0.lock().clone()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Agreement)) {
        change(&mut self.0.lock());
    }
}

impl Agreement {
    /// The power of the pool's members that are connected, with this node's own.
    pub(crate) fn connected_power(&self, pool: &Pool, own: &PublicKey) -> u64 {
        let members = pool.validators.iter();
        let connected = members.filter(|member| self.is_connected(&member.key, own));
        connected.map(|member| u64::from(member.power)).sum()
    }

    /// Whether this validator is connected, or is this node itself.
    pub(crate) fn is_connected(&self, key: &PublicKey, own: &PublicKey) -> bool {
        key == own || self.peers.iter().any(|peer| peer.validator.as_ref() == Some(key))
    }
}

/// Whether this power is more than two thirds of the pool's.
pub(crate) fn is_quorum(power: u64, pool: &Pool) -> bool {
    let all: u64 = pool.validators.iter().map(|member| u64::from(member.power)).sum();
    power * 3 > all * 2
}
