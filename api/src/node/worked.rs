//! The sequencer of a node of a ledger of work: the one thread that owns the chain. It keeps what waits,
//! passes it on, follows the branch with the most work, has it mined on, and tells what becomes of it.

mod mining;
mod news;
mod syncing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use chancery_ledger::code::{self, Rejection};
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::consensus::pool::Submitted;
use chancery_ledger::consensus::work::Standing;
use chancery_ledger::error::Error;
use chancery_ledger::hash::Hash;
use chancery_ledger::transition::Admitted;
use chancery_registries::{Action, Registers};
use crossbeam_channel::{Receiver, Sender, select, tick};

use super::following::Followers;
use super::in_order::InOrder;
use super::queue::Origin;
use super::standing::{Dropped, TransitionStanding};
use super::verifiers::{Batch, Verified};
use super::work::{Ask, Picture};
use super::{CHUNK_TRANSITIONS, Shared, Verdict, now};
use crate::peers::{Judge, Misbehaviour, PeerEvent, Peers};
use crate::work::miner::{Miner, Nonce};
use crate::work::sync::Sync;
use mining::Mined;
use syncing::Told;

/// How often the node looks whether a block should be begun anew, and at what it has asked for.
const TICK: Duration = Duration::from_millis(200);
/// What clients have handed in is passed on again when it has waited so long: a node may have missed it.
const AGAIN: Duration = Duration::from_secs(5);
/// Transitions that are passed on again at a time.
const AGAIN_MAX: usize = 1_024;
/// Transitions of clients of this node whose way is watched; of more than these nobody measures it.
const OWN_MAX: usize = 65_536;

pub(super) struct WorkedSequencer {
    shared: Arc<Shared>,
    host: WorkHost<Registers>,
    batches: InOrder,
    asks: Receiver<Ask>,
    followers: Followers,
    peers: Peers,
    events: Receiver<PeerEvent>,
    sync: Sync,
    /// Whether one of the nodes that it is to be connected with has answered, or there are none.
    has_heard: bool,
    /// When the last new header or block came that had been asked for.
    came_closer: Instant,
    /// Answers of peers; never more than there are open questions.
    told: (Sender<Told>, Receiver<Told>),
    miner: Miner,
    nonces: Receiver<Nonce>,
    mined: Mined,
    /// What clients of this node have handed in, and when, until it is final.
    own: BTreeMap<Hash, Instant>,
    passed_on: Instant,
    looked_around: Instant,
    dropped: Dropped,
    picture: Picture,
}

impl WorkedSequencer {
    pub(super) fn new(
        shared: Arc<Shared>,
        host: WorkHost<Registers>,
        batches: InOrder,
        asks: Receiver<Ask>,
        (peers, events, is_alone): (Peers, Receiver<PeerEvent>, bool),
        (miner, nonces): (Miner, Receiver<Nonce>),
        followers: Followers,
    ) -> Self {
        Self {
            mined: Mined::new(host.rules().spacing_ms),
            shared,
            host,
            batches,
            asks,
            followers,
            peers,
            events,
            sync: Sync::default(),
            has_heard: is_alone,
            came_closer: Instant::now(),
            told: crossbeam_channel::unbounded(),
            miner,
            nonces,
            own: BTreeMap::new(),
            passed_on: Instant::now(),
            looked_around: Instant::now(),
            dropped: Dropped::default(),
            picture: Picture::default(),
        }
    }

    pub(super) fn run(mut self) {
        let served = self.serve();
        self.miner.look_for(None);
        self.peers.shutdown();
        if let Err(error) = served {
            return self.shared.halt(&error);
        }
        let checkpoint = self.host.checkpoint();
        self.followers.last_checkpoint(checkpoint);
    }

    fn serve(&mut self) -> Result<(), Error> {
        let batches: Receiver<Batch> = self.batches.source().clone();
        let (asks, events) = (self.asks.clone(), self.events.clone());
        let (told, nonces) = (self.told.1.clone(), self.nonces.clone());
        let ticks = tick(TICK);
        self.follow_up()?;
        self.refresh_job()?;
        loop {
            select! {
                recv(batches) -> batch => match batch {
                    Ok(batch) => {
                        for submission in self.batches.take(batch) {
                            self.take(submission)?;
                        }
                    }
                    // The node is stopping. What waits is with the other nodes, and is promised to nobody.
                    Err(_) => return Ok(()),
                },
                recv(asks) -> ask => {
                    if let Ok(Ask::Standing(id, answer)) = ask {
                        // Who asked may have gone.
                        let _ = answer.send(self.standing(&id));
                    }
                }
                recv(events) -> event => match event {
                    Ok(event) => self.on_event(event)?,
                    Err(_) => return Ok(()),
                },
                recv(told) -> told => {
                    if let Ok(told) = told {
                        self.on_told(told)?;
                    }
                }
                recv(nonces) -> nonce => {
                    if let Ok(nonce) = nonce {
                        self.seal(nonce)?;
                    }
                }
                recv(ticks) -> _ => self.look_around()?,
            }
            self.follow_up()?;
            self.refresh_job()?;
        }
    }

