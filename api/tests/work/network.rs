//! Nodes of one ledger of work on loopback, each with a folder of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::web::Bytes;
use chancery_api::node::standing::TransitionStanding;
use chancery_api::node::{Node, NodeConfig, Running, Unavailable, Verdict, WorkConfig};
use chancery_api::peers::{MAX_HEADERS, PeerEvent, Peers, PeersConfig};
use chancery_api::projection::DatabaseUrl;
use chancery_ledger::audit::{audit, scratch_in_memory};
use chancery_ledger::consensus::work::Standing;
use chancery_ledger::disk::Folder;
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Payload, Signing};
use chancery_ledger::work::WorkRules;
use chancery_registries::Registers;
use crossbeam_channel::Receiver;
use serde_json::{Value, json};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// How many blocks make one final.
pub(crate) const FINAL_DEPTH: u32 = 8;

pub(crate) struct Network {
    folder: tempfile::TempDir,
    pub(crate) genesis: Genesis,
    ports: Vec<u16>,
    nodes: Vec<Option<(Node, Running)>>,
}

pub(crate) struct Stranger {
    pub(crate) peers: Peers,
    events: Receiver<PeerEvent>,
}

impl Stranger {
    /// Waits until it is told of something.
    pub(crate) fn hears(&self, is_it: impl Fn(&PeerEvent) -> bool) {
        let began = Instant::now();
        while !self.events.recv_timeout(PATIENCE).is_ok_and(|event| is_it(&event)) {
            assert!(began.elapsed() < PATIENCE);
        }
    }

    /// The headers of the node that it is connected with.
    pub(crate) fn asks_for_headers(&self) -> Vec<Bytes> {
        let (answer, answered) = std::sync::mpsc::channel();
        let peer = self.peers.status().peers[0].peer;
        self.peers.request_headers(peer, &[], MAX_HEADERS, move |headers| {
            answer.send(headers.unwrap()).unwrap();
        });
        answered.recv_timeout(PATIENCE).unwrap()
    }

    /// Shows these headers to who asks, and has the blocks of none.
    pub(crate) fn shows_headers_alone(self, headers: Vec<Bytes>) {
        std::thread::spawn(move || {
            let _connected = self.peers;
            for event in self.events {
                match event {
                    PeerEvent::HeadersAsked { answer, .. } => answer.send(headers.clone()),
                    PeerEvent::BlocksAsked { answer, .. } => answer.send(Vec::new()),
                    _ => {}
                }
            }
        });
    }

    /// Says something again and again, numbered, until the node has had enough of it. What is said before the
    /// node has subscribed reaches nobody.
    pub(crate) fn says_until_it_is_thrown_out(&self, say: impl Fn(&Peers, u64)) {
        let began = Instant::now();
        for number in 0.. {
            say(&self.peers, number);
            match self.events.recv_timeout(Duration::from_millis(200)) {
                Ok(PeerEvent::Disconnected { .. }) => return,
                _ => assert!(began.elapsed() < PATIENCE, "it is still there"),
            }
        }
    }
}

/// How a node takes part.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) mines: bool,
    pub(crate) knows_others: bool,
}

/// It mines and dials the others.
pub(crate) const ALL: Part = Part { mines: true, knows_others: true };

fn key(name: &str, number: usize) -> SecretKey {
    SecretKey::from_seed(&Hash::of(&[name.as_bytes(), &number.to_be_bytes()]).0)
}

fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::default().plus_ms(since_1970.as_millis() as u64)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The party of this number is created.
pub(crate) fn creation(genesis: &Genesis, number: usize) -> (Hash, Bytes) {
    let by = key("party", number);
    let action =
        json!({"register": "identity", "action": "create", "kind": "person", "key": by.public()});
    let payload: Payload<Value> = Payload {
        ledger: genesis.ledger(),
        id: format!("t{number}"),
        not_after: genesis.statement().created.plus_ms(600_000),
        actions: vec![action],
    };
    let signing = Signing::of(&payload).unwrap().sign(&by);
    (signing.id(), signing.to_bytes().into())
}

impl Network {
    /// So many nodes, none of which runs yet. A block takes about 260,000 hashes at first: less would
    /// let a node come further by itself, before it meets the others, than blocks may be replaced.
    pub(crate) fn of(count: usize) -> Self {
        let genesis = Genesis::found(&Statement {
            version: 1,
            name: "work".into(),
            created: now(),
            root: RootAuthority { threshold: 1, keys: vec![key("root", 0).public()] },
            consensus: Consensus::Work(WorkRules {
                easiest_target: format!("{:0<64}", "7fff").parse().unwrap(),
                first_target: format!("{:0<64}", "00003f").parse().unwrap(),
                spacing_ms: 400,
                half_life_ms: 4_000,
                final_depth: FINAL_DEPTH,
            }),
            transition_window_ms: 3_600_000,
        });
        Self {
            folder: tempfile::tempdir().unwrap(),
            genesis: genesis.unwrap(),
            ports: (0..count).map(|_| free_port()).collect(),
            nodes: (0..count).map(|_| None).collect(),
        }
    }

