//! What is asked of which peer, so that a node comes to have the blocks that it lacks: headers first, then
//! blocks, a few from each peer at a time. A peer is asked only for the branch of which it has told: who
//! shows headers with much work and keeps their blocks holds up nobody but itself.

use std::collections::{BTreeMap, BTreeSet};

use chancery_ledger::hash::Hash;

use crate::peers::PeerId;

/// Blocks that are asked of one peer at a time.
const BLOCKS_AT_ONCE: usize = 16;
/// Peers that are asked for blocks at a time.
const PEERS_AT_ONCE: usize = 4;
/// A peer that did not have what it told of is left alone for a while, each time twice as long, and at
/// most for so many turns.
const REST_TURNS_MAX: u32 = 256;

/// What is asked of whom.
#[derive(Default)]
pub struct Sync {
    peers: BTreeMap<PeerId, Peer>,
    /// Blocks that are on their way.
    asked: BTreeSet<Hash>,
    /// The peer after which the next question goes.
    last_asked: Option<PeerId>,
}

#[derive(Default)]
struct Peer {
    owes_headers: bool,
    owes_blocks: bool,
    /// It has more headers than its last answer could hold, or than there was room for.
    has_more: bool,
    /// How often in a row it had none of the blocks that it had told of.
    failures: u32,
    /// For so many turns it is not asked for blocks.
    rests: u32,
    /// The last good header that it has shown: the end of its branch.
    told: Option<Hash>,
    height: u64,
}

impl Sync {
    /// A peer is there.
    pub fn connected(&mut self, peer: PeerId) {
        self.peers.entry(peer).or_default();
    }

    /// A peer is gone. What it owes comes back as an answer that is none.
    pub fn disconnected(&mut self, peer: &PeerId) {
        self.peers.remove(peer);
    }

    /// Whether to ask this peer for headers now. It is taken to be asked then.
    #[must_use]
    pub fn may_ask_headers(&mut self, peer: &PeerId) -> bool {
        let Some(peer) = self.peers.get_mut(peer) else { return false };
        !std::mem::replace(&mut peer.owes_headers, true)
    }

