//! Starting a node and stopping it: the ledger is opened, the projections are brought up to it, and the threads begin.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use arc_swap::ArcSwapOption;
use chancery_ledger::chain::Chain;
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::Folder;
use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_ledger::view::View;
use chancery_registries::Registers;
use parking_lot::Mutex;
use tokio::sync::broadcast;

use super::signed_roots::SignedRoots;
use super::{Counters, Node, Shared, WorkConfig, following, queue, sequencer, verifiers, work};
#[cfg(feature = "pool")]
use super::{PoolConfig, pool, seen};
use crate::projection::{DatabaseUrl, ProjectionError, Projections, Projector};

/// What a node is started with.
pub struct NodeConfig {
    /// The folder of the ledger.
    pub data: PathBuf,
    /// The genesis, when the folder may still be empty.
    pub genesis: Option<Genesis>,
    /// The key that seals blocks and signs checkpoints and roots of the log.
    pub key: SecretKey,
    /// Where the projections are.
    pub database: DatabaseUrl,
    /// Threads that verify signatures.
    pub verifiers: usize,
    /// Whether the projections follow. A node without them orders and proves, but finds nothing.
    pub projects: bool,
    /// How it takes part in a pool; a node without is by itself.
    #[cfg(feature = "pool")]
    pub pool: Option<PoolConfig>,
    /// How it takes part in proof of work, if that is what the genesis asks for.
    pub work: WorkConfig,
}

/// The threads of a node.
pub struct Running {
    node: Node,
    verifiers: Vec<JoinHandle<()>>,
    sequencer: JoinHandle<()>,
    checkpointer: JoinHandle<()>,
    projector: Option<JoinHandle<()>>,
    #[cfg(feature = "pool")]
    agreement: Option<pool::Agreement>,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The folder cannot be used.
    #[error("{path}: {source}")]
    Folder {
        /// Which folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The ledger does not open.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The projections do not open. They follow from the ledger and can be made anew.
    #[error(
        "{database}: {source}; if it is damaged, move it away: the next start makes it anew from the ledger"
    )]
    Projection {
        /// Where they are.
        database: String,
        /// Why.
        source: ProjectionError,
    },
    /// The key is not the one that the genesis names.
    #[error(
        "the node's key {0} is not the pool's only validator key, and nothing says where the pool is"
    )]
    NotValidator(PublicKey),
    /// The network of a ledger of work does not start.
    #[error("the network of the nodes does not start: {0}")]
    Peers(crate::peers::CannotStart),
    /// The agreement of a pool does not start.
    #[error("the agreement of the pool does not start: {0}")]
    Agreement(String),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(std::io::Error),
}

/// How many final blocks a slow follower may lag before the sequencer waits for it.
const PROJECTOR_BLOCKS: usize = 256;
/// How many blocks the event stream keeps for slow readers.
const STREAM_BLOCKS: usize = 64;

impl Node {
    /// Opens the ledger, brings the projections up to it, and starts the threads.
    pub fn start(config: NodeConfig) -> Result<(Node, Running), NodeError> {
        let (chain, disk) = open_chain(&config)?;
        let view = chain.view();
        config.may_be_alone(&view)?;
        let failed =
            |source| NodeError::Projection { database: config.database.to_string(), source };
        let (projections, mut projector) =
            Projections::open(&config.database, view.clone()).map_err(failed)?;
        if config.projects {
            projector.catch_up(&Registers).map_err(failed)?;
        }
        let (blocks, _) = broadcast::channel(STREAM_BLOCKS);
        let (queue, submissions) = queue::new();
        let shared = Arc::new(Shared {
            #[cfg(feature = "pool")]
            agreement: config.pool.as_ref().map(|_| Arc::default()),
            #[cfg(feature = "pool")]
            seen: config.pool.as_ref().map(|_| seen::Seen::default()),
            working: OnceLock::new(),
            view,
            projections,
            queue,
            key: config.key.clone(),
            blocks,
            halted: ArcSwapOption::empty(),
            counters: Counters::default(),
            finality: Mutex::default(),
            note: ArcSwapOption::empty(),
            signed_roots: SignedRoots::default(),
        });
        let node = Node { shared };
        let running = start_threads(&node, config, (chain, disk), projector, submissions)?;
        Ok((node, running))
    }
}

