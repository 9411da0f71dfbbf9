//! Nodes of one pool on loopback, each with a folder of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::web::Bytes;
use chancery_api::node::{Node, NodeConfig, PoolConfig, Running, Unavailable, Verdict};
use chancery_api::projection::DatabaseUrl;
use chancery_ledger::audit::{audit, scratch_in_memory};
use chancery_ledger::chain::Chain;
use chancery_ledger::disk::Folder;
use chancery_ledger::execution::{Object as _, Stored};
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Entry, Payload, Signing};
use chancery_ledger::view::View;
use chancery_registries::Registers;
use chancery_registries::validators::{Equivocation, Step};
use serde_json::{Value, json};

use crate::liar::Liar;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Network {
    folder: tempfile::TempDir,
    genesis: Genesis,
    ports: Vec<u16>,
    nodes: Vec<Option<(Node, Running)>>,
    began: Instant,
}

pub(crate) fn key(number: usize) -> SecretKey {
    SecretKey::from_seed(&Hash::of(&[b"validator", &number.to_be_bytes()]).0)
}

fn party(number: usize) -> SecretKey {
    SecretKey::from_seed(&Hash::of(&[b"party", &number.to_be_bytes()]).0)
}

fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::default().plus_ms(since_1970.as_millis() as u64)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn equivocations_in(view: &View, validator: usize, step: Step) -> Vec<Equivocation> {
    let (key, tip) = (key(validator).public(), view.tip().header.height);
    let at = |height| {
        let id = Equivocation::id_of(height, 0, step, &key);
        view.object(Equivocation::REGISTER, Equivocation::KIND, &id, tip).unwrap()
    };
    let found = (1..=tip).filter_map(at);
    found.map(|bytes| Stored::<Equivocation>::decode(&bytes).unwrap().value).collect()
}

