//! The agreement engine (Malachite, a Tendermint) at work: it asks the chain's thread for blocks, has
//! those of others judged, and tells it what was decided.
//!
//! Heights begin when there is something to order or a heartbeat is due, so that a pool in which
//! nothing happens writes little.

mod deciding;
mod starting;
mod watching;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chancery_ledger::seal::Pool;
use chancery_ledger::view::View;
use chancery_registries::validators::Accuse;
use malachitebft_app::types::core::{Height as _, Proposal as _, Round, Vote as _};
use malachitebft_app::types::streaming::StreamId;
use malachitebft_app::types::{LocallyProposedValue, SignedConsensusMsg};
use malachitebft_app_channel::{AppMsg, Channels, NetworkMsg, Reply};
use malachitebft_engine::host::{HeightParams, Next};
use malachitebft_engine::util::events::Event;
use tokio::sync::{broadcast, mpsc, watch};

use super::blocks::{Arrival, Arrivals, transitions_part};
use super::context::{BlockHash, Height, PoolContext, Signing, ValidatorSet, round_number};
use super::evidence::{Accused, accusations};
use super::host::{Gone, Host};
use super::status::AgreementStatus;
use watching::Introductions;

pub(crate) use starting::EngineConfig;

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
    /// What validators were caught at, to be put on record.
    pub(crate) accusations: mpsc::Sender<Accuse>,
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

/// How often connections are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long the engine may take to stop.
const STOP_MAX: Duration = Duration::from_secs(5);

/// Runs the engine until it is told to stop, or cannot go on.
pub(crate) async fn run(config: EngineConfig, with: Connections) -> Result<(), EngineError> {
    let next = with.host.next().await?;
    let ledger = with.view.genesis().ledger();
    let (mut channels, handle) = starting::start(&config, ledger, next.height).await?;
    let mut engine = Engine::new(config, with, next)?;
    let ended = engine.drive(&mut channels).await;
    handle.actor.stop(None);
    if tokio::time::timeout(STOP_MAX, handle.handle).await.is_err() {
        tracing::warn!("the agreement engine did not stop in time");
    }
    ended
}

struct Engine {
    config: EngineConfig,
    with: Connections,
    signing: Signing,
    arrivals: Arrivals,
    introductions: Introductions,
    accused: Accused,
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
    fn new(
        config: EngineConfig,
        with: Connections,
        next: super::host::Next,
    ) -> Result<Self, EngineError> {
        let ledger = with.view.genesis().ledger();
        let signing = Signing::new(ledger, config.key.clone());
        let introductions = Introductions::new(&signing, &config.peer_id()?);
        with.status.update(|status| {
            status.height = next.height;
            status.decided = Some(Instant::now());
        });
        Ok(Self {
            signing,
            arrivals: Arrivals::new(ledger),
            introductions,
            accused: Accused::default(),
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
            AppMsg::ReceivedProposalPart { from, published_by, part, reply } => {
                let value = match self.arrivals.take(published_by, part) {
                    Some(Arrival::Block(arrived)) => self.arrived(arrived).await?,
                    Some(Arrival::Transitions(batch)) => {
                        // When the node has no room, the others propose them.
                        let _ = self.with.incoming.try_send(batch);
                        None
                    }
                    Some(Arrival::Introduction(introduction)) => {
                        self.introductions.hear(&from, &introduction);
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
                for accusation in accusations(&evidence) {
                    self.accuse(accusation);
                }
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

    /// Sends transitions to all others, so that whoever proposes next has them.
    async fn pass_on(&mut self, channels: &Channels<PoolContext>, batch: Vec<Bytes>) {
        self.streams += 1;
        let mut stream = b"transitions".to_vec();
        stream.extend_from_slice(&self.streams.to_be_bytes());
        let message = transitions_part(batch, StreamId::new(stream.into()));
        let _ = channels.network.send(NetworkMsg::PublishProposalPart(message)).await;
    }

    /// A validator has signed two things in one step: that goes on record.
    fn accuse(&mut self, accusation: Accuse) {
        let (validator, height) = (accusation.validator, accusation.height);
        tracing::warn!(%validator, height, "a validator has signed two things in one step");
        if !self.accused.is_due(&accusation, crate::node::now()) {
            return;
        }
        if self.with.accusations.try_send(accusation).is_err() {
            tracing::warn!(%validator, height, "too many accusations are under way for one more");
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
}

fn height_of(message: &SignedConsensusMsg<PoolContext>) -> u64 {
    match message {
        SignedConsensusMsg::Vote(vote) => vote.message.height().0,
        SignedConsensusMsg::Proposal(proposal) => proposal.message.height().0,
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
