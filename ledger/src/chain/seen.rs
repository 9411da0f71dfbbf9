//! Which transitions were ordered and could still be valid: those must not be ordered again.

use std::collections::{BTreeMap, HashMap};

use super::Executed;
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::time::Time;
use crate::view::View;

/// The first half of an id: two that share it by chance are not met, and whoever grinds two gains
/// only that the second of his own transitions is refused.
type ShortId = [u8; 16];

/// Ids by what they were ordered at, and by when they may be forgotten. Looked up, never walked.
#[derive(Default)]
pub(super) struct Seen {
    positions: HashMap<ShortId, u64>,
    by_expiry: BTreeMap<u64, Vec<ShortId>>,
}

/// Ids are forgotten a minute's worth at a time.
const BUCKET_MS: u64 = 60_000;

impl Seen {
    /// What the final blocks up to a count have ordered within the window.
    pub(super) fn of(view: &View, blocks: u64) -> Result<Self, Error> {
        let mut seen = Self::default();
        let Some(last) = blocks.checked_sub(1) else { return Ok(seen) };
        let tip = view.height_record(last)?;
        let window_ms = view.genesis().statement().transition_window_ms;
        let opened = Time::default().plus_ms(tip.time_ms.saturating_sub(window_ms));
        let first = match view.height_at(opened)? {
            Some(height) => view.height_record(height)?.log_size,
            None => 0,
        };
        for position in first..tip.log_size {
            let record = view.store.position_record(position)?;
            if record.not_after_ms >= tip.time_ms {
                seen.insert(&record.id, record.not_after_ms, position);
            }
        }
        Ok(seen)
    }

    pub(super) fn position(&self, id: &Hash) -> Option<u64> {
        self.positions.get(&short(id)).copied()
    }

    pub(super) fn add<A: Application>(&mut self, executed: &Executed<A>) {
        self.forget(executed.tip.header.time.as_ms());
        for (position, ordered) in (executed.first_position()..).zip(&executed.ordered) {
            let transition = &ordered.transition;
            self.insert(&transition.id, transition.not_after.as_ms(), position);
        }
    }

    fn insert(&mut self, id: &Hash, not_after_ms: u64, position: u64) {
        self.positions.insert(short(id), position);
        self.by_expiry.entry(not_after_ms / BUCKET_MS).or_default().push(short(id));
    }

    /// Forgets what no block from now on may hold: block time only grows.
    fn forget(&mut self, now_ms: u64) {
        let kept = self.by_expiry.split_off(&(now_ms / BUCKET_MS));
        for id in std::mem::replace(&mut self.by_expiry, kept).into_values().flatten() {
            self.positions.remove(&id);
        }
    }
}

fn short(id: &Hash) -> ShortId {
    let mut short = [0; 16];
    short.copy_from_slice(&id.as_bytes()[..16]);
    short
}
