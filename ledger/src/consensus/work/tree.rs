//! The headers above the last final block: a tree, in which the branch with the most work counts.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::judging::{BadHeader, TakenHeader, follows};
use crate::block::Header;
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::time::Time;
use crate::work::{SealedHeader, WorkRules, WorkSum};

/// Headers above the last final block that are kept. Each took work at the target of its place.
pub const HEADERS_MAX: usize = 2_048;
/// Headers that are kept without the one before them.
pub const ORPHANS_MAX: usize = 256;

/// How much of a block is there.
#[derive(Clone)]
pub(super) enum Body {
    /// Nothing but the header.
    Missing,
    /// Its bytes, which were not executed.
    Held(Arc<[u8]>),
    /// It was executed: the chain has it as a candidate.
    Executed,
    /// It breaks the rules, or follows one that does.
    Invalid,
}

pub(super) struct Node {
    pub(super) sealed: SealedHeader,
    /// The work of all from the first block above the tree's first root to this one.
    pub(super) sum: WorkSum,
    pub(super) body: Body,
    /// When this block and all before it were there, in the order in which that came about.
    complete: Option<u64>,
    children: Vec<Hash>,
}

impl Node {
    /// Its place in the order in which blocks became whole branches; those that did not come last.
    pub(super) fn order(&self) -> u64 {
        self.complete.unwrap_or(u64::MAX)
    }
}

/// The headers above the last final block.
pub(super) struct Tree {
    rules: WorkRules,
    created: Time,
    ledger: Hash,
    root: (Hash, Header, WorkSum),
    root_children: Vec<Hash>,
    nodes: BTreeMap<Hash, Node>,
    orphans: BTreeMap<Hash, SealedHeader>,
    orphan_order: VecDeque<Hash>,
    completed: u64,
}

impl Tree {
    /// The tree in which nothing stands above this final block.
    pub(super) fn on(genesis: &Genesis, rules: WorkRules, header: Header) -> Self {
        Self {
            rules,
            created: genesis.statement().created,
            ledger: genesis.ledger(),
            root: (header.hash(), header, WorkSum::ZERO),
            root_children: Vec::new(),
            nodes: BTreeMap::new(),
            orphans: BTreeMap::new(),
            orphan_order: VecDeque::new(),
            completed: 0,
        }
    }

    pub(super) fn root(&self) -> (&Hash, &Header) {
        (&self.root.0, &self.root.1)
    }

