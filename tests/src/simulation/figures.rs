//! What runs went through, counted by kind.

use std::collections::BTreeMap;

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures(BTreeMap<&'static str, u64>);

impl Figures {
    /// One more of this kind.
    pub fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// So many more of this kind.
    pub fn add(&mut self, what: &'static str, how_many: u64) {
        *self.0.entry(what).or_default() += how_many;
    }

    /// How many of a kind there were.
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// Adds what another run went through.
    pub fn merge(&mut self, other: &Self) {
        for (what, how_many) in &other.0 {
            self.add(what, *how_many);
        }
    }

    /// Every kind with its count, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(what, how_many)| (*what, *how_many))
    }
}
