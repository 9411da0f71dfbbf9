//! A node in a pool: its sequencer, the agreement engine on a thread of its own, and what goes between.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use chancery_ledger::chain::Chain;
use chancery_ledger::consensus::PoolHost;
use chancery_ledger::disk::Folder;
use chancery_ledger::seal::Pool;
use chancery_registries::Registers;
use chancery_registries::validators::Accuse;
use crossbeam_channel::Receiver;
use malachitebft_app::types::core::LinearTimeouts;
use malachitebft_engine::network::Multiaddr;
use tokio::sync::{mpsc, watch};

use super::accusing;
use super::agreed::AgreedSequencer;
use super::following::Followers;
use super::in_order::InOrder;
use super::limits::limits;
use super::pending::Pending;
use super::queue::Origin;
use super::status::{Mode, NetworkStatus, PoolStatus};
use super::verifiers::Batch;
use super::{Node, NodeConfig, NodeError, Shared, spawn};
use crate::config::network::NetworkConfig;
use crate::pool::engine::{self, Connections, EngineConfig, EngineError};
use crate::pool::host::Host;
use crate::pool::status::{self, AgreementPeer, AgreementStatus};

/// How a node takes part in a pool.
#[derive(Clone, Debug)]
pub struct PoolConfig {
    /// Where the other nodes reach its agreement engine: `/ip4/…/tcp/…`.
    pub listen: String,
    /// The other nodes of the pool.
    pub peers: Vec<String>,
    /// How long it waits for a proposal before it goes on without.
    pub propose_timeout: Duration,
    /// How long it waits for further votes.
    pub vote_timeout: Duration,
    /// How much longer with each round of a height.
    pub timeout_growth: Duration,
    /// An empty block is made after this time without one.
    pub heartbeat: Duration,
}

/// Batches that may be on their way to or from the other nodes.
const BATCHES_ON_THE_WAY: usize = 1024;
/// Accusations that may wait for their turn.
const ACCUSATIONS_ON_THE_WAY: usize = 64;
/// Without a decision for so long after a height was begun, the pool has no quorum.
const STALLED_AFTER: Duration = Duration::from_secs(10);
/// The longest that a timeout may grow to.
const TIMEOUT_MAX: Duration = Duration::from_secs(10);

/// A node that others do not call listens on a port of this machine that nobody knows.
const NOWHERE: &str = "/ip4/127.0.0.1/tcp/0";

