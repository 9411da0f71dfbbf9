//! A member of the pool without its threads and sockets: the engine's core, the ledger's host and the
//! engine's write-ahead log, driven as the node's own adapter drives them.

mod blocks;
mod effects;
mod handing_in;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chancery_api::pool::context::{
    BlockHash, Height, Init, PoolContext, Signing, ValidatorSet, round_number,
};
use chancery_api::pool::evidence::Accused;
use chancery_ledger::chain::Chain;
use chancery_ledger::consensus::mempool::MempoolLimits;
use chancery_ledger::consensus::pool::{Limits, PoolHost};
use chancery_ledger::disk::Memory;
use chancery_ledger::error::Error;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, KeyCache};
use chancery_registries::Registers;
use malachitebft_app::consensus::{
    Input, LivenessMsg, LocallyProposedValue, Params, SignedConsensusMsg, State, ThresholdParams,
};
use malachitebft_app::metrics::Metrics;
use malachitebft_app::types::core::{
    LinearTimeouts, Round, Timeout, ValidatorSet as _, ValueOrigin, ValuePayload,
    VoteExtensionPolicy,
};
use malachitebft_app::types::sync::RawDecidedValue;

use super::log_file::{LogFile, WriteAheadLog};
use super::message::{Message, peer_id};
use crate::damage::Random;

/// An empty block is made after this time without one.
const HEARTBEAT_US: u64 = 1_000_000;
/// How often a member tells the others how far it is.
const TELL_US: u64 = 400_000;
/// How long a member waits for decided blocks before it asks again.
const ASK_US: u64 = 300_000;
/// Decided blocks in one answer.
const ANSWER_BLOCKS: u64 = 5;
/// Blocks that are kept for a later height or round, and decided blocks for a later height.
const AHEAD_MAX: usize = 16;

/// Now, on the clock of the simulation and on a member's own.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) us: u64,
    pub(super) time: Time,
}

/// What a member wants done, or has done.
pub(super) enum Output {
    /// To every other member.
    All(Message),
    /// To one.
    One(usize, Message),
    /// Wake it.
    Later(u64, Wake),
    /// Its core has decided a block.
    Agreed(u64, Hash),
    /// A block is final and on its disk.
    Final(u64, Hash),
    /// A transition that was handed in here is final at this position and height.
    Acknowledged(Hash, u64, u64),
    /// A transition that was handed in here will never be.
    Dropped(Hash),
    /// The height is over; who has signed two things in one step of it.
    Over(u64, BTreeSet<PublicKey>),
    /// It has handed in a transition that puts an equivocation of this id on record.
    Accuses(Hash, String),
    /// It did something worth counting.
    Count(&'static str),
}

/// What a member is woken for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wake {
    /// A timeout of the engine, with the number that makes it unlike later ones.
    Timeout(Timeout, u64),
    /// The block to propose is due.
    Propose(Height, Round),
    /// The rest between two heights is over.
    Rested,
    /// The others are to be told how far it is.
    Tell,
}

/// Why a member ends.
#[derive(Debug)]
pub(super) enum Stop {
    /// The simulated disk fails, and the member stops as a node would.
    Disk,
    /// What must never happen.
    Wrong(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { .. } => Self::Disk,
            other => Self::Wrong(other.to_string()),
        }
    }
}

/// What became of a transition that a client hands in.
pub(super) enum Taken {
    Waits,
    Known,
    At(u64),
    Refused,
    Full,
}

/// What outlives a stop.
pub(super) struct Member {
    pub(super) index: usize,
    pub(super) signing: Signing,
    pub(super) key: SecretKey,
    pub(super) genesis: Genesis,
    pub(super) thresholds: ThresholdParams,
    pub(super) disk: Memory,
    pub(super) log: LogFile,
    /// It votes in no height up to this one, in which a lost disk may have had votes.
    pub(super) silent_until: u64,
    /// The last height that it took part in.
    pub(super) height: u64,
    pub(super) clock_off_ms: i64,
    /// How often it has begun.
    pub(super) run: u64,
    pub(super) random: Random,
    pub(super) running: Option<Running>,
}

