//! The node: one bounded way in, verifier threads, one sequencer that owns the chain, and the
//! projection that follows behind.
//!
//! ```text
//! submit -> queue -> verifiers (admit) -> sequencer (order, execute, seal, one sync) -> answer
//!                                                      |-> projector, event stream, checkpoints
//! ```
//!
//! A node by itself decides its blocks at once. In a pool the sequencer keeps what waits, and the
//! agreement engine asks it for blocks and tells it what was decided.

#[cfg(feature = "pool")]
mod accusing;
#[cfg(feature = "pool")]
mod agreed;
mod following;
mod in_order;
mod limits;
#[cfg(feature = "pool")]
mod pending;
#[cfg(feature = "pool")]
mod pool;
mod queue;
#[cfg(feature = "pool")]
mod seen;
mod sequencer;
mod signed_roots;
pub mod standing;
pub mod status;
mod verifiers;
mod work;
mod worked;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::web::Bytes;
use arc_swap::ArcSwapOption;
use chancery_ledger::block::Header;
use chancery_ledger::chain::{Chain, Executed};
use chancery_ledger::code::Rejection;
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::Folder;
use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::evidence::cose::SignedRoot;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_ledger::note;
use chancery_ledger::time::Time;
use chancery_ledger::view::View;
use chancery_registries::Registers;
use parking_lot::Mutex;
use tokio::sync::broadcast;

#[cfg(feature = "pool")]
pub use pool::PoolConfig;
pub use work::WorkConfig;

#[cfg(feature = "pool")]
use crate::pool::status::AgreementStatus;
use crate::projection::{DatabaseUrl, ProjectionError, Projections};
use queue::Queue;
use signed_roots::SignedRoots;
use status::{LatestSubmissions, NetworkStatus};

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

/// A running node. Clones are cheap.
#[derive(Clone)]
pub struct Node {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    #[cfg(feature = "pool")]
    agreement: Option<Arc<AgreementStatus>>,
    /// What need not be verified again, in a pool.
    #[cfg(feature = "pool")]
    seen: Option<seen::Seen>,
    /// Only on a ledger of work.
    working: OnceLock<work::Working>,
    view: View,
    projections: Projections,
    queue: Queue,
    key: SecretKey,
    blocks: broadcast::Sender<Arc<Executed<Registers>>>,
    halted: ArcSwapOption<String>,
    counters: Counters,
    finality: Mutex<LatestSubmissions>,
    note: ArcSwapOption<(u64, String)>,
    signed_roots: SignedRoots,
}

/// What has happened since the start.
#[derive(Default)]
pub struct Counters {
    /// Transitions that were ordered.
    pub ordered: AtomicU64,
    /// Those among them that lost a race and changed nothing.
    pub rejected: AtomicU64,
    /// Transitions that were refused and not ordered.
    pub refused: AtomicU64,
    /// Signatures that were verified.
    pub signatures: AtomicU64,
    /// Blocks that were made final.
    pub blocks: AtomicU64,
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

/// What became of a transition that was handed in.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It stands in the log, durable and final.
    Ordered {
        /// Its id.
        id: Hash,
        /// Its position.
        position: u64,
        /// Its block.
        height: u64,
        /// Why it changed nothing, when it lost a race.
        rejection: Option<Rejection>,
    },
    /// It waits for a block, or for its block to be final. Nothing is promised yet.
    Waits {
        /// Its id.
        id: Hash,
    },
    /// It stood in the log before.
    Duplicate {
        /// Its id.
        id: Hash,
        /// Its position.
        position: u64,
    },
    /// It was refused and is not in the log.
    Refused {
        /// Its id, when it was well-formed enough to have one.
        id: Option<Hash>,
        /// Why.
        rejection: Rejection,
    },
}

/// Why the node takes nothing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The queue is full.
    Full {
        /// When to try again.
        retry_after: Duration,
    },
    /// Too few validators agree on the next block.
    NoQuorum(String),
    /// The node is stopping.
    Stopping,
    /// The node has stopped writing, for this reason.
    Halted(String),
}