    /// Headers came, or will not come.
    pub fn headers_came(&mut self, peer: &PeerId, has_more: bool) {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.owes_headers = false;
            peer.has_more = has_more;
        }
    }

    /// A peer has shown a good header.
    pub fn told(&mut self, peer: &PeerId, hash: Hash, height: u64) {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.told = Some(hash);
            peer.height = peer.height.max(height);
        }
    }

    /// The greatest height that a connected peer has shown.
    pub fn best_height(&self) -> Option<u64> {
        self.peers.values().map(|peer| peer.height).filter(|height| *height > 0).max()
    }

    /// A peer that has more headers than were taken in, when it owes none and of its branch `is_here` says
    /// that nothing is missing.
    pub fn who_has_more(&self, is_here: impl Fn(&Hash) -> bool) -> Option<PeerId> {
        let more = |(_, peer): &(&PeerId, &Peer)| {
            peer.has_more && !peer.owes_headers && peer.told.as_ref().is_none_or(&is_here)
        };
        self.peers.iter().find(more).map(|(peer, _)| *peer)
    }

    /// The next peer in turn, to look whether all is here.
    pub fn in_turn(&mut self) -> Option<PeerId> {
        let (next, ()) = self.after_last(|_| Some(()))?;
        self.last_asked = Some(next);
        Some(next)
    }

    /// Whom to ask for which blocks. `missing` gives what the branch up to a header lacks, lowest first.
    /// They are taken to be asked for then.
    pub fn next_question(
        &mut self,
        missing: impl Fn(&Hash) -> Vec<Hash>,
    ) -> Option<(PeerId, Vec<Hash>)> {
        if self.peers.values().filter(|peer| peer.owes_blocks).count() >= PEERS_AT_ONCE {
            return None;
        }
        let (peer, hashes) = self.after_last(|peer| {
            if peer.owes_blocks || peer.rests > 0 {
                return None;
            }
            let missing = missing(peer.told.as_ref()?).into_iter();
            let free = missing.filter(|hash| !self.asked.contains(hash));
            let hashes: Vec<Hash> = free.take(BLOCKS_AT_ONCE).collect();
            (!hashes.is_empty()).then_some(hashes)
        })?;
        self.last_asked = Some(peer);
        self.asked.extend(&hashes);
        self.peers.get_mut(&peer)?.owes_blocks = true;
        Some((peer, hashes))
    }

    /// The answer to a question came, or will not come: so many blocks.
    pub fn blocks_came(&mut self, peer: &PeerId, asked: &[Hash], delivered: usize) {
        for hash in asked {
            self.asked.remove(hash);
        }
        let Some(peer) = self.peers.get_mut(peer) else { return };
        peer.owes_blocks = false;
        peer.failures = if delivered == 0 { peer.failures.saturating_add(1) } else { 0 };
        peer.rests = match peer.failures {
            0 => 0,
            failures => 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX).min(REST_TURNS_MAX),
        };
    }

    /// A turn is over, for those who are left alone.
    pub fn next_turn(&mut self) {
        for peer in self.peers.values_mut() {
            peer.rests = peer.rests.saturating_sub(1);
        }
    }

    /// The first peer after the one that was asked last for whom there is something, and what.
    fn after_last<T>(&self, wanted: impl Fn(&Peer) -> Option<T>) -> Option<(PeerId, T)> {
        let last = self.last_asked;
        let later = self.peers.iter().filter(|(id, _)| last.is_none_or(|last| **id > last));
        later.chain(&self.peers).find_map(|(id, peer)| Some((*id, wanted(peer)?)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn hashes(count: u64) -> Vec<Hash> {
        (0..count).map(|number| Hash::of(&[&number.to_be_bytes()])).collect()
    }

    /// Peers that have all told of one branch.
    fn with_peers(count: usize) -> (Sync, Hash) {
        let mut sync = Sync::default();
        let end = Hash::of(&[b"end"]);
        for _ in 0..count {
            let peer = PeerId::random();
            sync.connected(peer);
            sync.told(&peer, end, 1);
        }
        (sync, end)
    }

    #[test]
    fn each_block_is_asked_of_one_peer_and_each_peer_for_some() {
        let (mut sync, _) = with_peers(3);
        let missing = hashes(40);
        let mut all = Vec::new();
        let mut peers = BTreeSet::new();
        while let Some((peer, asked)) = sync.next_question(|_| missing.clone()) {
            assert!(peers.insert(peer));
            all.extend(asked);
        }
        assert_eq!((peers.len(), &all), (3, &missing));
    }

    #[test]
    fn what_one_does_not_have_is_asked_of_another() {
        let (mut sync, _) = with_peers(2);
        let missing = hashes(3);
        let next = |sync: &mut Sync| sync.next_question(|_| missing.clone());
        let (first, asked) = next(&mut sync).unwrap();
        assert_eq!(next(&mut sync), None);
        sync.blocks_came(&first, &asked, 0);
        let (second, asked) = next(&mut sync).unwrap();
        assert_ne!(first, second);
        sync.blocks_came(&second, &asked, 0);
        assert_eq!(next(&mut sync), None);
        sync.next_turn();
        assert!(next(&mut sync).is_some());
    }

    #[test]
    fn who_never_has_what_it_told_of_is_asked_ever_more_rarely() {
        let (mut sync, _) = with_peers(1);
        let missing = hashes(3);
        let mut turns_between = Vec::new();
        for _ in 0..12 {
            let mut turns = 0;
            let (peer, asked) = loop {
                match sync.next_question(|_| missing.clone()) {
                    Some(question) => break question,
                    None => sync.next_turn(),
                }
                turns += 1;
            };
            turns_between.push(turns);
            sync.blocks_came(&peer, &asked, 0);
        }
        assert_eq!(turns_between, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256]);
    }

    /// Somebody shows a branch with more work and keeps its blocks: of the others, theirs are asked.
    #[test]
    fn a_peer_is_asked_for_its_own_branch_alone() {
        let (mut sync, honest) = with_peers(2);
        let (liar, kept) = (PeerId::random(), Hash::of(&[b"kept"]));
        sync.connected(liar);
        sync.told(&liar, kept, 1_000);
        let blocks = hashes(60);
        let (of_liar, of_others) = blocks.split_at(20);
        let missing =
            |end: &Hash| if *end == honest { of_others.to_vec() } else { of_liar.to_vec() };
        let mut asked_of = BTreeMap::new();
        while let Some((peer, asked)) = sync.next_question(missing) {
            let of = if peer == liar { of_liar } else { of_others };
            assert!(asked.iter().all(|hash| of.contains(hash)));
            asked_of.insert(peer, asked);
        }
        assert_eq!(asked_of.len(), 3);
        // The liar answers with nothing, and the others go on.
        for (peer, asked) in asked_of {
            sync.blocks_came(&peer, &asked, if peer == liar { 0 } else { asked.len() });
        }
        let (next, asked) = sync.next_question(missing).unwrap();
        assert!(next != liar && asked.iter().all(|hash| of_others.contains(hash)));
    }

    #[test]
    fn a_peer_that_leaves_with_a_question_does_not_keep_its_blocks() {
        let (mut sync, _) = with_peers(2);
        let missing = hashes(3);
        let (first, asked) = sync.next_question(|_| missing.clone()).unwrap();
        sync.disconnected(&first);
        sync.blocks_came(&first, &asked, 0);
        assert_ne!(sync.next_question(|_| missing.clone()).unwrap().0, first);
    }

    #[test]
    fn headers_are_asked_of_a_peer_once_at_a_time() {
        let (mut sync, _) = with_peers(1);
        let peer = sync.in_turn().unwrap();
        assert!(sync.may_ask_headers(&peer));
        assert!(!sync.may_ask_headers(&peer));
        assert_eq!(sync.who_has_more(|_| true), None);
        sync.headers_came(&peer, true);
        assert_eq!(sync.who_has_more(|_| false), None, "its blocks come first");
        assert_eq!(sync.who_has_more(|_| true), Some(peer));
        assert!(sync.may_ask_headers(&peer));
        assert_eq!(sync.who_has_more(|_| true), None);
        assert!(!sync.may_ask_headers(&PeerId::random()));
    }
}
