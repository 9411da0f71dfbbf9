//! The rules on naming pools and on validators that vote twice, each broken once.

use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Step;
use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::key;
use crate::council::{member, validator_signs, with};

/// The name of the genesis's one validator.
pub(crate) const SOLE: &str = "pool";

pub(crate) const CASES: &[Case] = &[
    ("no-pool", "a pool on a ledger of work", |council| {
        council.without_pool();
        let appoint = council.appoint(json!([member("a", 1)]), 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("no-pool", "an accusation on a ledger of work", |council| {
        council.without_pool();
        let accuse = council.accusation(SOLE, 1);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("signer-missing", "one root key of two", |council| {
        let appoint = council.appoint(json!([member("a", 1)]), 2);
        let signers = council.town.root_signs();
        council.town.refuses(appoint, &signers[..1])
    }),
    ("signer-missing", "elected by a stakeholder", |council| {
        let ana = council.town.person("ana");
        council.stands("a", ana);
        council.allots(ana, 5);
        council.delegates(ana, Some("a"));
        let elect = council.elect(1, 2);
        council.town.refuses(elect, &[ana.signs()])
    }),
    ("change-pending", "another pool before the next one is in force", |council| {
        council.appoints(&[("a", 1)], 3);
        let appoint = council.appoint(json!([member("b", 1)]), 5);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("change-pending", "in the last block before it", |council| {
        council.appoints(&[("a", 1)], 3);
        council.until(council.height() + 1);
        let appoint = council.appoint(json!([member("b", 1)]), 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("from-too-soon", "from the next block", |council| {
        let appoint = council.appoint(json!([member("a", 1)]), 1);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("from-too-soon", "from a block that is past", |council| {
        let appoint = with(council.appoint(json!([member("a", 1)]), 2), "from", 0);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("from-too-late", "in 100,001 blocks", |council| {
        let appoint = council.appoint(json!([member("a", 1)]), 100_001);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("pool-unsound", "nobody", |council| {
        let appoint = council.appoint(json!([]), 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("pool-unsound", "a key twice", |council| {
        let appoint = council.appoint(json!([member("a", 1), member("a", 2)]), 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("pool-unsound", "a member without power", |council| {
        let appoint = council.appoint(json!([member("a", 1), member("b", 0)]), 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("pool-unsound", "129 members", |council| {
        let members = (0..129).map(|number| member(&format!("v{number}"), 1)).collect();
        let appoint = council.appoint(members, 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("bad-action", "a member without a name", |council| {
        let appoint = council.appoint(json!([with(member("a", 1), "name", "")]), 2);
        council.town.refuses(appoint, &council.town.root_signs())
    }),
    ("not-a-validator", "accused by root", |council| {
        let accuse = council.accusation(SOLE, 1);
        council.town.refuses(accuse, &council.town.root_signs())
    }),
    ("not-a-validator", "accused by the validator of the term before", |council| {
        council.appoints(&[("a", 1)], 2);
        council.until(council.height() + 1);
        let accuse = council.accusation("a", council.height());
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("not-a-validator", "a validator key under another party's name", |council| {
        let ana = council.town.person("ana");
        let accuse = council.accusation(SOLE, 1);
        council.town.refuses(accuse, &[ana.signs_with(key(SOLE))])
    }),
    ("height-not-judged", "at the next height", |council| {
        let accuse = council.accusation(SOLE, council.height() + 1);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("height-not-judged", "two terms ago", |council| {
        for name in ["a", "b"] {
            council.appoints(&[(name, 1)], 2);
            council.until(council.height() + 1);
        }
        let accuse = council.accusation(SOLE, 1);
        council.town.refuses(accuse, &[validator_signs("b")])
    }),
    ("accused-was-no-validator", "one that was never a member", |council| {
        let accuse = council.accusation("a", 1);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("accused-was-no-validator", "one that was a member only later", |council| {
        council.appoints(&[(SOLE, 1), ("a", 1)], 2);
        council.until(council.height() + 1);
        let accuse = council.accusation("a", council.height() - 1);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballots-agree", "the same block", |council| {
        let accuse = council.accusation(SOLE, 1);
        let accuse = with(accuse.clone(), "second", accuse["first"].clone());
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballot-not-signed", "the first is of another step", |council| {
        let block = Some(Hash::of(&[b"one"]));
        let prevote = council.ballot(SOLE, Step::Prevote, 1, block);
        let accuse = with(council.accusation(SOLE, 1), "first", prevote);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballot-not-signed", "the second is of another height", |council| {
        let ballot = council.ballot(SOLE, Step::Precommit, 2, None);
        let accuse = with(council.accusation(SOLE, 1), "second", ballot);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballot-not-signed", "the second is of another validator", |council| {
        let ballot = council.ballot("a", Step::Precommit, 1, None);
        let accuse = with(council.accusation(SOLE, 1), "second", ballot);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballot-not-signed", "in another round", |council| {
        let accuse = with(council.accusation(SOLE, 1), "round", 4);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballot-not-signed", "a proposal of no block", |council| {
        let accuse = with(council.accusation(SOLE, 1), "step", "proposal");
        let ballot = council.proposal(SOLE, 1, None, Hash::of(&[b"one"]));
        let accuse = with(accuse, "first", ballot.clone());
        let accuse = with(accuse, "second", with(ballot, "block", Value::Null));
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("ballot-not-signed", "a vote with a round that only proposals have", |council| {
        let accuse = council.accusation(SOLE, 1);
        let ballot = with(accuse["first"].clone(), "valid_round", 0);
        let accuse = with(accuse, "first", ballot);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("recorded-already", "the same once more", |council| {
        let accuse = council.accusation(SOLE, 1);
        council.town.does(accuse.clone(), &[validator_signs(SOLE)]);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("recorded-already", "with the ballots the other way round", |council| {
        let accuse = council.accusation(SOLE, 1);
        council.town.does(accuse.clone(), &[validator_signs(SOLE)]);
        let (first, second) = (accuse["first"].clone(), accuse["second"].clone());
        let accuse = with(with(accuse, "first", second), "second", first);
        council.town.refuses(accuse, &[validator_signs(SOLE)])
    }),
    ("signer-not-required", "a second validator signs with the accuser", |council| {
        let accuse = council.accusation(SOLE, 1);
        council.town.refuses(accuse, &[validator_signs(SOLE), validator_signs("a")])
    }),
];
