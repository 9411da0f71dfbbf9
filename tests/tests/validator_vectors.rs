//! The vectors of validators: `tests/vectors/validators` has what they sign while they agree, byte for
//! byte, and the handovers that lead a verifier from pool to pool, good and bad.
//!
//! Other verifiers read the same files. To write them anew, after a change that is meant to change a
//! format: `WRITE_VECTORS=1 cargo test -p chancery-tests --test validator_vectors`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::Header;
use chancery_ledger::disk::Memory;
use chancery_ledger::evidence::{Bytes, Confirmation, Evidence, Receipt, StatusProof};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::{Certificate, Seal, Step, Vote, ballot_bytes, proposal_bytes};
use chancery_ledger::view::View;
use chancery_ledger::work::{Target, Work};
use chancery_tests::small_ledger::{NODE_KEY, ROOT_KEY, SmallLedger, genesis, key, signed};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};

/// The numbers of later validators' keys, with their powers.
const SECOND: [(u64, u32); 2] = [(NODE_KEY + 10, 3), (NODE_KEY + 11, 1)];
const THIRD: [(u64, u32); 1] = [(NODE_KEY + 12, 4_294_967_295)];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/validators").join(name)
}

fn published(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(file(name)).unwrap()).unwrap()
}

fn ballots() -> Value {
    let ledger = genesis().ledger();
    let block = Hash::of(&[b"a block"]);
    let signed = |what: &str, height: u64, round: u32, valid_round: Option<i64>, bytes: &[u8]| {
        json!({
            "what": what, "height": height, "round": round, "valid_round": valid_round,
            "bytes": HEXLOWER.encode(bytes),
            "signature": BASE64URL_NOPAD.encode(&key(NODE_KEY).sign(bytes)),
        })
    };
    let mut all = Vec::new();
    for (height, round) in [(1, 0), (1200, 3), ((1 << 53) - 1, u32::MAX)] {
        for (what, step) in [("prevote", Step::Prevote), ("precommit", Step::Precommit)] {
            let bytes = ballot_bytes(step, &ledger, height, round, Some(&block));
            all.push(signed(what, height, round, None, &bytes));
            let bytes = ballot_bytes(step, &ledger, height, round, None);
            all.push(signed(&format!("{what} nil"), height, round, None, &bytes));
        }
        for valid_round in [-1, 0, i64::from(round)] {
            let bytes = proposal_bytes(&ledger, height, round, valid_round, &block);
            all.push(signed("proposal", height, round, Some(valid_round), &bytes));
        }
    }
    json!({
        "about": "What validators sign. docs/formats.md, Ballots. Every one is signed by the same key.",
        "ledger": ledger, "block": block, "validator": key(NODE_KEY).public(), "ballots": all,
    })
}

fn keys(pool: &[(u64, u32)]) -> Vec<u64> {
    pool.iter().map(|(number, _)| *number).collect()
}

fn appoint(id: &str, pool: &[(u64, u32)], from: u64) -> chancery_ledger::transition::Signing {
    let member = |(number, power): &(u64, u32)| {
        let name = format!("validator {}", number - NODE_KEY);
        json!({"name": name, "key": key(*number).public(), "power": power})
    };
    let members: Vec<Value> = pool.iter().map(member).collect();
    let action = json!({
        "register": "validators", "action": "appoint", "validators": members, "from": from,
    });
    signed(&[ROOT_KEY], id, vec![action])
}

/// The first three blocks by the genesis's validator, 4 to 7 by the second pool, 8 by the third.
fn handed_over() -> View {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    ledger.grow_to(1).unwrap();
    ledger.block(&[appoint("first", &SECOND, 4)]).unwrap();
    ledger.block(&[]).unwrap();
    ledger.block_sealed_by(&keys(&SECOND), &[]).unwrap();
    ledger.block_sealed_by(&keys(&SECOND), &[appoint("second", &THIRD, 8)]).unwrap();
    for _ in 6..8 {
        ledger.block_sealed_by(&keys(&SECOND[..1]), &[]).unwrap();
    }
    ledger.block_sealed_by(&keys(&THIRD), &[]).unwrap();
    ledger.view()
}

