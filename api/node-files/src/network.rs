//! `network.json`: where a node listens for the other nodes of its network, and where they are.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use multiaddr::{Multiaddr, Protocol};
use serde::{Deserialize, Serialize};

/// How a node takes part in a network. In a file, what is left out has its default, and what is
/// unknown is refused.
///
/// ```
/// use chancery_node_files::network::NetworkConfig;
///
/// let config = NetworkConfig::parse(br#"{"peers_listen": "/ip4/127.0.0.1/tcp/27001"}"#)?;
/// assert_eq!(config.timeouts.propose_ms, 400);
/// assert!(NetworkConfig::parse(br#"{"peers": ["127.0.0.1:27001"]}"#).is_err());
/// # Ok::<(), chancery_node_files::network::BadNetworkConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// Where validators and followers of a pool are taken in; nowhere when left out.
    pub consensus_listen: Option<Multiaddr>,
    /// The other validators of a pool, which are dialled again and again.
    pub consensus_peers: Vec<Multiaddr>,
    /// Where nodes are taken in that hand on transitions, and blocks of proof of work.
    pub peers_listen: Option<Multiaddr>,
    /// Such nodes to begin with; more are found through them.
    pub peers: Vec<Multiaddr>,
    /// How long a validator waits for the others.
    pub timeouts: Timeouts,
    /// When there is nothing to order, a pool makes an empty block after this time.
    pub heartbeat_ms: u64,
    /// Threads that search for blocks of proof of work; with none the node follows.
    pub miner_threads: usize,
}

/// How long a validator waits for the others in each step of a round, before it goes on without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the proposal of the round's proposer.
    pub propose_ms: u64,
    /// For further votes, when more than two thirds have voted and do not agree.
    pub vote_ms: u64,
    /// How much longer with each round of the same height.
    pub growth_ms: u64,
}

/// Why a text is not a network's configuration.
#[derive(Debug, thiserror::Error)]
pub enum BadNetworkConfig {
    /// It is not this JSON: the line and column, and what was expected there.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// An address is none that a node can use.
    #[error("{field}: {text:?} is not /ip4/ADDRESS/tcp/PORT (or ip6, dns, dns4, dns6): {why}")]
    Address {
        /// In which field, with the place in its list.
        field: String,
        /// What stands there.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// There are too many addresses.
    #[error("{field}: {count} addresses; at most {} are taken", MAX_ADDRESSES)]
    TooMany {
        /// In which field.
        field: &'static str,
        /// How many.
        count: usize,
    },
    /// An address stands twice.
    #[error("{field}: {address} stands there twice")]
    Repeated {
        /// In which field, with the place of the second.
        field: String,
        /// The address.
        address: Multiaddr,
    },
    /// A number is outside of what makes sense.
    #[error("{field}: {is} is not from {least} to {most}")]
    Range {
        /// In which field.
        field: &'static str,
        /// What stands there.
        is: u64,
        /// The least that is taken.
        least: u64,
        /// The most that is taken.
        most: u64,
    },
    /// The text is too long.
    #[error("it is longer than {} bytes", MAX_BYTES)]
    TooLong,
}

/// Why a network's configuration cannot be used: the file, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum NetworkConfigError {
    /// The file could not be read.
    #[error("{file}: {source}")]
    Io {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// It says what cannot be.
    #[error("{file}: {source}")]
    Content {
        /// Which.
        file: String,
        /// What.
        source: BadNetworkConfig,
    },
}

/// The most addresses of one list.
pub const MAX_ADDRESSES: usize = 256;
/// The longest file.
const MAX_BYTES: usize = 128 * 1024;

impl Default for Timeouts {
    fn default() -> Self {
        Self { propose_ms: 400, vote_ms: 200, growth_ms: 100 }
    }
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            consensus_listen: None,
            consensus_peers: Vec::new(),
            peers_listen: None,
            peers: Vec::new(),
            timeouts: Timeouts::default(),
            heartbeat_ms: 5_000,
            miner_threads: 1,
        }
    }
}

/// As it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    consensus_listen: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consensus_peers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peers_listen: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    peers: Vec<String>,
    timeouts_ms: WrittenTimeouts,
    heartbeat_ms: u64,
    miner_threads: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenTimeouts {
    propose: u64,
    vote: u64,
    growth: u64,
}

impl Default for Written {
    fn default() -> Self {
        Self::from(&NetworkConfig::default())
    }
}

impl Default for WrittenTimeouts {
    fn default() -> Self {
        let Timeouts { propose_ms, vote_ms, growth_ms } = Timeouts::default();
        Self { propose: propose_ms, vote: vote_ms, growth: growth_ms }
    }
}

