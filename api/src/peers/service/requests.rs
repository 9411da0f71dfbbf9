//! Requests to one peer and their answers, in both directions.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use bytes::Bytes;
use chancery_ledger::hash::Hash;
use libp2p::PeerId;
use libp2p::request_response::{
    Event, InboundRequestId, Message, OutboundFailure, OutboundRequestId, ResponseChannel,
};

use super::super::NoAnswer;
use super::super::config::MAX_ANSWER_BYTES;
use super::super::event::{ITEM_BYTES, PeerEvent, Responder};
use super::super::misbehaviour::Misbehaviour;
use super::super::wire::{self, Ask, Malformed, Told};
use super::gossip::header_of;
use super::{Reply, Service};

/// Requests of one peer that may wait for an answer.
const ANSWERING_PER_PEER: usize = 8;
/// Bytes of answers that may be on their way, all together: peers that read slowly hold so much.
const SENDING_BYTES: usize = 8 * MAX_ANSWER_BYTES;

type Sent = Result<Told, Malformed>;

/// What is under way.
#[derive(Default)]
pub(super) struct Requests {
    asking: HashMap<OutboundRequestId, Asking>,
    answering: HashMap<u64, Answering>,
    sending: HashMap<InboundRequestId, usize>,
    sending_bytes: usize,
}

/// A request of this node.
struct Asking {
    ask: Ask,
    whose: Whose,
}

/// Who waits for an answer.
enum Whose {
    Node(Reply),
    Fetch(Hash),
    Book,
}

/// A request of a peer.
struct Answering {
    peer: PeerId,
    id: InboundRequestId,
    channel: ResponseChannel<Sent>,
}

impl Service {
    /// A request of the node.
    pub(super) fn ask(&mut self, id: PeerId, ask: Ask, reply: Reply) {
        if !self.peers.get(&id).is_some_and(|peer| peer.is_known()) {
            return reply.give(Err(NoAnswer::NotConnected));
        }
        if self.requests.asking.len() >= self.config.limits.asking {
            return reply.give(Err(NoAnswer::Busy));
        }
        self.send(id, ask, Whose::Node(reply));
    }

    /// A request of the network's own: for an announced block, or for addresses.
    pub(super) fn send_ask(&mut self, id: PeerId, ask: Ask, fetch: Option<Hash>) {
        self.send(id, ask, fetch.map_or(Whose::Book, Whose::Fetch));
    }

    fn send(&mut self, id: PeerId, ask: Ask, whose: Whose) {
        let request = self.swarm.behaviour_mut().asks.send_request(&id, Ok(ask.clone()));
        self.requests.asking.insert(request, Asking { ask, whose });
    }

    pub(super) fn on_request(&mut self, event: Event<Result<Ask, Malformed>, Sent>) {
        match event {
            Event::Message { peer, message, .. } => match message {
                Message::Request { request_id, request, channel } => {
                    self.asked(Answering { peer, id: request_id, channel }, request);
                }
                Message::Response { request_id, response } => {
                    self.told(peer, request_id, response);
                }
            },
            Event::OutboundFailure { peer, request_id, error, .. } => {
                self.not_told(peer, request_id, &error);
            }
            Event::InboundFailure { peer, request_id, .. } => {
                let mut answering = self.requests.answering.iter();
                if let Some((number, _)) = answering.find(|(_, open)| open.id == request_id) {
                    self.requests.answering.remove(&number.to_owned());
                    self.no_longer_asks(&peer);
                }
                self.sent(request_id);
            }
            Event::ResponseSent { request_id, .. } => self.sent(request_id),
        }
    }

    fn no_longer_asks(&mut self, id: &PeerId) {
        if let Some(peer) = self.peers.get_mut(id) {
            peer.answering = peer.answering.saturating_sub(1);
        }
    }

    fn sent(&mut self, id: InboundRequestId) {
        self.requests.sending_bytes -= self.requests.sending.remove(&id).unwrap_or_default();
    }

    fn asked(&mut self, answering: Answering, request: Result<Ask, Malformed>) {
        let now = Instant::now();
        self.counts.requests += 1;
        let Ok(ask) = request else {
            return self.misbehaves(answering.peer, Misbehaviour::Malformed);
        };
        let Some(peer) = self.peers.get_mut(&answering.peer) else { return };
        if !peer.asks.take(1, now) || !peer.told_bytes.has_any(now) {
            let insists = !peer.refusals.take(1, now);
            let id = answering.peer;
            self.refuse(answering);
            if insists {
                self.misbehaves(id, Misbehaviour::Flood);
            }
            return;
        }
        let busy = peer.answering >= ANSWERING_PER_PEER
            || self.requests.answering.len() >= self.config.limits.answering
            || !self.untold.is_empty();
        if busy {
            return self.refuse(answering);
        }
        peer.answering += 1;
        let from = answering.peer;
        let number = self.number();
        self.requests.answering.insert(number, answering);
        let answer = Responder::new(number, MAX_ANSWER_BYTES, self.slips.clone());
        let event = match ask {
            Ask::Headers { locator, most } => {
                PeerEvent::HeadersAsked { from, locator: wire::hashes(locator), most, answer }
            }
            Ask::Blocks(hashes) => {
                PeerEvent::BlocksAsked { from, hashes: wire::hashes(hashes), answer }
            }
            Ask::Range { first, count } => PeerEvent::RangeAsked { from, first, count, answer },
            Ask::Addresses => return answer.send(self.addresses_to_tell(&from)),
        };
        // If the node cannot be told, the responder is dropped with the event: there is no answer.
        let _ = self.events.try_send(event);
    }

