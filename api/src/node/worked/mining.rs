//! Blocks of this node's own: begun on the best branch, mined, sealed and told to all.

use std::time::{Duration, Instant};

use chancery_ledger::consensus::work::Found;
use chancery_ledger::error::Error;

use super::super::status::Mining;
use super::{WorkedSequencer, now};
use crate::work::miner::{Job, Nonce};

/// A block is begun anew for new transitions at most so often.
const ANEW_AT_MOST: Duration = Duration::from_secs(1);

/// Who catches up gets something new at least so often.
const COMES_CLOSER_WITHIN: Duration = Duration::from_secs(30);

/// The block that is being mined.
pub(super) struct Mined {
    /// When it was begun, and how many transitions waited then; none when nothing is mined.
    begun: Option<(Instant, usize)>,
    for_transitions: Duration,
    for_time: Duration,
    /// Another block is the last one since.
    pub(super) is_stale: bool,
}

impl Mined {
    pub(super) fn new(spacing_ms: u64) -> Self {
        let spacing = Duration::from_millis(spacing_ms);
        Self {
            begun: None,
            for_transitions: (spacing / 4).min(ANEW_AT_MOST),
            for_time: spacing,
            is_stale: true,
        }
    }

    /// Whether to begin anew: on another block, with more transitions, or with a later time.
    fn is_due(&self, waiting: usize) -> bool {
        match self.begun {
            Some((begun, waited)) if !self.is_stale => {
                let age = begun.elapsed();
                (waiting > waited && age >= self.for_transitions) || age >= self.for_time
            }
            _ => true,
        }
    }
}

impl WorkedSequencer {
    /// Has the next block mined, as things stand.
    pub(super) fn refresh_job(&mut self) -> Result<(), Error> {
        if self.mining() != Mining::On {
            self.mined.begun = None;
            self.miner.look_for(None);
            return Ok(());
        }
        let waiting = self.host.waiting();
        if self.mined.is_due(waiting) {
            let template = self.host.template(now())?;
            self.mined.begun = Some((Instant::now(), waiting));
            self.mined.is_stale = false;
            self.miner.look_for(Some(Job { hash: template.hash, target: template.target }));
        }
        Ok(())
    }

    pub(super) fn mining(&self) -> Mining {
        let ahead = self.host.best_header_height().saturating_sub(self.host.best().header.height);
        let is_far_behind = ahead >= u64::from(self.host.rules().final_depth);
        if self.miner.threads() == 0 {
            Mining::Off
        } else if !self.has_heard {
            Mining::WaitsForPeers
        // Headers alone must not stop the miner: somebody could show them and keep their blocks.
        } else if is_far_behind && self.came_closer.elapsed() < COMES_CLOSER_WITHIN {
            Mining::CatchesUp
        } else {
            Mining::On
        }
    }

    pub(super) fn seal(&mut self, found: Nonce) -> Result<(), Error> {
        match self.host.found(&found.hash, found.nonce)? {
            Found::Sealed { hash, block } => {
                tracing::debug!(block.hash = %hash, "found a block");
                // Nodes that it does not reach ask for it.
                let _ = self.peers.publish_block(block.to_vec().into());
            }
            Found::Stale => tracing::debug!(block.hash = %found.hash, "found too late"),
            Found::Missed => tracing::error!(block.hash = %found.hash, "a nonce does not hold"),
        }
        self.mined.is_stale = true;
        Ok(())
    }
}