impl From<&NetworkConfig> for Written {
    fn from(config: &NetworkConfig) -> Self {
        let texts = |all: &[Multiaddr]| all.iter().map(Multiaddr::to_string).collect();
        let Timeouts { propose_ms, vote_ms, growth_ms } = config.timeouts;
        Self {
            consensus_listen: config.consensus_listen.as_ref().map(Multiaddr::to_string),
            consensus_peers: texts(&config.consensus_peers),
            peers_listen: config.peers_listen.as_ref().map(Multiaddr::to_string),
            peers: texts(&config.peers),
            timeouts_ms: WrittenTimeouts { propose: propose_ms, vote: vote_ms, growth: growth_ms },
            heartbeat_ms: config.heartbeat_ms,
            miner_threads: config.miner_threads as u64,
        }
    }
}

impl NetworkConfig {
    /// Reads the configuration in a file; `None` when there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>, NetworkConfigError> {
        let file = path.display().to_string();
        let mut bytes = Vec::new();
        let read = File::open(path)
            .and_then(|opened| opened.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(NetworkConfigError::Io { file, source }),
        }
        let parsed = Self::parse(&bytes);
        parsed.map(Some).map_err(|source| NetworkConfigError::Content { file, source })
    }

    /// Reads a configuration from its text.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadNetworkConfig> {
        if bytes.len() > MAX_BYTES {
            return Err(BadNetworkConfig::TooLong);
        }
        let written: Written = serde_json::from_slice(bytes)?;
        let one = |field, text: Option<String>| text.map(|text| address(field, &text)).transpose();
        let timeouts = written.timeouts_ms;
        Ok(Self {
            consensus_listen: one("consensus_listen", written.consensus_listen)?,
            consensus_peers: addresses("consensus_peers", &written.consensus_peers)?,
            peers_listen: one("peers_listen", written.peers_listen)?,
            peers: addresses("peers", &written.peers)?,
            timeouts: Timeouts {
                propose_ms: within("timeouts_ms.propose", timeouts.propose, 10, 60_000)?,
                vote_ms: within("timeouts_ms.vote", timeouts.vote, 10, 60_000)?,
                growth_ms: within("timeouts_ms.growth", timeouts.growth, 0, 10_000)?,
            },
            heartbeat_ms: within("heartbeat_ms", written.heartbeat_ms, 100, 3_600_000)?,
            miner_threads: within("miner_threads", written.miner_threads, 0, 64)? as usize,
        })
    }

    /// The text of a file that says this.
    pub fn to_text(&self) -> String {
        // Strings and numbers: writing them down does not fail.
        let mut text = serde_json::to_string_pretty(&Written::from(self)).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn within(field: &'static str, is: u64, least: u64, most: u64) -> Result<u64, BadNetworkConfig> {
    match (least..=most).contains(&is) {
        true => Ok(is),
        false => Err(BadNetworkConfig::Range { field, is, least, most }),
    }
}

fn addresses(field: &'static str, texts: &[String]) -> Result<Vec<Multiaddr>, BadNetworkConfig> {
    if texts.len() > MAX_ADDRESSES {
        return Err(BadNetworkConfig::TooMany { field, count: texts.len() });
    }
    let mut all: Vec<Multiaddr> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let address = address(&field, text)?;
        if all.contains(&address) {
            return Err(BadNetworkConfig::Repeated { field, address });
        }
        all.push(address);
    }
    Ok(all)
}

fn address(field: &str, text: &str) -> Result<Multiaddr, BadNetworkConfig> {
    let wrong =
        |why| BadNetworkConfig::Address { field: field.to_owned(), text: text.to_owned(), why };
    parse_address(text).map_err(wrong)
}

/// Reads the address of a node: a host, a TCP port, and perhaps the id of the peer that must answer
/// there.
///
/// The error says what is wrong with the text.
pub fn parse_address(text: &str) -> Result<Multiaddr, String> {
    let address: Multiaddr = text.parse().map_err(|error: multiaddr::Error| error.to_string())?;
    let parts: Vec<Protocol<'_>> = address.iter().collect();
    let (host, port) = match &parts[..] {
        [host, Protocol::Tcp(port)] | [host, Protocol::Tcp(port), Protocol::P2p(_)] => (host, port),
        _ => return Err("it is not a host and a TCP port".to_owned()),
    };
    match host {
        Protocol::Ip4(_) | Protocol::Ip6(_) => {}
        Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) => {}
        _ => return Err("its host is neither an address nor a name".to_owned()),
    }
    if *port == 0 {
        return Err("its port is 0".to_owned());
    }
    Ok(address)
}
