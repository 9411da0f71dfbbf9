//! Whom to dial: the persistent peers always, others from the book, of different neighbourhoods.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use libp2p::core::ConnectedPoint;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, DialError};
use libp2p::{Multiaddr, PeerId};

use super::super::address::parted;
use super::super::book::{self, public_neighbourhood};
use super::super::event::Direction;
use super::super::wire::{Ask, MAX_ADDRESS_BYTES, MAX_ADDRESSES};
use super::{Service, book_kept};

/// Dials that are begun at once.
const DIALS_PER_TICK: usize = 4;
/// The longest pause of a persistent peer is so many doublings of the first.
const DOUBLINGS: u32 = 6;
/// How often the book is written if it has changed.
const KEEP_EVERY: Duration = Duration::from_secs(30);

/// A peer to stay connected with.
pub(super) struct Persistent {
    address: Multiaddr,
    /// Who it is, once that is known.
    peer: Option<PeerId>,
    failures: u32,
    not_before: Instant,
    dialling: Option<ConnectionId>,
    /// It is this node itself: nobody to dial.
    own: bool,
}

impl Persistent {
    pub(super) fn at(address: &Multiaddr, now: Instant) -> Self {
        let (address, peer) = parted(address);
        Self { address, peer, failures: 0, not_before: now, dialling: None, own: false }
    }
}

/// Dials of addresses from the book that are under way.
#[derive(Default)]
pub(super) struct Dialled(HashMap<ConnectionId, (PeerId, Multiaddr)>);

impl Service {
    pub(super) fn is_persistent(&self, id: &PeerId) -> bool {
        self.persistent.iter().any(|persistent| persistent.peer.as_ref() == Some(id))
    }

    /// A persistent peer that comes by itself finds a place also when all are taken.
    pub(super) fn exempt_persistent(&mut self) {
        let known: Vec<PeerId> = self.persistent.iter().filter_map(|at| at.peer).collect();
        for id in known {
            self.swarm.behaviour_mut().limits.bypass_peer_id(&id);
        }
    }

    pub(super) fn find_peers(&mut self, now: Instant) {
        self.dial_persistent(now);
        self.dial_others(now);
        self.exchange_with_one(now);
    }

    fn dial_persistent(&mut self, now: Instant) {
        for at in 0..self.persistent.len() {
            let persistent = &self.persistent[at];
            let connected = persistent.peer.is_some_and(|id| self.peers.contains_key(&id));
            let banned = persistent.peer.is_some_and(|id| self.conduct.is_banned(&id));
            let waits = persistent.dialling.is_some() || persistent.not_before > now;
            if connected || banned || waits || persistent.own {
                continue;
            }
            let options = match persistent.peer {
                Some(id) => dial(id, persistent.address.clone()),
                None => DialOpts::unknown_peer_id()
                    .address(persistent.address.clone())
                    .allocate_new_port()
                    .build(),
            };
            let connection = options.connection_id();
            self.persistent[at].dialling = Some(connection);
            if let Err(error) = self.swarm.dial(options) {
                self.dial_failed(connection, &error);
            }
        }
    }

    fn dial_others(&mut self, now: Instant) {
        for _ in 0..DIALS_PER_TICK {
            let outbound = self.peers.values().filter(|p| p.is_outbound() && !p.persistent);
            if outbound.count() + self.dialled.0.len() >= self.config.limits.outbound as usize {
                return;
            }
            let Some((id, address)) = self.book.choose(now, |id, at| self.is_wanted(id, at)) else {
                return;
            };
            let options = dial(id, address.clone());
            let connection = options.connection_id();
            self.dialled.0.insert(connection, (id, address));
            if let Err(error) = self.swarm.dial(options) {
                self.dial_failed(connection, &error);
            }
        }
    }

    /// Not one that is connected, banned or being dialled, and not one more of a neighbourhood that
    /// already has its share of the outbound peers.
    fn is_wanted(&self, id: &PeerId, address: &Multiaddr) -> bool {
        let dialling = |dialled: &(PeerId, Multiaddr)| dialled.0 == *id;
        if self.peers.contains_key(id)
            || self.conduct.is_banned(id)
            || self.is_persistent(id)
            || self.dialled.0.values().any(dialling)
        {
            return false;
        }
        let near = public_neighbourhood(address);
        if near.is_none() {
            // Local, and in the book only where local addresses are free of this.
            return true;
        }
        let connected = self.peers.values().flat_map(|peer| peer.connections.values());
        let connected = connected.filter(|(_, by)| *by == Direction::Outbound).map(|(at, _)| at);
        let dialled = self.dialled.0.values().map(|(_, at)| at);
        let neighbours = connected.chain(dialled).filter(|at| public_neighbourhood(at) == near);
        neighbours.count() < self.config.limits.outbound_per_neighbourhood as usize
    }

