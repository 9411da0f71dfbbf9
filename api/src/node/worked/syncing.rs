//! What other nodes send and ask, and what is asked of them.

use std::time::{Duration, Instant};

use bytes::Bytes;
use chancery_ledger::consensus::work::{BadHeader, TakenBlock, TakenHeader};
use chancery_ledger::error::Error;
use chancery_ledger::hash::Hash;
use chancery_ledger::work::SealedHeader;

use super::super::queue::{CAPACITY, Origin};
use super::{WorkedSequencer, now};
use crate::peers::{Answer, Judge, MAX_HEADERS, Misbehaviour, PeerEvent, PeerId, Responder};

/// A peer is asked so often whether it knows of blocks that did not reach this node.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Blocks that are looked for at a time.
const MISSING_MAX: usize = 256;

/// A peer's answer.
pub(super) enum Told {
    Headers { peer: PeerId, answer: Answer },
    Blocks { peer: PeerId, asked: Vec<Hash>, answer: Answer },
}

impl WorkedSequencer {
    pub(super) fn on_event(&mut self, event: PeerEvent) -> Result<(), Error> {
        match event {
            PeerEvent::Listening(address) => {
                tracing::info!(net.address = %address, "listening for other nodes");
            }
            PeerEvent::Connected { peer, address, .. } => {
                tracing::info!(net.peer = %peer, net.address = %address, "connected");
                self.sync.connected(peer);
                self.ask_headers(peer)?;
            }
            PeerEvent::Disconnected { peer } => {
                tracing::info!(net.peer = %peer, "disconnected");
                self.sync.disconnected(&peer);
            }
            PeerEvent::Transitions { batch, judge, .. } => self.transitions_came(batch, judge),
            PeerEvent::Block { from, block, judge, .. } => self.block_came(from, &block, judge)?,
            PeerEvent::HeadersAsked { locator, most, answer, .. } => {
                let headers = self.host.headers_after(&locator, most as usize)?;
                let encoded = |sealed: &SealedHeader| Bytes::copy_from_slice(&sealed.encode());
                answer.send(headers.iter().map(encoded).collect());
            }
            PeerEvent::BlocksAsked { hashes, answer, .. } => self.give_blocks(&hashes, answer)?,
            PeerEvent::RangeAsked { first, count, answer, .. } => {
                self.give_range(first, count, answer)?;
            }
        }
        Ok(())
    }

    /// They go the way of all transitions. Peers may take at most half of the room there.
    fn transitions_came(&self, batch: Vec<Bytes>, judge: Judge) {
        let queue = &self.shared.queue;
        if queue.len() < CAPACITY / 2 {
            // What does not fit is ignored, and comes again.
            let _ = queue.try_enter(batch, Origin::Peer(judge));
        }
    }

    fn block_came(&mut self, from: PeerId, block: &[u8], judge: Judge) -> Result<(), Error> {
        match self.take_block(from, block)? {
            Taken::New => judge.accept(),
            Taken::Nothing => judge.ignore(),
            Taken::Orphan => {
                judge.ignore();
                self.ask_headers(from)?;
            }
            Taken::Wrong => judge.reject(Misbehaviour::InvalidBlock),
        }
        self.ask_blocks();
        Ok(())
    }

    fn take_block(&mut self, from: PeerId, block: &[u8]) -> Result<Taken, Error> {
        let taken = match self.host.take_block(block, now())? {
            TakenBlock::Best | TakenBlock::Kept => Taken::New,
            TakenBlock::Known | TakenBlock::NoRoom => Taken::Nothing,
            TakenBlock::Orphan => Taken::Orphan,
            TakenBlock::Refused(bad) => {
                tracing::debug!(net.peer = %from, reason = %bad, "a block is refused");
                if bad.is_misbehaviour() { Taken::Wrong } else { Taken::Nothing }
            }
            TakenBlock::Invalid(invalid) => {
                tracing::warn!(net.peer = %from, reason = %invalid, "a block breaks the rules");
                Taken::Wrong
            }
        };
        if let (Taken::New, Some(header)) = (&taken, header_of(block)) {
            self.sync.told(&from, header.hash(), header.height);
        }
        Ok(taken)
    }

    /// Gives as many as fit.
    fn give_blocks(&self, hashes: &[Hash], answer: Responder) -> Result<(), Error> {
        let (mut room, mut blocks) = (answer.most_bytes(), Vec::new());
        for hash in hashes {
            let Some(block) = self.host.block(hash)? else { continue };
            let Some(rest) = room.checked_sub(block.len()) else { break };
            room = rest;
            blocks.push(block.into());
        }
        answer.send(blocks);
        Ok(())
    }

    fn give_range(&self, first: u64, count: u32, answer: Responder) -> Result<(), Error> {
        let (view, mut room, mut blocks) = (self.host.view(), answer.most_bytes(), Vec::new());
        let end = first.saturating_add(u64::from(count)).min(view.tip().header.height + 1);
        for height in first..end {
            let block = view.block_bytes(height)?;
            let Some(rest) = room.checked_sub(block.len()) else { break };
            room = rest;
            blocks.push(block.into());
        }
        answer.send(blocks);
        Ok(())
    }

