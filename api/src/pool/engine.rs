//! The agreement engine (Malachite, a Tendermint) at work: it asks the chain's thread for blocks, has
//! those of others judged, and tells it what was decided.
//!
//! Heights begin when there is something to order or a heartbeat is due, so that a pool in which
//! nothing happens writes little.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_ledger::seal::{Pool, Seal};
use chancery_ledger::view::View;
use malachitebft_app::config::{
    ConsensusConfig, NodeConfig, PubSubProtocol, ValuePayload, ValueSyncConfig,
};
use malachitebft_app::types::codec::Codec;
use malachitebft_app::types::core::{
    Context as _, Height as _, LinearTimeouts, Round, Validity, Vote as _,
};
use malachitebft_app::types::streaming::StreamId;
use malachitebft_app::types::sync::RawDecidedValue;
use malachitebft_app::types::{
    Keypair, LocallyProposedValue, MisbehaviorEvidence, ProposedValue, SignedConsensusMsg,
};
use malachitebft_app_channel::{
    AppMsg, Channels, ConsensusContext, EngineHandle, NetworkContext, NetworkIdentity, NetworkMsg,
    NetworkRequest, Reply, RequestContext, SyncContext, WalContext, start_engine,
};
use malachitebft_engine::host::{HeightParams, Next, SyncedValueOutcome};
use malachitebft_engine::network::Multiaddr;
use malachitebft_engine::util::events::Event;
use malachitebft_signing::Signer as _;
use tokio::sync::{broadcast, mpsc, watch};

use super::blocks::{Arrival, Arrivals, Arrived, parts_of, transitions_part};
use super::codec::Wire;
use super::context::{
    Address, BlockHash, Checking, Height, Init, PoolContext, Signature, Signing, ValidatorSet,
    certificate, commit_certificate, round_number,
};
use super::host::{Gone, Host, Judged, Offered};
use super::status::{AgreementPeer, AgreementStatus, is_quorum};

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

/// What connects the engine to the node.
pub(crate) struct Connections {
    /// The thread that owns the chain.
    pub(crate) host: Host,
    /// What is final.
    pub(crate) view: View,
    /// How many transitions wait.
    pub(crate) waiting: watch::Receiver<usize>,
    /// Transitions of this node for the others.
    pub(crate) outgoing: mpsc::Receiver<Vec<Bytes>>,
    /// Transitions of the others.
    pub(crate) incoming: mpsc::Sender<Vec<Bytes>>,
    /// Whether to stop.
    pub(crate) stop: watch::Receiver<bool>,
    /// For those who watch.
    pub(crate) status: Arc<AgreementStatus>,
}

/// Why the engine has ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    /// It could not be started.
    #[error("the agreement engine does not start: {0}")]
    Start(String),
    /// It has ended by itself.
    #[error("the agreement engine has ended")]
    Ended,
    /// Its write-ahead log is damaged: voting on could contradict earlier votes.
    #[error("the agreement engine's write-ahead log: {0}; see docs/operations.md")]
    Log(String),
    /// A block was decided that this node could not make final.
    #[error("block {0} was decided and could not be made final")]
    NotFinal(u64),
    /// The chain's thread has ended.
    #[error(transparent)]
    Gone(#[from] Gone),
}

/// A node answers the engine's first question when it sees two thirds of the pool, or after this time.
const QUORUM_WAIT: Duration = Duration::from_secs(10);
/// How often connections are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Connections from one address: several nodes may stand behind one.
const CONNECTIONS_OF_ADDRESS_MAX: usize = 64;
/// Version and sequence number, which the engine's log begins with.
const LOG_HEAD_BYTES: u64 = 12;
/// How long the engine may take to stop.
const STOP_MAX: Duration = Duration::from_secs(5);

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

    /// The identity on the network, which follows from the validator's key and does not reveal it.
    fn network_key(&self) -> Result<Keypair, EngineError> {
        let mut seed = self.key.derived_seed(b"chancery consensus network 1\0");
        Keypair::ed25519_from_bytes(&mut seed[..])
            .map_err(|error| EngineError::Start(error.to_string()))
    }
}

