//! Miners that cheat: each is a member with the real host, and what it sends is changed on the way out.

mod forged;

use std::collections::BTreeSet;

use bytes::Bytes;
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::hash::Hash;
use chancery_ledger::work::{SealedHeader, WorkRules};
use chancery_registries::Registers;

use super::message::Message;
use super::plan::Lies;
use crate::damage::Random;
use crate::simulation::figures::Figures;
use crate::simulation::member::Now;

pub(super) struct Adversary {
    lies: Lies,
    random: Random,
    rules: WorkRules,
    /// How many blocks of its own it keeps back at most.
    kept_back_max: u64,
    /// Its own blocks that nobody was told of, lowest first.
    kept_back: Vec<(SealedHeader, Bytes)>,
    /// All blocks that it found.
    own: BTreeSet<Hash>,
    pub(super) figures: Figures,
}

impl Adversary {
    pub(super) fn new(lies: Lies, random: Random, rules: WorkRules, kept_back_max: u64) -> Self {
        Self {
            lies,
            random,
            rules,
            kept_back_max,
            kept_back: Vec::new(),
            own: BTreeSet::new(),
            figures: Figures::default(),
        }
    }

    /// It has found a block: what it tells all others besides.
    pub(super) fn finds(&mut self, sealed: &SealedHeader, block: &Bytes, now: Now) -> Vec<Message> {
        self.own.insert(sealed.header.hash());
        if self.lies.selfish {
            self.figures.count("lies: blocks kept back");
            self.kept_back.push((sealed.clone(), block.clone()));
        }
        if !self.lies.forges {
            return Vec::new();
        }
        let forged = forged::forged(block, &self.rules, now, &mut self.random);
        let forged = forged.map(|(what, forged)| {
            self.figures.count(what);
            Message::Block(forged)
        });
        forged.into_iter().collect()
    }

    /// The public branch has come to this height, and this is the last block of the best branch as the
    /// miner knows it: blocks that were kept back and are sent now, since the others come near.
    pub(super) fn releases(&mut self, public: u64, best: &Hash) -> Vec<Message> {
        let Some((last, _)) = self.kept_back.last() else { return Vec::new() };
        let (height, is_best) = (last.header.height, last.header.hash() == *best);
        if !is_best {
            self.figures.count("selfish branches given up");
            self.kept_back.clear();
            return Vec::new();
        }
        // One block ahead before any other was found is a lead to be kept.
        let lead = height.saturating_sub(public);
        let near = lead == 0 || lead == 1 && self.kept_back.len() > 1;
        if !near && (self.kept_back.len() as u64) < self.kept_back_max {
            return Vec::new();
        }
        self.figures.count("selfish releases");
        self.figures.add("blocks in selfish releases", self.kept_back.len() as u64);
        self.kept_back.drain(..).map(|(_, block)| Message::Block(block)).collect()
    }

    /// What it says now and then, to all others.
    pub(super) fn mischief(&mut self, host: &WorkHost<Registers>, now: Now) -> Vec<Message> {
        if !self.lies.false_headers || self.random.below(3) > 0 {
            return Vec::new();
        }
        if self.random.below(2) == 0 {
            self.figures.count("lies: headers that lead nowhere");
            let headers = (0..8).map(|_| forged::leads_nowhere(host, now, &mut self.random));
            return vec![Message::Headers(headers.collect())];
        }
        let old = forged::leaves_below_final(host, &mut self.random);
        self.figures.add("lies: headers that leave below what is final", old.iter().len() as u64);
        old.map(Message::Tip).into_iter().collect()
    }

    /// The frames in which it says something, or nothing, or something else.
    pub(super) fn says(&mut self, message: Message) -> Vec<Bytes> {
        let Some(said) = self.admits(message) else { return Vec::new() };
        let frame = said.encode();
        if !self.lies.garbage || self.random.below(6) > 0 {
            return vec![frame];
        }
        self.figures.count("lies: garbage");
        let mut garbage = frame.to_vec();
        match self.random.below(3) {
            0 => garbage.truncate(self.random.below(frame.len())),
            1 => {
                let at = self.random.below(garbage.len());
                garbage[at] ^= 1 << self.random.below(8);
            }
            _ => {
                garbage = (0..self.random.below(400)).map(|_| self.random.number() as u8).collect()
            }
        }
        vec![garbage.into(), frame]
    }

    /// What it says of what its host would say.
    fn admits(&mut self, message: Message) -> Option<Message> {
        match message {
            Message::Tip(sealed) if self.keeps_back(&sealed.header.hash()) => None,
            Message::Tip(_) | Message::Headers(_) if self.lies.keeps_headers => {
                self.figures.count("lies: headers not given");
                None
            }
            Message::Headers(mut headers) => {
                headers.retain(|sealed| !self.keeps_back(&sealed.header.hash()));
                (!headers.is_empty()).then_some(Message::Headers(headers))
            }
            Message::Block(bytes) => self.admits_block(bytes),
            other => Some(other),
        }
    }

    fn admits_block(&mut self, bytes: Bytes) -> Option<Message> {
        if self.kept_back.iter().any(|(_, block)| *block == bytes) {
            return None;
        }
        let Some(sealed) = forged::sealed_of(&bytes) else { return Some(Message::Block(bytes)) };
        if self.lies.keeps_bodies && self.own.contains(&sealed.header.hash()) {
            self.figures.count("lies: bodies not given");
            return Some(Message::Tip(sealed));
        }
        Some(Message::Block(bytes))
    }

    fn keeps_back(&self, hash: &Hash) -> bool {
        self.kept_back.iter().any(|(sealed, _)| sealed.header.hash() == *hash)
    }
}