/// Waits until something is so.
pub(crate) async fn is_soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "not so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Network {
    /// A pool of so many, none of which runs yet.
    pub(crate) fn of(count: usize) -> Self {
        let validators = (0..count).map(|number| Validator {
            name: format!("node {number}"),
            key: key(number).public(),
            power: 1,
        });
        let genesis = Genesis::found(&Statement {
            version: 1,
            name: "pool".into(),
            created: now(),
            root: RootAuthority { threshold: 1, keys: vec![party(1000).public()] },
            consensus: Consensus::Pool(Pool { validators: validators.collect() }),
            transition_window_ms: 3_600_000,
        });
        Self {
            folder: tempfile::tempdir().unwrap(),
            genesis: genesis.unwrap(),
            ports: (0..count).map(|_| free_port()).collect(),
            nodes: (0..count).map(|_| None).collect(),
            began: Instant::now(),
        }
    }

    fn data(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("node{node}"))
    }

    pub(crate) fn start_all(&mut self) {
        for node in 0..self.nodes.len() {
            self.start(node);
        }
    }

    pub(crate) fn start(&mut self, node: usize) {
        let data = self.data(node);
        std::fs::create_dir_all(&data).unwrap();
        let address = |port: &u16| format!("/ip4/127.0.0.1/tcp/{port}");
        let others = self.ports.iter().enumerate().filter(|(other, _)| *other != node);
        let pool = PoolConfig {
            listen: address(&self.ports[node]),
            peers: others.map(|(_, port)| address(port)).collect(),
            propose_timeout: Duration::from_millis(400),
            vote_timeout: Duration::from_millis(200),
            timeout_growth: Duration::from_millis(100),
            heartbeat: Duration::from_secs(2),
        };
        let started = Node::start(NodeConfig {
            database: DatabaseUrl::Sqlite(data.join("registry.sqlite")),
            data,
            genesis: Some(self.genesis.clone()),
            key: key(node),
            verifiers: 1,
            projects: true,
            pool: Some(pool),
            work: Default::default(),
        });
        self.nodes[node] = Some(started.unwrap());
    }

    /// One more node whose key is no validator's.
    pub(crate) fn add_follower(&mut self) -> usize {
        self.ports.push(free_port());
        self.nodes.push(None);
        let node = self.nodes.len() - 1;
        self.start(node);
        node
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
        let by = party(number);
        let action = json!({"register": "identity", "action": "create", "kind": "person", "key": by.public()});
        let payload: Payload<Value> = Payload {
            ledger: self.genesis.ledger(),
            id: format!("t{number}"),
            not_after: now().plus_ms(600_000),
            actions: vec![action],
        };
        let bytes = Signing::of(&payload).unwrap().sign(&by).to_bytes();
        self.nodes[node].as_ref().unwrap().0.submit(Bytes::from(bytes)).await
    }

    pub(crate) async fn all_agree_on(&self, transitions: u64) {
        let all: Vec<usize> = (0..self.nodes.len()).collect();
        self.nodes_agree_on(&all, transitions).await;
    }

    /// Waits until these nodes hold so many transitions, and compares what they hold.
    pub(crate) async fn nodes_agree_on(&self, nodes: &[usize], transitions: u64) {
        let began = Instant::now();
        let views: Vec<_> =
            nodes.iter().map(|node| self.nodes[*node].as_ref().unwrap().0.view()).collect();
        while views.iter().any(|view| view.tip().header.log_size < transitions) {
            let sizes: Vec<_> = views.iter().map(|view| view.tip().header.log_size).collect();
            assert!(began.elapsed() < PATIENCE, "{sizes:?} of {transitions}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let common = views.iter().map(|view| view.tip().header.height).min().unwrap();
        for height in 0..=common {
            let hash =
                |view: &&chancery_ledger::view::View| view.sealed_header(height).unwrap().0.hash();
            let hashes: Vec<_> = views.iter().map(hash).collect();
            assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]), "block {height}: {hashes:?}");
        }
    }

    pub(crate) fn node(&self, node: usize) -> &Node {
        &self.nodes[node].as_ref().unwrap().0
    }

    pub(crate) fn height(&self, node: usize) -> u64 {
        self.node(node).view().tip().header.height
    }

    /// With how many members of the pool a node is connected, itself among them.
    pub(crate) fn connected(&self, node: usize) -> usize {
        let pool = self.node(node).network().pool.unwrap();
        pool.validators.iter().filter(|member| member.connected).count()
    }

    /// Where the log of a node's votes is, in a folder that is there.
    pub(crate) fn votes(&self, node: usize) -> PathBuf {
        let folder = self.data(node).join("agreement");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("consensus.wal")
    }

    /// A validator that votes twice in the place of a node.
    pub(crate) async fn liar(&self, validator: usize) -> Liar {
        let others = self.ports.iter().enumerate().filter(|(other, _)| *other != validator);
        let peers: Vec<_> = others.map(|(_, port)| format!("/ip4/127.0.0.1/tcp/{port}")).collect();
        Liar::start(self.genesis.ledger(), key(validator), &peers).await
    }

    /// The first equivocation of a validator in the first round of a height that a node has on record.
    pub(crate) fn equivocation(
        &self,
        node: usize,
        validator: usize,
        step: Step,
    ) -> Option<Equivocation> {
        equivocations_in(self.node(node).view(), validator, step).into_iter().next()
    }

    /// How many there are in the folder of the first node.
    pub(crate) fn equivocations(&self, validator: usize, step: Step) -> usize {
        equivocations_in(&self.opened(0), validator, step).len()
    }

    /// How many transitions with such an action are in the log of a node that has stopped.
    pub(crate) fn transitions_with(&self, node: usize, action: &str) -> usize {
        let view = self.opened(node);
        let action = format!(r#""action":"{action}""#);
        let has = |position: u64| {
            let entry = view.entry(position).unwrap();
            let entry = Entry::decode(&entry).unwrap();
            let signing: Signing = serde_json::from_slice(entry.transition).unwrap();
            String::from_utf8(signing.payload()).unwrap().contains(&action)
        };
        (0..view.tip().header.log_size).filter(|position| has(*position)).count()
    }

    fn opened(&self, node: usize) -> View {
        let folder = Arc::new(Folder::open(self.data(node)).unwrap());
        Chain::open(folder, Arc::new(Registers)).unwrap().chain.view()
    }

    /// Fails when the test has taken too long.
    pub(crate) fn is_patient(&self) {
        assert!(self.began.elapsed() < PATIENCE, "it takes too long");
    }

    /// Every folder replays from the genesis, to the same blocks.
    pub(crate) fn audits_agree(&self) {
        let all: Vec<usize> = (0..self.nodes.len()).collect();
        self.audits_agree_of(&all);
    }

    /// The folders of these nodes replay from the genesis, to the same blocks.
    pub(crate) fn audits_agree_of(&self, nodes: &[usize]) {
        for node in nodes.iter().copied() {
            let folder = Arc::new(Folder::open(self.data(node)).unwrap());
            let anchor = Some(&self.genesis);
            let rules = Arc::new(Registers);
            let report = audit(folder, anchor, rules, scratch_in_memory(), 2, &mut |_| {});
            let report = report.unwrap_or_else(|finding| panic!("node {node}: {finding}"));
            assert!(report.blocks > 1, "node {node}");
        }
    }
}
