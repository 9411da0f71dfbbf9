//! A member that lies: what it sends in the place of what it should.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use chancery_api::pool::context::{
    BlockHash, Height, Init, PoolContext, Signature, Signing, Vote, round_number,
};
use chancery_ledger::block::{Block, Header};
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle;
use chancery_ledger::seal::{Certificate, Seal};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Entry, Outcome};
use futures_util::FutureExt as _;
use malachitebft_app::consensus::{LivenessMsg, SignedConsensusMsg};
use malachitebft_app::types::core::{
    Context as _, NilOrVal, Proposal as _, Round, SignedVote, Vote as _, VoteType,
};
use malachitebft_signing::Signer as _;

use super::figures::Figures;
use super::message::Message;
use super::plan::Lies;
use crate::damage::Random;

/// Frames of others that may be sent again.
const HEARD_MAX: usize = 32;
/// Good blocks in one round when there are to be many.
const MANY: u64 = 6;
/// How far ahead of every clock a block that comes too early is.
const EARLY_MS: u64 = 60_000;

/// A lying member's mind. Its own node goes on honestly; this stands between it and the network.
pub(super) struct Adversary {
    lies: Lies,
    signing: Signing,
    random: Random,
    /// The other block of a height and round.
    twins: BTreeMap<(u64, u32), (Init, Bytes)>,
    /// A transition that has expired, signed as it should be.
    expired: Vec<u8>,
    heard: Vec<Bytes>,
    /// Every block that it made and that nobody may decide.
    pub(super) bad: BTreeSet<Hash>,
    pub(super) figures: Figures,
}

impl Adversary {
    pub(super) fn new(lies: Lies, signing: Signing, random: Random, expired: Vec<u8>) -> Self {
        Self {
            lies,
            signing,
            random,
            twins: BTreeMap::new(),
            expired,
            heard: Vec::new(),
            bad: BTreeSet::new(),
            figures: Figures::default(),
        }
    }

    /// Remembers what it has heard, to say it again.
    pub(super) fn hears(&mut self, frame: &Bytes) {
        if self.lies.garbage && frame.len() < 4096 && self.random.below(8) == 0 {
            if self.heard.len() >= HEARD_MAX {
                self.heard.remove(0);
            }
            self.heard.push(frame.clone());
        }
    }

    /// What it sends to these others in the place of one message. `parent` is the block that it
    /// builds on.
    pub(super) fn says(
        &mut self,
        message: &Message,
        parent: &Header,
        others: &[usize],
    ) -> Vec<(usize, Bytes)> {
        self.prepare(message, parent);
        let mut said = Vec::new();
        for (number, other) in others.iter().enumerate() {
            if self.lies.withholds && self.random.below(4) == 0 {
                self.figures.count("lies: messages withheld");
                continue;
            }
            let first_half = number * 2 < others.len();
            for message in self.for_one(message, first_half) {
                said.push((*other, message.encode()));
            }
            if self.lies.garbage && self.random.below(6) == 0 {
                self.figures.count("lies: garbage");
                said.push((*other, self.garbage(message)));
            }
        }
        said
    }

    /// Makes the other blocks of a round when its own is about to be sent.
    fn prepare(&mut self, message: &Message, parent: &Header) {
        let Message::Block(init, block) = message else { return };
        let place = (init.height.0, round_number(init.round));
        if init.height.0 != parent.height + 1 || self.twins.contains_key(&place) {
            return;
        }
        let other = if self.lies.bad_blocks && self.random.below(2) == 0 {
            self.bad_block(block, parent)
        } else if self.lies.two_blocks {
            self.figures.count("lies: two blocks in a round");
            Some(empty_block(parent, later_than(block, 1)))
        } else {
            None
        };
        if let Some(other) = other {
            let bytes = Bytes::from(other.encode());
            let init = self.init_of(init, &other, &bytes);
            self.twins.insert(place, (init, bytes));
        }
    }

    fn init_of(&self, like: &Init, block: &Block, bytes: &Bytes) -> Init {
        let init = Init {
            block: BlockHash::from(block.header.hash()),
            len: bytes.len() as u32,
            signature: Signature([0; 64]),
            ..like.clone()
        };
        init.signed(&self.signing)
    }

