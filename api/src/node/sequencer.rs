//! The sequencer: the one thread that owns the chain. It orders what was verified, in the order of
//! arrival, fills a block while the one before is written, and answers when the block is final.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chancery_ledger::PendingCheckpoint;
use chancery_ledger::chain::{Chain, Executed, Offer, OpenBlock};
use chancery_ledger::code::Rejection;
use chancery_ledger::consensus::Solo;
use chancery_ledger::error::Error;
use chancery_ledger::transition::Admitted;
use chancery_registries::{Action, Registers};
use crossbeam_channel::{Receiver, Sender};
use tokio::sync::oneshot;

use super::queue::Room;
use super::verifiers::{Batch, Verified};
use super::{Counters, Shared, Verdict, now};

/// The most transitions in a block.
const BLOCK_TRANSITIONS: usize = 8192;
/// The most bytes of entries in a block.
const BLOCK_BYTES: usize = 8 * 1024 * 1024;
/// How long an open block waits for transitions that are being verified. Larger blocks cost less a
/// transition; when nobody else is under way, a block does not wait at all.
const LINGER: Duration = Duration::from_millis(100);

pub(super) struct Sequencer {
    shared: Arc<Shared>,
    chain: Chain<Registers>,
    engine: Solo,
    to_projector: Option<Sender<Arc<Executed<Registers>>>>,
    to_checkpointer: Sender<PendingCheckpoint>,
    /// Batches that arrived before an earlier one.
    early: BTreeMap<u64, Vec<Verified>>,
    next: u64,
}

/// Answers that wait for their block.
struct Waiting {
    answer: oneshot::Sender<Vec<Verdict>>,
    verdicts: Vec<Verdict>,
    _room: Room,
}

impl Sequencer {
    pub(super) fn new(
        shared: Arc<Shared>,
        chain: Chain<Registers>,
        engine: Solo,
        to_projector: Option<Sender<Arc<Executed<Registers>>>>,
        to_checkpointer: Sender<PendingCheckpoint>,
    ) -> Self {
        let early = BTreeMap::new();
        Self { shared, chain, engine, to_projector, to_checkpointer, early, next: 0 }
    }

    pub(super) fn run(mut self, batches: Receiver<Batch>) {
        if let Err(error) = self.order_all(&batches) {
            // Nobody is told of what did not become final: the answers are dropped with the block.
            self.shared.halt(&error);
            return;
        }
        let handed_over = match self.chain.checkpoint() {
            Ok(checkpoint) => self.to_checkpointer.send(checkpoint).is_ok(),
            Err(error) => {
                tracing::error!(%error, "no last checkpoint");
                false
            }
        };
        if !handed_over {
            tracing::error!("the next start will execute the last blocks again");
        }
    }

    fn order_all(&mut self, batches: &Receiver<Batch>) -> Result<(), Error> {
        while let Some(first) = self.receive(batches) {
            let parent = self.chain.view().tip().hash;
            let mut block = self.chain.begin(&parent, now())?;
            let close_at = Instant::now() + LINGER;
            let (mut waiting, mut taken) = (Vec::new(), 0);
            let mut verified = Some(first);
            while let Some(batch) = verified {
                for submission in batch {
                    taken += submission.transitions.len();
                    waiting.push(self.order(&mut block, submission)?);
                }
                let full = block.len() >= BLOCK_TRANSITIONS || block.bytes() >= BLOCK_BYTES;
                let others = self.shared.queue.len() > taken;
                verified = match (full, others) {
                    (true, _) => None,
                    (false, true) => self.receive_until(batches, close_at),
                    (false, false) => self.receive_until(batches, Instant::now()),
                };
            }
            self.finish(block, waiting)?;
        }
        Ok(())
    }

    /// The next batch in order, waiting for it; `None` when no more will come.
    fn receive(&mut self, batches: &Receiver<Batch>) -> Option<Vec<Verified>> {
        loop {
            if let Some(batch) = self.take_early() {
                return Some(batch);
            }
            let (number, batch) = batches.recv().ok()?;
            self.early.insert(number, batch);
        }
    }

