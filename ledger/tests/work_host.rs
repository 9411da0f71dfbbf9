//! Nodes of a ledger of work: branches, reorganisations, finality, restarts, and what others may send.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chancery_ledger::audit::audit;
use chancery_ledger::block::Block;
use chancery_ledger::chain::Chain;
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::consensus::mempool::MempoolLimits;
use chancery_ledger::consensus::pool::{Limits, Submitted};
use chancery_ledger::consensus::work::{
    BadHeader, Found, HEADERS_MAX, ORPHANS_MAX, Standing, TakenBlock, TakenHeader, WorkEvent,
};
use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::evidence::{
    BadConfirmation, BadEvidence, Bytes, Confirmation, Evidence, Receipt,
};
use chancery_ledger::genesis::{Consensus, Genesis, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, KeyCache, Payload, Signing};
use chancery_ledger::work::{SealedHeader, Target, Work, WorkRules, WorkSum, work_hash};
use common::{BoxAction, Boxes, key, time};
use proptest::prelude::*;

const DEPTH: u32 = 6;
const SPACING_MS: u64 = 1_000;

fn work_genesis() -> Genesis {
    let target: Target = format!("{:0<64}", "1fff").parse().unwrap();
    Genesis::found(&Statement {
        consensus: Consensus::Work(WorkRules {
            easiest_target: format!("{:0<64}", "7fff").parse().unwrap(),
            first_target: target,
            spacing_ms: SPACING_MS,
            half_life_ms: 20_000,
            final_depth: DEPTH,
        }),
        ..common::genesis().statement().clone()
    })
    .unwrap()
}

fn limits() -> Limits {
    let mempool = MempoolLimits { transitions: 100, bytes: 1 << 20, transitions_each: 50 };
    Limits { mempool, block_transitions: 20, verifiers: 1 }
}

/// A node with its disk.
struct Node {
    disk: Memory,
    host: WorkHost<Boxes>,
}

impl Node {
    fn new() -> Self {
        let disk = Memory::new();
        Chain::found(Arc::new(disk.clone()), &work_genesis(), Arc::new(Boxes)).unwrap();
        Self::on(disk)
    }

    fn on(disk: Memory) -> Self {
        let chain = Chain::open(Arc::new(disk.clone()), Arc::new(Boxes)).unwrap().chain;
        let host = WorkHost::open(chain, Arc::new(disk.clone()), limits()).unwrap();
        Self { disk, host }
    }

    fn height(&self) -> u64 {
        self.host.best().header.height
    }

    fn best(&self) -> Hash {
        self.host.best().hash
    }

    fn final_height(&self) -> u64 {
        self.host.view().tip().header.height
    }

    /// Mines a block at this time and gives its bytes.
    fn mine(&mut self, at: Time) -> Arc<[u8]> {
        let template = self.host.template(at).unwrap();
        let nonce = nonce(&template.hash, template.target);
        match self.host.found(&template.hash, nonce).unwrap() {
            Found::Sealed { hash, block } => {
                assert_eq!(hash, template.hash);
                block
            }
            other => panic!("{other:?}"),
        }
    }

    /// Mines a block when the schedule has it.
    fn mine_next(&mut self) -> Arc<[u8]> {
        let at = due(self.height() + 1);
        self.mine(at)
    }

    fn take(&mut self, block: &[u8]) -> TakenBlock {
        self.host.take_block(block, late()).unwrap()
    }

    /// Takes blocks in whatever order they come, asking again for what came too early.
    fn take_all(&mut self, blocks: &[Arc<[u8]>]) {
        let mut left: Vec<_> = blocks.to_vec();
        while !left.is_empty() {
            let before = left.len();
            left.retain(|block| matches!(self.take(block), TakenBlock::Orphan));
            assert!(left.len() < before, "blocks that lead nowhere");
        }
    }

    fn submit(&mut self, bytes: &[u8]) -> Submitted {
        let admission = Admission::new(Arc::new(Boxes), &work_genesis());
        let now = due(self.height() + 1);
        let admitted = admission.admit(bytes, now, &mut KeyCache::default()).unwrap();
        self.host.submit(Arc::new(admitted), now).unwrap()
    }

    fn standing(&self, bytes: &[u8]) -> Option<Standing> {
        self.host.standing(&id(bytes))
    }
}

fn due(height: u64) -> Time {
    time(height * SPACING_MS)
}

/// A clock that finds no block early.
fn late() -> Time {
    time(10_000_000)
}

fn nonce(hash: &Hash, target: Target) -> u64 {
    (0..).find(|nonce| target.is_met_by(&work_hash(hash, *nonce))).unwrap()
}

