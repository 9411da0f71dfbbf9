//! A node of the tests: it waits for what it is told, and never for time to pass.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chancery_api::peers::{Judge, Multiaddr, PeerEvent, PeerId, Peers, PeersConfig, PeersStatus};
use chancery_ledger::block::{Block, Header};
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::time::Time;
use crossbeam_channel::Receiver;

/// What nothing here takes: a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The ledger of most tests.
pub(crate) const LEDGER: Hash = Hash([7; 32]);

/// A node and what it is told.
pub(crate) struct Node {
    pub(crate) peers: Peers,
    pub(crate) events: Receiver<PeerEvent>,
    pub(crate) address: Multiaddr,
}

/// A node of this ledger that listens on this machine, with everything done soon.
pub(crate) fn config(seed: u8) -> PeersConfig {
    let mut config = PeersConfig::new(LEDGER, [seed; 32]);
    config.listen = vec![any_port()];
    config.blocks = true;
    config.local = true;
    config.pace.tick = Duration::from_millis(20);
    config.pace.redial = Duration::from_millis(50);
    config.pace.exchange = Duration::from_millis(200);
    config
}

/// One that keeps to the peers that it was told of.
pub(crate) fn fixed(seed: u8, persistent: &[&Node]) -> PeersConfig {
    let mut config = config(seed);
    config.limits.outbound = 0;
    config.pace.exchange = Duration::from_secs(3_600);
    config.persistent = persistent.iter().map(|node| node.address.clone()).collect();
    config
}

pub(crate) fn any_port() -> Multiaddr {
    "/ip4/127.0.0.1/tcp/0".parse().expect("an address")
}

impl Node {
    pub(crate) fn start(config: PeersConfig) -> Self {
        let listens = !config.listen.is_empty();
        let (peers, events) = Peers::start(config).expect("the network begins");
        let mut node = Self { peers, events, address: Multiaddr::empty() };
        if listens {
            node.address = node.until("it listens", |event| match event {
                PeerEvent::Listening(address) => Some(address),
                _ => None,
            });
        }
        node
    }

    pub(crate) fn id(&self) -> PeerId {
        self.peers.id()
    }

    /// The first event that is it; others before are dropped, which ignores and declines them.
    pub(crate) fn until<T>(&self, what: &str, mut is_it: impl FnMut(PeerEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.events.recv_deadline(deadline) {
                Ok(event) => {
                    if let Some(found) = is_it(event) {
                        return found;
                    }
                }
                Err(error) => panic!("not seen in time: {what}: {error}"),
            }
        }
    }

    pub(crate) fn until_connected(&self, other: PeerId) {
        self.until("a peer is connected", |event| match event {
            PeerEvent::Connected { peer, .. } if peer == other => Some(()),
            _ => None,
        });
    }

    pub(crate) fn until_gone(&self, other: PeerId) {
        self.until("a peer is gone", |event| match event {
            PeerEvent::Disconnected { peer } if peer == other => Some(()),
            _ => None,
        });
    }

    pub(crate) fn next_batch(&self) -> (PeerId, Vec<Bytes>, Judge) {
        self.until("a batch of transitions", |event| match event {
            PeerEvent::Transitions { from, batch, judge } => Some((from, batch, judge)),
            _ => None,
        })
    }

    pub(crate) fn next_block(&self) -> (PeerId, Bytes, Judge) {
        self.until("a block", |event| match event {
            PeerEvent::Block { from, block, judge, .. } => Some((from, block, judge)),
            _ => None,
        })
    }

    /// Waits until the picture of the network shows it.
    pub(crate) fn until_status(
        &self,
        what: &str,
        shows: impl Fn(&PeersStatus) -> bool,
    ) -> Arc<PeersStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.peers.status();
            if shows(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "not seen in time: {what}: {status:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.peers.shutdown();
    }
}

/// Nodes in a line: each is connected with the next, and with no other.
pub(crate) fn line(count: u8) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for seed in 1..=count {
        let before: Vec<&Node> = nodes.last().into_iter().collect();
        let node = Node::start(fixed(seed, &before));
        if let Some(before) = before.first() {
            node.until_connected(before.id());
            before.until_connected(node.id());
        }
        nodes.push(node);
    }
    for (at, node) in nodes.iter().enumerate() {
        let neighbours = usize::from(at > 0) + usize::from(at + 1 < nodes.len());
        assert_eq!(node.peers.status().peers.len(), neighbours);
    }
    nodes
}

/// Publishes until the other has it: peers learn of each other's topics a moment after they connect,
/// and what is published before goes to nobody.
pub(crate) fn introduce(from: &Node, to: &Node) {
    let deadline = Instant::now() + PATIENCE;
    for round in 0_u32.. {
        let hello = Bytes::from(format!("hello {} {round}", from.id()));
        from.peers.publish_transitions(vec![hello]).expect("published");
        while let Ok(event) = to.events.recv_timeout(Duration::from_millis(50)) {
            if let PeerEvent::Transitions { judge, .. } = event {
                return judge.ignore();
            }
        }
        assert!(Instant::now() < deadline, "nothing published reaches the other");
    }
}

/// A block of a ledger of these many bytes or a little more, which nobody would find good.
pub(crate) fn block(ledger: Hash, height: u64, bytes: usize) -> (Hash, Bytes) {
    let header = Header {
        ledger,
        height,
        previous: Hash::empty(),
        time: Time::from_ms(height).expect("a time"),
        body_root: Hash::empty(),
        log_size: 0,
        log_root: Hash::empty(),
        state_root: Hash::empty(),
        pool: Hash::empty(),
    };
    let entries = vec![vec![height as u8; 60_000]; bytes.div_ceil(60_000)];
    let hash = header.hash();
    (hash, Bytes::from(Block { header, seal: Seal::Genesis, entries }.encode()))
}

pub(crate) fn batch(texts: &[&str]) -> Vec<Bytes> {
    texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect()
}