/// A member that runs.
pub(super) struct Running {
    core: State<PoolContext>,
    body: Body,
}

/// All of a running member but the engine's core, which asks it for effects.
struct Body {
    signing: Signing,
    key: SecretKey,
    ledger: Hash,
    host: PoolHost<Registers>,
    admission: Admission<Registers>,
    keys: KeyCache,
    log: WriteAheadLog,
    metrics: Arc<Metrics>,
    random: Random,
    now: Now,
    timers: Vec<(Timeout, u64)>,
    timer: u64,
    /// The log is being read back: nothing is written to it.
    recovering: bool,
    /// Whether it votes in this height.
    votes: bool,
    /// What the engine's core is told next.
    inputs: VecDeque<Input<PoolContext>>,
    /// Proposed blocks whose height or round has not come.
    ahead: Vec<(Init, Bytes)>,
    /// Decided blocks whose height has not come.
    decided: BTreeMap<u64, RawDecidedValue<PoolContext>>,
    /// The height that is being decided, or comes next, and its round.
    height: u64,
    round: u32,
    /// Between two heights: until when, and whether others have begun.
    rests_until_us: Option<u64>,
    called: bool,
    asked_us: Option<u64>,
    /// How far the others say they are.
    tips: BTreeMap<usize, u64>,
    accused: Accused,
    /// Handed in here by clients that wait.
    waiting: BTreeSet<Hash>,
    outputs: Vec<Output>,
}

impl Member {
    /// Opens the disk and begins, or ends again.
    pub(super) fn begin(&mut self, now: Now) -> Result<Vec<Output>, Stop> {
        self.run += 1;
        let disk = Arc::new(self.disk.clone());
        let opened = Chain::found(disk.clone(), &self.genesis, Arc::new(Registers))?;
        let host = PoolHost::open(opened.chain, disk, limits())?;
        let torn_at_birth = self.log.is_torn_at_birth();
        if torn_at_birth {
            self.log = LogFile::default();
        }
        let log = WriteAheadLog::open(&self.log, &self.disk).map_err(log_failed)?;
        let height = host.next_height();
        let body = Body {
            signing: self.signing.clone(),
            key: self.key.clone(),
            ledger: self.genesis.ledger(),
            admission: Admission::new(Arc::new(Registers), &self.genesis),
            keys: KeyCache::default(),
            log,
            metrics: Arc::new(Metrics::new()),
            random: Random::from_seed(self.random.number()),
            now,
            timers: Vec::new(),
            timer: 0,
            recovering: false,
            votes: true,
            inputs: VecDeque::new(),
            ahead: Vec::new(),
            decided: BTreeMap::new(),
            height,
            round: 0,
            rests_until_us: None,
            called: false,
            asked_us: None,
            tips: BTreeMap::new(),
            accused: Accused::default(),
            waiting: BTreeSet::new(),
            outputs: vec![Output::Later(TELL_US / 2, Wake::Tell)],
            host,
        };
        let params = Params {
            address: self.signing.address(),
            threshold_params: self.thresholds,
            value_payload: ValuePayload::ProposalAndParts,
            enabled: true,
        };
        let pool = ValidatorSet::from(&**body.host.pool());
        let core = State::new(PoolContext, Height(height), pool, params, 10, 500);
        let mut running = Running { core, body };
        if torn_at_birth {
            let count =
                Output::Count("write-ahead logs removed that were torn while they were made");
            running.body.outputs.push(count);
        }
        running.begin_height(self.silent_until)?;
        self.height = running.body.height;
        let outputs = std::mem::take(&mut running.body.outputs);
        self.running = Some(running);
        Ok(outputs)
    }