fn signed(by: u8, name: &str, action: BoxAction) -> Vec<u8> {
    let payload = Payload {
        ledger: work_genesis().ledger(),
        id: name.into(),
        not_after: time(3_000_000),
        actions: vec![action],
    };
    Signing::of(&payload).unwrap().sign(&key(by)).to_bytes()
}

/// Fills a box of its own.
fn fill(number: u8) -> Vec<u8> {
    let name = format!("box-{number}");
    signed(number, &name, BoxAction::Fill { name: name.clone(), level: u64::from(number) })
}

fn id(bytes: &[u8]) -> Hash {
    let admission = Admission::new(Arc::new(Boxes), &work_genesis());
    admission.readmit(bytes).unwrap().id
}

fn header(block: &[u8]) -> SealedHeader {
    let block = Block::decode(block).unwrap();
    match block.seal {
        Seal::Work(work) => SealedHeader { header: block.header, work },
        other => panic!("{other:?}"),
    }
}

/// A header like this one, mined again after a change.
fn mined_again(mut sealed: SealedHeader, change: impl FnOnce(&mut SealedHeader)) -> SealedHeader {
    change(&mut sealed);
    sealed.work.nonce = nonce(&sealed.header.hash(), sealed.work.target);
    sealed
}

fn reorganisations(events: &[WorkEvent<Boxes>]) -> Vec<(u64, Vec<Hash>)> {
    let of = |event: &WorkEvent<Boxes>| match event {
        WorkEvent::Reorganised { depth, returned, .. } => Some((*depth, returned.clone())),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn a_transition_waits_stands_in_a_block_and_is_final() {
    let mut node = Node::new();
    let sent = fill(1);
    assert_eq!(node.standing(&sent), None);
    assert_eq!(node.submit(&sent), Submitted::Waits);
    assert_eq!(node.submit(&sent), Submitted::Known);
    assert_eq!(node.standing(&sent), Some(Standing::Waiting));
    node.mine_next();
    let block = node.best();
    for confirmations in 0..u64::from(DEPTH) {
        let stands = Standing::InBlock { block, height: 1, position: 0, confirmations };
        assert_eq!(node.standing(&sent), Some(stands));
        assert_eq!(node.final_height(), 0);
        node.mine_next();
    }
    assert_eq!(node.final_height(), 1);
    assert_eq!(node.standing(&sent), Some(Standing::Final { position: 0 }));
    assert!(matches!(node.submit(&sent), Submitted::Duplicate { position: 0 }));
}

#[test]
fn evidence_says_how_much_work_stands_behind_it() {
    let mut node = Node::new();
    node.submit(&fill(1));
    for _ in 0..=DEPTH {
        node.mine_next();
    }
    let anchor = work_genesis().into();
    let receipt = node.host.view().receipt(0).unwrap();
    let shown = receipt.verify(&anchor).unwrap();
    let work = shown.work.unwrap();
    assert_eq!((work.confirmations, work.final_depth), (u64::from(DEPTH), DEPTH));
    let worked = (1..=u64::from(DEPTH)).map(|_| node.host.rules().first_target.work());
    assert!(work.work > worked.sum());
    assert_eq!(shown.checks.len(), 4, "{:?}", shown.checks);
    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
    let status = node.host.view().status("boxes", "box", "box-1", 1).unwrap();
    assert_eq!(status.verify(&anchor).unwrap().work, Some(work));
    let in_block = node.host.view().block_receipt(0).unwrap();
    for evidence in
        [Evidence::Status(status), Evidence::Receipt(receipt.clone()), Evidence::InBlock(in_block)]
    {
        let compact = evidence.to_compact(&anchor).unwrap();
        assert_eq!(Evidence::from_compact(&compact, &anchor), Ok(evidence));
    }

    // Fewer confirmations show less; others, or in another order, show nothing.
    let short = Receipt { confirmations: receipt.confirmations[..2].to_vec(), ..receipt.clone() };
    let fewer = short.verify(&anchor).unwrap().work.unwrap();
    assert!(fewer.confirmations == 2 && fewer.work < work.work);
    let bare = Receipt { confirmations: Vec::new(), ..receipt.clone() };
    assert_eq!(bare.verify(&anchor).unwrap().work.unwrap().confirmations, 0);
    assert_eq!(bare.verify(&anchor).unwrap().checks.len(), 3);
    let refused = |change: &dyn Fn(&mut Vec<Confirmation>)| {
        let mut changed = receipt.clone();
        change(&mut changed.confirmations);
        let bad = changed.verify(&anchor).unwrap_err();
        assert_eq!(bad.check(), "confirmations", "{bad}");
        match bad {
            BadEvidence::Confirmation { what, .. } => what,
            other => panic!("{other}"),
        }
    };
    let apart = |what: BadConfirmation| matches!(what, BadConfirmation::Apart(_));
    assert!(apart(refused(&|all| drop(all.remove(0)))));
    assert!(apart(refused(&|all| all.swap(0, 1))));
    assert!(apart(refused(&|all| all[1] = all[0].clone())));
    let missed = refused(&|all| all[2].seal = all[3].seal.clone());
    assert!(matches!(missed, BadConfirmation::Seal(_)), "{missed}");
    assert!(matches!(refused(&|all| all[0].header.0.truncate(9)), BadConfirmation::Header(_)));
    let many = refused(&|all| *all = all.iter().cycle().take(129).cloned().collect());
    assert_eq!(many, BadConfirmation::TooMany);
    // A target that does not follow, with work on it all the same.
    let easiest = node.host.rules().easiest_target;
    let easy = refused(&|all| {
        let mut header = chancery_ledger::block::Header::decode(&all[0].header.0).unwrap();
        header.pool = easiest.hash();
        let nonce = nonce(&header.hash(), easiest);
        *all = vec![Confirmation {
            header: Bytes(header.encode().to_vec()),
            seal: Seal::Work(Work { target: easiest, nonce }),
        }];
    });
    assert_eq!(easy, BadConfirmation::Apart("target"));
    // What an anchor of a pool makes of it.
    let of_pool = common::genesis().into();
    assert!(matches!(receipt.verify(&of_pool), Err(BadEvidence::OtherLedger(_))));
}

#[test]
fn an_audit_checks_all_work_again() {
    let mut node = Node::new();
    for number in 1..12 {
        node.submit(&fill(number));
        node.mine_next();
    }
    let genesis = work_genesis();
    let audited = |disk: Memory| {
        let scratch = Arc::new(Memory::new());
        audit(Arc::new(disk), Some(&genesis), Arc::new(Boxes), scratch, 1, &mut |_| {})
    };
    let report = audited(node.disk.clone()).unwrap();
    assert_eq!((report.blocks, report.transitions), (node.final_height() + 1, node.final_height()));
    // A nonce that misses, in a frame whose checksum holds.
    let block = node.host.view().block(2).unwrap();
    let Seal::Work(work) = block.seal else { panic!("no work") };
    let misses = |nonce: &u64| !work.target.is_met_by(&work_hash(&block.header.hash(), *nonce));
    let forged = Block {
        seal: Seal::Work(Work { nonce: (work.nonce..).find(misses).unwrap(), ..work }),
        ..block.clone()
    };
    let (good, forged) = (block.encode(), forged.encode());
    assert_eq!(good.len(), forged.len());
    let disk = with_frame(&node.disk, &good, &forged);
    let found = audited(disk).unwrap_err();
    assert!(found.to_string().contains("work"), "{found}");
}

/// The disk with one frame's payload in place of another of the same length, its checksums made anew.
fn with_frame(disk: &Memory, from: &[u8], to: &[u8]) -> Memory {
    let changed = Memory::new();
    for name in disk.names() {
        let file = disk.open(&name).unwrap();
        let mut bytes = vec![0; file.len() as usize];
        file.read_at(0, &mut bytes).unwrap();
        if let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            let crc = crc32c::crc32c(to).to_be_bytes();
            bytes[at - 8..at - 4].copy_from_slice(&crc);
            let crc = crc32c::crc32c(&bytes[at - 16..at - 4]).to_be_bytes();
            bytes[at - 4..at].copy_from_slice(&crc);
        }
        changed.replace(&name, &bytes).unwrap();
    }
    changed
}

#[test]
fn more_work_wins_and_what_stood_in_the_blocks_that_lost_waits_again() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let shared = here.mine_next();
    assert!(matches!(there.take(&shared), TakenBlock::Best));
    let (mine, both) = (fill(1), fill(2));
    here.submit(&mine);
    here.submit(&both);
    here.mine_next();
    assert!(matches!(here.standing(&mine), Some(Standing::InBlock { height: 2, .. })));
    there.submit(&both);
    let theirs = [there.mine(due(2).plus_ms(1)), there.mine(due(3).plus_ms(1))];
    here.host.take_events();

    // As much work as the branch that was seen first is not enough.
    assert!(matches!(here.take(&theirs[0]), TakenBlock::Kept));
    assert!(matches!(here.take(&theirs[1]), TakenBlock::Best));
    assert_eq!(here.best(), there.best());
    let events = here.host.take_events();
    assert_eq!(reorganisations(&events), [(1, vec![id(&mine)])]);
    assert_eq!(here.standing(&mine), Some(Standing::Waiting));
    assert!(matches!(here.standing(&both), Some(Standing::InBlock { height: 2, .. })));

    here.mine_next();
    assert!(matches!(here.standing(&mine), Some(Standing::InBlock { height: 4, .. })));
}

