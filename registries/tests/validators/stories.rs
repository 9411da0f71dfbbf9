//! What becomes of pools, stakes and those who vote twice.

use chancery_ledger::hash::Hash;
use chancery_ledger::seal::{self, Pool, Pools};
use chancery_registries::Described;
use chancery_registries::validators::{Equivocation, Step};
use serde_json::json;

use crate::common::key;
use crate::council::{Council, delegate, stand, validator_signs, with, withdraw};
use crate::pool_rules::SOLE;

fn powers(pool: &Pool) -> Vec<(&str, u32)> {
    pool.validators.iter().map(|validator| (validator.name.as_str(), validator.power)).collect()
}

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    a_pool_is_in_force_from_its_height_and_the_next_can_be_named_then,
    the_candidates_with_the_most_stake_are_elected_and_weigh_what_is_behind_them,
    large_stakes_are_halved_together_and_equals_are_ordered_by_key,
    who_votes_twice_is_put_on_record_also_when_the_next_pool_is_in_force,
    who_is_refused_has_changed_nothing,
];

#[test]
fn a_pool_is_in_force_from_its_height_and_the_next_can_be_named_then() {
    let mut council = Council::new();
    assert!(council.pools().is_none());
    let first = council.height();
    council.appoints(&[("a", 3), ("b", 1)], 2);
    assert_eq!(Some(&council.pool_at(first + 1)), council.town.genesis.pool());
    assert_eq!(powers(&council.pool_at(first + 2)), [("a", 3), ("b", 1)]);

    council.until(first + 2);
    council.appoints(&[("c", 7)], 100_000);
    let Pools { in_force, next } = council.pools().unwrap();
    assert_eq!((in_force.from, next.unwrap().from), (first + 2, first + 100_002));
    assert_eq!(powers(&council.pool_at(first + 100_001)), [("a", 3), ("b", 1)]);
    assert_eq!(powers(&council.pool_at(first + 100_002)), [("c", 7)]);
}

#[test]
fn the_candidates_with_the_most_stake_are_elected_and_weigh_what_is_behind_them() {
    let mut council = Council::new();
    let parties = ["ana", "bo", "cy", "di"].map(|name| council.town.person(name));
    let [ana, bo, cy, di] = parties;
    for (name, party) in [("a", ana), ("b", bo), ("c", cy)] {
        council.stands(name, party);
    }
    for (party, stake, to) in [(ana, 10, "a"), (bo, 20, "b"), (cy, 5, "c"), (di, 15, "a")] {
        council.allots(party, stake);
        council.delegates(party, Some(to));
    }
    let elect = council.elect(2, 2);
    council.town.does(elect, &council.town.root_signs());
    let from = council.height() + 1;
    assert_eq!(powers(&council.pool_at(from)), [("a", 25), ("b", 20)]);

    // Di moves on, Bo's stake is cut, and Ana's candidate withdraws.
    council.until(from);
    council.delegates(di, Some("c"));
    council.allots(bo, 7);
    council.town.does(withdraw("a"), &[ana.signs()]);
    let stakes = ["a", "b", "c"].map(|name| council.candidate(name).stake.get());
    assert_eq!(stakes, [10, 7, 20]);
    let elect = council.elect(128, 2);
    council.town.does(elect, &council.town.root_signs());
    assert_eq!(powers(&council.pool_at(council.height() + 1)), [("c", 20), ("b", 7)]);

    // Who stands again has behind them what was never moved.
    let again = with(stand("a", bo), "name", "a again");
    council.town.does(again, &[bo.signs(), validator_signs("a")]);
    let candidate = council.candidate("a");
    assert_eq!((candidate.stake.get(), candidate.party), (10, bo.id));
    council.delegates(ana, None);
    assert_eq!(council.candidate("a").stake.get(), 0);
    assert_eq!(council.stake(ana).unwrap().delegated_to, None);
}

#[test]
fn large_stakes_are_halved_together_and_equals_are_ordered_by_key() {
    let mut council = Council::new();
    for (name, stake) in [("a", (1_u64 << 40) + 512), ("b", 1 << 39), ("c", 1), ("d", 1 << 39)] {
        let party = council.town.person(name);
        council.stands(&format!("{name}'s key"), party);
        council.allots(party, stake);
        council.delegates(party, Some(&format!("{name}'s key")));
    }
    let elect = council.elect(4, 2);
    council.town.does(elect, &council.town.root_signs());
    let pool = council.pool_at(council.height() + 1);
    let mut equals = ["b's key", "d's key"];
    equals.sort_by_key(|name| key(name));
    let half = 1 << 30;
    let expected =
        [("a's key", (1 << 31) + 1), (equals[0], half), (equals[1], half), ("c's key", 1)];
    assert_eq!(powers(&pool), expected);
    assert!(pool.is_sound());
}

#[test]
fn who_votes_twice_is_put_on_record_also_when_the_next_pool_is_in_force() {
    let mut council = Council::new();
    council.appoints(&[("a", 1), ("b", 1)], 2);
    council.until(council.height() + 5);
    // For a block and for none, at a height of the term before.
    let accuse = council.accusation(SOLE, 2);
    let nil = council.ballot(SOLE, seal::Step::Precommit, 2, None);
    council.town.does(with(accuse, "second", nil), &[validator_signs("a")]);
    let id = Equivocation::id_of(2, 3, Step::Precommit, &key(SOLE));
    let record: Equivocation = council.town.get(&id).unwrap();
    assert_eq!((record.name.as_str(), record.accuser), ("one", key("a")));
    assert!(record.second.block.is_none() && Equivocation::is_id(&id));
    assert!(!Equivocation::is_id(&id.replacen('2', "02", 1)));

    // The same validator at another height is another matter.
    let accuse = council.accusation("b", council.height());
    council.town.does(accuse, &[validator_signs("b")]);
}

#[test]
fn who_proposes_two_blocks_in_a_round_is_put_on_record() {
    let mut council = Council::new();
    council.until(3);
    let block = |name: &[u8]| Hash::of(&[name]);
    let accuse = with(council.accusation(SOLE, 2), "step", "proposal");
    let accuse = with(accuse, "first", council.proposal(SOLE, 2, None, block(b"one")));
    // The same block again, now with a round that locked on it, is no other block.
    let again = council.proposal(SOLE, 2, Some(1), block(b"one"));
    let refused =
        council.town.refuses(with(accuse.clone(), "second", again), &[validator_signs(SOLE)]);
    assert_eq!(refused, "ballots-agree");

    let other = council.proposal(SOLE, 2, Some(1), block(b"other"));
    council.town.does(with(accuse, "second", other), &[validator_signs(SOLE)]);
    let id = Equivocation::id_of(2, 3, Step::Proposal, &key(SOLE));
    let record: Equivocation = council.town.get(&id).unwrap();
    assert_eq!(record.second.valid_round, Some(1));
    assert!(Equivocation::is_id(&id));
}

#[test]
fn who_is_refused_has_changed_nothing() {
    let mut council = Council::new();
    let ana = council.town.person("ana");
    council.allots(ana, 5);
    council.stands("a", ana);
    council.delegates(ana, Some("a"));
    let before = council.town.state.0.clone();
    council.town.refuses(delegate(ana, Some("nobody")), &[ana.signs()]);
    let appoint = council.appoint(json!([]), 2);
    council.town.refuses(appoint, &council.town.root_signs());
    assert!(before == council.town.state.0);
}
