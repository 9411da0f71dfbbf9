//! The rules on stakes, candidates and elections, each broken once.

use serde_json::json;

use crate::cases::Case;
use crate::common::{actor, key};
use crate::council::{allot, delegate, stand, validator_signs, with, withdraw};

const MOST: u64 = (1 << 53) - 1;

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "a stake of one's own making", |council| {
        let ana = council.town.person("ana");
        council.town.refuses(allot(ana, 5), &[ana.signs()])
    }),
    ("party-unknown", "a stake for nobody", |council| {
        council.town.refuses(allot(actor("nobody"), 5), &council.town.root_signs())
    }),
    ("bad-action", "a stake of 2^53", |council| {
        let ana = council.town.person("ana");
        council.town.refuses(allot(ana, MOST + 1), &council.town.root_signs())
    }),
    ("stake-too-large", "more is allotted than one candidate can have behind it", |council| {
        let (ana, bo) = (council.town.person("ana"), council.town.person("bo"));
        council.stands("a", ana);
        for party in [ana, bo] {
            council.allots(party, 1);
            council.delegates(party, Some("a"));
        }
        council.town.refuses(allot(bo, MOST), &council.town.root_signs())
    }),
    ("stake-too-large", "more is delegated than one candidate can have behind it", |council| {
        let (ana, bo) = (council.town.person("ana"), council.town.person("bo"));
        council.stands("a", ana);
        council.allots(ana, MOST);
        council.allots(bo, 1);
        council.delegates(ana, Some("a"));
        council.town.refuses(delegate(bo, Some("a")), &[bo.signs()])
    }),
    ("no-stake", "delegating what was never allotted", |council| {
        let ana = council.town.person("ana");
        council.stands("a", ana);
        council.town.refuses(delegate(ana, Some("a")), &[ana.signs()])
    }),
    ("signer-missing", "delegating another's stake", |council| {
        let (ana, bo) = (council.town.person("ana"), council.town.person("bo"));
        council.stands("a", ana);
        council.allots(bo, 1);
        council.town.refuses(delegate(bo, Some("a")), &[ana.signs()])
    }),
    ("does-not-stand", "delegating to nobody's key", |council| {
        let ana = council.town.person("ana");
        council.allots(ana, 1);
        council.town.refuses(delegate(ana, Some("a")), &[ana.signs()])
    }),
    ("does-not-stand", "delegating to who has withdrawn", |council| {
        let ana = council.town.person("ana");
        council.allots(ana, 1);
        council.stands("a", ana);
        council.town.does(withdraw("a"), &[ana.signs()]);
        council.town.refuses(delegate(ana, Some("a")), &[ana.signs()])
    }),
    ("does-not-stand", "withdrawing twice", |council| {
        let ana = council.town.person("ana");
        council.stands("a", ana);
        council.town.does(withdraw("a"), &[ana.signs()]);
        council.town.refuses(withdraw("a"), &[ana.signs()])
    }),
    ("signer-missing", "withdrawing another's candidate", |council| {
        let (ana, bo) = (council.town.person("ana"), council.town.person("bo"));
        council.stands("a", ana);
        council.town.refuses(withdraw("a"), &[bo.signs()])
    }),
    ("signer-missing", "standing with a key that does not sign", |council| {
        let ana = council.town.person("ana");
        council.town.refuses(stand("a", ana), &[ana.signs()])
    }),
    ("signer-missing", "standing in another's name", |council| {
        let ana = council.town.person("ana");
        council.town.refuses(stand("a", ana), &[validator_signs("a")])
    }),
    ("stands-already", "a key that stands for another", |council| {
        let (ana, bo) = (council.town.person("ana"), council.town.person("bo"));
        council.stands("a", ana);
        council.town.refuses(stand("a", bo), &[bo.signs(), validator_signs("a")])
    }),
    ("too-many-candidates", "the 257th", |council| {
        let ana = council.town.person("ana");
        for number in 0..256 {
            council.stands(&format!("v{number}"), ana);
        }
        council.town.refuses(stand("a", ana), &[ana.signs(), validator_signs("a")])
    }),
    ("seats-out-of-range", "a pool of none", |council| {
        let elect = council.elect(0, 2);
        council.town.refuses(elect, &council.town.root_signs())
    }),
    ("seats-out-of-range", "a pool of 129", |council| {
        let elect = council.elect(129, 2);
        council.town.refuses(elect, &council.town.root_signs())
    }),
    ("nobody-elected", "no stake is behind the only candidate", |council| {
        let ana = council.town.person("ana");
        council.stands("a", ana);
        let elect = council.elect(1, 2);
        council.town.refuses(elect, &council.town.root_signs())
    }),
    ("nobody-elected", "the only candidate with a stake has withdrawn", |council| {
        let ana = council.town.person("ana");
        council.stands("a", ana);
        council.allots(ana, 1);
        council.delegates(ana, Some("a"));
        council.town.does(withdraw("a"), &[ana.signs()]);
        let elect = council.elect(1, 2);
        council.town.refuses(elect, &council.town.root_signs())
    }),
    ("change-pending", "an election before the next pool is in force", |council| {
        let ana = council.town.person("ana");
        council.stands("a", ana);
        council.allots(ana, 1);
        council.delegates(ana, Some("a"));
        council.appoints(&[("b", 1)], 9);
        let elect = council.elect(1, 2);
        council.town.refuses(elect, &council.town.root_signs())
    }),
    ("bad-action", "an unknown member", |council| {
        let ana = council.town.person("ana");
        let allot = with(allot(ana, 1), "note", json!(key("a")));
        council.town.refuses(allot, &council.town.root_signs())
    }),
];
