//! Every bit of what is handed from one to another besides single receipts and proofs, changed: it is refused, or
//! says the same with fewer who have signed it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Arc;

use chancery_client::bundle::{Bundle, BundledVersion};
use chancery_client::verify::verify;
use chancery_client::{Checkpoint, Evidence, StatusProof, verify_log_proof};
use chancery_ledger::anchor::Anchor;
use chancery_ledger::disk::Memory;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::note::{
    self, KeyName, LogProof, Note, SignatureType, Submission, TreeHead, VerifierKey,
};
use chancery_ledger::view::View;
use chancery_tests::small_ledger::{
    NODE_KEY, SmallLedger, create_party, genesis, key, party, set_card, signed,
};
use serde_json::Value;

/// The key of a witness that is known.
const WITNESS: u64 = 5;

fn ledger() -> View {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    ledger.block(&[signed(&[0], "create", vec![create_party(0)])]).unwrap();
    let other = signed(&[1], "other", vec![create_party(1)]);
    ledger.block(&[signed(&[0], "card", vec![set_card(0, 1)]), other]).unwrap();
    ledger.view()
}

fn anchor() -> Anchor {
    genesis().into()
}

/// The text with one bit of it changed, wherever it is still text.
fn changed_texts(text: &str) -> impl Iterator<Item = (String, String)> {
    let bits = (0..text.len()).flat_map(|place| (0..8).map(move |bit| (place, bit)));
    bits.filter_map(|(place, bit)| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] ^= 1 << bit;
        let what = format!("bit {bit} of byte {place}");
        String::from_utf8(bytes).ok().map(|text| (what, text))
    })
}

fn cosigned(view: &View) -> (Note, VerifierKey) {
    let header = view.tip().header.clone();
    let name: KeyName = "witness.example/one".parse().unwrap();
    let note: Note = note::signed_checkpoint(&header, &key(NODE_KEY)).parse().unwrap();
    let line = note.cosignature(&name, &key(WITNESS), 1_767_225_700);
    let known = VerifierKey::new(name, SignatureType::Cosignature, key(WITNESS).public());
    (note.with(line), known)
}

#[test]
fn a_signed_checkpoint() {
    let note = note::signed_checkpoint(&ledger().tip().header, &key(NODE_KEY));
    assert!(Checkpoint::verify(&note, &anchor()).is_ok());
    for (what, changed) in changed_texts(&note) {
        assert!(Checkpoint::verify(&changed, &anchor()).is_err(), "{what}: {changed}");
    }
}

/// What the log has signed stays what it is when the witness's line is changed, and then the witness has not cosigned.
#[test]
fn a_cosigned_checkpoint() {
    let (note, witness) = cosigned(&ledger());
    let truth = Checkpoint::verify(&note.to_string(), &anchor()).unwrap();
    let mut without = 0;
    for (what, changed) in changed_texts(&note.to_string()) {
        let Ok(read) = Checkpoint::verify(&changed, &anchor()) else { continue };
        assert_eq!(read, truth, "{what}");
        let note: Note = changed.parse().unwrap();
        let cosigned = note.signed_by(&witness);
        assert!(!matches!(cosigned, Ok(Some(_))), "{what}: {changed}");
        without += 1;
    }
    assert!(without > 100, "{without}");
}

#[test]
fn a_proof_for_log_tools() {
    let view = ledger();
    let (note, witness) = cosigned(&view);
    let (index, extra) = (1, Some(view.entry(1).unwrap()));
    let path = view.prove_inclusion(index, view.tip().header.log_size).unwrap().path;
    let text = LogProof { extra, index, path, note }.to_string();
    let shown = |text: &str, witnesses: &[VerifierKey]| {
        let proof: LogProof = text.parse().ok()?;
        verify_log_proof(&proof, &anchor(), witnesses).ok()
    };
    let by_witness = std::slice::from_ref(&witness);
    let truth = shown(&text, by_witness).unwrap();
    assert_eq!(truth.cosigned.len(), 1);
    for (what, changed) in changed_texts(&text) {
        let Some(mut believed) = shown(&changed, by_witness) else { continue };
        assert!(believed.cosigned.is_empty(), "{what}");
        believed.cosigned.clone_from(&truth.cosigned);
        assert_eq!(format!("{believed:?}"), format!("{truth:?}"), "{what}");
    }
}

