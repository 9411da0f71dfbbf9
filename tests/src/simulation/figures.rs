//! What runs went through, counted by kind.

use std::collections::BTreeMap;

/// Counts by name, and the most of something by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    counts: BTreeMap<&'static str, u64>,
    most: BTreeMap<&'static str, u64>,
}

impl Figures {
    /// One more of this kind.
    pub fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// So many more of this kind.
    pub fn add(&mut self, what: &'static str, how_many: u64) {
        *self.counts.entry(what).or_default() += how_many;
    }

    /// The most of this kind so far is at least so many.
    pub fn most(&mut self, what: &'static str, how_many: u64) {
        let most = self.most.entry(what).or_default();
        *most = how_many.max(*most);
    }

    /// How many of a kind there were, or the most of it.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).or_else(|| self.most.get(what)).copied().unwrap_or_default()
    }

    /// Adds what another run went through.
    pub fn merge(&mut self, other: &Self) {
        for (what, how_many) in &other.counts {
            self.add(what, *how_many);
        }
        for (what, how_many) in &other.most {
            self.most(what, *how_many);
        }
    }

    /// Every kind with its count, by name, then what there was most of.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().chain(&self.most).map(|(what, how_many)| (*what, *how_many))
    }
}
