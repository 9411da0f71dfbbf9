//! Messages that go to all: published, taken in, judged by the node, and only then sent on.

use std::collections::HashMap;
use std::time::Instant;

use bytes::Bytes;
use chancery_ledger::block::{HEADER_BYTES, Header};
use chancery_ledger::hash::Hash;
use libp2p::PeerId;
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance, MessageId, PublishError};

use super::super::config::{MAX_BATCH, MAX_GOSSIP_BYTES};
use super::super::event::{Judge, PeerEvent, Verdict};
use super::super::misbehaviour::Misbehaviour;
use super::super::random;
use super::super::wire::{self, Ask, BlockNews};
use super::Service;

/// Announced blocks that are fetched at once: each may be as long as a block can be.
const FETCHES: usize = 4;
/// Peers that are asked for an announced block, the one that announced it first.
const FETCH_ATTEMPTS: u32 = 3;
/// What is published in one message is this much shorter than the bound, for the lengths.
const ROOM_BYTES: usize = 64;

/// What is under way.
#[derive(Default)]
pub(super) struct Gossip {
    judging: HashMap<u64, Judging>,
    judging_bytes: usize,
    fetches: HashMap<Hash, Fetch>,
}

/// A message that waits for the node's verdict.
struct Judging {
    message: Received,
    /// Who answers for what is in it: a block may be another's than who announced it.
    by: PeerId,
    bytes: usize,
    since: Instant,
}

/// A message that came in.
#[derive(Clone)]
struct Received {
    id: MessageId,
    from: PeerId,
}

/// An announced block that is being fetched.
struct Fetch {
    message: Received,
    asked: Vec<PeerId>,
    since: Instant,
}

impl Service {
    pub(super) fn publish_transitions(&mut self, batch: Vec<Bytes>) {
        let mut message: Vec<Bytes> = Vec::new();
        let mut bytes = ROOM_BYTES;
        for transition in batch {
            let cost = transition.len() + 4;
            if !message.is_empty()
                && (bytes + cost > MAX_GOSSIP_BYTES || message.len() >= MAX_BATCH)
            {
                self.publish(self.topics.transitions.clone(), wire::encode(&message));
                message.clear();
                bytes = ROOM_BYTES;
            }
            bytes += cost;
            message.push(transition);
        }
        if !message.is_empty() {
            self.publish(self.topics.transitions.clone(), wire::encode(&message));
        }
    }

    /// A block that fits into a message goes as it is: one way instead of three. A longer one is
    /// announced and fetched once by each node, instead of being sent by several peers at once.
    pub(super) fn publish_block(&mut self, block: Bytes) {
        let Some(header) = header_of(&block) else { return };
        let news = if block.len() + ROOM_BYTES <= MAX_GOSSIP_BYTES {
            BlockNews::Whole(block)
        } else {
            BlockNews::Announced(header.hash().0)
        };
        self.publish(self.topics.blocks.clone(), wire::encode(&news));
    }

    fn publish(&mut self, topic: IdentTopic, message: std::io::Result<Vec<u8>>) {
        let Ok(message) = message else { return };
        let bytes = message.len() as u64;
        match self.swarm.behaviour_mut().gossip.publish(topic, message) {
            Ok(_) | Err(PublishError::Duplicate | PublishError::NoPeersSubscribedToTopic) => {
                self.counts.published += 1;
                self.counts.published_bytes += bytes;
            }
            Err(error) => {
                self.counts.dropped += 1;
                tracing::warn!(error.message = %error, "a message could not be published");
            }
        }
    }

