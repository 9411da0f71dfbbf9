//! What a node must be told to take part in the network, and how far it trusts others with its means.

use std::path::PathBuf;
use std::time::Duration;

use chancery_ledger::hash::Hash;
use libp2p::Multiaddr;
use zeroize::Zeroizing;

pub use crate::rate::Rate;

/// The longest message of gossip, in bytes: a batch of transitions, a whole block, or an announcement.
pub const MAX_GOSSIP_BYTES: usize = 256 * 1024;
/// The longest block, encoded, in bytes.
pub const MAX_BLOCK_BYTES: usize = 8 * 1024 * 1024;
/// The longest answer to a request, in bytes: one block of the longest, and its frame.
pub const MAX_ANSWER_BYTES: usize = MAX_BLOCK_BYTES + 64 * 1024;
/// The longest locator of a request for headers.
pub const MAX_LOCATOR: usize = 128;
/// The most sealed headers of one answer.
pub const MAX_HEADERS: u32 = 2_000;
/// The most blocks that one request may ask for, by hash or by height.
pub const MAX_BLOCKS: u32 = 512;
/// The most transitions of one message of gossip.
pub const MAX_BATCH: usize = 1_024;

/// What a node must be told to take part in the network.
#[derive(Clone)]
pub struct PeersConfig {
    /// The ledger's id. Peers of another ledger are dropped.
    pub ledger: Hash,
    /// The seed of the node's identity in the network, an Ed25519 key.
    pub seed: Zeroizing<[u8; 32]>,
    /// Name and version of this program, as peers are told.
    pub agent: String,
    /// Where to listen, `/ip4/…/tcp/…`; none for a node that only dials.
    pub listen: Vec<Multiaddr>,
    /// Addresses under which others reach this node, where they are not those that it listens on.
    pub announce: Vec<Multiaddr>,
    /// Peers to stay connected with, `/ip4/…/tcp/…` or `/dns/…/tcp/…`, with or without `/p2p/…`.
    pub persistent: Vec<Multiaddr>,
    /// The file of the address book; none to keep it in memory alone.
    pub book: Option<PathBuf>,
    /// Whether blocks are gossiped: under proof of work, not under a pool.
    pub blocks: bool,
    /// Whether loopback and private addresses are free of the limits for one address and one
    /// neighbourhood, and are told to others: for a network within one house or one machine.
    pub local: bool,
    /// How much others may cost.
    pub limits: Limits,
    /// When things are done.
    pub pace: Pace,
}

impl PeersConfig {
    /// A node of this ledger with all limits as usual, that listens nowhere and knows nobody.
    pub fn new(ledger: Hash, seed: [u8; 32]) -> Self {
        Self {
            ledger,
            seed: Zeroizing::new(seed),
            agent: concat!("chanceryd/", env!("CARGO_PKG_VERSION")).to_owned(),
            listen: Vec::new(),
            announce: Vec::new(),
            persistent: Vec::new(),
            book: None,
            blocks: false,
            local: false,
            limits: Limits::default(),
            pace: Pace::default(),
        }
    }
}

/// How much others may cost this node.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Peers that connected to this node.
    pub inbound: u32,
    /// Peers that this node keeps looking for until it has so many, beside the persistent ones.
    pub outbound: u32,
    /// Connections whose handshake is under way, in each direction.
    pub handshakes: u32,
    /// Connections from one address, with those whose handshake is under way.
    pub connections_per_address: u32,
    /// Outbound peers in one neighbourhood: a /16 of IPv4, a /32 of IPv6.
    pub outbound_per_neighbourhood: u32,
    /// Messages of gossip that wait for their verdict, all together.
    pub judgements: usize,
    /// Bytes of the messages of gossip that wait for their verdict, all together.
    pub judgement_bytes: usize,
    /// Messages of gossip that wait for their verdict, of one peer.
    pub judgements_per_peer: usize,
    /// Messages of gossip of one peer.
    pub gossip_messages: Rate,
    /// Bytes of gossip of one peer.
    pub gossip_bytes: Rate,
    /// Requests of one peer.
    pub requests: Rate,
    /// Bytes of the answers to one peer.
    pub answer_bytes: Rate,
    /// Requests of others that wait for this node's answer, all together.
    pub answering: usize,
    /// Requests of this node that wait for others' answers, all together.
    pub asking: usize,
    /// Bytes that this node has published and that are not yet on their way.
    pub publishing_bytes: usize,
    /// Addresses in the book.
    pub addresses: usize,
    /// The score past which a peer is banned.
    pub ban_score: u32,
    /// How much of a score is forgiven each minute.
    pub forgiven_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inbound: 64,
            outbound: 8,
            handshakes: 128,
            connections_per_address: 4,
            outbound_per_neighbourhood: 2,
            judgements: 512,
            judgement_bytes: 32 * 1024 * 1024,
            judgements_per_peer: 128,
            gossip_messages: Rate { burst: 4_000, per_second: 1_000 },
            gossip_bytes: Rate { burst: 64 << 20, per_second: 16 << 20 },
            requests: Rate { burst: 64, per_second: 16 },
            answer_bytes: Rate { burst: 64 << 20, per_second: 16 << 20 },
            answering: 64,
            asking: 16,
            publishing_bytes: 32 * 1024 * 1024,
            addresses: 1_024,
            ban_score: 100,
            forgiven_per_minute: 10,
        }
    }
}

/// When things are done.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How long a handshake may take, and then how long a peer may take to say who it is.
    pub handshake: Duration,
    /// How long an answer may take, from the request to its last byte.
    pub answer: Duration,
    /// How long the node may take for a verdict, and then how long an announced block may take to come.
    pub judgement: Duration,
    /// How often peers are looked for and peers in arrears are dropped.
    pub tick: Duration,
    /// How often a peer is asked for the addresses it knows.
    pub exchange: Duration,
    /// The first pause before an address is dialled again; it doubles up to sixty-four times this.
    pub redial: Duration,
    /// How long a banned peer stays banned.
    pub ban: Duration,
    /// How long a banned persistent peer is left alone.
    pub persistent_ban: Duration,
    /// How often a silent connection is asked whether it still lives.
    pub ping: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            answer: Duration::from_secs(20),
            judgement: Duration::from_secs(10),
            tick: Duration::from_secs(1),
            exchange: Duration::from_secs(60),
            redial: Duration::from_secs(1),
            ban: Duration::from_secs(60 * 60),
            persistent_ban: Duration::from_secs(60),
            ping: Duration::from_secs(10),
        }
    }
}
