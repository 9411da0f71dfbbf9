//! How a node stands in its network: what operators, monitoring and the live table are told.

use std::time::Duration;

use chancery_ledger::block::Header;
use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::time::Time;

use super::Shared;

/// How a node stands in its network. By default it is one by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkStatus {
    /// What the node does in the network.
    pub mode: Mode,
    /// The height of the last block.
    pub height: u64,
    /// The time of the last block.
    pub time: Time,
    /// The height up to which no block can be replaced any more: `height`, except in proof of work.
    pub final_height: u64,
    /// The round of agreement about the next block; 0 where there are no rounds.
    pub round: u32,
    /// The greatest height that a peer says it has; none when no peer has said one.
    pub best_peer_height: Option<u64>,
    /// The pool that seals the next block; none in proof of work.
    pub pool: Option<PoolStatus>,
    /// What only a node of proof of work has.
    pub work: Option<WorkStatus>,
    /// The peers that it is connected with.
    pub peers: Vec<PeerStatus>,
    /// Transitions that were taken in, here or by others, and stand in no block.
    pub waiting: u64,
    /// How long submissions took lately until they were final.
    pub finality: Finality,
    /// Why the node writes nothing, if so: want of a quorum, a damaged log of its votes, a full disk.
    /// Reads go on.
    pub halted: Option<String>,
    /// Whether the node has found damage in its log of votes and therefore votes no more.
    pub wal_damaged: bool,
}

/// What a node does in its network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It decides by itself.
    #[default]
    Solo,
    /// It votes in a pool.
    Pool,
    /// It checks everything and has no vote.
    Follower,
    /// It takes part in proof of work.
    Work,
}

/// The pool that seals the next block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Its members.
    pub validators: Vec<ValidatorStatus>,
    /// The least power that seals a block: more than two thirds.
    pub quorum: u64,
}

/// A member of the pool, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorStatus {
    /// What it is called.
    pub name: String,
    /// The key it votes with.
    pub key: PublicKey,
    /// The weight of its vote.
    pub power: u32,
    /// Whether this node is connected with it, or is it.
    pub connected: bool,
    /// The last block whose seal has its signature, as far as this node has kept it since its start.
    pub last_signed_height: Option<u64>,
}

/// What only a node of proof of work has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkStatus {
    /// The target of the next block, in 64 hexadecimal digits.
    pub target: String,
    /// The work of the blocks that are not final, as a decimal number of expected hashes.
    pub work_above_final: String,
    /// How many blocks must follow one for it to be final.
    pub final_depth: u64,
    /// How many branches end beside the best one, and are kept.
    pub branches: u64,
    /// How often another branch has become the best since the start.
    pub reorganisations: u64,
    /// The most blocks that were taken back at once since the start.
    pub deepest_reorganisation: u64,
    /// Threads that search for blocks.
    pub miner_threads: u64,
    /// Whether they do so now, or why not.
    pub mining: Mining,
    /// How many nonces they have tried since the start.
    pub hashes: u64,
    /// The height at which others work on a branch that leaves this one below the last final block: this node
    /// refuses it, and an operator has to decide.
    pub fork_below_final: Option<u64>,
}

/// Whether a node searches for blocks, or why it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mining {
    /// It has no threads for it.
    #[default]
    Off,
    /// None of the nodes that it is to be connected with has answered since the start: alone it could make
    /// final what nobody else ever will.
    WaitsForPeers,
    /// So much better blocks are on their way that it would be in vain.
    CatchesUp,
    /// It does.
    On,
}

/// A peer that the node is connected with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its id in the network.
    pub id: String,
    /// Where it is.
    pub address: String,
    /// Who dialled whom.
    pub direction: Direction,
    /// Since when.
    pub since: Time,
    /// How it has behaved: 0 is well, less is worse.
    pub score: i64,
}

/// Who dialled whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer dialled this node.
    Inbound,
    /// This node dialled the peer.
    Outbound,
}

/// How long the latest submissions took, from being taken in to being final.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finality {
    /// How many are looked at.
    pub submissions: u64,
    /// Half took at most so long.
    pub p50_ms: u64,
    /// All but one of a hundred took at most so long.
    pub p99_ms: u64,
}

impl PoolStatus {
    /// A pool, of which `connected` says who is there.
    pub fn of(pool: &Pool, connected: impl Fn(&PublicKey) -> bool) -> Self {
        let all: u64 = pool.validators.iter().map(|validator| u64::from(validator.power)).sum();
        let status = |validator: &Validator| ValidatorStatus {
            name: validator.name.clone(),
            key: validator.key,
            power: validator.power,
            connected: connected(&validator.key),
            last_signed_height: None,
        };
        Self { validators: pool.validators.iter().map(status).collect(), quorum: all * 2 / 3 + 1 }
    }
}

impl Shared {
    /// What the engine and the network say; height, time and finality are the node's own.
    pub(super) fn network_status(&self) -> NetworkStatus {
        if let Some(working) = self.working.get() {
            return self.in_work(working);
        }
        #[cfg(feature = "pool")]
        if let Some(agreement) = &self.agreement {
            return self.in_pool(&agreement.picture());
        }
        let Header { height, time, .. } = self.view.tip().header;
        let pool = self.view.pool_at(height + 1).ok();
        let pool = pool.map(|pool| PoolStatus::of(&pool, |_| true));
        NetworkStatus { height, time, final_height: height, pool, ..NetworkStatus::default() }
    }
}

/// How many submissions the figures of finality are about.
const LATEST: usize = 1_024;

/// The latencies of the latest submissions, in ms; the oldest makes room for the newest.
#[derive(Default)]
pub(super) struct LatestSubmissions {
    latencies_ms: Vec<u32>,
    next: usize,
}

impl LatestSubmissions {
    /// A submission was final after this time.
    pub(super) fn took(&mut self, latency: Duration) {
        let latency_ms = u32::try_from(latency.as_millis()).unwrap_or(u32::MAX);
        match self.latencies_ms.get_mut(self.next) {
            Some(oldest) => *oldest = latency_ms,
            None => self.latencies_ms.push(latency_ms),
        }
        self.next = (self.next + 1) % LATEST;
    }

    /// The figures about them.
    pub(super) fn finality(&self) -> Finality {
        let mut sorted = self.latencies_ms.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).copied().map_or(0, u64::from)
        };
        Finality { submissions: sorted.len() as u64, p50_ms: at(50), p99_ms: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_finality_are_of_the_latest_submissions() {
        let mut latest = LatestSubmissions::default();
        assert_eq!(latest.finality(), Finality::default());
        (1..=100).for_each(|ms| latest.took(Duration::from_millis(ms)));
        assert_eq!(latest.finality(), Finality { submissions: 100, p50_ms: 50, p99_ms: 99 });
        (0..LATEST).for_each(|_| latest.took(Duration::from_millis(7)));
        let all_new = Finality { submissions: LATEST as u64, p50_ms: 7, p99_ms: 7 };
        assert_eq!(latest.finality(), all_new);
    }

    #[test]
    fn a_quorum_is_more_than_two_thirds() {
        let pool = |powers: &[u32]| {
            let key = PublicKey::from_bytes([1; 32]);
            let named = |power: &u32| Validator { name: power.to_string(), key, power: *power };
            Pool { validators: powers.iter().map(named).collect() }
        };
        for (powers, quorum) in [(&[1][..], 1), (&[1, 1, 1], 3), (&[1, 1, 1, 1], 3), (&[2, 5], 5)] {
            assert_eq!(PoolStatus::of(&pool(powers), |_| true).quorum, quorum, "{powers:?}");
        }
    }
}