/// The agreement engine's thread.
pub(super) struct Agreement {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Agreement {
    /// Ends the engine.
    pub(super) fn stop(self) {
        self.stop.send_replace(true);
        if self.thread.join().is_err() {
            tracing::error!("the agreement engine's thread panicked");
        }
    }
}

/// Starts the sequencer and the engine.
pub(super) fn start(
    node: &Node,
    config: NodeConfig,
    chain: Chain<Registers>,
    disk: Arc<Folder>,
    batches: Receiver<Batch>,
    followers: Followers,
) -> Result<(JoinHandle<()>, Agreement), NodeError> {
    let host = PoolHost::open(chain, disk, limits(config.verifiers))?;
    let engine = engine_config(&config)?;
    // The engine asks one thing after the other: one waits at most. A bounded channel would keep what
    // nobody takes out any more, and the engine would wait for the answer for ever.
    let (asks, asked) = crossbeam_channel::unbounded();
    let (outgoing, to_others) = mpsc::channel(BATCHES_ON_THE_WAY);
    let (from_others, incoming) = mpsc::channel(BATCHES_ON_THE_WAY);
    let (accusations, accused) = mpsc::channel(ACCUSATIONS_ON_THE_WAY);
    let (waiting, waits) = watch::channel(0);
    let (stop, stopping) = watch::channel(false);
    let connections = Connections {
        host: Host(asks),
        view: host.view(),
        waiting: waits,
        outgoing: to_others,
        incoming: from_others,
        accusations,
        stop: stopping,
        status: node.shared.agreement.clone().unwrap_or_default(),
    };
    let sequencer = AgreedSequencer {
        shared: node.shared.clone(),
        host,
        batches: InOrder::new(batches),
        asks: asked,
        followers,
        outgoing,
        waiting,
        pending: Pending::default(),
        waited: Vec::new(),
        had_room: false,
    };
    let sequencer = spawn("sequencer", move || sequencer.run())?;
    let node = node.clone();
    let thread = spawn("agreement", move || run(node, engine, connections, (incoming, accused)))?;
    Ok((sequencer, Agreement { stop, thread }))
}

fn engine_config(config: &NodeConfig) -> Result<EngineConfig, NodeError> {
    let pool = config.pool.as_ref().ok_or_else(|| NodeError::Agreement("no pool".to_owned()))?;
    let address = |text: &String| {
        let wrong = |error| NodeError::Agreement(format!("{text}: {error}"));
        text.parse::<Multiaddr>().map_err(wrong)
    };
    Ok(EngineConfig {
        folder: config.data.join("agreement"),
        listen: address(&pool.listen)?,
        peers: pool.peers.iter().map(address).collect::<Result<_, _>>()?,
        timeouts: LinearTimeouts {
            propose: pool.propose_timeout,
            propose_delta: pool.timeout_growth,
            prevote: pool.vote_timeout,
            prevote_delta: pool.timeout_growth,
            precommit: pool.vote_timeout,
            precommit_delta: pool.timeout_growth,
            rebroadcast: 2 * pool.propose_timeout,
            max_timeout: TIMEOUT_MAX,
        },
        heartbeat: pool.heartbeat,
        key: config.key.clone(),
    })
}

/// Runs the engine until it ends; when it ends by itself, the node stops writing.
fn run(
    node: Node,
    config: EngineConfig,
    connections: Connections,
    (incoming, accused): (mpsc::Receiver<Vec<Bytes>>, mpsc::Receiver<Accuse>),
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("agreement")
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return node.shared.halt(&error),
    };
    runtime.spawn(take_in(node.clone(), incoming));
    runtime.spawn(accusing::accuse_all(node.clone(), accused));
    match runtime.block_on(engine::run(config, connections)) {
        // The sequencer has ended first: the node is stopping, or has said why it halted.
        Ok(()) | Err(EngineError::Gone(_)) => {}
        Err(error) => {
            if let (EngineError::Log(_), Some(agreement)) = (&error, &node.shared.agreement) {
                agreement.update(|status| status.wal_damaged = true);
            }
            node.shared.halt(&error);
        }
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// Transitions of other nodes go the way of all transitions. When there is no room, those who have them
/// propose them.
async fn take_in(node: Node, mut incoming: mpsc::Receiver<Vec<Bytes>>) {
    while let Some(batch) = incoming.recv().await {
        let _ = node.shared.queue.try_enter(batch, Origin::Node);
    }
}

impl From<&NetworkConfig> for PoolConfig {
    fn from(config: &NetworkConfig) -> Self {
        let listen = config.consensus_listen.as_ref().map(ToString::to_string);
        let ms = Duration::from_millis;
        Self {
            listen: listen.unwrap_or_else(|| NOWHERE.to_owned()),
            peers: config.consensus_peers.iter().map(ToString::to_string).collect(),
            propose_timeout: ms(config.timeouts.propose_ms),
            vote_timeout: ms(config.timeouts.vote_ms),
            timeout_growth: ms(config.timeouts.growth_ms),
            heartbeat: ms(config.heartbeat_ms),
        }
    }
}

impl Shared {
    /// How the node stands in its pool.
    pub(super) fn in_pool(&self, picture: &status::Agreement) -> NetworkStatus {
        let tip = self.view.tip();
        let pool = self.view.pool_at(tip.header.height + 1).ok();
        let own = self.key.public();
        let votes = |pool: &Pool| pool.validators.iter().any(|member| member.key == own);
        NetworkStatus {
            mode: if pool.as_ref().is_some_and(votes) { Mode::Pool } else { Mode::Follower },
            height: tip.header.height,
            time: tip.header.time,
            final_height: tip.header.height,
            round: picture.round,
            pool: pool.map(|pool| {
                let mut status = PoolStatus::of(&pool, |key| picture.is_connected(key, &own));
                for member in &mut status.validators {
                    member.last_signed_height = picture.last_signed.get(&member.key).copied();
                }
                status
            }),
            peers: picture.peers.iter().map(AgreementPeer::status).collect(),
            halted: self.no_quorum(),
            wal_damaged: picture.wal_damaged,
            ..NetworkStatus::default()
        }
    }

    /// Why nothing can be decided, if so.
    pub(super) fn no_quorum(&self) -> Option<String> {
        let status: &AgreementStatus = self.agreement.as_deref()?;
        let picture = status.picture();
        let last = picture.begun.max(picture.decided)?;
        let stalled = picture.begun.is_some() && last.elapsed() > STALLED_AFTER;
        if !stalled {
            return None;
        }
        let pool = self.view.pool_at(picture.height).ok()?;
        let all: u64 = pool.validators.iter().map(|member| u64::from(member.power)).sum();
        let here = picture.connected_power(&pool, &self.key.public());
        Some(format!(
            "block {} was begun {} s ago and is not decided (round {}); validators with {here} of {all} \
             power are connected, and more than two thirds must agree",
            picture.height,
            picture.begun.unwrap_or_else(Instant::now).elapsed().as_secs(),
            picture.round,
        ))
    }
}