#[test]
fn returned_transitions_keep_their_order_and_their_place_before_others() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let name = || "store".to_owned();
    let first = signed(1, "a", BoxAction::Fill { name: name(), level: 10 });
    let second = signed(1, "b", BoxAction::Take { name: name(), amount: 10 });
    let third = signed(1, "c", BoxAction::Fill { name: name(), level: 3 });
    here.submit(&first);
    here.mine_next();
    here.submit(&second);
    here.mine_next();
    here.submit(&third);
    for height in 1..4 {
        let block = there.mine(due(height).plus_ms(1));
        here.take(&block);
    }
    assert_eq!(here.best(), there.best());
    assert_eq!(here.host.waiting(), 3);
    here.mine_next();
    let positions: Vec<_> = [&first, &second, &third]
        .map(|bytes| match here.standing(bytes) {
            Some(Standing::InBlock { position, .. }) => position,
            other => panic!("{other:?}"),
        })
        .to_vec();
    assert_eq!(positions, [0, 1, 2]);
}

#[test]
fn a_branch_that_leaves_below_the_last_final_block_is_refused_and_reported() {
    let (mut here, mut there) = (Node::new(), Node::new());
    for _ in 0..=DEPTH {
        here.mine_next();
    }
    assert_eq!(here.final_height(), 1);
    let first = there.mine(due(1).plus_ms(1));
    here.host.take_events();
    for _ in 0..2 {
        assert!(matches!(here.take(&first), TakenBlock::Refused(BadHeader::BelowFinal(1))));
    }
    let of = |event: WorkEvent<Boxes>| match event {
        WorkEvent::ForkBelowFinal { hash, height } => (hash, height),
        _ => panic!("another event"),
    };
    let reported: Vec<_> = here.host.take_events().into_iter().map(of).collect();
    assert_eq!(reported, [(there.best(), 1)]);
    for height in 2..20 {
        let block = there.mine(due(height).plus_ms(1));
        assert!(matches!(here.take(&block), TakenBlock::Orphan));
    }
    assert_eq!(here.height(), u64::from(DEPTH) + 1);
    // Its own final blocks are known, and nobody is reported for telling of them.
    let own = here.host.headers_after(&[], 1).unwrap().remove(0);
    assert_eq!(here.host.take_header(own, late()).unwrap(), TakenHeader::Known);
    assert!(here.host.take_events().is_empty());
}