/// How a node is.
#[derive(Clone, Debug)]
pub struct Health {
    /// The height of the tip.
    pub height: u64,
    /// The time of the tip.
    pub time: Time,
    /// The size of the log.
    pub log_size: u64,
    /// The height that the projections have reached.
    pub applied_height: Option<u64>,
    /// Transitions that wait.
    pub queue_len: usize,
    /// Transitions that may wait.
    pub queue_capacity: usize,
    /// Why the node has stopped writing, if it has.
    pub halted: Option<String>,
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

/// What strangers are told of a node that has stopped writing.
const STOPPED_WRITING: &str =
    "the node has stopped writing; its operator can read the reason in its log";
/// What they are told of one whose log of votes is damaged.
const WAL_DAMAGED: &str =
    "the node's log of its votes is damaged, and it votes no more: see docs/operations.md";

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

    /// The ledger to read from.
    pub fn view(&self) -> &View {
        &self.shared.view
    }

    /// The projections to read from.
    pub fn projections(&self) -> &Projections {
        &self.shared.projections
    }

    /// What has happened since the start.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Takes one transition in. The future ends when it is durable and final, or refused; it ends at
    /// once when the queue is full. What was taken in is carried through even if the future is
    /// dropped.
    pub async fn submit(&self, bytes: Bytes) -> Result<Verdict, Unavailable> {
        let taken_in = Instant::now();
        let answer = self.enter(vec![bytes])?;
        let verdicts = self.wait(answer).await?;
        if let [Verdict::Ordered { .. }] = verdicts[..] {
            self.shared.finality.lock().took(taken_in.elapsed());
        }
        verdicts.into_iter().next().ok_or(Unavailable::Stopping)
    }

    /// Takes several in, in their order, waiting for room. `chunk` has at most
    /// [`CHUNK_TRANSITIONS`].
    pub async fn submit_chunk(&self, chunk: Vec<Bytes>) -> Result<Vec<Verdict>, Unavailable> {
        self.has_quorum()?;
        let answer = self.shared.queue.enter(chunk).await.map_err(|error| self.why(error))?;
        self.wait(answer).await
    }

    /// The blocks that become final from now on.
    pub fn final_blocks(&self) -> broadcast::Receiver<Arc<Executed<Registers>>> {
        self.shared.blocks.subscribe()
    }

    /// The tip's checkpoint as a C2SP signed note.
    pub fn checkpoint_note(&self) -> String {
        let header = &self.shared.view.tip().header.clone();
        if let Some(known) = &*self.shared.note.load()
            && known.0 == header.log_size
        {
            return known.1.clone();
        }
        let note = note::signed_checkpoint(header, &self.shared.key);
        self.shared.note.store(Some(Arc::new((header.log_size, note.clone()))));
        note
    }

    /// The checkpoint of the log when it had this many entries, signed by this node; `None` if no block ended
    /// there, or the log does not reach so far.
    pub fn checkpoint_note_at(&self, size: u64) -> Result<Option<String>, LedgerError> {
        let header = header_with(self.view(), size)?;
        Ok(header.map(|header| note::signed_checkpoint(&header, &self.shared.key)))
    }

    /// The key of the node's checkpoints, as C2SP tools take it.
    pub fn checkpoint_key(&self) -> String {
        note::verifier_key(&self.shared.view.genesis().ledger(), &self.shared.key.public())
    }

    /// The root of the log of its first `log_size` entries, signed by the node's key for receipts in COSE.
    pub fn signed_root(&self, log_size: u64) -> Result<SignedRoot, LedgerError> {
        let Shared { view, key, signed_roots, .. } = &*self.shared;
        signed_roots.of(view, log_size, key)
    }

    /// The public half of the node's key.
    pub fn public_key(&self) -> PublicKey {
        self.shared.key.public()
    }

    /// How the node is.
    pub fn health(&self) -> Health {
        let header = self.shared.view.tip().header.clone();
        Health {
            height: header.height,
            time: header.time,
            log_size: header.log_size,
            applied_height: self.shared.projections.applied_height(),
            queue_len: self.shared.queue.len(),
            queue_capacity: queue::CAPACITY,
            halted: self.shared.halted.load().as_deref().cloned(),
        }
    }

