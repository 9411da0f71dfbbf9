//! What a peer may do wrong, how much each weighs, and when it is too much.

use std::collections::HashMap;
use std::time::Instant;

use libp2p::PeerId;

/// What a peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Misbehaviour {
    /// A transition that no honest node sends on: malformed, of another ledger, or badly signed.
    InvalidTransition,
    /// A block that breaks the rules, or whose seal does not hold.
    InvalidBlock,
    /// Headers that do not follow each other, or whose seals do not hold.
    InvalidHeaders,
    /// A message or an answer that is not of the protocol's form, or too long.
    Malformed,
    /// An answer that is not to the question.
    NotAsked,
    /// A block was announced and then not delivered.
    NotDelivered,
    /// No answer in time.
    Slow,
    /// More messages or requests than anyone needs.
    Flood,
    /// Nothing said after connecting.
    Silent,
    /// Of another ledger or another version.
    Stranger,
}

impl Misbehaviour {
    /// How much it adds to a peer's score.
    pub fn weight(self) -> u32 {
        match self {
            Self::InvalidBlock | Self::InvalidHeaders | Self::Stranger => 100,
            Self::Malformed | Self::NotAsked => 50,
            Self::InvalidTransition => 25,
            Self::NotDelivered => 20,
            Self::Silent => 10,
            Self::Slow => 5,
            Self::Flood => 1,
        }
    }
}

/// How many peers' scores and bans are remembered.
const MAX_REMEMBERED: usize = 4_096;

/// What peers are held to account for, also while they are not connected.
pub(super) struct Conduct {
    limits: (u32, u32),
    scores: HashMap<PeerId, Score>,
    bans: HashMap<PeerId, Banned>,
}

struct Score {
    points: u32,
    at: Instant,
}

/// A ban.
#[derive(Clone, Copy)]
pub(super) struct Banned {
    pub(super) reason: Misbehaviour,
    pub(super) until: Instant,
}

impl Conduct {
    /// With the score past which a peer is banned, and how much of it is forgiven each minute.
    pub(super) fn new(ban_score: u32, forgiven_per_minute: u32) -> Self {
        let limits = (ban_score, forgiven_per_minute);
        Self { limits, scores: HashMap::new(), bans: HashMap::new() }
    }

    /// Counts it; whether it is too much now.
    #[must_use]
    pub(super) fn count(&mut self, peer: PeerId, what: Misbehaviour, now: Instant) -> bool {
        if self.scores.len() >= MAX_REMEMBERED && !self.scores.contains_key(&peer) {
            self.forget_one(now);
        }
        let points = self.score(&peer, now).saturating_add(what.weight());
        self.scores.insert(peer, Score { points, at: now });
        points >= self.limits.0
    }

    /// A peer's score, less what is forgiven by now.
    pub(super) fn score(&self, peer: &PeerId, now: Instant) -> u32 {
        let Some(score) = self.scores.get(peer) else { return 0 };
        let passed_ms = now.saturating_duration_since(score.at).as_millis();
        let forgiven = passed_ms * u128::from(self.limits.1) / 60_000;
        score.points.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX))
    }

    pub(super) fn ban(&mut self, peer: PeerId, reason: Misbehaviour, until: Instant) {
        if self.bans.len() >= MAX_REMEMBERED && !self.bans.contains_key(&peer) {
            let soonest = self.bans.iter().min_by_key(|(_, ban)| ban.until);
            if let Some(soonest) = soonest.map(|(peer, _)| *peer) {
                self.bans.remove(&soonest);
            }
        }
        self.bans.insert(peer, Banned { reason, until });
    }

    pub(super) fn is_banned(&self, peer: &PeerId) -> bool {
        self.bans.contains_key(peer)
    }

    pub(super) fn bans(&self) -> impl Iterator<Item = (&PeerId, &Banned)> {
        self.bans.iter()
    }

    /// Ends the bans whose time is over, with a clean slate; whose they were.
    pub(super) fn end_bans(&mut self, now: Instant) -> Vec<PeerId> {
        let over: Vec<PeerId> =
            self.bans.iter().filter(|(_, ban)| ban.until <= now).map(|(peer, _)| *peer).collect();
        for peer in &over {
            self.bans.remove(peer);
            self.scores.remove(peer);
        }
        over
    }

    fn forget_one(&mut self, now: Instant) {
        let least = self.scores.keys().min_by_key(|peer| self.score(peer, now));
        if let Some(least) = least.copied() {
            self.scores.remove(&least);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn misbehaviour_adds_up_and_is_forgiven_with_time() {
        let start = Instant::now();
        let peer = PeerId::random();
        let mut conduct = Conduct::new(100, 10);
        assert!(!conduct.count(peer, Misbehaviour::Malformed, start));
        let later = start + Duration::from_secs(180);
        assert_eq!(conduct.score(&peer, later), 20);
        assert!(!conduct.count(peer, Misbehaviour::Malformed, later));
        assert_eq!(conduct.score(&peer, later), 70);
        assert!(conduct.count(peer, Misbehaviour::Malformed, later));
        assert_eq!(conduct.score(&peer, later + Duration::from_secs(86_400)), 0);
    }

    #[test]
    fn a_ban_ends_with_a_clean_slate() {
        let start = Instant::now();
        let peer = PeerId::random();
        let mut conduct = Conduct::new(100, 10);
        assert!(conduct.count(peer, Misbehaviour::InvalidBlock, start));
        conduct.ban(peer, Misbehaviour::InvalidBlock, start + Duration::from_secs(10));
        assert!(conduct.end_bans(start + Duration::from_secs(9)).is_empty());
        assert!(conduct.is_banned(&peer));
        assert_eq!(conduct.end_bans(start + Duration::from_secs(10)), [peer]);
        assert!(!conduct.is_banned(&peer));
        assert_eq!(conduct.score(&peer, start + Duration::from_secs(10)), 0);
    }

    #[test]
    fn only_so_many_are_remembered_and_the_worst_longest() {
        let start = Instant::now();
        let mut conduct = Conduct::new(100, 10);
        let worst = PeerId::random();
        assert!(!conduct.count(worst, Misbehaviour::Malformed, start));
        for _ in 0..MAX_REMEMBERED + 10 {
            let peer = PeerId::random();
            let _ = conduct.count(peer, Misbehaviour::Flood, start);
            conduct.ban(peer, Misbehaviour::Flood, start);
        }
        assert_eq!(conduct.scores.len(), MAX_REMEMBERED);
        assert_eq!(conduct.bans.len(), MAX_REMEMBERED);
        assert_eq!(conduct.score(&worst, start), 50);
    }
}
