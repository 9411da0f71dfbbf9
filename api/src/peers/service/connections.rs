//! Peers that come and go, what they say of themselves, and what they are held to account for.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use libp2p::core::ConnectedPoint;
use libp2p::identify;
use libp2p::ping;
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId};

use super::super::address::{ip_of, parted};
use super::super::behaviour;
use super::super::config::Limits;
use super::super::event::{Direction, PeerEvent};
use super::super::misbehaviour::Misbehaviour;
use super::super::status::PeerStatus;
use super::{Service, discovery};
use crate::rate::Bucket;

/// Pings in a row that may fail before a connection counts as dead.
const PING_FAILURES: u32 = 3;
/// What is kept of a program's name, in characters.
const AGENT_CHARS: usize = 64;

/// A connected peer.
pub(super) struct Peer {
    pub(super) connections: HashMap<ConnectionId, (Multiaddr, Direction)>,
    since: Instant,
    pub(super) persistent: bool,
    /// Its program; none until it has said that it is of this ledger.
    agent: Option<String>,
    round_trip: Option<Duration>,
    failed_pings: u32,
    pub(super) messages: Bucket,
    pub(super) bytes: Bucket,
    pub(super) asks: Bucket,
    pub(super) told_bytes: Bucket,
    /// Refusals that are forgiven before a peer that does not stop asking is held to account.
    pub(super) refusals: Bucket,
    /// Messages of it that wait for their verdict.
    pub(super) judging: usize,
    /// Requests of it that wait for an answer.
    pub(super) answering: usize,
    /// When it was last asked for addresses.
    pub(super) exchanged: Option<Instant>,
}

impl Peer {
    fn new(limits: &Limits, persistent: bool, now: Instant) -> Self {
        Self {
            connections: HashMap::new(),
            since: now,
            persistent,
            agent: None,
            round_trip: None,
            failed_pings: 0,
            messages: Bucket::full(limits.gossip_messages, now),
            bytes: Bucket::full(limits.gossip_bytes, now),
            asks: Bucket::full(limits.requests, now),
            told_bytes: Bucket::full(limits.answer_bytes, now),
            refusals: Bucket::full(limits.requests, now),
            judging: 0,
            answering: 0,
            exchanged: None,
        }
    }

    /// Whether it has said that it is of this ledger.
    pub(super) fn is_known(&self) -> bool {
        self.agent.is_some()
    }

    /// The connection that this node made, or else one that the peer made.
    fn connection(&self) -> Option<&(Multiaddr, Direction)> {
        let outbound = self.connections.values().find(|(_, by)| *by == Direction::Outbound);
        outbound.or_else(|| self.connections.values().next())
    }

    pub(super) fn is_outbound(&self) -> bool {
        self.connections.values().any(|(_, by)| *by == Direction::Outbound)
    }

    pub(super) fn status(&self, peer: PeerId, score: u32) -> Option<PeerStatus> {
        let (address, direction) = self.connection()?.clone();
        Some(PeerStatus {
            peer,
            address,
            direction,
            persistent: self.persistent,
            agent: self.agent.clone()?,
            since: self.since,
            score,
            round_trip: self.round_trip,
        })
    }
}

impl Service {
    pub(super) fn connected(
        &mut self,
        id: PeerId,
        connection: ConnectionId,
        endpoint: &ConnectedPoint,
    ) {
        let now = Instant::now();
        let persistent = self.dial_succeeded(connection, id, endpoint);
        let direction = if endpoint.is_dialer() { Direction::Outbound } else { Direction::Inbound };
        let (address, _) = parted(endpoint.get_remote_address());
        let limits = &self.config.limits;
        let peer = self.peers.entry(id).or_insert_with(|| Peer::new(limits, persistent, now));
        peer.persistent |= persistent;
        peer.connections.insert(connection, (address, direction));
    }