    fn for_one(&mut self, message: &Message, first_half: bool) -> Vec<Message> {
        match message {
            Message::Block(init, block) => self.blocks_to_one(init, block, first_half),
            Message::Consensus(SignedConsensusMsg::Proposal(proposal)) => {
                let place = (proposal.message.height().0, round_number(proposal.message.round()));
                let other = self.twins.get(&place).map(|(init, _)| init.block);
                let other = other.and_then(|block| self.proposal(place, block));
                self.one_or_both(message, other, first_half)
            }
            Message::Consensus(SignedConsensusMsg::Vote(vote)) if self.lies.two_votes => {
                let other = self.other_vote(vote).map(SignedConsensusMsg::Vote);
                self.one_or_both(message, other.map(Message::Consensus), first_half)
            }
            Message::Liveness(LivenessMsg::Vote(vote)) if self.lies.two_votes => {
                let other = self.other_vote(vote).map(LivenessMsg::Vote);
                self.one_or_both(message, other.map(Message::Liveness), first_half)
            }
            Message::Tip(height) if self.lies.false_history => {
                self.figures.count("lies: heights not reached");
                vec![Message::Tip(height + self.random.below(1000) as u64)]
            }
            Message::Decided(blocks) if self.lies.false_history => {
                self.figures.count("lies: decided blocks that are not");
                vec![Message::Decided(self.false_blocks(blocks))]
            }
            other => vec![other.clone()],
        }
    }

    fn one_or_both(
        &mut self,
        message: &Message,
        other: Option<Message>,
        first_half: bool,
    ) -> Vec<Message> {
        let Some(other) = other else { return vec![message.clone()] };
        match (first_half, self.random.below(4) == 0) {
            (_, true) => vec![message.clone(), other],
            (true, false) => vec![message.clone()],
            (false, false) => vec![other],
        }
    }

    fn blocks_to_one(&mut self, init: &Init, block: &Bytes, first_half: bool) -> Vec<Message> {
        let own = Message::Block(init.clone(), block.clone());
        let twin = self.twins.get(&(init.height.0, round_number(init.round))).cloned();
        let twin = twin.map(|(init, block)| Message::Block(init, block));
        let mut said = self.one_or_both(&own, twin, first_half);
        if self.lies.many_blocks && !first_half {
            self.figures.count("lies: many blocks in a round");
            if let Ok(decoded) = Block::decode(block) {
                for number in 2..2 + MANY {
                    let mut more = decoded.clone();
                    more.header.time = more.header.time.plus_ms(number);
                    let bytes = Bytes::from(more.encode());
                    said.insert(0, Message::Block(self.init_of(init, &more, &bytes), bytes));
                }
            }
        }
        said
    }

    fn proposal(&self, (height, round): (u64, u32), block: BlockHash) -> Option<Message> {
        let address = self.signing.address();
        let (height, round) = (Height(height), Round::new(round));
        let proposal = PoolContext.new_proposal(height, round, block, Round::Nil, address);
        let signed = self.signing.sign_proposal(proposal).now_or_never()?.ok()?;
        Some(Message::Consensus(SignedConsensusMsg::Proposal(signed)))
    }

    /// Another vote in the same step: for the other block, for none, or for one that nobody has.
    fn other_vote(&mut self, vote: &SignedVote<PoolContext>) -> Option<SignedVote<PoolContext>> {
        let vote = &vote.message;
        let place = (vote.height().0, round_number(vote.round()));
        let twin = self.twins.get(&place).map(|(init, _)| NilOrVal::Val(init.block));
        let made_up = NilOrVal::Val(BlockHash(Hash::of(&[b"no block", &place.0.to_be_bytes()]).0));
        let choices = [twin.unwrap_or(NilOrVal::Nil), NilOrVal::Nil, made_up];
        let choice = choices[if self.random.below(3) > 0 { 0 } else { 1 + self.random.below(2) }];
        if choice == *vote.value() {
            return None;
        }
        self.figures.count("lies: two votes in a step");
        self.signed(vote, choice)
    }

    fn signed(&self, like: &Vote, block: NilOrVal<BlockHash>) -> Option<SignedVote<PoolContext>> {
        let (height, round, address) = (like.height(), like.round(), self.signing.address());
        let vote = match like.vote_type() {
            VoteType::Prevote => PoolContext.new_prevote(height, round, block, address),
            VoteType::Precommit => PoolContext.new_precommit(height, round, block, address),
        };
        self.signing.sign_vote(vote).now_or_never()?.ok()
    }

