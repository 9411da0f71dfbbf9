//! The formats' vectors: `tests/vectors/evidence.json` is what this software makes of a fixed ledger.
//!
//! Other verifiers read the same file. To write it anew, after a change that is meant to change a
//! format: `WRITE_VECTORS=1 cargo test -p chancery-tests --test vectors`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chancery_ledger::disk::Memory;
use chancery_ledger::evidence::Evidence;
use chancery_ledger::note;
use chancery_ledger::transition::Signing;
use chancery_tests::small_ledger::{
    NODE_KEY, PARTIES, SmallLedger, create_party, genesis, key, party, set_card, signed,
};
use serde_json::{Value, json};

const HEIGHT: u64 = 3;
const RACER: u64 = 7;
/// Nobody has these keys: where they would stand there is another's leaf, and nothing.
const NOBODY: [u64; 2] = [98, 92];

fn ledger() -> SmallLedger {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    ledger.grow_to(HEIGHT).unwrap();
    let create = |id: &str| signed(&[RACER], id, vec![create_party(RACER)]);
    let by_two = signed(&[0, 1], "two", vec![set_card(0, 70), set_card(1, 70)]);
    // The second loses the race against the first.
    ledger.block(&[create("race-1"), create("race-2"), by_two]).unwrap();
    ledger
}

fn vectors() -> Value {
    let ledger = ledger();
    let view = ledger.view();
    let header = view.tip().header.clone();
    let receipt = |position| json!(view.receipt(position).unwrap());
    let status = |number: u64, height| {
        let id = party(number).to_string();
        json!(view.status("identity", "party", &id, height).unwrap())
    };
    let transition = |position: u64| {
        let entry = view.entry(position).unwrap();
        let entry = chancery_ledger::transition::Entry::decode(&entry).unwrap();
        let signing: Signing = serde_json::from_slice(entry.transition).unwrap();
        json!({"position": position, "id": signing.id(), "outcome": entry.outcome.to_string()})
    };
    let last = header.log_size - 1;
    let consistency = |from| {
        let root = view.sealed_header(from).unwrap().0;
        json!({
            "from_root": root.log_root, "to_root": header.log_root,
            "proof": view.prove_consistency(root.log_size, header.log_size).unwrap(),
        })
    };
    json!({
        "about": "What docs/formats.md describes, of a ledger with fixed keys and times.",
        "genesis": std::str::from_utf8(genesis().bytes()).unwrap(),
        "ledger": genesis().ledger(),
        "pool": genesis().pool().unwrap().hash(),
        "parties": (0..PARTIES).map(|number| {
            json!({"first_key": key(number).public(), "id": party(number)})
        }).collect::<Vec<_>>(),
        "transitions": [transition(0), transition(last - 1), transition(last)],
        "receipts": [receipt(0), receipt(7), receipt(last - 1), receipt(last)],
        "statuses": [
            status(0, 1),
            status(3, HEIGHT),
            status(RACER, HEIGHT + 1),
            status(RACER, HEIGHT),
            status(NOBODY[0], HEIGHT),
            status(NOBODY[1], HEIGHT),
        ],
        "consistency": [consistency(1), consistency(2), consistency(HEIGHT + 1)],
        "checkpoint": note::signed_checkpoint(&header, &key(NODE_KEY)),
        "checkpoint_key": note::verifier_key(&header.ledger, &key(NODE_KEY).public()),
    })
}

#[test]
fn this_software_makes_the_published_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/evidence.json");
    if std::env::var_os("WRITE_VECTORS").is_some() {
        fs::write(&path, format!("{:#}\n", vectors())).unwrap();
    }
    let published: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(published == vectors(), "a format has changed: see the head of this file");
}

#[test]
fn the_published_vectors_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/evidence.json");
    let published: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let all = |name: &str| published[name].as_array().unwrap().clone();
    let evidence = all("receipts").into_iter().chain(all("statuses"));
    for (index, evidence) in evidence.enumerate() {
        let evidence: Evidence = serde_json::from_value(evidence).unwrap();
        evidence.verify(&genesis().into()).unwrap_or_else(|error| panic!("{index}: {error}"));
    }
    let absent = all("statuses").into_iter().filter(|status| status["value"].is_null());
    let (nothing, others): (Vec<_>, Vec<_>) = absent.partition(|it| it["proof"]["leaf"].is_null());
    assert!(!nothing.is_empty() && !others.is_empty(), "both ways of being absent are shown");
    let outcomes: Vec<_> = all("transitions").iter().map(|it| it["outcome"].clone()).collect();
    assert_eq!(outcomes, ["applied", "party-exists", "applied"]);
}
