//! Blocks and headers that break one rule each, with real work on them wherever that is not the rule.

use bytes::Bytes;
use chancery_ledger::block::{Block, Header};
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle;
use chancery_ledger::seal::Seal;
use chancery_ledger::transition::{Entry, Outcome};
use chancery_ledger::work::{SealedHeader, Target, Work, WorkRules, work_hash};
use chancery_registries::Registers;

use crate::damage::Random;
use crate::simulation::member::Now;
use crate::small_ledger::time;

/// So far ahead is an early block's time that no clock of the run comes there while it travels.
const EARLY_MS: u64 = 60_000;

/// The header and work of an encoded block, if it is one.
pub(super) fn sealed_of(bytes: &[u8]) -> Option<SealedHeader> {
    let block = Block::decode(bytes).ok()?;
    match block.seal {
        Seal::Work(work) => Some(SealedHeader { header: block.header, work }),
        Seal::Genesis | Seal::Pool(_) => None,
    }
}

/// A block like this good one that breaks one rule, and which; none if this one has nothing to break it
/// with.
pub(super) fn forged(
    good: &[u8],
    rules: &WorkRules,
    now: Now,
    random: &mut Random,
) -> Option<(&'static str, Bytes)> {
    let mut block = Block::decode(good).ok()?;
    let Seal::Work(work) = block.seal else { return None };
    let kind = random.below(13);
    let what = match kind {
        0..9 => in_header(kind, &mut block.header, rules, now),
        9 => in_target(&mut block, work, rules, random),
        10 => {
            let work = Work { nonce: without_work(&block.header.hash(), work), ..work };
            block.seal = Seal::Work(work);
            return Some(("lies: too little work", block.encode().into()));
        }
        _ if block.entries.is_empty() => return None,
        11 => {
            block.entries.clear();
            return Some(("lies: without its transitions", block.encode().into()));
        }
        _ => in_entries(&mut block, random)?,
    };
    let Seal::Work(work) = block.seal else { return None };
    let sealed = mined(SealedHeader { header: block.header.clone(), work });
    block.seal = Seal::Work(sealed.work);
    Some((what, block.encode().into()))
}

fn in_header(kind: usize, header: &mut Header, rules: &WorkRules, now: Now) -> &'static str {
    match kind {
        0 | 1 => {
            header.state_root = Hash::of(&[b"another state"]);
            "lies: another state root"
        }
        2 => {
            header.log_root = Hash::of(&[b"another log"]);
            "lies: another log root"
        }
        3 => {
            header.log_size += 1;
            "lies: another size of the log"
        }
        4 => {
            header.time = time(0);
            "lies: not later than the block before"
        }
        5 => {
            header.time = now.time.plus_ms(rules.drift_ms() + EARLY_MS);
            "lies: a time too far ahead"
        }
        6 => {
            header.ledger = Hash::of(&[b"another ledger"]);
            "lies: of another ledger"
        }
        7 => {
            header.height += 1;
            "lies: a height that does not follow"
        }
        _ => {
            header.previous = Hash::of(&[b"nobody has it"]);
            "lies: on a block that nobody has"
        }
    }
}

fn in_target(
    block: &mut Block,
    work: Work,
    rules: &WorkRules,
    random: &mut Random,
) -> &'static str {
    let mut near = work.target.to_bytes();
    near[31] ^= 1;
    let (target, what) = match random.below(3) {
        0 => (Some(Target::MAX), "lies: a target easier than any"),
        1 if rules.easiest_target != work.target => {
            (Some(rules.easiest_target), "lies: the easiest target")
        }
        _ => (Target::from_bytes(near), "lies: a target that is off by one"),
    };
    let target = target.unwrap_or(work.target);
    block.header.pool = target.hash();
    block.seal = Seal::Work(Work { target, ..work });
    what
}

fn in_entries(block: &mut Block, random: &mut Random) -> Option<&'static str> {
    let entry = block.entries.first()?.clone();
    let what = if random.below(2) == 0 {
        block.entries.push(entry);
        "lies: a transition twice"
    } else {
        let Entry { outcome, transition } = Entry::decode(&entry).ok()?;
        let other = match outcome {
            Outcome::Applied => "not-so".parse().ok()?,
            Outcome::Rejected(_) => Outcome::Applied,
        };
        block.entries[0] = Entry::encode(&other, transition);
        "lies: another outcome"
    };
    let leaves: Vec<Hash> = block.entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
    block.header.body_root = merkle::body_root(&leaves);
    Some(what)
}

/// A header with good work on a block that nobody has.
pub(super) fn leads_nowhere(
    host: &WorkHost<Registers>,
    now: Now,
    random: &mut Random,
) -> SealedHeader {
    let target = host.rules().easiest_target;
    let best = &host.best().header;
    let header = Header {
        height: best.height + 1 + random.below(20) as u64,
        previous: Hash::of(&[b"nobody has it", &random.number().to_be_bytes()]),
        time: now.time,
        pool: target.hash(),
        ..best.clone()
    };
    mined(SealedHeader { header, work: Work { target, nonce: 0 } })
}

/// The first header of a branch that leaves below the last final block, good but for that.
pub(super) fn leaves_below_final(
    host: &WorkHost<Registers>,
    random: &mut Random,
) -> Option<SealedHeader> {
    let view = host.view();
    let below = random.below(view.tip().header.height as usize) as u64;
    let (parent, _) = view.sealed_header(below).ok()?;
    let target = host.rules().target_after(&parent, time(0));
    let header = Header {
        height: below + 1,
        previous: parent.hash(),
        time: parent.time.plus_ms(1),
        state_root: Hash::of(&[&random.number().to_be_bytes()]),
        pool: target.hash(),
        ..parent
    };
    Some(mined(SealedHeader { header, work: Work { target, nonce: 0 } }))
}

fn mined(sealed: SealedHeader) -> SealedHeader {
    let (hash, target) = (sealed.header.hash(), sealed.work.target);
    // Every target of a run is met within some thousand tries.
    let nonce = (0..u64::MAX).find(|nonce| target.is_met_by(&work_hash(&hash, *nonce)));
    let work = Work { target, nonce: nonce.unwrap_or_default() };
    SealedHeader { work, ..sealed }
}

fn without_work(hash: &Hash, work: Work) -> u64 {
    let missed = |nonce: &u64| !work.target.is_met_by(&work_hash(hash, *nonce));
    (work.nonce..u64::MAX).find(missed).unwrap_or_default()
}
