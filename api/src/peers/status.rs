//! How the network goes, for those who watch.

use std::time::{Duration, Instant};

use libp2p::{Multiaddr, PeerId};

use super::event::Direction;
use super::misbehaviour::Misbehaviour;

/// A picture of the network; made anew each [`super::Pace::tick`] and whenever a peer comes or goes.
#[derive(Clone, Debug)]
pub struct PeersStatus {
    /// This node.
    pub id: PeerId,
    /// Where it listens.
    pub listening: Vec<Multiaddr>,
    /// Who is connected and has said that it is of this ledger, by identity.
    pub peers: Vec<PeerStatus>,
    /// Who is banned, by identity.
    pub bans: Vec<Ban>,
    /// Addresses in the book.
    pub addresses: usize,
    /// What has happened since the start.
    pub counts: Counts,
}

impl PeersStatus {
    pub(super) fn of(id: PeerId) -> Self {
        let (listening, peers, bans) = Default::default();
        Self { id, listening, peers, bans, addresses: 0, counts: Counts::default() }
    }
}

/// A connected peer.
#[derive(Clone, Debug)]
pub struct PeerStatus {
    /// Who.
    pub peer: PeerId,
    /// Where.
    pub address: Multiaddr,
    /// Who dialled.
    pub direction: Direction,
    /// Whether it is one that this node was told to stay connected with.
    pub persistent: bool,
    /// Name and version of its program, as it says.
    pub agent: String,
    /// Since when.
    pub since: Instant,
    /// What it is held to account for.
    pub score: u32,
    /// The last round trip that was measured.
    pub round_trip: Option<Duration>,
}

/// A banned peer.
#[derive(Clone, Debug)]
pub struct Ban {
    /// Who.
    pub peer: PeerId,
    /// Its last misbehaviour.
    pub reason: Misbehaviour,
    /// Until when.
    pub until: Instant,
}

/// What has happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages of gossip that came in and were new.
    pub received: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Messages that this node has published.
    pub published: u64,
    /// Their bytes.
    pub published_bytes: u64,
    /// Messages that were judged good and sent on.
    pub accepted: u64,
    /// Messages that were judged wrong.
    pub rejected: u64,
    /// Messages that were dropped without asking the node: too many, or too much at once.
    pub dropped: u64,
    /// Requests that came in.
    pub requests: u64,
    /// Requests that were refused: too many, or too much at once.
    pub refused: u64,
    /// Bytes of the answers to them.
    pub answered_bytes: u64,
    /// Bans since the start.
    pub bans: u64,
}