    /// Does something with the running member, and what follows from it by itself.
    pub(super) fn act<T>(
        &mut self,
        now: Now,
        act: impl FnOnce(&mut Running) -> Result<T, Stop>,
    ) -> (Option<Result<T, Stop>>, Vec<Output>) {
        let Some(running) = &mut self.running else { return (None, Vec::new()) };
        running.body.now = now;
        let silent_until = self.silent_until;
        let done = act(running).and_then(|done| {
            running.begin_if_due(silent_until)?;
            Ok(done)
        });
        self.height = self.height.max(running.body.height);
        (Some(done), std::mem::take(&mut running.body.outputs))
    }
}

fn limits() -> Limits {
    let mempool = MempoolLimits { transitions: 300, bytes: 1 << 20, transitions_each: 40 };
    Limits { mempool, block_transitions: 20, verifiers: 1 }
}

fn log_failed(error: io::Error) -> Stop {
    // What the simulated disk says; anything else is a damaged log.
    match error.kind() {
        io::ErrorKind::Other => Stop::Disk,
        _ => Stop::Wrong(format!("the write-ahead log: {error}")),
    }
}

fn timeouts() -> LinearTimeouts {
    let ms = Duration::from_millis;
    LinearTimeouts {
        propose: ms(400),
        propose_delta: ms(200),
        prevote: ms(200),
        prevote_delta: ms(100),
        precommit: ms(200),
        precommit_delta: ms(100),
        rebroadcast: ms(800),
        max_timeout: Duration::from_secs(10),
    }
}

impl Running {
    /// The height and round of the core, while it can still change its mind.
    pub(super) fn undecided(&self) -> Option<(u64, Round)> {
        let open = !self.core.driver.step_is_commit();
        open.then(|| (self.core.height().0, self.core.round()))
    }

    pub(super) fn host(&self) -> &PoolHost<Registers> {
        &self.body.host
    }

    fn begin_height(&mut self, silent_until: u64) -> Result<(), Stop> {
        let Self { core, body } = self;
        let height = body.height;
        let pool = ValidatorSet::from(&**body.host.pool());
        core.params.enabled = height > silent_until;
        let member = pool.get_by_address(&body.signing.address()).is_some();
        body.votes = core.params.enabled && member;
        body.round = 0;
        let entries = if body.votes {
            body.log.begin(height).map_err(log_failed)?
        } else {
            body.log.reset(height).map_err(log_failed)?;
            Vec::new()
        };
        let policy = VoteExtensionPolicy::default();
        let start = Input::StartHeight(Height(height), pool, false, None, policy);
        effects::process(core, body, start)?;
        if !entries.is_empty() {
            body.outputs.push(Output::Count("write-ahead logs read back"));
            body.recovering = true;
            core.record_recovered_own_precommit_extensions(entries.iter());
            core.index_wal_entries(entries.iter());
            for entry in entries {
                effects::process(core, body, entry)?;
            }
            core.reset_entries_index();
            body.recovering = false;
        }
        self.drain()?;
        self.take_decided()
    }

    fn begin_if_due(&mut self, silent_until: u64) -> Result<(), Stop> {
        while let Some(until_us) = self.body.rests_until_us {
            let body = &mut self.body;
            let next_is_known = body.decided.contains_key(&body.height);
            let due = body.called || next_is_known || body.host.waiting() > 0;
            if !due && body.now.us < until_us {
                break;
            }
            body.rests_until_us = None;
            body.called = false;
            self.begin_height(silent_until)?;
        }
        Ok(())
    }

    fn feed(&mut self, input: Input<PoolContext>) -> Result<(), Stop> {
        self.body.inputs.push_back(input);
        self.drain()
    }

    fn drain(&mut self) -> Result<(), Stop> {
        while let Some(input) = self.body.inputs.pop_front() {
            effects::process(&mut self.core, &mut self.body, input)?;
        }
        Ok(())
    }