    /// Takes transitions in and answers at once: in proof of work being taken in promises nothing.
    fn take(&mut self, submission: Verified) -> Result<(), Error> {
        let Verified { transitions, origin, answer, room: _room } = submission;
        let mut verdicts = Vec::with_capacity(transitions.len());
        let mut new = Vec::new();
        let mut is_sound = true;
        for transition in transitions {
            verdicts.push(match transition {
                Ok(transition) => self.submit(Arc::new(transition), &mut new)?,
                Err(rejection) => {
                    is_sound &= is_late(&rejection);
                    Verdict::Refused { id: None, rejection }
                }
            });
        }
        match origin {
            Origin::Client => {
                self.watch(&new);
                self.pass_on(new.iter().map(|(_, bytes)| bytes.clone()).collect());
                self.shared.counters.judged(&verdicts);
                // Who no longer waits can ask by id.
                let _ = answer.send(verdicts);
            }
            Origin::Peer(judge) => judged(judge, is_sound, !new.is_empty()),
            #[cfg(feature = "pool")]
            Origin::Node => {}
        }
        Ok(())
    }

    fn submit(
        &mut self,
        transition: Arc<Admitted<Action>>,
        new: &mut Vec<(Hash, Bytes)>,
    ) -> Result<Verdict, Error> {
        let id = transition.id;
        Ok(match self.host.submit(transition.clone(), now())? {
            Submitted::Waits => {
                new.push((id, Bytes::copy_from_slice(transition.bytes())));
                Verdict::Waits { id }
            }
            Submitted::Known => Verdict::Waits { id },
            Submitted::Duplicate { position } => match self.host.standing(&id) {
                // It stands in a block that may still be replaced.
                Some(Standing::InBlock { .. }) => Verdict::Waits { id },
                _ => Verdict::Duplicate { id, position },
            },
            Submitted::Declined(rejection) => Verdict::Refused { id: Some(id), rejection },
            Submitted::Full => {
                let rejection = code::MEMPOOL_FULL.because("there is no room for it now");
                Verdict::Refused { id: Some(id), rejection }
            }
        })
    }

    fn watch(&mut self, new: &[(Hash, Bytes)]) {
        let room = OWN_MAX.saturating_sub(self.own.len());
        self.own.extend(new.iter().take(room).map(|(id, _)| (*id, Instant::now())));
    }

    fn standing(&self, id: &Hash) -> Option<TransitionStanding> {
        match self.host.standing(id) {
            Some(standing) => Some(TransitionStanding::Known(standing)),
            None => self.dropped.why(id).cloned().map(TransitionStanding::Dropped),
        }
    }

    fn pass_on(&self, batch: Vec<Bytes>) {
        if !batch.is_empty() && self.peers.publish_transitions(batch).is_err() {
            tracing::debug!("transitions are passed on later: too many are on their way");
        }
    }

    /// What clients have waited for goes out again: who has come since does not have it.
    fn pass_on_again(&mut self) {
        let waited = self.own.iter().filter(|(_, since)| since.elapsed() > AGAIN);
        let bytes = |(id, _): (&Hash, &Instant)| {
            let transition = self.host.waits(id)?;
            Some(Bytes::copy_from_slice(transition.bytes()))
        };
        let again: Vec<Bytes> = waited.filter_map(bytes).take(AGAIN_MAX).collect();
        for batch in again.chunks(CHUNK_TRANSITIONS) {
            self.pass_on(batch.to_vec());
        }
    }

    fn look_around(&mut self) -> Result<(), Error> {
        if self.passed_on.elapsed() > AGAIN {
            self.passed_on = Instant::now();
            self.pass_on_again();
        }
        self.look_for_blocks()?;
        self.show();
        Ok(())
    }
}

/// A transition whose time is over is nobody's fault: it was good when it set out.
fn is_late(rejection: &Rejection) -> bool {
    [code::EXPIRED.name, code::EXPIRES_TOO_LATE.name].contains(&rejection.code.name)
}

fn judged(judge: Judge, is_sound: bool, is_news: bool) {
    match (is_sound, is_news) {
        (false, _) => judge.reject(Misbehaviour::InvalidTransition),
        (true, true) => judge.accept(),
        (true, false) => judge.ignore(),
    }
}