#[test]
fn a_reorganisation_may_be_as_deep_as_what_is_not_final() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let sent: Vec<_> = (1..=DEPTH as u8).map(fill).collect();
    for sent in &sent {
        here.submit(sent);
        here.mine_next();
    }
    assert_eq!(here.final_height(), 0);
    let theirs: Vec<_> =
        (0..=u64::from(DEPTH)).map(|_| there.mine(due(there.height() + 1).plus_ms(1))).collect();
    here.host.take_events();
    here.take_all(&theirs);
    assert_eq!(here.best(), there.best());
    let events = here.host.take_events();
    let all: Vec<_> = sent.iter().map(|sent| id(sent)).collect();
    assert_eq!(reorganisations(&events), [(u64::from(DEPTH), all)]);
    assert_eq!(here.final_height(), 1);
    for sent in &sent {
        assert_eq!(here.standing(sent), Some(Standing::Waiting));
    }
}

#[test]
fn a_block_that_breaks_the_rules_takes_those_that_follow_along() {
    let (mut here, mut there) = (Node::new(), Node::new());
    there.submit(&fill(1));
    let good = there.mine_next();
    let mut block = Block::decode(&good).unwrap();
    let forged = mined_again(header(&good), |it| it.header.state_root = Hash::of(&[b"another"]));
    (block.header, block.seal) = (forged.header.clone(), Seal::Work(forged.work));
    let forged_block = block.encode();

    // The header alone is good: what follows it is kept until the block is seen.
    let next = mined_again(header(&there.mine_next()), |it| {
        it.header.previous = forged.header.hash();
    });
    assert_eq!(here.host.take_header(forged.clone(), late()).unwrap(), TakenHeader::New);
    assert_eq!(here.host.take_header(next.clone(), late()).unwrap(), TakenHeader::New);
    assert_eq!(here.host.missing(9), [forged.header.hash(), next.header.hash()]);
    assert!(matches!(here.take(&forged_block), TakenBlock::Invalid(_)));
    assert!(matches!(here.take(&forged_block), TakenBlock::Refused(BadHeader::Invalid)));
    let after = mined_again(next.clone(), |it| {
        it.header.height += 1;
        it.header.previous = next.header.hash();
        it.header.time = it.header.time.plus_ms(SPACING_MS);
    });
    // Its target may differ by now: either way it does not get in.
    assert!(matches!(here.host.take_header(after, late()).unwrap(), TakenHeader::Refused(_)));
    assert!(here.host.missing(9).is_empty());
    assert!(matches!(here.take(&good), TakenBlock::Best));
    assert_eq!(here.height(), 1);
    // After a restart the forged block is judged again if it comes again.
    let mut here = Node::on(here.disk);
    assert_eq!(here.height(), 1);
    assert!(!matches!(here.take(&forged_block), TakenBlock::Best));
    assert_eq!(here.height(), 1);
}