    pub(super) fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                let received = Received { id: message_id, from: propagation_source };
                self.on_message(received, message);
            }
            gossipsub::Event::GossipsubNotSupported { peer_id } => {
                self.misbehaves(peer_id, Misbehaviour::Stranger);
            }
            gossipsub::Event::SlowPeer { peer_id, .. } => {
                tracing::debug!(net.peer = %peer_id, "a peer reads more slowly than it is sent to");
            }
            _ => {}
        }
    }

    fn on_message(&mut self, received: Received, message: gossipsub::Message) {
        let now = Instant::now();
        let bytes = message.data.len();
        self.counts.received += 1;
        self.counts.received_bytes += bytes as u64;
        let Some(peer) = self.peers.get_mut(&received.from) else {
            return self.settle(&received, Verdict::Ignore);
        };
        if !peer.messages.take(1, now) || !peer.bytes.take(bytes as u64, now) {
            self.counts.dropped += 1;
            self.settle(&received, Verdict::Ignore);
            return self.misbehaves(received.from, Misbehaviour::Flood);
        }
        let malformed = Verdict::Reject(Misbehaviour::Malformed);
        if message.topic == self.topics.transitions.hash() {
            match wire::decode_batch(&message.data) {
                Ok(batch) => {
                    let from = received.from;
                    let event = |judge| PeerEvent::Transitions { from, batch, judge };
                    self.judge(received, from, bytes, event);
                }
                Err(_) => self.settle(&received, malformed),
            }
            return;
        }
        match wire::decode_news(&message.data) {
            Ok(BlockNews::Whole(block)) => self.on_block(received, block),
            Ok(BlockNews::Announced(hash)) => self.fetch(received, Hash(hash), now),
            Err(_) => self.settle(&received, malformed),
        }
    }

    fn on_block(&mut self, received: Received, block: Bytes) {
        match header_of(&block).filter(|header| header.ledger == self.config.ledger) {
            Some(header) => {
                let (hash, bytes) = (header.hash(), block.len());
                let from = received.from;
                let event = |judge| PeerEvent::Block { from, hash, block, judge };
                self.judge(received, from, bytes, event);
            }
            None => self.settle(&received, Verdict::Reject(Misbehaviour::Malformed)),
        }
    }

    /// Asks the node, if it has not too much to judge already.
    fn judge(
        &mut self,
        message: Received,
        by: PeerId,
        bytes: usize,
        event: impl FnOnce(Judge) -> PeerEvent,
    ) {
        let limits = &self.config.limits;
        let peer = self.peers.get_mut(&by);
        let per_peer = peer.as_ref().map_or(0, |peer| peer.judging);
        let has_room = self.gossip.judging.len() < limits.judgements
            && self.gossip.judging_bytes + bytes <= limits.judgement_bytes
            && per_peer < limits.judgements_per_peer
            && self.untold.is_empty();
        if !has_room {
            self.counts.dropped += 1;
            return self.settle(&message, Verdict::Ignore);
        }
        if let Some(peer) = peer {
            peer.judging += 1;
        }
        let number = self.number();
        let judging = Judging { message, by, bytes, since: Instant::now() };
        self.gossip.judging.insert(number, judging);
        self.gossip.judging_bytes += bytes;
        // If the node cannot be told, the judge is dropped with the event, which says: ignored.
        let _ = self.events.try_send(event(Judge::new(number, self.slips.clone())));
    }

    pub(super) fn judged(&mut self, number: u64, verdict: Verdict) {
        let Some(judging) = self.gossip.judging.remove(&number) else { return };
        self.gossip.judging_bytes -= judging.bytes;
        if let Some(peer) = self.peers.get_mut(&judging.by) {
            peer.judging = peer.judging.saturating_sub(1);
        }
        self.settle_by(&judging.message, judging.by, verdict);
    }

    fn settle(&mut self, message: &Received, verdict: Verdict) {
        self.settle_by(message, message.from, verdict);
    }

    /// Sends a message on, or not, and holds to account who answers for a wrong one.
    fn settle_by(&mut self, message: &Received, by: PeerId, verdict: Verdict) {
        let acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Ignore => MessageAcceptance::Ignore,
            Verdict::Reject(_) => MessageAcceptance::Reject,
        };
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        gossip.report_message_validation_result(&message.id, &message.from, acceptance);
        match verdict {
            Verdict::Accept => self.counts.accepted += 1,
            Verdict::Ignore => {}
            Verdict::Reject(what) => {
                self.counts.rejected += 1;
                self.misbehaves(by, what);
            }
        }
    }

    /// Messages that nobody has judged in time are ignored; who was slow with a block is not waited for.
    pub(super) fn end_judgements(&mut self, now: Instant) {
        let judgement = self.config.pace.judgement;
        let judging = self.gossip.judging.iter();
        let late = judging.filter(|(_, judging)| now.duration_since(judging.since) >= judgement);
        for number in late.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.judged(number, Verdict::Ignore);
        }
        let patience = judgement / FETCH_ATTEMPTS;
        let fetches = self.gossip.fetches.iter();
        let slow = fetches.filter(|(_, fetch)| now.duration_since(fetch.since) >= patience);
        for hash in slow.map(|(hash, _)| *hash).collect::<Vec<_>>() {
            self.fetch_from_another(hash, now);
        }
    }

    fn fetch(&mut self, message: Received, hash: Hash, now: Instant) {
        let fetches = &self.gossip.fetches;
        let busy = fetches.len() >= FETCHES
            || fetches.contains_key(&hash)
            || fetches.values().any(|fetch| fetch.message.from == message.from);
        if busy {
            self.counts.dropped += 1;
            return self.settle(&message, Verdict::Ignore);
        }
        let from = message.from;
        self.gossip.fetches.insert(hash, Fetch { message, asked: vec![from], since: now });
        self.send_ask(from, Ask::Blocks(vec![hash.0]), Some(hash));
    }

    /// The next of the peers that are asked, or an end of it.
    fn fetch_from_another(&mut self, hash: Hash, now: Instant) {
        let Some(fetch) = self.gossip.fetches.get_mut(&hash) else { return };
        let known = self.peers.iter().filter(|(_, peer)| peer.is_known()).map(|(id, _)| *id);
        let others: Vec<PeerId> = known.filter(|id| !fetch.asked.contains(id)).collect();
        let next = others.get(random::below(others.len())).copied();
        match next.filter(|_| fetch.asked.len() < FETCH_ATTEMPTS as usize) {
            Some(next) => {
                fetch.asked.push(next);
                fetch.since = now;
                self.send_ask(next, Ask::Blocks(vec![hash.0]), Some(hash));
            }
            None => {
                if let Some(fetch) = self.gossip.fetches.remove(&hash) {
                    self.settle(&fetch.message, Verdict::Ignore);
                    self.misbehaves(fetch.message.from, Misbehaviour::NotDelivered);
                }
            }
        }
    }

    /// What a peer answered that was asked for an announced block.
    pub(super) fn fetched(&mut self, from: PeerId, hash: Hash, block: Option<Bytes>) {
        let Some(block) = block else {
            let is_last = |fetch: &Fetch| fetch.asked.last() == Some(&from);
            if self.gossip.fetches.get(&hash).is_some_and(is_last) {
                self.fetch_from_another(hash, Instant::now());
            }
            return;
        };
        if let Some(fetch) = self.gossip.fetches.remove(&hash) {
            let bytes = block.len();
            let event = |judge| PeerEvent::Block { from, hash, block, judge };
            self.judge(fetch.message, from, bytes, event);
        }
    }
}

/// The header that a block's bytes begin with.
pub(in crate::peers) fn header_of(block: &[u8]) -> Option<Header> {
    Header::decode(block.get(..HEADER_BYTES)?).ok()
}
