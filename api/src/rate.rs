//! How much one peer, or one client, may use of something: a bucket that refills with time.

use std::time::{Duration, Instant};

/// How much of something one may use: so much at once, and so much more each second.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The most at once.
    pub burst: u64,
    /// What comes back each second.
    pub per_second: u64,
}

/// What is left to one of something.
pub(crate) struct Bucket {
    rate: Rate,
    /// Below zero when more was used than there was.
    level: i64,
    /// Up to when it has been refilled.
    at: Instant,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, level: clamped(rate.burst), at: now }
    }

    /// Takes this much, if there is so much; otherwise nothing.
    pub(crate) fn take(&mut self, cost: u64, now: Instant) -> bool {
        self.refill(now);
        let cost = clamped(cost);
        let enough = cost <= self.level;
        if enough {
            self.level -= cost;
        }
        enough
    }

    /// Whether anything is left.
    pub(crate) fn has_any(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.level > 0
    }

    /// Takes this much, into debt if need be: for what is known only when it is done.
    pub(crate) fn spend(&mut self, cost: u64) {
        self.level = self.level.saturating_sub(clamped(cost));
    }

    /// How long it takes from when it was last asked until there is this much.
    pub(crate) fn wait(&self, cost: u64) -> Duration {
        let missing = clamped(cost).saturating_sub(self.level).max(0).unsigned_abs();
        Duration::from_millis(missing.saturating_mul(1000).div_ceil(self.rate.per_second.max(1)))
    }

    /// Only whole units come back, and only the time that they took is counted: asking often loses nothing.
    fn refill(&mut self, now: Instant) {
        if self.rate.per_second == 0 {
            return;
        }
        let elapsed_us = now.saturating_duration_since(self.at).as_micros();
        let gained = elapsed_us * u128::from(self.rate.per_second) / 1_000_000;
        if gained == 0 {
            return;
        }
        let took_us = gained * 1_000_000 / u128::from(self.rate.per_second);
        self.at += Duration::from_micros(u64::try_from(took_us).unwrap_or(u64::MAX));
        let gained = i64::try_from(gained).unwrap_or(i64::MAX);
        self.level = self.level.saturating_add(gained).min(clamped(self.rate.burst));
    }
}

fn clamped(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 10, per_second: 2 };

    #[test]
    fn a_burst_is_had_once_and_then_what_comes_back() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start);
        assert!(bucket.take(10, start));
        assert!(!bucket.take(1, start));
        assert_eq!(bucket.wait(3), Duration::from_millis(1_500));
        // Asked often, nothing of the time is lost.
        for ms in [100, 200, 300, 400, 499] {
            assert!(!bucket.take(1, start + Duration::from_millis(ms)));
        }
        assert!(bucket.take(1, start + Duration::from_millis(500)));
        assert!(!bucket.take(1, start + Duration::from_millis(999)));
        assert!(bucket.take(10, start + Duration::from_secs(3_600)));
        assert!(!bucket.take(1, start + Duration::from_secs(3_600)));
    }

    #[test]
    fn what_was_spent_beyond_is_owed() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start);
        bucket.spend(14);
        assert!(!bucket.has_any(start + Duration::from_secs(2)));
        assert!(bucket.has_any(start + Duration::from_millis(2_500)));
    }
}
