//! A node of a ledger of work: its sequencer, its network and its miner, and what others see of them.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use chancery_ledger::chain::Chain;
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::disk::Folder;
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_registries::Registers;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use multiaddr::{Multiaddr, Protocol};
use tokio::sync::{broadcast, oneshot};

use super::following::Followers;
use super::in_order::InOrder;
use super::limits::limits;
use super::standing::{TransitionStanding, WorkNews};
use super::status::{Direction, Mode, NetworkStatus, PeerStatus, WorkStatus};
use super::verifiers::Batch;
use super::worked::WorkedSequencer;
use super::{Node, NodeConfig, NodeError, Shared, Unavailable, now, spawn};
use crate::config::network::NetworkConfig;
use crate::peers::{self, Peers, PeersConfig};
use crate::work::miner::Miner;

/// How a node takes part in proof of work.
#[derive(Clone, Debug)]
pub struct WorkConfig {
    /// Where other nodes reach it; nowhere when left out.
    pub listen: Option<Multiaddr>,
    /// Nodes to stay connected with. More are found through them.
    pub peers: Vec<Multiaddr>,
    /// Threads that look for blocks; with none the node follows.
    pub miner_threads: usize,
}

impl Default for WorkConfig {
    fn default() -> Self {
        Self { listen: None, peers: Vec::new(), miner_threads: 1 }
    }
}

impl From<&NetworkConfig> for WorkConfig {
    fn from(config: &NetworkConfig) -> Self {
        Self {
            listen: config.peers_listen.clone(),
            peers: config.peers.clone(),
            miner_threads: config.miner_threads,
        }
    }
}

/// News that are kept for slow readers.
const NEWS_MAX: usize = 256;
/// Questions that may wait for the sequencer.
const ASKS_MAX: usize = 1_024;
/// How long to wait when too many wait already.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// The file with the addresses of other nodes.
const BOOK: &str = "peers.json";

/// What others ask the sequencer.
pub(super) enum Ask {
    /// How a transition stands; `None` when it is not known.
    Standing(Hash, oneshot::Sender<Option<TransitionStanding>>),
}

/// What the rest of the node sees of its work.
pub(super) struct Working {
    pub(super) news: broadcast::Sender<Arc<WorkNews>>,
    pub(super) picture: ArcSwap<Picture>,
    asks: Sender<Ask>,
    peers: Peers,
}

/// How the work stands, as far as only the sequencer knows.
#[derive(Clone, Default)]
pub(super) struct Picture {
    pub(super) height: u64,
    pub(super) time: Time,
    pub(super) best_peer_height: Option<u64>,
    pub(super) waiting: u64,
    pub(super) work: WorkStatus,
}

/// Starts the network, the miner and the sequencer.
pub(super) fn start(
    node: &Node,
    config: NodeConfig,
    chain: Chain<Registers>,
    disk: Arc<Folder>,
    batches: Receiver<Batch>,
    followers: Followers,
) -> Result<JoinHandle<()>, NodeError> {
    let host = WorkHost::open(chain, disk, limits(config.verifiers))?;
    let (peers, events) = Peers::start(peers_config(node, &config)).map_err(NodeError::Peers)?;
    let is_alone = config.work.peers.is_empty();
    let first_nonce = getrandom::u64().unwrap_or_default();
    let (miner, nonces) =
        Miner::start(config.work.miner_threads, first_nonce).map_err(NodeError::Thread)?;
    let (asks, asked) = crossbeam_channel::bounded(ASKS_MAX);
    let (news, _) = broadcast::channel(NEWS_MAX);
    let working = Working { news, picture: ArcSwap::default(), asks, peers: peers.clone() };
    // It is set once, here.
    let _ = node.shared.working.set(working);
    let batches = InOrder::new(batches);
    let shared = node.shared.clone();
    let sequencer = WorkedSequencer::new(
        shared,
        host,
        batches,
        asked,
        (peers, events, is_alone),
        (miner, nonces),
        followers,
    );
    spawn("sequencer", move || sequencer.run())
}

fn peers_config(node: &Node, config: &NodeConfig) -> PeersConfig {
    // The identity on the network follows from the node's key and does not reveal it.
    let seed = config.key.derived_seed(b"chancery peers network 1\0");
    PeersConfig {
        listen: config.work.listen.iter().cloned().collect(),
        persistent: config.work.peers.clone(),
        book: Some(config.data.join(BOOK)),
        blocks: true,
        local: config.work.listen.as_ref().is_some_and(is_local),
        ..PeersConfig::new(node.shared.view.genesis().ledger(), seed)
    }
}

/// Whether an address is of this machine or of one house.
fn is_local(address: &Multiaddr) -> bool {
    match address.iter().next() {
        Some(Protocol::Ip4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(Protocol::Ip6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        _ => false,
    }
}

impl Node {
    /// How a transition stands, as far as it is not only in the log of final blocks: in proof of work
    /// what waits or stands in a block that may still be replaced is known, too.
    pub async fn standing(&self, id: Hash) -> Result<Option<TransitionStanding>, Unavailable> {
        let Some(working) = self.shared.working.get() else { return Ok(None) };
        let (answer, answered) = oneshot::channel();
        let mut ask = Ask::Standing(id, answer);
        while let Err(TrySendError::Full(back)) = working.asks.try_send(ask) {
            ask = back;
            tokio::time::sleep(ASK_AGAIN).await;
        }
        // Without a sequencer the answer is dropped with the question.
        answered.await.map_err(|_| self.why(Unavailable::Stopping))
    }

    /// What happens before blocks are final; none but in proof of work.
    pub fn work_news(&self) -> Option<broadcast::Receiver<Arc<WorkNews>>> {
        self.shared.working.get().map(|working| working.news.subscribe())
    }
}

impl Shared {
    /// How the node stands in its network.
    pub(super) fn in_work(&self, working: &Working) -> NetworkStatus {
        let Picture { height, time, best_peer_height, waiting, work } =
            working.picture.load().as_ref().clone();
        let peers = working.peers.status();
        NetworkStatus {
            mode: Mode::Work,
            height,
            time,
            final_height: self.view.tip().header.height,
            best_peer_height,
            work: Some(work),
            peers: peers.peers.iter().map(peer_status).collect(),
            waiting,
            ..NetworkStatus::default()
        }
    }
}

fn peer_status(peer: &peers::PeerStatus) -> PeerStatus {
    let connected_ms = u64::try_from(peer.since.elapsed().as_millis()).unwrap_or(u64::MAX);
    PeerStatus {
        id: peer.peer.to_string(),
        address: peer.address.to_string(),
        direction: match peer.direction {
            peers::Direction::Inbound => Direction::Inbound,
            peers::Direction::Outbound => Direction::Outbound,
        },
        since: Time::from_ms(now().as_ms().saturating_sub(connected_ms)).unwrap_or_default(),
        score: -i64::from(peer.score),
    }
}
