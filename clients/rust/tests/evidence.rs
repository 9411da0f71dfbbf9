//! Evidence: what a ledger gives out verifies with the genesis alone, and nothing else does.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use chancery_client::verify::{NotVerified, verify};
use chancery_client::{
    Checkpoint, Evidence, Genesis, KeyId, SecretKey, Signer, Time, Transition, keys, now,
};
use chancery_ledger::chain::{Chain, Offer};
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::Memory;
use chancery_ledger::evidence::Statement as Shown;
use chancery_ledger::genesis::{Consensus, RootAuthority, Statement};
use chancery_ledger::note::signed_checkpoint;
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::transition::{Admission, KeyCache};
use chancery_registries::Registers;
use serde_json::{Value, json};

/// A ledger in memory with some parties in it.
struct Town {
    genesis: Genesis,
    chain: Chain<Registers>,
    node: SecretKey,
    parties: Vec<Signer>,
}

impl Town {
    fn founded() -> Self {
        let node = keys::generate().unwrap();
        let root = keys::generate().unwrap();
        let validators = vec![Validator { name: "n".into(), key: node.public(), power: 1 }];
        let statement = Statement {
            version: 1,
            name: "town".into(),
            created: Time::default(),
            root: RootAuthority { threshold: 1, keys: vec![root.public()] },
            consensus: Consensus::Pool(Pool { validators }),
            transition_window_ms: 24 * 60 * 60 * 1000,
        };
        let genesis = Genesis::found(&statement).unwrap();
        let disk = Arc::new(Memory::new());
        let chain = Chain::found(disk, &genesis, Arc::new(Registers)).unwrap().chain;
        let mut town = Self { genesis, chain, node, parties: Vec::new() };
        for _ in 0..3 {
            town.create_party();
        }
        town
    }

    /// Creates a party in a block of its own.
    fn create_party(&mut self) {
        let signer = Signer::first(keys::generate().unwrap());
        let create = json!({
            "register": "identity", "action": "create", "kind": "person", "key": signer.id().key,
        });
        let signing = Transition::on(self.genesis.ledger()).act(create).sign(&signer).unwrap();
        let admission = Admission::new(Arc::new(Registers), &self.genesis);
        let admitted =
            admission.admit(&signing.to_bytes(), now(), &mut KeyCache::default()).unwrap();
        let tip = self.chain.view().tip().hash;
        let mut block = self.chain.begin(&tip, now()).unwrap();
        let offer = self.chain.offer(&mut block, admitted).unwrap();
        assert!(matches!(offer, Offer::Ordered { rejection: None, .. }), "{offer:?}");
        Solo::new(self.node.clone()).decide(&mut self.chain, block).unwrap();
        self.parties.push(signer);
    }

    fn receipt(&self) -> Evidence {
        Evidence::Receipt(self.chain.view().receipt(1).unwrap())
    }

    fn status(&self, id: &str) -> Evidence {
        let view = self.chain.view();
        let height = view.tip().header.height;
        Evidence::Status(view.status("identity", "party", id, height).unwrap())
    }

    /// That the second party stands.
    fn presence(&self) -> Evidence {
        self.status(&self.parties[1].party().to_string())
    }

    /// That someone else does not.
    fn absence(&self) -> Evidence {
        self.status(&Signer::first(SecretKey::from_seed(&[9; 32])).party().to_string())
    }
}

#[test]
fn a_receipt_says_what_was_signed_and_by_whom() {
    let town = Town::founded();
    let verified = verify(&town.receipt(), &(&town.genesis).into()).unwrap();
    assert_eq!(verified.signers, [town.parties[1].id().to_string()]);
    assert!(verified.signers[0].parse::<KeyId>().is_ok());
    assert!(matches!(verified.shown.shown, Shown::Ordered { position: 1, .. }));
    assert_eq!(verified.shown.checks.len(), 4);
    assert_eq!(verified.not_checked.len(), 2);
}

#[test]
fn a_status_proof_says_what_stands_and_what_does_not() {
    let town = Town::founded();
    let verified = verify(&town.presence(), &(&town.genesis).into()).unwrap();
    assert_eq!(verified.value.unwrap()["id"], town.parties[1].party().to_string());
    let verified = verify(&town.absence(), &(&town.genesis).into()).unwrap();
    assert!(verified.value.is_none());
    assert!(matches!(verified.shown.shown, Shown::Absent { .. }));
}