/// What a witness checks of a submission before it looks at its own memory.
#[test]
fn a_submission_to_a_witness() {
    let view = ledger();
    let size = view.tip().header.log_size;
    let note: Note = note::signed_checkpoint(&view.tip().header, &key(NODE_KEY)).parse().unwrap();
    let (earlier, proof) = (view.log_root(1).unwrap(), view.prove_consistency(1, size).unwrap());
    let text = Submission { old: 1, path: proof.path, note }.to_string();
    let log = note::log_key(&genesis().ledger(), &key(NODE_KEY).public());
    let is_taken = |text: &str| {
        let Ok(Submission { old, path, note }) = text.parse::<Submission>() else { return false };
        let Ok(head) = note.text().parse::<TreeHead>() else { return false };
        let proof = chancery_ledger::merkle::ConsistencyProof { from: old, to: head.size, path };
        matches!(note.signed_by(&log), Ok(Some(_)))
            && old == 1
            && proof.verify(&earlier, &head.root).is_ok()
    };
    assert!(is_taken(&text));
    for (what, changed) in changed_texts(&text) {
        assert!(!is_taken(&changed), "{what}: {changed}");
    }
}

#[test]
fn a_genesis_and_a_key() {
    let text = String::from_utf8(genesis().bytes().to_vec()).unwrap();
    for (what, changed) in changed_texts(&text) {
        let read = Genesis::parse(changed.as_bytes());
        assert!(read.is_err() || read.unwrap().ledger() != genesis().ledger(), "{what}");
    }
    let known = note::verifier_key(&genesis().ledger(), &key(NODE_KEY).public());
    for (what, changed) in changed_texts(&known) {
        assert!(changed.parse::<VerifierKey>().is_err(), "{what}: {changed}");
    }
}

/// The two handovers that lead from the genesis's pool to the third.
fn handovers() -> (Anchor, String) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/validators/handovers.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut good = vectors["good"].as_array().unwrap().iter();
    let row = good.find(|row| row["name"] == "one after the other").unwrap();
    let genesis = Genesis::parse(vectors["genesis"].as_str().unwrap().as_bytes()).unwrap();
    (genesis.into(), row["handovers"].to_string())
}

#[test]
fn a_file_of_handovers() {
    let (anchor, text) = handovers();
    let is_followed = |text: &str| {
        let Ok(all) = serde_json::from_str::<Vec<StatusProof>>(text) else { return false };
        let mut anchor = anchor.clone();
        all.iter().all(|handover| anchor.follow(handover).is_ok())
    };
    assert!(is_followed(&text));
    // Two or three bits of every byte.
    for (what, changed) in changed_texts(&text).step_by(3) {
        assert!(!is_followed(&changed), "{what}: {changed}");
    }
}

fn bundle(view: &View) -> Bundle {
    let id = party(0).to_string();
    let status = |height| view.status("identity", "party", &id, height).unwrap();
    let version = |(position, height)| BundledVersion {
        receipt: Some(view.receipt(position).unwrap()),
        status: Some(status(height)),
    };
    let versions = [(0, 1), (1, 2)].map(version).to_vec();
    Bundle { handovers: Vec::new(), latest: status(2), versions, records: Vec::new() }
}

#[test]
fn a_bundle() {
    let bytes = serde_json::to_vec(&bundle(&ledger())).unwrap();
    let holds = |bytes: &[u8]| match Bundle::read(bytes) {
        Some(bundle) => bundle.and_then(|bundle| bundle.verify(&anchor())).is_ok(),
        None => false,
    };
    assert!(holds(&bytes));
    for place in 0..bytes.len() {
        for mask in [1 << (place % 8), 0xFF] {
            let mut changed = bytes.clone();
            changed[place] ^= mask;
            assert!(!holds(&changed), "byte {place}, {mask:#04x}");
        }
    }
    for end in (0..bytes.len()).step_by(7) {
        assert!(!holds(&bytes[..end]), "cut to {end}");
    }
}

/// Two or three bits of every byte.
#[test]
fn evidence_in_json() {
    let view = ledger();
    let status = view.status("identity", "party", &party(0).to_string(), 2).unwrap();
    for evidence in [Evidence::Receipt(view.receipt(1).unwrap()), Evidence::Status(status)] {
        let text = serde_json::to_string(&evidence).unwrap();
        for (what, changed) in changed_texts(&text).step_by(3) {
            let Ok(read) = Evidence::read(changed.as_bytes(), &anchor()) else { continue };
            assert!(verify(&read, &anchor()).is_err(), "{what}: {changed}");
        }
    }
}
