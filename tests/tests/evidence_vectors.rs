//! The vectors of evidence: `tests/vectors/evidence` is what this software makes, and it takes every
//! good one in every form and refuses every bad one for the reason that the vector names.
//!
//! Other verifiers read the same files. To write them anew, after a change that is meant to change a
//! format: `WRITE_VECTORS=1 cargo test -p chancery-tests --test evidence_vectors`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use chancery_client::verify::read_and_verify;
use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::Evidence;
use chancery_ledger::evidence::code::{from_codes, to_codes};
use chancery_ledger::evidence::cose::SignedRoot;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{InclusionProof, leaf_hash};
use chancery_tests::evidence_cases::{
    Form, bad_vectors, cose_vectors, good, good_vectors, ledger, signed_root, work_vectors,
};
use data_encoding::BASE64URL_NOPAD;
use qrcode::{EcLevel, QrCode, Version};
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/evidence").join(name)
}

fn published(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(file(name)).unwrap()).unwrap()
}

fn anchors(vectors: &Value) -> BTreeMap<String, Anchor> {
    let anchors = vectors["anchors"].as_object().unwrap().iter();
    let genesis = |text: &Value| Genesis::parse(text.as_str().unwrap().as_bytes()).unwrap();
    anchors.map(|(id, text)| (id.clone(), genesis(text).into())).collect()
}

fn form_of(case: &Value) -> Form {
    match case {
        _ if !case["json"].is_null() => Form::Json(case["json"].clone()),
        _ if !case["text"].is_null() => Form::Text(case["text"].as_str().unwrap().to_owned()),
        _ => Form::Compact(
            BASE64URL_NOPAD.decode(case["cbor"].as_str().unwrap().as_bytes()).unwrap(),
        ),
    }
}

#[test]
fn this_software_makes_the_published_vectors() {
    let all = [
        ("good.json", good_vectors()),
        ("work.json", work_vectors()),
        ("bad.json", bad_vectors()),
        ("cose.json", cose_vectors()),
    ];
    for (name, made) in all {
        if std::env::var_os("WRITE_VECTORS").is_some() {
            fs::create_dir_all(file("")).unwrap();
            fs::write(file(name), format!("{made:#}\n")).unwrap();
        }
        assert!(published(name) == made, "{name}: a format has changed: see the head of this file");
    }
}

#[test]
fn good_evidence_holds_in_every_form() {
    let vectors = published("good.json");
    let anchors = anchors(&vectors);
    for case in vectors["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let anchor = &anchors[case["anchor"].as_str().unwrap()];
        let lines = |codes: &Value| {
            let codes = codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap());
            codes.rev().collect::<Vec<_>>().join("\n") + "\n"
        };
        let compact = BASE64URL_NOPAD.decode(case["cbor"].as_str().unwrap().as_bytes()).unwrap();
        let forms = [
            case["json"].to_string().into_bytes(),
            compact.clone(),
            case["code"].as_str().unwrap().into(),
            lines(&case["parts"]).into_bytes(),
        ];
        for bytes in &forms {
            let (evidence, verified) =
                read_and_verify(bytes, anchor).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(serde_json::to_value(&evidence).unwrap(), case["json"], "{name}");
            assert_eq!(evidence.to_compact(anchor).unwrap(), compact, "{name}");
            assert_eq!(verified.shown.height, case["stated"]["height"], "{name}");
        }
        for parts in 1..=9 {
            let codes = to_codes(&compact, parts);
            assert_eq!(from_codes(codes.iter().map(String::as_str)), Ok(compact.clone()), "{name}");
        }
    }
}