    pub(super) fn closed(&mut self, id: PeerId, connection: ConnectionId, remaining: u32) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.connections.remove(&connection);
        if remaining > 0 {
            return;
        }
        let was_known = peer.is_known();
        self.peers.remove(&id);
        if was_known {
            tracing::info!(net.peer = %id, "a peer is gone");
            self.picture();
            self.tell(PeerEvent::Disconnected { peer: id });
        }
    }

    pub(super) fn on_identify(&mut self, event: identify::Event) {
        let identify::Event::Received { connection_id, peer_id, info } = event else { return };
        if info.protocol_version != behaviour::protocol(&self.config.ledger) {
            tracing::info!(net.peer = %peer_id, "a peer is of another ledger or version");
            self.misbehaves(peer_id, Misbehaviour::Stranger);
            return;
        }
        let Some(peer) = self.peers.get_mut(&peer_id) else { return };
        let Some((address, direction)) = peer.connections.get(&connection_id).cloned() else {
            return;
        };
        let printable = info.agent_version.chars().filter(|char| !char.is_control());
        let was_known = peer.agent.replace(printable.take(AGENT_CHARS).collect()).is_some();
        match direction {
            Direction::Outbound => self.book.works(peer_id, address.clone(), discovery::now_ms()),
            Direction::Inbound => self.hear_of_itself(peer_id, &address, &info.listen_addrs),
        }
        if was_known {
            return;
        }
        tracing::info!(net.peer = %peer_id, net.address = %address, "a peer is connected");
        if direction == Direction::Outbound {
            self.exchange(peer_id, Instant::now());
        }
        // Who is told of it finds it in the picture.
        self.picture();
        self.tell(PeerEvent::Connected { peer: peer_id, address, direction });
    }

    /// A peer that came in says where it listens: believed only of the host it came from.
    fn hear_of_itself(&mut self, id: PeerId, from: &Multiaddr, listens: &[Multiaddr]) {
        let host = ip_of(from);
        let mut listens = listens.iter().map(|address| parted(address).0);
        if let Some(address) = listens.find(|address| host.is_some() && ip_of(address) == host) {
            self.book.hear(id, address, id);
        }
    }

    pub(super) fn on_ping(&mut self, event: &ping::Event) {
        let Some(peer) = self.peers.get_mut(&event.peer) else { return };
        match &event.result {
            Ok(round_trip) => {
                peer.round_trip = Some(*round_trip);
                peer.failed_pings = 0;
            }
            Err(_) => peer.failed_pings += 1,
        }
        if peer.failed_pings >= PING_FAILURES {
            tracing::info!(net.peer = %event.peer, "a peer no longer answers");
            self.disconnect(event.peer);
        }
    }

    /// Drops the connections over which nobody has said who he is.
    pub(super) fn drop_silent(&mut self, now: Instant) {
        let patience = self.config.pace.handshake;
        let is_silent =
            |peer: &Peer| !peer.is_known() && now.duration_since(peer.since) >= patience;
        let silent = self.peers.iter().filter(|(_, peer)| is_silent(peer));
        let silent: Vec<PeerId> = silent.map(|(id, _)| *id).collect();
        for id in silent {
            self.misbehaves(id, Misbehaviour::Silent);
            self.disconnect(id);
        }
    }

    fn disconnect(&mut self, id: PeerId) {
        // It fails only if the peer is no longer connected.
        let _ = self.swarm.disconnect_peer_id(id);
    }

    /// Holds a peer to account. Past the limit it is disconnected and left alone for a while; one
    /// that this node was told to stay with for a shorter while.
    pub(super) fn misbehaves(&mut self, id: PeerId, what: Misbehaviour) {
        let now = Instant::now();
        tracing::debug!(net.peer = %id, peer.misbehaviour = ?what, "a peer misbehaves");
        if !self.conduct.count(id, what, now) || self.conduct.is_banned(&id) {
            return;
        }
        let persistent = self.is_persistent(&id);
        let pace = &self.config.pace;
        let until = now + if persistent { pace.persistent_ban } else { pace.ban };
        tracing::warn!(net.peer = %id, peer.misbehaviour = ?what, "a peer is banned");
        self.conduct.ban(id, what, until);
        self.counts.bans += 1;
        self.book.forget(&id);
        // Who is of another ledger does no harm, and may share his address with a friend.
        let by_address = !persistent && what != Misbehaviour::Stranger;
        if let Some(peer) = self.peers.get(&id).filter(|_| by_address) {
            let hosts = peer.connections.values().filter_map(|(address, _)| ip_of(address));
            for host in hosts.collect::<Vec<_>>() {
                self.swarm.behaviour_mut().gate.refuse(host, until);
            }
        }
        self.swarm.behaviour_mut().banned.block_peer(id);
        self.picture();
    }

    pub(super) fn end_bans(&mut self, now: Instant) {
        for id in self.conduct.end_bans(now) {
            self.swarm.behaviour_mut().banned.unblock_peer(id);
        }
        self.swarm.behaviour_mut().gate.end_refusals(now);
    }
}