#[test]
fn a_bad_nonce_and_other_entries_condemn_no_header() {
    let (mut here, mut there) = (Node::new(), Node::new());
    there.submit(&fill(1));
    let good = there.mine_next();
    let sealed = header(&good);
    let missed = (0..)
        .find(|nonce| !sealed.work.target.is_met_by(&work_hash(&sealed.header.hash(), *nonce)));
    let mut block = Block::decode(&good).unwrap();
    block.seal = Seal::Work(Work { nonce: missed.unwrap(), ..sealed.work });
    assert!(matches!(here.take(&block.encode()), TakenBlock::Refused(BadHeader::Work(_))));
    let mut block = Block::decode(&good).unwrap();
    block.entries.clear();
    assert!(matches!(here.take(&block.encode()), TakenBlock::Invalid(_)));
    assert!(matches!(here.take(b""), TakenBlock::Invalid(_)));
    assert!(matches!(here.take(&good), TakenBlock::Best));
}

#[test]
fn a_block_with_a_bad_nonce_is_refused_also_when_its_header_is_known() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let blocks = [there.mine_next(), there.mine_next()];
    let sealed = header(&blocks[0]);
    let hash = sealed.header.hash();
    let missed = (0..).find(|nonce| !sealed.work.target.is_met_by(&work_hash(&hash, *nonce)));
    let mut block = Block::decode(&blocks[0]).unwrap();
    block.seal = Seal::Work(Work { nonce: missed.unwrap(), ..sealed.work });
    assert_eq!(here.host.take_header(sealed, late()).unwrap(), TakenHeader::New);
    assert!(matches!(here.take(&block.encode()), TakenBlock::Refused(BadHeader::Work(_))));
    here.take_all(&blocks);
    // What is kept for a restart, and what others are given, has a nonce that counts.
    let here = Node::on(here.disk);
    assert_eq!(here.best(), there.best());
    assert_eq!(here.host.block(&hash).unwrap().unwrap(), blocks[0].to_vec());
}

#[test]
fn headers_are_judged_one_rule_at_a_time() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let good = header(&there.mine_next());
    let now = due(1);
    let mut judge = |sealed: SealedHeader| here.host.take_header(sealed, now).unwrap();
    let refused = |taken: TakenHeader| match taken {
        TakenHeader::Refused(bad) => bad,
        other => panic!("{other:?}"),
    };
    let other = mined_again(good.clone(), |it| it.header.ledger = Hash::of(&[b"another"]));
    assert!(matches!(refused(judge(other)), BadHeader::OtherLedger(_)));
    let early =
        mined_again(good.clone(), |it| it.header.time = due(1).plus_ms(10 * SPACING_MS + 1));
    let bad = refused(judge(early));
    assert!(matches!(bad, BadHeader::Early(_)) && !bad.is_misbehaviour());
    let just = mined_again(good.clone(), |it| it.header.time = due(1).plus_ms(10 * SPACING_MS));
    assert_eq!(judge(just), TakenHeader::New);
    let same_time = mined_again(good.clone(), |it| it.header.time = time(0));
    assert!(matches!(refused(judge(same_time)), BadHeader::Time(_)));
    let high = mined_again(good.clone(), |it| it.header.height = 2);
    assert!(matches!(refused(judge(high)), BadHeader::Height { height: 2, before: 0 }));
    let easier: Target = format!("{:0<64}", "7fff").parse().unwrap();
    let easy = mined_again(good.clone(), |it| {
        it.work.target = easier;
        it.header.pool = easier.hash();
    });
    let bad = refused(judge(easy));
    assert!(bad == BadHeader::Target && bad.is_misbehaviour());
    assert_eq!(judge(good.clone()), TakenHeader::New);
    assert_eq!(judge(good), TakenHeader::Known);
}