/// A receipt of a pool, one of a later pool and one of work: what differs is what the anchor holds. There
/// is no network and no clock.
#[test]
fn a_receipt_of_work_and_one_of_a_pool_verify_by_the_same_function() {
    let (good, work) = (published("good.json"), published("work.json"));
    let handovers = fs::read_to_string(file("../validators/handovers.json")).unwrap();
    let handovers: Value = serde_json::from_str(&handovers).unwrap();
    let genesis = Genesis::parse(handovers["genesis"].as_str().unwrap().as_bytes()).unwrap();
    let mut later = Anchor::from(genesis);
    for handover in handovers["good"][2]["handovers"].as_array().unwrap() {
        later.follow(&serde_json::from_value(handover.clone()).unwrap()).unwrap();
    }
    let named = |vectors: &Value, name: &str| {
        let mut cases = vectors["cases"].as_array().unwrap().iter();
        let case = cases.find(|case| case["name"] == name).unwrap();
        let anchor = anchors(vectors).remove(case["anchor"].as_str().unwrap()).unwrap();
        (anchor, case["json"].to_string())
    };
    let of_pool = named(&good, "a receipt, within a block");
    let of_later_pool = (later, handovers["evidence"][1]["json"].to_string());
    let of_work = named(&work, "a receipt that is final");
    for ((anchor, receipt), confirmations) in
        [(of_pool, None), (of_later_pool, None), (of_work, Some(3))]
    {
        let (_, verified) = read_and_verify(receipt.as_bytes(), &anchor).unwrap();
        assert_eq!(verified.shown.work.map(|work| work.confirmations), confirmations);
        assert_eq!(verified.signers.len(), 1);
    }
}

#[test]
fn good_evidence_of_work_holds_and_says_how_much_work_stands_behind_it() {
    let vectors = published("work.json");
    let anchors = anchors(&vectors);
    for case in vectors["cases"].as_array().unwrap() {
        let anchor = &anchors[case["anchor"].as_str().unwrap()];
        let bytes = case["json"].to_string().into_bytes();
        let (evidence, verified) = read_and_verify(&bytes, anchor).unwrap();
        assert_eq!(serde_json::to_value(&evidence).unwrap(), case["json"], "{}", case["name"]);
        let work = serde_json::to_value(verified.shown.work).unwrap();
        assert_eq!(work, case["stated"]["work"], "{}", case["name"]);
        assert_eq!(verified.shown.height, case["stated"]["height"], "{}", case["name"]);
        assert!(evidence.to_compact(anchor).is_err(), "{}", case["name"]);
    }
    let confirmations: Vec<u64> = vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["stated"]["work"]["confirmations"].as_u64().unwrap())
        .collect();
    assert_eq!(confirmations, [3, 2, 1, 0, 128, 3, 3, 2, 3]);
}

