//! Those who follow final blocks: the projector, the event stream and the checkpoints.

use std::sync::Arc;

use chancery_ledger::PendingCheckpoint;
use chancery_ledger::chain::Executed;
use chancery_ledger::error::Error;
use chancery_registries::Registers;
use crossbeam_channel::{Receiver, Sender};

use super::{Counters, Shared};

/// Where final blocks go.
pub(super) struct Followers {
    pub(super) to_projector: Option<Sender<Arc<Executed<Registers>>>>,
    pub(super) to_checkpointer: Sender<PendingCheckpoint>,
}

impl Followers {
    /// Hands a final block on.
    pub(super) fn publish(
        &self,
        shared: &Shared,
        executed: Arc<Executed<Registers>>,
        checkpoint: Option<PendingCheckpoint>,
    ) {
        Counters::add(&shared.counters.blocks, 1);
        // No reader of the stream is no fault.
        let _ = shared.blocks.send(executed.clone());
        if let Some(to_projector) = &self.to_projector
            && to_projector.send(executed).is_err()
        {
            tracing::error!("the projector has ended; start again to bring the projections up");
        }
        if let Some(checkpoint) = checkpoint
            && self.to_checkpointer.send(checkpoint).is_err()
        {
            tracing::error!("a checkpoint could not be handed over");
        }
    }

    /// Hands over the checkpoint of an orderly stop.
    pub(super) fn last_checkpoint(&self, checkpoint: Result<PendingCheckpoint, Error>) {
        let handed_over = match checkpoint {
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
