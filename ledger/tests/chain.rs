//! A ledger's life on one node: ordering, proofs, forks, crashes, audits.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::sync::Arc;

use chancery_ledger::audit::{audit, scratch_in_memory};
use chancery_ledger::block::Block;
use chancery_ledger::chain::{InvalidBlock, Offer, replay};
use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::evidence::{Receipt, Statement};
use chancery_ledger::execution::Stored;
use chancery_ledger::seal::{Certificate, Seal, Vote};
use chancery_ledger::transition::KeyCache;
use common::*;
use proptest::prelude::*;

fn ordered(position: u64) -> Offer {
    Offer::Ordered { position, rejection: None }
}

#[test]
fn what_is_ordered_can_be_proven() {
    let mut chain = found(&Memory::new()).chain;
    let ana = key(1);
    let offers = block(&mut chain, time(10), &[fill(&ana, "1", "a", 5), fill(&ana, "2", "b", 7)]);
    assert_eq!(offers, [ordered(0), ordered(1)]);
    block(&mut chain, time(20), &[take(&ana, "3", "a", 2)]);

    let view = chain.view();
    let shown = view.receipt(2).unwrap().verify(&genesis().into()).unwrap();
    assert_eq!((shown.height, shown.as_of), (2, time(20)));
    let Statement::Ordered { position: 2, outcome, .. } = shown.shown else { panic!() };
    assert_eq!(outcome, "applied");

    let level = |height| {
        let bytes = view.object("boxes", "box", "a", height).unwrap();
        bytes.map(|bytes| Stored::<Crate>::decode(&bytes).unwrap())
    };
    assert!(level(0).is_none());
    let (first, second) = (level(1).unwrap(), level(2).unwrap());
    assert_eq!((first.value.level, first.version, first.position), (5, 1, 0));
    assert_eq!((second.value.level, second.version, second.position), (3, 2, 2));

    for (id, height, stands) in [("a", 2, true), ("a", 1, true), ("never", 2, false)] {
        let proof = view.status("boxes", "box", id, height).unwrap();
        let shown = proof.verify(&genesis().into()).unwrap();
        assert_eq!(matches!(shown.shown, Statement::Stands { .. }), stands);
    }
    let proof = view.prove_consistency(2, 3).unwrap();
    let root = |height| view.sealed_header(height).unwrap().0.log_root;
    proof.verify(&root(1), &root(2)).unwrap();
    assert_eq!(view.height_at(time(15)).unwrap(), Some(1));
}

#[test]
fn a_changed_byte_of_a_receipt_or_status_proof_is_refused() {
    let mut chain = found(&Memory::new()).chain;
    block(&mut chain, time(10), &[fill(&key(1), "1", "a", 5), fill(&key(1), "2", "b", 5)]);
    let receipt = chain.view().receipt(1).unwrap();
    let text = serde_json::to_string(&receipt).unwrap();
    let same: Receipt = serde_json::from_str(&text).unwrap();
    assert_eq!(same, receipt);
    let mut changed = 0;
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        let Ok(other) = serde_json::from_slice::<Receipt>(&bytes) else { continue };
        assert!(other.verify(&genesis().into()).is_err(), "byte {place}");
        changed += 1;
    }
    assert!(changed > 500);
}

#[test]
fn losing_a_race_is_recorded_and_being_wrong_is_not() {
    let mut chain = found(&Memory::new()).chain;
    let (ana, bo) = (key(1), key(2));
    // Both would be the first; only one can be.
    let offers = block(&mut chain, time(10), &[fill(&ana, "1", "a", 5), fill(&bo, "1", "a", 6)]);
    assert_eq!(offers[0], ordered(0));
    let Offer::Ordered { position: 1, rejection: Some(lost) } = &offers[1] else { panic!() };
    assert_eq!(lost.code.name, "not-yours");
    let shown = chain.view().receipt(1).unwrap().verify(&genesis().into()).unwrap();
    let Statement::Ordered { outcome, .. } = shown.shown else { panic!() };
    assert_eq!(outcome, "not-yours");
    // On the tip it is wrong from the start.
    let offers = block(&mut chain, time(20), &[fill(&bo, "2", "a", 6)]);
    assert!(matches!(&offers[0], Offer::Declined(why) if why.code.name == "not-yours"));
    // What depends on what is before it in the same block is good.
    let offers = block(&mut chain, time(30), &[fill(&bo, "3", "c", 6), take(&bo, "4", "c", 6)]);
    assert_eq!(offers, [ordered(2), ordered(3)]);
}