impl Running {
    /// Takes nothing more in, finishes what was taken in, writes a checkpoint and ends the threads.
    pub fn stop(self) {
        self.node.shared.queue.close();
        let joined = |thread: JoinHandle<()>| {
            if thread.join().is_err() {
                tracing::error!("a thread of the node panicked");
            }
        };
        for thread in self.verifiers.into_iter().chain([self.sequencer]) {
            joined(thread);
        }
        #[cfg(feature = "pool")]
        if let Some(agreement) = self.agreement {
            agreement.stop();
        }
        for thread in [self.checkpointer].into_iter().chain(self.projector) {
            joined(thread);
        }
    }
}

fn open_chain(config: &NodeConfig) -> Result<(Chain<Registers>, Arc<Folder>), NodeError> {
    let folder = Folder::open(&config.data)
        .map_err(|source| NodeError::Folder { path: config.data.display().to_string(), source })?;
    let (disk, application) = (Arc::new(folder), Arc::new(Registers));
    let opened = match &config.genesis {
        Some(genesis) => Chain::found(disk.clone(), genesis, application)?,
        None => Chain::open(disk.clone(), application)?,
    };
    for note in &opened.notes {
        tracing::warn!(%note, "set right while opening");
    }
    let tip = opened.chain.view().tip();
    tracing::info!(
        ledger = %tip.header.ledger, tip.height = tip.header.height,
        executed_again_blocks = opened.executed_again, "ledger open"
    );
    Ok((opened.chain, disk))
}

fn start_threads(
    node: &Node,
    config: NodeConfig,
    (chain, disk): (Chain<Registers>, Arc<Folder>),
    projector: Projector,
    submissions: queue::Submissions,
) -> Result<Running, NodeError> {
    let admitted = verifiers::channel();
    let verifiers = (0..config.verifiers.max(1))
        .map(|_| verifiers::start(node, submissions.clone(), admitted.0.clone()))
        .collect::<Result<_, _>>()
        .map_err(NodeError::Thread)?;
    // From here on only the verifiers hold a sender: when they end, the sequencer does.
    drop(admitted.0);
    let (to_projector, final_blocks) = crossbeam_channel::bounded(PROJECTOR_BLOCKS);
    let (to_checkpointer, checkpoints) = crossbeam_channel::bounded(2);
    let to_projector = config.projects.then_some(to_projector);
    let followers = following::Followers { to_projector, to_checkpointer };
    let checkpointer = {
        let shared = node.shared.clone();
        spawn("checkpointer", move || following::write_checkpoints(&shared, checkpoints))?
    };
    let projector = config
        .projects
        .then(|| spawn("projector", move || projector.run(final_blocks)))
        .transpose()?;
    if node.shared.view.genesis().work().is_some() {
        let sequencer = work::start(node, config, chain, disk, admitted.1, followers)?;
        let node = node.clone();
        return Ok(Running {
            node,
            verifiers,
            sequencer,
            checkpointer,
            projector,
            #[cfg(feature = "pool")]
            agreement: None,
        });
    }
    #[cfg(feature = "pool")]
    if config.pool.is_some() {
        let (sequencer, agreement) = pool::start(node, config, chain, disk, admitted.1, followers)?;
        let (node, agreement) = (node.clone(), Some(agreement));
        return Ok(Running { node, verifiers, sequencer, checkpointer, projector, agreement });
    }
    drop(disk);
    let shared = node.shared.clone();
    let engine = Solo::new(config.key);
    let sequencer = sequencer::Sequencer::new(shared, chain, engine, admitted.1, followers);
    Ok(Running {
        node: node.clone(),
        verifiers,
        sequencer: spawn("sequencer", move || sequencer.run())?,
        checkpointer,
        projector,
        #[cfg(feature = "pool")]
        agreement: None,
    })
}

impl NodeConfig {
    /// A node that is told of no others must be the pool's only validator, where there is a pool.
    fn may_be_alone(&self, view: &View) -> Result<(), NodeError> {
        if view.genesis().work().is_some() {
            return Ok(());
        }
        #[cfg(feature = "pool")]
        if self.pool.is_some() {
            return Ok(());
        }
        let key = self.key.public();
        match view.pool_at(view.tip().header.height + 1)?.validators.as_slice() {
            [sole] if sole.key == key => Ok(()),
            _ => Err(NodeError::NotValidator(key)),
        }
    }
}

pub(super) fn spawn(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, NodeError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(NodeError::Thread)
}