#[test]
fn headers_that_lead_nowhere_are_bounded_and_the_best_branch_grows_on() {
    let mut here = Node::new();
    let easiest: Target = format!("{:0<64}", "7fff").parse().unwrap();
    let spam = |number: u64, previous: Hash, height: u64| {
        let template = header(&Node::new().mine_next());
        mined_again(template, |it| {
            it.header.log_size = number;
            it.header.previous = previous;
            it.header.height = height;
            it.work.target = easiest;
            it.header.pool = easiest.hash();
        })
    };
    let sample = spam(0, Hash::of(&[b"nobody knows it"]), 5);
    for number in 0..ORPHANS_MAX as u64 + 50 {
        let orphan = mined_again(sample.clone(), |it| it.header.log_size = number);
        assert_eq!(here.host.take_header(orphan, late()).unwrap(), TakenHeader::Orphan);
    }
    assert_eq!(here.host.headers_held(), (0, ORPHANS_MAX));

    // Children of block 0, each with as much work as the other; the branch here has more.
    here.mine_next();
    here.mine_next();
    let first = header(&Node::new().mine(due(1).plus_ms(5)));
    for number in 0..HEADERS_MAX as u64 + 20 {
        let child = mined_again(first.clone(), |it| it.header.log_size = number);
        let taken = here.host.take_header(child, late()).unwrap();
        let room = number < HEADERS_MAX as u64 - 2;
        let expected =
            if room { TakenHeader::New } else { TakenHeader::Refused(BadHeader::NoRoom) };
        assert_eq!(taken, expected);
    }
    assert_eq!(here.host.headers_held().0, HEADERS_MAX);
    here.mine_next();
    assert_eq!((here.height(), here.host.headers_held().0), (3, HEADERS_MAX));
    for _ in 0..DEPTH + 2 {
        here.mine_next();
    }
    // All of them leave below the block that is final by now, or are too low to be waited for.
    assert_eq!(here.host.headers_held(), (DEPTH as usize, 0));
}

#[test]
fn a_late_node_follows_headers_first() {
    let mut there = Node::new();
    for number in 1..60 {
        if number % 7 == 0 {
            there.submit(&fill(number));
        }
        there.mine_next();
    }
    let mut here = Node::new();
    let mut rounds = 0;
    while here.best() != there.best() {
        rounds += 1;
        assert!(rounds < 20);
        let locator = here.host.locator().unwrap();
        for sealed in there.host.headers_after(&locator, 25).unwrap() {
            assert!(!matches!(
                here.host.take_header(sealed, late()).unwrap(),
                TakenHeader::Refused(_) | TakenHeader::Orphan
            ));
        }
        // The blocks of a round come in the wrong order.
        for hash in here.host.missing(25).into_iter().rev() {
            let block = there.host.block(&hash).unwrap().unwrap();
            assert!(matches!(here.take(&block), TakenBlock::Best | TakenBlock::Kept));
        }
    }
    assert_eq!(here.final_height(), there.final_height());
    assert_eq!(here.host.view().tip().hash, there.host.view().tip().hash);
    let (from, to) = (here.host.locator().unwrap(), there.host.locator().unwrap());
    assert_eq!(from, to);
    assert!(from.len() < 40, "{}", from.len());
}

#[test]
fn headers_whose_blocks_are_kept_back_keep_nobody_from_asking_for_those_of_another_branch() {
    let (mut here, mut honest, mut other) = (Node::new(), Node::new(), Node::new());
    for height in 1..=3 {
        let block = other.mine(due(height).plus_ms(1));
        here.host.take_header(header(&block), late()).unwrap();
    }
    let blocks = [honest.mine_next(), honest.mine_next()];
    for block in &blocks {
        here.host.take_header(header(block), late()).unwrap();
    }
    let wanted = blocks.clone().map(|block| header(&block).header.hash());
    assert!(here.host.missing(9).iter().all(|hash| !wanted.contains(hash)));
    assert_eq!(here.host.missing_up_to(&wanted[1], 9), wanted);
    assert_eq!(here.host.missing_up_to(&wanted[1], 1), wanted[..1]);
    here.take_all(&blocks);
    assert_eq!(here.best(), honest.best());
    assert!(here.host.missing_up_to(&wanted[1], 9).is_empty());
    assert!(here.host.missing_up_to(&Hash::of(&[b"nobody knows it"]), 9).is_empty());
}

#[test]
fn a_stale_template_is_told_and_the_last_ones_are_still_known() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let template = here.host.template(due(1)).unwrap();
    let good = nonce(&template.hash, template.target);
    let missed = (0..).find(|n| !template.target.is_met_by(&work_hash(&template.hash, *n)));
    assert!(matches!(here.host.found(&template.hash, missed.unwrap()).unwrap(), Found::Missed));
    for at in 1..4 {
        here.host.template(due(1).plus_ms(at)).unwrap();
    }
    // Another block of the same height came first: this one counts all the same, on its own branch.
    let theirs = there.mine(due(1).plus_ms(9));
    here.take(&theirs);
    assert!(matches!(here.host.found(&template.hash, good).unwrap(), Found::Sealed { .. }));
    assert_eq!(here.best(), there.best());
    let old = here.host.template(due(2)).unwrap();
    for at in 1..5 {
        here.host.template(due(2).plus_ms(at)).unwrap();
    }
    let nonce = nonce(&old.hash, old.target);
    assert!(matches!(here.host.found(&old.hash, nonce).unwrap(), Found::Stale));
}