/// Runs the engine until it is told to stop, or cannot go on.
pub(crate) async fn run(config: EngineConfig, with: Connections) -> Result<(), EngineError> {
    let (mut channels, handle) = start(&config, with.view.genesis().ledger()).await?;
    let mut engine = Engine::new(config, with).await?;
    let ended = engine.drive(&mut channels).await;
    handle.actor.stop(None);
    if tokio::time::timeout(STOP_MAX, handle.handle).await.is_err() {
        tracing::warn!("the agreement engine did not stop in time");
    }
    ended
}

async fn start(
    config: &EngineConfig,
    ledger: Hash,
) -> Result<(Channels<PoolContext>, EngineHandle), EngineError> {
    let failed = |error: &dyn std::fmt::Display| EngineError::Start(error.to_string());
    std::fs::create_dir_all(&config.folder).map_err(|error| failed(&error))?;
    let log = config.folder.join("consensus.wal");
    remove_if_torn_while_made(&log).map_err(|error| failed(&error))?;
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
fn remove_if_torn_while_made(log: &std::path::Path) -> std::io::Result<()> {
    match std::fs::metadata(log) {
        Ok(file) if file.len() < LOG_HEAD_BYTES => std::fs::remove_file(log),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

struct Engine {
    config: EngineConfig,
    with: Connections,
    signing: Signing,
    arrivals: Arrivals,
    /// The height that is being decided, or comes next.
    height: u64,
    round: u32,
    pool: Arc<Pool>,
    streams: u64,
    ready: Option<(Reply<First>, Instant)>,
    /// The block of this height was fetched from one that has it already.
    behind: bool,
    /// The last height is decided and the next not begun.
    resting: Option<Resting>,
}

/// The height that the engine begins with.
type First = (Height, HeightParams<PoolContext>);

struct Resting {
    reply: Reply<Next<PoolContext>>,
    until: Instant,
    /// Others have begun the next height.
    called: bool,
}

impl Engine {
    async fn new(config: EngineConfig, with: Connections) -> Result<Self, EngineError> {
        let next = with.host.next().await?;
        let ledger = with.view.genesis().ledger();
        with.status.update(|status| {
            status.height = next.height;
            status.decided = Some(Instant::now());
        });
        Ok(Self {
            signing: Signing::new(ledger, config.key.clone()),
            arrivals: Arrivals::new(ledger),
            height: next.height,
            round: 0,
            pool: next.pool,
            streams: 0,
            ready: None,
            behind: false,
            resting: None,
            config,
            with,
        })
    }

    async fn drive(&mut self, channels: &mut Channels<PoolContext>) -> Result<(), EngineError> {
        let mut events = channels.events.subscribe();
        let mut look = tokio::time::interval(LOOK);
        loop {
            let rests_until = self.resting.as_ref().map(|resting| resting.until);
            tokio::select! {
                message = channels.consensus.recv() => match message {
                    Some(message) => self.take(message, channels).await?,
                    None => return Err(self.last_words(&mut events)),
                },
                event = events.recv() => self.hear(event)?,
                batch = self.with.outgoing.recv() => {
                    self.pass_on(channels, batch.ok_or(Gone)?).await;
                }
                changed = self.with.waiting.changed() => changed.map_err(|_| Gone)?,
                () = rest(rests_until) => {}
                _ = look.tick() => self.look(channels).await,
                _ = self.with.stop.changed() => return Ok(()),
            }
            self.begin_if_due();
        }
    }

    async fn take(
        &mut self,
        message: AppMsg<PoolContext>,
        channels: &Channels<PoolContext>,
    ) -> Result<(), EngineError> {
        match message {
            AppMsg::ConsensusReady { reply } => self.ready = Some((reply, Instant::now())),
            AppMsg::StartedRound { height, round, proposer, reply_value, .. } => {
                let values = self.started(height, round, proposer).await?;
                answer(reply_value, values);
            }
            AppMsg::GetValue { height, round, reply, .. } => {
                let proposed = self.with.host.propose(round_number(round)).await?;
                let block = BlockHash::from(proposed.hash);
                answer(reply, LocallyProposedValue::new(height, round, block));
                self.send(channels, (height, round, Round::Nil), block, &proposed.bytes).await;
            }
            AppMsg::RestreamProposal { height, round, valid_round, address, value_id } => {
                if address == self.signing.address()
                    && let Some(bytes) = self.with.host.block(value_id.hash()).await?
                {
                    self.send(channels, (height, round, valid_round), value_id, &bytes).await;
                }
            }
            AppMsg::ReceivedProposalPart { published_by, part, reply, .. } => {
                let value = match self.arrivals.take(published_by, part) {
                    Some(Arrival::Block(arrived)) => self.arrived(arrived).await?,
                    Some(Arrival::Transitions(batch)) => {
                        // When the node has no room, the others propose them.
                        let _ = self.with.incoming.try_send(batch);
                        None
                    }
                    None => None,
                };
                answer(reply, value);
            }
            AppMsg::Decided { certificate: decided, reply, .. } => {
                self.decided(&decided).await?;
                answer(reply, ());
            }
            AppMsg::Finalized { evidence, reply, .. } => {
                self.accuse(&evidence);
                let until = Instant::now() + self.config.heartbeat;
                // Who has just been given a block that others had long decided is given the next.
                let called = std::mem::take(&mut self.behind);
                self.resting = Some(Resting { reply, until, called });
            }
            AppMsg::GetHistoryMinHeight { reply } => answer(reply, Height::INITIAL),
            AppMsg::GetDecidedValues { range, reply } => {
                answer(reply, self.decided_blocks(range.start().0..=range.end().0));
            }
            AppMsg::ProcessSyncedValue { height, round, proposer, value_bytes, reply } => {
                let outcome = self.synced(height, round, proposer, value_bytes).await?;
                answer(reply, outcome);
            }
            AppMsg::ExtendVote { reply, .. } => answer(reply, None),
            AppMsg::VerifyVoteExtensions { extensions, reply, .. } => {
                answer(reply, extensions.into_iter().map(|(who, ())| (who, Ok(()))).collect());
            }
        }
        Ok(())
    }

    /// A round begins: the blocks of it that were found good before, also before a stop.
    async fn started(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
    ) -> Result<Vec<ProposedValue<PoolContext>>, EngineError> {
        self.round = round_number(round);
        let round_now = self.round;
        self.with.status.update(|status| {
            status.round = round_now;
            status.proposer = Some(proposer.key());
            status.begun.get_or_insert_with(Instant::now);
        });
        for arrived in self.arrivals.due(height.0, self.round) {
            self.consider(arrived).await?;
        }
        let considered = self.with.host.considered(self.round).await?;
        let value = |considered: chancery_ledger::consensus::pool::Considered| ProposedValue {
            height,
            round,
            valid_round: considered.valid_round.map_or(Round::Nil, Round::new),
            proposer,
            value: considered.hash.into(),
            validity: Validity::Valid,
        };
        Ok(considered.into_iter().map(value).collect())
    }

    async fn send(
        &mut self,
        channels: &Channels<PoolContext>,
        (height, round, valid_round): (Height, Round, Round),
        block: BlockHash,
        bytes: &[u8],
    ) {
        self.streams += 1;
        let mut stream = height.0.to_be_bytes().to_vec();
        stream.extend_from_slice(&round_number(round).to_be_bytes());
        stream.extend_from_slice(&self.streams.to_be_bytes());
        let (proposer, len) = (self.signing.address(), bytes.len() as u32);
        let signature = Signature([0; 64]);
        let init = Init { height, round, valid_round, proposer, block, len, signature };
        let init = init.signed(&self.signing);
        for part in parts_of(init, bytes, StreamId::new(stream.into())) {
            // The engine is ending if it no longer takes them.
            let _ = channels.network.send(NetworkMsg::PublishProposalPart(part)).await;
        }
    }

    /// Sends transitions to all others, so that whoever proposes next has them.
    async fn pass_on(&mut self, channels: &Channels<PoolContext>, batch: Vec<Bytes>) {
        self.streams += 1;
        let mut stream = b"transitions".to_vec();
        stream.extend_from_slice(&self.streams.to_be_bytes());
        let message = transitions_part(batch, StreamId::new(stream.into()));
        let _ = channels.network.send(NetworkMsg::PublishProposalPart(message)).await;
    }

    async fn arrived(
        &mut self,
        arrived: Arrived,
    ) -> Result<Option<ProposedValue<PoolContext>>, EngineError> {
        let init = &arrived.init;
        if init.height.0 == self.height && round_number(init.round) <= self.round {
            return self.consider(arrived).await;
        }
        if init.height.0 > self.height {
            self.call();
        }
        self.arrivals.keep(arrived, self.height, self.round);
        Ok(None)
    }

    /// Has a block judged that the proposer of its round has signed.
    async fn consider(
        &mut self,
        Arrived { init, bytes }: Arrived,
    ) -> Result<Option<ProposedValue<PoolContext>>, EngineError> {
        let pool = ValidatorSet::from(&*self.pool);
        let proposer = PoolContext.select_proposer(&pool, init.height, init.round);
        let of_proposer = malachitebft_app::types::core::Validator::address(proposer);
        if *of_proposer != init.proposer || named(&bytes) != Some(init.block.hash()) {
            return Ok(None);
        }
        let valid_round = init.valid_round.as_u32();
        let offered = Offered { round: round_number(init.round), valid_round, bytes };
        let validity = match self.with.host.consider(offered).await? {
            Judged::Good(_) => Validity::Valid,
            Judged::Bad => Validity::Invalid,
        };
        Ok(Some(ProposedValue {
            height: init.height,
            round: init.round,
            valid_round: init.valid_round,
            proposer: init.proposer,
            value: init.block,
            validity,
        }))
    }

    async fn decided(
        &mut self,
        decided: &malachitebft_app::types::core::CommitCertificate<PoolContext>,
    ) -> Result<(), EngineError> {
        let height = decided.height.0;
        let seal = certificate(decided);
        let signed: Vec<PublicKey> = seal.signatures.iter().map(|vote| vote.validator).collect();
        if !self.with.host.decide(decided.value_id.hash(), seal).await? {
            return Err(EngineError::NotFinal(height));
        }
        let next = self.with.host.next().await?;
        (self.height, self.round, self.pool) = (next.height, 0, next.pool);
        self.with.status.update(|status| {
            status.height = next.height;
            status.round = 0;
            status.decided = Some(Instant::now());
            status.begun = None;
            status.last_signed.extend(signed.into_iter().map(|key| (key, height)));
        });
        Ok(())
    }

    async fn synced(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        bytes: Bytes,
    ) -> Result<SyncedValueOutcome<PoolContext>, EngineError> {
        if height.0 != self.height {
            return Ok(SyncedValueOutcome::LocalTransientError);
        }
        let Judged::Good(hash) = self.with.host.consider_final(bytes.to_vec()).await? else {
            return Ok(SyncedValueOutcome::PeerFault);
        };
        self.behind = true;
        Ok(SyncedValueOutcome::Verdict(ProposedValue {
            height,
            round,
            valid_round: Round::Nil,
            proposer,
            value: hash.into(),
            validity: Validity::Valid,
        }))
    }

    /// Final blocks for one that catches up, as far as there are any.
    fn decided_blocks(
        &self,
        heights: std::ops::RangeInclusive<u64>,
    ) -> Vec<RawDecidedValue<PoolContext>> {
        let read = |height| {
            let (header, seal) = self.with.view.sealed_header(height).ok()?;
            let Seal::Pool(seal) = seal else { return None };
            let bytes = self.with.view.block_bytes(height).ok()?;
            let certificate = commit_certificate(height, header.hash(), &seal);
            let certificate = malachitebft_app::types::core::ExtendedCommitCertificate::
                from_commit_certificate_and_extensions(certificate, Default::default());
            Some(RawDecidedValue::new(bytes.into(), certificate))
        };
        heights.map_while(read).collect()
    }

    /// Validators that signed two things in one step are named; the evidence goes on the ledger.
    fn accuse(&self, evidence: &MisbehaviorEvidence<PoolContext>) {
        let voters = evidence.votes.iter().map(|(who, votes)| (*who, votes.len() as u64));
        let proposers = evidence.proposals.iter().map(|(who, all)| (*who, all.len() as u64));
        for (who, count) in voters.chain(proposers) {
            tracing::warn!(validator = %who, count, "a validator has signed two things in one step");
            self.with.status.update(|status| {
                *status.equivocators.entry(who.key()).or_default() += count;
            });
        }
    }

    fn hear(
        &mut self,
        event: Result<Event<PoolContext>, broadcast::error::RecvError>,
    ) -> Result<(), EngineError> {
        match event {
            Ok(Event::Received(message)) if height_of(&message) >= self.height => self.call(),
            Ok(Event::WalCorrupted(error)) => return Err(EngineError::Log(error.to_string())),
            Ok(Event::WalReplayError(error)) => return Err(EngineError::Log(error.to_string())),
            Ok(Event::WalResetError(error)) => return Err(EngineError::Log(error.to_string())),
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return Err(EngineError::Ended),
        }
        Ok(())
    }

    /// Why the engine has ended, as far as it has said so: its messages may end before its events are
    /// heard.
    fn last_words(&mut self, events: &mut broadcast::Receiver<Event<PoolContext>>) -> EngineError {
        use broadcast::error::TryRecvError;
        loop {
            let event = match events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Lagged(_)) => continue,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return EngineError::Ended,
            };
            if let Err(error) = self.hear(Ok(event)) {
                return error;
            }
        }
    }

    /// Others have begun the next height.
    fn call(&mut self) {
        if let Some(resting) = &mut self.resting {
            resting.called = true;
        }
    }

    fn begin_if_due(&mut self) {
        let waits = *self.with.waiting.borrow_and_update() > 0;
        let is_due =
            |resting: &mut Resting| waits || resting.called || Instant::now() >= resting.until;
        if let Some(resting) = self.resting.take_if(is_due) {
            self.with.status.update(|status| status.begun = Some(Instant::now()));
            answer(resting.reply, Next::Start(Height(self.height), self.parameters()));
        }
    }

    fn parameters(&self) -> HeightParams<PoolContext> {
        HeightParams::new(ValidatorSet::from(&*self.pool), self.config.timeouts, None)
    }

    /// Looks at who is connected, and lets the engine begin when enough are.
    async fn look(&mut self, channels: &Channels<PoolContext>) {
        if let Ok(Some(dump)) = NetworkRequest::dump_state(&channels.net_requests).await {
            let known = self.with.status.picture().peers;
            let since = |id: &str| known.iter().find(|peer| peer.id == id).map(|peer| peer.since);
            let peers = dump.peers.iter().map(|(id, peer)| AgreementPeer {
                id: format!("{id}"),
                since: since(&format!("{id}")).unwrap_or_else(crate::node::now),
                address: peer.address.to_string(),
                outbound: peer.connection_direction.is_some_and(|way| way.as_str() == "outbound"),
                validator: peer
                    .consensus_public_key
                    .as_ref()
                    .and_then(|key| key.as_slice().try_into().ok())
                    .map(PublicKey::from_bytes),
            });
            let peers: Vec<AgreementPeer> = peers.collect();
            self.with.status.update(|status| status.peers = peers);
        }
        let own = self.config.key.public();
        let power = self.with.status.picture().connected_power(&self.pool, &own);
        let enough = is_quorum(power, &self.pool);
        let due = |(_, since): &mut (_, Instant)| enough || since.elapsed() >= QUORUM_WAIT;
        if let Some((reply, _)) = self.ready.take_if(due) {
            answer(reply, (Height(self.height), self.parameters()));
        }
    }
}

/// The hash that the bytes of a block name it by: its header's, whose entries they hold.
fn named(bytes: &[u8]) -> Option<Hash> {
    chancery_ledger::block::Block::decode(bytes).ok().map(|block| block.header.hash())
}

fn height_of(message: &SignedConsensusMsg<PoolContext>) -> u64 {
    match message {
        SignedConsensusMsg::Vote(vote) => vote.message.height().0,
        SignedConsensusMsg::Proposal(proposal) => {
            malachitebft_app::types::core::Proposal::height(&proposal.message).0
        }
    }
}

/// The engine may have stopped asking: then nobody hears the answer.
fn answer<T>(reply: Reply<T>, with: T) {
    let _ = reply.send(with);
}

async fn rest(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}
