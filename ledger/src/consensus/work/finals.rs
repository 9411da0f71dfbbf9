//! Which final block a hash names: the last ones, one of every 1,024 before, and those whose headers
//! were just asked for. That is enough for locators, and for peers that catch up.

use std::collections::{BTreeMap, VecDeque};

use crate::error::Error;
use crate::hash::Hash;
use crate::view::View;

/// Of the last so many blocks each is known.
const RECENT: u64 = 2_048;
/// Of those before, one of so many.
const STRIDE: u64 = 1_024;
/// Blocks whose headers were given to peers, which may now ask for the blocks.
const SERVED_MAX: usize = 8_192;

#[derive(Default)]
pub(super) struct Finals {
    heights: BTreeMap<Hash, u64>,
    recent: VecDeque<(u64, Hash)>,
    served: BTreeMap<Hash, u64>,
    served_order: VecDeque<Hash>,
}

impl Finals {
    pub(super) fn of(view: &View) -> Result<Self, Error> {
        let mut finals = Self::default();
        let last = view.tip().header.height;
        let first_recent = last.saturating_sub(RECENT - 1);
        let sparse = (0..first_recent).step_by(STRIDE as usize);
        for height in sparse.chain(first_recent..=last) {
            finals.add(view.sealed_header(height)?.0.hash(), height);
        }
        Ok(finals)
    }

    pub(super) fn add(&mut self, hash: Hash, height: u64) {
        self.heights.insert(hash, height);
        if height.is_multiple_of(STRIDE) {
            return;
        }
        self.recent.push_back((height, hash));
        if self.recent.len() as u64 > RECENT
            && let Some((_, oldest)) = self.recent.pop_front()
        {
            self.heights.remove(&oldest);
        }
    }

    pub(super) fn served(&mut self, hash: Hash, height: u64) {
        if self.heights.contains_key(&hash) || self.served.insert(hash, height).is_some() {
            return;
        }
        self.served_order.push_back(hash);
        if self.served_order.len() > SERVED_MAX
            && let Some(oldest) = self.served_order.pop_front()
        {
            self.served.remove(&oldest);
        }
    }

    pub(super) fn height(&self, hash: &Hash) -> Option<u64> {
        self.heights.get(hash).or_else(|| self.served.get(hash)).copied()
    }

    /// Heights of final blocks for a locator, newest first: ever further apart, and beyond the recent
    /// ones only such as every node knows by their hashes.
    pub(super) fn spread(last: u64) -> Vec<u64> {
        let mut heights = vec![last];
        let (mut at, mut step) = (last, 1);
        while at > 0 {
            at = at.saturating_sub(step) / step * step;
            heights.push(at);
            step *= 2;
        }
        heights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(height: u64) -> Hash {
        Hash::of(&[&height.to_be_bytes()])
    }

    /// A locator names only such blocks as every node that has them knows by their hashes.
    #[test]
    fn every_height_of_a_locator_is_known_by_its_hash() {
        let mut finals = Finals::default();
        for height in 0..20_000 {
            finals.add(hash(height), height);
            if height % 611 == 0 || height > 19_990 {
                let spread = Finals::spread(height);
                assert!(spread.len() < 20 && spread.is_sorted_by(|one, other| one > other));
                assert_eq!(spread.last(), Some(&0));
                for at in spread {
                    assert_eq!(finals.height(&hash(at)), Some(at), "{at} of {height}");
                }
            }
        }
        assert!(finals.heights.len() < 2_100);
        assert_eq!(finals.height(&hash(5_000)), None);
        for height in 0..10_000 {
            finals.served(hash(height), height);
        }
        assert_eq!(finals.height(&hash(5_000)), Some(5_000));
        assert_eq!(finals.height(&hash(1)), None);
        assert!(finals.served.len() <= SERVED_MAX);
    }
}