#[test]
fn the_same_transition_is_ordered_once_also_after_opening_again() {
    let disk = Memory::new();
    let mut chain = found(&disk).chain;
    let transition = fill(&key(1), "1", "a", 5);
    let offers = block(&mut chain, time(10), &[transition.clone(), transition.clone()]);
    assert_eq!(offers, [ordered(0), Offer::Duplicate { position: 0 }]);
    chain.checkpoint().unwrap().write().unwrap();
    drop(chain);
    let mut chain = open(Arc::new(disk)).unwrap().chain;
    let offers = block(&mut chain, time(20), &[transition]);
    assert_eq!(offers, [Offer::Duplicate { position: 0 }]);
}

#[test]
fn several_candidates_stand_on_one_parent_and_one_is_decided() {
    let mut chain = found(&Memory::new()).chain;
    let genesis_hash = chain.view().tip().hash;
    let mut keys = KeyCache::default();
    let mut candidate = |chain: &mut chancery_ledger::chain::Chain<Boxes>, parent, id, level| {
        let mut open = chain.begin(&parent, time(10)).unwrap();
        let admitted = admission().admit(&fill(&key(1), id, "a", level), time(10), &mut keys);
        chain.offer(&mut open, admitted.unwrap()).unwrap();
        chain.propose(open).unwrap()
    };
    let one = candidate(&mut chain, genesis_hash, "1", 1);
    let other = candidate(&mut chain, genesis_hash, "2", 2);
    let child = candidate(&mut chain, other.tip.hash, "3", 3);
    assert_ne!(one.tip.hash, other.tip.hash);
    // A transition that stands in an ancestor is not ordered again, in a fork it may be.
    let mut open = chain.begin(&child.tip.hash, time(30)).unwrap();
    for (id, level, expected) in [("2", 2, false), ("1", 1, true)] {
        let admitted = admission().admit(&fill(&key(1), id, "a", level), time(10), &mut keys);
        let offer = chain.offer(&mut open, admitted.unwrap()).unwrap();
        assert_eq!(matches!(offer, Offer::Ordered { .. }), expected, "{id}");
    }
    let seal = |header| {
        let signatures = vec![Vote::cast(&key(100), header, 0)];
        Seal::Pool(Certificate { round: 0, signatures })
    };
    chain.decide(&other.tip.hash, &seal(&other.tip.header)).unwrap();
    assert!(chain.decide(&one.tip.hash, &seal(&one.tip.header)).is_err());
    chain.decide(&child.tip.hash, &seal(&child.tip.header)).unwrap();
    let stored = chain.view().object("boxes", "box", "a", 2).unwrap().unwrap();
    assert_eq!(Stored::<Crate>::decode(&stored).unwrap().value.level, 3);
}

#[test]
fn a_block_of_others_is_executed_before_it_counts() {
    let mut ours = found(&Memory::new()).chain;
    let mut theirs = found(&Memory::new()).chain;
    block(&mut ours, time(10), &[fill(&key(1), "1", "a", 5), fill(&key(2), "2", "a", 5)]);
    let block = Block::decode(&ours.view().block_bytes(1).unwrap()).unwrap();
    let admitted = || {
        let mut keys = KeyCache::default();
        let admit = |entry: &Vec<u8>| {
            let entry = chancery_ledger::transition::Entry::decode(entry).unwrap();
            Arc::new(admission().admit_ordered(entry.transition, &mut keys).unwrap())
        };
        block.entries.iter().map(admit).collect::<Vec<_>>()
    };
    let mut lying = block.clone();
    lying.header.state_root = lying.header.log_root;
    let refused = theirs.validate(&lying, admitted());
    assert!(matches!(refused, Err(InvalidBlock::Differs("state root"))));
    let executed = theirs.validate(&block, admitted()).unwrap();
    theirs.decide(&executed.tip.hash, &block.seal).unwrap();
    assert_eq!(theirs.view().tip().hash, ours.view().tip().hash);
    let again = theirs.validate(&block, admitted());
    assert!(matches!(again, Err(InvalidBlock::Parent(_))));
}

