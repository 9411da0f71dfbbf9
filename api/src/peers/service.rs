//! The thread of the network: it owns all connections and does one thing after the other.

mod connections;
mod discovery;
mod gossip;
mod requests;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arc_swap::ArcSwap;
use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender};
use futures_util::StreamExt;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId, Swarm};
use tokio::sync::{Notify, mpsc};
use tokio::time::MissedTickBehavior;

use self::connections::Peer;
use self::discovery::{Dialled, Persistent};
use self::gossip::Gossip;
pub(super) use self::gossip::header_of;
use self::requests::Requests;
use super::behaviour::{self, Behaviour, BehaviourEvent, Topics};
use super::book::{self, Book};
use super::config::PeersConfig;
use super::event::{PeerEvent, Return};
use super::misbehaviour::{Conduct, Misbehaviour};
use super::status::{Ban, Counts, PeerStatus, PeersStatus};
use super::wire::Ask;
use super::{Answer, CannotStart, NoAnswer};

/// What the node asks of the network.
pub(super) enum Command {
    Transitions(Vec<Bytes>),
    Block(Bytes),
    Ask(PeerId, Ask, Reply),
    Report(PeerId, Misbehaviour),
}

impl Command {
    /// The bytes that wait with it.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Transitions(batch) => batch.iter().map(Bytes::len).sum(),
            Self::Block(block) => block.len(),
            Self::Ask(..) | Self::Report(..) => 0,
        }
    }
}

/// Where an answer goes: once, also when the network ends first.
pub(super) struct Reply(Option<Box<dyn FnOnce(Answer) + Send>>);

impl Reply {
    pub(super) fn new(reply: impl FnOnce(Answer) + Send + 'static) -> Self {
        Self(Some(Box::new(reply)))
    }

    pub(super) fn give(mut self, answer: Answer) {
        if let Some(reply) = self.0.take() {
            reply(answer);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(reply) = self.0.take() {
            reply(Err(NoAnswer::Ended));
        }
    }
}

/// What the handle and the thread both see.
pub(super) struct Shared {
    pub(super) id: PeerId,
    pub(super) status: ArcSwap<PeersStatus>,
    /// Bytes that wait to be published.
    pub(super) publishing: AtomicUsize,
    /// That the network is to end.
    pub(super) end: Notify,
}

/// The network.
pub(super) struct Service {
    config: PeersConfig,
    topics: Topics,
    swarm: Swarm<Behaviour>,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    returns: mpsc::Receiver<Return>,
    /// Cloned into everything that the node has to answer.
    slips: mpsc::Sender<Return>,
    events: Sender<PeerEvent>,
    /// Peers that came or went while the node did not empty its events.
    untold: VecDeque<PeerEvent>,
    peers: HashMap<PeerId, Peer>,
    conduct: Conduct,
    persistent: Vec<Persistent>,
    dialled: Dialled,
    book: Book,
    kept: Instant,
    gossip: Gossip,
    requests: Requests,
    /// The number of the next thing that the node has to answer.
    next_number: u64,
    counts: Counts,
}

/// The commands that wait at most.
const COMMANDS: usize = 1_024;

/// What comes with a network: the thread's part, the handle's, the node's.
pub(super) struct Begun {
    pub(super) service: Service,
    pub(super) shared: Arc<Shared>,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) events: Receiver<PeerEvent>,
}

impl Service {
    /// Listens and reads the address book. Must be called within a tokio runtime.
    pub(super) fn begin(config: PeersConfig) -> Result<Begun, CannotStart> {
        let mut swarm = behaviour::network(&config)?;
        for address in &config.listen {
            swarm.listen_on(address.clone()).map_err(|error| CannotStart::Listen {
                address: address.clone(),
                reason: error.to_string(),
            })?;
        }
        for address in &config.announce {
            swarm.add_external_address(address.clone());
        }
        let limits = &config.limits;
        let id = *swarm.local_peer_id();
        let mut book = Book::new(limits.addresses, config.local, id, config.pace.redial);
        if let Some(path) = &config.book
            && let Err(error) = book.load(path)
        {
            let file = path.display();
            tracing::warn!(%file, error.message = %error, "the address book begins anew");
        }
        // What waits for the node is bounded: these channels have room for all of it.
        let owed = limits.judgements + limits.answering;
        let connections = (limits.inbound + limits.outbound) as usize + config.persistent.len();
        let (slips, returns) = mpsc::channel(2 * owed.max(1));
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let (sender, events) = crossbeam_channel::bounded(owed + 4 * connections + 64);
        let shared = Arc::new(Shared {
            id,
            status: ArcSwap::from_pointee(PeersStatus::of(id)),
            publishing: AtomicUsize::new(0),
            end: Notify::new(),
        });
        let now = Instant::now();
        let service = Self {
            topics: Topics::of(&config.ledger),
            swarm,
            shared: Arc::clone(&shared),
            commands: receiver,
            returns,
            slips,
            events: sender,
            untold: VecDeque::new(),
            peers: HashMap::new(),
            conduct: Conduct::new(limits.ban_score, limits.forgiven_per_minute),
            persistent: config.persistent.iter().map(|at| Persistent::at(at, now)).collect(),
            dialled: Dialled::default(),
            book,
            kept: now,
            gossip: Gossip::default(),
            requests: Requests::default(),
            next_number: 0,
            counts: Counts::default(),
            config,
        };
        Ok(Begun { service, shared, commands, events })
    }

