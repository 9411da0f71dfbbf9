//! What the network tells the node, and how the node answers.

use bytes::Bytes;
use chancery_ledger::hash::Hash;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::mpsc;

use super::misbehaviour::Misbehaviour;

/// What the network tells the node.
pub enum PeerEvent {
    /// The node listens here.
    Listening(Multiaddr),
    /// A peer of the same ledger is connected.
    Connected {
        /// Who.
        peer: PeerId,
        /// Where.
        address: Multiaddr,
        /// Who dialled.
        direction: Direction,
    },
    /// The last connection with a peer is gone.
    Disconnected {
        /// Who.
        peer: PeerId,
    },
    /// A batch of transitions, as they were received by the node that published them, in its order.
    Transitions {
        /// Who sent it; others may have made it.
        from: PeerId,
        /// Never empty; what is in it nobody has looked at.
        batch: Vec<Bytes>,
        /// Says whether it goes on to others. A batch of which only some lost a race is still accepted.
        judge: Judge,
    },
    /// A block of which nobody has looked at more than that its first bytes are a header of this name.
    Block {
        /// Who sent or announced it.
        from: PeerId,
        /// The header's hash.
        hash: Hash,
        /// `Block::encode`.
        block: Bytes,
        /// Says whether it goes on to others. Once it is accepted, [`PeerEvent::BlocksAsked`] may ask for it.
        judge: Judge,
    },
    /// A peer asks for the sealed headers that follow a place which both know.
    HeadersAsked {
        /// Who.
        from: PeerId,
        /// Hashes of blocks of the peer's chain, the newest first; at most [`super::MAX_LOCATOR`].
        locator: Vec<Hash>,
        /// How many headers at most; never above [`super::MAX_HEADERS`].
        most: u32,
        /// Where the headers go, oldest first: those after the first of `locator` that is in this
        /// node's chain, or from block 1 on if none is.
        answer: Responder,
    },
    /// A peer asks for blocks by their hashes.
    BlocksAsked {
        /// Who.
        from: PeerId,
        /// At most [`super::MAX_BLOCKS`].
        hashes: Vec<Hash>,
        /// Where the blocks go that there are, in the order of `hashes`, each as `Block::encode`.
        answer: Responder,
    },
    /// A peer asks for final, sealed blocks by their heights.
    RangeAsked {
        /// Who.
        from: PeerId,
        /// The first height.
        first: u64,
        /// How many at most; never above [`super::MAX_BLOCKS`].
        count: u32,
        /// Where the blocks go, from `first` on without a gap, each as `Block::encode`.
        answer: Responder,
    },
}

/// Who dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer.
    Inbound,
    /// This node.
    Outbound,
}

/// What the node makes of a message of gossip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accept,
    Ignore,
    Reject(Misbehaviour),
}

/// What comes back from the node: never more than there are open judgements and requests.
pub(super) enum Return {
    Judged(u64, Verdict),
    Answered(u64, Option<Vec<Bytes>>),
}

/// Where the verdict on a message of gossip goes. Dropped without one, the message is ignored.
pub struct Judge(Slip);

impl Judge {
    /// The message is good and goes on to others.
    pub fn accept(self) {
        self.0.send(|number| Return::Judged(number, Verdict::Accept));
    }

    /// The message is not wrong, and does not go on: known already, no room, not to be told yet.
    pub fn ignore(self) {
        self.0.send(|number| Return::Judged(number, Verdict::Ignore));
    }

    /// The message is wrong: it does not go on, and who sent it is held to account.
    pub fn reject(self, misbehaviour: Misbehaviour) {
        self.0.send(|number| Return::Judged(number, Verdict::Reject(misbehaviour)));
    }

    pub(super) fn new(number: u64, to: mpsc::Sender<Return>) -> Self {
        Self(Slip { number, to, default: |number| Return::Judged(number, Verdict::Ignore) })
    }
}

/// Where the answer to a request goes. Dropped without one, the peer is told that there is none.
pub struct Responder {
    slip: Slip,
    most_bytes: usize,
}

impl Responder {
    /// How many bytes the answer may have; what is beyond is cut off, item by item, from the end.
    pub fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    /// Answers with these items, of which as many are sent as fit.
    pub fn send(self, mut items: Vec<Bytes>) {
        let mut room = self.most_bytes;
        let fitting = items.iter().take_while(|item| {
            let rest = room.checked_sub(item.len() + ITEM_BYTES);
            room = rest.unwrap_or_default();
            rest.is_some()
        });
        let fitting = fitting.count();
        items.truncate(fitting);
        self.slip.send(|number| Return::Answered(number, Some(items)));
    }

    pub(super) fn new(number: u64, most_bytes: usize, to: mpsc::Sender<Return>) -> Self {
        let slip = Slip { number, to, default: |number| Return::Answered(number, None) };
        Self { slip, most_bytes }
    }
}

/// What an item costs beside its bytes: its length.
pub(super) const ITEM_BYTES: usize = 4;

/// One answer that the node owes: given once, or by default when it is dropped.
struct Slip {
    number: u64,
    to: mpsc::Sender<Return>,
    default: fn(u64) -> Return,
}

impl Slip {
    fn send(mut self, answer: impl FnOnce(u64) -> Return) {
        let number = std::mem::replace(&mut self.number, SENT);
        // The channel has a place for every open slip; it is closed only when the network has ended.
        let _ = self.to.try_send(answer(number));
    }
}

impl Drop for Slip {
    fn drop(&mut self) {
        if self.number != SENT {
            let _ = self.to.try_send((self.default)(self.number));
        }
    }
}

/// The number of a slip that has been given.
const SENT: u64 = u64::MAX;