    /// How the node stands in its network.
    pub fn network(&self) -> NetworkStatus {
        let health = self.health();
        let reported = self.shared.network_status();
        NetworkStatus {
            waiting: reported.waiting.max(health.queue_len as u64),
            // The reason itself may tell of files and disks: it is in the log, for the operator.
            halted: match (&health.halted, reported.wal_damaged) {
                (Some(_), true) => Some(WAL_DAMAGED.to_owned()),
                (Some(_), false) => Some(STOPPED_WRITING.to_owned()),
                (None, _) => reported.halted,
            },
            finality: self.shared.finality.lock().finality(),
            ..reported
        }
    }

    fn enter(&self, transitions: Vec<Bytes>) -> Result<queue::Answer, Unavailable> {
        self.has_quorum()?;
        let answer = self.shared.queue.try_enter(transitions, queue::Origin::Client);
        answer.map_err(|error| self.why(error))
    }

    /// Nothing is taken in that nobody can decide.
    pub(crate) fn has_quorum(&self) -> Result<(), Unavailable> {
        #[cfg(feature = "pool")]
        if let Some(reason) = self.shared.no_quorum() {
            return Err(Unavailable::NoQuorum(reason));
        }
        Ok(())
    }

    async fn wait(&self, answer: queue::Answer) -> Result<Vec<Verdict>, Unavailable> {
        // The sender is dropped without an answer only when the node stops or halts.
        answer.await.map_err(|_| self.why(Unavailable::Stopping))
    }

    fn why(&self, error: Unavailable) -> Unavailable {
        match &*self.shared.halted.load() {
            Some(reason) => Unavailable::Halted((**reason).clone()),
            None => error,
        }
    }
}

/// The header of the first block whose log has this many entries; `None` if there is none.
pub(crate) fn header_with(view: &View, log_size: u64) -> Result<Option<Header>, LedgerError> {
    if log_size > view.tip().header.log_size {
        return Ok(None);
    }
    let height = match log_size.checked_sub(1) {
        Some(last) => view.place(last)?.height,
        None => 0,
    };
    let (header, _) = view.sealed_header(height)?;
    Ok(Some(header).filter(|header| header.log_size == log_size))
}

/// The most transitions in one chunk: one unit of work for a verifier thread.
pub const CHUNK_TRANSITIONS: usize = 64;

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
    projector: crate::projection::Projector,
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

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, NodeError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(NodeError::Thread)
}

impl Shared {
    /// Remembers what was verified, where others may pass it on again.
    fn saw(&self, bytes: &[u8]) {
        #[cfg(feature = "pool")]
        if let Some(seen) = &self.seen {
            seen.add(bytes);
        }
    }

    /// Whether exactly these bytes were verified a moment ago.
    fn has_seen(&self, bytes: &[u8]) -> bool {
        #[cfg(feature = "pool")]
        if let Some(seen) = &self.seen {
            return seen.contains(bytes);
        }
        false
    }

    /// Stops writing: reads go on, and who submits is told why.
    fn halt(&self, reason: &dyn std::fmt::Display) {
        tracing::error!(%reason, "the node has stopped writing");
        self.halted.store(Some(Arc::new(reason.to_string())));
        self.queue.close();
    }
}

/// The one place where the server reads the clock for the ledger.
pub(crate) fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::default().plus_ms(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

impl Counters {
    fn judged(&self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            match verdict {
                Verdict::Ordered { rejection: None, .. } => Self::add(&self.ordered, 1),
                Verdict::Ordered { rejection: Some(_), .. } => {
                    Self::add(&self.ordered, 1);
                    Self::add(&self.rejected, 1);
                }
                Verdict::Waits { .. } => {}
                Verdict::Duplicate { .. } | Verdict::Refused { .. } => Self::add(&self.refused, 1),
            }
        }
    }

    fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}
