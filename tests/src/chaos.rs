//! The chaos driver: a network of real nodes under load, to which everything happens that happens to
//! nodes, and at the end the question whether they still agree and have kept every promise.

mod clerks;
mod cluster;
mod judgement;
mod membership;
mod namespaces;
mod proxy;
mod scenes;
mod strangers;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use chancery_client::{Client, SecretKey};
use chancery_ledger::hash::Hash;

use crate::damage::Random;
use crate::node::NodeError;
use clerks::Clerks;
use cluster::Cluster;

pub use cluster::free_ports;
pub use scenes::{ALL, Scene};

/// How to go about it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How long scenes are begun; the last one is played to its end.
    pub during: Duration,
    /// What is played, in this order and again from the beginning while there is time. With
    /// `each_once`, each once and whatever time that takes.
    pub scenes: Vec<Scene>,
    /// Whether each scene is played once.
    pub each_once: bool,
    /// The seed of every choice.
    pub seed: u64,
    /// How many clients hand in transitions.
    pub clerks: usize,
    /// How many transitions they hand in a second.
    pub rate_per_s: u64,
    /// Whether each node has a network namespace of its own, which takes the rights to make them (Linux).
    pub in_namespaces: bool,
}

/// What it came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// How often each scene was played.
    pub scenes: BTreeMap<&'static str, u32>,
    /// Nodes that were killed, stopped, wiped, cut off and so on.
    pub injected: BTreeMap<&'static str, u64>,
    /// Transitions of which a node had said where they stand.
    pub acknowledged: u64,
    /// Answers that refused: by the rules, or because nothing could be decided.
    pub refusals: u64,
    /// The height of all nodes at the end.
    pub height: u64,
    /// How long clients waited, p50 and p99, faults included.
    pub latency_ms: (u32, u32),
    /// How long nodes took to catch up.
    pub catch_ups: Vec<Duration>,
    /// The most memory that a node had, in KiB.
    pub peak_kib: u64,
    /// Audits that were clean.
    pub audits: u64,
    /// What did not hold.
    pub faults: Vec<String>,
}

/// Why the harness itself could not go on.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// A node does not start.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// A ledger does not open.
    #[error(transparent)]
    Ledger(#[from] chancery_ledger::error::Error),
    /// A node does not answer as it should.
    #[error(transparent)]
    Client(#[from] chancery_client::Error),
    /// Something that the harness needs has said no.
    #[error("{0}")]
    Said(String),
}

impl HarnessError {
    fn said(error: &dyn std::fmt::Display) -> Self {
        Self::Said(error.to_string())
    }
}

/// What a look at the network may find.
type Looked<T> = Result<Option<T>, HarnessError>;

/// Validators of the network.
const VALIDATORS: u16 = 4;

/// What scenes are played on.
struct Stage {
    cluster: Cluster,
    clerks: Clerks,
    root: SecretKey,
    random: Random,
    figures: Figures,
}

/// Plays the scenes in an empty folder.
pub async fn run(plan: &Plan, folder: &Path) -> Result<Figures, HarnessError> {
    let root = SecretKey::from_seed(Hash::of(&[b"chaos root"]).as_bytes());
    let cluster = Cluster::found(folder, VALIDATORS, &root.public(), plan.in_namespaces).await?;
    // The first client sets up TLS for all that the clerks make for themselves.
    Client::new("http://127.0.0.1")?;
    let (genesis, addresses) = (cluster.genesis(), cluster.addresses());
    let clerks = Clerks::start(genesis, addresses, plan.clerks, plan.rate_per_s);
    let random = Random::from_seed(plan.seed);
    let mut stage = Stage { cluster, clerks, root, random, figures: Figures::default() };
    let began = Instant::now();
    stage.open().await?;
    let rounds = plan.scenes.iter().cycle();
    for (number, scene) in rounds.enumerate() {
        let enough = match plan.each_once {
            true => number >= plan.scenes.len(),
            false => began.elapsed() >= plan.during,
        };
        if enough || plan.scenes.is_empty() {
            break;
        }
        stage.play(*scene).await?;
    }
    stage.end().await
}

impl Stage {
    /// Notes something that did not hold.
    fn fault(&mut self, what: impl Into<String>) {
        self.figures.faults.push(what.into());
    }

    /// Notes something that was done to the nodes.
    fn injected(&mut self, what: &'static str, count: u64) {
        *self.figures.injected.entry(what).or_default() += count;
    }

    /// Says what is going on, to whoever watches.
    fn say(&self, what: impl AsRef<str>) {
        if std::env::var_os("CHAOS_QUIET").is_none() {
            eprintln!("{:>7} acknowledged  {}", self.clerks.acknowledged(), what.as_ref());
        }
    }
}