#[test]
fn what_is_not_final_is_there_again_after_a_stop_and_a_power_cut_leaves_what_was_found() {
    let (mut here, mut there) = (Node::new(), Node::new());
    for number in 1..10 {
        here.submit(&fill(number));
        let block = here.mine_next();
        there.take(&block);
    }
    let (best, held) = (here.best(), here.host.headers_held());
    let again = Node::on(here.disk.clone());
    assert_eq!((again.best(), again.host.headers_held()), (best, held));
    // What this node found was on the disk before it was told; what others found may be asked for again.
    assert_eq!(Node::on(here.disk.crash()).best(), best);
    let mut there = Node::on(there.disk.crash());
    assert!(there.height() >= there.final_height());
    for hash in here.host.unfinal_headers() {
        let block = here.host.block(&hash.header.hash()).unwrap().unwrap();
        there.take(&block);
    }
    assert_eq!(there.best(), best);
}

#[test]
fn a_block_that_two_have_built_alike_stays_when_the_template_grows_old() {
    let (mut here, mut there) = (Node::new(), Node::new());
    let sent = fill(1);
    here.submit(&sent);
    there.submit(&sent);
    // The same time, block before and transitions: only the nonce is the finder's own.
    let template = here.host.template(due(1)).unwrap();
    let block = there.mine_next();
    assert_eq!(header(&block).header.hash(), template.hash);
    assert!(matches!(here.take(&block), TakenBlock::Best));
    let good = nonce(&template.hash, template.target);
    assert!(matches!(here.host.found(&template.hash, good).unwrap(), Found::Stale));
    for height in 2..=u64::from(DEPTH) + 2 {
        for at in 0..5 {
            here.host.template(due(height).plus_ms(at)).unwrap();
        }
        assert!(here.standing(&sent).is_some(), "height {height}");
        let block = there.mine_next();
        assert!(matches!(here.take(&block), TakenBlock::Best));
    }
    assert_eq!(here.standing(&sent), Some(Standing::Final { position: 0 }));
    assert_eq!(here.final_height(), there.final_height());
}

/// A tree of blocks: which block each stands on, by number, 0 being block 0.
#[derive(Clone, Debug)]
struct Grown {
    parents: Vec<usize>,
    /// The order in which they come.
    order: Vec<usize>,
    /// After how many of them the node is stopped and started.
    stops: Vec<usize>,
}

fn grown() -> impl Strategy<Value = Grown> {
    (4..14_usize)
        .prop_flat_map(|count| {
            let parents = (0..count).map(|number| 0..=number).collect::<Vec<_>>();
            let order = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
            (parents, order, prop::collection::vec(0..count, 0..3))
        })
        .prop_map(|(parents, order, stops)| Grown { parents, order, stops })
}

/// The naive model: every branch is replayed from nothing by a node that sees no other.
struct Model {
    blocks: Vec<Arc<[u8]>>,
    /// The blocks from 1 up to each.
    paths: Vec<Vec<usize>>,
}

impl Model {
    fn of(parents: &[usize]) -> Self {
        let mut model = Self { blocks: Vec::new(), paths: Vec::new() };
        for (number, parent) in parents.iter().enumerate() {
            let mut path = parent.checked_sub(1).map_or(Vec::new(), |it| model.paths[it].clone());
            // A parent too deep would have its children refused as below the last final block.
            path.truncate(path.len().min(DEPTH as usize - 1));
            let mut node = model.replayed(&path);
            node.submit(&fill(number as u8 + 1));
            if number % 3 == 0 {
                node.submit(&fill(100));
            }
            let at = due(node.height() + 1).plus_ms(number as u64);
            model.blocks.push(node.mine(at));
            path.push(number);
            model.paths.push(path);
        }
        model
    }

    fn replayed(&self, path: &[usize]) -> Node {
        let mut node = Node::new();
        for number in path {
            assert!(matches!(node.take(&self.blocks[*number]), TakenBlock::Best));
        }
        node
    }

    fn work(&self, number: usize) -> WorkSum {
        self.paths[number].iter().map(|it| header(&self.blocks[*it]).work.target.work()).sum()
    }