    fn data(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("node{node}"))
    }

    pub(crate) fn start_all(&mut self) {
        for node in 0..self.nodes.len() {
            self.start(node, ALL);
        }
    }

    pub(crate) fn start(&mut self, node: usize, part: Part) {
        let data = self.data(node);
        std::fs::create_dir_all(&data).unwrap();
        let address = |port: &u16| format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
        let others = self.ports.iter().enumerate().filter(|(other, _)| *other != node);
        let peers = others.map(|(_, port)| address(port)).collect();
        let work = WorkConfig {
            listen: Some(address(&self.ports[node])),
            peers: if part.knows_others { peers } else { Vec::new() },
            miner_threads: usize::from(part.mines),
        };
        let started = Node::start(NodeConfig {
            database: DatabaseUrl::Sqlite(data.join("registry.sqlite")),
            data,
            genesis: Some(self.genesis.clone()),
            key: key("node", node),
            verifiers: 1,
            projects: true,
            pool: None,
            work,
        });
        self.nodes[node] = Some(started.unwrap());
    }

    pub(crate) fn node(&self, node: usize) -> &Node {
        &self.nodes[node].as_ref().unwrap().0
    }

    /// A stranger of the same ledger that is connected with a node, says what it likes, and is no node itself.
    pub(crate) fn stranger(&self, node: usize, seed: u8) -> Stranger {
        let mut config = PeersConfig::new(self.genesis.ledger(), [seed; 32]);
        config.blocks = true;
        config.local = true;
        config.persistent =
            vec![format!("/ip4/127.0.0.1/tcp/{}", self.ports[node]).parse().unwrap()];
        let (peers, events) = Peers::start(config).unwrap();
        let stranger = Stranger { peers, events };
        stranger.hears(|event| matches!(event, PeerEvent::Connected { .. }));
        stranger
    }

    pub(crate) fn stop(&mut self, node: usize) {
        if let Some((_, running)) = self.nodes[node].take() {
            running.stop();
        }
    }

    pub(crate) fn stop_all(&mut self) {
        for node in 0..self.nodes.len() {
            self.stop(node);
        }
    }

    pub(crate) fn wipe(&self, node: usize) {
        std::fs::remove_dir_all(self.data(node)).unwrap();
    }

    /// Creates the party of this number at a node.
    pub(crate) async fn submit(&self, node: usize, number: usize) -> Result<Verdict, Unavailable> {
        self.node(node).submit(creation(&self.genesis, number).1).await
    }

    /// Waits until a condition holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < PATIENCE, "{what}: {:?}", self.heights());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Height and final height of each node that runs.
    pub(crate) fn heights(&self) -> Vec<(u64, u64)> {
        let running = self.nodes.iter().flatten();
        running
            .map(|(node, _)| node.network())
            .map(|network| (network.height, network.final_height))
            .collect()
    }

    /// How the party's creation stands at a node.
    pub(crate) async fn standing(&self, node: usize, number: usize) -> Option<Standing> {
        let id = creation(&self.genesis, number).0;
        match self.node(node).standing(id).await.unwrap() {
            Some(TransitionStanding::Known(standing)) => Some(standing),
            other => {
                assert!(other.is_none(), "{other:?}");
                None
            }
        }
    }

    /// Waits until this many transitions are final on all nodes that run, and compares what is final.
    pub(crate) async fn all_agree_on(&self, transitions: u64) {
        let views: Vec<_> = self.nodes.iter().flatten().map(|(node, _)| node.view()).collect();
        let enough = || views.iter().all(|view| view.tip().header.log_size >= transitions);
        self.until("so many final transitions on all", enough).await;
        let common = views.iter().map(|view| view.tip().header.height).min().unwrap();
        for height in 0..=common {
            let hash =
                |view: &&chancery_ledger::view::View| view.sealed_header(height).unwrap().0.hash();
            let hashes: Vec<_> = views.iter().map(hash).collect();
            assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]), "block {height}: {hashes:?}");
        }
    }

    /// Every folder replays from the genesis.
    pub(crate) fn audits_agree(&self) {
        for node in 0..self.nodes.len() {
            let folder = Arc::new(Folder::open(self.data(node)).unwrap());
            let anchor = Some(&self.genesis);
            let rules = Arc::new(Registers);
            let report = audit(folder, anchor, rules, scratch_in_memory(), 2, &mut |_| {});
            let report = report.unwrap_or_else(|finding| panic!("node {node}: {finding}"));
            assert!(report.blocks > 1, "node {node}");
        }
    }
}
