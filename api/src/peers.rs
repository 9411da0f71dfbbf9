//! The network of the nodes: gossip of transitions and blocks, requests among peers, discovery.
//!
//! One network for both kinds of agreement. It transports bytes and judges nobody by their content:
//! the node reads them and says through [`Judge`] whether they go on. It runs on a thread of its own.

mod address;
mod behaviour;
mod book;
mod codec;
mod config;
mod event;
mod gate;
mod misbehaviour;
mod random;
mod service;
mod status;
mod wire;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use bytes::Bytes;
use chancery_ledger::block::MAX_ENTRY_BYTES;
use chancery_ledger::hash::Hash;
use crossbeam_channel::Receiver;
pub use libp2p::{Multiaddr, PeerId};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use self::service::{Command, Reply, Service, Shared, header_of};
use self::wire::Ask;

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
    /// More hashes, headers or blocks than a request may ask for, or none.
    #[error("the request is out of bounds")]
    NotAQuestion,
    /// The network has ended.
    #[error("the network has ended")]
    Ended,
}

/// The answer to a request: the items as the peer sent them, which nobody has looked at.
pub type Answer = Result<Vec<Bytes>, NoAnswer>;

/// The handle on the network; its clones are the same network, which ends with the last of them.
#[derive(Clone)]
pub struct Peers {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
    most_publishing_bytes: usize,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Peers {
    /// Begins to listen and to look for peers. Events come from the receiver, which has to be
    /// emptied: while it is full, messages are dropped and requests refused.
    pub fn start(config: PeersConfig) -> Result<(Self, Receiver<PeerEvent>), CannotStart> {
        let part = |error: std::io::Error| CannotStart::Part(error.to_string());
        let most_publishing_bytes = config.limits.publishing_bytes;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(part)?;
        let begun = {
            let _within = runtime.enter();
            Service::begin(config)?
        };
        let service = begun.service;
        let thread = std::thread::Builder::new()
            .name("peers".to_owned())
            .spawn(move || runtime.block_on(service.run()))
            .map_err(part)?;
        let peers = Self {
            shared: begun.shared,
            commands: begun.commands,
            most_publishing_bytes,
            thread: Arc::new(Mutex::new(Some(thread))),
        };
        Ok((peers, begun.events))
    }

    /// This node's identity in the network.
    pub fn id(&self) -> PeerId {
        self.shared.id
    }

    /// Tells all of these transitions, in their order, in as few messages as they fit into. They are
    /// those of this node: what came from a peer goes on through [`Judge::accept`].
    pub fn publish_transitions(&self, batch: Vec<Bytes>) -> Result<(), NotTaken> {
        let is_sound = |one: &Bytes| !one.is_empty() && one.len() <= MAX_ENTRY_BYTES;
        if !batch.iter().all(is_sound) {
            return Err(NotTaken::Malformed);
        }
        self.command(Command::Transitions(batch))
    }

    /// Tells all of a block, `Block::encode`. One that is too long for a message is announced by its
    /// hash, and peers ask for it: the node must be ready to answer [`PeerEvent::BlocksAsked`].
    pub fn publish_block(&self, block: Bytes) -> Result<(), NotTaken> {
        if block.len() > MAX_BLOCK_BYTES || header_of(&block).is_none() {
            return Err(NotTaken::Malformed);
        }
        self.command(Command::Block(block))
    }

    /// Asks a peer for at most `most` sealed headers after the first hash of `locator` that it knows.
    /// `reply` is called once, on the network's thread, and must not wait; so for all requests.
    pub fn request_headers(
        &self,
        peer: PeerId,
        locator: &[Hash],
        most: u32,
        reply: impl FnOnce(Answer) + Send + 'static,
    ) {
        self.ask(peer, Ask::Headers { locator: wire::raw(locator), most }, reply);
    }

    /// Asks a peer for blocks by their hashes. It sends those it has, as many as fit, in this order.
    pub fn request_blocks(
        &self,
        peer: PeerId,
        hashes: &[Hash],
        reply: impl FnOnce(Answer) + Send + 'static,
    ) {
        self.ask(peer, Ask::Blocks(wire::raw(hashes)), reply);
    }

    /// Asks a peer for final blocks from a height on. It sends those it has, as many as fit.
    pub fn request_range(
        &self,
        peer: PeerId,
        first: u64,
        count: u32,
        reply: impl FnOnce(Answer) + Send + 'static,
    ) {
        self.ask(peer, Ask::Range { first, count }, reply);
    }

    /// Holds a peer to account for what the node has seen in an answer.
    pub fn report(&self, peer: PeerId, misbehaviour: Misbehaviour) {
        if self.command(Command::Report(peer, misbehaviour)).is_err() {
            tracing::debug!(net.peer = %peer, "a misbehaviour could not be reported");
        }
    }

    /// How the network goes.
    pub fn status(&self) -> Arc<PeersStatus> {
        self.shared.status.load_full()
    }

    /// Ends the network, writes the address book and waits until both are done.
    pub fn shutdown(&self) {
        let Some(thread) = self.thread.lock().take() else { return };
        self.shared.end.notify_one();
        if thread.join().is_err() {
            tracing::error!("the network's thread has panicked");
        }
    }

    fn ask(&self, peer: PeerId, ask: Ask, reply: impl FnOnce(Answer) + Send + 'static) {
        let reply = Reply::new(reply);
        if !ask.is_sound() {
            return reply.give(Err(NoAnswer::NotAQuestion));
        }
        let sent = self.commands.try_send(Command::Ask(peer, ask, reply));
        // Otherwise it was sent; or it is dropped, which says that the network has ended.
        if let Err(TrySendError::Full(Command::Ask(.., reply))) = sent {
            reply.give(Err(NoAnswer::Busy));
        }
    }

    /// Hands a command over, if there is room for it and for its bytes.
    fn command(&self, command: Command) -> Result<(), NotTaken> {
        let bytes = command.bytes();
        let publishing = &self.shared.publishing;
        let before = publishing.fetch_add(bytes, Ordering::Relaxed);
        let room = bytes == 0 || before + bytes <= self.most_publishing_bytes;
        let sent =
            if room { self.commands.try_send(command) } else { Err(TrySendError::Full(command)) };
        sent.map_err(|error| {
            publishing.fetch_sub(bytes, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => NotTaken::Busy,
                TrySendError::Closed(_) => NotTaken::Ended,
            }
        })
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
