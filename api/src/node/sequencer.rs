//! The sequencer of a node by itself: the one thread that owns the chain. It orders what was verified, in the order of
//! arrival, fills a block while the one before is written, and answers when the block is final.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chancery_ledger::chain::{Chain, Offer, OpenBlock};
use chancery_ledger::code::Rejection;
use chancery_ledger::consensus::Solo;
use chancery_ledger::error::Error;
use chancery_ledger::transition::Admitted;
use chancery_registries::{Action, Registers};
use crossbeam_channel::Receiver;
use tokio::sync::oneshot;

use super::following::Followers;
use super::in_order::InOrder;
use super::queue::Room;
use super::verifiers::{Batch, Verified};
use super::{Shared, Verdict, now};

/// The most transitions in a block.
const BLOCK_TRANSITIONS: usize = 8192;
/// The most bytes of entries in a block.
const BLOCK_BYTES: usize = 8 * 1024 * 1024;
/// When so many transitions beyond those of a block are on their way, the verifiers have their hands full, and
/// a larger block costs nobody time: what is hashed and written once for it is hashed and written for more.
const CROWD: usize = 1_024;
/// A block that waits for a crowd waits for no more than this.
const WORTH_WAITING_FOR: usize = 4_096;
/// And no longer.
const WAIT_MAX: Duration = Duration::from_millis(100);

pub(super) struct Sequencer {
    shared: Arc<Shared>,
    chain: Chain<Registers>,
    engine: Solo,
    followers: Followers,
    batches: InOrder,
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
        batches: Receiver<Batch>,
        followers: Followers,
    ) -> Self {
        let batches = InOrder::new(batches);
        Self { shared, chain, engine, followers, batches }
    }

    pub(super) fn run(mut self) {
        if let Err(error) = self.order_all() {
            // Nobody is told of what did not become final: the answers are dropped with the block.
            self.shared.halt(&error);
            return;
        }
        self.followers.last_checkpoint(self.chain.checkpoint());
    }

    fn order_all(&mut self) -> Result<(), Error> {
        while let Some(first) = self.batches.receive() {
            let parent = self.chain.view().tip().hash;
            let mut block = self.chain.begin(&parent, now())?;
            let deadline = Instant::now() + WAIT_MAX;
            let mut waiting = Vec::new();
            let mut verified = Some(first);
            while let Some(batch) = verified {
                for submission in batch {
                    waiting.push(self.order(&mut block, submission)?);
                }
                verified = self.more(&block, &waiting, deadline);
            }
            self.finish(block, waiting)?;
        }
        Ok(())
    }

    /// What else goes into a block. It waits for a crowd and for nobody else: while it is written, the next
    /// ones are verified.
    fn more(
        &mut self,
        block: &OpenBlock<Registers>,
        waiting: &[Waiting],
        deadline: Instant,
    ) -> Option<Vec<Verified>> {
        if block.len() >= BLOCK_TRANSITIONS || block.bytes() >= BLOCK_BYTES {
            return None;
        }
        let taken: usize = waiting.iter().map(|waiting| waiting.verdicts.len()).sum();
        let on_their_way = self.shared.queue.len().saturating_sub(taken);
        match on_their_way >= CROWD && taken < WORTH_WAITING_FOR {
            true => self.batches.receive_before(deadline),
            false => self.batches.receive_ready(),
        }
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
            self.followers.publish(&self.shared, decided.executed, decided.checkpoint);
        }
        for waiting in waiting {
            self.shared.counters.judged(&waiting.verdicts);
            // Who no longer waits can ask by id.
            let _ = waiting.answer.send(waiting.verdicts);
        }
        Ok(())
    }
}
