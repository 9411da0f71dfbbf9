//! How the server is configured: the command line, the environment, and what stands in its folder.

mod found;
pub mod network;
mod rebuild;
mod serving;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_node_files::network::parse_address;
use chancery_node_files::{KEY_FILE, key_file};
use clap::{Args, Parser, Subcommand};
use multiaddr::Multiaddr;

use crate::projection::DatabaseUrl;

pub use chancery_node_files::key_file::KeyFileError;
pub use found::{FoundError, init};
pub use rebuild::{rebuild, rotate_keeping_key};
pub use serving::{Limits, Network, ProxyHeader, Serving, TlsFiles};

/// The node of a Chancery ledger.
#[derive(Clone, Debug, Parser)]
#[command(name = "chanceryd", version, about)]
pub struct Config {
    /// The folder of the ledger.
    #[arg(long, env = "CHANCERY_DATA", default_value = "./data", global = true)]
    pub data: PathBuf,
    /// The address to listen on.
    #[arg(long, visible_alias = "listen", env = "CHANCERY_ADDRESS", global = true)]
    pub address: Option<IpAddr>,
    /// The same as `address`, where only the environment can be set.
    #[arg(long, env = "CHANCERY_LISTEN", hide = true, global = true)]
    pub listen_address: Option<IpAddr>,
    /// The port to listen on; 0 is any that is free.
    #[arg(long, env = "CHANCERY_PORT", default_value_t = 8080, global = true)]
    pub port: u16,
    /// Where the projections are: `sqlite://FILE` or `postgres://…`; a file in the folder by default.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// How people reach this server, as it stands in QR codes; the listening address by default.
    #[arg(long, env = "CHANCERY_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// The node's key in PKCS#8 PEM; `node-key.pem` in the folder by default.
    #[arg(long, env = "CHANCERY_KEY_FILE", global = true)]
    pub key_file: Option<PathBuf>,
    /// A file whose first line opens the node's key, when that is encrypted.
    #[arg(long, env = "CHANCERY_KEY_PASSPHRASE_FILE", global = true)]
    pub key_passphrase_file: Option<PathBuf>,
    /// Threads that answer requests; as many as there are processors by default.
    #[arg(long, env = "CHANCERY_WORKERS", global = true)]
    pub workers: Option<usize>,
    /// Threads that verify signatures; as many as there are processors by default.
    #[arg(long, env = "CHANCERY_VERIFIERS", global = true)]
    pub verifiers: Option<usize>,
    /// Connections that are held at a time; more wait.
    #[arg(long, env = "CHANCERY_MAX_CONNECTIONS", default_value_t = 4096, global = true)]
    pub max_connections: usize,
    /// How the server meets its clients.
    #[command(flatten)]
    pub serving: Serving,
    /// Where the validators of a pool listen for each other, as in /ip4/0.0.0.0/tcp/27000; stands
    /// above `network.json`.
    #[arg(long, env = "CHANCERY_CONSENSUS_LISTEN", value_parser = parse_address, global = true)]
    pub consensus_listen: Option<Multiaddr>,
    /// Where nodes listen that hand on transitions and blocks; stands above `network.json`.
    #[arg(long, env = "CHANCERY_PEERS_LISTEN", value_parser = parse_address, global = true)]
    pub peers_listen: Option<Multiaddr>,
    /// Write the log as JSON, a line each.
    #[arg(long, env = "CHANCERY_JSON_LOG", global = true)]
    pub json_log: bool,
    /// What to do; `serve` by default.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the server's command can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Open the ledger and serve it.
    Serve,
    /// Found a ledger in an empty folder, with this node as the only validator.
    Init(Founding),
    /// Make the projections anew from the ledger.
    Rebuild,
    /// Make a new keeping key, wrap the keys of all records that are kept here with it, and destroy the one before.
    RotateKeepingKey,
}

/// What a new ledger is founded with.
#[derive(Clone, Debug, Args)]
pub struct Founding {
    /// What the ledger is called.
    #[arg(long)]
    pub name: String,
    /// A key of the root authority, the x of its JWK; once for each key.
    #[arg(long = "root-key", required = true)]
    pub root_keys: Vec<PublicKey>,
    /// How many of the root keys must sign.
    #[arg(long, default_value_t = 1)]
    pub root_threshold: u32,
    /// How many hours ahead a transition's expiry may lie.
    #[arg(long, default_value_t = 168)]
    pub window_hours: u64,
}

impl Config {
    /// Where to listen.
    pub fn socket_address(&self) -> SocketAddr {
        let local = IpAddr::from([127, 0, 0, 1]);
        SocketAddr::new(self.address.or(self.listen_address).unwrap_or(local), self.port)
    }

    /// Where the projections are.
    pub fn database(&self) -> Result<DatabaseUrl, String> {
        let file = || format!("sqlite://{}", self.data.join("registry.sqlite").display());
        let url = self.database_url.clone().unwrap_or_else(file);
        url.parse().map_err(|error| format!("DATABASE_URL: {error}"))
    }

    /// Reads the node's key.
    pub fn node_key(&self) -> Result<SecretKey, KeyFileError> {
        key_file::read(&self.key_path(), self.key_passphrase_file.as_deref())
    }

    /// Where the node's key is.
    pub fn key_path(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data.join(KEY_FILE))
    }

    /// Threads that verify signatures.
    pub fn verifier_count(&self) -> usize {
        self.verifiers.unwrap_or_else(processors).max(1)
    }

    /// Threads that answer requests.
    pub fn worker_count(&self) -> usize {
        self.workers.unwrap_or_else(processors).max(1)
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What is logged unless `RUST_LOG` says otherwise: strangers can make the libraries of the network and of
/// HTTP warn.
const DEFAULT_LOG: &str =
    "info,actix_http::h1=off,libp2p_gossipsub=error,libp2p_request_response=error";

/// Starts logging to standard error; `RUST_LOG` says how much.
pub fn start_logging(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(DEFAULT_LOG));
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json {
        logging.json().try_init()
    } else {
        logging.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