    /// Notes who was reached; whether it is a persistent peer.
    pub(super) fn dial_succeeded(
        &mut self,
        connection: ConnectionId,
        id: PeerId,
        endpoint: &ConnectedPoint,
    ) -> bool {
        if endpoint.is_dialer() {
            self.dialled.0.remove(&connection);
            if let Some(found) = self.persistent.iter_mut().find(|p| p.dialling == Some(connection))
            {
                found.dialling = None;
                found.failures = 0;
                // Until the connection has lasted, it is not dialled again at once.
                found.not_before = Instant::now() + self.config.pace.redial;
                found.peer = Some(id);
                self.swarm.behaviour_mut().limits.bypass_peer_id(&id);
            }
        }
        self.is_persistent(&id)
    }

    pub(super) fn dial_failed(&mut self, connection: ConnectionId, error: &DialError) {
        let now = Instant::now();
        let own = matches!(error, DialError::LocalPeerId { .. });
        let other = matches!(error, DialError::WrongPeerId { .. });
        if let Some((id, address)) = self.dialled.0.remove(&connection) {
            tracing::debug!(net.address = %address, error.message = %error, "a peer is not there");
            if other {
                self.book.forget(&id)
            } else {
                self.book.fails(&id, now)
            }
            return;
        }
        let redial = self.config.pace.redial;
        let Some(found) = self.persistent.iter_mut().find(|p| p.dialling == Some(connection))
        else {
            return;
        };
        let (address, failures) = (&found.address, found.failures);
        tracing::debug!(net.address = %address, dial.failures = failures, error.message = %error, "a persistent peer is not there");
        found.dialling = None;
        found.own = own;
        found.failures = found.failures.saturating_add(1);
        found.not_before = now + redial * (1 << found.failures.min(DOUBLINGS));
    }

    /// Asks a peer that this node chose for others that it knows. Those that came by themselves are
    /// not asked: they would tell of their own kind.
    pub(super) fn exchange(&mut self, id: PeerId, now: Instant) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.exchanged = Some(now);
            self.ask_for_addresses(id);
        }
    }

    fn exchange_with_one(&mut self, now: Instant) {
        let every = self.config.pace.exchange;
        let due = self.peers.iter().find(|(_, peer)| {
            let is_due = peer.exchanged.is_none_or(|at| now.duration_since(at) >= every);
            peer.is_known() && (peer.is_outbound() || peer.persistent) && is_due
        });
        if let Some(id) = due.map(|(id, _)| *id) {
            self.exchange(id, now);
        }
    }

    fn ask_for_addresses(&mut self, id: PeerId) {
        self.send_ask(id, Ask::Addresses, None);
    }

    /// What this node tells of others.
    pub(super) fn addresses_to_tell(&self, asker: &PeerId) -> Vec<Bytes> {
        let connected = |id: &PeerId| self.peers.get(id).is_some_and(|peer| peer.is_known());
        let known = self.book.sample(MAX_ADDRESSES, connected);
        let others = known.into_iter().filter(|(id, _)| id != asker);
        let full = others.filter_map(|(id, address)| address.with_p2p(id).ok());
        full.map(|address| Bytes::from(address.to_string())).collect()
    }

    /// What a peer has told of others; whether it is of the right form.
    pub(super) fn addresses_told(&mut self, from: PeerId, items: &[Bytes]) -> bool {
        for item in items {
            let text =
                std::str::from_utf8(item).ok().filter(|text| text.len() <= MAX_ADDRESS_BYTES);
            let address = text.and_then(|text| text.parse::<Multiaddr>().ok());
            match address.as_ref().map(parted) {
                Some((address, Some(id))) => self.book.hear(id, address, from),
                _ => return false,
            }
        }
        true
    }

    pub(super) fn keep_book(&mut self, now: Instant) {
        let Some(path) = self.config.book.clone() else { return };
        if now.duration_since(self.kept) < KEEP_EVERY {
            return;
        }
        self.kept = now;
        if let Some(bytes) = self.book.changes() {
            // The disk may take its time; this thread does not wait for it.
            tokio::task::spawn_blocking(move || book_kept(book::keep(&path, &bytes)));
        }
    }
}

/// From a port of its own: the one that this node listens on is for others.
fn dial(id: PeerId, address: Multiaddr) -> DialOpts {
    DialOpts::peer_id(id).addresses(vec![address]).allocate_new_port().build()
}

/// Milliseconds since 1970, for the book alone.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