#[test]
fn evidence_of_another_ledger_is_refused() {
    let (town, other) = (Town::founded(), Town::founded());
    for evidence in [town.receipt(), town.presence(), town.absence()] {
        assert!(matches!(
            verify(&evidence, &(&other.genesis).into()),
            Err(NotVerified::Evidence(_))
        ));
    }
}

/// Every way to change one thing in a JSON document a little.
fn tampered(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut paths = vec![String::new()];
    while let Some(path) = paths.pop() {
        match document.pointer(&path) {
            Some(Value::Object(members)) => {
                paths.extend(members.keys().map(|name| format!("{path}/{name}")));
            }
            Some(Value::Array(members)) => {
                paths.extend((0..members.len()).map(|index| format!("{path}/{index}")));
                all.extend(shorter(document, &path));
            }
            Some(value) => {
                for changed in changes(value) {
                    let mut document = document.clone();
                    *document.pointer_mut(&path).unwrap() = changed;
                    all.push((path.clone(), document));
                }
            }
            None => unreachable!("{path}"),
        }
    }
    all
}

fn shorter(document: &Value, path: &str) -> Option<(String, Value)> {
    let mut document = document.clone();
    document.pointer_mut(path)?.as_array_mut()?.pop()?;
    Some((format!("{path} shorter"), document))
}

fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            vec![json!(number + 1), json!(number.wrapping_sub(1))]
        }
        Value::String(text) => {
            let flip = |at: usize| {
                let mut bytes = text.clone().into_bytes();
                bytes[at] = if bytes[at] == b'b' { b'c' } else { b'b' };
                json!(String::from_utf8(bytes).unwrap())
            };
            let step = (text.len() / 40).max(1);
            (0..text.len()).step_by(step).map(flip).collect()
        }
        Value::Null => vec![json!("AAAA")],
        other => vec![json!(!other.as_bool().unwrap())],
    }
}

#[test]
fn one_thing_changed_in_evidence_and_it_is_refused() {
    let town = Town::founded();
    for evidence in [town.receipt(), town.presence(), town.absence()] {
        let document = serde_json::to_value(&evidence).unwrap();
        let changed = tampered(&document);
        assert!(changed.len() > 60, "{}", changed.len());
        for (place, document) in changed {
            let Ok(read) = serde_json::from_value::<Evidence>(document.clone()) else { continue };
            assert_ne!(read, evidence, "{place} was not changed");
            let verdict = verify(&read, &(&town.genesis).into());
            assert!(verdict.is_err(), "{place}: {document}");
        }
    }
}

#[test]
fn unknown_members_are_refused() {
    let town = Town::founded();
    let mut document = serde_json::to_value(town.receipt()).unwrap();
    document["note"] = json!("trust me");
    assert!(serde_json::from_value::<Evidence>(document).is_err());
}

#[test]
fn a_log_extends_the_one_before_it() {
    let mut town = Town::founded();
    let checkpoint = |town: &Town| {
        let note = signed_checkpoint(&town.chain.view().tip().header, &town.node);
        (Checkpoint::verify(&note, &(&town.genesis).into()).unwrap(), note)
    };
    let (earlier, note) = checkpoint(&town);
    town.create_party();
    let (later, _) = checkpoint(&town);
    let proof = town.chain.view().prove_consistency(earlier.size, later.size).unwrap();
    later.extends(&earlier, &proof).unwrap();
    assert!(earlier.extends(&later, &proof).is_err());
    let another = Checkpoint { root: later.root, ..earlier };
    assert!(later.extends(&another, &proof).is_err());

    let other = Town::founded();
    assert!(Checkpoint::verify(&note, &(&other.genesis).into()).is_err());
    let grown = note.replacen(&format!("\n{}\n", earlier.size), "\n9\n", 1);
    assert!(Checkpoint::verify(&grown, &(&town.genesis).into()).is_err());
    let unsigned = note.split_once("\n\n").unwrap().0;
    assert!(Checkpoint::verify(unsigned, &(&town.genesis).into()).is_err());
}