/// The pool of the genesis, another, that of the genesis again, and a third to come.
fn there_and_back() -> View {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    ledger.block(&[appoint("first", &SECOND, 3)]).unwrap();
    ledger.block(&[]).unwrap();
    ledger.block_sealed_by(&keys(&SECOND), &[appoint("back", &[(NODE_KEY, 1)], 5)]).unwrap();
    ledger.block_sealed_by(&keys(&SECOND), &[]).unwrap();
    ledger.block(&[appoint("third", &THIRD, 9)]).unwrap();
    ledger.view()
}

/// A ledger of the same genesis whose first pool has named another successor.
fn of_a_liar() -> View {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    ledger.block(&[appoint("other", &THIRD, 4)]).unwrap();
    ledger.view()
}

fn pools_as_of(view: &View, height: u64) -> StatusProof {
    view.status("validators", "pool", "pool", height).unwrap()
}

/// The same proof with another seal.
fn sealed_by(proof: &StatusProof, keys: &[u64]) -> StatusProof {
    StatusProof { seal: seal_of(&proof.header, keys), ..proof.clone() }
}

/// The signatures of these keys over a header.
fn seal_of(header: &Bytes, keys: &[u64]) -> Seal {
    let header = Header::decode(&header.0).unwrap();
    let signatures = keys.iter().map(|number| Vote::cast(&key(*number), &header, 0)).collect();
    Seal::Pool(Certificate { round: 0, signatures })
}

fn good() -> Vec<(&'static str, Vec<StatusProof>)> {
    let view = handed_over();
    let [first, second] = [2, 5].map(|height| pools_as_of(&view, height));
    vec![
        ("none: the genesis's pool", vec![]),
        ("one, not yet in force", vec![first.clone()]),
        ("one after the other", vec![first.clone(), second.clone()]),
        (
            "said twice, and in later blocks",
            vec![
                first.clone(),
                first.clone(),
                pools_as_of(&view, 3),
                second.clone(),
                pools_as_of(&view, 7),
                first.clone(),
            ],
        ),
        (
            "one that names nothing that is still to come",
            vec![first.clone(), pools_as_of(&view, 4)],
        ),
        (
            "sealed by just more than two thirds",
            vec![first, sealed_by(&second, &keys(&SECOND[..1]))],
        ),
        ("back to the first pool", [1, 3, 5].map(|at| pools_as_of(&there_and_back(), at)).to_vec()),
    ]
}

fn bad() -> Vec<(&'static str, Vec<StatusProof>, &'static str)> {
    let view = handed_over();
    let [first, second] = [2, 5].map(|height| pools_as_of(&view, height));
    let mut altered = first.clone();
    let last = altered.value.as_mut().unwrap().0.last_mut().unwrap();
    *last ^= 1;
    let other = view.status("validators", "roll", "roll", 2).unwrap();
    let renamed = StatusProof { object: "validators/pool/roll".into(), ..first.clone() };
    vec![
        ("the second without the first", vec![second.clone()], "seal"),
        ("sealed by the pool that it names", vec![sealed_by(&first, &keys(&SECOND))], "seal"),
        (
            "sealed by too little power",
            vec![first.clone(), sealed_by(&second, &keys(&SECOND[1..]))],
            "seal",
        ),
        ("sealed by nobody", vec![sealed_by(&first, &[])], "seal"),
        ("sealed by the pool before", vec![first.clone(), sealed_by(&second, &[NODE_KEY])], "seal"),
        ("two pools for one height", vec![first.clone(), pools_as_of(&of_a_liar(), 1)], "seal"),
        ("one passed over", vec![pools_as_of(&there_and_back(), 5)], "seal"),
        ("a value that was altered", vec![altered], "state"),
        ("of another name", vec![renamed], "state"),
        ("that there is no roll", vec![other], "object"),
        ("that no pool was named", vec![pools_as_of(&view, 1)], "object"),
    ]
}