    pub(super) fn node(&self, hash: &Hash) -> Option<&Node> {
        self.nodes.get(hash)
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn orphans(&self) -> usize {
        self.orphans.len()
    }

    /// How many branches there are: good headers that none follows.
    pub(super) fn leaves(&self) -> usize {
        let ends = |node: &&Node| node.children.is_empty() && !matches!(node.body, Body::Invalid);
        self.nodes.values().filter(ends).count()
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = (&Hash, &Node)> {
        self.nodes.iter()
    }

    /// Takes a header in, and those that waited for it. `latest` is the latest time that is taken.
    pub(super) fn insert(&mut self, sealed: SealedHeader, latest: Time) -> TakenHeader {
        let hash = sealed.header.hash();
        if self.nodes.contains_key(&hash) || hash == self.root.0 {
            return TakenHeader::Known;
        }
        if let Err(bad) = self.by_itself(&sealed, latest) {
            return TakenHeader::Refused(bad);
        }
        if !self.knows(&sealed.header.previous) {
            self.keep_orphan(hash, sealed);
            return TakenHeader::Orphan;
        }
        if let Err(bad) = self.attach(hash, sealed) {
            return TakenHeader::Refused(bad);
        }
        let mut grown = vec![hash];
        while let Some(parent) = grown.pop() {
            for (hash, sealed) in self.orphans_of(&parent) {
                // An orphan that does not fit after all is gone: whoever has the right one sends it.
                if self.attach(hash, sealed).is_ok() {
                    grown.push(hash);
                }
            }
        }
        TakenHeader::New
    }

    /// What can be said of a header without the one before it.
    fn by_itself(&self, sealed: &SealedHeader, latest: Time) -> Result<(), BadHeader> {
        let header = &sealed.header;
        if header.ledger != self.ledger {
            return Err(BadHeader::OtherLedger(header.ledger));
        }
        sealed.work.verify(header, &self.rules)?;
        if header.time > latest {
            return Err(BadHeader::Early(header.time));
        }
        if header.height <= self.root.1.height {
            return Err(BadHeader::BelowFinal(header.height));
        }
        Ok(())
    }

    fn attach(&mut self, hash: Hash, sealed: SealedHeader) -> Result<(), BadHeader> {
        let previous = sealed.header.previous;
        let parent = self.header(&previous).ok_or(BadHeader::Invalid)?;
        follows(&sealed.header, parent, &self.rules, self.created)?;
        if matches!(self.nodes.get(&previous).map(|node| &node.body), Some(Body::Invalid)) {
            return Err(BadHeader::Invalid);
        }
        let sum = self.sum(&previous) + sealed.work.target.work();
        if self.nodes.len() >= HEADERS_MAX {
            self.evict_for(&previous, sum)?;
        }
        let children = Vec::new();
        let node = Node { sealed, sum, body: Body::Missing, complete: None, children };
        self.nodes.insert(hash, node);
        self.children_of(&previous).push(hash);
        Ok(())
    }

    /// Makes room for a header with this much work by dropping the one with the least, of those that
    /// nothing follows and whose blocks are not here.
    fn evict_for(&mut self, parent: &Hash, sum: WorkSum) -> Result<(), BadHeader> {
        let droppable = |(hash, node): &(&Hash, &Node)| {
            node.children.is_empty()
                && !matches!(node.body, Body::Held(_) | Body::Executed)
                && *hash != parent
        };
        let least = self.nodes.iter().filter(droppable).min_by_key(|(_, node)| node.sum);
        match least.map(|(hash, node)| (*hash, node.sum)) {
            Some((hash, least)) if least < sum => {
                self.remove(&hash);
                Ok(())
            }
            _ => Err(BadHeader::NoRoom),
        }
    }

    fn remove(&mut self, hash: &Hash) {
        if let Some(node) = self.nodes.remove(hash) {
            self.children_of(&node.sealed.header.previous).retain(|child| child != hash);
        }
    }

    fn keep_orphan(&mut self, hash: Hash, sealed: SealedHeader) {
        if self.orphans.insert(hash, sealed).is_some() {
            return;
        }
        self.orphan_order.push_back(hash);
        if self.orphan_order.len() > ORPHANS_MAX
            && let Some(oldest) = self.orphan_order.pop_front()
        {
            self.orphans.remove(&oldest);
        }
    }

    fn orphans_of(&mut self, parent: &Hash) -> Vec<(Hash, SealedHeader)> {
        let of_parent = self.orphans.extract_if(.., |_, sealed| sealed.header.previous == *parent);
        let of_parent: Vec<_> = of_parent.collect();
        self.orphan_order.retain(|hash| self.orphans.contains_key(hash));
        of_parent
    }

    fn knows(&self, hash: &Hash) -> bool {
        self.header(hash).is_some()
    }

    fn header(&self, hash: &Hash) -> Option<&Header> {
        if *hash == self.root.0 {
            return Some(&self.root.1);
        }
        self.nodes.get(hash).map(|node| &node.sealed.header)
    }

    /// The work from the first root to a block.
    pub(super) fn sum(&self, hash: &Hash) -> WorkSum {
        self.nodes.get(hash).map_or(self.root.2, |node| node.sum)
    }

    fn children_of(&mut self, hash: &Hash) -> &mut Vec<Hash> {
        match self.nodes.get_mut(hash) {
            Some(node) => &mut node.children,
            None => &mut self.root_children,
        }
    }

    /// The blocks from the first above the root to this one.
    pub(super) fn path(&self, hash: &Hash) -> Vec<Hash> {
        let mut path = Vec::new();
        let mut at = *hash;
        while let Some(node) = self.nodes.get(&at) {
            path.push(at);
            at = node.sealed.header.previous;
        }
        path.reverse();
        path
    }

    /// Notes how much of a block is there. A block that breaks the rules takes those that follow along.
    pub(super) fn set_body(&mut self, hash: &Hash, body: Body) {
        if let Body::Invalid = body {
            return self.condemn(hash);
        }
        if let Some(node) = self.nodes.get_mut(hash) {
            node.body = body;
            self.complete_from(*hash);
        }
    }

    fn condemn(&mut self, hash: &Hash) {
        let mut ahead = vec![*hash];
        while let Some(hash) = ahead.pop() {
            if let Some(node) = self.nodes.get_mut(&hash) {
                node.body = Body::Invalid;
                node.complete = None;
                ahead.extend(&node.children);
            }
        }
    }

    /// Numbers the blocks that have become whole branches down to the root.
    fn complete_from(&mut self, hash: Hash) {
        let mut ahead = VecDeque::from([hash]);
        while let Some(hash) = ahead.pop_front() {
            let Some(node) = self.nodes.get(&hash) else { continue };
            let before = node.sealed.header.previous;
            let whole_before = before == self.root.0
                || self.nodes.get(&before).is_some_and(|node| node.complete.is_some());
            let here = matches!(node.body, Body::Held(_) | Body::Executed);
            if !whole_before || !here || node.complete.is_some() {
                continue;
            }
            let order = self.completed;
            self.completed += 1;
            if let Some(node) = self.nodes.get_mut(&hash) {
                node.complete = Some(order);
                ahead.extend(&node.children);
            }
        }
    }

    /// The whole branch with the most work, the one that was whole first if several have as much.
    pub(super) fn heaviest_whole(&self) -> Option<(Hash, WorkSum)> {
        let whole = self.nodes.iter().filter_map(|(hash, node)| {
            node.complete.map(|order| ((node.sum, std::cmp::Reverse(order)), *hash))
        });
        whole.max().map(|((sum, _), hash)| (hash, sum))
    }

    /// The header with the most work before it, of those that may become part of the best branch.
    pub(super) fn heaviest_header(&self) -> Option<&SealedHeader> {
        let good = self.nodes.values().filter(|node| !matches!(node.body, Body::Invalid));
        good.max_by_key(|node| node.sum).map(|node| &node.sealed)
    }

    /// The blocks that the branch with the most work lacks, lowest first.
    pub(super) fn missing(&self, most: usize) -> Vec<Hash> {
        let Some(heaviest) = self.heaviest_header() else { return Vec::new() };
        let lacks = |hash: &Hash| {
            self.nodes.get(hash).is_some_and(|node| matches!(node.body, Body::Missing))
        };
        self.path(&heaviest.header.hash()).into_iter().filter(lacks).take(most).collect()
    }

    /// Makes a child of the root the root: it is final. What does not follow it is dropped, and
    /// given.
    pub(super) fn advance(&mut self, hash: &Hash) -> Vec<(Hash, Body)> {
        let Some(node) = self.nodes.remove(hash) else { return Vec::new() };
        let others: Vec<Hash> =
            self.root_children.iter().filter(|child| *child != hash).copied().collect();
        self.root = (*hash, node.sealed.header, node.sum);
        self.root_children = node.children;
        let mut dropped = Vec::new();
        let mut ahead = others;
        while let Some(hash) = ahead.pop() {
            if let Some(node) = self.nodes.remove(&hash) {
                ahead.extend(node.children);
                dropped.push((hash, node.body));
            }
        }
        let height = self.root.1.height;
        self.orphans.retain(|_, sealed| sealed.header.height > height);
        self.orphan_order.retain(|hash| self.orphans.contains_key(hash));
        dropped
    }
}
