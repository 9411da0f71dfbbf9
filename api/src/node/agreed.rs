//! The sequencer of a node in a pool: the one thread that owns the chain. It keeps what waits, passes it
//! on to the other nodes, answers the agreement engine, and tells clients what became of their
//! transitions when a block is final.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use chancery_ledger::chain::{Executed, InvalidBlock};
use chancery_ledger::code;
use chancery_ledger::consensus::PoolHost;
use chancery_ledger::consensus::pool::{Decided, Submitted};
use chancery_ledger::error::Error;
use chancery_ledger::hash::Hash;
use chancery_ledger::transition::Admitted;
use chancery_registries::{Action, Registers};
use crossbeam_channel::{Receiver, select, tick};
use tokio::sync::{mpsc, watch};

use super::following::Followers;
use super::in_order::InOrder;
use super::pending::{First, Pending};
use super::queue::Origin;
use super::verifiers::{Batch, Verified};
use super::{CHUNK_TRANSITIONS, Shared, Verdict, now};
use crate::pool::host::{Ask, Judged, Next, Proposed};

/// What clients wait for is passed on again when it has waited so long, and a block had room for it.
const AGAIN: Duration = Duration::from_secs(2);
/// Transitions that are passed on again at a time.
const AGAIN_MAX: usize = 1024;
/// How long a stopping node waits for what it has taken in.
const LAST_WAIT: Duration = Duration::from_secs(5);

pub(super) struct AgreedSequencer {
    pub(super) shared: Arc<Shared>,
    pub(super) host: PoolHost<Registers>,
    pub(super) batches: InOrder,
    pub(super) asks: Receiver<Ask>,
    pub(super) followers: Followers,
    pub(super) outgoing: mpsc::Sender<Vec<Bytes>>,
    pub(super) waiting: watch::Sender<usize>,
    pub(super) pending: Pending,
    /// What clients waited for when it was last looked at.
    pub(super) waited: Vec<Hash>,
    /// Whether a block had room for more since then.
    pub(super) had_room: bool,
}

impl AgreedSequencer {
    pub(super) fn run(mut self) {
        if let Err(error) = self.serve() {
            self.shared.halt(&error);
            return;
        }
        let checkpoint = self.host.checkpoint();
        self.followers.last_checkpoint(checkpoint);
    }

    fn serve(&mut self) -> Result<(), Error> {
        let batches: Receiver<Batch> = self.batches.source().clone();
        let asks = self.asks.clone();
        let again = tick(AGAIN);
        let mut closing: Option<Instant> = None;
        loop {
            let last_wait = closing.map_or_else(crossbeam_channel::never, crossbeam_channel::at);
            let open = if closing.is_none() { &batches } else { &crossbeam_channel::never() };
            select! {
                recv(asks) -> ask => match ask {
                    Ok(ask) => self.answer(ask)?,
                    // The engine has ended, and has said why.
                    Err(_) => return Ok(()),
                },
                recv(open) -> batch => match batch {
                    Ok(batch) => self.take_all(batch)?,
                    Err(_) => closing = Some(Instant::now() + LAST_WAIT),
                },
                recv(again) -> _ => self.pass_on_again(),
                recv(last_wait) -> _ => return Ok(()),
            }
            if closing.is_some() && self.pending.is_empty() {
                return Ok(());
            }
            self.waiting.send_replace(self.host.waiting());
        }
    }

    /// Takes in what is verified; what clients have handed in is passed on together.
    fn take_all(&mut self, batch: Batch) -> Result<(), Error> {
        let mut new = Vec::new();
        for submission in self.batches.take(batch) {
            self.take(submission, &mut new)?;
        }
        for batch in new.chunks(CHUNK_TRANSITIONS) {
            self.pass_on(batch.to_vec());
        }
        Ok(())
    }

    /// Takes transitions in: those of clients are judged as things stand.
    fn take(&mut self, submission: Verified, new: &mut Vec<Bytes>) -> Result<(), Error> {
        let Verified { transitions, origin, answer, room } = submission;
        let is_clients = matches!(origin, Origin::Client);
        let mut first = Vec::with_capacity(transitions.len());
        for transition in transitions {
            first.push(match transition {
                Ok(transition) => self.submit(Arc::new(transition), is_clients, new)?,
                Err(rejection) => First::Known(Verdict::Refused { id: None, rejection }),
            });
        }
        if !is_clients {
            return Ok(());
        }
        if let Some(verdicts) = self.pending.add(first, answer, room) {
            self.shared.counters.judged(&verdicts);
        }
        self.tell_dropped();
        Ok(())
    }

