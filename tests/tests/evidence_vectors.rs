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
use chancery_ledger::evidence::code::{from_codes, to_codes};
use chancery_ledger::evidence::cose::SignedRoot;
use chancery_ledger::evidence::{Credential, Evidence, Statement};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{InclusionProof, leaf_hash};
use chancery_tests::evidence_cases::{
    Form, award, bad_vectors, cose_vectors, credential_vectors, good, good_credentials,
    good_vectors, ledger, read_credential, signed_root, work_vectors, worked, worked_genesis,
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
        ("credentials.json", credential_vectors()),
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

/// Every form that a vector of good evidence has.
fn forms_of(case: &Value) -> Vec<Vec<u8>> {
    let codes = case["parts"].as_array().unwrap().iter().map(|code| code.as_str().unwrap());
    let parts = codes.rev().collect::<Vec<_>>().join("\n") + "\n";
    let compact = BASE64URL_NOPAD.decode(case["cbor"].as_str().unwrap().as_bytes()).unwrap();
    let forms = [case["json"].to_string().into_bytes(), compact, parts.into_bytes()];
    let code = case["code"].as_str().map(|code| code.as_bytes().to_vec());
    forms.into_iter().chain(code).collect()
}

#[test]
fn good_evidence_holds_in_every_form() {
    let (good, work) = (published("good.json"), published("work.json"));
    for vectors in [good, work] {
        let anchors = anchors(&vectors);
        for case in vectors["cases"].as_array().unwrap() {
            let name = case["name"].as_str().unwrap();
            let anchor = &anchors[case["anchor"].as_str().unwrap()];
            let forms = forms_of(case);
            for bytes in &forms {
                let (evidence, verified) = read_and_verify(bytes, anchor)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(serde_json::to_value(&evidence).unwrap(), case["json"], "{name}");
                assert_eq!(evidence.to_compact(anchor).unwrap(), forms[1], "{name}");
                assert_eq!(verified.shown.height, case["stated"]["height"], "{name}");
            }
            for parts in 2..=9 {
                let codes = to_codes(&forms[1], parts);
                let read = from_codes(codes.iter().map(String::as_str));
                // What no two codes hold needs more of them.
                let fits = codes.iter().all(|code| code.len() <= 4296);
                assert_eq!(read == Ok(forms[1].clone()), fits, "{name}");
            }
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
    }
    let confirmations: Vec<u64> = vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["stated"]["work"]["confirmations"].as_u64().unwrap())
        .collect();
    assert_eq!(confirmations, [3, 2, 1, 0, 128, 3, 3, 2, 3, 3]);
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

/// Every byte of the compact form, changed to each of its other values.
fn every_change_is_refused(name: &str, evidence: &Evidence, anchor: &Anchor) {
    let mut compact = evidence.to_compact(anchor).unwrap();
    assert!(read_and_verify(&compact, anchor).is_ok());
    for place in 0..compact.len() {
        let was = compact[place];
        for other in (0..=u8::MAX).filter(|other| *other != was) {
            compact[place] = other;
            let believed = read_and_verify(&compact, anchor).is_ok();
            assert!(!believed, "{name}: byte {place} is {other} instead of {was}");
        }
        compact[place] = was;
    }
}

/// Every byte of the JSON form, changed to another character of its kind and to a quotation mark.
fn every_change_of_json_is_refused(name: &str, json: &str, believed: impl Fn(&[u8]) -> bool) {
    let mut bytes = json.as_bytes().to_vec();
    assert!(believed(&bytes), "{name}");
    for place in 0..bytes.len() {
        let was = bytes[place];
        let others = [was ^ 1, b'"'];
        for other in others.into_iter().filter(|other| *other != was) {
            bytes[place] = other;
            assert!(!believed(&bytes), "{name}: byte {place} is {other} instead of {was}");
        }
        bytes[place] = was;
    }
}

fn named(name: &str) -> (Evidence, Anchor) {
    let all = good().unwrap().into_iter();
    let work = worked().into_iter();
    let work = work.map(|(name, evidence)| (name.to_owned(), worked_genesis(), evidence));
    let (_, genesis, evidence) = all.chain(work).find(|it| it.0 == name).unwrap();
    (evidence, Anchor::from(genesis))
}

/// One test for each, so that they run beside each other.
macro_rules! every_change_of_a_byte_is_refused {
    ($($test:ident: $name:literal),* $(,)?) => {$(
        #[test]
        fn $test() {
            let (evidence, anchor) = named($name);
            every_change_is_refused($name, &evidence, &anchor);
            let json = serde_json::to_string(&evidence).unwrap();
            every_change_of_json_is_refused($name, &json, |bytes| {
                read_and_verify(bytes, &anchor).is_ok()
            });
        }
    )*};
}

every_change_of_a_byte_is_refused! {
    every_change_of_a_byte_of_a_receipt_is_refused: "a receipt, first in the log",
    every_change_of_a_byte_of_a_receipt_by_its_block_is_refused: "a receipt by its block, within it",
    every_change_of_a_byte_of_a_status_is_refused: "a status, alone in an early state",
    every_change_of_a_byte_of_an_absence_is_refused: "an absence where another stands",
}

/// Work is anybody's to do, so a byte that is changed leads to other work or to none: at these targets one
/// in 256 tries meets them, and what is then said is another branch. Nothing that it speaks of changes.
#[test]
fn no_change_of_a_byte_of_evidence_of_work_states_anything_else() {
    for name in ["a receipt that is final", "a receipt by its block that is final"] {
        let (evidence, anchor) = named(name);
        let stated = |evidence: &Evidence| evidence.entry().map(<[u8]>::to_vec);
        let mut compact = evidence.to_compact(&anchor).unwrap();
        let mut other_work = 0;
        for place in 0..compact.len() {
            let was = compact[place];
            for mask in [1 << (place % 8), 0xff] {
                compact[place] = was ^ mask;
                if let Ok((other, _)) = read_and_verify(&compact, &anchor) {
                    // Only what the last header says by itself, and the nonces, is free for work anew.
                    assert_eq!(stated(&other), stated(&evidence), "{name}: byte {place}");
                    other_work += 1;
                }
            }
            compact[place] = was;
        }
        assert!(other_work < 16, "{name}: {other_work} of {}", 2 * compact.len());
    }
}

#[test]
fn every_change_of_a_byte_of_a_credential_is_refused() {
    for (place, (name, genesis, credential)) in good_credentials().into_iter().enumerate() {
        let anchor = Anchor::from(genesis);
        let mut compact = credential.to_compact(&anchor).unwrap();
        let believed = |bytes: &[u8]| read_credential(bytes, &anchor).is_ok();
        assert!(believed(&compact), "{name}");
        // The first in all ways, the others in two.
        let masks: Vec<u8> = if place == 0 { (1..=u8::MAX).collect() } else { vec![1, 0xff] };
        for place in 0..compact.len() {
            for mask in &masks {
                compact[place] ^= mask;
                assert!(!believed(&compact), "{name}: byte {place}, changed by {mask}");
                compact[place] ^= mask;
            }
        }
        if place == 0 {
            let json = serde_json::to_string(&credential).unwrap();
            every_change_of_json_is_refused(name, &json, believed);
        }
    }
}

#[test]
fn credentials_are_signed_or_fail_by_the_check_that_is_named() {
    let vectors = published("credentials.json");
    let anchors = anchors(&vectors);
    for case in vectors["good"].as_array().unwrap() {
        let anchor = &anchors[case["anchor"].as_str().unwrap()];
        for bytes in forms_of(case) {
            let (credential, signed) = read_credential(&bytes, anchor).unwrap();
            assert_eq!(serde_json::to_value(&credential).unwrap(), case["json"]);
            assert_eq!(serde_json::to_value(&signed.signers).unwrap(), case["signed"]["signers"]);
            // It is never evidence, and never said to be verified.
            assert!(read_and_verify(&bytes, anchor).is_err(), "{}", case["name"]);
            let said = serde_json::to_value(&signed).unwrap();
            assert_eq!((&said["verified"], &said["signed"]), (&false.into(), &true.into()));
            for what in ["taken-in: ", "key: ", "current: ", "age: "] {
                assert!(signed.not_checked.iter().any(|said| said.starts_with(what)), "{what}");
            }
        }
    }
    let bad = vectors["bad"].as_array().unwrap();
    assert!(bad.len() >= 20, "{}", bad.len());
    for case in bad {
        let anchor = &anchors[case["anchor"].as_str().unwrap()];
        let (check, why) = read_credential(&form_of(case).bytes(), anchor).unwrap_err();
        assert_eq!(check, case["check"], "{}: {why}", case["name"]);
    }
    // And evidence is no credential.
    let (receipt, anchor) = named("a receipt by its block, within it");
    assert!(Credential::read(&receipt.to_compact(&anchor).unwrap(), &anchor).is_none());
    assert!(Credential::read(&serde_json::to_vec(&receipt).unwrap(), &anchor).is_none());
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
        let most = 1165 + two_signers * 100 + (validators.parse::<usize>().unwrap() - 1) * 67;
        assert!(compact.len() <= most, "{name}: {} bytes, not {most}", compact.len());
        seen += 1;
    }
    assert_eq!(seen, 15);
}

/// One code of version 26 holds the receipt of a transition by its block, of up to 1,024 entries and sealed
/// by three; the longest here are a diploma's and that with two signers.
#[test]
fn a_receipt_by_its_block_goes_into_one_code() {
    let mut seen = 0;
    for (name, genesis, evidence) in good().unwrap() {
        let Some((_, validators)) = name.split_once("in a block of a thousand, sealed by ") else {
            continue;
        };
        let anchor = Anchor::from(genesis);
        let compact = evidence.without_surplus(&anchor).to_compact(&anchor).unwrap();
        let version = version_of(&to_codes(&compact, 1)[0]);
        println!("{name}: {} bytes, version {version}-M", compact.len());
        assert!(version <= 26, "{name}: {} bytes, {version}, by {validators}", compact.len());
        seen += 1;
    }
    assert_eq!(seen, 12);
}

/// The credential of a diploma goes into a code of version 13.
#[test]
fn a_credential_alone_goes_into_a_small_code() {
    for (name, genesis, credential) in good_credentials().into_iter().take(2) {
        let compact = credential.to_compact(&genesis.into()).unwrap();
        let version = version_of(&to_codes(&compact, 1)[0]);
        println!("{name}: {} bytes, version {version}-M", compact.len());
        assert!(version <= 13, "{name}: {} bytes, {version}", compact.len());
    }
    let action = serde_json::to_value(award()).unwrap();
    assert_eq!((&action["register"], &action["action"]), (&"diplomas".into(), &"issue".into()));
}

/// A receipt by its block says that it does not show the place in the log.
#[test]
fn a_receipt_by_its_block_says_what_it_does_not_show() {
    let (evidence, anchor) = named("a receipt by its block, within it");
    let verified = chancery_client::verify::verify(&evidence, &anchor).unwrap();
    assert!(matches!(verified.shown.shown, Statement::InBlock { .. }));
    assert!(verified.not_checked.iter().any(|what| what.starts_with("position: ")));
    assert!(!serde_json::to_string(&verified).unwrap().contains(r#""position":"#));
}

/// A pool of four needs three signatures, so a code carries no fourth.
#[test]
fn a_code_carries_no_more_signatures_than_it_takes() {
    let all: Vec<_> = good().unwrap();
    let compact = |name: &str| {
        let (_, genesis, evidence) = all.iter().find(|it| it.0 == name).unwrap();
        let anchor = Anchor::from(genesis);
        let short = evidence.clone().without_surplus(&anchor);
        assert!(short.verify(&anchor).is_ok(), "{name}");
        assert_eq!(short.clone().without_surplus(&anchor), short, "{name}");
        short.to_compact(&anchor).unwrap()
    };
    for what in ["a receipt", "a receipt with two signers", "a status", "an absence"] {
        let [three, four] =
            [3, 4].map(|pool| compact(&format!("{what} at a million, sealed by {pool}")).len());
        assert_eq!(three, four, "{what}");
    }
    let one = version_of(&to_codes(&compact("an absence at a million, sealed by 4"), 1)[0]);
    assert!(one <= 26, "{one}");
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
