//! Random years: thousands of actions, most of them good, after each of which the invariants hold.

use std::collections::BTreeMap;

use chancery_ledger::seal::Pool;
use proptest::prelude::*;

use crate::common::{Actor, key, over_games};
use crate::council::{Council, allot, delegate, stand, validator_signs, withdraw};

const PARTIES: [&str; 5] = ["ana", "bo", "cy", "di", "ed"];
const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// What somebody tries; the numbers choose among parties, keys and amounts.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: u8,
    party: usize,
    key: usize,
    amount: u64,
    ahead: u64,
    blocks: u64,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let amount = prop_oneof![0..100_u64, 0..1_u64 << 53];
    let choices = (0..12_u8, 0..PARTIES.len(), 0..KEYS.len(), amount, 0..9_u64, 0..4_u64);
    choices.prop_map(|(what, party, key, amount, ahead, blocks)| Attempt {
        what,
        party,
        key,
        amount,
        ahead,
        blocks,
    })
}

struct Play {
    council: Council,
    parties: Vec<Actor>,
    /// The pool that was seen for each height, from the moment that any was foretold.
    seen: BTreeMap<u64, Pool>,
    accepted: u64,
    named: u64,
}

impl Play {
    fn begin() -> Self {
        let mut council = Council::new();
        let parties = PARTIES.map(|name| council.town.person(name)).to_vec();
        Self { council, parties, seen: BTreeMap::new(), accepted: 0, named: 0 }
    }

    fn tries(&mut self, attempt: Attempt) {
        let council = &mut self.council;
        let (party, name) = (self.parties[attempt.party], KEYS[attempt.key]);
        let root = council.town.root_signs();
        let (action, signers) = match attempt.what {
            0..3 => (allot(party, attempt.amount), root),
            3..5 => (stand(name, party), vec![party.signs(), validator_signs(name)]),
            5 => (withdraw(name), vec![party.signs()]),
            6 => (delegate(party, None), vec![party.signs()]),
            7..10 => (delegate(party, Some(name)), vec![party.signs()]),
            10 => (council.elect(1 + attempt.key as u32, attempt.ahead), root),
            _ => {
                let members = [crate::council::member(name, 1 + attempt.amount as u32 % 9)];
                (council.appoint(members.to_vec().into(), attempt.ahead), root)
            }
        };
        if council.town.try_all(&[action], &signers).is_ok() {
            self.accepted += 1;
            self.named += u64::from(attempt.what >= 10);
        }
        self.council.until(self.council.height() + attempt.blocks);
        self.holds();
    }

    fn holds(&mut self) {
        self.stakes_add_up();
        self.one_pool_for_each_height();
    }

    /// What counts for a candidate is what is delegated to it, and those that stand are on the roll.
    fn stakes_add_up(&self) {
        let mut counted: BTreeMap<_, u64> = BTreeMap::new();
        for stake in self.parties.iter().filter_map(|party| self.council.stake(*party)) {
            if let Some(to) = stake.delegated_to {
                *counted.entry(to).or_default() += stake.amount.get();
            }
        }
        let roll = self.council.roll();
        for name in KEYS {
            let candidate = self
                .council
                .town
                .get::<chancery_registries::validators::Candidate>(&key(name).to_string());
            let Some(candidate) = candidate else { continue };
            let expected = counted.remove(&candidate.key).unwrap_or_default();
            assert_eq!(candidate.stake.get(), expected, "{name}");
            let times = roll.iter().filter(|key| **key == candidate.key).count();
            assert_eq!(times, usize::from(candidate.stands), "{name}");
        }
        assert!(counted.values().all(|stake| *stake == 0), "delegated to nobody");
    }

    /// What was foretold comes: for each height that is past or for which a pool was named, what the
    /// state says never changes again. Every pool is sound.
    fn one_pool_for_each_height(&mut self) {
        let now = self.council.height();
        let pending = self.council.pools().and_then(|pools| pools.next);
        let certain = pending.map_or(now, |next| next.from.max(now));
        let first = now.saturating_sub(1);
        for height in first..=certain {
            let pool = self.council.pool_at(height);
            assert!(pool.is_sound());
            if height < now && self.council.pools().is_some_and(|it| it.in_force.from > height) {
                continue;
            }
            let before = self.seen.entry(height).or_insert_with(|| pool.clone());
            assert_eq!(*before, pool, "the pool of block {height} was replaced");
        }
    }
}

#[test]
fn stakes_are_conserved_and_a_pool_that_was_named_is_never_replaced() {
    let [accepted, named] = over_games(64, 50, file!(), attempts(), |attempts| {
        let mut play = Play::begin();
        attempts.into_iter().for_each(|attempt| play.tries(attempt));
        [play.accepted, play.named]
    });
    assert!(accepted > 300 && named > 20, "{accepted} accepted, {named} pools named");
}