    fn ordered(&self, path: &[usize]) -> BTreeSet<Hash> {
        let admission = Admission::new(Arc::new(Boxes), &work_genesis());
        let mut ids = BTreeSet::new();
        for number in path {
            for entry in Block::decode(&self.blocks[*number]).unwrap().entries {
                let entry = chancery_ledger::transition::Entry::decode(&entry).unwrap();
                ids.insert(admission.readmit(entry.transition).unwrap().id);
            }
        }
        ids
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the order of the blocks and wherever the node is stopped, it ends on a branch with the
    /// most work, in the state of a node that saw nothing else, and every transition of an abandoned
    /// block that is nowhere else waits or was dropped with a reason.
    #[test]
    fn blocks_in_any_order_give_the_best_branch(grown in grown()) {
        let model = Model::of(&grown.parents);
        let mut node = Node::new();
        let mut waiting: Vec<usize> = Vec::new();
        let mut seen: BTreeSet<Hash> = BTreeSet::new();
        let mut dropped: BTreeSet<Hash> = BTreeSet::new();
        for (count, number) in grown.order.iter().enumerate() {
            if grown.stops.contains(&count) {
                node = Node::on(node.disk.clone());
                // The mempool is not kept: only what comes later is looked at.
                seen.clear();
            }
            waiting.push(*number);
            // What came too early is asked for again whenever something new is there.
            loop {
                let before = waiting.len();
                waiting.retain(|it| matches!(node.take(&model.blocks[*it]), TakenBlock::Orphan));
                if waiting.len() == before {
                    break;
                }
            }
            for event in node.host.take_events() {
                match event {
                    WorkEvent::Reorganised { returned, .. } => seen.extend(returned),
                    WorkEvent::Dropped { id, .. } => {
                        dropped.insert(id);
                    }
                    _ => {}
                }
            }
        }
        prop_assert!(waiting.is_empty());
        let most = (0..model.blocks.len()).map(|number| model.work(number)).max().unwrap();
        let best = (0..model.blocks.len())
            .find(|number| header(&model.blocks[*number]).header.hash() == node.best());
        let best = best.unwrap();
        prop_assert_eq!(model.work(best), most);
        let alone = model.replayed(&model.paths[best]);
        prop_assert_eq!(&node.host.best().header, &alone.host.best().header);
        prop_assert_eq!(node.final_height(), alone.final_height());
        prop_assert_eq!(node.host.unfinal_headers(), alone.host.unfinal_headers());
        let ordered = model.ordered(&model.paths[best]);
        for id in seen {
            let standing = node.host.standing(&id);
            match standing {
                Some(Standing::Waiting) => prop_assert!(!ordered.contains(&id)),
                Some(_) => prop_assert!(ordered.contains(&id)),
                None => prop_assert!(dropped.contains(&id), "a transition is lost"),
            }
        }
    }

    /// Three nodes that mine, send, and are cut off from each other agree on every block that is final,
    /// and on all once they hear from each other.
    #[test]
    fn nodes_that_hear_from_each_other_agree(steps in prop::collection::vec((0..3_usize, 0..6_u8), 20..60)) {
        let mut nodes = [Node::new(), Node::new(), Node::new()];
        let mut finals: BTreeMap<u64, Hash> = BTreeMap::new();
        let mut sent = 0_u8;
        for (clock, (who, what)) in steps.into_iter().enumerate() {
            match what {
                0 | 1 => {
                    let at = time(clock as u64 * 500 + 1).max(nodes[who].host.best().header.time.plus_ms(1));
                    nodes[who].mine(at);
                }
                2 if sent < 90 => {
                    sent += 1;
                    nodes[who].submit(&fill(sent));
                }
                3 => nodes[who] = Node::on(nodes[who].disk.clone()),
                _ => hear(&mut nodes, who, (who + 1 + usize::from(what % 2)) % 3),
            }
        }
        for _ in 0..4 {
            for (who, from) in [(0, 1), (1, 2), (2, 0), (0, 2), (1, 0), (2, 1)] {
                hear(&mut nodes, who, from);
            }
        }
        let deep = |node: &Node| node.final_height();
        // A cut that lasted longer than the final depth leaves branches that only people can join.
        let apart = nodes.iter().any(|node| deep(node) > 0)
            && nodes.iter().any(|node| node.best() != nodes[0].best());
        if !apart {
            let works: Vec<_> = nodes.iter().map(|node| node.host.work_above_final()).collect();
            prop_assert!(works.iter().all(|work| *work == works[0]), "{works:?}");
            for node in &nodes {
                for height in 0..=node.final_height() {
                    let hash = node.host.view().sealed_header(height).unwrap().0.hash();
                    prop_assert_eq!(*finals.entry(height).or_insert(hash), hash);
                }
            }
        }
    }
}

/// One node asks another for what it lacks.
fn hear(nodes: &mut [Node; 3], who: usize, from: usize) {
    let locator = nodes[who].host.locator().unwrap();
    for sealed in nodes[from].host.headers_after(&locator, 100).unwrap() {
        nodes[who].host.take_header(sealed, late()).unwrap();
    }
    for hash in nodes[who].host.missing(100) {
        if let Some(block) = nodes[from].host.block(&hash).unwrap() {
            nodes[who].take(&block);
        }
    }
}
