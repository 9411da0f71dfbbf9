//! Pools that follow one another: who seals at which height, and how a verifier is led there.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::sync::Arc;

use chancery_ledger::anchor::{Anchor, BadHandover};
use chancery_ledger::audit::{Finding, audit, scratch_in_memory};
use chancery_ledger::chain::Chain;
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::Memory;
use chancery_ledger::error::Error;
use chancery_ledger::evidence::{BadEvidence, Evidence};
use chancery_ledger::seal::{BadSeal, Certificate, Pool, Seal, Term, Validator, Vote};
use chancery_ledger::transition::KeyCache;
use common::*;

/// The pool of the one validator with this key.
fn pool_of(number: u8) -> Pool {
    let validator = Validator { name: "it".into(), key: key(number).public(), power: 1 };
    Pool { validators: vec![validator] }
}

fn appoint(id: &str, from: u64, number: u8) -> Vec<u8> {
    let next = Term { from, validators: pool_of(number).validators };
    signed(&key(1), id, time(3_000_000), vec![BoxAction::Appoint { next }])
}

/// Seals the next block with this validator's key.
fn sealed_by(chain: &mut Chain<Boxes>, number: u8, transitions: &[Vec<u8>]) {
    let tip = chain.view().tip();
    let at = time(10 * (tip.header.height + 1));
    let mut open = chain.begin(&tip.hash, at).unwrap();
    for bytes in transitions {
        let admitted = admission().admit(bytes, at, &mut KeyCache::default()).unwrap();
        chain.offer(&mut open, admitted).unwrap();
    }
    let executed = chain.propose(open).unwrap();
    let vote = Vote::cast(&key(number), &executed.tip.header, 0);
    let seal = Seal::Pool(Certificate { round: 0, signatures: vec![vote] });
    chain.decide(&executed.tip.hash, &seal).unwrap();
}

/// Blocks 1 and 2 by the genesis's validator, 3 to 5 by 101, from 6 on by 102.
fn handed_over_twice(disk: &Memory) -> Chain<Boxes> {
    let mut chain = found(disk).chain;
    sealed_by(&mut chain, 100, &[appoint("1", 3, 101)]);
    sealed_by(&mut chain, 100, &[fill(&key(1), "2", "a", 5)]);
    sealed_by(&mut chain, 101, &[fill(&key(1), "3", "b", 5)]);
    sealed_by(&mut chain, 101, &[appoint("4", 6, 102)]);
    sealed_by(&mut chain, 101, &[]);
    sealed_by(&mut chain, 102, &[fill(&key(1), "5", "c", 5)]);
    sealed_by(&mut chain, 102, &[fill(&key(1), "6", "d", 5)]);
    chain
}

#[test]
fn each_header_names_the_pool_of_its_height_and_the_next_one_is_known_before() {
    let chain = handed_over_twice(&Memory::new());
    let view = chain.view();
    let genesis_pool = genesis().pool().unwrap().clone();
    let (second, third) = (pool_of(101), pool_of(102));
    let expected = [&genesis_pool, &genesis_pool, &genesis_pool, &second, &second, &second, &third];
    for (height, pool) in (0..).zip(expected) {
        assert_eq!(view.pool_at(height).unwrap(), *pool, "{height}");
        assert_eq!(view.sealed_header(height).unwrap().0.pool, pool.hash(), "{height}");
    }
    assert_eq!(view.pool_at(8).unwrap(), third);
    assert!(matches!(view.pool_at(9), Err(Error::BeyondTip(8))));
    let after = |height| view.term_after(height).unwrap().map(|(named, term)| (named, term.from));
    for height in 0..3 {
        assert_eq!(after(height), Some((1, 3)), "{height}");
    }
    for height in 3..6 {
        assert_eq!(after(height), Some((4, 6)), "{height}");
    }
    assert_eq!((after(6), after(100)), (None, None));
    assert_eq!(view.first_term().unwrap().pool(), genesis_pool);
}

#[test]
fn a_pool_that_is_to_come_can_be_handed_over_to_before_it_is_in_force() {
    let mut chain = found(&Memory::new()).chain;
    sealed_by(&mut chain, 100, &[appoint("1", 9, 101)]);
    let view = chain.view();
    let mut anchor = Anchor::from(genesis());
    anchor.follow(&view.handover_after(0).unwrap().unwrap()).unwrap();
    assert_eq!((anchor.pool(8), anchor.pool(9)), (genesis().pool(), Some(&pool_of(101))));
    assert_eq!(view.handover_after(9).unwrap(), None);
}

#[test]
fn an_anchor_follows_from_pool_to_pool_and_takes_no_seal_of_an_earlier_one() {
    let chain = handed_over_twice(&Memory::new());
    let view = chain.view();
    let late = view.receipt(4).unwrap();
    let early = view.receipt(0).unwrap();
    let mut anchor = Anchor::from(genesis());
    let other_pool = BadEvidence::Seal(BadSeal::OtherPool);
    assert_eq!(late.verify(&anchor).unwrap_err(), other_pool);
    let [first, second] = [0, 3].map(|after| view.handover_after(after).unwrap().unwrap());
    assert_eq!(anchor.follow(&second), Err(BadHandover::Evidence(other_pool.clone())));
    for handover in [&first, &first, &second, &first] {
        anchor.follow(handover).unwrap();
    }
    let known: Vec<u64> = anchor.pools().iter().map(|(from, _)| *from).collect();
    assert_eq!(known, [0, 3, 6]);
    assert_eq!(late.verify(&anchor).unwrap().height, 6);
    assert_eq!(early.verify(&anchor).unwrap().height, 1);
    for (evidence, height) in [(late, 6), (early, 1)] {
        let evidence = Evidence::Receipt(evidence);
        let compact = evidence.to_compact(&anchor).unwrap();
        assert_eq!(Evidence::from_compact(&compact, &anchor).as_ref(), Ok(&evidence));
        let known = Evidence::from_compact(&compact, &genesis().into()).is_ok();
        assert_eq!(known, height < 3);
    }
}

