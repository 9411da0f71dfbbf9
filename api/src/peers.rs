//! The network of the nodes: gossip of transitions and blocks, requests among peers, discovery.
//!
//! One network for both kinds of agreement. It transports bytes and judges nobody by their content:
//! the node reads them and says through [`Judge`] whether they go on. It runs on a thread of its own.

mod config;
mod event;
mod misbehaviour;
mod status;

use std::sync::Arc;

use bytes::Bytes;
use chancery_ledger::hash::Hash;
use crossbeam_channel::Receiver;
pub use libp2p::{Multiaddr, PeerId};

pub use config::{
    Limits, MAX_ANSWER_BYTES, MAX_BATCH, MAX_BLOCK_BYTES, MAX_BLOCKS, MAX_GOSSIP_BYTES,
    MAX_HEADERS, MAX_LOCATOR, Pace, PeersConfig, Rate,
};
pub use event::{Direction, Judge, PeerEvent, Responder};
pub use misbehaviour::Misbehaviour;
pub use status::{Ban, Counts, PeerStatus, PeersStatus};

/// The network cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotStart {
    /// An address is not one that it can listen on.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address.
        address: Multiaddr,
        /// What is wrong with it.
        reason: String,
    },
    /// A part of it could not be made.
    #[error("the network cannot begin: {0}")]
    Part(String),
}

/// Something was not taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Too much waits already; later it can be tried again.
    #[error("too much waits to be sent already")]
    Busy,
    /// Longer than a message may be, or not of its form.
    #[error("it is not of a form that peers would take")]
    Malformed,
    /// The network has ended.
    #[error("the network has ended")]
    Ended,
}

/// Why there is no answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The peer is not connected.
    #[error("the peer is not connected")]
    NotConnected,
    /// Too many requests of this node wait already.
    #[error("too many requests wait already")]
    Busy,
    /// The peer has too much to do, or has answered enough for now.
    #[error("the peer is busy")]
    PeerBusy,
    /// The peer does not have it.
    #[error("the peer does not have it")]
    Declined,
    /// Nothing came in time, or the connection broke.
    #[error("the answer did not come")]
    Lost,
    /// What came is not an answer; the peer has been held to account.
    #[error("what came is not an answer to the question")]
    Malformed,
    /// The network has ended.
    #[error("the network has ended")]
    Ended,
}

/// The answer to a request: the items as the peer sent them, which nobody has looked at.
pub type Answer = Result<Vec<Bytes>, NoAnswer>;

/// The handle on the network; its clones are the same network, which ends with the last of them.
#[derive(Clone)]
pub struct Peers {}

impl Peers {
    /// Begins to listen and to look for peers. Events come from the receiver, which has to be
    /// emptied: while it is full, messages are dropped and requests refused.
    pub fn start(_config: PeersConfig) -> Result<(Self, Receiver<PeerEvent>), CannotStart> {
        todo!()
    }

    /// This node's identity in the network.
    pub fn id(&self) -> PeerId {
        todo!()
    }

    /// Tells all of these transitions, in their order, in as few messages as they fit into. They are
    /// those of this node: what came from a peer goes on through [`Judge::accept`].
    pub fn publish_transitions(&self, _batch: Vec<Bytes>) -> Result<(), NotTaken> {
        todo!()
    }

    /// Tells all of a block, `Block::encode`. One that is too long for a message is announced by its
    /// hash, and peers ask for it: the node must be ready to answer [`PeerEvent::BlocksAsked`].
    pub fn publish_block(&self, _block: Bytes) -> Result<(), NotTaken> {
        todo!()
    }

    /// Asks a peer for at most `most` sealed headers after the first hash of `locator` that it knows.
    /// `reply` is called once, on the network's thread, and must not wait; so for all requests.
    pub fn request_headers(
        &self,
        _peer: PeerId,
        _locator: Vec<Hash>,
        _most: u32,
        _reply: impl FnOnce(Answer) + Send + 'static,
    ) {
        todo!()
    }

    /// Asks a peer for blocks by their hashes. It sends those it has, as many as fit, in this order.
    pub fn request_blocks(
        &self,
        _peer: PeerId,
        _hashes: Vec<Hash>,
        _reply: impl FnOnce(Answer) + Send + 'static,
    ) {
        todo!()
    }

    /// Asks a peer for final blocks from a height on. It sends those it has, as many as fit.
    pub fn request_range(
        &self,
        _peer: PeerId,
        _first: u64,
        _count: u32,
        _reply: impl FnOnce(Answer) + Send + 'static,
    ) {
        todo!()
    }

    /// Holds a peer to account for what the node has seen in an answer.
    pub fn report(&self, _peer: PeerId, _misbehaviour: Misbehaviour) {
        todo!()
    }

    /// How the network goes.
    pub fn status(&self) -> Arc<PeersStatus> {
        todo!()
    }

    /// Ends the network, writes the address book and waits until both are done.
    pub fn shutdown(&self) {
        todo!()
    }
}

/// A place for one answer, for who wants to wait for it: what to hand in as `reply`, and where it comes out.
pub fn answer() -> (impl FnOnce(Answer) + Send + 'static, Receiver<Answer>) {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let reply = move |answer| {
        // The channel has a place; who no longer waits has dropped the receiver.
        let _ = sender.try_send(answer);
    };
    (reply, receiver)
}