    fn refuse(&mut self, answering: Answering) {
        self.counts.refused += 1;
        self.send_told(answering, Told::Busy, 0);
    }

    /// The node's answer.
    pub(super) fn answered(&mut self, number: u64, items: Option<Vec<Bytes>>) {
        let Some(answering) = self.requests.answering.remove(&number) else { return };
        self.no_longer_asks(&answering.peer);
        let Some(items) = items else {
            return self.send_told(answering, Told::Nothing, 0);
        };
        let bytes: usize = items.iter().map(|item| item.len() + ITEM_BYTES).sum();
        if let Some(peer) = self.peers.get_mut(&answering.peer) {
            peer.told_bytes.spend(bytes as u64);
        }
        if self.requests.sending_bytes + bytes > SENDING_BYTES {
            return self.refuse(answering);
        }
        self.counts.answered_bytes += bytes as u64;
        self.send_told(answering, Told::Items(items), bytes);
    }

    fn send_told(&mut self, answering: Answering, told: Told, bytes: usize) {
        let asks = &mut self.swarm.behaviour_mut().asks;
        // It fails only if the peer no longer waits, which comes as an event as well.
        if asks.send_response(answering.channel, Ok(told)).is_ok() {
            self.requests.sending.insert(answering.id, bytes);
            self.requests.sending_bytes += bytes;
        }
    }

    /// A peer's answer.
    fn told(&mut self, from: PeerId, request: OutboundRequestId, told: Sent) {
        let Some(Asking { ask, whose }) = self.requests.asking.remove(&request) else { return };
        let answer = match told {
            Err(Malformed) => Err((NoAnswer::Malformed, Some(Misbehaviour::Malformed))),
            Ok(Told::Busy) => Err((NoAnswer::PeerBusy, None)),
            Ok(Told::Nothing) => Err((NoAnswer::Declined, None)),
            Ok(Told::Items(items)) if self.is_answer(&ask, &items) => Ok(items),
            Ok(Told::Items(_)) => Err((NoAnswer::Malformed, Some(Misbehaviour::NotAsked))),
        };
        if let Err((_, Some(what))) = answer {
            self.misbehaves(from, what);
        }
        self.hand_on(from, whose, answer.map_err(|(why, _)| why));
    }

    fn not_told(&mut self, from: PeerId, request: OutboundRequestId, error: &OutboundFailure) {
        let Some(Asking { whose, .. }) = self.requests.asking.remove(&request) else { return };
        tracing::debug!(net.peer = %from, error.message = %error, "a peer did not answer");
        if matches!(error, OutboundFailure::Timeout) {
            self.misbehaves(from, Misbehaviour::Slow);
        }
        self.hand_on(from, whose, Err(NoAnswer::Lost));
    }

    fn hand_on(&mut self, from: PeerId, whose: Whose, answer: Result<Vec<Bytes>, NoAnswer>) {
        match whose {
            Whose::Node(reply) => reply.give(answer),
            Whose::Fetch(hash) => {
                let block = answer.ok().and_then(|items| items.into_iter().next());
                self.fetched(from, hash, block);
            }
            Whose::Book => {
                if !self.addresses_told(from, &answer.unwrap_or_default()) {
                    self.misbehaves(from, Misbehaviour::Malformed);
                }
            }
        }
    }

    /// Whether items can be the answer to a question: no more than were asked for, and blocks only
    /// those that were asked for, by what their headers say.
    fn is_answer(&self, ask: &Ask, items: &[Bytes]) -> bool {
        if items.len() > ask.most_items() {
            return false;
        }
        match ask {
            Ask::Headers { .. } | Ask::Addresses => true,
            Ask::Blocks(hashes) => {
                let mut open: HashSet<[u8; 32]> = hashes.iter().copied().collect();
                let is_open = |item: &Bytes| {
                    header_of(item).is_some_and(|header| open.remove(&header.hash().0))
                };
                items.iter().all(is_open)
            }
            Ask::Range { first, .. } => {
                let ledger = self.config.ledger;
                (0..).zip(items).all(|(at, item)| {
                    let height = first.checked_add(at);
                    header_of(item).is_some_and(|header| {
                        header.ledger == ledger && Some(header.height) == height
                    })
                })
            }
        }
    }
}
