//! What a node has done since its start, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Verdict;

/// What has happened since the start.
#[derive(Default)]
pub struct Counters {
    /// Transitions that were ordered.
    pub ordered: AtomicU64,
    /// Those among them that lost a race and changed nothing.
    pub rejected: AtomicU64,
    /// Transitions that were refused and not ordered.
    pub refused: AtomicU64,
    /// Signatures that were verified.
    pub signatures: AtomicU64,
    /// Blocks that were made final.
    pub blocks: AtomicU64,
}

impl Counters {
    pub(super) fn judged(&self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            match verdict {
                Verdict::Ordered { rejection: None, .. } => Self::add(&self.ordered, 1),
                Verdict::Ordered { rejection: Some(_), .. } => {
                    Self::add(&self.ordered, 1);
                    Self::add(&self.rejected, 1);
                }
                Verdict::Waits { .. } => {}
                Verdict::Duplicate { .. } | Verdict::Refused { .. } => Self::add(&self.refused, 1),
            }
        }
    }

    pub(super) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}