fn followed(genesis: Genesis, handovers: &[StatusProof]) -> Result<Anchor, &'static str> {
    let mut anchor = Anchor::from(genesis);
    for handover in handovers {
        anchor.follow(handover).map_err(|error| error.check())?;
    }
    Ok(anchor)
}

/// The receipts and proofs of the ledger that was handed over, each with its height.
fn evidence() -> Vec<(u64, Evidence)> {
    let view = handed_over();
    let receipt = |position| Evidence::Receipt(view.receipt(position).unwrap());
    vec![(2, receipt(5)), (5, receipt(6)), (8, Evidence::Status(pools_as_of(&view, 8)))]
}

/// Receipts that do not hold for whoever followed the same handovers: sealed by the pool of another height,
/// by too few, by members of two pools, by work.
fn bad_evidence() -> Vec<(&'static str, Evidence)> {
    let view = handed_over();
    let [of_first, of_second] = [0, 6].map(|position| view.receipt(position).unwrap());
    let by = |receipt: &Receipt, keys: &[u64]| {
        Evidence::Receipt(Receipt { seal: seal_of(&receipt.header, keys), ..receipt.clone() })
    };
    let under = |receipt: &Receipt, pool: Hash, keys: &[u64]| {
        let header = Header { pool, ..Header::decode(&receipt.header.0).unwrap() };
        let header = Bytes(header.encode().to_vec());
        by(&Receipt { header, ..receipt.clone() }, keys)
    };
    let pool_of = |height| view.pool_at(height).unwrap().hash();
    let work = Work { target: Target::MAX, nonce: 0 };
    let of_work = Receipt { seal: Seal::Work(work), ..of_second.clone() };
    let one_signature = seal_of(&of_second.header, &keys(&SECOND[..1]));
    let confirmations =
        vec![Confirmation { header: of_second.header.clone(), seal: one_signature }];
    vec![
        ("by the pool before", by(&of_second, &[NODE_KEY])),
        ("by the pool before, which the header names", under(&of_second, pool_of(1), &[NODE_KEY])),
        ("by the pool after", by(&of_second, &keys(&THIRD))),
        ("by the pool after, which the header names", under(&of_second, pool_of(8), &keys(&THIRD))),
        ("by the pool after that of the genesis", by(&of_first, &keys(&SECOND))),
        ("by a quarter of the power", by(&of_second, &keys(&SECOND[1..]))),
        ("by too few, and one of the pool before", by(&of_second, &[NODE_KEY + 11, NODE_KEY])),
        ("by nobody", by(&of_second, &[])),
        ("by work", Evidence::Receipt(of_work)),
        (
            "with a header that follows",
            Evidence::Receipt(Receipt { confirmations, ..of_second.clone() }),
        ),
    ]
}