#[test]
fn what_is_no_handover_leads_nowhere() {
    let chain = handed_over_twice(&Memory::new());
    let view = chain.view();
    let mut anchor = Anchor::from(genesis());
    let other = view.status("boxes", "box", "a", 2).unwrap();
    assert_eq!(anchor.follow(&other), Err(BadHandover::NotThePool));
    let mut unchanged = found(&Memory::new()).chain;
    sealed_by(&mut unchanged, 100, &[]);
    let absent = unchanged.view().status("validators", "pool", "pool", 1).unwrap();
    assert_eq!(anchor.follow(&absent), Err(BadHandover::NotThePool));
    let mut changed = view.handover_after(0).unwrap().unwrap();
    changed.value.as_mut().unwrap().0[30] ^= 1;
    assert!(matches!(anchor.follow(&changed), Err(BadHandover::Evidence(BadEvidence::State(_)))));
    assert_eq!(anchor.pools().len(), 1);
}

/// The rules of a register never do this; an anchor does not rely on it.
#[test]
fn a_pool_that_was_named_is_not_replaced_nor_one_passed_over() {
    let mut replaced = found(&Memory::new()).chain;
    sealed_by(&mut replaced, 100, &[appoint("1", 9, 101)]);
    let mut anchor = Anchor::from(genesis());
    anchor.follow(&replaced.view().handover_after(0).unwrap().unwrap()).unwrap();
    sealed_by(&mut replaced, 100, &[appoint("2", 9, 102)]);
    let second = replaced.view().status("validators", "pool", "pool", 2).unwrap();
    assert_eq!(anchor.follow(&second), Err(BadHandover::Conflict(9)));
    assert_eq!(anchor.pool(9), Some(&pool_of(101)));

    // From the genesis's pool to another and back: the proof of the third term, sealed by a pool that
    // the anchor knows, does not make it pass over the second.
    let mut back = found(&Memory::new()).chain;
    sealed_by(&mut back, 100, &[appoint("1", 2, 101)]);
    sealed_by(&mut back, 101, &[appoint("2", 3, 100)]);
    sealed_by(&mut back, 100, &[appoint("3", 9, 102)]);
    let later = back.view().handover_after(3).unwrap().unwrap();
    // Of the same members under another name, so that the seal alone does not tell.
    assert_eq!(Anchor::from(genesis()).follow(&later), Err(BadHandover::Gap(3)));
}

#[test]
fn an_unsound_pool_is_not_followed() {
    let mut chain = found(&Memory::new()).chain;
    let next = Term { from: 5, validators: Vec::new() };
    let nobody = signed(&key(1), "1", time(3_000_000), vec![BoxAction::Appoint { next }]);
    sealed_by(&mut chain, 100, &[nobody]);
    let handover = chain.view().handover_after(0).unwrap().unwrap();
    assert_eq!(Anchor::from(genesis()).follow(&handover), Err(BadHandover::Unsound));
}

#[test]
fn a_node_by_itself_does_not_seal_for_a_pool_that_is_no_longer_its_own() {
    let mut chain = found(&Memory::new()).chain;
    sealed_by(&mut chain, 100, &[appoint("1", 3, 101)]);
    let decide = |chain: &mut Chain<Boxes>| {
        let tip = chain.view().tip();
        let open = chain.begin(&tip.hash, tip.header.time).unwrap();
        Solo::new(key(100)).decide(chain, open).map(|_| ())
    };
    decide(&mut chain).unwrap();
    assert!(matches!(decide(&mut chain), Err(Error::Seal { height: 3, .. })));
}

#[test]
fn an_audit_wants_each_block_sealed_by_the_pool_of_its_height() {
    let audit_of = |disk: &Memory| {
        let disk = Arc::new(disk.clone());
        audit(disk, Some(&genesis()), Arc::new(Boxes), scratch_in_memory(), 2, &mut |_| {})
    };
    let disk = Memory::new();
    drop(handed_over_twice(&disk));
    assert_eq!(audit_of(&disk).unwrap().blocks, 8);
    let opened = open(Arc::new(disk.clone())).unwrap();
    assert_eq!(opened.chain.view().pool_at(8).unwrap(), pool_of(102));

    for (stale, height) in [(100, 3), (102, 3), (101, 4)] {
        let disk = Memory::new();
        let mut chain = found(&disk).chain;
        sealed_by(&mut chain, 100, &[appoint("1", 3, 101)]);
        sealed_by(&mut chain, 100, &[]);
        if height == 4 {
            sealed_by(&mut chain, 101, &[appoint("2", 4, 102)]);
        }
        sealed_by(&mut chain, stale, &[]);
        drop(chain);
        match audit_of(&disk) {
            Err(Finding::Block { height: at, what }) => {
                assert_eq!(at, height);
                assert!(what.contains("not in the pool"), "{what}");
            }
            other => panic!("{stale} at {height}: {other:?}"),
        }
    }
}