#[test]
fn bad_evidence_is_refused_for_the_reason_that_is_named() {
    let vectors = published("bad.json");
    let anchors = anchors(&vectors);
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 40, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let anchor = &anchors[case["anchor"].as_str().unwrap()];
        match read_and_verify(&form_of(case).bytes(), anchor) {
            Err(error) if error.check() == case["check"] => {}
            Err(error) => wrong.push(format!("{}: {}: {error}", case["name"], error.check())),
            Ok(_) => wrong.push(format!("{}: believed", case["name"])),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every byte, changed to each of its other values.
fn every_change_is_refused(name: &str) {
    let (_, genesis, evidence) = good().unwrap().into_iter().find(|it| it.0 == name).unwrap();
    let anchor = Anchor::from(genesis);
    let mut compact = evidence.to_compact(&anchor).unwrap();
    assert!(read_and_verify(&compact, &anchor).is_ok());
    for place in 0..compact.len() {
        let was = compact[place];
        for other in (0..=u8::MAX).filter(|other| *other != was) {
            compact[place] = other;
            let believed = read_and_verify(&compact, &anchor).is_ok();
            assert!(!believed, "{name}: byte {place} is {other} instead of {was}");
        }
        compact[place] = was;
    }
}

#[test]
fn every_change_of_a_byte_of_a_receipt_is_refused() {
    every_change_is_refused("a receipt, first in the log");
}

#[test]
fn every_change_of_a_byte_of_a_status_is_refused() {
    every_change_is_refused("a status, alone in an early state");
}

#[test]
fn every_change_of_a_byte_of_an_absence_is_refused() {
    every_change_is_refused("an absence where another stands");
}

/// The version of the QR code (M) that a text goes into.
fn version_of(text: &str) -> i16 {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let Version::Normal(version) = code.version() else { panic!("a micro code") };
    version
}

/// At a million entries and objects, with paths of 20 hashes: so many bytes by the number of
/// validators that have sealed, and one code of version 26 or two.
#[test]
fn evidence_at_a_million_is_as_short_as_is_promised() {
    let mut seen = 0;
    for (name, genesis, evidence) in good().unwrap() {
        let anchor = Anchor::from(genesis);
        let compact = evidence.to_compact(&anchor).unwrap();
        let one = version_of(&to_codes(&compact, 1)[0]);
        let two: Vec<i16> = to_codes(&compact, 2).iter().map(|text| version_of(text)).collect();
        println!("{name}: {} bytes, version {one}-M, in two {two:?}", compact.len());
        assert!(one <= 26 || two.iter().all(|version| *version <= 26), "{name}: {one}, {two:?}");
        let Some((_, validators)) = name.split_once("at a million, sealed by ") else { continue };
        let two_signers = usize::from(name.contains("two signers"));
        // Of each validator: its place, and its signature of 64 bytes with its length.
        let most = 1200 + two_signers * 100 + (validators.parse::<usize>().unwrap() - 1) * 67;
        assert!(compact.len() <= most, "{name}: {} bytes, not {most}", compact.len());
        seen += 1;
    }
    assert_eq!(seen, 15);
}

/// A change in a character of a code is refused, or leads to the same evidence: what deflates to
/// something may do so in several ways.
#[test]
fn a_change_of_a_code_leads_to_no_other_evidence() {
    let (_, genesis, evidence) = good().unwrap().swap_remove(0);
    let anchor = Anchor::from(genesis);
    let code = to_codes(&evidence.to_compact(&anchor).unwrap(), 1).swap_remove(0);
    for place in 0..code.len() {
        for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".chars() {
            let changed = format!("{}{other}{}", &code[..place], &code[place + 1..]);
            if let Ok((read, _)) = read_and_verify(changed.as_bytes(), &anchor) {
                assert_eq!(read, evidence, "character {place} is {other}");
            }
        }
    }
}

/// A receipt in COSE is the one that its signer makes of root and proof, to the bit.
#[test]
fn every_change_of_a_bit_of_a_receipt_in_cose_is_found() {
    let view = ledger().unwrap();
    let (size, position) = (7, 5);
    let (proof, root) =
        (view.prove_inclusion(position, size).unwrap(), view.log_root(size).unwrap());
    let receipt = signed_root(&view, size).unwrap().receipt_of_inclusion(&proof).unwrap();
    let signer = view.genesis().pool().unwrap().validators[0].key;
    let signer_of = |receipt: &[u8], root: &Hash, proof: &InclusionProof| {
        SignedRoot::signer_of(receipt, &view.genesis().ledger(), root, proof, [signer])
    };
    assert_eq!(signer_of(&receipt, &root, &proof), Some(signer));
    for bit in 0..receipt.len() * 8 {
        let mut changed = receipt.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(signer_of(&changed, &root, &proof), None, "bit {bit}");
    }
    for end in 0..receipt.len() {
        assert_eq!(signer_of(&receipt[..end], &root, &proof), None, "{end}");
    }
    // Under the same path another size and position have the same root: the signature says which it is.
    let one_more = InclusionProof { log_size: size + 1, ..proof.clone() };
    let leaf = leaf_hash(&view.entry(position).unwrap());
    assert_eq!(one_more.verify(&leaf, &root), Ok(()));
    assert_eq!(signer_of(&receipt, &root, &one_more), None);
    assert_eq!(signer_of(&receipt, &view.log_root(size + 1).unwrap(), &proof), None);
    let error = read_and_verify(&receipt, &view.genesis().into()).unwrap_err();
    assert!(error.to_string().contains("COSE"), "{error}");
}

#[test]
fn evidence_in_json_and_compact_is_the_same() {
    for (name, genesis, evidence) in good().unwrap() {
        let anchor = Anchor::from(genesis);
        let compact = evidence.to_compact(&anchor).unwrap();
        assert_eq!(Evidence::from_compact(&compact, &anchor), Ok(evidence), "{name}");
    }
}