    /// Asks a peer what it has beyond this node's best branch.
    fn ask_headers(&mut self, peer: PeerId) -> Result<(), Error> {
        if self.sync.may_ask_headers(&peer) {
            let (locator, told) = (self.host.locator()?, self.told.0.clone());
            self.peers.request_headers(peer, &locator, MAX_HEADERS, move |answer| {
                // Without a receiver the node has stopped.
                let _ = told.send(Told::Headers { peer, answer });
            });
        }
        Ok(())
    }

    /// Asks each peer for what is missing of its branch.
    fn ask_blocks(&mut self) {
        let host = &self.host;
        let missing = |end: &Hash| host.missing_up_to(end, MISSING_MAX);
        while let Some((peer, asked)) = self.sync.next_question(missing) {
            let (told, hashes) = (self.told.0.clone(), asked.clone());
            self.peers.request_blocks(peer, &hashes, move |answer| {
                let _ = told.send(Told::Blocks { peer, asked, answer });
            });
        }
    }

    pub(super) fn on_told(&mut self, told: Told) -> Result<(), Error> {
        match told {
            Told::Headers { peer, answer } => {
                self.has_heard |= answer.is_ok();
                let has_more = self.headers_came(peer, &answer.unwrap_or_default())?;
                self.sync.headers_came(&peer, has_more);
            }
            Told::Blocks { peer, asked, answer } => {
                let blocks = answer.unwrap_or_default();
                self.sync.blocks_came(&peer, &asked, blocks.len());
                if !blocks.is_empty() {
                    self.came_closer = Instant::now();
                }
                self.blocks_came(peer, &asked, &blocks)?;
            }
        }
        self.ask_blocks();
        Ok(())
    }

    /// Takes headers in; whether the peer has more than these, or than there is room for.
    fn headers_came(&mut self, peer: PeerId, headers: &[Bytes]) -> Result<bool, Error> {
        for bytes in headers {
            let Ok(sealed) = SealedHeader::decode(bytes) else {
                self.peers.report(peer, Misbehaviour::Malformed);
                return Ok(false);
            };
            let (hash, height) = (sealed.header.hash(), sealed.header.height);
            match self.host.take_header(sealed, now())? {
                TakenHeader::New => {
                    self.sync.told(&peer, hash, height);
                    self.came_closer = Instant::now();
                }
                TakenHeader::Known => self.sync.told(&peer, hash, height),
                TakenHeader::Refused(BadHeader::NoRoom) => return Ok(true),
                // This node may have moved on since it asked.
                TakenHeader::Orphan => return Ok(false),
                TakenHeader::Refused(bad) => {
                    tracing::debug!(net.peer = %peer, reason = %bad, "a header is refused");
                    if bad.is_misbehaviour() {
                        self.peers.report(peer, Misbehaviour::InvalidHeaders);
                    }
                    return Ok(false);
                }
            }
        }
        Ok(headers.len() >= MAX_HEADERS as usize)
    }

    fn blocks_came(&mut self, peer: PeerId, asked: &[Hash], blocks: &[Bytes]) -> Result<(), Error> {
        for block in blocks {
            let is_asked = hash_of(block).is_some_and(|hash| asked.contains(&hash));
            if !is_asked {
                self.peers.report(peer, Misbehaviour::NotAsked);
                return Ok(());
            }
            if let Taken::Wrong = self.take_block(peer, block)? {
                self.peers.report(peer, Misbehaviour::InvalidBlock);
                return Ok(());
            }
        }
        Ok(())
    }

    /// A peer of whose branch all is here that it has told of is asked for more, when it has more.
    fn ask_for_more(&mut self) -> Result<(), Error> {
        let is_here = |end: &Hash| self.host.missing_up_to(end, 1).is_empty();
        self.sync.who_has_more(is_here).map_or(Ok(()), |peer| self.ask_headers(peer))
    }

    /// Looks from time to time whether something did not reach this node.
    pub(super) fn look_for_blocks(&mut self) -> Result<(), Error> {
        self.sync.next_turn();
        self.ask_blocks();
        self.ask_for_more()?;
        if self.looked_around.elapsed() > LOOK_EVERY {
            self.looked_around = Instant::now();
            if let Some(peer) = self.sync.in_turn() {
                self.ask_headers(peer)?;
            }
        }
        Ok(())
    }
}

/// What became of a block, for who sent it.
enum Taken {
    New,
    Nothing,
    Orphan,
    Wrong,
}

fn header_of(block: &[u8]) -> Option<chancery_ledger::block::Header> {
    chancery_ledger::block::Header::decode(block.get(..chancery_ledger::block::HEADER_BYTES)?).ok()
}

fn hash_of(block: &[u8]) -> Option<Hash> {
    header_of(block).map(|header| header.hash())
}