    /// Runs until it is told to end, or nobody is left who could tell.
    pub(super) async fn run(mut self) {
        self.exempt_persistent();
        let mut tick = tokio::time::interval(self.config.pace.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let shared = Arc::clone(&self.shared);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_network(event),
                returned = self.returns.recv() => if let Some(returned) = returned {
                    self.on_return(returned);
                },
                command = self.commands.recv() => match command {
                    None => break,
                    Some(command) => self.on_command(command),
                },
                () = shared.end.notified() => break,
                _ = tick.tick() => self.on_tick(Instant::now()),
            }
        }
        if let (Some(path), Some(bytes)) = (&self.config.book, self.book.changes()) {
            book_kept(book::keep(path, &bytes));
        }
    }

    fn on_command(&mut self, command: Command) {
        self.shared.publishing.fetch_sub(command.bytes(), Ordering::Relaxed);
        match command {
            Command::Transitions(batch) => self.publish_transitions(batch),
            Command::Block(block) => self.publish_block(block),
            Command::Ask(peer, ask, reply) => self.ask(peer, ask, reply),
            Command::Report(peer, what) => self.misbehaves(peer, what),
        }
    }

    fn on_return(&mut self, returned: Return) {
        match returned {
            Return::Judged(number, verdict) => self.judged(number, verdict),
            Return::Answered(number, items) => self.answered(number, items),
        }
    }

    fn on_network(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.connected(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                self.closed(peer_id, connection_id, num_established);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.dial_failed(connection_id, &error);
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                tracing::info!(net.address = %address, net.id = %self.shared.id, "peers can reach this node");
                self.tell(PeerEvent::Listening(address));
                self.picture();
            }
            SwarmEvent::ListenerClosed { reason: Err(error), .. } => {
                tracing::error!(error.message = %error, "peers can no longer reach this node");
            }
            _ => {}
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Gossip(event) => self.on_gossip(event),
            BehaviourEvent::Asks(event) => self.on_request(event),
            BehaviourEvent::Identify(event) => self.on_identify(event),
            BehaviourEvent::Ping(event) => self.on_ping(&event),
            BehaviourEvent::Banned(never) => match never {},
            BehaviourEvent::Gate(never) => match never {},
            BehaviourEvent::Limits(never) => match never {},
        }
    }

    fn on_tick(&mut self, now: Instant) {
        self.end_bans(now);
        self.drop_silent(now);
        self.end_judgements(now);
        self.find_peers(now);
        self.keep_book(now);
        while let Some(event) = self.untold.pop_front() {
            if let Err(full) = self.events.try_send(event) {
                self.untold.push_front(full.into_inner());
                break;
            }
        }
        self.picture();
    }

    /// Tells the node; what it cannot be told now it is told later, in the same order.
    fn tell(&mut self, event: PeerEvent) {
        let most = 4 * (self.config.limits.inbound as usize + 64);
        let event = if self.untold.is_empty() {
            match self.events.try_send(event) {
                Ok(()) => return,
                Err(full) => full.into_inner(),
            }
        } else {
            event
        };
        if self.untold.len() >= most {
            self.untold.pop_front();
        }
        self.untold.push_back(event);
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    fn picture(&self) {
        let now = Instant::now();
        let mut peers: Vec<PeerStatus> = self
            .peers
            .iter()
            .filter_map(|(id, peer)| peer.status(*id, self.conduct.score(id, now)))
            .collect();
        peers.sort_by_key(|peer| peer.peer);
        let bans = self.conduct.bans();
        let mut bans: Vec<Ban> = bans
            .map(|(peer, ban)| Ban { peer: *peer, reason: ban.reason, until: ban.until })
            .collect();
        bans.sort_by_key(|ban| ban.peer);
        self.shared.status.store(Arc::new(PeersStatus {
            id: self.shared.id,
            listening: self.swarm.listeners().cloned().collect::<Vec<Multiaddr>>(),
            peers,
            bans,
            addresses: self.book.len(),
            counts: self.counts,
        }));
    }
}

fn book_kept(result: std::io::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(error.message = %error, "the address book could not be written");
    }
}
