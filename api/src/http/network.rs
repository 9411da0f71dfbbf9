//! How the node stands in its network, for operators and monitoring.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chancery_ledger::key::PublicKey;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::api::Api;
use super::input::{Nothing, Query};
use super::problem::Problem;
use crate::node::status::{
    Direction, Mining, Mode, NetworkStatus, PeerStatus, PoolStatus, ValidatorStatus, WorkStatus,
};

/// How the node stands in its network.
#[derive(Serialize, ToSchema)]
pub(super) struct NetworkBody {
    /// What the node does: `solo` decides by itself, `pool` votes, `follower` checks everything and
    /// has no vote, `work` takes part in proof of work.
    #[schema(example = "pool")]
    mode: &'static str,
    /// The height of the last block.
    height: u64,
    /// The time of the last block.
    time: Time,
    /// The height up to which no block can be replaced any more: `height`, except in proof of work.
    final_height: u64,
    /// The round of agreement about the next block. More than a few mean that validators are missing
    /// or slow.
    round: u32,
    /// The greatest height that a peer says it has: how far this node is behind.
    best_peer_height: Option<u64>,
    /// The pool that seals the next block.
    pool: Option<PoolBody>,
    /// What only a node of proof of work has.
    work: Option<WorkBody>,
    /// The peers that it is connected with.
    peers: Vec<PeerBody>,
    /// Transitions that were taken in, here or by others, and stand in no block.
    waiting: u64,
    /// How long the latest submissions to this node took until they were final.
    finality: FinalityBody,
    /// Why the node writes nothing, if so. Reads go on.
    halted: Option<String>,
    /// Whether the node has found damage in its log of votes and therefore votes no more.
    wal_damaged: bool,
}

/// The pool that seals the next block.
#[derive(Serialize, ToSchema)]
struct PoolBody {
    /// Its members.
    validators: Vec<PoolMemberBody>,
    /// The least power that seals a block: more than two thirds.
    quorum: u64,
    /// The power of the members that this node is connected with, or is.
    connected_power: u64,
}

/// A member of the pool, as this node sees it.
#[derive(Serialize, ToSchema)]
struct PoolMemberBody {
    /// What it is called.
    name: String,
    /// The key it votes with.
    key: PublicKey,
    /// The weight of its vote.
    power: u32,
    /// Whether this node is connected with it, or is it.
    connected: bool,
    /// The last block whose seal has its signature, since this node's start.
    last_signed_height: Option<u64>,
}

/// What only a node of proof of work has.
#[derive(Serialize, ToSchema)]
struct WorkBody {
    /// The target of the next block, in 64 hexadecimal digits.
    target: String,
    /// The work of the blocks that are not final: a decimal number of expected hashes.
    work_above_final: String,
    /// How many blocks must follow one for it to be final.
    final_depth: u64,
    /// How many branches end beside the best one, and are kept.
    branches: u64,
    /// How often another branch has become the best since the start.
    reorganisations: u64,
    /// The most blocks that were taken back at once since the start.
    deepest_reorganisation: u64,
    /// Threads that search for blocks.
    miner_threads: u64,
    /// Whether they do so now: `on`; `off` without threads; `waits-for-peers` until one of the nodes that it
    /// is to be connected with has answered; `catches-up` while much better blocks are on their way.
    #[schema(example = "on")]
    mining: &'static str,
    /// How many nonces they have tried since the start.
    hashes: u64,
    /// The height at which others work on a branch that leaves this one below the last final block: this node
    /// refuses it, and an operator has to decide.
    fork_below_final: Option<u64>,
}

/// A peer that the node is connected with.
#[derive(Serialize, ToSchema)]
struct PeerBody {
    /// Its id in the network.
    id: String,
    /// Where it is.
    address: String,
    /// `inbound` when it dialled this node, `outbound` when this node dialled it.
    #[schema(example = "outbound")]
    direction: &'static str,
    /// Since when.
    since: Time,
    /// How it has behaved: 0 is well, less is worse.
    score: i64,
}

/// How long the latest submissions took, from being taken in to being final.
#[derive(Serialize, ToSchema)]
struct FinalityBody {
    /// How many are looked at: at most 1,024.
    submissions: u64,
    /// Half took at most so long.
    p50_ms: u64,
    /// All but one of a hundred took at most so long.
    p99_ms: u64,
}

/// How the node stands in its network: height, round, pool, peers, and why it has halted.
#[utoipa::path(
    get, path = "/v1/network", tag = "operation", operation_id = "network",
    responses((status = 200, description = "How it stands, at this moment", body = NetworkBody)),
)]
pub(super) async fn network(
    api: web::Data<Api>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let body = NetworkBody::from(api.node.network());
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

impl From<NetworkStatus> for NetworkBody {
    fn from(status: NetworkStatus) -> Self {
        Self {
            mode: match status.mode {
                Mode::Solo => "solo",
                Mode::Pool => "pool",
                Mode::Follower => "follower",
                Mode::Work => "work",
            },
            height: status.height,
            time: status.time,
            final_height: status.final_height,
            round: status.round,
            best_peer_height: status.best_peer_height,
            pool: status.pool.map(PoolBody::from),
            work: status.work.map(WorkBody::from),
            peers: status.peers.into_iter().map(PeerBody::from).collect(),
            waiting: status.waiting,
            finality: FinalityBody {
                submissions: status.finality.submissions,
                p50_ms: status.finality.p50_ms,
                p99_ms: status.finality.p99_ms,
            },
            halted: status.halted,
            wal_damaged: status.wal_damaged,
        }
    }
}

impl From<PoolStatus> for PoolBody {
    fn from(pool: PoolStatus) -> Self {
        let connected = pool.validators.iter().filter(|validator| validator.connected);
        Self {
            connected_power: connected.map(|validator| u64::from(validator.power)).sum(),
            quorum: pool.quorum,
            validators: pool.validators.into_iter().map(PoolMemberBody::from).collect(),
        }
    }
}

impl From<ValidatorStatus> for PoolMemberBody {
    fn from(validator: ValidatorStatus) -> Self {
        let ValidatorStatus { name, key, power, connected, last_signed_height } = validator;
        Self { name, key, power, connected, last_signed_height }
    }
}

impl From<WorkStatus> for WorkBody {
    fn from(status: WorkStatus) -> Self {
        Self {
            target: status.target,
            work_above_final: status.work_above_final,
            final_depth: status.final_depth,
            branches: status.branches,
            reorganisations: status.reorganisations,
            deepest_reorganisation: status.deepest_reorganisation,
            miner_threads: status.miner_threads,
            mining: match status.mining {
                Mining::Off => "off",
                Mining::WaitsForPeers => "waits-for-peers",
                Mining::CatchesUp => "catches-up",
                Mining::On => "on",
            },
            hashes: status.hashes,
            fork_below_final: status.fork_below_final,
        }
    }
}

impl From<PeerStatus> for PeerBody {
    fn from(peer: PeerStatus) -> Self {
        let direction = match peer.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        let PeerStatus { id, address, since, score, .. } = peer;
        Self { id, address, direction, since, score }
    }
}