    /// The next batch in order, if it comes in time.
    fn receive_until(
        &mut self,
        batches: &Receiver<Batch>,
        deadline: Instant,
    ) -> Option<Vec<Verified>> {
        loop {
            if let Some(batch) = self.take_early() {
                return Some(batch);
            }
            let (number, batch) = batches.recv_deadline(deadline).ok()?;
            self.early.insert(number, batch);
        }
    }

    fn take_early(&mut self) -> Option<Vec<Verified>> {
        let batch = self.early.remove(&self.next)?;
        self.next += 1;
        Some(batch)
    }

    fn order(
        &mut self,
        block: &mut OpenBlock<Registers>,
        submission: Verified,
    ) -> Result<Waiting, Error> {
        let height = self.shared.view.tip().header.height + 1;
        let mut verdicts = Vec::with_capacity(submission.transitions.len());
        for transition in submission.transitions {
            verdicts.push(self.order_one(block, transition, height)?);
        }
        Ok(Waiting { answer: submission.answer, verdicts, _room: submission.room })
    }

    fn order_one(
        &mut self,
        block: &mut OpenBlock<Registers>,
        transition: Result<Admitted<Action>, Rejection>,
        height: u64,
    ) -> Result<Verdict, Error> {
        let transition = match transition {
            Ok(transition) => transition,
            Err(rejection) => return Ok(Verdict::Refused { id: None, rejection }),
        };
        let id = transition.id;
        Ok(match self.chain.offer(block, transition)? {
            Offer::Ordered { position, rejection } => {
                Verdict::Ordered { id, position, height, rejection }
            }
            Offer::Duplicate { position } => Verdict::Duplicate { id, position },
            Offer::Declined(rejection) => Verdict::Refused { id: Some(id), rejection },
        })
    }

    /// Makes the block final, then answers. A block in which nothing was ordered is dropped.
    fn finish(&mut self, block: OpenBlock<Registers>, waiting: Vec<Waiting>) -> Result<(), Error> {
        if !block.is_empty() {
            let decided = self.engine.decide(&mut self.chain, block)?;
            self.publish(decided.executed);
            if let Some(checkpoint) = decided.checkpoint
                && self.to_checkpointer.send(checkpoint).is_err()
            {
                tracing::error!("a checkpoint could not be handed over");
            }
        }
        for waiting in waiting {
            self.count(&waiting.verdicts);
            // Who no longer waits can ask by id.
            let _ = waiting.answer.send(waiting.verdicts);
        }
        Ok(())
    }

    fn publish(&self, executed: Arc<Executed<Registers>>) {
        Counters::add(&self.shared.counters.blocks, 1);
        // No reader of the stream is no fault.
        let _ = self.shared.blocks.send(executed.clone());
        if let Some(to_projector) = &self.to_projector
            && to_projector.send(executed).is_err()
        {
            tracing::error!("the projector has ended; start again to bring the projections up");
        }
    }

    fn count(&self, verdicts: &[Verdict]) {
        let counters = &self.shared.counters;
        for verdict in verdicts {
            match verdict {
                Verdict::Ordered { rejection: None, .. } => Counters::add(&counters.ordered, 1),
                Verdict::Ordered { rejection: Some(_), .. } => {
                    Counters::add(&counters.ordered, 1);
                    Counters::add(&counters.rejected, 1);
                }
                Verdict::Duplicate { .. } | Verdict::Refused { .. } => {
                    Counters::add(&counters.refused, 1);
                }
            }
        }
    }
}

/// Writes checkpoints in their order. One that fails stops the node's writing: a disk that does not
/// keep what it was given must not be trusted with more.
pub(super) fn write_checkpoints(shared: &Shared, checkpoints: Receiver<PendingCheckpoint>) {
    for checkpoint in checkpoints {
        if let Err(error) = checkpoint.write() {
            shared.halt(&error);
            return;
        }
    }
}
