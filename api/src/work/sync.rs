//! What is asked of which peer, so that a node comes to have the blocks that it lacks: headers first,
//! then the blocks of the branch with the most work, a few from each peer at a time.

use std::collections::{BTreeMap, BTreeSet};

use chancery_ledger::hash::Hash;

use crate::peers::PeerId;

/// Blocks that are asked of one peer at a time.
const BLOCKS_AT_ONCE: usize = 16;
/// Peers that are asked for blocks at a time.
const PEERS_AT_ONCE: usize = 4;

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
    /// It had none of the blocks that it was asked for lately.
    rests: bool,
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

    /// A peer has shown a header or a block of this height.
    pub fn saw_height(&mut self, peer: &PeerId, height: u64) {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.height = peer.height.max(height);
        }
    }

    /// The greatest height that a connected peer has shown.
    pub fn best_height(&self) -> Option<u64> {
        self.peers.values().map(|peer| peer.height).filter(|height| *height > 0).max()
    }

    /// A peer that has more headers than were taken in, when it owes none.
    pub fn who_has_more(&self) -> Option<PeerId> {
        let more = |(_, peer): &(&PeerId, &Peer)| peer.has_more && !peer.owes_headers;
        self.peers.iter().find(more).map(|(peer, _)| *peer)
    }

    /// The next peer in turn, to look whether all is here.
    pub fn in_turn(&mut self) -> Option<PeerId> {
        let next = self.after_last(|_| true)?;
        self.last_asked = Some(next);
        Some(next)
    }

    /// Whom to ask for which of the blocks that are missing, lowest first. They are taken to be asked for
    /// then.
    pub fn next_question(&mut self, missing: &[Hash]) -> Option<(PeerId, Vec<Hash>)> {
        if self.peers.values().filter(|peer| peer.owes_blocks).count() >= PEERS_AT_ONCE {
            return None;
        }
        let free = missing.iter().filter(|hash| !self.asked.contains(*hash));
        let hashes: Vec<Hash> = free.take(BLOCKS_AT_ONCE).copied().collect();
        if hashes.is_empty() {
            return None;
        }
        let peer = self.after_last(|peer| !peer.owes_blocks && !peer.rests)?;
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
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.owes_blocks = false;
            peer.rests = delivered == 0;
        }
    }

    /// Peers that had nothing are asked again from now on.
    pub fn wake(&mut self) {
        for peer in self.peers.values_mut() {
            peer.rests = false;
        }
    }

    fn after_last(&self, is_wanted: impl Fn(&Peer) -> bool) -> Option<PeerId> {
        let wanted = |(id, peer): (&PeerId, &Peer)| is_wanted(peer).then_some(*id);
        let last = self.last_asked;
        let later = self.peers.iter().filter(|(id, _)| last.is_none_or(|last| **id > last));
        later.chain(&self.peers).find_map(wanted)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn hashes(count: u64) -> Vec<Hash> {
        (0..count).map(|number| Hash::of(&[&number.to_be_bytes()])).collect()
    }

    fn with_peers(count: usize) -> Sync {
        let mut sync = Sync::default();
        (0..count).for_each(|_| sync.connected(PeerId::random()));
        sync
    }

    #[test]
    fn each_block_is_asked_of_one_peer_and_each_peer_for_some() {
        let mut sync = with_peers(3);
        let missing = hashes(40);
        let mut all = Vec::new();
        let mut peers = BTreeSet::new();
        while let Some((peer, asked)) = sync.next_question(&missing) {
            assert!(peers.insert(peer));
            all.extend(asked);
        }
        assert_eq!((peers.len(), &all), (3, &missing));
    }

    #[test]
    fn what_one_does_not_have_is_asked_of_another() {
        let mut sync = with_peers(2);
        let missing = hashes(3);
        let (first, asked) = sync.next_question(&missing).unwrap();
        assert_eq!(sync.next_question(&missing), None);
        sync.blocks_came(&first, &asked, 0);
        let (second, asked) = sync.next_question(&missing).unwrap();
        assert_ne!(first, second);
        sync.blocks_came(&second, &asked, 0);
        assert_eq!(sync.next_question(&missing), None);
        sync.wake();
        assert!(sync.next_question(&missing).is_some());
    }

    #[test]
    fn a_peer_that_leaves_with_a_question_does_not_keep_its_blocks() {
        let mut sync = with_peers(2);
        let missing = hashes(3);
        let (first, asked) = sync.next_question(&missing).unwrap();
        sync.disconnected(&first);
        sync.blocks_came(&first, &asked, 0);
        assert_ne!(sync.next_question(&missing).unwrap().0, first);
    }

    #[test]
    fn headers_are_asked_of_a_peer_once_at_a_time() {
        let mut sync = with_peers(1);
        let peer = sync.in_turn().unwrap();
        assert!(sync.may_ask_headers(&peer));
        assert!(!sync.may_ask_headers(&peer));
        assert_eq!(sync.who_has_more(), None);
        sync.headers_came(&peer, true);
        assert_eq!(sync.who_has_more(), Some(peer));
        assert!(sync.may_ask_headers(&peer));
        assert_eq!(sync.who_has_more(), None);
        assert!(!sync.may_ask_headers(&PeerId::random()));
    }
}