fn handovers() -> Value {
    let good_case = |(name, handovers): (&str, Vec<StatusProof>)| {
        let anchor = followed(genesis(), &handovers).unwrap();
        let pools = anchor.pools().iter();
        let pools = pools.map(|(from, pool)| json!({"from": from, "pool": pool.hash()}));
        json!({"name": name, "handovers": handovers, "pools": pools.collect::<Vec<_>>()})
    };
    let bad_case = |(name, handovers, check): (&str, Vec<StatusProof>, &str)| json!({"name": name, "handovers": handovers, "check": check});
    let anchor = followed(genesis(), &good()[2].1).unwrap();
    let evidence = evidence().into_iter().map(|(height, evidence)| {
        let compact = BASE64URL_NOPAD.encode(&evidence.to_compact(&anchor).unwrap());
        json!({"height": height, "json": evidence, "cbor": compact})
    });
    let bad_evidence = bad_evidence().into_iter().map(|(name, evidence)| {
        let check = evidence.verify(&anchor).err().map(|error| error.check());
        json!({"name": name, "json": evidence, "check": check})
    });
    json!({
        "about": "Handovers from the pool of one genesis. docs/formats.md, Handover. The evidence holds \
                  for whoever has followed those of the case \"one after the other\", the bad evidence \
                  does not.",
        "genesis": String::from_utf8_lossy(genesis().bytes()),
        "good": good().into_iter().map(good_case).collect::<Vec<_>>(),
        "bad": bad().into_iter().map(bad_case).collect::<Vec<_>>(),
        "evidence": evidence.collect::<Vec<_>>(),
        "bad_evidence": bad_evidence.collect::<Vec<_>>(),
    })
}

#[test]
fn this_software_makes_the_published_vectors() {
    for (name, made) in [("ballots.json", ballots()), ("handovers.json", handovers())] {
        if std::env::var_os("WRITE_VECTORS").is_some() {
            fs::create_dir_all(file("")).unwrap();
            fs::write(file(name), format!("{made:#}\n")).unwrap();
        }
        assert!(published(name) == made, "{name}: a format has changed: see the head of this file");
    }
}

#[test]
fn good_handovers_lead_where_they_say_and_bad_ones_fail_by_the_check_that_is_named() {
    let vectors = published("handovers.json");
    let text = vectors["genesis"].as_str().unwrap().as_bytes().to_vec();
    let read = |case: &Value| -> Vec<StatusProof> {
        serde_json::from_value(case["handovers"].clone()).unwrap()
    };
    let genesis = || Genesis::parse(&text).unwrap();
    for case in vectors["good"].as_array().unwrap() {
        let anchor = followed(genesis(), &read(case)).unwrap_or_else(|check| panic!("{check}"));
        let pools = anchor.pools().iter();
        let pools = pools.map(|(from, pool)| json!({"from": from, "pool": pool.hash()}));
        assert_eq!(case["pools"], Value::Array(pools.collect()), "{}", case["name"]);
    }
    for case in vectors["bad"].as_array().unwrap() {
        let check = followed(genesis(), &read(case)).err();
        assert_eq!(check, case["check"].as_str(), "{}", case["name"]);
    }
    assert!(vectors["good"].as_array().unwrap().len() >= 7);
    assert!(vectors["bad"].as_array().unwrap().len() >= 11);
}

#[test]
fn evidence_that_another_pool_has_sealed_is_refused() {
    let ahead = followed(genesis(), &good()[2].1).unwrap();
    let published = published("handovers.json");
    let cases = published["bad_evidence"].as_array().unwrap();
    for case in cases {
        let evidence: Evidence = serde_json::from_value(case["json"].clone()).unwrap();
        let expected = match case["name"] == "with a header that follows" {
            true => "confirmations",
            false => "seal",
        };
        assert_eq!(evidence.verify(&ahead).unwrap_err().check(), expected, "{}", case["name"]);
        assert_eq!(case["check"], expected, "{}", case["name"]);
    }
    assert_eq!(cases.len(), 10);
}

#[test]
fn evidence_of_later_pools_holds_after_the_handovers_alone() {
    let behind = Anchor::from(genesis());
    let ahead = followed(genesis(), &good()[2].1).unwrap();
    for (height, evidence) in evidence() {
        assert_eq!(evidence.verify(&ahead).unwrap().height, height);
        assert_eq!(evidence.verify(&behind).is_ok(), height < 4, "{height}");
        let compact = evidence.to_compact(&ahead).unwrap();
        assert_eq!(Evidence::read(&compact, &ahead).as_ref(), Ok(&evidence));
        assert_eq!(Evidence::read(&compact, &behind).is_ok(), height < 4, "{height}");
    }
}