fn some_blocks(disk: &Memory, count: u64) -> chancery_ledger::chain::Chain<Boxes> {
    let mut chain = found(disk).chain;
    for number in 1..=count {
        let by = key((number % 5) as u8);
        let name = |part: u64| format!("{}-{}", number % 5, part);
        let transitions: Vec<_> = (0..number % 4)
            .map(|part| fill(&by, &format!("{number}.{part}"), &name(part), number))
            .collect();
        block(&mut chain, time(number * 10), &transitions);
    }
    chain
}

/// After a crash that kept any part of what was not synced, everything final is there.
#[test]
fn a_crash_at_any_step_loses_nothing_final() {
    for operations in 0..120 {
        let disk = Memory::new();
        let mut chain = some_blocks(&disk, 7);
        if operations % 2 == 0 {
            chain.checkpoint().unwrap().write().unwrap();
        }
        let before = chain.view().tip().hash;
        disk.fail_after(operations);
        let mut last_final = before;
        for number in 8..20 {
            let parent = chain.view().tip().hash;
            let mut open = chain.begin(&parent, time(number * 10)).unwrap();
            let bytes = fill(&key(1), &format!("{number}"), &format!("{number}"), number);
            let admitted = admission().admit(&bytes, time(0), &mut KeyCache::default()).unwrap();
            chain.offer(&mut open, admitted).unwrap();
            match engine().decide(&mut chain, open) {
                Ok(decided) => last_final = decided.executed.tip.hash,
                Err(_) => break,
            }
            if number % 3 == 0 && chain.checkpoint().unwrap().write().is_err() {
                break;
            }
        }
        drop(chain);
        for part in 0..4 {
            let mut keep =
                |_: &str, synced: u64, written: u64| synced + (written - synced) * part / 3;
            let survivor = disk.crash_keeping(&mut keep);
            survivor.heal();
            let opened = open(Arc::new(survivor.clone())).unwrap();
            let view = opened.chain.view();
            let height_of_final = (0..=view.tip().header.height)
                .find(|height| view.sealed_header(*height).unwrap().0.hash() == last_final);
            assert!(height_of_final.is_some(), "operations {operations}, part {part}");
            drop(opened);
            let report = audit_of(&survivor).unwrap();
            assert_eq!(report.blocks, view.tip().header.height + 1);
        }
    }
}

/// Wherever the process ends, the tip that the next one opens at, and tells of, survives a power cut
/// that keeps any part of what was not synced.
#[test]
fn what_an_opening_takes_for_final_is_there_after_a_power_cut() {
    for operations in 0..14 {
        let disk = Memory::new();
        let mut chain = some_blocks(&disk, 7);
        disk.fail_after(operations);
        while chain.view().tip().header.height < 10 {
            let tip = chain.view().tip();
            let open = chain.begin(&tip.hash, tip.header.time.plus_ms(10)).unwrap();
            if engine().decide(&mut chain, open).is_err() {
                break;
            }
        }
        drop(chain);
        disk.heal();
        let tip = open(Arc::new(disk.clone())).unwrap().chain.view().tip().hash;
        // Each file's own luck: a bit says whether what was not synced of it survives.
        for lucky in 0..32_u32 {
            let names = ["blocks", "log", "positions", "state", "heights"];
            let mut keep = |name: &str, synced: u64, written: u64| {
                let place = names.iter().position(|known| *known == name);
                let kept = place.is_some_and(|place| lucky >> place & 1 == 1);
                if kept { written } else { synced }
            };
            let survivor = disk.crash_keeping(&mut keep);
            let opened = open(Arc::new(survivor));
            let reopened = opened.unwrap_or_else(|error| panic!("after {operations}: {error}"));
            assert_eq!(reopened.chain.view().tip().hash, tip, "after {operations}, {lucky:b}");
        }
    }
}

/// A checkpoint that opening itself writes, half-way through the blocks it executes again, speaks of
/// those and not of all that are there.
#[test]
fn a_crash_after_a_long_opening_loses_nothing() {
    let disk = Memory::new();
    let mut chain = found(&disk).chain;
    for number in 1..=5000 {
        let parent = chain.view().tip().hash;
        let open = chain.begin(&parent, time(number)).unwrap();
        // The checkpoints that fall due are never written: a crash comes before each.
        engine().decide(&mut chain, open).unwrap();
    }
    let tip = chain.view().tip().hash;
    drop(chain);
    for executed_again in [5001, 905] {
        let opened = open(Arc::new(disk.clone())).unwrap();
        assert_eq!(opened.chain.view().tip().hash, tip);
        assert_eq!(opened.executed_again, executed_again);
    }
    audit_of(&disk).unwrap();
}

