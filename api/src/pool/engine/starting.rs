//! How the engine is started: its settings, its identity on the network, its log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use malachitebft_app::config::{
    ConsensusConfig, NodeConfig, PubSubProtocol, ValuePayload, ValueSyncConfig,
};
use malachitebft_app::types::codec::Codec;
use malachitebft_app::types::core::LinearTimeouts;
use malachitebft_app::types::{Keypair, PeerId};
use malachitebft_app::wal::Log;
use malachitebft_app_channel::{
    Channels, ConsensusContext, EngineHandle, NetworkContext, NetworkIdentity, RequestContext,
    SyncContext, WalContext, start_engine,
};
use malachitebft_engine::network::Multiaddr;
use malachitebft_signing::Signer as _;

use super::EngineError;
use crate::pool::codec::Wire;
use crate::pool::context::{Checking, PoolContext, Signing};

/// Connections from one address: several nodes may stand behind one.
const CONNECTIONS_OF_ADDRESS_MAX: usize = 64;
/// Version and sequence number, which the engine's log begins with.
const LOG_HEAD_BYTES: u64 = 12;

/// What the engine is started with.
pub(crate) struct EngineConfig {
    /// The folder of its write-ahead log.
    pub(crate) folder: PathBuf,
    /// Where others reach it.
    pub(crate) listen: Multiaddr,
    /// The others.
    pub(crate) peers: Vec<Multiaddr>,
    /// How long it waits for the others.
    pub(crate) timeouts: LinearTimeouts,
    /// An empty block is made after this time without one.
    pub(crate) heartbeat: Duration,
    /// The key it votes with.
    pub(crate) key: SecretKey,
}

/// What the engine reads its settings from.
struct Settings {
    name: String,
    consensus: ConsensusConfig,
    sync: ValueSyncConfig,
}

impl NodeConfig for Settings {
    fn moniker(&self) -> &str {
        &self.name
    }

    fn consensus(&self) -> &ConsensusConfig {
        &self.consensus
    }

    fn consensus_mut(&mut self) -> &mut ConsensusConfig {
        &mut self.consensus
    }

    fn value_sync(&self) -> &ValueSyncConfig {
        &self.sync
    }

    fn value_sync_mut(&mut self) -> &mut ValueSyncConfig {
        &mut self.sync
    }
}

impl EngineConfig {
    fn settings(&self) -> Settings {
        let mut consensus = ConsensusConfig {
            value_payload: ValuePayload::ProposalAndParts,
            ..ConsensusConfig::default()
        };
        consensus.p2p.listen_addr = self.listen.clone();
        consensus.p2p.persistent_peers = self.peers.clone();
        // Members of a pool are all connected: what is sent to each goes no further.
        consensus.p2p.protocol = PubSubProtocol::Broadcast;
        consensus.p2p.discovery.max_connections_per_ip = CONNECTIONS_OF_ADDRESS_MAX;
        let sync = ValueSyncConfig {
            status_update_interval: Duration::from_secs(1),
            ..ValueSyncConfig::default()
        };
        Settings { name: self.key.public().to_string(), consensus, sync }
    }

    /// The name of that identity.
    pub(super) fn peer_id(&self) -> Result<PeerId, EngineError> {
        let bytes = self.network_key()?.public().to_peer_id().to_bytes();
        PeerId::from_bytes(&bytes).map_err(|error| EngineError::Start(error.to_string()))
    }

    /// The identity on the network, which follows from the validator's key and does not reveal it.
    fn network_key(&self) -> Result<Keypair, EngineError> {
        let mut seed = self.key.derived_seed(b"chancery consensus network 1\0");
        Keypair::ed25519_from_bytes(&mut seed[..])
            .map_err(|error| EngineError::Start(error.to_string()))
    }
}

/// Starts it.
pub(super) async fn start(
    config: &EngineConfig,
    ledger: Hash,
    height: u64,
) -> Result<(Channels<PoolContext>, EngineHandle), EngineError> {
    let failed = |error: &dyn std::fmt::Display| EngineError::Start(error.to_string());
    std::fs::create_dir_all(&config.folder).map_err(|error| failed(&error))?;
    let log = config.folder.join("consensus.wal");
    remove_if_torn_while_made(&log).map_err(|error| failed(&error))?;
    refuse_if_damaged(&log, height)?;
    let settings = config.settings();
    let signing = Signing::new(ledger, config.key.clone());
    let network_key = config.network_key()?;
    let peer_id = network_key.public().to_peer_id();
    let proof = signing.sign_validator_proof(signing.address().0.to_vec(), peer_id.to_bytes());
    let proof = proof.await.map_err(|error| failed(&error))?;
    let proof = Wire.encode(&proof).map_err(|error| failed(&error))?;
    let address = signing.address();
    let name = settings.name.clone();
    let identity = NetworkIdentity::new_validator(name, network_key, address.to_string(), proof);
    start_engine(
        PoolContext,
        settings,
        WalContext::new(log, Wire),
        NetworkContext::new(identity, Wire),
        ConsensusContext::new_validator(address, Box::new(Checking { ledger }), Box::new(signing)),
        SyncContext::new(Wire),
        RequestContext::new(100),
    )
    .await
    .map_err(|error| failed(&error))
}

/// A power cut while the engine's log is first made leaves less than its head, which it then refuses for
/// ever. Nothing was signed before the head was on the disk: it is made anew.
fn remove_if_torn_while_made(log: &Path) -> std::io::Result<()> {
    match std::fs::metadata(log) {
        Ok(file) if file.len() < LOG_HEAD_BYTES => std::fs::remove_file(log),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The engine cuts a damaged log off where the damage begins, and stops; started again, it would vote
/// without knowing what it has voted. A log of votes of another height is of no use to it.
fn refuse_if_damaged(log: &Path, height: u64) -> Result<(), EngineError> {
    let damaged = |error: std::io::Error| EngineError::Log(error.to_string());
    let mut log = Log::open(log).map_err(damaged)?;
    if log.sequence() != height || log.is_empty() {
        return Ok(());
    }
    for entry in log.iter().map_err(damaged)? {
        entry.map_err(damaged)?;
    }
    Ok(())
}
