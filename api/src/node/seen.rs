//! Transitions of other nodes that were verified a moment ago: what is sent again costs a hash and no
//! signature.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chancery_ledger::hash::Hash;
use parking_lot::Mutex;

/// How many are remembered at least.
const REMEMBERED: usize = 32_768;
/// For how long at least, while there are fewer. What had no room then may come again later.
const REMEMBERED_FOR: Duration = Duration::from_secs(10);

/// The hashes of what was verified, the latest and those before them.
pub(super) struct Seen(Mutex<Generations>);

struct Generations {
    latest: HashSet<Hash>,
    before: HashSet<Hash>,
    begun: Instant,
}

impl Default for Seen {
    fn default() -> Self {
        let (latest, before) = (HashSet::new(), HashSet::new());
        Self(Mutex::new(Generations { latest, before, begun: Instant::now() }))
    }
}

impl Seen {
    /// Whether exactly these bytes were verified a moment ago.
    pub(super) fn contains(&self, bytes: &[u8]) -> bool {
        let hash = Hash::of(&[bytes]);
        let seen = self.0.lock();
        seen.latest.contains(&hash) || seen.before.contains(&hash)
    }

    /// Remembers what was verified.
    pub(super) fn add(&self, bytes: &[u8]) {
        let hash = Hash::of(&[bytes]);
        let mut seen = self.0.lock();
        if seen.latest.len() >= REMEMBERED || seen.begun.elapsed() >= REMEMBERED_FOR {
            seen.turn();
        }
        seen.latest.insert(hash);
    }
}

impl Generations {
    fn turn(&mut self) {
        self.before = std::mem::take(&mut self.latest);
        self.begun = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_known_until_as_many_again_were_seen_twice() {
        let seen = Seen::default();
        let bytes = |number: usize| number.to_be_bytes();
        assert!(!seen.contains(&bytes(0)));
        for number in 0..REMEMBERED {
            seen.add(&bytes(number));
        }
        assert!(seen.contains(&bytes(0)));
        for number in REMEMBERED..2 * REMEMBERED {
            seen.add(&bytes(number));
        }
        assert!(seen.contains(&bytes(0)) && seen.contains(&bytes(REMEMBERED)));
        seen.add(&bytes(2 * REMEMBERED));
        assert!(!seen.contains(&bytes(0)) && seen.contains(&bytes(REMEMBERED)));
    }
}