fn audit_of(
    disk: &Memory,
) -> Result<chancery_ledger::audit::AuditReport, chancery_ledger::audit::Finding> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let scratch = scratch_in_memory();
    audit(disk, Some(&genesis()), Arc::new(Boxes), scratch, 2, &mut |_| {})
}

#[test]
fn an_audit_finds_every_changed_byte() {
    let disk = Memory::new();
    let chain = some_blocks(&disk, 3);
    drop(chain);
    let report = audit_of(&disk).unwrap();
    assert_eq!((report.blocks, report.notes.len()), (4, 0));
    for name in ["blocks", "log", "positions", "state", "heights"] {
        let len = disk.open(name).unwrap().len();
        for offset in 0..len {
            let damaged = disk.crash_keeping(&mut |_, _, written| written);
            assert!(damaged.flip(name, offset, 1 << (offset % 8)));
            assert!(audit_of(&damaged).is_err(), "{name} at {offset}");
        }
    }
}

/// A damaged file is set right from the blocks, or refused; it never gives another ledger.
#[test]
fn opening_a_damaged_ledger_gives_the_truth_or_a_refusal() {
    let disk = Memory::new();
    let mut chain = some_blocks(&disk, 3);
    chain.checkpoint().unwrap().write().unwrap();
    let tip = chain.view().tip().hash;
    drop(chain);
    let (mut refused, mut opened_whole) = (0, 0);
    for name in ["blocks", "log", "positions", "state", "heights"] {
        let len = disk.open(name).unwrap().len();
        for offset in 0..len {
            for cut in [false, true] {
                let damaged = disk.crash();
                if cut {
                    damaged.open(name).unwrap().truncate(offset).unwrap();
                } else {
                    damaged.flip(name, offset, 0x55);
                }
                match open(Arc::new(damaged.clone())) {
                    Ok(opened) => {
                        assert_eq!(opened.chain.view().tip().hash, tip, "{name} at {offset}");
                        assert!(!opened.notes.is_empty(), "{name} at {offset}: silent");
                        opened_whole += 1;
                        drop(opened);
                        audit_of(&damaged).unwrap();
                    }
                    Err(error) => {
                        let text = error.to_string();
                        assert!(text.contains("blocks") && text.contains("offset"), "{text}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 100 && opened_whole > 100, "{refused} refused, {opened_whole} opened");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The same transitions in the same blocks give the same bytes, replayed or live.
    #[test]
    fn replaying_gives_the_same_roots(
        steps in prop::collection::vec((0_u8..4, 0_u64..6, 0_u64..9, any::<bool>()), 1..60),
        block_len in 1_usize..9,
    ) {
        let disk = Memory::new();
        let mut chain = found(&disk).chain;
        let transitions: Vec<Vec<u8>> = steps.iter().enumerate().map(|(index, step)| {
            let (by, name, amount, filling) = step;
            let (by, id, name) = (key(*by), index.to_string(), format!("box-{name}"));
            if *filling { fill(&by, &id, &name, *amount) } else { take(&by, &id, &name, *amount) }
        }).collect();
        for (number, part) in transitions.chunks(block_len).enumerate() {
            block(&mut chain, time(10 + number as u64), part);
        }
        let view = chain.view();
        let application = Arc::new(Boxes);
        for height in 0..=view.tip().header.height {
            let executed = replay(&view, &application, height).unwrap();
            prop_assert_eq!(executed.tip.hash, view.sealed_header(height).unwrap().0.hash());
        }
        let tip = view.tip().hash;
        drop((chain, view));
        let report = audit_of(&disk).unwrap();
        prop_assert_eq!(report.tip, tip);
        // Without any checkpoint everything is made again from the blocks.
        disk.remove("checkpoint").unwrap();
        let opened = open(Arc::new(disk)).unwrap();
        prop_assert_eq!(opened.chain.view().tip().hash, tip);
    }
}