    fn submit(
        &mut self,
        transition: Arc<Admitted<Action>>,
        is_clients: bool,
        new: &mut Vec<Bytes>,
    ) -> Result<First, Error> {
        let id = transition.id;
        let submitted = match is_clients {
            true => self.host.submit(transition.clone(), now())?,
            false => self.host.submit_unjudged(transition.clone()),
        };
        Ok(match submitted {
            Submitted::Waits => {
                if is_clients {
                    new.push(Bytes::copy_from_slice(transition.bytes()));
                }
                First::Waits(id)
            }
            Submitted::Known => First::Waits(id),
            Submitted::Duplicate { position } => First::Known(Verdict::Duplicate { id, position }),
            Submitted::Declined(rejection) => {
                First::Known(Verdict::Refused { id: Some(id), rejection })
            }
            Submitted::Full => {
                let rejection = code::MEMPOOL_FULL.because("there is no room for it now");
                First::Known(Verdict::Refused { id: Some(id), rejection })
            }
        })
    }

    fn answer(&mut self, ask: Ask) -> Result<(), Error> {
        // The engine may have stopped asking: then nobody hears the answer.
        match ask {
            Ask::Next(reply) => {
                let (height, pool) = (self.host.next_height(), self.host.pool().clone());
                let _ = reply.send(Next { height, pool });
            }
            Ask::Propose(round, reply) => {
                let hash = self.host.propose(round, now())?;
                self.tell_dropped();
                let bytes = self.host.block(&hash);
                let bytes = bytes.ok_or_else(|| Error::NoSuchBlock(hash.to_string()))?;
                let _ = reply.send(Proposed { hash, bytes });
            }
            Ask::Consider(offered, reply) => {
                let (round, valid_round) = (offered.round, offered.valid_round);
                let judged = self.host.consider(round, valid_round, &offered.bytes, now())?;
                if let Ok(hash) = &judged {
                    self.saw(hash);
                }
                let _ = reply.send(said(judged));
            }
            Ask::ConsiderFinal(bytes, reply) => {
                let _ = reply.send(said(self.host.consider_final(&bytes)?));
            }
            Ask::Considered(round, reply) => {
                let _ = reply.send(self.host.considered(round).to_vec());
            }
            Ask::Block(hash, reply) => {
                let _ = reply.send(self.host.block(&hash));
            }
            Ask::Decide(hash, certificate, reply) => {
                let decided = self.host.decide(&hash, certificate)?;
                self.publish(decided);
                let _ = reply.send(true);
            }
        }
        Ok(())
    }

    /// The transitions of a block that was found good were verified with it: those among them that still
    /// wait to be verified by themselves need not be.
    fn saw(&self, block: &Hash) {
        let executed = self.host.candidate(block);
        for ordered in executed.iter().flat_map(|executed| &executed.ordered) {
            self.shared.saw(ordered.transition.bytes());
        }
    }

    fn publish(&mut self, decided: Decided<Registers>) {
        let executed = decided.executed;
        self.had_room |= self.host.had_room(&executed);
        self.followers.publish(&self.shared, executed.clone(), decided.checkpoint);
        self.tell_ordered(&executed);
        self.tell_dropped();
    }

    fn tell_ordered(&mut self, executed: &Executed<Registers>) {
        let height = executed.tip.header.height;
        for (position, ordered) in (executed.first_position()..).zip(&executed.ordered) {
            let id = ordered.transition.id;
            if !self.pending.awaits(&id) {
                continue;
            }
            let rejection = ordered.rejection.clone();
            self.tell(&id, &Verdict::Ordered { id, position, height, rejection });
        }
    }

    fn tell_dropped(&mut self) {
        for (id, rejection) in self.host.take_dropped() {
            self.tell(&id, &Verdict::Refused { id: Some(id), rejection });
        }
    }

    fn tell(&mut self, id: &Hash, verdict: &Verdict) {
        for verdicts in self.pending.judged(id, verdict) {
            self.shared.counters.judged(&verdicts);
        }
    }

    fn pass_on(&self, batch: Vec<Bytes>) {
        // When the way out is full they go out again later, or this node proposes them itself.
        let _ = self.outgoing.try_send(batch);
    }

    /// What clients have waited for since the last time goes out again, if a block had room for it:
    /// its proposer may have missed it. While blocks are full, there is only much to do.
    fn pass_on_again(&mut self) {
        let waited = std::mem::take(&mut self.waited);
        if std::mem::take(&mut self.had_room) {
            let still = |id: &&Hash| self.pending.awaits(id);
            let bytes = |id: &Hash| {
                let transition = self.host.waits(id)?;
                Some(Bytes::copy_from_slice(transition.bytes()))
            };
            let again: Vec<Bytes> = waited.iter().filter(still).filter_map(bytes).collect();
            for batch in again.chunks(CHUNK_TRANSITIONS) {
                self.pass_on(batch.to_vec());
            }
        }
        self.waited = self.pending.ids().take(AGAIN_MAX).copied().collect();
    }
}

/// A block that is not good is no fault of this node: the reason stands in its log.
fn said(judged: Result<Hash, InvalidBlock>) -> Judged {
    match judged {
        Ok(hash) => Judged::Good(hash),
        Err(invalid) => {
            tracing::warn!(reason = %invalid, "a proposed block is not voted for");
            Judged::Bad
        }
    }
}