    /// A block that is not what the rules make of its transitions, or may not stand at this moment.
    fn bad_block(&mut self, block: &Bytes, parent: &Header) -> Option<Block> {
        let mut block = Block::decode(block).ok()?;
        let other = Hash::of(&[b"another hash", block.header.hash().as_bytes()]);
        let kind = match self.random.below(8) {
            0 => {
                block.header.state_root = other;
                "lies: blocks with another state root"
            }
            1 => {
                block.header.log_root = other;
                "lies: blocks with another log root"
            }
            2 => {
                block.header.time = block.header.time.plus_ms(EARLY_MS);
                "lies: blocks from the future"
            }
            3 => {
                block.header.time = parent.time;
                "lies: blocks no later than their parent"
            }
            4 => {
                block.header.pool = other;
                "lies: blocks of another pool"
            }
            5 if !block.entries.is_empty() => {
                break_signature(&mut block.entries[0])?;
                with_body(&mut block);
                "lies: blocks with a bad signature"
            }
            6 if !block.entries.is_empty() => {
                block.entries.push(block.entries[0].clone());
                with_body(&mut block);
                "lies: blocks with a transition twice"
            }
            _ => {
                block.entries.push(Entry::encode(&Outcome::Applied, &self.expired));
                with_body(&mut block);
                "lies: blocks with an expired transition"
            }
        };
        self.figures.count(kind);
        self.bad.insert(block.header.hash());
        Some(block)
    }

    fn false_blocks(
        &mut self,
        blocks: &[malachitebft_app::types::sync::RawDecidedValue<PoolContext>],
    ) -> Vec<malachitebft_app::types::sync::RawDecidedValue<PoolContext>> {
        let mut blocks = blocks.to_vec();
        for block in &mut blocks {
            match self.random.below(4) {
                0 => block.certificate.commit_signatures.truncate(1),
                1 => block.certificate.value_id = BlockHash([7; 32]),
                2 => {
                    let mut bytes = block.value_bytes.to_vec();
                    let place = self.random.below(bytes.len());
                    bytes[place] ^= 1;
                    block.value_bytes = bytes.into();
                }
                _ => {
                    let signatures = &mut block.certificate.commit_signatures;
                    signatures.iter_mut().for_each(|signed| signed.signature.0[0] ^= 1);
                }
            }
        }
        blocks
    }

    /// Bytes that are nothing, nearly something, or something old.
    fn garbage(&mut self, message: &Message) -> Bytes {
        let mut frame = message.encode().to_vec();
        match self.random.below(4) {
            0 => (0..self.random.below(200)).map(|_| self.random.number() as u8).collect(),
            1 => {
                frame.truncate(self.random.below(frame.len()));
                frame.into()
            }
            2 if !self.heard.is_empty() => self.heard[self.random.below(self.heard.len())].clone(),
            _ => {
                let place = self.random.below(frame.len());
                frame[place] ^= 1 << self.random.below(8);
                frame.into()
            }
        }
    }
}

/// The empty block on a parent: always a good one.
fn empty_block(parent: &Header, time: Time) -> Block {
    let header = Header {
        height: parent.height + 1,
        previous: parent.hash(),
        time: time.max(parent.time.plus_ms(1)),
        body_root: merkle::body_root(&[]),
        ..parent.clone()
    };
    Block { header, seal: unsealed(), entries: Vec::new() }
}

fn unsealed() -> Seal {
    Seal::Pool(Certificate { round: 0, signatures: Vec::new() })
}

fn later_than(block: &Bytes, ms: u64) -> Time {
    Block::decode(block).map_or_else(|_| Time::default(), |block| block.header.time.plus_ms(ms))
}

fn with_body(block: &mut Block) {
    let leaves: Vec<Hash> = block.entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
    block.header.body_root = merkle::body_root(&leaves);
}

/// Changes a letter in the middle of the signature of an entry's transition.
fn break_signature(entry: &mut [u8]) -> Option<()> {
    let mark = b"\"signature\":\"";
    let at = entry.windows(mark.len()).position(|window| window == mark)? + mark.len() + 20;
    let letter = entry.get_mut(at)?;
    *letter = if *letter == b'A' { b'B' } else { b'A' };
    Some(())
}