    /// Something has arrived.
    pub(super) fn receive(&mut self, from: usize, message: Message) -> Result<(), Stop> {
        match message {
            Message::Consensus(message) => {
                if message.height().0 >= self.body.height {
                    self.body.called = true;
                }
                match message {
                    SignedConsensusMsg::Vote(vote) => self.feed(Input::Vote(vote)),
                    SignedConsensusMsg::Proposal(proposal) => self.feed(Input::Proposal(proposal)),
                }
            }
            Message::Liveness(LivenessMsg::Vote(vote)) => self.feed(Input::Vote(vote)),
            Message::Liveness(LivenessMsg::PolkaCertificate(certificate)) => {
                self.feed(Input::PolkaCertificate(certificate))
            }
            Message::Liveness(LivenessMsg::SkipRoundCertificate(certificate)) => {
                self.feed(Input::RoundCertificate(certificate))
            }
            Message::Block(init, bytes) => self.block_arrived(init, bytes),
            Message::Transitions(batch) => {
                batch.iter().try_for_each(|bytes| self.submit(bytes, false).map(|_| ()))
            }
            Message::Tip(height) => {
                self.body.heard_tip(from, height);
                Ok(())
            }
            Message::Want(first, last) => {
                let blocks = self.body.decided_blocks(first, last);
                if !blocks.is_empty() {
                    self.body.outputs.push(Output::One(from, Message::Decided(blocks)));
                }
                Ok(())
            }
            Message::Decided(blocks) => {
                self.body.keep_decided(blocks);
                self.take_decided()
            }
        }
    }

    pub(super) fn wake(&mut self, wake: Wake) -> Result<(), Stop> {
        match wake {
            Wake::Timeout(timeout, number) => {
                let timers = &mut self.body.timers;
                let place = timers.iter().position(|timer| *timer == (timeout, number));
                let Some(place) = place else { return Ok(()) };
                timers.remove(place);
                self.feed(Input::TimeoutElapsed(timeout))
            }
            Wake::Propose(height, round) => self.propose(height, round),
            Wake::Rested => Ok(()),
            Wake::Tell => {
                let tip = self.body.height - 1;
                self.body.outputs.push(Output::All(Message::Tip(tip)));
                self.body.outputs.push(Output::Later(TELL_US, Wake::Tell));
                Ok(())
            }
        }
    }

    fn propose(&mut self, height: Height, round: Round) -> Result<(), Stop> {
        let body = &mut self.body;
        if height.0 != body.height {
            return Ok(());
        }
        let hash = body.host.propose(round_number(round), body.now.time)?;
        body.send_block((height, round, Round::Nil), hash);
        self.feed(Input::Propose(LocallyProposedValue::new(height, round, BlockHash::from(hash))))
    }

    fn block_arrived(&mut self, init: Init, bytes: Bytes) -> Result<(), Stop> {
        let body = &mut self.body;
        if bytes.len() != init.len as usize || !init.is_signed(&body.ledger) {
            body.outputs.push(Output::Count("blocks with a bad first part refused"));
            return Ok(());
        }
        if init.height.0 == body.height && round_number(init.round) <= body.round {
            let value = body.consider(init, &bytes)?;
            return value.map_or(Ok(()), |value| {
                self.feed(Input::ProposedValue(value, ValueOrigin::Consensus))
            });
        }
        if init.height.0 > body.height {
            body.called = true;
        }
        if init.height.0 >= body.height && body.ahead.len() < AHEAD_MAX {
            body.ahead.push((init, bytes));
        }
        Ok(())
    }

    /// A decided block of this height, if one is known.
    fn take_decided(&mut self) -> Result<(), Stop> {
        let body = &mut self.body;
        let (height, resting) = (body.height, body.rests_until_us.is_some());
        body.decided.retain(|of, _| *of >= height);
        if resting || self.core.height().0 != height || self.core.driver.step_is_commit() {
            return Ok(());
        }
        match (body.decided.remove(&height), peer_id()) {
            (Some(value), Some(peer)) => self.feed(Input::SyncValueResponse(value.to_core(peer))),
            _ => Ok(()),
        }
    }

    /// Takes a transition in, from a client that waits or from another member.
    pub(super) fn submit(&mut self, bytes: &[u8], client: bool) -> Result<Taken, Stop> {
        self.body.submit(bytes, client).map(|(taken, _)| taken)
    }
}
